"""The command line `selective-firing-compare`: the main job, how fast it is, and many experiments at once."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from comparisons.report.command import report
from selective_firing._checks import check_count, check_output_dir
from selective_firing.cli.options import LearningOptions, RunOptions, command, write_table

if TYPE_CHECKING:
    from comparisons.studies.main_job.compare import Design

__all__ = ["main"]


def _design(options: LearningOptions, k: int) -> Design:
    """Return what all models of a comparison have in common."""
    from comparisons.studies.main_job.compare import Design

    return Design(
        n_hidden=options.n_hidden, k=k, n_epochs=options.n_epochs, seed=options.seed,
        learning_rate=options.learning_rate, homeostasis=options.homeostasis, k_start=options.k_start,
        codegen=options.target,
        parameters=options.parameters,
    )  # fmt: skip


def run(options: Annotated[LearningOptions, tyro.conf.arg(name="")]) -> None:
    """Train the k-WTA circuit and its rivals, and write the tables and figures that contrast them.

    Args:
        options: What is compared, on which data.
    """
    from comparisons.studies.main_job.compare import compare
    from comparisons.studies.main_job.results import summary, write

    design = _design(options, options.k)
    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    start = time.perf_counter()
    found = compare(data, design)
    write(found, folder)
    print(summary(found))
    print(f"\nTables and figures: {folder} ({time.perf_counter() - start:.0f} s)")


def benchmark(options: Annotated[RunOptions, tyro.conf.arg(name="")], laws: bool = True) -> None:
    """Time online learning: the circuit, a textbook Brian2 script, NumPy loops; in one run, as ratios.

    Args:
        options: On which data, and where to write benchmark.csv, cost_laws.csv and their figures.
        laws: Also measure how the cost grows with hidden units, k and active inputs (compiles five simulators).
    """
    check_count("n_hidden", options.n_hidden)
    check_count("k", options.k, at_most=options.n_hidden)
    from comparisons.studies.main_job import figures
    from comparisons.studies.speed.benchmark import benchmark as measure
    from comparisons.studies.speed.cost_laws import cost_laws, exponents
    from selective_firing.engine.simulator import find_compiler
    from selective_firing.figures.style import save

    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    table = measure(data.X_train, options.n_hidden, options.k, options.target, options.seed)
    write_table(folder / "benchmark.csv", table)
    save(figures.benchmark(table), folder / "benchmark")
    print(table.to_string(index=False, float_format=lambda value: f"{value:,.1f}"))
    if laws:
        costs = cost_laws(n_presentations=4096 if find_compiler() else 16, codegen=options.target)
        powers = exponents(costs)
        write_table(folder / "cost_laws.csv", costs)
        save(figures.cost_laws(costs, powers), folder / "cost_laws")
        print("\n".join(f"time of a presentation ~ {name} ^ {power:.2f}" for name, power in powers.items()))
        print(f"{costs['times_floor'].median():.1f} times the floor (median; {costs['times_floor'].max():.1f} at most)")


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
    """
    from comparisons.studies.main_job import figures
    from comparisons.sweep import grid as sweeps
    from comparisons.sweep import runner
    from selective_firing.figures.style import save

    wanted = (sweeps.read_grid(grid) if grid else {}) | sweeps.parse(vary)
    place = str(data_dir) if data_dir else None
    todo = sweeps.jobs(wanted, place) if wanted or not collect else []
    mine = runner.share(todo, index, of)
    folder = check_output_dir(output_dir, resumes="rows")
    if not collect:
        runner.sweep(mine, folder, n_jobs, scheduler, place, progress=True)
    whole = runner.publish(todo, folder)
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


def spiking(
    options: Annotated[LearningOptions, tyro.conf.arg(name="")], model: Path | None = None, n_stimuli: int = 1000
) -> None:
    """Measure what becomes of "k" when cells spike: against delay, noise, dt, k; E%-max; time to settle.

    Args:
        options: Which data, width and k; the rate circuit learns the weights.
        model: File of a trained model whose weights are used instead.
        n_stimuli: Test stimuli for each condition.
    """
    from comparisons.studies.spiking import figures as spiking_figures
    from comparisons.studies.spiking import laws as spiking_laws
    from selective_firing.autoencoder import KWTAAutoencoder
    from selective_firing.figures.style import save
    from selective_firing.parameters import RateParameters, SpikingParameters

    base = options.parameters if options.circuit == "spiking" else SpikingParameters()
    data = options.load()
    check_count("n_stimuli", n_stimuli)
    folder = check_output_dir(options.output_dir, options.overwrite)
    if model:
        fitted = KWTAAutoencoder.load(model)
    else:
        fitted = KWTAAutoencoder(
            options.n_hidden, options.k, learning_rate=options.learning_rate, n_epochs=options.n_epochs,
            parameters=RateParameters(), codegen=options.target, random_state=options.seed, verbose=1,
        ).fit(data.X_train)  # fmt: skip
    X = data.X_test[:n_stimuli]
    for name, table, figure in spiking_laws.all_laws(fitted.weights_, X, fitted.k, base, options.target, options.seed):
        write_table(folder / f"{name}.csv", table)
        if figure:
            save(getattr(spiking_figures, figure)(table), folder / name)
        print(f"\n{name}\n{table.to_string(index=False, float_format=lambda value: f'{value:.4g}')}")
    print(f"\nTables and figures: {folder}")


