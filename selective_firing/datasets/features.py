"""Patterns that are made of known features, a few at a time: whoever learns from them can be asked what was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real
from selective_firing.datasets.dataset import Dataset

__all__ = ["STRUCTURES", "synthetic_features"]

TEST_SHARE = 0.2
MOST_PATTERNS, MOST_FEATURES = 10**8, 100_000
"""More than memory holds."""
STRUCTURES = ("independent", "correlated", "hierarchical")
GROUP = 8
"""Features that tend to come together, where they are correlated."""
CORRELATION = 0.5
"""Between the hidden Gaussian variables of two features of a group."""
CHILDREN = 3
"""Features that come only together with one other, for each of those."""
AMPLITUDES = (0.5, 1.5)
"""Between which those of active features are drawn."""
STREAM = 1
"""Of random numbers, beside that of a model with the same seed, whose first weights would otherwise be the features."""


def synthetic_features(
    n_features: int = 64,
    n_inputs: int = 100,
    n_active: int = 6,
    structure: str = "independent",
    skew: float = 0.0,
    noise: float = 0.0,
    n_samples: int = 5000,
    seed: int = 0,
) -> Dataset:
    """Return sums of `n_active` known features, with the features and how much of each is in each pattern.

    Features are random directions of norm 1, active ones have amplitudes between 1/2 and 3/2. Every pattern has exactly
    `n_active` of them. *Independent*: they are drawn one after the other, each of those that are left with odds of
    1 / place ** `skew`; without skew every set of so many is equally likely. *Correlated*: features of a group of
    eight share half the variance of a hidden Gaussian variable, and those with the largest are active (a Gaussian
    copula). *Hierarchical*: a quarter of the features are parents, the others their children, three for each, who are
    active only if their parent is; the first feature of a pattern is a parent, each further one a child of an active
    parent or another parent, with even odds.

    Parameters
    ----------
    n_features, n_inputs, n_active : int
        With more features than inputs they cannot but overlap.
    structure : {"independent", "correlated", "hierarchical"}
    skew : float
        How much more often the first features come than the last (Zipf's exponent), where they are independent.
    noise : float
        Root mean square norm of Gaussian noise, relative to that of the patterns; 0 for none.
    n_samples : int
        Patterns in all; a fifth of them are for testing.
    seed : int
        Of features, amplitudes and noise.

    References
    ----------
    Elhage et al. (2022), Toy models of superposition, arXiv 2209.10652. Chanin et al. (2026), SynthSAEBench, arXiv
    2602.14687, has correlation by a copula, and hierarchy, at a larger scale.

    Examples
    --------
    >>> data = synthetic_features(n_features=8, n_inputs=5, n_active=2, n_samples=10)
    >>> data
    Dataset(features: 8 train, 2 test, 5 inputs, 8 factors)
    >>> bool(np.allclose(data.codes_train @ data.features, data.X_train))
    True
    """
    n_features = check_count("n_features", n_features, at_least=2, at_most=MOST_FEATURES)
    n_inputs = check_count("n_inputs", n_inputs, at_least=2, at_most=MOST_FEATURES)
    n_active = check_count("n_active", n_active, at_most=n_features)
    n_samples = check_count("n_samples", n_samples, at_least=2, at_most=MOST_PATTERNS)
    seed, noise = check_count("seed", seed, at_least=0), check_real("noise", noise, at_least=0)
    skew = check_real("skew", skew, at_least=0)
    if check_choice("structure", structure, STRUCTURES) != "independent" and skew:
        raise ValueError(f"skew must be 0 for {structure} features, got {skew}.")
    rng = np.random.default_rng((seed, STREAM))
    features = rng.standard_normal((n_features, n_inputs))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    factors = _active(structure, n_samples, n_features, n_active, skew, rng)
    codes = np.where(factors, rng.uniform(*AMPLITUDES, factors.shape), 0.0)
    X = codes @ features
    power = float((X**2).sum(axis=1).mean())
    X += noise * np.sqrt(power / n_inputs) * rng.standard_normal(X.shape)
    n_test = max(1, round(TEST_SHARE * n_samples))
    facts: dict[str, Any] = {
        "n_features": n_features,
        "n_active": n_active,
        "structure": structure,
        "skew": skew,
        "noise": noise,
    }
    return Dataset(
        X_train=X[n_test:], X_test=X[:n_test], factors_train=factors[n_test:], factors_test=factors[:n_test],
        codes_train=codes[n_test:], codes_test=codes[:n_test], features=features, name="features",
        provenance={"source": "sums of known features, generated", "n_samples": n_samples, "seed": seed} | facts,
    )  # fmt: skip


def _active(
    structure: str, n_samples: int, n_features: int, n_active: int, skew: float, rng: np.random.Generator
) -> np.ndarray:  # fmt: skip
    """Return which features are active, `n_active` in each row; bool, shape (n_samples, n_features)."""
    if structure == "hierarchical":
        return _of_families(n_samples, n_features, n_active, rng)
    if structure == "independent":  # the largest of Gumbel variables are draws by these odds, one after the other
        return _ranks(rng.gumbel(size=(n_samples, n_features)) - skew * np.log1p(np.arange(n_features))) < n_active
    group = np.arange(n_features) // GROUP
    shared, own = rng.standard_normal((n_samples, group[-1] + 1)), rng.standard_normal((n_samples, n_features))
    return _ranks(np.sqrt(CORRELATION) * shared[:, group] + np.sqrt(1 - CORRELATION) * own) < n_active


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return how many of its row are larger than each value."""
    return (-values).argsort(axis=1).argsort(axis=1)


def _of_families(n_samples: int, n_features: int, n_active: int, rng: np.random.Generator) -> np.ndarray:
    """Return the same for parents, which come first, and children, who are active only if their parent is."""
    n_parents = -(-n_features // (1 + CHILDREN))
    parent = np.arange(n_features)
    parent[n_parents:] = (parent[n_parents:] - n_parents) % n_parents
    is_parent, active, rows = (
        np.arange(n_features) < n_parents,
        np.zeros((n_samples, n_features), bool),
        np.arange(n_samples),
    )
    for _ in range(n_active):
        others, children = is_parent & ~active, ~is_parent & active[:, parent] & ~active
        wants_child = rng.random(n_samples) < 0.5
        chosen = np.where(wants_child[:, np.newaxis], children, others)
        none = ~chosen.any(axis=1)
        chosen[none] = (others | children)[none]
        active[rows, np.where(chosen, rng.random(chosen.shape), -1.0).argmax(axis=1)] = True
    return active
