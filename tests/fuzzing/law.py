"""The law: a right result, or an error at the door that names the argument; no warning, no NaN, no hang."""

from __future__ import annotations

import re
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError

from selective_firing.errors import DivergenceError

__all__ = ["Breach", "Hang", "Kind", "Refused", "attempt", "finite", "holds", "limited", "patient"]

LONGEST_S = 20
"""Of processor time that a case may take: it is the same however busy the machine is."""
UNKNOWN = re.compile(r"[\w.]+\(\) got an unexpected keyword argument")
"""What Python says of a call that no function answers."""
WAITING = 30
"""So many times longer may it take by the clock: what waits for ever uses no processor, and compilers run beside."""


class Breach(AssertionError):
    """The law was broken."""


class Hang(BaseException):
    """A case took too long: raised whatever it is doing, and not to be made smaller."""


@dataclass(frozen=True)
class Kind:
    """One kind of case.

    Attributes
    ----------
    case : callable
        Draws by its argument, ``draw(strategy)``, and raises what breaks the law.
    share : float
        Of all cases, relative to the other kinds.
    simulates : bool
        Whether a case runs Brian2 if it is not refused.
    """

    case: Callable[[Callable[..., Any]], None]
    share: float
    simulates: bool = False


class Refused(Exception):
    """A call was refused, as it should be: the message named an argument, or learning diverged."""


@contextmanager
def patient(seconds: float = LONGEST_S) -> Iterator[None]:
    """Raise `Hang` if what is inside takes longer, or waits much longer.

    Parameters
    ----------
    seconds : float
        Of processor time of this process; by the clock `WAITING` times as long.
    """
    limits = {
        signal.SIGPROF: (signal.ITIMER_PROF, seconds, "of processor time"),
        signal.SIGALRM: (signal.ITIMER_REAL, WAITING * seconds, "by the clock"),
    }

    def late(number: int, *_: object) -> None:
        _, longest, kind = limits[signal.Signals(number)]
        raise Hang(f"longer than {longest:g} s {kind}")

    before = {number: signal.signal(number, late) for number in limits}
    for timer, longest, _ in limits.values():
        signal.setitimer(timer, longest)
    try:
        yield
    finally:
        for timer, _, _ in limits.values():
            signal.setitimer(timer, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def limited(*names: str, absent: bool = False, fitted: bool = True) -> Iterator[None]:
    """Turn a refusal that names one of `names` into `Refused`, and let every other error and warning through.

    Parameters
    ----------
    *names : str
        Arguments, one of which the message must name, as a word.
    absent : bool
        Whether there may be no such file.
    fitted : bool
        Whether the model has learned: else it may say that it has not.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for of_dependencies in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", of_dependencies)
        # no warnings of a library: what this package says of a table that it reads as it is
        warnings.filterwarnings("ignore", "column .* is learned as an input", UserWarning)
        # asked for by scikit-learn's own checks of estimators
        warnings.filterwarnings("ignore", "X (has|does not have valid) feature names", UserWarning)
        try:
            yield
        except DivergenceError as error:
            raise Refused from error
        except NotFittedError as error:
            if fitted:
                raise
            raise Refused from error
        except FileNotFoundError as error:
            if not absent:
                raise
            raise Refused from error
        except (TypeError, ValueError) as error:
            if UNKNOWN.match(str(error)):  # nobody was refused: no such argument was ever asked for
                raise
            if not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", str(error)) for name in names):
                raise
            raise Refused from error


def attempt(call: Callable[[], Any], *names: str, **how: bool) -> Any:
    """Return what a call returns, None if it was refused as it should be."""
    try:
        with limited(*names, **how):
            return call()
    except Refused:
        return None


def holds(condition: object, words: str) -> None:
    """Raise `Breach` unless a condition holds."""
    if not condition:
        raise Breach(words)


def finite(words: str, values: object, shape: tuple[int, ...] | None = None, nan: bool = False) -> np.ndarray:
    """Return an array if it is finite and of its shape (where one is known); with `nan` NaN is let through."""
    array = np.asarray(values)
    holds(array.dtype.kind in "biuf", f"{words} is of {array.dtype}")
    holds(shape is None or array.shape == shape, f"{words} is of shape {array.shape}, not {shape}")
    right = np.isfinite(array) | np.isnan(array) if nan else np.isfinite(array)
    holds(right.all(), f"{words} is not finite: {array.ravel()[~right.ravel()][:3]}")
    return array
