"""The command `selective-firing-compare swaps`: explaining away by lateral synapses, with and without free lunches."""

from __future__ import annotations

from selective_firing._checks.arguments import check_choice, check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import Learning, check_left_alone, write_table

__all__ = ["swaps"]


def swaps(
    options: Learning,
    variants: tuple[str, ...] = (),
    n_seeds: int = 1,
    rivals: bool = True,
) -> None:
    """Measure what lateral inhibition among the winners brings and costs, round by round, beside cycles and top-K.

    Args:
        options: Which data, width, k and passes; the circuit's constants and learning rates are those of the variants.
        variants: Names of circuits, as the table shows them; all if none is given.
        n_seeds: Repetitions, with the seeds from --seed upwards.
        rivals: Also fit top-K with k to 3 k winners.

    Examples:
        selective-firing-compare swaps --output-dir swaps
        selective-firing-compare swaps --dataset bars --k 4 --n-seeds 3 --no-rivals --output-dir bars
    """
    from dataclasses import replace

    import pandas as pd
    from tqdm import tqdm

    from comparisons.studies.main_job.design import Design
    from comparisons.studies.swaps.figures import swaps as draw
    from comparisons.studies.swaps.study import TIMES_K, VARIANTS, study, summary
    from selective_firing.figures.style import save

    names = [check_choice("variants", name, tuple(VARIANTS)) for name in variants] or list(VARIANTS)
    check_count("n_seeds", n_seeds)
    check_left_alone(options, ("circuit", "parameters", "learning_rate", "homeostasis"), "each variant has its own")
    design, data = Design.from_options(options, options.k), options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    rows: list[dict] = []
    with tqdm(None, "models", n_seeds * (len(names) + len(TIMES_K) * rivals)) as progress:
        for seed in range(options.seed, options.seed + n_seeds):
            for found in study(data, replace(design, seed=seed), names, rivals):
                rows += found
                write_table(folder / "swaps.csv", pd.DataFrame(rows))  # what is there already survives Ctrl-C
                progress.update()
    table = pd.DataFrame(rows)
    save(draw(table), folder / "swaps")
    print(summary(table).to_string(float_format=lambda value: f"{value:.4g}"))
    print(f"\nTable and figure: {folder}")
