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
    READ = 10  # the winners' rates are read; the prediction starts from the mean
    PREDICT = 12  # winners predict the stimulus
    SCORE = 14  # the error is added up
    MONITOR = 16  # decisions and winners are recorded
    FEEDBACK = 18  # error neurons tell the winners what is left
    CORRECT = 20  # explaining away: the winners answer
    NOTE = 22  # each winner notes what its synapses will learn by
    CURVATURE = 24  # explaining away: how large the answer was
    LEARN = 26  # synapses learn

    # Both: the next stimulus, or the next cycle.
    CLEAR = 28  # the old stimulus goes
    LOAD = 30  # the new one comes
    POWER = 32  # its norm is measured
    ONSET = 34  # the conductor starts a presentation, or a cycle
    ADAPT = 36  # homeostasis
    RESEND = 38  # explaining away: the error is what will be sent
    RESET = 40  # membranes start anew
    INHIBIT = 42  # inhibition starts above every drive
    SEND = 44  # inputs that are active have an onset event
    PRESENT = 46  # and drive the hidden layer


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
