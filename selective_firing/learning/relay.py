"""Lateral inhibition by way of interneurons: by Dale's law no winner can inhibit another one itself.

A lateral matrix G without a negative number is put together again from what n interneurons can pass on: winner j
excites interneuron m by B_mj, which inhibits unit i by A_im, so that G is A B; what a unit takes off its own drive,
G_ii, it keeps, as adaptation does. A and B are found after learning, by non-negative matrix factorisation (Lee & Seung
1999, Nature 401:788) of all but the diagonal; no rule is claimed by which the synapses would learn them.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing.weights import Weights, check_weights

__all__ = ["Relay", "relayed"]

ROUNDS, STEPS = 8, 60
"""Times that the diagonal is filled with what A B would have there, and steps of the factorisation between."""


@dataclass(frozen=True, eq=False, repr=False)
class Relay:
    """Interneurons between winners and all other units.

    Attributes
    ----------
    weights : Weights
        Those of the circuit, with A B, and its own diagonal, for lateral weights.
    excitation : ndarray of shape (n_interneurons, n_hidden)
        B.
    inhibition : ndarray of shape (n_hidden, n_interneurons)
        A.
    error : float
        Of the lateral weights of pairs: norm of what is missing, relative to theirs.
    """

    weights: Weights
    excitation: np.ndarray
    inhibition: np.ndarray
    error: float

    def __repr__(self) -> str:
        n_interneurons, n_hidden = self.excitation.shape
        return f"Relay({n_interneurons} interneurons for {n_hidden} hidden units, error {self.error:.3g})"


def relayed(weights: Weights, n_interneurons: int, rng: np.random.Generator | None = None) -> Relay:
    """Return the circuit with interneurons that relay its lateral inhibition.

    Parameters
    ----------
    weights : Weights
        With lateral weights none of which is negative, as by ``dale=True``.
    n_interneurons : int
        At most n_hidden.
    rng : numpy.random.Generator, optional
        Of the factorisation's start; ``default_rng(0)`` if not given.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks a rule, or a lateral weight is negative.
    """
    from sklearn.decomposition import non_negative_factorization
    from sklearn.exceptions import ConvergenceWarning

    weights = check_weights(weights)
    n = check_count("n_interneurons", n_interneurons, at_most=weights.n_hidden)
    lateral = weights.lateral_matrix
    if lateral.min() < 0:
        raise ValueError(f"weights.lateral must be at least 0 (dale=True), got {lateral.min():g}.")
    pairs, rng = ~np.eye(len(lateral), dtype=bool), rng or np.random.default_rng(0)
    scale = np.sqrt(lateral[pairs].mean() / n) if pairs.any() and lateral[pairs].any() else 1.0
    inhibition, excitation = (scale * rng.uniform(0.5, 1.5, shape) for shape in ((len(lateral), n), (n, len(lateral))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped after so many steps
        for _ in range(ROUNDS):
            filled = np.where(pairs, lateral, inhibition @ excitation)
            inhibition, excitation, _ = non_negative_factorization(
                filled, inhibition, excitation, n_components=n, init="custom", max_iter=STEPS, tol=1e-6
            )
    found = inhibition @ excitation
    missing = np.linalg.norm((found - lateral)[pairs]) / (np.linalg.norm(lateral[pairs]) or 1.0)
    passed_on = replace(weights, lateral=np.where(pairs, found, lateral))
    return Relay(passed_on, excitation, inhibition, float(missing))
