"""What a linear read-out finds in the codes of each model: chosen on held-out training patterns, tested once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import clone

from comparisons.measuring.costs import costs
from comparisons.measuring.encoding import encode
from comparisons.measuring.needed import needed
from comparisons.measuring.readout import HINGE, LOSSES, read_out
from comparisons.rivals.registry import CIRCUIT, DENSE, RANDOM, TIED
from comparisons.studies.main_job.design import Design
from selective_firing.datasets import Dataset
from selective_firing.parameters import RateParameters
from selective_firing.protocol import Autoencoder

__all__ = ["study"]

ALPHAS = (1, 2, 3, 4, 6)
"""How many times k winners are read that is tried."""
CS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Inverse strengths of the penalty that are tried; with the squared hinge a tenth of each."""
FURTHER = 3.0
"""How many times as large the next is that is tried while the largest is the best."""
SPARSE = 0.25
"""Share of numbers other than 0 below which a read-out of the others alone is quicker."""
FIRST, LAST = "first", "last"
"""Decisions that are read of a circuit that explains away; of others there is only the last."""


def study(
    data: Dataset,
    design: Design,
    alphas: Sequence[int] = ALPHAS,
    Cs: Sequence[float] = CS,
    held_out: int = 10_000,
    rivals: bool = True,
) -> pd.DataFrame:
    """Return the test error of a read-out of each model's codes, and of the inputs themselves.

    How many winners are read, alpha k (Makhzani & Frey 2013, section 2.2), by which loss and penalty, is chosen on
    training patterns held out, by a model that has not seen these; then model and read-out learn from all of them, and
    the test patterns are looked at once. A circuit that explains away is read with its k winners, as it learned, and
    with alpha k at its first decision, which is before that: the same choice decides.

    Parameters
    ----------
    data : Dataset
        With labels.
    design : Design
        Its `k_start` counts for the circuit, and for top-K.
    alphas : sequence of int
    Cs : sequence of float
        Inverse strengths of the penalty on logistic regression; the squared hinge is tried with a tenth of each. Larger
        ones are tried while the largest is the best.
    held_out : int
        Training patterns that choose.
    rivals : bool
        Whether others than the circuit are tried, too.

    Returns
    -------
    DataFrame
        One row per model: alpha, decision, loss, C, units read (mean), validation_error, test_error, nmse (of k winners
        at the last decision), and what inference costs at the units read: ATP and joules by every table. The
        validation error is the least of all tries, of which models have different numbers: it is not to be held against
        another model's.
    """
    n_first, rows = len(data.X_train) - held_out, []
    for name, model in design.models(n_first).items():
        if name in (TIED, RANDOM) or not (rivals or name == CIRCUIT):
            continue
        tuned = getattr(model.fit(data.X_train[:n_first]), "best_estimator_", model)
        choice = _chosen(_choices(tuned, alphas if name != DENSE else (1,), design.k), data, Cs, n_first)
        fitted = clone(tuned).fit(data.X_train)
        read = _choices(fitted, (choice.alpha,), design.k)[choice.alpha, choice.decision]
        rows.append({"model": name} | _tested(choice, read, data) | {"nmse": 1.0 - fitted.score(data.X_test)})
    if rivals:
        choice = _chosen({(1, LAST): None}, data, Cs, n_first)
        rows.append({"model": "raw inputs"} | _tested(choice, None, data))
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Choice:
    """What is read of a model, and how, and the error on held-out patterns that it was chosen by."""

    error: float
    alpha: int
    decision: str
    loss: str
    C: float


def _choices(model: Autoencoder, alphas: Sequence[int], k: int) -> dict[tuple[int, str], Autoencoder | None]:
    """Return a fitted model with alpha k winners for each alpha, a circuit at its first decision.

    With that, one that explains away has the last as well, with k. There is no first decision alone where lateral
    weights are of one sign: such a circuit (`dale`) is read at its last, with k winners.
    """
    parameters = getattr(model, "parameters", None)
    if not isinstance(parameters, RateParameters) or not (parameters.is_lateral or parameters.competitions > 1):
        return {(alpha, LAST): _with_k(model, alpha * k) for alpha in alphas}
    found: dict[tuple[int, str], Autoencoder | None] = {(1, LAST): model}
    if parameters.dale == "no":
        alone = copy(model).set_params(parameters=parameters.changed(explain="error", n_cycles=1))
        found |= {(alpha, FIRST): _with_k(alone, alpha * k) for alpha in alphas}
    return found


def _with_k(model: Autoencoder, k: int) -> Autoencoder:
    """Return a copy of a fitted model that keeps k winners, whatever k it began to learn with; a dense one as it is."""
    if not hasattr(model, "k"):
        return model
    learned = {"k_start": None} if hasattr(model, "k_start") else {}
    return copy(model).set_params(k=min(k, len(model.components_)), **learned)


def _chosen(
    choices: Mapping[tuple[int, str], Autoencoder | None], data: Dataset, Cs: Sequence[float], n_first: int
) -> Choice:
    """Return what errs least on the training patterns after the first `n_first`, which the read-out learns from.

    While the weakest penalty is the best for what is read, weaker ones are tried.
    """
    y = needed(data.y_train, "labels")

    def tried(
        read: tuple[int, str], code: np.ndarray | csr_matrix, losses: Sequence[str], Cs: Sequence[float]
    ) -> Iterator[Choice]:
        learned, others = code[:n_first], code[n_first:]
        for loss, C in itertools.product(losses, Cs):
            fitted = read_out(learned, y[:n_first], _strength(C, loss), loss=loss)
            yield Choice(1.0 - fitted.accuracy(others, y[n_first:]), *read, loss, _strength(C, loss))

    def best_of(read: tuple[int, str], model: Autoencoder | None) -> Choice:
        code, weakest = _lean(data.X_train if model is None else model.transform(data.X_train)), max(Cs)
        best = min(tried(read, code, LOSSES, Cs), key=_error)
        while _strength(weakest, best.loss) == best.C:
            weakest *= FURTHER
            best = min(best, *tried(read, code, (best.loss,), (weakest,)), key=_error)
        return best

    return min((best_of(read, model) for read, model in choices.items()), key=_error)


def _strength(C: float, loss: str) -> float:
    """Return the inverse strength of a loss's penalty.

    The curvature of the squared hinge is 2 per pattern and class, that of the logistic loss p (1 - p).
    """
    return C / 10 if loss == HINGE else C


def _error(choice: Choice) -> float:
    return choice.error  # of equals `min` takes the first


def _tested(choice: Choice, model: Autoencoder | None, data: Dataset) -> dict[str, Any]:
    """Return the row of a choice: the test error of a read-out that learned from all training patterns."""
    y_train, y_test = needed(data.y_train, "labels"), needed(data.y_test, "labels")
    train, test, spent = data.X_train, data.X_test, dict[str, float]()
    if model is not None:
        encoding = encode(model, test)
        train, test, spent = model.transform(train), encoding.code, costs(model, encoding, data)
    fitted = read_out(_lean(train), y_train, choice.C, loss=choice.loss)
    return {
        "alpha": choice.alpha, "decision": choice.decision, "loss": choice.loss, "C": choice.C,
        "units read": float((test > 0).sum(axis=1).mean()), "validation_error": choice.error,
        "test_error": 1.0 - fitted.accuracy(_lean(test), y_test),
    } | spent  # fmt: skip


def _lean(code: np.ndarray) -> np.ndarray | csr_matrix:
    """Return codes as a sparse matrix if few of their numbers are other than 0."""
    return csr_matrix(code) if np.count_nonzero(code) < SPARSE * code.size else code
