"""The rate circuit as a Brian2 network: a hidden layer whose k winners are left over by inhibition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from selective_firing import cycles
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

__all__ = ["CYCLE_MONITORS", "LEADER", "MONITORS", "describe"]


LEADER = "inhibition"
"""The group that leads from one stimulus to the next."""
MONITORS = eqs.MONITORS
"""What is recorded, by monitor."""
CYCLE_MONITORS = MONITORS | {"decisions": [*MONITORS["decisions"], "n_erring", "feedback_gain"]}
"""The same with more than one competition per presentation, and what only then there is."""
FLIP = "(firing == 1) != (u > (1 - subtractive) * sensitivity * z)"
"""A unit becomes active, or silent."""
INHIBIT = "u_post -= subtractive_post * sensitivity_post * tonic_pre"
"""Inhibition acts on the membranes, at the beginning of a competition."""


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

    noisy, cyclic = "noise.values" in values, "inhibition.n_cycles" in values
    clock = b2.Clock(dt=dt * b2.ms, name="circuit_clock")
    tables = make_tables(stimuli, values)
    inhibition = b2.NeuronGroup(
        1, eqs.INHIBITION + cycles.INHIBITION * cyclic, method="euler",
        events={"decide": "fresh"} | (cycles.EVENTS if cyclic else {}), clock=clock, order=1,
        namespace={"NOISE_ROWS": NOISE_ROWS, "EXPLODED": EXPLODED}, name="inhibition",
    )  # fmt: skip
    model = eqs.HIDDEN.format(kick=" + kick" if noisy else "") + eqs.NOISY * noisy + cycles.HIDDEN * cyclic
    hidden = b2.NeuronGroup(
        values["hidden.b"].size, model, method="exact",
        events={"flip": FLIP} | (cycles.WINS if cyclic else eqs.WINS),
        clock=clock, namespace=tables, name="hidden",
    )  # fmt: skip
    link(hidden, inhibition, "z", "fresh", "rate_of_learning", "err_on_mean", "stimulus_on_mean")
    if noisy:
        link(hidden, inhibition, "contrast", "row")
        kick = "kick = kick_amplitude * contrast * noise(row * second, i)"
        hidden.run_regularly(kick, when="start", clock=clock, name="membrane_noise")
    counted = {"count": (0, "flip", eqs.RECRUIT)} | ({"report": (15, "correct", cycles.REPORT)} if cyclic else {})
    recruit = synapses(hidden, inhibition, name="recruit", clock=clock, events=counted)
    on_event(hidden, "flip", 2, "recruited = 1; firing = 1 - firing")
    compete = cycles.COMPETE if cyclic else eqs.COMPETE.format(over="fresh")
    inhibition.run_regularly(compete, when="synapses", order=4, clock=clock, name="compete")
    paths = _paths(hidden, inhibition, tables, clock, cyclic)
    return make_network([inhibition, hidden, recruit, *paths], values)


def _paths(hidden, inhibition, tables, clock, cyclic: bool) -> list:
    """Return inputs, prediction and learning, for one competition per presentation or for cycles of them."""
    paths = {"restart": {"reset": (24, "decide", eqs.RESET), "inhibit": (25, "decide", INHIBIT)}}
    if not cyclic:
        stimulus = make_stimulus(tables, inhibition, clock)
        return learning_paths(
            stimulus, hidden, inhibition, tables, clock, rate="drive", onset=eqs.ONSET, paths=paths, monitors=MONITORS
        )
    stimulus = make_stimulus(tables, inhibition, clock, cycles.STIMULUS, {"onset": "ended and sent != 0"})
    link(stimulus, inhibition, "ended")
    link(hidden, inhibition, "ended", "again", "share")
    cycles.schedule(inhibition, hidden)
    more = cycles.paths(INHIBIT)
    return learning_paths(
        stimulus, hidden, inhibition, tables, clock, rate="drive", onset=cycles.ONSET,
        paths=more | {"restart": paths["restart"] | more["restart"]}, monitors=CYCLE_MONITORS, learn=cycles.LEARN,
        over="end",
    )  # fmt: skip
