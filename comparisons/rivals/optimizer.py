"""Adam and its schedule: how the backpropagation rivals descend."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

__all__ = ["Adam", "anneal", "batches", "unit_rows", "without_growth"]


class Adam:
    """Descent by the running mean of the gradient over the root of its running mean square.

    Arrays are changed in place, so whoever holds them sees them learn.

    Parameters
    ----------
    parameters : dict of str to ndarray
        What learns, by name.
    momentum, memory : float
        Decay per step of the two running means (beta 1 and beta 2).
    epsilon : float
        Keeps the quotient finite where no gradient has been seen.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization, arXiv 1412.6980.
    """

    def __init__(
        self,
        parameters: dict[str, np.ndarray],
        momentum: float = 0.9,
        memory: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.parameters, self.momentum, self.memory, self.epsilon = parameters, momentum, memory, epsilon
        self.mean = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.square = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.n_steps = 0

    def step(self, gradients: dict[str, np.ndarray], learning_rate: float) -> None:
        """Move every parameter against its gradient; the gradients are used up as scratch space.

        Parameters
        ----------
        gradients : dict of str to ndarray
        learning_rate : float
        """
        self.n_steps += 1
        # both running means start at 0: this takes the bias of their first steps out (end of section 2 of the paper)
        correction = math.sqrt(1 - self.memory**self.n_steps) / (1 - self.momentum**self.n_steps)
        for name, gradient in gradients.items():
            mean, square = self.mean[name], self.square[name]
            mean *= self.momentum
            mean += (1 - self.momentum) * gradient
            square *= self.memory
            np.multiply(gradient, gradient, out=gradient)
            gradient *= 1 - self.memory
            square += gradient
            np.sqrt(square, out=gradient)
            gradient += self.epsilon
            np.divide(mean, gradient, out=gradient)
            gradient *= learning_rate * correction
            self.parameters[name] -= gradient


def anneal(step: int, n_steps: int, decay: float) -> float:
    """Return the factor of the learning rate at `step`: 1, then a straight line to 0 over the last `decay` of all.

    Parameters
    ----------
    step : int
        Steps done.
    n_steps : int
        Steps in all.
    decay : float
        Between 0 and 1.
    """
    if decay <= 0:
        return 1.0
    return min(1.0, (n_steps - step) / (decay * n_steps))


def batches(order: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Yield the indices in `order`, `batch_size` at a time; the last batch may be smaller."""
    for start in range(0, order.size, batch_size):
        yield order[start : start + batch_size]


def unit_rows(weights: np.ndarray) -> None:
    """Scale every row of `weights`, in place, to norm 1; a row of zeros stays."""
    norms = np.sqrt(np.einsum("ij,ij->i", weights, weights))
    weights /= np.where(norms > 0, norms, 1)[:, None]


def without_growth(gradient: np.ndarray, weights: np.ndarray) -> None:
    """Take out of each row of `gradient`, in place, what is parallel to the same row, of unit norm, of `weights`.

    Else Adam's running means would fill with a direction that `unit_rows` undoes after every step.
    """
    gradient -= np.einsum("ij,ij->i", gradient, weights)[:, None] * weights
