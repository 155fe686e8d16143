"""By what number a claim stands or falls, and how surely: margins, intervals, p values, and their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from comparisons.measuring.intervals import LEVEL, half_width
from selective_firing._checks.arguments import check_choice

__all__ = ["DEPENDS", "INCONCLUSIVE", "NOT_SUPPORTED", "N_CLAIMS", "SUPPORTED", "Endpoint", "holm", "interval"]

SUPPORTED, NOT_SUPPORTED, DEPENDS, INCONCLUSIVE = "supported", "not supported", "depends", "inconclusive"
N_CLAIMS = 14
"""All claims that there are, for which p values are corrected, however few are tried together."""


@dataclass(frozen=True)
class Endpoint:
    """The one number by which a claim stands or falls, and the margin beyond which it must lie.

    Attributes
    ----------
    name, unit : str
    margin : float
    side : {"above", "below"}
        Of the margin, on which the claim says that the effect lies.
    quantifier : {"all", "some"}
        Whether the claim is about all data sets, or says only that there are some.
    """

    name: str
    unit: str
    margin: float
    side: str = "above"
    quantifier: str = "all"

    def __post_init__(self) -> None:
        check_choice("side", self.side, ("above", "below"))
        check_choice("quantifier", self.quantifier, ("all", "some"))

    @property
    def sign(self) -> float:
        """1 if the claim says more, -1 if it says less."""
        return 1.0 if self.side == "above" else -1.0

    def verdict(self, low: float, high: float) -> str:
        """Return where an interval lies: beyond the margin, not beyond it, or across it.

        Parameters
        ----------
        low, high : float
        """
        near, far = sorted((self.sign * (low - self.margin), self.sign * (high - self.margin)))
        return SUPPORTED if near > 0 else NOT_SUPPORTED if far <= 0 else INCONCLUSIVE

    def p_value(self, effects: np.ndarray) -> float:
        """Return the one-sided p of the hypothesis that the mean effect is not beyond the margin.

        Parameters
        ----------
        effects : ndarray of shape (n_seeds,)
        """
        beyond = self.sign * (effects - self.margin)
        spread = beyond.std(ddof=1) / np.sqrt(beyond.size)
        if spread == 0:
            return 0.0 if beyond.mean() > 0 else 1.0
        return float(stats.t.sf(beyond.mean() / spread, beyond.size - 1))


def interval(effects: Sequence[float], level: float = LEVEL) -> tuple[float, float, float]:
    """Return mean, lower and upper end of the t interval of effects over seeds.

    Parameters
    ----------
    effects : sequence of float
    level : float
        Share of such intervals that hold the true mean.

    Raises
    ------
    ValueError
        If there are fewer than two, or one is not finite.
    """
    values = np.asarray(effects, dtype=float)
    if values.size < 2 or not np.isfinite(values).all():
        raise ValueError(f"effects must be at least two finite numbers, got {values.tolist()}.")
    half = half_width(values.std(ddof=1), values.size, level)
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def holm(p_values: Sequence[float], n_family: int = 0) -> np.ndarray:
    """Return p values corrected for their number (Holm 1979, Scand J Stat 6:65), in the order given.

    Parameters
    ----------
    p_values : sequence of float
    n_family : int
        Number of hypotheses, of which those not given count as the ones of the largest p; at least those given.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    corrected = np.empty_like(p)
    factors = max(n_family, p.size) - np.arange(p.size)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected
