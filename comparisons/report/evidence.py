"""Puts the claims to the test: every claim on every data set and seed, in parallel, resumable; findings come out."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from tqdm import tqdm

from comparisons.claims import CLAIMS
from comparisons.lab.claim import Observation, look, searched, tune
from comparisons.lab.finding import Finding, verdicts
from comparisons.lab.lab import Lab, Settings
from comparisons.lab.scenes import SCENES, Scene
from comparisons.lab.tuning import TUNED
from comparisons.measuring.parallel import backend, in_order
from comparisons.report import page as report
from comparisons.report.explorer import explore
from comparisons.report.overview import CAPTION, overview
from comparisons.report.tables import markdown, write_tables
from comparisons.rivals.registry import CIRCUIT, DENSE, TOPK
from comparisons.studies.pareto.figures import pareto
from selective_firing._checks.arguments import check_choice, check_count
from selective_firing._code import code_key
from selective_firing._files.archives import write_text
from selective_firing.cli.options import write_json, write_table

if TYPE_CHECKING:
    from selective_firing.autoencoder import KWTAAutoencoder

__all__ = ["Evidence", "earlier", "gather", "provenance", "publish"]

Result = tuple[str, str, int, Observation | str, float]
"""Claim, data set and seed; what was observed, or why it failed; and the seconds that it took."""
EXPLORED = ("digits", "patches", "bars")
"""Data sets of the report's explorer, as far as they were looked at."""


@dataclass(frozen=True)
class Evidence:
    """What was found.

    Attributes
    ----------
    findings : list of Finding
    searches : DataFrame
        What the search tried for each model and data set: one row a candidate.
    seconds : DataFrame
        Columns dataset, seed, claim, seconds: what each took when it was computed.
    families : DataFrame, optional
        Of `overview`: error and energy of every family of codes.
    """

    findings: list[Finding]
    searches: pd.DataFrame
    seconds: pd.DataFrame
    families: pd.DataFrame | None = None


def gather(
    settings: Settings,
    names: Sequence[str] = tuple(CLAIMS),
    n_jobs: int = 1,
    scheduler: str | None = None,
    progress: bool = False,
) -> Evidence:
    """Try the claims; what is in the folder of `settings` already is not computed again.

    Parameters
    ----------
    settings : Settings
    names : sequence of str
        Of the claims.
    n_jobs : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler to run on instead.
    progress : bool

    Raises
    ------
    ValueError
        If there is no such claim, or none of them is about the data sets of `settings`.
    RuntimeError
        If a claim failed with every seed, or all but one, of every data set; other failures are told among the caveats.
    """
    check_count("n_jobs", n_jobs)
    for name in names:
        check_choice("claims", name, tuple(CLAIMS))
    work = _work(settings, names)
    if not work:
        raise ValueError(f"claims must be about the data sets {', '.join(settings.data_sets)}, got {', '.join(names)}.")
    data_sets = list(dict.fromkeys(dataset for dataset, _ in work))
    with backend(scheduler):
        sources = dict.fromkeys(SCENES[dataset].like or dataset for dataset in data_sets)
        pairs = [(dataset, model) for dataset in sources for model in TUNED]
        searches = [(searched, settings, model, dataset) for dataset, model in pairs]
        tries = in_order(searches, "tuning", n_jobs, progress)
        seeds = [(_examine, settings, dataset, seed, mine) for (dataset, seed), mine in work.items()]
        results = [row for rows in in_order(seeds, "claims", n_jobs, progress) for row in rows]
        families = overview(settings, n_jobs, progress)
    findings = []
    for name in (name for name in names if any(name in mine for mine in work.values())):
        mine = {(dataset, seed): found for claim, dataset, seed, found, _ in results if claim == name}
        seen = {where: found for where, found in mine.items() if isinstance(found, Observation)}
        counts = Counter(data for data, _ in seen)
        seen = {where: found for where, found in seen.items() if counts[where[0]] > 1}  # one seed makes no interval
        failed = tuple(
            f"{data}, seed {seed}, failed: {found}" for (data, seed), found in mine.items() if isinstance(found, str)
        )
        if not seen:
            raise RuntimeError(f"claim {name} failed with all seeds, or all but one: {'; '.join(failed)}")
        findings.append(CLAIMS[name].conclude(seen, failed, settings.guests))
    seconds = pd.DataFrame(
        {"dataset": dataset, "seed": seed, "claim": claim, "seconds": took} for claim, dataset, seed, _, took in results
    )
    return Evidence(findings, pd.concat([table for _, table in tries], ignore_index=True), seconds, families)


def _work(settings: Settings, names: Iterable[str]) -> dict[tuple[str, int], list[str]]:
    """Return the claims to be tried on each data set with each seed: those of one seed share their fits."""
    work: dict[tuple[str, int], list[str]] = {}
    for dataset in (*settings.data_sets, *settings.extra):
        for seed in settings.seeds(dataset):
            mine = [name for name in names if dataset in CLAIMS[name].data_sets]
            if mine:
                work[dataset, seed] = mine
    return work


