"""Less overfitting."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import curves
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.measuring.readout import read_out
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, NARROW, TOPK

__all__ = ["CLAIM"]

SIZES = (50, 100, 200, 400, 800)
ENDPOINT_SIZE = 100


def observe(lab: Lab) -> Observation:
    """Return error on training and on test patterns against the number of the former.

    Parameters
    ----------
    lab : Lab
    """
    data, rows = lab.data, []
    for size in (*SIZES, len(data.X_train)):
        X, y = data.X_train[:size], None if data.y_train is None else data.y_train[:size]
        for name in (TOPK, CIRCUIT, CYCLES, DENSE, NARROW, *lab.guests):
            changes = {"n_hidden": lab.scene.k} if name == NARROW else {}
            model = lab.fit(DENSE if name == NARROW else name, n_samples=size, **changes)
            learned, new = model.transform(X), model.transform(data.X_test)
            row: dict[str, Any] = {"model": name, "patterns": size, "training error": lab.nmse(model, learned, X)}
            row["test error"] = lab.nmse(model, new)
            row["gap"] = lab.nmse(model, model.transform(lab.X_val), lab.X_val) - row["training error"]
            row["gap to test"] = row["test error"] - row["training error"]
            if y is not None and data.y_test is not None:
                fitted = read_out(learned, y)
                row["read-out accuracy"] = fitted.accuracy(new, data.y_test)
                row["read-out gap"] = fitted.accuracy(learned, y) - row["read-out accuracy"]
            rows.append(row)
    table = pd.DataFrame(rows)
    tables = {"Training and test": table}
    return Observation(effect(tables, TOPK), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str = "") -> float:
    """Return by how much a model's gap is above the dense one's.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    table = tables["Training and test"]
    gap = table[table["patterns"] == ENDPOINT_SIZE].set_index("model")["gap"]
    return float(gap[name] - gap[DENSE])


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figures.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    table = tables["Training and test"]
    words = {
        "patterns": "training patterns",
        "gap": "NMSE, held out less\ntraining",
        "test error": "NMSE on test patterns",
        "read-out accuracy": "read-out accuracy (test)",
    }
    figures = {
        "Gap between held-out and training error against the number of training patterns": curves(
            table, "patterns", "gap", words, log_x=True
        ),
        "Test error against the number of training patterns": curves(
            table, "patterns", "test error", words, log_x=True
        ),
    }
    if "read-out accuracy" in table:
        labelled = table.dropna(subset=["read-out accuracy"])
        figures["Accuracy of a linear read-out against the number of training patterns"] = curves(
            labelled, "patterns", "read-out accuracy", words, log_x=True
        )
    return figures


CLAIM = Claim(
    name="overfitting",
    title="Less overfitting",
    claim="k-sparse codes overfit less than dense ones.",
    design="Learning from 50 patterns up to all, in as many presentations each time; gap between the errors on "
    "patterns held out of the same source and on those learned from, at 100, top-K less dense of equal width. "
    "Beside it a dense model of only k units, and the gap to the test patterns, which for patches come from "
    "another part of the photographs.",
    endpoint=Endpoint("gap of NMSE (held out less training) at 100 patterns, top-K less dense", "NMSE", -0.01, "below"),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effect=effect,
    invites=True,
    draw=draw,
    caveats=(
        "An overcomplete dense autoencoder may copy its input, and then has no gap to speak of: a small gap is no "
        "sign of good features. The read-out's gap tells more, where there are labels.",
    ),
)
