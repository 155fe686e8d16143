"""The command line `selective-firing-compare`: each study has a command of its own, listed here."""

from __future__ import annotations

import sys
from collections.abc import Callable

from comparisons.report.command import report
from comparisons.studies.explaining.command import cycles
from comparisons.studies.features.command import features
from comparisons.studies.main_job.command import run
from comparisons.studies.pareto.command import pareto
from comparisons.studies.readout.command import readout
from comparisons.studies.speed.command import benchmark
from comparisons.studies.spiking.command import spiking
from comparisons.studies.swaps.command import swaps
from comparisons.sweep.command import sweep
from selective_firing.cli.command import command

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, Callable[..., None]] = {
    "run": run, "benchmark": benchmark, "sweep": sweep, "spiking": spiking, "cycles": cycles, "swaps": swaps,
    "pareto": pareto, "features": features, "readout": readout, "report": report,
}  # fmt: skip
"""In the order in which the help lists them. A module of a command imports what is heavy when the command runs."""
WORDS = (
    "The k-WTA circuit beside a top-K autoencoder, a dense one, and controls. `run` is the default: its options "
    "are those of `run --help`."
)


def main() -> int:
    """Run the command line; return its exit status."""
    args = sys.argv[1:]
    if not args or args[0] not in (*COMMANDS, "-h", "--help"):
        args = ["run", *args]
    return command(COMMANDS, "selective-firing-compare", WORDS, args)


if __name__ == "__main__":
    sys.exit(main())
