"""What was found about one claim: an endpoint and a margin fixed beforehand, an interval over seeds, a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from comparisons.measuring.intervals import LEVEL, half_width
from selective_firing._checks.arguments import check_choice

__all__ = [
    "DEPENDS",
    "INCONCLUSIVE",
    "LEVEL",
    "NOT_SUPPORTED",
    "SUPPORTED",
    "Endpoint",
    "Finding",
    "holm",
    "interval",
    "verdicts",
]

SUPPORTED, NOT_SUPPORTED, DEPENDS, INCONCLUSIVE = "supported", "not supported", "depends", "inconclusive"


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


def _p_value(effects: np.ndarray, endpoint: Endpoint) -> float:
    """Return the one-sided p of the hypothesis that the mean effect is not beyond the margin."""
    beyond = endpoint.sign * (effects - endpoint.margin)
    spread = beyond.std(ddof=1) / np.sqrt(beyond.size)
    if spread == 0:
        return 0.0 if beyond.mean() > 0 else 1.0
    return float(stats.t.sf(beyond.mean() / spread, beyond.size - 1))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Return p values corrected for their number (Holm 1979, Scand J Stat 6:65), in the order given.

    Parameters
    ----------
    p_values : sequence of float
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)), 1.0)
    return corrected


@dataclass(frozen=True)
class Finding:
    """What one experiment says about one claim.

    Attributes
    ----------
    name : str
        Of its file.
    title : str
        The claim in a few words.
    claim : str
        In one sentence.
    design : str
        What is compared, and what is held equal.
    endpoint : Endpoint
    effects : DataFrame
        Columns dataset, seed, effect: paired within a seed; seeds are the population.
    beside : DataFrame
        Columns dataset, seed, model, effect: the same with other models in the place of the one on trial; no verdict
        hangs on it.
    secondary : dict of str to DataFrame
        Further tables, by title.
    figures : dict of str to Figure
        By the words that stand in for it.
    caveats : tuple of str
    reading : str
        What the secondary rows add, in a sentence or two.
    """

    name: str
    title: str
    claim: str
    design: str
    endpoint: Endpoint
    effects: pd.DataFrame
    beside: pd.DataFrame = field(default_factory=pd.DataFrame)
    secondary: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    reading: str = ""

    @property
    def intervals(self) -> pd.DataFrame:
        """One row per data set: mean, low, high, n_seeds, p (one-sided, against the margin) and verdict."""
        rows = []
        for dataset, part in self.effects.groupby("dataset", sort=False):
            values = part["effect"].to_numpy(float)
            mean, low, high = interval(values)
            row = {"dataset": dataset, "mean": mean, "low": low, "high": high, "n_seeds": values.size}
            rows.append(row | {"p": _p_value(values, self.endpoint), "verdict": self._verdict(low, high)})
        return pd.DataFrame(rows)

    @property
    def beside_intervals(self) -> pd.DataFrame:
        """One row per data set and other model: mean, low, high."""
        groups = self.beside.dropna().groupby(["dataset", "model"], sort=False) if len(self.beside) else ()
        rows = [(*keys, *interval(part["effect"])) for keys, part in groups if len(part) > 1]
        return pd.DataFrame(rows, columns=["dataset", "model", "mean", "low", "high"])

    def _verdict(self, low: float, high: float) -> str:
        """Return where an interval lies: beyond the margin, not beyond it, or across it."""
        near, far = sorted(
            (self.endpoint.sign * (low - self.endpoint.margin), self.endpoint.sign * (high - self.endpoint.margin))
        )
        return SUPPORTED if near > 0 else NOT_SUPPORTED if far <= 0 else INCONCLUSIVE

    @property
    def p(self) -> float:
        """Of the claim: the largest, if it must hold on every data set; else the least, times their number."""
        p = self.intervals["p"]
        return float(p.max() if self.endpoint.quantifier == "all" else min(1.0, len(p) * p.min()))

    def verdict(self, p_corrected: float | None = None) -> str:
        """Return the verdict over all data sets; support must also survive the correction for the number of claims.

        Parameters
        ----------
        p_corrected : float, optional
            What `holm` made of `p` and those of the other claims.
        """
        found = set(self.intervals["verdict"])
        if self.endpoint.quantifier == "some" and SUPPORTED in found:
            found = {SUPPORTED}
        if found == {SUPPORTED}:
            return SUPPORTED if p_corrected is None or p_corrected <= 1 - LEVEL else INCONCLUSIVE
        if found == {NOT_SUPPORTED}:
            return NOT_SUPPORTED
        return DEPENDS if {SUPPORTED, NOT_SUPPORTED} <= found else INCONCLUSIVE


def verdicts(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row per claim: its verdict, after the correction for the number of claims.

    Parameters
    ----------
    findings : sequence of Finding
        Of all claims that are tried together.

    Returns
    -------
    DataFrame
        Columns name, title, claim, endpoint, unit, margin, side, p, p_holm, verdict.
    """
    corrected = holm([finding.p for finding in findings])
    return pd.DataFrame(
        {
            "name": finding.name, "title": finding.title, "claim": finding.claim, "endpoint": finding.endpoint.name,
            "unit": finding.endpoint.unit, "margin": finding.endpoint.margin, "side": finding.endpoint.side,
            "p": finding.p, "p_holm": p, "verdict": finding.verdict(p),
        }
        for finding, p in zip(findings, corrected, strict=True)
    )  # fmt: skip
