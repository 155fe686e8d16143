"""Numbers as people read them: a few digits, powers of ten where they help, intervals that share them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["interval_words", "number_words", "p_words", "with_unit"]

UNBROKEN, NARROW = "\u00a0", "\u202f"
"""Spaces at which no line breaks."""
PREFIXES = {3: "k", 6: "M", 9: "G", 12: "T"}


def number_words(value: float) -> str:
    """Return a number as people read it: to four digits, with a power of ten where that helps.

    Parameters
    ----------
    value : float
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else f"{value:+}".replace("inf", "∞").replace("-", "−")
    power = _power(value)
    mantissa = value / 10.0**power
    words = f"{mantissa:,.4g}" if abs(mantissa) < 1e4 else f"{mantissa:,.0f}"
    return words.replace("-", "−") + _times(power)


def interval_words(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return mean and ends, to two digits of the interval's half, and the power of ten that all three share.

    Parameters
    ----------
    row : mapping
        With mean, low and high.
    """
    values = [row[name] for name in ("mean", "low", "high")]
    power = _power(max(map(abs, values)))
    half = (row["high"] - row["low"]) / 2 / 10.0**power
    decimals = min(6, max(0, 1 - math.floor(math.log10(half)))) if half > 0 else 3
    mean, low, high = (
        f"{round(value / 10.0**power, decimals) + 0.0:,.{decimals}f}".replace("-", "−") for value in values
    )
    return mean, low, high, _times(power)


def with_unit(value: float, unit: str) -> str:
    """Return a number and its unit; molecules of ATP in thousands, millions or milliards, with the prefix of each.

    Parameters
    ----------
    value : float
    unit : str
        Empty for none.
    """
    if unit == "ATP" and (size := abs(value)) >= 1e3 and math.isfinite(value):
        power = min(12, 3 * int(math.log10(size) // 3))
        return f"{number_words(float(f'{value / 10**power:.3g}'))} {PREFIXES[power]} ATP"
    return f"{number_words(value)} {unit}".strip()


def p_words(p: float) -> str:
    """Return a p value, held together by spaces at which no line breaks.

    Parameters
    ----------
    p : float
    """
    words = "p < 0.001" if p < 0.001 else "p > 0.999" if p > 0.999 else f"p = {p:.3f}"
    return words.replace(" ", UNBROKEN)


def _power(value: float) -> int:
    """Return the power of ten to split off, 0 for numbers of common size."""
    size = abs(value)
    return 0 if size == 0 or 1e-4 <= size < 1e6 else math.floor(math.log10(size))


def _times(power: int) -> str:
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{NARROW}×{NARROW}10{raised}" if power else ""
