"""The command `selective-firing-compare report`: every claim put to the test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from selective_firing._checks.arguments import check_choice, check_count
from selective_firing._checks.outputs import check_output_dir

__all__ = ["report"]


def report(
    output_dir: Path = Path("report"),
    quick: bool = False,
    claims: tuple[str, ...] = (),
    data_sets: tuple[str, ...] = ("digits", "bars", "patches", "mnist"),
    n_seeds: int = 10,
    n_seeds_mnist: int = 5,
    seed: int = 100,
    n_jobs: int = 1,
    scheduler: str | None = None,
    data_dir: Path | None = None,
    model: tuple[str, ...] = (),
) -> None:
    """Put every claim about k-sparse coding to the test, and write a report; the same command goes on where it stopped.

    Args:
        output_dir: Directory of report.html, of the tables, and of what is known already.
        quick: Digits and bars, three seeds, a shorter search for each model's settings, no noise: some ten minutes.
        claims: Those to try, beside those already in the report: exactly_k, selective, energy, clearer, localised,
            overfitting, robustness, disentangled, choice_of_k, optimisation, every_data, training_time, price,
            worse_features; all if not given.
        data_sets: On which of digits, bars, patches and mnist.
        n_seeds: Repetitions on all but MNIST.
        n_seeds_mnist: Repetitions on MNIST.
        seed: The first of them; pilots had those from 0 on, and models are tuned with seed 1000.
        n_jobs: Processes that work at once.
        scheduler: Address of a Dask scheduler (tcp://host:port) to run on instead.
        data_dir: Directory of the MNIST files.
        model: Models of yours, each module:factory, that claims compare with the others.

    Examples:
        selective-firing-compare report --quick --n-jobs 2 --output-dir quick
        selective-firing-compare report --claims energy price --output-dir some
    """
    from comparisons.claims import CLAIMS
    from comparisons.lab.lab import FIRST_SEED, TUNING_SEED, Settings
    from comparisons.report.evidence import earlier, gather, publish
    from comparisons.rivals.guest import factory_of

    for name, value in (("n_seeds", n_seeds), ("n_seeds_mnist", n_seeds_mnist)):
        check_count(name, value, at_least=2)
    check_count("seed", seed, at_least=0)
    if seed <= TUNING_SEED < seed + max(n_seeds, n_seeds_mnist):
        raise ValueError(f"seed must leave out {TUNING_SEED}, with which models are tuned, got {seed} and more.")
    for name in data_sets:
        check_choice("data_sets", name, ("digits", "bars", "patches", "mnist"))
    for name in claims:
        check_choice("claims", name, tuple(CLAIMS))
    for name in model:
        factory_of(name)
    folder = check_output_dir(output_dir, resumes="cache")
    wanted: dict[str, Any] = {"data_sets": data_sets, "n_seeds": n_seeds, "n_seeds_mnist": n_seeds_mnist}
    wanted["seed"] = seed
    if quick:
        wanted |= {"data_sets": ("digits", "bars"), "n_seeds": 3, "n_candidates": 4, "n_phases": 1, "n_choices": 1}
        wanted["controls"] = False
    again = f"selective-firing-compare report{' --quick' if quick else ''} --output-dir {output_dir}"
    again += f" --seed {seed}" if seed != FIRST_SEED else ""
    again += f" --model {' '.join(model)}" if model else ""
    settings = Settings(
        folder=folder, data_dir=str(data_dir) if data_dir else None, guests=model, command=again, **wanted
    )
    names = [name for name in CLAIMS if not claims or name in (*claims, *earlier(folder))]
    try:
        evidence = gather(settings, names, n_jobs, scheduler, True)
        print(publish(evidence, settings))
    except KeyboardInterrupt:
        print("\nWhat is finished is kept: the same command goes on from here.", file=sys.stderr)
        raise
