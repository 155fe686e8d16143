"""The command `simulate`: a few presentations over time, by a circuit that learns first or by a trained one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import Learning, LearningOptions, write_json, write_table
from selective_firing.parameters import SpikingParameters

if TYPE_CHECKING:
    import numpy as np

    from selective_firing.autoencoder import KWTAAutoencoder

__all__ = ["new_model", "simulate"]

OF_A_MODEL = ("n_hidden", "k", "n_epochs", "learning_rate", "homeostasis", "k_start", "circuit")
"""Settings that a trained model has already, beside its constants."""


def new_model(options: LearningOptions) -> KWTAAutoencoder:
    """Return the estimator that was asked for, checked, not yet fitted.

    Parameters
    ----------
    options : LearningOptions
    """
    from selective_firing.autoencoder import KWTAAutoencoder

    model = KWTAAutoencoder(
        options.n_hidden, options.k, learning_rate=options.learning_rate, n_epochs=options.n_epochs,
        homeostasis=options.homeostasis, k_start=options.k_start, circuit=options.circuit,
        parameters=options.parameters, codegen=options.target, random_state=options.seed, verbose=1,
    )  # fmt: skip
    model.check_parameters()
    return model


def simulate(options: Learning, model: Path | None = None, n_stimuli: int = 3) -> None:
    """Show a few presentations over time: membranes, inhibition, number of active units.

    The circuit learns first; with --model it is a trained one, and nothing is learned anew.

    Args:
        options: What is simulated.
        model: File that train wrote; then what was learned, and how, must be left out.
        n_stimuli: Number of test stimuli to show.

    Examples:
        selective-firing simulate --n-cycles 4 --output-dir four_cycles
        selective-firing simulate --model model/model.npz --data mine.csv --n-stimuli 5 --output-dir traces
    """
    from selective_firing import figures
    from selective_firing.engine.request import parameters_of

    fitted = new_model(options) if model is None else _trained(model, options)
    data = options.load()
    check_count("n_stimuli", n_stimuli, at_most=len(data.X_test))
    folder = check_output_dir(options.output_dir, options.overwrite)
    if model is None:
        fitted.fit(data.X_train)
    response = fitted.simulate(data.X_test[:n_stimuli], traces=range(n_stimuli))
    constants = parameters_of(fitted.circuit, fitted.parameters)
    if isinstance(constants, SpikingParameters):
        decoded = _both_readouts(fitted, constants, data.X_test[:10])
        figures.save(figures.reconstructions(data.X_test[:10], decoded, data.image_shape), folder / "reconstructions")
        figures.save(figures.n_active_histogram(fitted.simulate(data.X_test[:200])), folder / "n_active")
    for shown in response.traces:
        figures.save(figures.presentation(shown), folder / f"presentation_{shown.stimulus}")
    write_table(folder / "stimuli.csv", response.to_frame())
    write_json(folder / "provenance.json", response.provenance | {"data": data.provenance})
    print(response.to_frame()[["n_active", "settled", "settling_time_ms", "n_recruited"]].to_string())
    print("\n".join(response.diagnose()) or "Every stimulus was decided.")
    print(f"Figures and tables: {folder}")


def _trained(path: Path, options: LearningOptions) -> KWTAAutoencoder:
    """Return a trained model; what it has already, learned or chosen, is not to be asked for again."""
    from selective_firing.autoencoder import KWTAAutoencoder

    for name in (*OF_A_MODEL, *options.constants):
        if name in options.given:
            raise ValueError(f"{name} must be left out with --model: {path} has its own, and nothing is learned anew.")
    model = KWTAAutoencoder.load(path)
    return model.set_params(codegen=options.target) if "target" in options.given else model


def _both_readouts(model: KWTAAutoencoder, parameters: SpikingParameters, X: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a spiking model makes of X when rates are read from latencies, and from spike counts."""
    decoded = {}
    for words, readout in (("from latencies", "latency"), ("from counts", "count")):
        other = copy.copy(model)
        other.parameters = parameters.changed(readout=readout)
        decoded[words] = other.inverse_transform(other.transform(X))
    return decoded
