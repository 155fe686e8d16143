"""The rate circuit as a Brian2 network: a hidden layer whose k winners are left over by inhibition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from selective_firing import equations as eqs
from selective_firing.settings import EXPLODED, NOISE_ROWS
from selective_firing.wiring import (
    learning_paths,
    link,
    make_network,
    make_stimulus,
    make_tables,
    on_event,
    synapses,
)

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["LEADER", "MONITORS", "describe"]


LEADER = "inhibition"
"""The group that leads from one stimulus to the next."""
MONITORS = eqs.MONITORS
"""What is recorded, by monitor."""


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
        What `settings.settings` returned for `RateParameters`.
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
