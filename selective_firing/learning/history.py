"""How learning went, pass by pass, and whether it still gets better."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, nan
from typing import Any, Self

import numpy as np

from selective_firing._checks.arguments import check_count, check_flag, check_real
from selective_firing.measures.reconstruction import share_left

__all__ = ["HELD_OUT", "History", "Stopping", "parted"]

HELD_OUT = "validation_nmse"
"""What is measured only where patterns are held out."""
MEASURES: dict[str, type[int] | type[float]] = {"nmse": float, "mean_duty": float, "min_duty": float, "n_dead": int}


def parted(X: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the patterns that are learned from, and those that are held out; all, and None, if none are.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    held_out : ndarray of int
        Rows.
    """
    return (np.delete(X, held_out, axis=0), X[held_out]) if held_out.size else (X, None)


@dataclass
class History:
    """What was measured in each pass: the patterns' errors as they were learned from, and how often units won.

    Attributes
    ----------
    passes : dict of str to list of float
        ``nmse`` of the training patterns, each when it was learned from; ``mean_duty`` and ``min_duty``, of the units'
        shares of the patterns for which they were active, and ``n_dead``, how many units never were;
        ``validation_nmse`` of the patterns that are held out, if any, after the pass.
    error, power : float
        Squared error, and squared distance from the mean, of the patterns of this pass so far.
    """

    passes: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MEASURES})
    error: float = 0.0
    power: float = 0.0

    @classmethod
    def of(cls, content: Any) -> Self:
        """Return the history that `as_state` wrote.

        Parameters
        ----------
        content : dict

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is of another form.
        """
        passes = {
            str(name): [MEASURES.get(name, float)(value) for value in values]
            for name, values in content["passes"].items()
        }
        if (
            not {*MEASURES} <= {*passes} <= {*MEASURES, HELD_OUT}
            or len({len(values) for values in passes.values()}) > 1
        ):
            raise ValueError("its history is damaged")
        return cls(passes, float(content["error"]), float(content["power"]))

    def as_state(self) -> dict[str, Any]:
        """Return what `of` makes the same history of, as JSON can hold it."""
        return {"passes": self.passes, "error": self.error, "power": self.power}

    @property
    def curves(self) -> dict[str, np.ndarray]:
        """The measures, each an array with a number for every pass."""
        return {name: np.array(values, MEASURES.get(name, float)) for name, values in self.passes.items()}

    def add(self, error: float, power: float) -> None:
        """Count patterns that have been learned from.

        Parameters
        ----------
        error, power : float
            Their summed squared error, and squared distance from the mean.
        """
        self.error, self.power = self.error + float(error), self.power + float(power)

    def end_pass(self, wins: np.ndarray, n_samples: int, held_out: float | None = None) -> None:
        """Take down a pass that is complete.

        Parameters
        ----------
        wins : ndarray of shape (n_hidden,)
            How often each unit was active in it.
        n_samples : int
            Patterns of the pass.
        held_out : float, optional
            NMSE of the patterns that are held out.
        """
        duty = wins / max(1, n_samples)
        found = {
            "nmse": share_left(np.array([self.error]), np.array([self.power])), "mean_duty": float(duty.mean()),
            "min_duty": float(duty.min()), "n_dead": int((wins == 0).sum()),
        }  # fmt: skip
        n_before = len(self.passes["nmse"])
        if held_out is not None:
            self.passes.setdefault(HELD_OUT, [nan] * n_before)
            found[HELD_OUT] = float(held_out)
        for name, values in self.passes.items():
            values.append(found.get(name, nan))
        self.error = self.power = 0.0


@dataclass(frozen=True)
class Stopping:
    """When learning ends before its last pass: scikit-learn's rule, for the NMSE of patterns that are held out.

    Attributes
    ----------
    validation_fraction : float
        Share of the patterns that is held out, between 0 and 1.
    n_iter_no_change : int
        Passes without an improvement after which learning ends.
    tol : float
        What NMSE must fall by, below the best so far, to count as an improvement.
    """

    validation_fraction: float
    n_iter_no_change: int
    tol: float

    @classmethod
    def of(cls, model: Any) -> Self | None:
        """Return the rule that an estimator's parameters ask for, checked; None without `early_stopping`.

        Parameters
        ----------
        model : estimator

        Raises
        ------
        TypeError, ValueError
            If `early_stopping`, `validation_fraction`, `n_iter_no_change` or `tol` breaks a rule.
        """
        share = check_real("validation_fraction", model.validation_fraction, above=0)
        if share >= 1:
            raise ValueError(f"validation_fraction must be below 1, got {model.validation_fraction}.")
        patience, tol = (
            check_count("n_iter_no_change", model.n_iter_no_change),
            check_real("tol", model.tol, at_least=0),
        )
        return cls(share, patience, tol) if check_flag("early_stopping", model.early_stopping) else None

    def held_out(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draw the rows that are held out: at least one, and not all.

        Parameters
        ----------
        n_samples : int
        rng : numpy.random.Generator

        Raises
        ------
        ValueError
            If there are fewer than two.
        """
        if n_samples < 2:
            raise ValueError(f"X must have at least 2 samples with early_stopping=True, got {n_samples} sample(s).")
        n = min(n_samples - 1, max(1, round(self.validation_fraction * n_samples)))
        return np.sort(rng.permutation(n_samples)[:n])

    def is_reached(self, history: History) -> bool:
        """Return whether the error of the held-out patterns has not improved for so many passes.

        Parameters
        ----------
        history : History
        """
        best, idle = inf, 0
        for value in history.passes.get(HELD_OUT, ()):
            idle = 0 if value < best - self.tol else idle + 1
            best = min(best, value)
        return idle >= self.n_iter_no_change
