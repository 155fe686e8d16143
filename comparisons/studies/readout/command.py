"""The command `selective-firing-compare readout`: classes read out of frozen codes."""

from __future__ import annotations

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import Learning, write_table

__all__ = ["readout"]


def readout(options: Learning, held_out: int = 10_000, rivals: bool = True) -> None:
    """Read classes out of frozen codes by a linear classifier: the circuit's, top-K's, dense ones, and of the inputs.

    Args:
        options: Which data (with labels), width and k; --k-start counts for the circuit and top-K.
        held_out: Training patterns that choose how many units are read (k to 6 k), the loss (logistic or squared
            hinge), the penalty, and, of a circuit that explains away, whether the first decision or the last.
        rivals: Also top-K, dense and the inputs.

    Examples:
        selective-firing-compare readout --held-out 300 --output-dir classes
        selective-firing-compare readout --dataset mnist --n-hidden 256 --k 25 --no-rivals --output-dir mnist
    """
    from comparisons.studies.main_job.design import Design
    from comparisons.studies.readout.study import study

    design = Design.from_options(options, options.k)
    data = options.load()
    if data.y_train is None:
        raise ValueError(f"dataset must have labels, got {data.name}.")
    check_count("held_out", held_out, at_most=len(data.X_train) - 1)
    folder = check_output_dir(options.output_dir, options.overwrite)
    table = study(data, design, held_out=held_out, rivals=rivals)
    write_table(folder / "readout.csv", table)
    shown = table[[name for name in table if not name.startswith(("ATP", "neural", "nJ"))]]
    print(shown.to_string(index=False, float_format=lambda value: f"{value:.4f}", na_rep="-"))
    print(f"\nTable: {folder / 'readout.csv'}")
