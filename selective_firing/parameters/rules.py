"""How a parameter is declared - name, default, unit, meaning, bounds - and how a table of them is checked."""

from __future__ import annotations

import difflib
import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from selective_firing._checks.arguments import check_choice, check_flag, check_real, check_whole

__all__ = ["Parameters", "parameter"]

MOST_STEPS = 1e9
"""Of a time: steps are counted in 32 bits, and 1 - exp(-dt / tau) must be more than a rounding error."""


def parameter(
    default: float | str | bool,
    unit: str,
    meaning: str,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    choices: tuple[str, ...] = (),
    with_: tuple[tuple[str, object], ...] = (),
    pair: tuple[str, object] | None = None,
) -> Any:
    """Declare one parameter, a count if its default is an int, a switch if it is a bool.

    `meaning` is in words, `above` and `at_least` are bounds, `choices` all values of one that is a word. `with_` names
    other parameters and their values (or "above 1"), without any of which this one has no effect; then it must be left
    alone. `pair` names a parameter and its value beside which this one may be two numbers. `unit` is text, so that
    reading the table does not load Brian2. What is returned is a dataclass field; its type is that of the annotation.
    """
    metadata = {"unit": unit, "meaning": meaning, "above": above, "at_least": at_least, "choices": choices}
    metadata |= {"with": with_, "pair": pair}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the tables of both circuits share: every value is checked when a table is made, and kept as checked.

    The values `given` may be Brian2 quantities of the parameter's dimension: ``tau_m=10 * ms``.
    """

    circuit: ClassVar[str]
    longer_than_dt: ClassVar[tuple[str, ...]]
    in_steps: ClassVar[tuple[str, ...]]

    if TYPE_CHECKING:  # each table declares them in its own place
        dt: float
        tau_m: float
        threshold_cv: float
        noise: float

    def __new__(cls, *_: object, **given: object) -> Self:
        """Refuse a name that is not in the table, and say which one may be meant."""
        known = [f.name for f in fields(cls)]
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                meant = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}."
                raise TypeError(f"{cls.__name__} has no parameter {name!r}: {meant}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, _checked(f, getattr(self, f.name)))
        for name in self.longer_than_dt:
            if getattr(self, name) < self.dt:
                raise ValueError(f"{name} must be at least dt ({self.dt:g} ms), got {getattr(self, name):g}.")
        for name in (*self.in_steps, *(f.name for f in fields(self) if f.metadata["unit"] == "ms")):
            _check_length(name, getattr(self, name), self.dt)
        for name in self.in_steps:
            _check_steps(name, getattr(self, name), self.dt)
        self._check_own()
        declared = {f.name: f for f in fields(self)}
        for name in self._idle():
            needed = " or ".join(f"{other} is {value}" for other, value in declared[name].metadata["with"])
            raise ValueError(
                f"{name} must be left at {declared[name].default!r} unless {needed}: it has no effect, got "
                f"{getattr(self, name)!r}."
            )
        for name, rule in declared.items():
            alone = rule.metadata["pair"]
            if isinstance(getattr(self, name), tuple) and not _holds(getattr(self, alone[0]), alone[1]):
                raise ValueError(
                    f"{name} must be one number unless {alone[0]} is {alone[1]}, got {getattr(self, name)}."
                )

    def _check_own(self) -> None:
        """Raise ValueError if values break a rule that only this table has."""

    def _idle(self, **values: Any) -> list[str]:
        """Return the parameters that are not at their defaults and, beside others or `values`, have no effect."""
        now = {f.name: getattr(self, f.name) for f in fields(self)} | values
        wanting = {f.name: f.metadata["with"] for f in fields(self) if f.metadata["with"] and now[f.name] != f.default}
        return [name for name, needs in wanting.items() if not any(_holds(now[other], value) for other, value in needs)]

    def takes(self, name: str, value: float) -> bool:
        """Return whether a parameter could have this value, were it not for options that it has no effect beside.

        Parameters
        ----------
        name : str
        value : float
        """
        try:
            self.changed(**{name: value})
        except ValueError:
            return False
        return True

    def changed(self, **values: Any) -> Self:
        """Return a table with other values; what then has no effect goes back to its default.

        Parameters
        ----------
        **values
            By name.

        Raises
        ------
        TypeError, ValueError
            If a value breaks a rule, or has no effect itself.
        """
        idle: dict[str, Any] = {
            f.name: f.default for f in fields(self) if f.name in self._idle(**values) and f.name not in values
        }
        return replace(self, **idle, **values)

    @property
    def is_random(self) -> bool:
        """Whether the same stimulus may be answered differently."""
        return self.noise > 0 or self.threshold_cv > 0

    @property
    def competitions(self) -> int:
        """How many a presentation consists of, one unless the circuit explains away."""
        return 1

    @property
    def n_codes(self) -> int:
        """How many codes a presentation leaves behind."""
        return 1

    def as_dict(self) -> dict[str, Any]:
        """Return the values by name, ready for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def _check_length(name: str, time: float, dt: float) -> None:
    """Raise ValueError unless a time, or a time constant, is short enough for its steps."""
    if not time / dt < MOST_STEPS:
        raise ValueError(f"{name} must be less than {MOST_STEPS:g} steps of dt ({dt:g} ms), got {time:g} ms.")


def _check_steps(name: str, time: float, dt: float) -> None:
    """Raise ValueError unless a time is a whole number of time steps."""
    steps = time / dt
    if abs(steps - round(steps)) > 1e-6 * max(1.0, steps):
        below, above = (f"{dt * count:g}" for count in (math.floor(steps), math.ceil(steps)))
        raise ValueError(f"{name} must be a whole multiple of dt ({dt:g} ms): {below} or {above}, got {time:g}.")


def _holds(value: object, needed: object) -> bool:
    """Return whether a parameter has the value, or lies above the number, that another one needs."""
    return isinstance(value, int) and value > 1 if needed == "above 1" else value == needed


def _checked(row: Any, value: object) -> Any:
    """Return a value as the rules of its row want it, or raise TypeError or ValueError."""
    rule = row.metadata
    if rule["choices"]:
        if isinstance(value, bool) and "yes" in rule["choices"]:
            value = "yes" if value else "no"
        return check_choice(row.name, value, rule["choices"])
    if isinstance(row.default, bool):
        return check_flag(row.name, value)
    if rule["pair"] and isinstance(value, list | tuple) and len(value) == 2:
        return tuple(check_real(row.name, one, rule["at_least"], rule["above"]) for one in value)
    checked = check_real(row.name, _number(row.name, value, rule["unit"]), rule["at_least"], rule["above"])
    return check_whole(row.name, checked) if isinstance(row.default, int) else checked


def _number(name: str, value: object, unit: str) -> object:
    """Return a Brian2 quantity as a number of `unit`, anything else as it is."""
    if not hasattr(value, "dim"):
        return value
    import brian2 as b2

    quantity, scale = b2.Quantity(value), getattr(b2, unit) if unit else b2.Quantity(1)
    if not b2.have_same_dimensions(quantity, scale):
        raise TypeError(f"{name} must be {f'a number or a quantity in {unit}' if unit else 'a number'}, got {value}.")
    return float(quantity / scale)
