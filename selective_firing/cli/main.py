"""The command line `selective-firing`: simulate a few stimuli, train a model, encode with it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import tyro

from selective_firing._checks.outputs import check_output_dir
from selective_firing._files.archives import write_text
from selective_firing.cli.command import command
from selective_firing.cli.model_card import model_card
from selective_firing.cli.options import Circuit, DataOptions, Learning, write_json, write_table
from selective_firing.cli.simulate import new_model, simulate

__all__ = ["COMMANDS", "main"]

DATA = DataOptions()
"""What is encoded if nothing else is said."""


def train(options: Learning, checkpoint: Path | None = None) -> None:
    """Learn from a data set by local plasticity in the circuit, and write the model, with a card that describes it.

    Args:
        options: What is learned, and how.
        checkpoint: File that keeps the state of learning; the same command goes on from there after a break.

    Examples:
        selective-firing train --n-hidden 256 --k 20 --output-dir model
        selective-firing train --data mine.csv --label-column class --checkpoint mine.fit.npz --output-dir mine
    """
    from selective_firing import figures
    from selective_firing.measures import nmse

    model, data = new_model(options), options.load()
    folder = check_output_dir(options.output_dir, options.overwrite)
    model.fit(data.X_train, checkpoint=checkpoint)
    model.save(folder / "model.npz")
    response = model.simulate(data.X_test)
    figures.save(
        figures.receptive_fields(model.components_, data.image_shape, dead=~response.winners.any(axis=0)),
        folder / "receptive_fields",
    )
    write_json(folder / "provenance.json", response.provenance | {"data": data.provenance})
    write_text(folder / "model.md", model_card(model, response, data))
    error = nmse(data.X_test, model.inverse_transform(response.code), model.mean_)
    print(f"test NMSE {error:.4f}, {response.winners.any(axis=0).mean():.1%} of units alive")
    print("\n".join(response.diagnose()))
    print(f"Model: {folder / 'model.npz'}, described in {folder / 'model.md'}")


def encode(
    model: Path,
    data: tyro.conf.OmitArgPrefixes[DataOptions] = DATA,
    output_dir: Path = Path("codes"),
    overwrite: bool = False,
    seed: int = 0,
    n_jobs: int = 1,
) -> None:
    """Encode a data set's test patterns with a trained model.

    Args:
        model: The file that train wrote.
        data: Which patterns.
        output_dir: Directory for response.npz and stimuli.csv.
        overwrite: Write into the directory even if it holds an earlier run.
        seed: Seed of the data set.
        n_jobs: Simulators that run at the same time; -1 for one on each core. The codes are the same.

    Examples:
        selective-firing encode --model model/model.npz --output-dir codes
        selective-firing encode --model model/model.npz --data mine.npy --n-jobs -1 --output-dir mine
    """
    from selective_firing.autoencoder import KWTAAutoencoder

    fitted = KWTAAutoencoder.load(model).set_params(n_jobs=n_jobs)
    fitted.check_parameters()
    shown = data.load(seed).X_test
    folder = check_output_dir(output_dir, overwrite)
    response = fitted.simulate(shown)
    response.save(folder / "response.npz")
    write_table(folder / "stimuli.csv", response.to_frame())
    print(f"{response.n_samples} stimuli, {response.n_active.mean():.2f} active units each: {folder / 'response.npz'}")
    print("\n".join(response.diagnose()))


def equations(options: Circuit) -> None:
    """Print a circuit as Brian2 gets it: equations, events, synapses, a time step in its order, constants.

    Args:
        options: Which circuit, with which constants.

    Examples:
        selective-firing equations --n-cycles 4
        selective-firing equations --circuit spiking --inhibition-delay 1
    """
    from selective_firing.engine.describe import describe

    print(describe(options.parameters))


def cache(clear: bool = False) -> None:
    """Show the compiled simulators that are kept for later runs.

    Args:
        clear: Remove them all.

    Examples:
        selective-firing cache
        selective-firing cache --clear
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


COMMANDS: dict[str, Callable[..., None]] = {
    "simulate": simulate, "train": train, "encode": encode, "equations": equations, "cache": cache,
}  # fmt: skip
"""In the order in which the help lists them."""


def main() -> int:
    """Run the command line; return its exit status."""
    return command(COMMANDS, "selective-firing", "A k-winners-take-all autoencoder simulated in Brian2.", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
