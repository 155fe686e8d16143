"""Which part of learning with cycles earns its place: variants of the rule, each learned by a loop that sorts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from comparisons.studies.main_job.design import Design
from selective_firing import measures, theory
from selective_firing.datasets import Dataset
from selective_firing.learning.pairing import initial_weights, presentation_order
from selective_firing.parameters import BIAS_SCALE
from selective_firing.weights import Weights

__all__ = ["VARIANTS", "Variant", "ablations", "learn"]

SLOWEST, FASTEST = 5.0, 0.02
"""Bounds of a unit's running mean squared rate, relative to the power that all would share equally."""


@dataclass(frozen=True)
class Variant:
    """One way of learning; the defaults are the circuit's.

    Attributes
    ----------
    lessons : tuple of float
        Shares of learning at the first decision, at each of those between, and at the last.
    echo : bool
        Whether the fed-back error times the input is part of the first lesson, beside rate times error.
    homeostasis : float
    anneals : bool
        Whether the learning rate falls linearly to 0.
    momentum : float
        Of an eligibility trace at each synapse, which decays when its unit wins.
    unit_rates : bool
        Whether each unit divides its learning rate by its own running mean of squared rates (metaplasticity).
    unit_norm, non_negative : bool
        Constraints on the weights.
    pairs : {"tied", "aligning", "apart"}
        Encoding and decoding weights: one and the same; from different starts with both lessons to both (Kolen &
        Pollack 1994); from different starts, each learning its own half.
    decay : float
        Share of its weight that a winner's synapse loses at each lesson, at learning rate 1.
    """

    lessons: tuple[float, float, float] = (0.25, 0.0, 0.75)
    echo: bool = True
    homeostasis: float = 1e-4
    anneals: bool = True
    momentum: float = 0.0
    unit_rates: bool = False
    unit_norm: bool = False
    non_negative: bool = False
    pairs: str = "tied"
    decay: float = 0.0


AS_IT_IS = Variant()
VARIANTS = {
    "as it is": AS_IT_IS,
    "without homeostasis": replace(AS_IT_IS, homeostasis=0.0),
    "without annealing": replace(AS_IT_IS, anneals=False),
    "rate times error alone": replace(AS_IT_IS, echo=False),
    "first decision only": replace(AS_IT_IS, lessons=(1.0, 0.0, 0.0)),
    "last decision only": replace(AS_IT_IS, lessons=(0.0, 0.0, 1.0)),
    "also the decisions between": replace(AS_IT_IS, lessons=(0.25, 0.25, 0.25)),
    "eligibility trace 0.9": replace(AS_IT_IS, momentum=0.9),
    "a learning rate of each unit's own": replace(AS_IT_IS, unit_rates=True),
    "weights of norm 1": replace(AS_IT_IS, unit_norm=True),
    "non-negative weights": replace(AS_IT_IS, non_negative=True),
    "two starts, aligning": replace(AS_IT_IS, pairs="aligning", decay=1e-3),
    "two starts, aligning, no decay": replace(AS_IT_IS, pairs="aligning"),
    "two starts, apart": replace(AS_IT_IS, pairs="apart"),
}


class _Learner:
    """Weights, and the state of a synapse or unit that a variant adds."""

    def __init__(self, variant: Variant, n_hidden: int, n_inputs: int, power: float, rng: np.random.Generator) -> None:
        self.variant, self.power = variant, power
        self.w_in = initial_weights(n_hidden, n_inputs, rng)
        self.w_out = self.w_in if variant.pairs == "tied" else initial_weights(n_hidden, n_inputs, rng)
        self.bias = np.zeros(n_hidden)
        self.traces = {id(w): np.zeros_like(w) for w in (self.w_in, self.w_out)}
        self.squares = np.full(n_hidden, power / n_hidden)

    def present(self, x: np.ndarray, k: int, n_cycles: int, feedback: float, rate: float) -> np.ndarray:
        """Present one centred pattern: compete, learn, explain away; return the last winners."""
        drive, share, last = self.w_in @ x + self.bias, feedback, np.inf
        first, between, final = self.variant.lessons
        for cycle in range(n_cycles):
            winners = drive.argpartition(-k)[-k:]
            winners = winners[drive[winners] > 0]
            rates, rows = drive[winners], self.w_out[winners]
            error = x - rates @ rows
            squared, delta = float(error @ error), rows @ error
            swing = delta @ rows
            gain = (delta @ delta) / max(float(swing @ swing), 1e-300)
            share, last = share / 2 if squared > last * (1 + 1e-9) else share, squared
            lesson = first if cycle == 0 else final if cycle == n_cycles - 1 else between
            if lesson > 0 and rate > 0:
                self._learn(winners, rates, error, delta * (cycle == 0 and self.variant.echo), x, rate * lesson)
            drive = share * gain * (self.w_in @ error)
            drive[winners] += rates
        return winners

    def _learn(
        self, winners: np.ndarray, rates: np.ndarray, error: np.ndarray, delta: np.ndarray, x: np.ndarray, rate: float
    ) -> None:
        step = np.full(winners.size, rate / max(self.power, float(x @ x)))
        if self.variant.unit_rates:
            self.squares *= 1 - 1e-4
            self.squares[winners] += 1e-4 * rates**2
            step = rate / np.clip(self.squares[winners] * self.squares.size, FASTEST * self.power, SLOWEST * self.power)
        hebb, echo = np.outer(step * rates, error), np.outer(step * delta, x)
        if self.variant.pairs == "tied":
            changes = [(self.w_in, hebb + echo)]
        elif self.variant.pairs == "aligning":
            changes = [(self.w_in, hebb + echo), (self.w_out, hebb + echo)]
        else:
            changes = [(self.w_in, echo), (self.w_out, hebb)]
        for w, change in changes:
            self._change(w, winners, change, 1 - self.variant.decay * rate)
        self.bias[winners] += step * BIAS_SCALE * self.power * delta

    def _change(self, w: np.ndarray, winners: np.ndarray, change: np.ndarray, kept: float) -> None:
        if self.variant.momentum > 0:
            trace = self.traces[id(w)]
            trace[winners] = self.variant.momentum * trace[winners] + (1 - self.variant.momentum) * change
            change = trace[winners]
        rows = kept * w[winners] + change
        if self.variant.non_negative:
            rows = np.maximum(rows, 0.0)
        if self.variant.unit_norm:
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        w[winners] = rows


