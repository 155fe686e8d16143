"""The top-K autoencoder: the k largest drives are kept by a sort, and backpropagation trains the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from comparisons.rivals.dense import DenseAutoencoder, Network, backward, drives
from selective_firing._checks.arguments import check_count, check_real
from selective_firing.learning.k_schedule import check_k_start, k_of_each_pass

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


class TopKAutoencoder(DenseAutoencoder):
    """The standard top-K autoencoder: the k largest drives are kept, the others set to 0.

    ``code = top_k(encoder_ @ (x - offset_) + bias_, k)``, decoded as by `DenseAutoencoder`, whose remaining parameters
    and attributes it shares. Units that die are brought back by the auxiliary loss AuxK.

    Parameters
    ----------
    n_hidden : int
    k : int
        Number of units kept; fewer are active where fewer drives are positive.
    learning_rate, n_epochs, batch_size, decay, unit_norm, early_stopping, validation_fraction,
    n_iter_no_change, tol, random_state, verbose
        As for `DenseAutoencoder`.
    k_start : int or None
        Winners in the first pass, falling to k over the first half of the passes; None for k throughout.
    auxk : float
        Weight of the auxiliary loss; 0 for none.
    n_aux : int or None
        Dead units that take part for one pattern; None for half the number of inputs (at least 1).
    dead_after : int
        Patterns after which a unit that was active for none of them counts as dead.

    References
    ----------
    Makhzani & Frey (2013), k-Sparse autoencoders, arXiv 1312.5663. Gao et al. (2024), Scaling and evaluating sparse
    autoencoders, arXiv 2406.04093.
    """

    def __init__(
        self,
        n_hidden: int = 128,
        k: int = 10,
        *,
        learning_rate: float = 1e-3,
        n_epochs: int = 20,
        batch_size: int = 128,
        decay: float = 0.2,
        unit_norm: bool = True,
        k_start: int | None = None,
        auxk: float = 1 / 32,
        n_aux: int | None = None,
        dead_after: int = 2_000,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        tol: float = 1e-4,
        random_state: object = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            n_hidden, learning_rate=learning_rate, n_epochs=n_epochs, batch_size=batch_size, decay=decay,
            unit_norm=unit_norm, random_state=random_state, verbose=verbose,
            early_stopping=early_stopping, validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            tol=tol,
        )  # fmt: skip
        self.k = k
        self.k_start = k_start
        self.auxk = auxk
        self.n_aux = n_aux
        self.dead_after = dead_after

    def _activate(self, drive: np.ndarray) -> np.ndarray:
        return top_k(drive, check_count("k", self.k, at_most=drive.shape[1]))

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        given = super().check_parameters()
        k = check_count("k", self.k, at_most=given["n_hidden"])
        return given | {
            "k": k,
            "k_start": check_k_start(self.k_start, k, given["n_hidden"]),
            "auxk": check_real("auxk", self.auxk, at_least=0),
            "dead_after": check_count("dead_after", self.dead_after),
            "n_aux": None if self.n_aux is None else check_count("n_aux", self.n_aux),
        }

    def _start(self, X: np.ndarray) -> None:
        super()._start(X)
        self._idle = np.zeros(self._given.n_hidden, np.int64)

    def _begin_pass(self, epoch: int | None) -> None:
        given = self._given
        self._k = given.k if epoch is None else k_of_each_pass(given.k, given.k_start, given.n_epochs)[epoch]

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        """Return the gradients of reconstruction loss plus `auxk` times auxiliary loss, the residual, and the code."""
        given = self._given
        drive = drives(self._network, patterns)
        code = self._select(drive)
        gradients, residual = self._backward(patterns, code)
        self._idle = samples_since_fired(self._idle, code)
        dead = np.flatnonzero(self._idle >= given.dead_after)
        if given.auxk > 0 and dead.size:
            n_aux = given.n_aux or max(1, patterns.shape[1] // 2)
            aux, _ = auxiliary(self._network, patterns, drive, residual, dead, n_aux)
            for name in ("encoder", "decoder", "bias"):
                gradients[name][dead] += np.float32(given.auxk) * aux[name]
            gradients["offset"] += np.float32(given.auxk) * aux["offset"]
        return gradients, residual, code

    def _select(self, drive: np.ndarray) -> np.ndarray:
        """Return the code of a batch that is learned from."""
        return top_k(drive, self._k)

    def _backward(self, patterns: np.ndarray, code: np.ndarray) -> tuple[Network, np.ndarray]:
        """Return the gradients of the reconstruction loss, and the residual."""
        return backward(self._network, patterns, code)
