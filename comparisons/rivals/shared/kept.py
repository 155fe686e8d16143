"""A fitted rival as a file: an .npz of plain arrays with a JSON header. Reading one executes nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from comparisons.rivals.optimizer import Adam
from selective_firing._checks.arguments import is_integer
from selective_firing._files.archives import check_arrays, plain, read_archive, write_archive
from selective_firing._random import generator_of, state_of
from selective_firing.learning.history import History

__all__ = ["Kept"]

MATRIX, UNITS, INPUTS = ("f", ("units", "inputs")), ("f", ("units",)), ("f", ("inputs",))
NETWORK = {
    "encoder": MATRIX, "decoder": MATRIX, "forward": MATRIX, "bias": UNITS, "offset": INPUTS, "threshold": UNITS,
    "log_threshold": UNITS, "lateral": ("f", ("units", "units")),
    "excite": ("f", ("interneurons", "units")), "inhibit": ("f", ("units", "interneurons")),
    "among": ("f", ("interneurons", "interneurons")), "interneurons": ("f", ("interneurons",)),
}  # fmt: skip
"""What learns: in the units that the network computes in."""
ARRAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "components_": MATRIX, "encoder_": MATRIX, "bias_": UNITS, "offset_": INPUTS, "mean_": INPUTS, "threshold_": UNITS,
    "_shift": INPUTS, "_idle": ("i", ("units",)), "_wins": UNITS,
    **{f"{part}.{name}": axes for part in ("_network", "_adam.mean", "_adam.square") for name, axes in NETWORK.items()},
}  # fmt: skip
"""All arrays that a file may hold: the kind of their numbers, and their axes."""
NUMBERS = ("n_features_in_", "n_iter_", "threshold_", "_scale", "_shift", "_k", "_smallest", "_n_shown", "_n_presented",
           "_bandwidth")  # fmt: skip
ESSENTIAL = ("components_", "encoder_", "bias_", "offset_", "mean_")
REMADE = ("_given", "history_")
"""Follows from the rest."""


class Kept:
    """`save` and `load` of a rival: all that it has learned, and what it needs to go on learning."""

    def save(self, path: str | Path) -> None:
        """Write the fitted model to an .npz file with a JSON header, whole or not at all.

        Parameters
        ----------
        path : path

        Raises
        ------
        TypeError, ValueError
            If a parameter was set to what breaks a rule, or is none that a file can hold.
        OSError
            If it cannot be written; an earlier file is then still there.
        """
        check_is_fitted(self)
        settings = self._settings()
        arrays: dict[str, np.ndarray] = {}
        header: dict[str, Any] = {"kind": type(self).__name__, "settings": settings, "numbers": {}, "same": {}}
        for name, value in vars(self).items():
            if name in REMADE or not (name.startswith("_") or name.endswith("_")):  # made again, or by the constructor
                continue
            if name == "feature_names_in_":
                header["names"] = list(value)
            elif isinstance(value, History):
                header["history"] = value.as_state()
            elif isinstance(value, np.random.Generator):
                header["rng"] = state_of(value)
            elif isinstance(value, Adam):
                header["n_steps"] = value.n_steps
                for part in ("mean", "square"):
                    arrays |= {f"{name}.{part}.{which}": array for which, array in getattr(value, part).items()}
            elif isinstance(value, dict):
                arrays |= {f"{name}.{which}": array for which, array in value.items()}
            elif isinstance(value, np.ndarray):
                arrays[name] = value
            else:
                header["numbers"][name] = plain(value)
        first: dict[int, str] = {}
        for name, array in arrays.items():  # tied weights are one array, and must be one again
            if first.setdefault(id(array), name) != name:
                header["same"][name] = first[id(array)]
        write_archive(path, {name: array for name, array in arrays.items() if name not in header["same"]}, header)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model that `save` wrote; it transforms, and goes on learning, as the one that was saved.

        Parameters
        ----------
        path : path

        Raises
        ------
        FileNotFoundError
            If there is none.
        ValueError
            If the file is damaged, holds another model, or was written in a format unknown here.
        """
        arrays, header = read_archive(path, cls.__name__)
        try:
            arrays |= {name: arrays[first] for name, first in header["same"].items()}
            check_arrays(arrays, ARRAYS)
            missing = [name for name in ESSENTIAL if name not in arrays]
            wrong = [name for name, value in header["numbers"].items() if name not in NUMBERS or not _is_number(value)]
            if missing or wrong:
                raise ValueError(f"it must hold {', '.join(missing)}, and no {', '.join(wrong)}")
            model = cls(**header["settings"])
            model._settings()
            model._restore(arrays, header)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"path must hold a whole {cls.__name__}, got {path}: {error}") from error
        return model

    def _settings(self: Any) -> dict[str, Any]:
        """Return the arguments of the constructor, checked, as JSON can hold them."""
        if hasattr(self, "check_parameters"):
            self.check_parameters()
        settings = self.get_params(deep=False)
        if not isinstance(settings.get("random_state"), int | None):
            settings["random_state"] = None
        return {name: value if isinstance(value, str | None) else plain(value) for name, value in settings.items()}

    def _restore(self: Any, arrays: dict[str, np.ndarray], header: dict[str, Any]) -> None:
        """Take over what a file holds."""
        parts: dict[str, dict[str, np.ndarray]] = {"_network": {}, "_adam.mean": {}, "_adam.square": {}}
        for name, array in arrays.items():
            part, _, which = name.rpartition(".")
            if part:
                parts[part][which] = array
            else:
                setattr(self, name, array)
        for name, value in header["numbers"].items():
            setattr(self, name, value)
        if parts["_network"]:
            self._network = parts["_network"]
        if "n_steps" in header:
            self._adam = Adam(self._network)
            if not {*parts["_adam.mean"]} == {*parts["_adam.square"]} == {*self._network}:
                raise ValueError("its state of descent must be of its weights")
            self._adam.mean, self._adam.square = parts["_adam.mean"], parts["_adam.square"]
            self._adam.n_steps = int(header["n_steps"])
        if "rng" in header:
            self._rng = generator_of(header["rng"])
        if "names" in header:
            self.feature_names_in_ = np.array([str(name) for name in header["names"]], dtype=object)
        if "history" in header:
            self._history = History.of(header["history"])
            self.history_ = self._history.curves
        if hasattr(self, "check_parameters"):
            self._given = SimpleNamespace(**self.check_parameters())
        if self.n_features_in_ != self.components_.shape[1]:
            raise ValueError(f"n_features_in_ must be {self.components_.shape[1]}, got {self.n_features_in_}")


def _is_number(value: object) -> bool:
    return is_integer(value) or (isinstance(value, float) and bool(np.isfinite(value)))
