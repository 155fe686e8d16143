"""Rivals that are small, for what every one of them must do."""

from __future__ import annotations

import numpy as np
import pytest

from comparisons import DenseAutoencoder, RandomWeights, TiedSGDAutoencoder, TopKAutoencoder

RIVALS = [
    TopKAutoencoder(6, 2, n_epochs=2, random_state=0),
    DenseAutoencoder(6, n_epochs=2, random_state=0),
    TiedSGDAutoencoder(6, 2, n_epochs=2, random_state=0),
    RandomWeights(6, 2, random_state=0),
]
each_rival = pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: type(rival).__name__)

SMALL = np.random.default_rng(0).random((20, 5))
"""Patterns."""
SMALL.flags.writeable = False
