"""Földiák's network: Hebbian forward weights, anti-Hebbian lateral ones, and thresholds that keep units at work."""

from __future__ import annotations

import numpy as np

from comparisons.rivals.hebbian.inhibiting import Inhibiting, first_drives
from selective_firing.learning.pairing import initial_weights

__all__ = ["FoldiakNetwork"]

SQUARED_NORM = 15.0
"""Of the mean pattern: as many inputs as are on in the paper's bars, for which its rates are."""
GAIN = 10.0
"""Of the logistic function (lambda in the paper)."""
STEP = 0.1
"""Of the dynamics, in their time constants."""


class FoldiakNetwork(Inhibiting):
    """Binary units that learn to be rarely active, and not together.

    Forward weights q, lateral weights w <= 0 and thresholds t make activities that settle by ``dy/dt = f(q x + w y - t)
    - y`` with a logistic f; those above 1/2 are then 1, the others 0. With p = k / n_hidden, each pattern changes

    - ``q_ij`` by ``rate y_i (x_j - q_ij)``: a unit's weights become the mean of what makes it fire,
    - ``w_ij`` by ``-lateral rate (y_i y_j - p^2)``: who fires together comes to suppress each other,
    - ``t_i`` by ``homeostasis rate (y_i - p)``: every unit comes to be active for a share p of the patterns.

    It cannot do two things that the circuit does. It holds no number of active units: k is the mean over patterns
    that the thresholds aim at, and on others it may differ. It has no decoder, and its code is binary, without rates;
    what is read from it here is the best linear guess, fitted to the codes of the training patterns after learning,
    which no local rule finds.

    Parameters
    ----------
    n_hidden : int
    k : int
        Mean number of active units that is aimed at.
    learning_rate : float
        Of the forward weights, in patterns of mean squared norm 15; the paper has 0.02. It falls linearly to 0.
    lateral, homeostasis : float
        Rates of lateral weights and thresholds relative to it; the paper has 0.1 and 0.02.
    n_steps : int
        Of 0.1 time constants each, in which activities settle.
    n_epochs : int
    batch_size : int
        Patterns that are coded before weights change by the sum; the paper has 1.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    lateral_ : ndarray of shape (n_hidden, n_hidden)
        Symmetric, not positive, without self-inhibition. The other attributes are those of `LocalLearning`.

    References
    ----------
    Földiák (1990), Forming sparse representations by local anti-Hebbian learning, Biol Cybern 64:165. Thresholds start
    where a share p of the patterns drives a unit beyond, which the paper reaches by learning them alone first.
    """

    def __init__(
        self, n_hidden: int = 128, k: int = 10, *, learning_rate: float = 0.02, lateral: float = 5.0,
        homeostasis: float = 1.0, n_steps: int = 50, n_epochs: int = 10, batch_size: int = 8,
        random_state: object = None,
    ) -> None:  # fmt: skip
        super().__init__(
            n_hidden, k, learning_rate=learning_rate, lateral=lateral, homeostasis=homeostasis, n_steps=n_steps,
            n_epochs=n_epochs, batch_size=batch_size, random_state=random_state,
        )  # fmt: skip

    @property
    def lateral_(self) -> np.ndarray:
        """Learned weights between the units."""
        return self._network["lateral"]

    def lateral_products(self, code: np.ndarray) -> np.ndarray:
        """Return how many products the units' effect on each other takes, shape (n_samples,): all pairs, every step.

        Parameters
        ----------
        code : ndarray of shape (n_samples, n_hidden)
        """
        n_hidden = code.shape[1]
        return np.full(len(code), float(self.n_steps) * n_hidden * (n_hidden - 1))

    def _frame(self, X: np.ndarray) -> tuple[float, float]:
        return float(np.sqrt(np.mean(X**2) * X.shape[1] / SQUARED_NORM)) or 1.0, 0.0

    def _start(self, inputs: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        n_hidden, k = self._given.n_hidden, self._given.k
        forward = np.abs(initial_weights(n_hidden, inputs.shape[1], rng))
        few = first_drives(inputs, forward)
        return {
            "forward": forward,
            "lateral": np.zeros((n_hidden, n_hidden)),
            "threshold": np.quantile(few, 1 - k / n_hidden, axis=0),
        }

    def _code(self, inputs: np.ndarray) -> np.ndarray:
        lateral, activity = self._network["lateral"], np.zeros((len(inputs), len(self._network["lateral"])))
        drive = inputs @ self._network["forward"].T - self._network["threshold"]
        for _ in range(self._given.n_steps):
            pushed = 0.5 + 0.5 * np.tanh(0.5 * GAIN * (drive + activity @ lateral))  # the logistic function
            activity += STEP * (pushed - activity)
        return (activity > 0.5).astype(float)

    def _learn(self, inputs: np.ndarray, rate: float) -> None:
        given, network, n = self._given, self._network, len(inputs)
        code, share = self._code(inputs), given.k / given.n_hidden
        network["forward"] += rate * (code.T @ inputs - code.sum(axis=0)[:, np.newaxis] * network["forward"])
        network["lateral"] -= given.lateral * rate * (code.T @ code - n * share**2)
        np.minimum(network["lateral"], 0, out=network["lateral"])
        np.fill_diagonal(network["lateral"], 0)
        network["threshold"] += given.homeostasis * rate * (code.sum(axis=0) - n * share)
