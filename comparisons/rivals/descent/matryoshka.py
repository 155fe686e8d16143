"""The Matryoshka autoencoder: its first units alone must reconstruct, too, and so must its first few more."""

from __future__ import annotations

from typing import Any

import numpy as np

from comparisons.rivals.dense import Network
from comparisons.rivals.descent.batch_topk import BatchTopKAutoencoder
from selective_firing._checks.arguments import check_count

__all__ = ["MatryoshkaAutoencoder", "backward_nested", "prefixes"]


def prefixes(n_hidden: int, n_prefixes: int) -> list[int]:
    """Return the widths of the nested dictionaries, each half of the next, the last the whole.

    Parameters
    ----------
    n_hidden : int
    n_prefixes : int
        How many; those that would have the same width count once.

    Examples
    --------
    >>> prefixes(256, 5), prefixes(3, 5)
    ([16, 32, 64, 128, 256], [1, 2, 3])
    """
    return sorted({-(-n_hidden // 2**halvings) for halvings in range(min(n_prefixes, n_hidden.bit_length() + 1))})


def backward_nested(
    network: Network, patterns: np.ndarray, code: np.ndarray, ends: list[int]
) -> tuple[Network, np.ndarray]:
    """Return the gradients of half the mean squared error, averaged over nested dictionaries.

    Parameters
    ----------
    network : dict
        As of `DenseAutoencoder`.
    patterns : ndarray of shape (n_samples, n_inputs)
    code : ndarray of shape (n_samples, n_hidden)
        Drives of the active units, 0 elsewhere: one code, of which each dictionary sees its own units.
    ends : list of int
        Widths of the dictionaries, ascending; the last is n_hidden.

    Returns
    -------
    gradients : dict
        Of the mean over `ends` of ``sum(residual ** 2) / (2 * patterns.size)``.
    residual : ndarray of shape (n_samples, n_inputs)
        What the whole dictionary lacks.
    """
    residual, residuals, first = patterns - network["offset"], [], 0
    for end in ends:
        residual = residual - code[:, first:end] @ network["decoder"][first:end]
        residuals.append(residual)
        first = end
    slope, fed_back = np.zeros_like(patterns), np.zeros_like(code)
    decoder = np.zeros_like(network["decoder"])
    for start, end, lacking in reversed(list(zip([0, *ends[:-1]], ends, residuals, strict=True))):
        slope -= lacking / (len(ends) * patterns.size)  # a unit answers for every dictionary that it is in
        decoder[start:end] = code[:, start:end].T @ slope
        fed_back[:, start:end] = (slope @ network["decoder"][start:end].T) * (code[:, start:end] > 0)
    return {
        "encoder": fed_back.T @ (patterns - network["offset"]),
        "decoder": decoder,
        "bias": fed_back.sum(axis=0),
        "offset": slope.sum(axis=0) - fed_back.sum(axis=0) @ network["encoder"],
    }, residual


class MatryoshkaAutoencoder(BatchTopKAutoencoder):
    """A BatchTopK autoencoder that learns nested dictionaries: early units general, late ones special.

    The loss is the mean of the errors that the first units make alone, for widths that double until all take part. The
    selection is that of `BatchTopKAutoencoder`, over all units: k is the mean number that is active, of no single
    pattern, and of no single dictionary. It gives up some error for units that are not absorbed by special ones.

    Parameters
    ----------
    n_hidden, k : int
    n_prefixes : int
        Number of nested dictionaries; 1 is `BatchTopKAutoencoder`.
    learning_rate, n_epochs, batch_size, decay, unit_norm, k_start, auxk, n_aux, dead_after, early_stopping,
    validation_fraction, n_iter_no_change, tol, random_state, verbose
        As for `TopKAutoencoder`. AuxK learns what the whole dictionary leaves over.

    Attributes
    ----------
    threshold_ : float
        As for `BatchTopKAutoencoder`. The other attributes are those of `DenseAutoencoder`.

    References
    ----------
    Bussmann, Nabeshima, Karvonen & Nanda (2025), Learning multi-level features with Matryoshka sparse autoencoders,
    arXiv 2503.17547. They draw the widths, or take a few fixed ones, as here, and sum the errors, which
    changes nothing for Adam but the weight of AuxK.
    """

    def __init__(
        self,
        n_hidden: int = 128,
        k: int = 10,
        *,
        n_prefixes: int = 5,
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
            n_hidden, k, learning_rate=learning_rate, n_epochs=n_epochs, batch_size=batch_size, decay=decay,
            unit_norm=unit_norm, k_start=k_start, auxk=auxk, n_aux=n_aux, dead_after=dead_after,
            random_state=random_state, verbose=verbose,
            early_stopping=early_stopping, validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            tol=tol,
        )  # fmt: skip
        self.n_prefixes = n_prefixes

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int and float; or raise TypeError or ValueError."""
        return super().check_parameters() | {"n_prefixes": check_count("n_prefixes", self.n_prefixes)}

    def _backward(self, patterns: np.ndarray, code: np.ndarray) -> tuple[Network, np.ndarray]:
        ends = prefixes(self._given.n_hidden, self._given.n_prefixes)
        return backward_nested(self._network, patterns, code, ends)
