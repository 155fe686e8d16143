"""The same small search for every model: as many settings tried, on patterns held out of the training set.

There are two searches, for two questions, and neither can stand in for the other without other results:

- Here, for the claims: what is the best that each kind of model does? Every model, the circuit too, has as many
  settings drawn at random from its own space, one model per setting, on a seed of its own (`lab.TUNING_SEED`), so that
  no seed that counts has a say; what is found serves all seeds, and each setting tried is kept in the cache.
- In the main job (`comparisons.studies.main_job.design`): circuit and rivals with one seed, everything equal by design
  but what backpropagation needs. Only its learning rate is searched for, all three on a grid, on a fifth of these very
  training patterns, and the best learns again from all of them.

Shared are what they see, training patterns only, and what they go by, the NMSE on those held out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import ParameterSampler

from comparisons.lab.lab import TUNING_SEED, Lab, Settings
from comparisons.lab.matched import PENALTIES
from comparisons.lab.scenes import SCENES
from comparisons.rivals.registry import (
    BATCH,
    CIRCUIT,
    CYCLES,
    DENSE,
    EI_NET,
    FOLDIAK,
    FROZEN,
    HOPFIELD,
    JUMP,
    MATRYOSHKA,
    OMP_DICTIONARY,
    PLAIN,
    PURSUIT,
    SAILNET,
    SOFT,
    TIED,
    TOPK,
)
from selective_firing.errors import DivergenceError
from selective_firing.protocol import Autoencoder

__all__ = ["TUNED", "candidates", "search"]

Space = dict[str, list[Any]]
"""Values to be tried, by argument of the constructor."""
TUNED = (CIRCUIT, CYCLES, TIED, TOPK, PLAIN, DENSE, SOFT, BATCH, PURSUIT)
"""Models of the claims with something to tune; `search` takes others, too."""
MIDDLE = sorted(PENALTIES)[len(PENALTIES) // 2]
"""Penalty at which the soft model is tuned, once for all of them: what it is varied over is a question, no setting."""


def candidates(name: str, dataset: str, n: int) -> list[dict[str, Any]]:
    """Return `n` settings drawn without repetition from a model's space, the same each time.

    Backpropagation: learning rate, batch size, share of the training over which the rate falls; top-K and its relatives
    also with and without AuxK, and with k falling from 4 k; JumpReLU also how near a threshold a drive must be. Local
    learning: learning rate, homeostasis, k falling from 4 k; networks with lateral weights that learn the three rates,
    that of Krotov and Hopfield the norm and how much the runner-up unlearns.

    Parameters
    ----------
    name : str
        One of `registry.MODELS`.
    dataset : str
    n : int
    """
    scene = SCENES[dataset]
    k_start = [None, min(4 * scene.k, scene.n_hidden)]
    descent: Space = {"learning_rate": [1e-3, 3e-3, 1e-2], "batch_size": list(scene.batch_sizes), "decay": [0.2, 1.0]}
    local: Space = {"learning_rate": [0.3, 0.6, 1.0], "homeostasis": [0.0, 1e-4, 1e-3], "k_start": k_start}
    remedies: Space = {"auxk": [0.0, 1 / 32], "k_start": k_start}
    space = (
        dict.fromkeys((DENSE, SOFT, PLAIN, PURSUIT, OMP_DICTIONARY), descent)
        | dict.fromkeys((TOPK, BATCH, MATRYOSHKA, FROZEN), descent | remedies)
        | {
            JUMP: descent | {"bandwidth": [0.03, 0.1]},
            FOLDIAK: {"learning_rate": [0.01, 0.02, 0.05], "lateral": [1.0, 5.0], "homeostasis": [1.0, 3.0]},
            SAILNET: {"learning_rate": [0.01, 0.03, 0.1], "lateral": [30.0, 100.0], "homeostasis": [3.0, 10.0]},
            EI_NET: {"learning_rate": [0.1, 0.2, 0.4], "lateral": [10.0, 30.0], "homeostasis": [3.0, 5.0, 10.0]},
            HOPFIELD: {"learning_rate": [0.04, 0.1, 0.2], "power": [2.0, 3.0], "delta": [0.0, 0.4]},
        }
    ).get(name, local)
    size = math.prod(len(values) for values in space.values())
    return list(ParameterSampler(space, min(n, size), random_state=0))


def search(settings: Settings, name: str, dataset: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the settings of least NMSE on held-out patterns of the tuning seed, and a row for each that was tried.

    The soft model's are those of the least loss, of which its penalty is a part (column loss): by the NMSE alone those
    would win that heed the penalty least. A setting with which learning diverges counts as infinitely bad.

    Parameters
    ----------
    settings : Settings
    name : str
        Of the model.
    dataset : str
    """
    lab, rows = Lab(settings, dataset, TUNING_SEED), []
    tried = candidates(name, dataset, settings.n_candidates)
    fixed: dict[str, Any] = {"l1": MIDDLE} if name == SOFT else {}
    for given in tried:
        try:
            found = _held_out(lab, lab.fit(name, **given, **fixed), **fixed)
        except (DivergenceError, FloatingPointError):
            found = {"nmse": np.inf} | dict.fromkeys(("loss",) if fixed else (), np.inf)
        rows.append({"dataset": dataset, "model": name} | given | fixed | found)
    table = pd.DataFrame(rows)
    return tried[int(table["loss" if fixed else "nmse"].argmin())], table


def _held_out(lab: Lab, model: Autoencoder, l1: float | None = None) -> dict[str, float]:
    """Return the NMSE on patterns held out, and, with a penalty, the loss that the model has learned to lessen."""
    code = model.transform(lab.X_val)
    found = {"nmse": lab.nmse(model, code, lab.X_val)}
    if l1 is not None:  # activity is in patterns of unit variance per input there
        found["loss"] = found["nmse"] / 2 + l1 * float(code.sum()) / (lab.X_val.size * lab.rms)
    return found
