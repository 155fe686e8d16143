"""One palette: colour and marker of each model, the same in every figure; names are those of the registry."""

from __future__ import annotations

from typing import NamedTuple

from comparisons.rivals import coders
from comparisons.rivals.registry import (
    BATCH,
    CIRCUIT,
    CYCLES,
    DENSE,
    EI_NET,
    FOLDIAK,
    FROZEN,
    HOPFIELD,
    INPUT,
    JUMP,
    MATRYOSHKA,
    MODELS,
    NARROW,
    OMP_DICTIONARY,
    ONE_COMPETITION,
    PLAIN,
    PRINCIPAL,
    PURSUIT,
    RANDOM,
    SAILNET,
    SAME_DENSE,
    SAME_PRINCIPAL,
    SAME_SOFT,
    SOFT,
    SORTED_CYCLES,
    SWAPS,
    TIED,
    TOPK,
    WITH_CYCLES,
)
from selective_firing.figures.style import BLUE, GREEN, GREY, ORANGE, VERMILLION

__all__ = ["LOOKS", "SERIES", "Look", "look_of"]

PURPLE, SKY, BLACK = "#CC79A7", "#56B4E9", "#000000"
"""Of the palette of Okabe & Ito, too."""


class Look(NamedTuple):
    """How one model, or one line of a figure, is drawn.

    Attributes
    ----------
    colour, marker : str
        As matplotlib takes them.
    """

    colour: str
    marker: str


LOOKS = {
    CIRCUIT: Look(VERMILLION, "o"), CYCLES: Look(ORANGE, "D"), TIED: Look(SKY, "P"), TOPK: Look(BLUE, "s"),
    PLAIN: Look(BLUE, "*"), DENSE: Look(GREEN, "^"), SOFT: Look(PURPLE, "X"), RANDOM: Look(GREY, "v"),
    FROZEN: Look(GREY, "<"), BATCH: Look(BLUE, "h"), MATRYOSHKA: Look(BLUE, "p"), JUMP: Look(PURPLE, ">"),
    PURSUIT: Look(BLACK, "8"), OMP_DICTIONARY: Look(BLACK, "d"),
    FOLDIAK: Look(SKY, "$F$"), SAILNET: Look(SKY, "$S$"), EI_NET: Look(SKY, "$E$"), HOPFIELD: Look(SKY, "$K$"),
    NARROW: Look(GREEN, ">"), INPUT: Look(PURPLE, "p"),
    PRINCIPAL: Look(GREEN, "d"), SAME_PRINCIPAL: Look(GREEN, "x"), SAME_DENSE: Look(GREEN, "v"),
    SAME_SOFT: Look(PURPLE, "+"),
    ONE_COMPETITION: Look(VERMILLION, "o"), WITH_CYCLES: Look(ORANGE, "D"), SWAPS: Look(BLACK, "o"),
    SORTED_CYCLES: Look(BLUE, "D"),
    coders.OMP: Look(BLACK, "<"), coders.DICTIONARY: Look(BLACK, "P"), coders.LASSO: Look(PURPLE, "h"),
    coders.REFITTED: Look(PURPLE, "d"), coders.NONNEGATIVE: Look(BLACK, "v"), coders.BEST: Look(BLACK, "^"),
    coders.SIGNED_BEST: Look(BLACK, "s"), "sort": Look(BLUE, "|"), "spiking circuit": Look(BLACK, "x"),
}  # fmt: skip
"""Of every model, and of the ways to encode. Two that have one colour have different shapes: circuits of one
competition are vermillion, of several orange; what sorts is blue, what selects nothing green or purple, what explains
away black, what learns by local rules light blue, controls grey."""
SERIES = (
    Look(VERMILLION, "o"), Look(BLUE, "s"), Look(GREEN, "^"), Look(ORANGE, "D"), Look(PURPLE, "X"), Look(GREY, "v"),
)  # fmt: skip
"""Of lines that are no models, in their order: data sets, values of a parameter."""


def look_of(name: object, place: int = 0) -> Look:
    """Return how a model is drawn, or whatever else comes `place`-th.

    Parameters
    ----------
    name : object
        A model's name in tables, or its word in grids; something else for another line.
    place : int
        Of a line that is no model, from 0.
    """
    words = {model.word: LOOKS[full] for full, model in MODELS.items()}
    return (words | LOOKS).get(str(name), SERIES[place % len(SERIES)])
