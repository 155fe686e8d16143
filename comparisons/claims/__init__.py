"""The claims of the textbook account of k-sparse coding, one file each; the next one adds a file, and a line here."""

from __future__ import annotations

from comparisons.claims import (
    choice_of_k,
    clearer,
    disentangled,
    energy,
    every_data,
    exactly_k,
    localised,
    optimisation,
    overfitting,
    price,
    robustness,
    selective,
    training_time,
    worse_features,
)
from comparisons.lab.claim import Claim

__all__ = ["CLAIMS"]

CLAIMS: dict[str, Claim] = {
    module.CLAIM.name: module.CLAIM
    for module in (
        exactly_k, selective, energy, clearer, localised, overfitting, robustness, disentangled, choice_of_k,
        optimisation, every_data, training_time, price, worse_features,
    )
}  # fmt: skip
"""By name, in the order of the report."""
