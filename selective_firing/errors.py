"""What can go wrong with a simulation that was asked for correctly."""

from __future__ import annotations

__all__ = ["DivergenceError", "SimulationError"]


class SimulationError(RuntimeError):
    """A simulation failed, or what it left behind is not whole."""


class DivergenceError(SimulationError, FloatingPointError):
    """Learning exploded, in a simulation or in a rival.

    Attributes
    ----------
    presentation : int
        Number of the presentation at which it did.
    learning_rate : float
        At which it did.
    """

    def __init__(self, presentation: int, learning_rate: float) -> None:
        super().__init__(
            f"learning diverged at presentation {presentation}; learning_rate must be lower than {learning_rate:g}: "
            "try half of it."
        )
        self.presentation, self.learning_rate = presentation, learning_rate

    def __reduce__(self) -> tuple[type[DivergenceError], tuple[int, float]]:
        return type(self), (self.presentation, self.learning_rate)
