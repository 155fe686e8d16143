"""The command `selective-firing-compare sweep`: many experiments, one row each."""

from __future__ import annotations

from pathlib import Path

from selective_firing._checks.outputs import check_output_dir

__all__ = ["sweep"]


def sweep(
    grid: Path | None = None,
    vary: tuple[str, ...] = (),
    output_dir: Path = Path("sweep"),
    n_jobs: int = 1,
    scheduler: str | None = None,
    index: int = 0,
    of: int = 1,
    collect: bool = False,
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
        of: Number of its parts; the one that finishes last draws the figure.
        collect: Run nothing: make the table and the figure of what is there, of all grids if none is given.
        data_dir: Directory of the MNIST files.
        x: What the figure has on its x axis; the varied number with most values if not given.
        y: Measure on its y axis.

    Examples:
        selective-firing-compare sweep --vary model=circuit,topk k=2,5,10,20 seed=0,1,2 --output-dir sweep
        selective-firing-compare sweep --vary model=circuit loop_delay=0,1,2 --output-dir delays
    """
    from comparisons.sweep import figures, runner
    from comparisons.sweep import grid as sweeps
    from selective_firing.figures.style import save

    wanted = (sweeps.read_grid(grid) if grid else {}) | sweeps.parse(vary)
    place = str(data_dir) if data_dir else None
    todo = sweeps.jobs(wanted, place) if wanted or not collect else []
    mine = runner.share(todo, index, of)
    folder = check_output_dir(output_dir, resumes="rows")
    if not collect:
        runner.sweep(mine, folder, n_jobs, scheduler, progress=True)
    whole = runner.publish(todo, folder, place)
    table = runner.collect(todo, folder) if todo else whole
    if not len(table):
        raise ValueError(f"output_dir must hold rows of this sweep to be collected, got {folder}.")
    failed = table[table["error"] != ""]
    print(f"{len(table)} of {len(todo) or len(table)} jobs done, {len(failed)} of them failed: {folder / 'sweep.csv'}")
    for error, rows in failed.groupby("error"):
        print(f"{len(rows)} x {error}")
    if len(whole) > len(table):
        print(f"The table also has {len(whole) - len(table)} rows of other grids.")
    if len(table) < len(todo) and not collect:
        print("Whoever finishes last draws the figure, or this command with --collect.")
        return
    x = x or figures.most_varied(table)
    if x is not None and y in table:
        save(figures.against(table[table["error"] == ""], x, y), folder / f"{y}_against_{x}")
