"""Less overfitting."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Tables, over
from comparisons.lab.drawing import curves
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.matched import SAME, family_rows, same_error
from comparisons.measuring.readout import read_out
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, NARROW, SOFT, TOPK
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM"]

SIZES = (50, 100, 200, 400, 800)
ENDPOINT_SIZE = 100
HELD_OUT = "held-out error"


def observe(lab: Lab) -> Tables:
    """Return error on training and on other patterns against the number of the former."""
    data, rows = lab.data, []
    for size in (*SIZES, len(data.X_train)):
        for name in (TOPK, CIRCUIT, CYCLES, DENSE, NARROW, *lab.guests):
            changes = {"n_hidden": lab.scene.k} if name == NARROW else {}
            model = lab.fit(DENSE if name == NARROW else name, n_samples=size, **changes)
            rows.append({"model": name, "patterns": size} | _errors(lab, model, size) | _read(lab, model, size))
    families = family_rows(lab, lambda model: _errors(lab, model, ENDPOINT_SIZE), n_samples=ENDPOINT_SIZE)
    few = (families["model"] == SOFT) | (families["size"] <= data.n_inputs / 2)  # nearly all directions: a copy
    return {"Training and test": pd.DataFrame(rows), f"Families at {ENDPOINT_SIZE} patterns": families[few]}


def _errors(lab: Lab, model: Autoencoder, size: int) -> dict[str, float]:
    """Return the errors on the patterns that were learned from, and by how much those on others are above."""
    X, X_val = lab.data.X_train[:size], lab.X_val
    training, test = lab.nmse(model, model.transform(X), X), lab.nmse(model, model.transform(lab.data.X_test))
    held_out = lab.nmse(model, model.transform(X_val), X_val)
    found = {"training error": training, HELD_OUT: held_out, "gap": held_out - training}
    return found | {"test error": test, "gap to test": test - training}


def _read(lab: Lab, model: Autoencoder, size: int) -> dict[str, Any]:
    """Return accuracy of a read-out of these patterns on test patterns, and its gap, where there are labels."""
    data = lab.data
    if data.y_train is None or data.y_test is None:
        return {}
    X, y = data.X_train[:size], data.y_train[:size]
    learned = model.transform(X)
    fitted = read_out(learned, y)
    accuracy = fitted.accuracy(model.transform(data.X_test), data.y_test)
    return {"read-out accuracy": accuracy, "read-out gap": fitted.accuracy(learned, y) - accuracy}


def levels(tables: Tables, name: str, dataset: str = "") -> dict[str, float]:
    """Return the gap of a model, of families that err as much on patterns held out, and of others."""
    table = tables["Training and test"]
    at = table[table["patterns"] == ENDPOINT_SIZE].set_index("model")
    families, error = tables[f"Families at {ENDPOINT_SIZE} patterns"], float(at.loc[name, HELD_OUT])
    same = same_error(families, error, "gap", error=HELD_OUT)
    others = {one: float(at.loc[one, "gap"]) for one in (CIRCUIT, CYCLES, NARROW, DENSE)}
    return {name: float(at.loc[name, "gap"])} | same | others


def draw(tables: Tables) -> dict[str, Figure]:
    """Return the figures."""
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
    claim="k-sparse codes overfit less than others that err as much on new patterns.",
    design="Learning from 50 patterns up to all, in as many presentations each time; gap between the errors on "
    "patterns held out of the same source and on those learned from, at 100, top-K less dense, principal and soft (L1) "
    "codes of the same held-out error, learned from the same 100; dense ones and components of at most half as many "
    "units as inputs. Beside it dense of equal width and of k units, and "
    "the gap to the test patterns, which for patches come from another part of the photographs.",
    endpoint=Endpoint(
        "gap of NMSE (held out less training) at 100 patterns, top-K less a rival of the same held-out error", "NMSE",
        -0.01, "below",
    ),
    data_sets=("digits", "bars", "patches"),
    observe=observe,
    effects=over(levels, SAME.values()),
    invites=True,
    levels=levels,
    level="gap of NMSE",
    draw=draw,
    caveats=(
        "At equal held-out error gaps differ as training errors do: who errs less on what it has seen, and no less on "
        "what it has not, overfits more. The read-out's gap, where there are labels, is another one.",
    ),
)  # fmt: skip
