"""One way to present patterns, to be timed beside others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Way"]


@dataclass(frozen=True)
class Way:
    """One way to present patterns.

    Attributes
    ----------
    present : callable
        Of patterns; returns a Response where a circuit is simulated.
    n : int
        Patterns for one timing.
    needs : mapping
        What its floor depends on beside the sizes: `learns`, `n_cycles`, and `n_steps` where no Response tells them.
    """

    present: Callable[[np.ndarray], object]
    n: int
    needs: Mapping[str, Any] = field(default_factory=dict)
