"""Measures: arrays in, numbers out. For the next one, add a function to the file whose question it answers."""

from selective_firing.measures.competition import exact_fraction, jaccard, overlap, rate_gain, rates_Hz, redundant_pairs
from selective_firing.measures.reconstruction import nmse, squared_error
from selective_firing.measures.selectivity import class_selectivity, shuffled_class_selectivity
from selective_firing.measures.sparseness import (
    active_fraction,
    dead_fraction,
    duty_cycle,
    gini,
    lifetime_sparseness,
    n_silent,
    population_sparseness,
)

__all__ = [
    "active_fraction",
    "class_selectivity",
    "dead_fraction",
    "duty_cycle",
    "exact_fraction",
    "gini",
    "jaccard",
    "lifetime_sparseness",
    "n_silent",
    "nmse",
    "overlap",
    "population_sparseness",
    "rate_gain",
    "rates_Hz",
    "redundant_pairs",
    "shuffled_class_selectivity",
    "squared_error",
]
