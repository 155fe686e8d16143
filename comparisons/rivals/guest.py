"""A model of yours among the rivals: whatever learns, encodes and decodes, by a factory that says how it is made."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from selective_firing._checks.arguments import check_count, check_patterns
from selective_firing.learning.k_schedule import MOST_EPOCHS
from selective_firing.protocol import Decoding, patterns_of

__all__ = ["GuestAutoencoder", "factory_of", "is_guest", "module_of"]

WAYS = {"encode": ("transform", "encode"), "decode": ("inverse_transform", "decode")}
"""Names of the methods that a guest may have, the first that it has being used."""


def is_guest(name: str) -> bool:
    """Return whether a name is ``module:factory``, and so none of the registry."""
    return ":" in name


def module_of(name: str) -> str:
    """Return the module of a name ``module:factory``."""
    return name.partition(":")[0]


def factory_of(name: str) -> Callable[..., Any]:
    """Return the factory that ``module:factory`` names; modules in the working directory are found, too.

    Parameters
    ----------
    name : str

    Raises
    ------
    ValueError
        If there is none: no such module, or nothing in it of that name that can be called.
    """
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        factory = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"model must be module:factory, both of which exist, got {name!r}: {error}.") from error
    if not callable(factory):
        raise ValueError(f"model must be module:factory with a factory to call, got {name!r}.")
    return factory


class GuestAutoencoder(Decoding, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Somebody's model, seen as the others are.

    The factory is called with those of `n_hidden`, `k`, `n_epochs` and `random_state` that it takes by name, and
    returns an object with ``transform`` and ``inverse_transform``, as scikit-learn has them, or ``encode`` and
    ``decode``; it learns by ``fit(X)``, if it has that. Codes must not be negative: they stand for rates. Any further
    settings are the factory's; nobody tunes them.

    Parameters
    ----------
    factory : callable
    n_hidden, k, n_epochs : int
        Wishes, which the factory may hear. How many units there are the codes show.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    model_ : object
        What the factory made, after learning.
    components_ : ndarray of shape (n_hidden, n_inputs)
        What one unit of each activity adds to the reconstruction of an empty code; of a decoder that is not linear,
        only that.
    encoder_, bias_ : ndarray
        The same, and 0: `drive` is the overlap with what a unit stands for, as nobody can look into the encoder.
    offset_, mean_ : ndarray of shape (n_inputs,)
        The reconstruction of an empty code; the training mean.
    n_features_in_ : int
    """

    selection = "none"

    def __init__(
        self, factory: Callable[..., Any], n_hidden: int = 128, k: int = 10, *, n_epochs: int = 20,
        random_state: object = None,
    ) -> None:  # fmt: skip
        self.factory = factory
        self.n_hidden = n_hidden
        self.k = k
        self.n_epochs = n_epochs
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: object = None) -> Self:
        """Make the model, and let it learn.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_inputs)
        y : ignored

        Raises
        ------
        TypeError, ValueError
            If X breaks a rule, the model lacks a method, or what it returns is no code, or no pattern.
        """
        given = self.check_parameters()
        X = patterns_of(self, X, reset=True)
        taken = inspect.signature(self.factory).parameters
        anything = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values())
        wishes = {name: value for name, value in given.items() if name != "factory" and (anything or name in taken)}
        model = self.factory(**wishes)
        for names in WAYS.values():
            if not any(callable(getattr(model, name, None)) for name in names):
                raise TypeError(f"model must have {' or '.join(names)}, got {type(model).__name__}.")
        if hasattr(model, "fit"):
            model.fit(X)
        self.model_, self.mean_, self.silent_ = model, X.mean(axis=0), np.zeros(0, int)
        n_hidden = self._encoded(X[:1]).shape[1]
        empty = self._decoded(np.zeros((1, n_hidden)))
        self.components_ = self.encoder_ = self._decoded(np.eye(n_hidden)) - empty
        self.offset_, self.bias_ = empty[0], np.zeros(n_hidden)
        return self

    def check_parameters(self) -> dict[str, Any]:
        """Return the parameters of the constructor, numbers as int; or raise TypeError or ValueError."""
        if not callable(self.factory):
            raise TypeError(f"factory must be callable, got {self.factory!r}.")
        return self.get_params(deep=False) | {
            "n_hidden": check_count("n_hidden", self.n_hidden),
            "k": check_count("k", self.k, at_most=int(self.n_hidden)),
            "n_epochs": check_count("n_epochs", self.n_epochs, at_most=MOST_EPOCHS),
        }

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the codes of the patterns `X`, shape (n_samples, n_hidden)."""
        check_is_fitted(self)
        code = self._encoded(patterns_of(self, X, reset=False))
        code[:, self.silent_] = 0
        return code

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        """Return the patterns that the codes `X` stand for, by the model's own decoder.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_hidden)
        """
        check_is_fitted(self)
        return self._decoded(check_patterns(X, len(self.components_), "code"))

    def lesioned(self, units: np.ndarray) -> Self:
        """Return a copy in which some units say nothing.

        Parameters
        ----------
        units : ndarray of int
        """
        rest = copy(self)
        rest.silent_ = np.asarray(units)
        return rest

    def _encoded(self, X: np.ndarray) -> np.ndarray:
        code = self._told("encode", X)
        if code.min(initial=0.0) < 0:
            raise ValueError(f"code must not be negative, as rates are not, got {code.min():g} of model {self._name}.")
        return code

    def _decoded(self, code: np.ndarray) -> np.ndarray:
        X = self._told("decode", code)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(f"model {self._name} must decode to {self.n_features_in_} inputs, got {X.shape[1]}.")
        return X

    def _told(self, way: str, values: np.ndarray) -> np.ndarray:
        """Return what the model makes of some patterns or codes, as an array of its own."""
        name = next(name for name in WAYS[way] if hasattr(self.model_, name))
        found = np.array(getattr(self.model_, name)(values), dtype=np.float64)
        if found.ndim != 2 or len(found) != len(values) or not np.isfinite(found).all():
            rule = f"return finite numbers of shape ({len(values)}, n)"
            raise ValueError(f"model {self._name} must {rule} from {name}, got shape {found.shape}.")
        return found

    @property
    def _name(self) -> str:
        return type(self.model_).__name__
