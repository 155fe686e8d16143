"""The command `selective-firing-compare benchmark`: how fast the circuits are, and what larger ones will take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import Run, write_table

if TYPE_CHECKING:
    from comparisons.studies.speed.ways import Way
    from selective_firing.weights import Weights

__all__ = ["benchmark"]


def benchmark(
    options: Run,
    first: bool = True,
    laws: bool = True,
    check: bool = False,
    peers: bool = False,
) -> None:
    """Time learning and encoding: the circuits, textbook Brian2 scripts, NumPy loops; in one run, as ratios.

    Args:
        options: On which data, and where to write benchmark.csv, first_call.csv, cost_laws.csv, sizes.csv and figures.
        first: Also time the first call, with nothing compiled and with all (compiles three simulators).
        laws: Also measure how the cost grows with hidden units, k and active inputs (compiles five simulators), and
            predict what sizes nobody has run will take.
        check: Also time 16,384 units, four times as many as the laws are fitted to, beside what they predict.
        peers: Also time a layer of the same size in other simulators that are installed here: Nengo, BindsNET.

    Examples:
        selective-firing-compare benchmark --no-first --no-laws --output-dir speed
        selective-firing-compare benchmark --dataset mnist --n-hidden 256 --peers --output-dir speed
    """
    check_count("n_hidden", options.n_hidden)
    check_count("k", options.k, at_most=options.n_hidden)
    from comparisons.studies.speed import figures
    from comparisons.studies.speed.benchmark import benchmark as measure
    from comparisons.studies.speed.first_call import first_call
    from selective_firing.engine.simulator import find_compiler
    from selective_firing.figures.style import save

    data = options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    table = measure(data.X_train, options.n_hidden, options.k, options.target, options.seed, _found if peers else None)
    write_table(folder / "benchmark.csv", table)
    save(figures.benchmark(table), folder / "benchmark")
    print(table.to_string(index=False, float_format=lambda value: f"{value:,.1f}"))
    if first:
        target = options.target if options.target != "auto" else "cpp_standalone" if find_compiler() else "numpy"
        calls = first_call(data.X_train.shape[1], options.n_hidden, options.k, target)
        write_table(folder / "first_call.csv", calls)
        print("\n" + calls.to_string(index=False, float_format=lambda value: f"{value:,.2f}"))
    if laws:
        _laws(options.target, check, folder)


def _found(weights: Weights, seed: int) -> dict[str, Way]:
    """Return the peers that are installed, and say which are not."""
    from comparisons.studies.speed.peers import peers

    found, missing = peers(weights, seed)
    for package, why in missing.items():
        print(f"{package} is not timed: {why}")
    return found


def _laws(target: str, check: bool, folder: Path) -> None:
    """Measure the laws, draw them, and show what they predict."""
    from comparisons.studies.speed import figures
    from comparisons.studies.speed.cost_laws import CHECKED, cost_laws, exponents
    from comparisons.studies.speed.predictions import Law, memory_MB, sizes
    from selective_firing.engine.simulator import find_compiler
    from selective_firing.figures.style import save

    n = 4096 if find_compiler() else 16
    costs = cost_laws(n_presentations=n, codegen=target)
    powers, law = exponents(costs), Law.of(costs)
    write_table(folder / "cost_laws.csv", costs)
    save(figures.cost_laws(costs, powers), folder / "cost_laws")
    print("\n".join(f"time of a presentation ~ {name} ^ {power:.2f}" for name, power in powers.items()))
    print(f"{costs['times_floor'].median():.1f} times the floor (median; {costs['times_floor'].max():.1f} at most)")
    if check:
        for row in cost_laws(CHECKED, n, target).itertuples():
            size = int(row.n_inputs), int(row.n_hidden)
            wanted, room = law.seconds(*size, int(row.k), row.active_inputs), memory_MB(*size)[0]
            print(
                f"{row.n_hidden:,.0f} units: {1e3 * wanted:.2f} ms predicted, {1e3 * row.seconds:.2f} ms measured; "
                f"memory of the simulator: at most {room:.0f} MB predicted, {row.memory_MB:.0f} MB measured"
            )
    fitting = sizes(law)
    write_table(folder / "sizes.csv", fitting)
    print("\nPredicted, with a fifth of the inputs active (fits: 60,000 patterns are encoded within an hour)")
    print(fitting.to_string(index=False, float_format=lambda value: f"{value:,.3g}"))
