"""The command line `selective-firing-compare`: the main job, and how fast it is."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import tyro

from selective_firing.checks import check_count, check_output_dir
from selective_firing.options import LearningOptions, RunOptions, command, write_table

__all__ = ["main"]


def run(options: Annotated[LearningOptions, tyro.conf.arg(name="")]) -> None:
    """Train the k-WTA circuit and its rivals, and write the tables and figures that contrast them.

    Args:
        options: What is compared, on which data.
    """
    from comparisons.experiment import Design, compare
    from comparisons.results import summary, write

    design = Design(
        n_hidden=options.n_hidden, k=options.k, n_epochs=options.n_epochs, seed=options.seed,
        learning_rate=options.learning_rate, homeostasis=options.homeostasis, codegen=options.target,
        parameters=options.parameters,
    )  # fmt: skip
    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    start = time.perf_counter()
    found = compare(data, design)
    write(found, folder)
    print(summary(found))
    print(f"\nTables and figures: {folder} ({time.perf_counter() - start:.0f} s)")


def benchmark(options: Annotated[RunOptions, tyro.conf.arg(name="")]) -> None:
    """Time online learning: the circuit, a textbook Brian2 script, NumPy loops; in one run, as ratios.

    Args:
        options: On which data, and where to write benchmark.csv and its figure.
    """
    check_count("n_hidden", options.n_hidden)
    check_count("k", options.k, at_most=options.n_hidden)
    from comparisons import figures
    from comparisons.benchmark import benchmark as measure
    from selective_firing.figures import save

    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    table = measure(data.X_train, options.n_hidden, options.k, options.target, options.seed)
    write_table(folder / "benchmark.csv", table)
    save(figures.benchmark(table), folder / "benchmark")
    print(table.to_string(index=False, float_format=lambda value: f"{value:,.1f}"))


def main() -> int:
    """Run the command line; return its exit status."""
    commands = {"run": run, "benchmark": benchmark}
    args = sys.argv[1:]
    if not args or args[0] not in (*commands, "-h", "--help"):
        args = ["run", *args]
    words = "The k-WTA circuit beside a top-K autoencoder, a dense one, and controls. `run` is the default."
    return command(commands, "selective-firing-compare", words, args)


if __name__ == "__main__":
    sys.exit(main())
