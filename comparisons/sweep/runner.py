"""Runs the jobs of a sweep, here or on a cluster, and keeps every finished row: nothing twice, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from comparisons.measuring.parallel import as_finished, backend
from comparisons.sweep.grid import Job, code_version, run_job
from comparisons.sweep.simulators import compile_ahead
from selective_firing._checks.arguments import check_count
from selective_firing._files.archives import plain, write_text

__all__ = ["collect", "publish", "share", "sweep", "union"]

ROWS = "rows"


def share(todo: Sequence[Job], index: int, of: int) -> list[Job]:
    """Return the jobs that part `index` of `of` (from 0) of an array job runs: every `of`-th.

    Parameters
    ----------
    todo : sequence of Job
    index : int
        Of this part.
    of : int
        Number of parts.
    """
    check_count("of", of)
    check_count("index", index, at_least=0, at_most=of - 1)
    return list(todo[index::of])


def sweep(
    todo: Sequence[Job],
    folder: str | Path,
    n_jobs: int = 1,
    scheduler: str | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Run the jobs that `folder` has no row of yet, and return the rows of all.

    What they need is compiled before the first begins, several simulators at once: no job waits for another's.

    Parameters
    ----------
    todo : sequence of Job
        Each knows where its data lie.
    folder : path
        Where rows are kept, one file a job, named by a hash of its settings and of the code. A job that failed is
        recorded with its error, and tried again by the next call.
    n_jobs : int
        Processes; on a cluster its workers decide.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://...``.
    progress : bool

    Raises
    ------
    ImportError
        If there is a scheduler but no Dask.
    """
    check_count("n_jobs", n_jobs)
    rows = Path(folder) / ROWS
    rows.mkdir(parents=True, exist_ok=True)
    missing = [job for job in todo if _read(rows, job).get("error", "missing")]
    with backend(scheduler):
        compile_ahead(missing, n_jobs, progress, everywhere=scheduler is not None)
        calls = [(run_job, job) for job in missing]
        for number, row in as_finished(calls, "sweep", n_jobs, progress, n_known=len(todo) - len(missing)):
            whole = row | {"settings": dict(missing[number].settings)}
            write_text(rows / f"{row['key']}.json", json.dumps(whole, default=plain))
    return collect(todo, folder)


def collect(todo: Sequence[Job], folder: str | Path) -> pd.DataFrame:
    """Return one row per job that has been run, in the order of `todo`.

    Parameters
    ----------
    todo : sequence of Job
    folder : path
        Of a sweep.
    """
    return _table(_read(Path(folder) / ROWS, job) for job in todo)


def union(todo: Sequence[Job], folder: str | Path, data_dir: str | None = None) -> pd.DataFrame:
    """Return the rows of `todo`, and all others in `folder` that its present code and data give, by whatever host.

    Parameters
    ----------
    todo : sequence of Job
        Whose rows come first.
    folder : path
        Of a sweep.
    data_dir : str, optional
        Of the MNIST files that the other rows must be of.
    """
    rows = Path(folder) / ROWS
    first = {key: _content(rows / f"{key}.json") for key in (job.key for job in todo)}
    others = (_content(path) for path in sorted(rows.glob("*.json")) if path.stem not in first)
    return _table([*first.values(), *(row for row in others if row and _is_present(row, data_dir))])


def _is_present(row: dict, data_dir: str | None) -> bool:
    """Return whether the present code and data give this row; of data that are not there, whether the code does."""
    job = Job(row.get("settings", {}), data_dir)
    return row.get("code") == code_version() if job.data_key is None else job.key == row["key"]


def _table(rows: Iterable[dict]) -> pd.DataFrame:
    """Return rows without their settings, which are columns, too, as a table; those that are empty are none."""
    return pd.DataFrame([{name: row[name] for name in row if name != "settings"} for row in rows if row])


def publish(todo: Sequence[Job], folder: str | Path, data_dir: str | None = None) -> pd.DataFrame:
    """Write the union of all rows to ``sweep.csv``, and return it.

    Any number of hosts may do so at once: each looks again after it has written, so that the last file written has
    the rows of all.

    Parameters
    ----------
    todo : sequence of Job
        Whose rows come first.
    folder : path
        Of a sweep.
    data_dir : str, optional
        As for `union`.
    """
    written = None
    while True:
        table = union(todo, folder, data_dir)
        text = table.to_csv(index=False)
        if text == written:
            return table
        write_text(Path(folder) / "sweep.csv", text)
        written = text


def _read(rows: Path, job: Job) -> dict:
    """Return the row of a job, {} if there is none or it is damaged."""
    return _content(rows / f"{job.key}.json")


def _content(path: Path) -> dict:
    """Return the row in a file, {} if it is damaged."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) and row.get("key") == path.stem else {}
