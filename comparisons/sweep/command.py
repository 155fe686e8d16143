"""The command `selective-firing-compare sweep`: many experiments, one row each."""

from __future__ import annotations

from pathlib import Path

from selective_firing._checks import check_output_dir
from selective_firing.cli.options import write_table

__all__ = ["sweep"]


def sweep(
    grid: Path | None = None,
    vary: tuple[str, ...] = (),
    output_dir: Path = Path("sweep"),
    n_jobs: int = 1,
    scheduler: str | None = None,
    index: int = 0,
    of: int = 1,
    data_dir: Path | None = None,
    x: str | None = None,
    y: str = "nmse",
) -> None:
    """Run a grid of experiments, one row each; the same command goes on where it was stopped.

    Args:
        grid: TOML file: names with a value or a list of values, tables [data] and [circuit].
        vary: The same on the command line: name=value,value,... for each name (model=circuit,topk k=5,10).
        output_dir: Directory of sweep.csv and of the finished rows; those of an earlier sweep are used again.
        n_jobs: Processes that work at once.
        scheduler: Address of a Dask scheduler (tcp://host:port) to run on instead.
        index: Number of this part of an array job, from 0.
        of: Number of its parts.
        data_dir: Directory of the MNIST files.
        x: What the figure has on its x axis; the varied number with most values if not given.
        y: Measure on its y axis.
    """
    from comparisons.sweep import figures
    from comparisons.sweep import grid as sweeps
    from comparisons.sweep.runner import collect, share
    from comparisons.sweep.runner import sweep as run_all
    from selective_firing.figures.style import save

    wanted = sweeps.read_grid(grid) if grid else {}
    todo = sweeps.jobs(wanted | sweeps.parse(vary))
    mine = share(todo, index, of)
    folder = check_output_dir(output_dir, resumes="rows")
    run_all(mine, folder, n_jobs, scheduler, str(data_dir) if data_dir else None, progress=True)
    table = collect(todo, folder)
    write_table(folder / "sweep.csv", table)
    failed = table[table["error"] != ""]
    print(f"{len(table)} of {len(todo)} jobs done, {len(failed)} of them failed: {folder / 'sweep.csv'}")
    for error, rows in failed.groupby("error"):
        print(f"{len(rows)} x {error}")
    x = x or figures.most_varied(table)
    if x is not None and y in table:
        save(figures.against(table[table["error"] == ""], x, y), folder / f"{y}_against_{x}")
