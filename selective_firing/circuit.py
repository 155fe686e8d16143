"""The rate circuit as a Brian2 network: a hidden layer whose k winners are left over by inhibition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from selective_firing import equations as eqs
from selective_firing.checks import check_count, check_patterns
from selective_firing.parameters import RateParameters
from selective_firing.settings import EXPLODED, NOISE_ROWS, settings
from selective_firing.weights import Weights
from selective_firing.wiring import (
    learning_paths,
    link,
    make_network,
    make_stimulus,
    make_tables,
    on_event,
    stop_when_done,
    synapses,
)

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["LEADER", "MONITORS", "Setup", "build", "describe"]


LEADER = "inhibition"
"""The group that leads from one stimulus to the next."""
MONITORS = eqs.MONITORS
"""What is recorded, by monitor."""


@dataclass(frozen=True)
class Setup:
    """What a network made by `build` was made for; kept as its attribute `setup`."""

    weights: Weights
    patterns: np.ndarray
    k: int
    parameters: RateParameters
    learning_rate: float


def build(
    weights: Weights,
    patterns: np.ndarray,
    parameters: RateParameters | None = None,
    *,
    k: int,
    learning_rate: float = 0.0,
    homeostasis: float = 0.0,
    tied: bool = True,
    rng: np.random.Generator | None = None,
) -> Network:
    """Return the circuit as a Brian2 network for you to extend, on a runtime target.

    Add monitors, noise, delays or lesions, then `run` it for any time long enough: it stops when all `patterns`
    have been presented. `simulate.read` turns it into a `Response`.

    Parameters
    ----------
    weights : Weights
    patterns : array-like of shape (n_samples, n_inputs)
    parameters : RateParameters, optional
    k : int
        Number of winners.
    learning_rate, homeostasis : float
    tied : bool
    rng : numpy.random.Generator, optional
        Source of threshold heterogeneity and noise.

    Raises
    ------
    TypeError, ValueError
        If `k` or the patterns do not fit the weights.

    Examples
    --------
    >>> network = build(model.weights_, X, k=10)  # doctest: +SKIP
    >>> network["hidden"].background[:20] = -1e9  # a lesion: nothing can excite these cells
    >>> network.run(60 * second)  # doctest: +SKIP
    """
    parameters = parameters or RateParameters()
    patterns = check_patterns(patterns, weights.n_inputs)
    k = check_count("k", k, at_most=weights.n_hidden)
    rng = rng or np.random.default_rng(0)
    values = settings(
        weights, parameters, k=k, n_presentations=len(patterns), learning_rate=(learning_rate, 0.0),
        homeostasis=homeostasis, tied=tied, rng=rng,
    )  # fmt: skip
    network = describe(patterns, values, dt=parameters.dt)
    stop_when_done(network, LEADER)
    network.setup = Setup(weights, patterns, k, parameters, learning_rate)
    return network


def describe(
    stimuli: np.ndarray,
    values: dict[str, float | np.ndarray],
    *,
    dt: float,
) -> Network:
    """Return the circuit as a Brian2 network on the active device.

    Its objects are found by name: the groups ``net["stimulus"]``, ``net["hidden"]``, ``net["inhibition"]``, the
    synapses ``net["w_in"]``, ``net["w_out"]`` and the monitors ``net["winners"]``, ``net["decisions"]``.

    Parameters
    ----------
    stimuli : ndarray of shape (n_presentations, n_inputs)
    values : dict
        What `settings` returned.
    dt : float
        Time step in ms.
    """
    import brian2 as b2

    noisy = "noise.values" in values
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = make_tables(stimuli, values)
    inhibition = b2.NeuronGroup(
        1, eqs.INHIBITION, method="euler", events={"decide": "fresh"}, clock=clock, order=1,
        namespace={"NOISE_ROWS": NOISE_ROWS, "EXPLODED": EXPLODED}, name="inhibition",
    )  # fmt: skip
    hidden = b2.NeuronGroup(
        values["hidden.b"].size, eqs.HIDDEN.format(kick=" + kick" if noisy else "") + (eqs.NOISY if noisy else ""),
        method="exact",
        events={
            "flip": "(firing == 1) != (u > (1 - subtractive) * sensitivity * z)",
            "win": "fresh and firing == 1",
            "learn": "fresh and firing == 1 and plastic > 0",
        },
        clock=clock, namespace=tables, name="hidden",
    )  # fmt: skip
    link(hidden, inhibition, "z", "fresh", "rate_of_learning", "err_on_mean", "stimulus_on_mean")
    if noisy:
        link(hidden, inhibition, "contrast", "row")
        kick = "kick = kick_amplitude * contrast * noise(row * second, i)"
        hidden.run_regularly(kick, when="start", clock=clock, name="membrane_noise")
    recruit = synapses(hidden, inhibition, name="recruit", clock=clock, events={"count": (0, "flip", eqs.RECRUIT)})
    on_event(hidden, "flip", 2, "recruited = 1; firing = 1 - firing")
    inhibition.run_regularly(eqs.COMPETE, when="synapses", order=4, clock=clock, name="compete")
    resets = {
        "reset": (24, "decide", eqs.RESET),
        "inhibit": (25, "decide", "u_post -= subtractive_post * sensitivity_post * tonic_pre"),
    }
    paths = learning_paths(
        make_stimulus(tables, inhibition, clock), hidden, inhibition, tables, clock, rate="drive", onset=eqs.ONSET,
        resets=resets, monitors=MONITORS,
    )  # fmt: skip
    return make_network([inhibition, hidden, recruit, *paths], values)
