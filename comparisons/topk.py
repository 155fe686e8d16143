"""The top-K autoencoder: the k largest drives are kept by a sort, and backpropagation trains the rest."""

from __future__ import annotations

import numpy as np

from comparisons.dense import Network

__all__ = ["TopKAutoencoder", "auxiliary", "samples_since_fired", "top_k"]


def top_k(drive: np.ndarray, k: int) -> np.ndarray:
    """Return the `k` largest positive drives of each row, and 0 elsewhere.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
    k : int
        Between 1 and n_hidden. Of equal drives those of lower index win.

    Returns
    -------
    ndarray of shape (n_samples, n_hidden)
        With min(k, number of positive drives) positive entries in each row.

    Examples
    --------
    >>> top_k(np.array([[3.0, 1.0, 2.0, 2.0], [-1.0, 4.0, -2.0, -3.0]]), 2)
    array([[3., 0., 2., 0.],
           [0., 4., 0., 0.]])
    """
    code = np.maximum(drive, 0)
    last = drive.shape[1] - k
    code[code < np.partition(code, last, axis=1)[:, last, None]] = 0
    for row in np.flatnonzero(np.count_nonzero(code, axis=1) > k):
        code[row, np.argsort(-code[row], kind="stable")[k:]] = 0
    return code


def samples_since_fired(idle: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Return for how many samples each unit has been silent, after those of `code`.

    Parameters
    ----------
    idle : ndarray of shape (n_hidden,)
        The same before them.
    code : ndarray of shape (n_samples, n_hidden)
        A unit fires where its code is above 0.
    """
    fired = code[::-1] > 0
    return np.where(fired.any(axis=0), fired.argmax(axis=0), idle + code.shape[0])


def auxiliary(
    network: Network,
    patterns: np.ndarray,
    drive: np.ndarray,
    residual: np.ndarray,
    dead: np.ndarray,
    n_aux: int,
) -> tuple[Network, np.ndarray]:
    """Return the gradients of the AuxK loss, by which dead units learn what the living ones leave over.

    Parameters
    ----------
    network : dict
    patterns : ndarray of shape (n_samples, n_inputs)
    drive : ndarray of shape (n_samples, n_hidden)
        Of the units, for `patterns`.
    residual : ndarray of shape (n_samples, n_inputs)
        Target. It is held constant, so nothing reaches the living units through it, and it has no offset any
        more, so its reconstruction gets none either.
    dead : ndarray of shape (n_dead,)
        Indices of the units that may take part.
    n_aux : int
        How many of them, the most driven, do so for one pattern; all of them if they are fewer.

    Returns
    -------
    gradients : dict
        Of half the squared error of the dead units' own reconstruction of `residual`, relative to that of its mean
        over the batch. All zero if no unit is dead or nothing is left over. Rows of ``encoder``, ``decoder`` and
        ``bias`` belong to `dead`.
    code : ndarray of shape (n_samples, n_dead)

    References
    ----------
    Gao et al. (2024), Scaling and evaluating sparse autoencoders, arXiv 2406.04093, appendix A.2.
    """
    own = {name: network[name][dead] for name in ("encoder", "decoder", "bias")} | {
        "offset": np.zeros_like(network["offset"])
    }
    centred = patterns - network["offset"]
    variation = float(np.sum((residual - residual.mean(axis=0)) ** 2))
    if not dead.size or variation == 0:
        return {name: np.zeros_like(value) for name, value in own.items()}, np.zeros((patterns.shape[0], dead.size))
    code = top_k(drive[:, dead], min(n_aux, dead.size))
    slope = (code @ own["decoder"] - residual) / variation
    fed_back = slope @ own["decoder"].T
    fed_back *= code > 0
    return {
        "encoder": fed_back.T @ centred,
        "decoder": code.T @ slope,
        "bias": fed_back.sum(axis=0),
        "offset": -fed_back.sum(axis=0) @ own["encoder"],
    }, code