def cycles(
    options: Annotated[LearningOptions, tyro.conf.arg(name="")],
    ks: tuple[int, ...] = (5, 10, 20),
    cycles: int = 4,
    n_seeds: int = 1,
    ablations: bool = False,
) -> None:
    """Measure what explaining away brings and costs: the circuit cycle by cycle, top-K with more winners, OMP, LASSO.

    Args:
        options: Which data and width; k and n_cycles are varied here.
        ks: Numbers of winners.
        cycles: Competitions per presentation.
        n_seeds: Repetitions, with the seeds from --seed upwards.
        ablations: Also learn with each part of the rule left out or replaced, in NumPy, at the first of ks.
    """
    from dataclasses import replace

    import pandas as pd

    from comparisons.studies.explaining import figures as explaining_figures
    from comparisons.studies.explaining import study as explaining
    from selective_firing.figures.style import save

    for name, value in (("cycles", cycles), ("n_seeds", n_seeds), *(("ks", k) for k in ks)):
        check_count(name, value, at_least=2 if name == "cycles" else 1)
    if options.circuit != "rate":
        raise ValueError(f"circuit must be rate to have cycles, got {options.circuit}.")
    design = _design(options, max(ks))
    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    tables: dict[str, list[pd.DataFrame]] = {"cycles": [], "profit": []}
    for seed in range(options.seed, options.seed + n_seeds):
        for k in ks:
            rows, gains = explaining.study(data, replace(design, k=k, seed=seed), cycles)
            tables["cycles"].append(rows)
            tables["profit"].append(gains)
            for name, parts in tables.items():  # what is there survives Ctrl-C
                write_table(folder / f"{name}.csv", pd.concat(parts))
    found = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    matched = explaining.matched(found["cycles"])
    write_table(folder / "matched.csv", matched)
    for name, table in found.items():
        save(getattr(explaining_figures, name)(table), folder / name)
    print(explaining.summary(found["cycles"], matched))
    if ablations:
        from comparisons.studies.explaining.ablations import ablations as learn_without

        seeds = range(options.seed, options.seed + n_seeds)
        table = learn_without(data, replace(design, k=ks[0]), cycles, seeds)
        write_table(folder / "ablations.csv", table)
        means = table.groupby("variant", sort=False)[["nmse", "alive_fraction", "alignment"]].agg(["mean", "std"])
        print(means.to_string(float_format=lambda value: f"{value:.4f}"))
    print(f"\nTables and figures: {folder}")


def readout(options: Annotated[LearningOptions, tyro.conf.arg(name="")], held_out: int = 10_000) -> None:
    """Read classes out of frozen codes by logistic regression: the circuit's, top-K's, dense ones, and of the inputs.

    Args:
        options: Which data (with labels), width and k; --k-start counts for the circuit and top-K.
        held_out: Training patterns that choose how many units are read (k, 2 k or 3 k), and the penalty.
    """
    from comparisons.studies.readout.study import study

    design = _design(options, options.k)
    data = options.load()
    if data.y_train is None:
        raise ValueError(f"dataset must have labels, got {data.name}.")
    check_count("held_out", held_out, at_most=len(data.X_train) - 1)
    folder = check_output_dir(options.output_dir, options.overwrite)
    table = study(data, design, held_out=held_out)
    write_table(folder / "readout.csv", table)
    shown = table[[name for name in table if not name.startswith(("ATP", "neural", "nJ"))]]
    print(shown.to_string(index=False, float_format=lambda value: f"{value:.4f}", na_rep="-"))
    print(f"\nTable: {folder / 'readout.csv'}")


def main() -> int:
    """Run the command line; return its exit status."""
    commands = {
        "run": run, "benchmark": benchmark, "sweep": sweep, "spiking": spiking, "cycles": cycles, "readout": readout,
        "report": report,
    }  # fmt: skip
    args = sys.argv[1:]
    if not args or args[0] not in (*commands, "-h", "--help"):
        args = ["run", *args]
    words = (
        "The k-WTA circuit beside a top-K autoencoder, a dense one, and controls. `run` is the default: its options "
        "are those of `run --help`."
    )
    return command(commands, "selective-firing-compare", words, args)


if __name__ == "__main__":
    sys.exit(main())
