"""What a linear read-out finds in the codes of each model: chosen on held-out training patterns, tested once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
import pandas as pd

from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import encode
from comparisons.measuring.needed import needed
from comparisons.measuring.readout import read_out
from comparisons.rivals.registry import CIRCUIT, DENSE, RANDOM, TIED
from comparisons.studies.main_job.design import Design
from selective_firing.datasets import Dataset
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Autoencoder

__all__ = ["study"]

ALPHAS = (1, 2, 3, 4, 6)
"""How many times k winners are read that is tried."""
CS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Inverse strengths of the penalty that are tried."""
FIRST, LAST = "first", "last"
"""Decisions that are read of a circuit that explains away; of others there is only the last."""
Choice = tuple[int, str]


def study(
    data: Dataset,
    design: Design,
    alphas: Sequence[int] = ALPHAS,
    Cs: Sequence[float] = CS,
    held_out: int = 10_000,
    rivals: bool = True,
) -> pd.DataFrame:
    """Return the test error of a read-out of each model's codes, and of the inputs themselves.

    How many winners are read, alpha k (Makhzani & Frey 2013, section 2.2), and the penalty are chosen on training
    patterns held out; then the read-out is fitted to all of them, and the test patterns are looked at once. A circuit
    that explains away is read with its k winners, as it learned, and with alpha k at its first decision, which is
    before that: the same choice decides.

    Parameters
    ----------
    data : Dataset
        With labels.
    design : Design
        Its `k_start` counts for the circuit, and for top-K.
    alphas : sequence of int
    Cs : sequence of float
        Inverse strengths of the penalty.
    held_out : int
        Training patterns that choose.
    rivals : bool
        Whether others than the circuit are tried, too.

    Returns
    -------
    DataFrame
        One row per model: alpha, decision, C, units read (mean), validation_error, test_error, nmse (of k winners), and
        what inference costs at the units read: ATP and joules by every table.
    """
    rows = []
    for name, model in design.models(len(data.X_train)).items():
        if name in (TIED, RANDOM) or not (rivals or name == CIRCUIT):
            continue
        fitted = getattr(model.fit(data.X_train), "best_estimator_", model)
        learned = {"nmse": 1.0 - fitted.score(data.X_test)}
        decisions = _decisions(fitted)
        broad = FIRST if FIRST in decisions else LAST
        choices = {
            (alpha, decision): _with_k(kind, min(alpha * design.k, design.n_hidden))
            for decision, kind in decisions.items()
            for alpha in (alphas if decision == broad and name != DENSE else (1,))
        }
        rows.append({"model": name} | _best(choices, data, Cs, held_out) | learned)
    if rivals:
        rows.append({"model": "raw inputs"} | _best({(1, LAST): None}, data, Cs, held_out))
    return pd.DataFrame(rows)


def _decisions(model: Autoencoder) -> dict[str, Autoencoder]:
    """Return a fitted model as it is, and with it a circuit that explains away as it decides before that.

    One that learned without weight transport has no such circuit: with a single competition there is none.
    """
    parameters = getattr(model, "parameters", None)
    if not isinstance(parameters, RateParameters) or parameters.competitions == 1 or not parameters.transport:
        return {LAST: model}
    alone = parameters.changed(explain="error", n_cycles=1)
    return {FIRST: copy(model).set_params(parameters=alone), LAST: model}


def _with_k(model: Autoencoder, k: int) -> Autoencoder:
    """Return a copy of a fitted model that keeps k winners, whatever k it began to learn with; a dense one as it is."""
    if not hasattr(model, "k"):
        return model
    learned = {"k_start": None} if hasattr(model, "k_start") else {}
    return copy(model).set_params(k=k, **learned)


def _best(
    choices: Mapping[Choice, Autoencoder | None], data: Dataset, Cs: Sequence[float], held_out: int
) -> dict[str, Any]:
    """Return the test error of the choice of winners, decision and C that errs least on held-out training patterns."""
    y_train, y_test = needed(data.y_train, "labels"), needed(data.y_test, "labels")

    def tried() -> Iterator[tuple[float, Choice, float, np.ndarray]]:
        """Yield error, choice, C and code of each: `min` holds no codes but the best and the present ones."""
        for choice, model in choices.items():
            code = data.X_train if model is None else model.transform(data.X_train)
            for C in Cs:
                fitted = read_out(code[:-held_out], y_train[:-held_out], C)
                yield 1.0 - fitted.accuracy(code[-held_out:], y_train[-held_out:]), choice, C, code

    error, best, C, train = min(tried(), key=lambda found: found[0])  # of equals the first
    model = choices[best]
    test, spent = data.X_test, dict[str, float]()
    if model is not None:
        encoding = encode(model, data.X_test)
        test, spent = encoding.code, costs(model, encoding, data)
    row: dict[str, Any] = {
        "alpha": best[0],
        "decision": best[1],
        "C": C,
        "units read": float((test > 0).sum(axis=1).mean()),
    }
    row["validation_error"] = error
    row["test_error"] = 1.0 - read_out(train, y_train, C).accuracy(test, y_test)
    return row | spent
