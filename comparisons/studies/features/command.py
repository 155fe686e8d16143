"""The command `selective-firing-compare features`: does the better code find the true features?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from selective_firing._checks.arguments import check_choice, check_count
from selective_firing._checks.outputs import check_output_dir

__all__ = ["features"]


def features(
    output_dir: Path = Path("features"),
    data_sets: tuple[str, ...] = (),
    models: tuple[str, ...] = (),
    n_seeds: int = 3,
    seed: int = 0,
    n_epochs: int = 10,
    n_hidden: int | None = None,
    k: int | None = None,
    target: Literal["auto", "cpp_standalone", "cython", "numpy"] = "auto",
    overwrite: bool = False,
) -> None:
    """Ask of circuits and rivals, on patterns made of known features, who reconstructs, and who finds the features.

    Args:
        output_dir: Directory for tables and figures; it must be new or empty.
        data_sets: Of features, features-correlated, features-hierarchical, features-noisy, features-superposed,
            features-crowded and bars; all if none is given.
        models: As the table names them; all if none is given.
        n_seeds: Repetitions, with the seeds from --seed upwards: of features, patterns, initial weights and order.
        seed: The first of them, which also chooses the learning rates of backpropagation.
        n_epochs: Times that all patterns are presented.
        n_hidden: Number of hidden units; as many as features, at most 64, if not given.
        k: Number of winners; the number of active features if not given.
        target: Of Brian2: auto compiles when that pays and there is a compiler.
        overwrite: Write into the directory even if it holds an earlier run.

    Examples:
        selective-firing-compare features --output-dir features
        selective-firing-compare features --data-sets bars --n-seeds 1 --output-dir bars
    """
    import pandas as pd
    from tqdm import tqdm

    from comparisons.studies.features import figures
    from comparisons.studies.features.study import MODELS, SETS, agreement, load, scene, study, summary
    from comparisons.studies.main_job.design import Design
    from selective_firing.cli.options import write_table
    from selective_firing.figures.style import save

    names = [check_choice("models", name, MODELS) for name in models] or list(MODELS)
    sets = [check_choice("data_sets", name, tuple(SETS)) for name in data_sets] or list(SETS)
    check_count("n_seeds", n_seeds)
    given: dict[str, Any] = {"n_epochs": n_epochs, "codegen": target}
    Design(
        n_hidden=n_hidden or 64, k=k or 1, seed=seed, **given
    )  # what breaks a rule does so before anything is learned
    folder = check_output_dir(output_dir, overwrite)
    rows: list[dict] = []
    with tqdm(None, "models", n_seeds * len(sets) * len(names)) as progress:
        for name in sets:
            rates: dict[str, float] = {}
            for one in range(seed, seed + n_seeds):
                data = load(name, one)
                width, winners = scene(data, n_hidden, k)
                design = Design(n_hidden=width, k=winners, seed=one, **given)
                for row in study(data, design, rates, names):
                    rows.append(row)
                    progress.update()
                write_table(folder / "features.csv", pd.DataFrame(rows))  # what is there already survives Ctrl-C
    table = pd.DataFrame(rows)
    for measure in figures.SHOWN:
        save(figures.against_error(table, measure), folder / measure)
    words: dict[str, Any] = {"float_format": lambda value: f"{value:.3f}", "na_rep": "-"}
    print(summary(table).to_string(**words))
    print("\nRank correlation of low error with what is found, over models:")
    print(agreement(table).to_string(index=False, **words))
    print(f"\nTables and figures: {folder}")