def learn(
    X: np.ndarray,
    variant: Variant,
    *,
    n_hidden: int,
    k: int,
    n_cycles: int,
    n_epochs: int,
    learning_rate: float = 1.0,
    feedback: float = 0.7,
    seed: int = 0,
) -> tuple[Weights, np.ndarray]:
    """Return weights learned by a variant, and the share of the last pass that each unit won.

    With the default variant, the same weights that the circuit learns with the same seed.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    variant : Variant
    n_hidden, k, n_cycles, n_epochs, seed : int
    learning_rate, feedback : float
    """
    rng, mean = np.random.default_rng(seed), X.mean(axis=0)
    centred = X - mean
    power = float((centred**2).sum(axis=1).mean())
    learner = _Learner(variant, n_hidden, X.shape[1], power, rng)
    adapt, total, shown = variant.homeostasis * np.sqrt(BIAS_SCALE * power), n_epochs * len(X), 0
    with np.errstate(over="ignore", invalid="ignore"):  # a variant that diverges says so by its error
        for _ in range(n_epochs):
            wins = np.zeros(n_hidden)
            for x in centred[presentation_order(len(X), rng)]:
                rate = learning_rate * (1 - shown / total if variant.anneals else 1.0)
                winners = learner.present(x, k, n_cycles, feedback, rate)
                wins[winners] += 1
                learner.bias += adapt * k / n_hidden
                learner.bias[winners] -= adapt
                shown += 1
    return Weights(learner.w_in, learner.w_out, learner.bias, mean, power), wins / len(X)


def ablations(
    data: Dataset, design: Design, n_cycles: int = 4, seeds: Sequence[int] = (0, 1, 2), progress: bool = True
) -> pd.DataFrame:
    """Return one row per variant and seed: variant, seed, nmse, alive_fraction, alignment of both matrices (cosine).

    Parameters
    ----------
    data : Dataset
    design : Design
    n_cycles : int
    seeds : sequence of int
    progress : bool
    """
    rows, n_hidden = [], design.n_hidden
    common: dict[str, Any] = {
        "n_hidden": n_hidden, "k": design.k, "n_epochs": design.n_epochs, "learning_rate": design.learning_rate,
    }  # fmt: skip
    todo = [(name, variant, seed) for name, variant in VARIANTS.items() for seed in seeds]
    for name, variant, seed in tqdm(todo, desc="ablations", disable=not progress, leave=False):
        weights, duty = learn(data.X_train, variant, **common, n_cycles=n_cycles, seed=seed)
        row = {"variant": name, "seed": seed, "nmse": np.nan, "alive_fraction": float((duty > 0).mean())}
        if np.isfinite(weights.w_out).all():
            code = theory.explain_away(weights, data.X_test, design.k, n_cycles)[-1]
            row["nmse"] = measures.nmse(data.X_test, code @ weights.w_out + weights.mean, weights.mean)
        lengths = np.linalg.norm(weights.w_in, axis=1) * np.linalg.norm(weights.w_out, axis=1)
        row["alignment"] = float(((weights.w_in * weights.w_out).sum(axis=1) / lengths).mean())
        rows.append(row)
    return pd.DataFrame(rows)
