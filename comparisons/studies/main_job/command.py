"""The command `selective-firing-compare run`: the circuit beside its rivals."""

from __future__ import annotations

import time

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import Learning

__all__ = ["run"]


def run(options: Learning, n_seeds: int = 1) -> None:
    """Train the k-WTA circuit and its rivals, and write the tables and figures that contrast them.

    Args:
        options: What is compared, on which data.
        n_seeds: Repetitions of the models of the main figure, which then has intervals; compiled targets only.

    Examples:
        selective-firing-compare run --output-dir results
        selective-firing-compare run --dataset patches --k 5 --loop-delay 1 --output-dir delayed
    """
    from comparisons.studies.main_job.compare import compare
    from comparisons.studies.main_job.design import Design
    from comparisons.studies.main_job.results import summary, write

    check_count("n_seeds", n_seeds)
    design = Design.from_options(options, options.k)
    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    start = time.perf_counter()
    found = compare(data, design, n_seeds=n_seeds)
    write(found, folder)
    print(summary(found))
    print(f"\nTables and figures: {folder} ({time.perf_counter() - start:.0f} s)")
