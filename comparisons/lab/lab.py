"""Where claims are tried: one data set and one seed, the contestants fitted once and shared by all claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from joblib import Memory

from comparisons.lab.scenes import CONTROLS, FACTORS, KNOWN, SCENES, load
from comparisons.measuring.data_key import data_key
from comparisons.measuring.readout import ReadOut, read_out
from comparisons.rivals.guest import is_guest, module_of
from comparisons.rivals.registry import CIRCUIT, model_of
from comparisons.rivals.shared.divergence import slowed_until_it_learns
from selective_firing import measures
from selective_firing._code import code_key
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.engine.simulator import find_compiler
from selective_firing.learning.checkpoint import fingerprint
from selective_firing.protocol import Autoencoder

__all__ = ["FIRST_SEED", "TUNING_SEED", "Lab", "Settings", "fit", "fit_key"]

HELD_OUT = 0.2
"""Share of the training patterns that a seed leaves for validation."""
TUNING_SEED = 1000
"""Seed on which everything is tuned; it is none of those that are counted."""
FIRST_SEED = 100
"""Of those that are counted: pilots had those from 0 on."""
OTHER_START = 500
"""Added to the seed for a second start, on the same data."""
N_READ = 5000
"""Training patterns, at most, that a read-out is fitted to."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a run of the evidence is asked for.

    Attributes
    ----------
    folder : Path
        Of what has been fitted and observed, from which a stopped run goes on.
    data_sets : tuple of str
    n_seeds, n_seeds_mnist : int
        Repetitions: seeds of the initial weights, of the order, of what is held out, and, where data are generated,
        of the data.
    seed : int
        The first of them; the others follow.
    n_candidates : int
        Settings that each model's search tries.
    n_phases, n_choices : int
        Seeds, from the first, for which the phase diagram is made, and `choose_k` asked: both are slow.
    controls : bool
        Whether data without sparse structure are looked at, too; not with MNIST alone.
    data_dir : str, optional
        Of the MNIST files.
    guests : tuple of str
        Models of yours on trial, each ``module:factory``; claims that compare models compare them, too.
    command : str
        With which this can be run again.
    """

    folder: Path
    data_sets: tuple[str, ...] = ("digits", "bars", "patches", "mnist")
    n_seeds: int = 10
    n_seeds_mnist: int = 5
    seed: int = FIRST_SEED
    n_candidates: int = 12
    n_phases: int = 3
    n_choices: int = 10
    controls: bool = True
    data_dir: str | None = None
    guests: tuple[str, ...] = ()
    command: str = "selective-firing-compare report"

    def seeds(self, dataset: str) -> range:
        """Return the seeds of a data set.

        Parameters
        ----------
        dataset : str
        """
        return range(self.seed, self.seed + (self.n_seeds_mnist if dataset == "mnist" else self.n_seeds))

    @property
    def extra(self) -> tuple[str, ...]:
        """Bars that depend on each other, and sums of known features, beside bars; as controls, data without either."""
        controls = CONTROLS if self.controls and self.data_sets != ("mnist",) else ()
        return (*((*FACTORS, *KNOWN) if "bars" in self.data_sets else ()), *controls)

    def data_key(self, dataset: str) -> str | None:
        """Return a hash of the files that a data set is read from; "" if it is made.

        Parameters
        ----------
        dataset : str
        """
        return "" if dataset in (*CONTROLS, *FACTORS) else data_key(dataset, self.data_dir)

    @property
    def memory(self) -> Memory:
        """Where what has been computed is kept."""
        return Memory(self.folder / "cache", verbose=0)


def fit_key(name: str) -> str:
    """Return a hash of all code that a contestant's fit depends on.

    Parameters
    ----------
    name : str
        One of `registry.MODELS`, or a guest's.
    """
    model = model_of(name)
    return code_key(__name__, model.kind.__module__, *([module_of(name)] if is_guest(name) else []))


def fit(name: str, given: Mapping[str, Any], X: np.ndarray, facts: Mapping[str, Any], code: str) -> Autoencoder:
    """Return a contestant that has learned from X; `facts` say which X it is, `code` which code.

    Parameters
    ----------
    name : str
        One of `registry.MODELS`, or a guest's.
    given : mapping
        Further arguments of its constructor.
    X : ndarray of shape (n_samples, n_inputs)
    facts : mapping
    code : str
        Of `fit_key`.
    """
    model = model_of(name).kind(**model_of(name).own, **given)
    if isinstance(model, KWTAAutoencoder):
        model.set_params(codegen="cpp_standalone" if find_compiler() else "numpy")
    return model.fit(X)


class Lab:
    """One data set with one seed.

    Parameters
    ----------
    settings : Settings
    dataset : str
    seed : int
    tuned : mapping of str to dict
        What the search found for each model.

    Attributes
    ----------
    scene : Scene
    data : Dataset
        Learned from: `X_train`. Measured on: `X_test`.
    X_val : ndarray
        Held out of the training patterns.
    """

    def __init__(
        self, settings: Settings, dataset: str, seed: int, tuned: Mapping[str, dict[str, Any]] | None = None
    ) -> None:
        self.settings, self.dataset, self.seed, self.tuned = settings, dataset, seed, dict(tuned or {})
        self.scene = SCENES[dataset]
        whole = load(dataset, seed, settings.data_dir)
        order = np.random.default_rng((seed, 1)).permutation(len(whole.X_train))[: self.scene.n_samples]
        n_held_out = round(HELD_OUT * len(order))
        held_out, learned = order[:n_held_out], order[n_held_out:]
        rows = {name: getattr(whole, name) for name in ("X_train", "y_train", "factors_train", "codes_train")}
        kept: dict[str, Any] = {name: None if value is None else value[learned] for name, value in rows.items()}
        self.data = replace(whole, **kept)
        self.X_val = whole.X_train[held_out]
        self._fit = settings.memory.cache(fit, ignore=["X"])
        self._models: dict[str, Autoencoder] = {}
        self._read_outs: dict[int, tuple[Autoencoder, ReadOut]] = {}

    @cached_property
    def _patterns_key(self) -> str:
        """A hash of what is learned from."""
        return fingerprint(self.data.X_train)

    @cached_property
    def rms(self) -> float:
        """Root mean square distance of a training value from its input's mean: the unit of noise."""
        return float(np.sqrt(((self.data.X_train - self.data.X_train.mean(axis=0)) ** 2).mean()))

    @property
    def gain(self) -> float:
        """Hz per unit of amplitude with which the circuit's mean winner fires at 40 Hz: the one gain for all models."""
        return float(cast("KWTAAutoencoder", self.fit(CIRCUIT)).rate_gain_)

    @property
    def guests(self) -> tuple[str, ...]:
        """Models of yours on trial."""
        return self.settings.guests

    @property
    def rng(self) -> np.random.Generator:
        """A new generator of this seed, the same for every claim."""
        return np.random.default_rng((self.seed, 2))

    def fit(self, name: str, n_samples: int | None = None, **changes: Any) -> Autoencoder:
        """Return a contestant fitted with what is tuned for it, but for `changes`; the same object for the same wish.

        Where a model diverges, away from the k or width that its learning rate was tuned for, it learns at half of
        that, a quarter, or an eighth.

        Parameters
        ----------
        name : str
            One of `registry.MODELS`, or a guest's.
        n_samples : int, optional
            Learn from the first so many patterns only, each presented so much more often.
        **changes
            Arguments of its constructor; with a learning rate among them nothing else is tried.

        Raises
        ------
        DivergenceError, FloatingPointError
            If it diverges nevertheless.
        """
        rate = self.tuned.get(name, {}).get("learning_rate")
        if rate is None or "learning_rate" in changes:
            return self._fitted(name, n_samples, changes)
        return slowed_until_it_learns(
            lambda own: self._fitted(name, n_samples, changes | {"learning_rate": own}), rate
        )[0]

    def _fitted(self, name: str, n_samples: int | None, changes: Mapping[str, Any]) -> Autoencoder:
        given: dict[str, Any] = {"n_hidden": self.scene.n_hidden, "k": self.scene.k, "n_epochs": self.scene.n_epochs}
        given |= self.tuned.get(name, {}) | {"random_state": self.seed} | dict(changes)
        X = self.data.X_train
        if n_samples is not None:
            X = X[np.arange(len(X)) % n_samples]
        if "k_start" in given and given["k_start"] is not None:  # tuned at another k or width
            given["k_start"] = min(max(given["k_start"], given["k"]), given["n_hidden"])
        known = model_of(name).kind(**model_of(name).own).get_params()
        given = {key: value for key, value in given.items() if key in known}
        facts = {"dataset": self.dataset, "seed": self.seed, "n": n_samples, "patterns": self._patterns_key}
        wish = repr((name, sorted(given.items(), key=str), n_samples))
        if wish not in self._models:
            self._models[wish] = self._fit(name, given, X, facts, fit_key(name))
        return self._models[wish]

    def alive(self, model: Autoencoder) -> np.ndarray:
        """Return the decoding weights of the units that are active for some training pattern.

        Parameters
        ----------
        model : fitted autoencoder
        """
        return model.components_[(model.transform(self.data.X_train) > 0).any(axis=0)]

    def stability(self, name: str, **changes: Any) -> float:
        """Return how alike the features of two starts are, on the same data; dead units are left out.

        Parameters
        ----------
        name : str
            One of `registry.MODELS`, or a guest's.
        **changes
            As for `fit`.
        """
        starts = (self.seed, self.seed + OTHER_START)
        one, other = (self.alive(self.fit(name, **changes, random_state=start)) for start in starts)
        return measures.feature_stability(one, other)

    def read_out(self, model: Autoencoder) -> ReadOut | None:
        """Return a read-out of a model's codes, fitted to training patterns; None without labels.

        Parameters
        ----------
        model : fitted autoencoder
        """
        if self.data.y_train is None:
            return None
        if id(model) not in self._read_outs:
            fitted = read_out(model.transform(self.data.X_train[:N_READ]), self.data.y_train[:N_READ])
            self._read_outs[id(model)] = model, fitted  # the model is kept, lest another one gets its id
        return self._read_outs[id(model)][1]

    def nmse(self, model: Autoencoder, code: np.ndarray, X: np.ndarray | None = None) -> float:
        """Return the error of a code of the test patterns, or of `X`.

        Parameters
        ----------
        model : fitted autoencoder
        code : ndarray of shape (n_samples, n_hidden)
        X : ndarray of shape (n_samples, n_inputs), optional
        """
        X = self.data.X_test if X is None else X
        return measures.nmse(X, model.inverse_transform(code), model.mean_)
