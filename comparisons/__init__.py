"""The rivals of the k-WTA circuit, and what contrasts them with it."""

from __future__ import annotations

import importlib
from typing import Any

HOMES = {
    "BatchTopKAutoencoder": "descent.batch_topk",
    "DenseAutoencoder": "dense",
    "EINet": "hebbian.ei_net",
    "FoldiakNetwork": "hebbian.foldiak",
    "FrozenDecoderAutoencoder": "descent.frozen_decoder",
    "JumpReLUAutoencoder": "descent.jump_relu",
    "KrotovHopfield": "hebbian.krotov_hopfield",
    "MatchingPursuitAutoencoder": "pursuit.matching_pursuit",
    "MatryoshkaAutoencoder": "descent.matryoshka",
    "OMPDictionary": "pursuit.omp_dictionary",
    "RandomWeights": "random_weights",
    "SAILnet": "hebbian.sailnet",
    "SoftAutoencoder": "soft",
    "TiedSGDAutoencoder": "tied_sgd",
    "TopKAutoencoder": "topk",
}

__all__ = [
    "BatchTopKAutoencoder", "DenseAutoencoder", "EINet", "FoldiakNetwork", "FrozenDecoderAutoencoder",
    "JumpReLUAutoencoder", "KrotovHopfield", "MatchingPursuitAutoencoder", "MatryoshkaAutoencoder", "OMPDictionary",
    "RandomWeights", "SAILnet", "SoftAutoencoder", "TiedSGDAutoencoder", "TopKAutoencoder",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for."""
    if name in HOMES:
        return getattr(importlib.import_module(f"comparisons.rivals.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
