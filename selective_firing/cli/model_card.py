"""The card of a trained model, `model.md`: what it is, what it learned from, how well, and how to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from selective_firing.measures import nmse

if TYPE_CHECKING:
    from selective_firing.autoencoder import KWTAAutoencoder
    from selective_firing.datasets import Dataset
    from selective_firing.results.response import Response

__all__ = ["model_card"]

CARD = """# k-winners-take-all autoencoder: {n_hidden} hidden units, {k} winners, trained on {data}

## What it is

A hidden layer that picks about {k} of its {n_hidden} units for each stimulus by inhibition, simulated in Brian2
({circuit} circuit), with a linear decoder. It learned by local plasticity inside the simulation, without
backpropagation. `model.npz` holds weights, settings and the random stream; reading it executes nothing.

## How to load it

```python
from selective_firing import KWTAAutoencoder

model = KWTAAutoencoder.load("model.npz")
codes = model.transform(X)  # X of shape (n_samples, {n_inputs}); codes of shape (n_samples, {n_hidden})
```

On the command line:

```sh
selective-firing encode --model model.npz --data FILE
selective-firing simulate --model model.npz --data FILE
```

## Data

{n_train:,} patterns of {n_inputs} inputs to learn from, {n_test:,} to test it on.

{data_table}

## How well it does

| measure | value |
|---|---|
| NMSE of the test patterns (0: perfect, 1: no better than the training mean) | {error:.4f} |
| NMSE of the training patterns in the last pass, as they were learned from | {error_train:.4f} |
| active units per test pattern: mean (least to most) | {active:.2f} ({least} to {most}) |
| units that win for no test pattern | {dead} of {n_hidden} |
| units that won for no training pattern in the last pass | {dead_train} of {n_hidden} |
| passes over the training patterns | {n_iter} |

{diagnosis}

## Settings

{settings_table}

## Versions

{versions_table}
"""


def model_card(model: KWTAAutoencoder, response: Response, data: Dataset) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    model : KWTAAutoencoder
        Fitted.
    response : Response
        Its response to the test patterns.
    data : Dataset
        What it learned from, and is tested on.
    """
    settings = dict(response.provenance["model"])
    constants = settings.pop("parameters", None) or {}
    del settings["initial_weights"]  # which are no text
    own = [f"`{name}` = {value!r}" for name, value in constants.items()]
    last, active = {name: values[-1] for name, values in model.history_.items()}, response.n_active
    return CARD.format(
        n_hidden=model.n_hidden, k=model.k, data=data.name, circuit=model.circuit, n_inputs=model.n_features_in_,
        n_train=len(data.X_train), n_test=len(data.X_test), n_iter=model.n_iter_,
        error=nmse(data.X_test, model.inverse_transform(response.code), model.mean_), error_train=last["nmse"],
        active=active.mean(), least=active.min(), most=active.max(), dead_train=last["n_dead"],
        dead=int((~response.winners.any(axis=0)).sum()),
        diagnosis="\n".join(f"- {line}" for line in response.diagnose()) or "Every test pattern was decided.",
        data_table=_table("data", data.provenance),
        settings_table="\n\n".join([_table("setting", settings), f"Constants of the circuit: {', '.join(own)}."]),
        versions_table=_table("package", response.provenance["versions"]),
    )  # fmt: skip


def _table(head: str, content: dict[str, Any]) -> str:
    """Return a Markdown table of names and values; what would end a cell does not."""
    rows = [f"| {head} | value |", "|---|---|"]
    for name, value in content.items():
        words = " ".join(str(value).split()).replace("|", "\\|")
        rows.append(f"| {name} | {words} |")
    return "\n".join(rows)
