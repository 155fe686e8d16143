"""The models that are compared, each by one name for tables and figures and one word for grids; add the next one here.

A model has `fit`, `transform`, `inverse_transform` and the attributes of `selective_firing.protocol.Autoencoder`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comparisons.rivals.dense import DenseAutoencoder
from comparisons.rivals.descent.batch_topk import BatchTopKAutoencoder
from comparisons.rivals.descent.frozen_decoder import FrozenDecoderAutoencoder
from comparisons.rivals.descent.jump_relu import JumpReLUAutoencoder
from comparisons.rivals.descent.matryoshka import MatryoshkaAutoencoder
from comparisons.rivals.guest import GuestAutoencoder, factory_of, is_guest
from comparisons.rivals.hebbian.ei_net import EINet
from comparisons.rivals.hebbian.foldiak import FoldiakNetwork
from comparisons.rivals.hebbian.krotov_hopfield import KrotovHopfield
from comparisons.rivals.hebbian.sailnet import SAILnet
from comparisons.rivals.pursuit.matching_pursuit import MatchingPursuitAutoencoder
from comparisons.rivals.pursuit.omp_dictionary import OMPDictionary
from comparisons.rivals.random_weights import RandomWeights
from comparisons.rivals.soft import SoftAutoencoder
from comparisons.rivals.tied_sgd import TiedSGDAutoencoder
from comparisons.rivals.topk import TopKAutoencoder
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.parameters import RateParameters

__all__ = [
    "BATCH", "CIRCUIT", "CYCLES", "DENSE", "EI_NET", "FOLDIAK", "FROZEN", "HOPFIELD", "INPUT", "JUMP", "MATRYOSHKA",
    "MODELS", "NARROW", "OMP_DICTIONARY", "ONE_COMPETITION", "PLAIN", "PRINCIPAL", "PURSUIT", "RANDOM", "SAILNET",
    "SAME_DENSE", "SAME_PRINCIPAL", "SAME_SOFT", "SOFT", "SORTED_CYCLES", "SWAPS", "TIED", "TOPK", "WITH_CYCLES",
    "Model", "model_of", "named",
]  # fmt: skip

CIRCUIT, CYCLES = "k-WTA circuit", "circuit, 4 cycles"
TIED, TOPK, PLAIN = "tied SGD + sort", "top-K", "top-K, no remedy"
DENSE, SOFT, RANDOM = "dense", "soft (L1)", "random weights"
BATCH, MATRYOSHKA, JUMP = "BatchTopK", "Matryoshka", "JumpReLU"
PURSUIT, OMP_DICTIONARY, FROZEN = "MP-SAE", "OMP dictionary", "top-K, frozen decoder"
FOLDIAK, SAILNET, EI_NET, HOPFIELD = "Földiák", "SAILnet", "E-I Net", "Krotov & Hopfield"
NARROW, INPUT = "dense, k units", "the input itself"
"""What is put beside the models: a dense one that is as narrow as the others' codes, and no model at all."""
PRINCIPAL = "PCA"
SAME_DENSE, SAME_PRINCIPAL, SAME_SOFT = "dense, same error", "PCA, same error", "soft (L1), same error"
"""Read between models of a family where they err as the model on trial does."""
WITH_CYCLES, ONE_COMPETITION = "circuit with cycles", "circuit, one competition"
SORTED_CYCLES, SWAPS = "cycles that sort, top-K weights", "circuit, 4 swaps"
"""What studies call their circuits, the last with lateral synapses, and top-K's weights with the closed form of the
cycles."""


@dataclass(frozen=True)
class Model:
    """One kind of model.

    Attributes
    ----------
    word : str
        For it in grids and on the command line.
    kind : type
    own : mapping of str to object
        Arguments of its constructor that make it what it is.
    """

    word: str
    kind: type[Any]
    own: Mapping[str, Any] = field(default_factory=dict)


MODELS = {
    CIRCUIT: Model("circuit", KWTAAutoencoder),
    CYCLES: Model("cycles", KWTAAutoencoder, {"parameters": RateParameters(n_cycles=4)}),
    TIED: Model("tied", TiedSGDAutoencoder),
    TOPK: Model("topk", TopKAutoencoder),
    PLAIN: Model("topk-plain", TopKAutoencoder, {"auxk": 0.0, "k_start": None}),
    DENSE: Model("dense", DenseAutoencoder),
    SOFT: Model("soft", SoftAutoencoder),
    RANDOM: Model("random", RandomWeights),
    FROZEN: Model("topk-frozen", FrozenDecoderAutoencoder),
    BATCH: Model("batch-topk", BatchTopKAutoencoder),
    MATRYOSHKA: Model("matryoshka", MatryoshkaAutoencoder),
    JUMP: Model("jump-relu", JumpReLUAutoencoder),
    PURSUIT: Model("mp-sae", MatchingPursuitAutoencoder),
    OMP_DICTIONARY: Model("omp", OMPDictionary),
    FOLDIAK: Model("foldiak", FoldiakNetwork),
    SAILNET: Model("sailnet", SAILnet),
    EI_NET: Model("ei-net", EINet),
    HOPFIELD: Model("krotov-hopfield", KrotovHopfield),
}


def model_of(name: str) -> Model:
    """Return the model of a name of `MODELS`, or a guest's, ``module:factory``.

    Parameters
    ----------
    name : str

    Raises
    ------
    KeyError
        If there is none of that name.
    ValueError
        If there is no such factory.
    """
    return Model(name, GuestAutoencoder, {"factory": factory_of(name)}) if is_guest(name) else MODELS[name]


def named(word: str) -> Model:
    """Return the model of a word, or a guest's, ``module:factory``.

    Parameters
    ----------
    word : str

    Raises
    ------
    ValueError
        If there is none.
    """
    if is_guest(word):
        return model_of(word)
    words = {model.word: model for model in MODELS.values()}
    if word not in words:
        raise ValueError(f"model must be one of {', '.join(words)}, or module:factory, got {word!r}.")
    return words[word]
