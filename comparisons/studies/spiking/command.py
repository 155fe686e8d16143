"""The command `selective-firing-compare spiking`: what becomes of "k" when cells spike."""

from __future__ import annotations

from pathlib import Path

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import Learning, write_table

__all__ = ["spiking"]


def spiking(options: Learning, model: Path | None = None, n_stimuli: int = 1000) -> None:
    """Measure what becomes of "k" when cells spike: against delay, noise, dt, k; E%-max; time to settle.

    Args:
        options: Which data, width and k; the rate circuit learns the weights.
        model: File of a trained model whose weights are used instead.
        n_stimuli: Test stimuli for each condition.

    Examples:
        selective-firing-compare spiking --output-dir laws
        selective-firing-compare spiking --model model/model.npz --n-stimuli 200 --output-dir of_a_model
    """
    from comparisons.studies.spiking import figures as spiking_figures
    from comparisons.studies.spiking import laws as spiking_laws
    from selective_firing.autoencoder import KWTAAutoencoder
    from selective_firing.figures.style import save
    from selective_firing.parameters import RateParameters, SpikingParameters

    given = options.parameters if options.circuit == "spiking" else None
    base = given if isinstance(given, SpikingParameters) else SpikingParameters()
    data = options.load()
    check_count("n_stimuli", n_stimuli)
    folder = check_output_dir(options.output_dir, options.overwrite)
    if model:
        fitted = KWTAAutoencoder.load(model)
    else:
        fitted = KWTAAutoencoder(
            options.n_hidden, options.k, learning_rate=options.learning_rate, n_epochs=options.n_epochs,
            parameters=RateParameters(), codegen=options.target, random_state=options.seed, verbose=1,
        ).fit(data.X_train)  # fmt: skip
    X = data.X_test[:n_stimuli]
    for name, table, figure in spiking_laws.all_laws(fitted.weights_, X, fitted.k, base, options.target, options.seed):
        write_table(folder / f"{name}.csv", table)
        if figure:
            save(getattr(spiking_figures, figure)(table), folder / name)
        print(f"\n{name}\n{table.to_string(index=False, float_format=lambda value: f'{value:.4g}')}")
    print(f"\nTables and figures: {folder}")
