"""What happens when: the order of all that happens within one time step, and what events and pathways are."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["ORDER", "Event", "Pathway", "during"]


class ORDER(IntEnum):
    """Places in the ``synapses`` slot of a time step; membranes move, and thresholds are tested, before it.

    Steps two apart leave room for yours. A presentation starts and ends within a step: what follows DECIDE happens only
    in the step in which a competition, or a presentation, is over.
    """

    # Spiking circuit: input spikes, then hidden spikes, then interneurons, then what inhibition does.
    INPUT_FIRES = -28  # an input that is due fires
    COUNT_INPUTS = -26  # and is counted
    PRESENT_SPIKES = -24  # its spike drives the hidden cells
    NEXT_INPUT = -22  # it draws when it will fire next
    EXCITE = -20  # spikes of hidden cells excite the interneurons
    COUNT_SPIKES = -18  # and are counted
    RESET_CELL = -16  # the cells that fired are reset
    INTERNEURON_FIRES = -14  # an interneuron above its threshold fires
    STAMP = -12  # and notes when that will take effect
    RELEASE = -10  # a spike whose delay is over takes effect:
    INHIBIT_CELLS = -8  # it opens the inhibitory conductance of all cells
    COUNT_VOLLEYS = -6  # and is counted
    RESET_INTERNEURON = -4
    MONITOR_SPIKES = -2

    # Rate circuit: the inhibitory loop.
    RECRUIT = 0  # inhibition counts the units that became active or silent
    FLIP = 2  # which note it
    COMPETE = 4  # inhibition is released, or grows
    RECORD = 6  # traces

    # Both: the decision, and what is learned from it.
    DECIDE = 8  # is the competition over, and who won?
    SPEAK = 10  # lateral synapses: units whose rate changes
    TELL = 12  # tell all others
    READ = 14  # the winners' rates are read; the prediction starts from the mean
    PREDICT = 16  # winners predict the stimulus
    COMPARE = 17  # push and pull: ON and OFF cells compare what was predicted of them
    SCORE = 18  # the error is added up
    MONITOR = 20  # decisions and winners are recorded
    FEEDBACK = 22  # error neurons tell the winners what is left
    CORRECT = 24  # explaining away: the winners answer
    NOTE = 26  # each winner notes what its synapses will learn by
    CURVATURE = 28  # explaining away: how large the answer was
    LEARN = 30  # synapses learn
    FORGET = 32  # lateral synapses: what has learned
    REFRESH = 34  # is driven anew
    RECALL = 36  # and all fields are made anew
    REPEAT = 38  # from what the winners tell again

    # Both: the next stimulus, or the next cycle.
    CLEAR = 40  # the old stimulus goes
    LOAD = 42  # the new one comes
    POWER = 44  # its norm is measured
    ONSET = 46  # the conductor starts a presentation, or a competition
    ADAPT = 48  # homeostasis
    RESEND = 50  # explaining away: the error is what will be sent
    RESET = 52  # membranes start anew
    INHIBIT = 54  # inhibition starts above every drive
    SEND = 56  # inputs that are active have an onset event
    PRESENT = 58  # and drive the hidden layer
    DRIVEN = 60  # lateral synapses: what drives a unit is all unexplained yet
    SWEEP = 62  # a sweep of relaxation begins
    EAGER = 64  # with the winners whose rate would change
    RANK = 66  # the strongest first


class Event(NamedTuple):
    """When a member of a population has an event.

    Attributes
    ----------
    condition : str
    order : ORDER, optional
        Its place in the time step, right after the thresholds if not given.
    flag : str, optional
        A variable of the conductor without which it cannot happen, so that a compiled circuit need not look.
    """

    condition: str
    order: ORDER | None = None
    flag: str | None = None


def during(flag: str, condition: str, order: ORDER) -> Event:
    """Return an event that can happen only in the time steps in which `flag` is true.

    Parameters
    ----------
    flag : str
    condition : str
    order : ORDER
    """
    return Event(f"{flag} and {condition}", order, flag)


class Pathway(NamedTuple):
    """What the synapses do when a neuron has an event.

    Attributes
    ----------
    order : ORDER
    event : str
    code : str
    backward : bool
        Whether it is an event of the target, not of the source.
    """

    order: ORDER
    event: str
    code: str
    backward: bool = False
