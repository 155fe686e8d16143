"""Measures: arrays in, numbers out. For the next one, add a function to the file whose question it answers."""

from selective_firing.measures.clarity import d_prime, signal_to_noise_dB
from selective_firing.measures.competition import (
    exact_fraction,
    jaccard,
    overlap,
    rate_gain,
    rates_Hz,
    redundant_pairs,
    relative_gap,
)
from selective_firing.measures.description import description_length
from selective_firing.measures.factors import dci, factor_recovery, mutual_information_gap
from selective_firing.measures.features import gabor_fit, participation_ratio, spatial_spread
from selective_firing.measures.information import class_information, gaussian_bits
from selective_firing.measures.reconstruction import nmse, squared_error
from selective_firing.measures.recovery import (
    feature_recovery,
    feature_uniqueness,
    mean_max_cosine,
    support_f1,
)
from selective_firing.measures.selectivity import (
    class_information_beyond_shuffles,
    class_purity,
    class_selectivity,
    repeat_reliability,
    shuffled_class_selectivity,
)
from selective_firing.measures.separation import by_repeat, pairwise_similarity, pattern_separation
from selective_firing.measures.sparseness import (
    active_fraction,
    dead_fraction,
    duty_cycle,
    gini,
    lifetime_sparseness,
    n_silent,
    population_sparseness,
)
from selective_firing.measures.stability import feature_stability

__all__ = [
    "active_fraction",
    "by_repeat",
    "class_information",
    "class_information_beyond_shuffles",
    "class_purity",
    "class_selectivity",
    "d_prime",
    "dci",
    "dead_fraction",
    "description_length",
    "duty_cycle",
    "exact_fraction",
    "factor_recovery",
    "feature_recovery",
    "feature_stability",
    "feature_uniqueness",
    "gabor_fit",
    "gaussian_bits",
    "gini",
    "jaccard",
    "lifetime_sparseness",
    "mean_max_cosine",
    "mutual_information_gap",
    "n_silent",
    "nmse",
    "overlap",
    "pairwise_similarity",
    "participation_ratio",
    "pattern_separation",
    "population_sparseness",
    "rate_gain",
    "rates_Hz",
    "redundant_pairs",
    "relative_gap",
    "repeat_reliability",
    "shuffled_class_selectivity",
    "signal_to_noise_dB",
    "spatial_spread",
    "squared_error",
    "support_f1",
]