def _examine(settings: Settings, dataset: str, seed: int, names: Sequence[str]) -> list[Result]:
    """Return what every claim observes with one data set and seed, or why it failed, and how long that took."""
    from threadpoolctl import threadpool_limits

    found = []
    with threadpool_limits(1):
        lab = Lab(settings, dataset, seed, tune(settings, dataset))
        for name in names:
            try:
                observation: Observation | str = look(CLAIMS[name], lab)
            except Exception as error:
                observation = f"{type(error).__name__}: {error}"
            found.append((name, dataset, seed, observation, getattr(observation, "seconds", 0.0)))
    return found


def provenance(evidence: Evidence, settings: Settings) -> dict[str, Any]:
    """Return whatever is needed to make the report again: settings, seeds, what was tuned, versions, commit, date.

    Parameters
    ----------
    evidence : Evidence
    settings : Settings
    """
    errors = evidence.searches["nmse"]
    losses = evidence.searches.get("loss", errors).fillna(errors)  # by which the soft model alone is tuned
    groups = evidence.searches.assign(least=losses).groupby(["dataset", "model"], sort=False)
    best = evidence.searches.loc[groups["least"].idxmin()]
    tuned = {
        f"{row['dataset']}, {row['model']}": {
            name: value for name, value in row.items() if name not in ("dataset", "model") and not _missing(value)
        }
        for row in best.to_dict("records")
    }
    data_sets = dict.fromkeys(evidence.seconds["dataset"])
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": _commit(),
        "code": code_key("comparisons.lab.tuning"),
        "versions": {name: version(name) for name in ("selective-firing", "brian2", "numpy", "scikit-learn")},
        "seeds": {name: ", ".join(map(str, settings.seeds(name))) for name in data_sets},
        "common to all models": {name: _scene(SCENES[name]) for name in data_sets},
        "settings tried for each model": settings.n_candidates,
        **({"models of yours, by their own settings": ", ".join(settings.guests)} if settings.guests else {}),
        "settings found (NMSE on held-out training patterns)": tuned,
        "hours of computing": round(float(evidence.seconds["seconds"].sum()) / 3600, 2),
    }


def _scene(scene: Scene) -> str:
    return f"{scene.n_hidden} hidden units, k = {scene.k}, {scene.n_epochs} passes, k varied over {scene.ks}"


def _missing(value: Any) -> bool:
    return value is None or value != value


def _commit() -> str:
    """Return the commit of the checkout that this file lies in, if it is one."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"],
            capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "not in a checkout"
    return answer.stdout.strip()


def _explored(
    dataset: str, tuned: dict[str, dict], keys: tuple[str, str | None, int], settings: Settings
) -> dict[str, Any]:
    """Return what the report's explorer shows of a data set, with the first seed."""
    lab = Lab(settings, dataset, settings.seed, tuned)
    circuits = {k: cast("KWTAAutoencoder", lab.fit(CIRCUIT, k=k)) for k in lab.scene.ks}
    rivals = {k: lab.fit(TOPK, k=k) for k in lab.scene.ks}
    return explore(lab.data, circuits, rivals, lab.fit(DENSE))


def earlier(folder: Path) -> list[str]:
    """Return the claims that the last report in a folder is about.

    Parameters
    ----------
    folder : Path
        Of a report.
    """
    try:
        return [name for name in pd.read_csv(folder / "claims.csv")["name"] if name in CLAIMS]
    except (OSError, ValueError, KeyError):
        return []


def publish(evidence: Evidence, settings: Settings) -> str:
    """Write report.html and all tables into the folder of `settings`; return the claims and their verdicts as text.

    Parameters
    ----------
    evidence : Evidence
    settings : Settings
    """
    folder = settings.folder
    shown = [name for name in EXPLORED if name in set(evidence.seconds["dataset"])]
    facts, cached = provenance(evidence, settings), settings.memory.cache(_explored, ignore=["settings"])
    code = code_key("comparisons.report.explorer")
    explored = [
        cached(dataset, tune(settings, dataset), (code, settings.data_key(dataset), settings.seed), settings=settings)
        for dataset in tqdm(shown, "explorer", disable=not shown, unit="data set")
    ]
    content = {"provenance": facts, "explorer": explored, "command": settings.command}
    if evidence.families is not None:
        content["overview"] = CAPTION, pareto(evidence.families)
        write_table(folder / "families.csv", evidence.families)
    report.write(evidence.findings, folder / "report.html", **content)
    write_tables(evidence.findings, folder)
    write_table(folder / "searches.csv", evidence.searches)
    write_table(folder / "seconds.csv", evidence.seconds)
    write_json(folder / "provenance.json", facts)
    write_text(folder / "claims.md", markdown(evidence.findings))
    table = verdicts(evidence.findings)[["title", "verdict", "p_holm"]]
    words = table.to_string(index=False, float_format=lambda value: f"{value:.3g}")
    return f"{words}\n\nReport: {folder / 'report.html'}"
