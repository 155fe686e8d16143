"""The command `selective-firing-compare cycles`: what explaining away brings and costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import LearningOfManyK, write_table

if TYPE_CHECKING:
    import pandas as pd

    from comparisons.studies.main_job.design import Design
    from selective_firing.datasets import Dataset

__all__ = ["cycles"]


def cycles(
    options: LearningOfManyK,
    k: tuple[int, ...] = (5, 10, 20),
    cycles: int = 4,
    n_seeds: int = 1,
    ablations: bool = False,
) -> None:
    """Measure what explaining away brings and costs: the circuit cycle by cycle, top-K with more winners, OMP, LASSO.

    Args:
        options: Which data and width; k and n_cycles are varied here.
        k: Numbers of winners per stimulus.
        cycles: Competitions per presentation.
        n_seeds: Repetitions, with the seeds from --seed upwards.
        ablations: Also learn with each part of the rule left out or replaced, in NumPy, at the first of k.

    Examples:
        selective-firing-compare cycles --n-seeds 3 --output-dir cycles
        selective-firing-compare cycles --dataset bars --k 4 8 --cycles 3 --output-dir bars
    """
    from dataclasses import replace

    from comparisons.studies.explaining import figures
    from comparisons.studies.explaining.study import matched, summary
    from comparisons.studies.main_job.design import Design
    from selective_firing.figures.style import save

    for name, value in (("cycles", cycles), ("n_seeds", n_seeds), *(("k", one) for one in k)):
        check_count(name, value, at_least=2 if name == "cycles" else 1)
    if options.circuit != "rate":
        raise ValueError(f"circuit must be rate to have cycles, got {options.circuit}.")
    design, seeds = Design.from_options(options, max(k)), range(options.seed, options.seed + n_seeds)
    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    found = _studied(data, [replace(design, k=one, seed=seed) for seed in seeds for one in k], cycles, folder)
    at_equal_error = matched(found["cycles"])
    write_table(folder / "matched.csv", at_equal_error)
    for name, table in found.items():
        save(getattr(figures, name)(table), folder / name)
    print(summary(found["cycles"], at_equal_error))
    if ablations:
        print(_ablated(data, replace(design, k=k[0]), cycles, seeds, folder))
    print(f"\nTables and figures: {folder}")


def _studied(data: Dataset, designs: Sequence[Design], cycles: int, folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables cycles and profit of all designs; what is there already is written, and survives Ctrl-C."""
    import pandas as pd

    from comparisons.studies.explaining.study import study

    tables: dict[str, list[pd.DataFrame]] = {"cycles": [], "profit": []}
    for design in designs:
        rows, gains = study(data, design, cycles)
        tables["cycles"].append(rows)
        tables["profit"].append(gains)
        for name, parts in tables.items():
            write_table(folder / f"{name}.csv", pd.concat(parts))
    return {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}


def _ablated(data: Dataset, design: Design, cycles: int, seeds: Sequence[int], folder: Path) -> str:
    """Write ablations.csv; return means and spreads over seeds as text."""
    from comparisons.studies.explaining.ablations import ablations

    table = ablations(data, design, cycles, seeds)
    write_table(folder / "ablations.csv", table)
    means = table.groupby("variant", sort=False)[["nmse", "alive_fraction", "alignment"]].agg(["mean", "std"])
    return means.to_string(float_format=lambda value: f"{value:.4f}")
