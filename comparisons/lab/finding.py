"""What was found about one claim: an endpoint and a margin, an interval over seeds for every rival, a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.endpoint import (
    DEPENDS,
    INCONCLUSIVE,
    N_CLAIMS,
    NOT_SUPPORTED,
    SUPPORTED,
    Endpoint,
    holm,
    interval,
)
from comparisons.measuring.intervals import LEVEL

__all__ = ["Finding", "verdicts"]

FIXED = ("dataset", "seed", "rival", "effect")
MOST_WORDS = 5
"""In which a verdict says what it depends on."""


def _joint(verdicts: Sequence[str]) -> str:
    """Return what verdicts come to that must all hold: one that does not refutes, unless another is supported."""
    found = set(verdicts)
    if DEPENDS in found or {SUPPORTED, NOT_SUPPORTED} <= found:
        return DEPENDS
    return next(one for one in (NOT_SUPPORTED, INCONCLUSIVE, SUPPORTED) if one in found)


def _either(verdicts: Sequence[str]) -> str:
    """Return what verdicts come to of which one must hold: all must be refuted for a refutation."""
    found = set(verdicts)
    return next(one for one in (SUPPORTED, DEPENDS, INCONCLUSIVE, NOT_SUPPORTED) if one in found)


@dataclass(frozen=True)
class Finding:
    """What one experiment says about one claim.

    A claim must hold against every rival: on a data set it is supported if the interval lies beyond the margin against
    each, and not supported if it lies on the wrong side against one (an intersection-union test: no correction for the
    number of rivals). Where there are several ways to count, all must agree.

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
        Columns dataset, seed, rival, effect: paired within a seed; seeds are the population. Any further columns name
        the way to count; the first way is the one that is shown. A rival without an effect (NaN) never errs as little:
        for one seed, it counts with the others; for all, it is none on that data set; known for a single one, it has
        no interval, and nothing is supported against it.
    beside : DataFrame
        The same with other models, column model, in the place of the one on trial; no verdict hangs on it.
    levels : DataFrame
        Columns dataset, seed, model, value: what the effects are differences of, for models, rivals and references.
    level : str
        What that is.
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
    levels: pd.DataFrame = field(default_factory=pd.DataFrame)
    level: str = ""
    secondary: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    reading: str = ""

    @property
    def axes(self) -> list[str]:
        """Columns of `effects` that tell ways to count apart."""
        return [name for name in self.effects if name not in FIXED]

    @cached_property
    def ways(self) -> pd.DataFrame:
        """One row per data set and way to count: strongest rival, mean, low, high, n_seeds, p and verdict."""
        rows = []
        for keys, part in self.effects.groupby(["dataset", *self.axes], sort=False):
            rows.append(dict(zip(["dataset", *self.axes], keys, strict=True)) | self._against_all(part))
        return pd.DataFrame(rows)

    def _against_all(self, effects: pd.DataFrame) -> dict[str, Any]:
        """Return the effect against the strongest rival, and the verdict against all."""
        rows, single = [], False
        for rival, part in effects.groupby("rival", sort=False):
            values = part["effect"].to_numpy(float)
            values = values[np.isfinite(values)]
            single |= values.size == 1
            if values.size < 2:
                continue
            mean, low, high = interval(values)
            rows.append({"rival": rival, "mean": mean, "low": low, "high": high, "n_seeds": values.size,
                         "p": self.endpoint.p_value(values), "verdict": self.endpoint.verdict(low, high)})  # fmt: skip
        if not rows:
            raise ValueError(f"effects must be known against some rival, got none of claim {self.name}.")
        strongest = min(rows, key=lambda row: self.endpoint.sign * row["mean"])
        found = {row["verdict"] for row in rows} | ({INCONCLUSIVE} if single else set())
        verdict = next(one for one in (NOT_SUPPORTED, INCONCLUSIVE, SUPPORTED) if one in found)
        return strongest | {"p": 1.0 if single else max(row["p"] for row in rows), "verdict": verdict}

    def first_way(self, dataset: str, rival: str) -> list[float]:
        """Return the effects of all seeds for which they are known against a rival, counted the first way.

        Parameters
        ----------
        dataset, rival : str
        """
        part = self.effects[(self.effects["dataset"] == dataset) & (self.effects["rival"] == rival)]
        first = (part[self.axes] == part[self.axes].iloc[0]).all(axis=1)
        effects = part.loc[first, "effect"]
        return effects[np.isfinite(effects)].tolist()

    @cached_property
    def absent(self) -> tuple[str, ...]:
        """In words, the rivals whose effects are not known for all seeds, and for how many they are."""
        words, effects = [], self.effects.assign(known=np.isfinite(self.effects["effect"].astype(float)))
        for (dataset, rival), part in effects.groupby(["dataset", "rival"], sort=False):
            seeds = part.groupby("seed")["known"].all()
            if not seeds.all():
                told = {0: "no rival", 1: "no interval, nothing is supported against it"}.get(seeds.sum(), "counts so")
                words.append(f"{dataset}: {rival} errs as little for {seeds.sum()} of {len(seeds)} seeds: {told}.")
        return tuple(words)

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """One row per data set: of `ways` the first, but the largest p, and the verdict over all."""
        rows = []
        for _, part in self.ways.groupby("dataset", sort=False):
            first = part.iloc[0].drop(self.axes).to_dict()
            rows.append(first | {"p": part["p"].max(), "verdict": _joint(part["verdict"])})
        return pd.DataFrame(rows)

    @property
    def beside_intervals(self) -> pd.DataFrame:
        """One row per data set and other model: mean, low, high, against its strongest rival, first way to count."""
        rows = []
        for keys, part in self.beside.groupby(["dataset", "model"], sort=False) if len(self.beside) else ():
            first = (part[self.axes] == part[self.axes].iloc[0]).all(axis=1)
            known = part[first].groupby("rival")["effect"].filter(lambda one: one.notna().sum() > 1)
            if len(known):
                found = self._against_all(part.loc[known.index])
                rows.append((*keys, found["mean"], found["low"], found["high"]))
        return pd.DataFrame(rows, columns=["dataset", "model", "mean", "low", "high"])

    @property
    def strongest(self) -> str:
        """The rival that leaves least to the claim, on the data set where that is least."""
        table = self.intervals
        return str(table["rival"].iloc[int((self.endpoint.sign * table["mean"]).argmin())])

    @property
    def depends_on(self) -> str:
        """What decides between supported and not supported, in five words at most; "" if nothing does."""
        table = self.ways.rename(columns={"dataset": "data"})
        shares = {}
        for factor in ("data", *self.axes):
            others = [name for name in ("data", *self.axes) if name != factor]
            groups = [part["verdict"] for _, part in table.groupby(others)] if others else [table["verdict"]]
            pairs = [{one, other} for part in groups for one, other in combinations(part, 2)]
            shares[factor] = np.mean([pair == {SUPPORTED, NOT_SUPPORTED} for pair in pairs]) if pairs else 0.0
        decisive = sorted((name for name in shares if shares[name] > 0), key=lambda name: -shares[name])
        words: list[str] = []
        for name in decisive:
            if len(" ".join([*words, name]).split()) <= MOST_WORDS:
                words.append(name)
        return ", ".join(words)

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
        joint = _joint if self.endpoint.quantifier == "all" else _either
        verdict = joint(list(self.intervals["verdict"]))
        lost = verdict == SUPPORTED and p_corrected is not None and p_corrected > 1 - LEVEL
        return INCONCLUSIVE if lost else verdict


def verdicts(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row per claim: its verdict, after the correction for the number of claims.

    Parameters
    ----------
    findings : sequence of Finding
        As many of the claims as are tried together; the correction is always for all `N_CLAIMS`.

    Returns
    -------
    DataFrame
        Columns name, title, claim, endpoint, unit, margin, side, p, p_holm, verdict, depends_on ("" unless it does),
        rival: the strongest.
    """
    corrected = holm([finding.p for finding in findings], N_CLAIMS)
    rows = []
    for finding, p in zip(findings, corrected, strict=True):
        endpoint, verdict = finding.endpoint, finding.verdict(p)
        rows.append({
            "name": finding.name, "title": finding.title, "claim": finding.claim, "endpoint": endpoint.name,
            "unit": endpoint.unit, "margin": endpoint.margin, "side": endpoint.side, "p": finding.p, "p_holm": p,
            "verdict": verdict, "depends_on": finding.depends_on if verdict == DEPENDS else "",
            "rival": finding.strongest,
        })  # fmt: skip
    return pd.DataFrame(rows)
