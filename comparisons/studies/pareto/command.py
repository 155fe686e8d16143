"""The command `selective-firing-compare pareto`: the whole picture on one page."""

from __future__ import annotations

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import LearningOfManyK, check_left_alone, write_table

__all__ = ["pareto"]


def pareto(
    options: LearningOfManyK,
    k: tuple[int, ...] = (),
    n_seeds: int = 3,
) -> None:
    """Draw error against active units, and against energy, of circuits, top-K, solvers, dense layers and PCA.

    Args:
        options: Which data, width and passes; the circuits' constants and learning rates are those of the study of
            swaps, and k is varied.
        k: Numbers of winners; 1, 2, 5, 10 and 20 if none is given.
        n_seeds: Repetitions, with the seeds from --seed upwards.

    Examples:
        selective-firing-compare pareto --output-dir pareto
        selective-firing-compare pareto --dataset bars --k 2 4 8 --n-seeds 1 --output-dir bars
    """
    from dataclasses import replace

    import pandas as pd
    from tqdm import tqdm

    from comparisons.studies.main_job.design import Design
    from comparisons.studies.pareto.figures import pareto as draw
    from comparisons.studies.pareto.study import KS, front, study
    from selective_firing.figures.style import save

    own = ("circuit", "parameters", "learning_rate", "homeostasis", "k_start")
    check_left_alone(options, own, "each family has its own")
    check_count("n_seeds", n_seeds)
    numbers = sorted({check_count("k", one, at_most=options.n_hidden) for one in k} or KS)
    design, data = Design.from_options(options, min(numbers)), options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    rows: list[dict] = []
    rates: dict[tuple[str, int], float] = {}
    with tqdm(None, "k", n_seeds * (len(numbers) + 1)) as progress:
        for seed in range(options.seed, options.seed + n_seeds):
            for found in study(data, replace(design, seed=seed), numbers, rates):
                rows += found
                write_table(folder / "pareto.csv", pd.DataFrame(rows))  # what is there already survives Ctrl-C
                progress.update()
    table = pd.DataFrame(rows)
    write_table(folder / "front.csv", front(table))
    save(draw(table), folder / "pareto")
    print(front(table).to_string(index=False, float_format=lambda value: f"{value:.4g}", na_rep="-"))
    print(f"\nTables and figure: {folder}")
