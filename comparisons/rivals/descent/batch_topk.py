"""BatchTopK: the largest drives of a whole batch are kept, k a pattern on average; later a threshold stands for it."""

from __future__ import annotations

from typing import Self

import numpy as np

from comparisons.rivals.topk import TopKAutoencoder

__all__ = ["BatchTopKAutoencoder", "batch_top_k"]


def batch_top_k(drive: np.ndarray, k: int) -> np.ndarray:
    """Return the k times n_samples largest positive drives of all, and 0 elsewhere.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
    k : int
        Between 1 and n_hidden. Of equal drives those of earlier patterns win.

    Examples
    --------
    >>> batch_top_k(np.array([[5.0, 4.0, 3.0], [1.0, 2.0, -1.0]]), 1)
    array([[5., 4., 0.],
           [0., 0., 0.]])
    """
    code = np.maximum(drive, 0)
    flat, n_kept = code.ravel(), k * len(code)
    last = np.partition(flat, flat.size - n_kept)[flat.size - n_kept]
    flat[flat < last] = 0
    if last > 0 and (extra := np.count_nonzero(flat) - n_kept) > 0:
        flat[np.flatnonzero(flat == last)[-extra:]] = 0
    return code


class BatchTopKAutoencoder(TopKAutoencoder):
    """A top-K autoencoder whose patterns share their winners: one may have more than k, if others make do with less.

    While it learns, the k times batch_size largest positive drives of each batch are kept. A pattern's code must not
    depend on which others it comes with, so afterwards a unit is active where its drive exceeds one threshold for all,
    the mean smallest drive that was kept in the batches of the last pass. Thus k is the mean number of active units on
    patterns like those of training, and of no single pattern: this is no k-winners-take-all.

    Parameters
    ----------
    n_hidden : int
    k : int
        Mean number of active units that is aimed at.
    learning_rate, n_epochs, batch_size, decay, unit_norm, k_start, auxk, n_aux, dead_after, early_stopping,
    validation_fraction, n_iter_no_change, tol, random_state, verbose
        As for `TopKAutoencoder`.

    Attributes
    ----------
    threshold_ : float
        In units of drive. The other attributes are those of `DenseAutoencoder`.

    References
    ----------
    Bussmann, Leask & Nanda (2024), BatchTopK sparse autoencoders, arXiv 2412.06410.
    """

    selection = "none"

    def _activate(self, drive: np.ndarray) -> np.ndarray:
        return np.where(drive > self.threshold_, drive, 0.0)

    def _begin_pass(self, epoch: int | None) -> None:
        super()._begin_pass(epoch)
        self._smallest, self._n_shown = 0.0, 0

    def _select(self, drive: np.ndarray) -> np.ndarray:
        code = batch_top_k(drive, self._k)
        kept = code[code > 0]
        self._smallest += len(code) * float(kept.min() if kept.size else 0.0)
        self._n_shown += len(code)
        return code

    def _finish(self, n_passes: int) -> Self:
        super()._finish(n_passes)
        self.threshold_ = self._smallest / self._n_shown * self._scale
        return self
