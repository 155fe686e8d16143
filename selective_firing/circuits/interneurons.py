"""The interneurons of the spiking circuit: they add up the spikes of hidden cells, and silence these after the k-th.

A spike of theirs takes effect a delay later; until then the interneuron does not fire again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from selective_firing.circuits.network import join, link, on_event, population
from selective_firing.circuits.time_step import ORDER, Event, Pathway

if TYPE_CHECKING:
    from brian2 import Clock, NeuronGroup

__all__ = ["STAMP", "make_interneurons"]

MODEL = """
dv/dt = (v_rest - v) / tau_interneuron : volt       # adds up the spikes of hidden cells
stimulus : integer                      # during which it last fired
fired_at : integer                      # step at which it did
due : integer                           # step at which that takes effect
step : integer (linked)
presentation : integer (linked)
v_rest : volt (shared, constant)
v_threshold : volt (shared, constant)
tau_interneuron : second (shared, constant)
delay_steps : integer (shared, constant)    # inhibition_delay / dt
epsp : volt (shared, constant)          # (v_threshold - v_rest) / (k - 1/2): what one spike of a hidden cell adds
opens : 1 (shared, constant)            # conductance that one spike opens
number : 1 (shared, constant)           # of interneurons
"""

STAMP = """
stimulus = presentation
fired_at = step
"""

FIRED = f"""{STAMP}
due = step + delay_steps
"""

RESET = """
v_post = v_rest_post
due_post = -1
"""

EVENTS = {
    "spike": Event("v > v_threshold and due < step", ORDER.INTERNEURON_FIRES),
    "release": Event("due == step", ORDER.RELEASE),
}
EXCITE = {"epsp": Pathway(ORDER.EXCITE, "spike", "v_post += epsp_post")}
INHIBIT = {"ipsp": Pathway(ORDER.INHIBIT_CELLS, "release", "g_post += opens_pre")}
COUNT_VOLLEYS = {"count": Pathway(ORDER.COUNT_VOLLEYS, "release", "volleys_post += 1")}
CONTROL = {"reset": Pathway(ORDER.RESET, "decide", RESET)}


def make_interneurons(
    hidden: NeuronGroup, conductor: NeuronGroup, inhibited: NeuronGroup, size: int, clock: Clock
) -> list[Any]:
    """Return `size` interneurons and their synapses; what they do comes before any decision in the time step.

    Parameters
    ----------
    hidden, conductor : NeuronGroup
    inhibited : NeuronGroup
        Has the conductance that they open: `conductor` if hidden cells share it, else `hidden`.
    size : int
    clock : Clock
    """
    interneurons = population(size, MODEL, name="interneurons", clock=clock, method="exact", events=EVENTS)
    link(interneurons, conductor, "step", "presentation")
    on_event(interneurons, "spike", ORDER.STAMP, FIRED)
    on_event(interneurons, "release", ORDER.RESET_INTERNEURON, "v = v_rest")
    return [
        interneurons,
        join(hidden, interneurons, EXCITE, name="excite", clock=clock),
        join(interneurons, inhibited, INHIBIT, name="inhibit", clock=clock),
        join(interneurons, conductor, COUNT_VOLLEYS, name="count_volleys", clock=clock),
        join(conductor, interneurons, CONTROL, name="control_interneurons", clock=clock),
    ]
