"""The command line `selective-firing`: simulate a few stimuli, train a model, encode with it."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from selective_firing._checks.arguments import check_count
from selective_firing._checks.outputs import check_output_dir
from selective_firing.cli.options import CircuitOptions, LearningOptions, command, file_options, write_json, write_table
from selective_firing.parameters import SpikingParameters

if TYPE_CHECKING:
    import numpy as np

    from selective_firing.autoencoder import KWTAAutoencoder

__all__ = ["main"]


def _model(options: LearningOptions) -> KWTAAutoencoder:
    """Return the estimator that was asked for, checked, not yet fitted."""
    from selective_firing.autoencoder import KWTAAutoencoder

    model = KWTAAutoencoder(
        options.n_hidden, options.k, learning_rate=options.learning_rate, n_epochs=options.n_epochs,
        homeostasis=options.homeostasis, k_start=options.k_start, circuit=options.circuit,
        parameters=options.parameters, codegen=options.target, random_state=options.seed, verbose=1,
    )  # fmt: skip
    model.check_parameters()
    return model


def simulate(options: Annotated[LearningOptions, tyro.conf.arg(name="")], n_stimuli: int = 3) -> None:
    """Learn, then show a few presentations over time: membranes, inhibition, number of active units.

    Args:
        options: What is simulated.
        n_stimuli: Number of test stimuli to show.
    """
    from selective_firing import figures

    model, data = _model(options), options.load()
    check_count("n_stimuli", n_stimuli, at_most=len(data.X_test))
    folder = check_output_dir(options.output_dir, options.overwrite)
    model.fit(data.X_train)
    response = model.simulate(data.X_test[:n_stimuli], traces=range(n_stimuli))
    if isinstance(options.parameters, SpikingParameters):
        decoded = _both_readouts(model, options.parameters, data.X_test[:10])
        figures.save(figures.reconstructions(data.X_test[:10], decoded, data.image_shape), folder / "reconstructions")
        figures.save(figures.n_active_histogram(model.simulate(data.X_test[:200])), folder / "n_active")
    for shown in response.traces:
        figures.save(figures.presentation(shown), folder / f"presentation_{shown.stimulus}")
    write_table(folder / "stimuli.csv", response.to_frame())
    write_json(folder / "provenance.json", response.provenance | {"data": data.provenance})
    print(response.to_frame()[["n_active", "settled", "settling_time_ms", "n_recruited"]].to_string())
    print("\n".join(response.diagnose()) or "Every stimulus was decided.")
    print(f"Figures and tables: {folder}")


def _both_readouts(model: KWTAAutoencoder, parameters: SpikingParameters, X: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a spiking model makes of X when rates are read from latencies, and from spike counts."""
    decoded = {}
    for words, readout in (("from latencies", "latency"), ("from counts", "count")):
        other = copy.copy(model)
        other.parameters = parameters.changed(readout=readout)
        decoded[words] = other.inverse_transform(other.transform(X))
    return decoded


def train(options: Annotated[LearningOptions, tyro.conf.arg(name="")], checkpoint: Path | None = None) -> None:
    """Learn from a data set by local plasticity in the circuit, and write the model.

    Args:
        options: What is learned, and how.
        checkpoint: File that keeps the state of learning; the same command goes on from there after a break.
    """
    from selective_firing import figures
    from selective_firing.measures import nmse

    model, data = _model(options), options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    model.fit(data.X_train, checkpoint=checkpoint)
    model.save(folder / "model.npz")
    response = model.simulate(data.X_test)
    figures.save(
        figures.receptive_fields(model.components_, data.image_shape, dead=~response.winners.any(axis=0)),
        folder / "receptive_fields",
    )
    write_json(folder / "provenance.json", response.provenance | {"data": data.provenance})
    error = nmse(data.X_test, model.inverse_transform(response.code), model.mean_)
    print(f"test NMSE {error:.4f}, {response.winners.any(axis=0).mean():.1%} of units alive")
    print("\n".join(response.diagnose()))
    print(f"Model: {folder / 'model.npz'}")


def encode(
    model: Path,
    dataset: str = "digits",
    data_dir: Path | None = None,
    label_column: str | None = None,
    index_column: str | None = None,
    image_shape: str | None = None,
    output_dir: Path = Path("codes"),
    overwrite: bool = False,
    seed: int = 0,
    n_jobs: int = 1,
) -> None:
    """Encode a data set's test patterns with a trained model.

    Args:
        model: The file that train wrote.
        dataset: digits, patches, bars, mnist, features, or a file of your own.
        data_dir: Directory of the MNIST files.
        label_column: Column of a .csv that holds the class labels, by name or position.
        index_column: Column of a .csv that numbers or names its rows, and is no input.
        image_shape: Height and width if the rows of a file are images, as in 12x9.
        output_dir: Directory for response.npz and stimuli.csv.
        overwrite: Write into the directory even if it holds an earlier run.
        seed: Seed of the data set.
        n_jobs: Simulators that run at the same time; -1 for one on each core. The codes are the same.
    """
    from selective_firing import datasets
    from selective_firing.autoencoder import KWTAAutoencoder

    fitted = KWTAAutoencoder.load(model).set_params(n_jobs=n_jobs)
    fitted.check_parameters()
    data = datasets.from_name(dataset, data_dir, seed, label_column, **file_options(index_column, image_shape))
    folder = check_output_dir(output_dir, overwrite)
    response = fitted.simulate(data.X_test)
    response.save(folder / "response.npz")
    write_table(folder / "stimuli.csv", response.to_frame())
    print(f"{response.n_samples} stimuli, {response.n_active.mean():.2f} active units each: {folder / 'response.npz'}")
    print("\n".join(response.diagnose()))


def equations(options: Annotated[CircuitOptions, tyro.conf.arg(name="")]) -> None:
    """Print a circuit as Brian2 gets it: equations, events, synapses, a time step in its order, constants.

    Args:
        options: Which circuit, with which constants.
    """
    from selective_firing.engine.describe import describe

    print(describe(options.parameters))


def cache(clear: bool = False) -> None:
    """Show the compiled simulators that are kept for later runs.

    Args:
        clear: Remove them all.
    """
    from selective_firing.engine import cache as kept

    for entry in kept.entries():
        shape, used = entry.shape, time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used_s))
        noise = ", noisy" if shape.get("noisy") else ""
        size = f"{shape.get('n_inputs')} inputs, {shape.get('n_hidden')} hidden, dt {shape.get('dt')} ms{noise}"
        print(f"{used}  {entry.n_bytes / 1e6:6.1f} MB  {size}")
    for path in kept.left_over():
        print(f"damaged, or being built: {path.name}")
    print(f"In {kept.cache_dir()}, at most {kept.LARGEST_CACHE / 1e6:.0f} MB.")
    if clear:
        print(f"Removed: {kept.clear() / 1e6:.1f} MB.")


def main() -> int:
    """Run the command line; return its exit status."""
    commands: dict[str, Callable[..., None]] = {
        "simulate": simulate, "train": train, "encode": encode, "equations": equations, "cache": cache,
    }  # fmt: skip
    return command(commands, "selective-firing", "A k-winners-take-all autoencoder simulated in Brian2.", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
