"""What every claim is: a sentence, an endpoint fixed beforehand, what one seed shows, and what it comes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.finding import Endpoint, Finding
from comparisons.lab.lab import Lab, Settings, fit_key
from comparisons.lab.scenes import SCENES
from comparisons.lab.tuning import TUNED, search
from comparisons.measuring.intervals import means_and_halves
from comparisons.rivals.registry import CIRCUIT, CYCLES, TOPK
from selective_firing._code import code_key

__all__ = ["Claim", "Observation", "Tables", "against", "look", "over", "searched", "summarise", "tune"]

Tables = dict[str, pd.DataFrame]
Levels = Callable[[Tables, str, str], Mapping[str, float]]
Effects = Callable[[Tables, str, str], pd.DataFrame]


@dataclass(frozen=True)
class Observation:
    """What one data set and one seed say.

    Attributes
    ----------
    effects : DataFrame
        Columns rival, effect, and any that tell ways to count apart.
    tables : dict of str to DataFrame
        Further ones, by title.
    seconds : float
        How long it took.
    """

    effects: pd.DataFrame
    tables: Tables = field(default_factory=dict)
    seconds: float = 0.0


def against(value: float, rivals: Mapping[str, float], *, relative: bool = False) -> pd.DataFrame:
    """Return the effects of a model with some value over rivals with theirs.

    Parameters
    ----------
    value : float
    rivals : mapping of str to float
    relative : bool
        Whether effects are shares of the rivals' values; else they are differences.

    Returns
    -------
    DataFrame
        Columns rival, effect.
    """
    effects = [(value - other) / (other if relative else 1.0) for other in rivals.values()]
    return pd.DataFrame({"rival": list(rivals), "effect": effects})


def over(levels: Levels, rivals: Iterable[str], *, relative: bool = False) -> Effects:
    """Return what a claim calls its effects where they are those of `levels` over some rivals.

    Parameters
    ----------
    levels : callable
        As of `Claim`; the first level is that of the model on trial.
    rivals : iterable of str
        Of whom a model on trial that is among them is not compared with itself.
    relative : bool
        As for `against`.
    """
    named = tuple(rivals)

    def effects(tables: Tables, name: str, dataset: str = "") -> pd.DataFrame:
        found = levels(tables, name, dataset)
        first = next(iter(found))
        return against(found[first], {rival: found[rival] for rival in named if rival != first}, relative=relative)

    return effects


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim; called with settings it is tried, and becomes a `Finding`.

    Its functions of tables take a dict of DataFrame, by title: those of one observation or, to draw and to read, of
    all seeds.

    Attributes
    ----------
    name : str
        Of its file.
    title, claim, design : str
    endpoint : Endpoint
    data_sets : tuple of str
    observe : callable
        From a `Lab` to tables, by title.
    effects : callable
        From an observation's tables, the name of a model, and that of the data set, to the effects with this model on
        trial, one row a rival.
    on_trial : str
        Model by which the claim stands or falls.
    others : tuple of str
        Models in whose place the effect is told, too.
    invites : bool
        Whether it compares models of yours (`Settings.guests`), too.
    depends : callable
        From a `Lab` to all else that its tables depend on, beside its data, its seed and the settings of its models:
        what is known already serves only where this is the same.
    levels : callable
        From an observation's tables, the name of a model, and that of the data set, to what the effects are
        differences of, by model: first the one on trial, references among the others.
    level : str
        What these levels are.
    draw : callable
        From the tables of all seeds, each with the columns dataset and seed, to figures by the words that stand in for
        them.
    read : callable
        From the summarised tables to a few sentences.
    caveats : tuple of str
    """

    name: str
    title: str
    claim: str
    design: str
    endpoint: Endpoint
    data_sets: tuple[str, ...]
    observe: Callable[[Lab], Tables]
    effects: Effects
    on_trial: str = TOPK
    others: tuple[str, ...] = (CIRCUIT, CYCLES)
    invites: bool = False
    depends: Callable[[Lab], tuple] = lambda lab: ()
    levels: Levels = lambda tables, name, dataset: {}
    level: str = ""
    draw: Callable[[Tables], dict[str, Figure]] = lambda tables: {}
    read: Callable[[Tables], str] = lambda tables: ""
    caveats: tuple[str, ...] = ()

    def __call__(self, settings: Settings) -> Finding:
        """Return what is found on the data sets of `settings`; what is known already is not computed again."""
        mine = [dataset for dataset in self.data_sets if dataset in (*settings.data_sets, *settings.extra)]
        tuned = {dataset: tune(settings, dataset) for dataset in mine}
        labs = [Lab(settings, dataset, seed, tuned[dataset]) for dataset in mine for seed in settings.seeds(dataset)]
        observations = {(lab.dataset, lab.seed): look(self, lab) for lab in labs}
        return self.conclude(observations, guests=settings.guests)

    def conclude(
        self,
        observations: Mapping[tuple[str, int], Observation],
        failures: tuple[str, ...] = (),
        guests: tuple[str, ...] = (),
    ) -> Finding:
        """Return what observations, by data set and seed, come to.

        Parameters
        ----------
        observations : mapping
        failures : tuple of str
            What went wrong with others, to be told among the caveats.
        guests : tuple of str
            Models of yours on trial.
        """
        others = (*self.others, *guests) if self.invites else self.others
        effects, beside, levels = [], [], []
        whole: dict[str, list[pd.DataFrame]] = {}
        for (dataset, seed), observation in observations.items():
            where = {"dataset": dataset, "seed": seed}
            effects.append(observation.effects.assign(**where))
            beside += [self.effects(observation.tables, name, dataset).assign(**where, model=name) for name in others]
            found = self.levels(observation.tables, self.on_trial, dataset)
            levels += [where | {"model": name, "value": value} for name, value in found.items()]
            for title, table in observation.tables.items():
                whole.setdefault(title, []).append(table.assign(**where))
        tables = {title: pd.concat(parts, ignore_index=True) for title, parts in whole.items()}
        summaries = {title: summarise(table) for title, table in tables.items()}
        return Finding(
            name=self.name, title=self.title, claim=self.claim, design=self.design, endpoint=self.endpoint,
            effects=pd.concat(effects, ignore_index=True),
            beside=pd.concat(beside, ignore_index=True) if beside else pd.DataFrame(),
            levels=pd.DataFrame(levels), level=self.level, secondary=summaries, figures=self.draw(tables),
            reading=self.read(summaries), caveats=(*self.caveats, *failures),
        )  # fmt: skip


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean and half-width of the 95 % t interval over seeds of every measure (a column of floats).

    All other columns tell rows apart. A half-width is NaN where there is one seed.

    Parameters
    ----------
    table : DataFrame
        With the columns dataset and seed.
    """
    measures = [name for name in table if table[name].dtype.kind == "f"]
    keys = ["dataset", *(name for name in table if name not in (*measures, "dataset", "seed"))]
    groups = table.groupby(keys, sort=False, dropna=False)[measures]
    means, halves = means_and_halves(groups)
    columns = {}
    for name in measures:
        columns[name], columns[f"{name} \u00b1"] = means[name], halves[name]
    return pd.DataFrame(columns).reset_index()


def tune(settings: Settings, dataset: str) -> dict[str, dict]:
    """Return what the search finds for every model on a data set, from the cache if it is known.

    Parameters
    ----------
    settings : Settings
    dataset : str
    """
    source = SCENES[dataset].like or dataset
    return {name: searched(settings, name, source)[0] for name in TUNED}


def searched(settings: Settings, name: str, dataset: str) -> tuple[dict, pd.DataFrame]:
    """Return what `tuning.search` finds, from the cache if it is known.

    Parameters
    ----------
    settings : Settings
    name : str
        Of the model.
    dataset : str
    """
    cached = settings.memory.cache(_search, ignore=["settings"])
    keys = (code_key("comparisons.lab.tuning"), settings.data_key(dataset))
    return cached(name, dataset, settings.n_candidates, keys, settings=settings)


def _search(
    name: str, dataset: str, n_candidates: int, keys: tuple[str, str | None], settings: Settings
) -> tuple[dict, pd.DataFrame]:
    return search(settings, name, dataset)


def look(claim: Claim, lab: Lab) -> Observation:
    """Return what a claim observes in a lab, from the cache if it is known.

    Parameters
    ----------
    claim : Claim
    lab : Lab
    """
    keys: tuple = (code_key(__name__, claim.observe.__module__), lab.settings.data_key(lab.dataset))
    if claim.invites:
        keys += tuple((name, fit_key(name)) for name in lab.guests)
    cached = lab.settings.memory.cache(_observe, ignore=["claim", "lab"])
    return cached(claim.name, lab.dataset, lab.seed, lab.tuned, claim.depends(lab), keys, claim=claim, lab=lab)


def _observe(
    name: str,
    dataset: str,
    seed: int,
    tuned: dict,
    depends: tuple,
    keys: tuple,
    claim: Claim,
    lab: Lab,
) -> Observation:
    start = time.perf_counter()
    tables = claim.observe(lab)
    effects = claim.effects(tables, claim.on_trial, lab.dataset)
    if not np.isfinite(effects["effect"]).any():
        raise ValueError(f"effect must be finite against some rival, got {effects['effect'].tolist()}.")
    return Observation(effects, tables, time.perf_counter() - start)
