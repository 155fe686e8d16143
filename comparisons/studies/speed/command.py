"""The command `selective-firing-compare benchmark`: how fast online learning is."""

from __future__ import annotations

from typing import Annotated

import tyro

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import RunOptions, write_table

__all__ = ["benchmark"]


def benchmark(options: Annotated[RunOptions, tyro.conf.arg(name="")], laws: bool = True) -> None:
    """Time online learning: the circuit, a textbook Brian2 script, NumPy loops; in one run, as ratios.

    Args:
        options: On which data, and where to write benchmark.csv, cost_laws.csv and their figures.
        laws: Also measure how the cost grows with hidden units, k and active inputs (compiles five simulators).
    """
    check_count("n_hidden", options.n_hidden)
    check_count("k", options.k, at_most=options.n_hidden)
    from comparisons.studies.speed import figures
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
