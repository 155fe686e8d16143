"""Figures of one circuit: results in, a matplotlib Figure out."""

from selective_firing.figures.competition import competition
from selective_firing.figures.images import receptive_fields, reconstructions
from selective_firing.figures.presentation import presentation
from selective_firing.figures.responses import n_active_histogram, raster, settling_time_histogram
from selective_firing.figures.spiking import spiking_presentation
from selective_firing.figures.style import (
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    STYLE,
    VERMILLION,
    WIDTH,
    save,
    show,
    styled,
)

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "LIGHT",
    "ORANGE",
    "STYLE",
    "VERMILLION",
    "WIDTH",
    "competition",
    "n_active_histogram",
    "presentation",
    "raster",
    "receptive_fields",
    "reconstructions",
    "save",
    "settling_time_histogram",
    "show",
    "spiking_presentation",
    "styled",
]
