"""The control of the decoder: an encoder learns for random weights that never do."""

from __future__ import annotations

import numpy as np

from comparisons.rivals.dense import Network
from comparisons.rivals.topk import TopKAutoencoder

__all__ = ["FrozenDecoderAutoencoder"]


class FrozenDecoderAutoencoder(TopKAutoencoder):
    """A top-K autoencoder whose decoder stays the random unit-norm weights that it starts from.

    Only encoder, biases and offset learn. What it reaches beyond `RandomWeights` is owed to a good choice among
    directions that know nothing of the data; what a `TopKAutoencoder` reaches beyond that is owed to its features.

    Parameters
    ----------
    n_hidden, k : int
    learning_rate, n_epochs, batch_size, decay, k_start, auxk, n_aux, dead_after, early_stopping, validation_fraction,
    n_iter_no_change, tol, random_state, verbose
        As for `TopKAutoencoder`.

    References
    ----------
    Korznikov et al. (2026), Sanity checks for sparse autoencoders: do SAEs beat random baselines?, arXiv 2602.14111.
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
            unit_norm=False, k_start=k_start, auxk=auxk, n_aux=n_aux, dead_after=dead_after,
            random_state=random_state, verbose=verbose,
            early_stopping=early_stopping, validation_fraction=validation_fraction, n_iter_no_change=n_iter_no_change,
            tol=tol,
        )  # fmt: skip

    def _gradients(self, patterns: np.ndarray) -> tuple[Network, np.ndarray, np.ndarray]:
        gradients, residual, code = super()._gradients(patterns)
        del gradients["decoder"]  # its rows have norm 1 from the start: nothing is to be kept in place
        return gradients, residual, code
