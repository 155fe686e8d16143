"""Brian2's session, which belongs to the user: borrowed for a simulation, and given back as it was."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from brian2 import Network

__all__ = ["borrowed_session", "collect", "garbage_left", "run_to_its_end", "stop_when_done", "translated_anew"]

LONG_ENOUGH_S = 1e6
"""Of simulated time; a simulation stops when all its stimuli have been presented."""

_lock = threading.RLock()
"""Held while the session is borrowed: there is one for all threads. Only one of them computes at a time anyway."""


def _renew_lock() -> None:
    global _lock
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_renew_lock)  # the thread that held it may be none of the child's


@contextlib.contextmanager
def borrowed_session(target: str) -> Iterator[None]:
    """Run on a runtime target, then give the user's device and preferences back as they were."""
    import brian2 as b2
    from brian2.devices.device import get_device, reset_device, runtime_device, set_device

    needed = {"codegen.target": target, "core.default_float_dtype": np.float64}
    with _lock:
        before, elsewhere = {name: b2.prefs[name] for name in needed}, get_device() is not runtime_device
        if elsewhere:
            set_device("runtime")
        for name, value in needed.items():
            b2.prefs[name] = value
        try:
            with translated_anew(), names_remembered(), garbage_left():
                yield
        finally:
            for name, value in before.items():
                b2.prefs[name] = value
            if elsewhere:
                reset_device()


@contextlib.contextmanager
def translated_anew() -> Iterator[None]:
    """Let Brian2 translate every statement, instead of first looking up whether it has met it before.

    The key of that look-up holds all attributes of all variables of a group: to make it takes longer than to translate,
    half of the time of building a network. And the keys stay, by the million, for the garbage collector to go through.
    """
    from brian2.codegen import translation
    from brian2.codegen.generators import base

    looked_up = translation.make_statements
    translation.make_statements = base.make_statements = getattr(looked_up, "__wrapped__", looked_up)
    try:
        yield
    finally:
        translation.make_statements = base.make_statements = looked_up


@contextlib.contextmanager
def names_remembered() -> Iterator[None]:
    """Let Brian2 remember which names are taken, instead of asking all that lives whenever it needs a new one.

    Networks that are kept are a thousand objects, and a new one asks them thirty times: a tenth of its time. Names of
    what ends meanwhile stay taken.
    """
    from brian2.core import names as naming

    device: Any = import_module("brian2.devices.device")  # of that name is the user's device, too
    asked, taken = naming.find_name, set[str]()

    def find_name(name: str, names: set[str] | None = None) -> str:
        if not taken:  # only now: most simulations build nothing
            taken.update(getattr(found(), "name", "") for found in set(naming.Nameable.__instances__()))
        new = asked(name, taken if names is None else names)
        taken.add(new)
        return new

    naming.find_name = device.find_name = find_name
    try:
        yield
    finally:
        naming.find_name = device.find_name = asked


@contextlib.contextmanager
def garbage_left() -> Iterator[None]:
    """Spare Brian2 the search for garbage before each run: it goes through all that lives, a third of a second."""
    ours = not gc.get_freeze_count()  # else somebody has set apart what lives, and knows when it may go
    if ours:
        gc.freeze()
    try:
        yield
    finally:
        if ours:
            gc.unfreeze()


def stop_when_done(network: Network, conductor: str) -> None:
    """Let a network on a runtime target stop by itself after its last presentation, or when learning explodes.

    Parameters
    ----------
    network : Network
    conductor : str
    """
    import brian2 as b2

    presentation, diverged = (network[conductor].variables[name].get_value() for name in ("presentation", "diverged"))
    n_presentations = network[conductor].n_presentations_

    def stop_if_done() -> None:
        if presentation[0] >= n_presentations or diverged[0]:
            network.stop()

    clock = network[conductor].clock
    network.add(b2.NetworkOperation(stop_if_done, clock=clock, when="end", name="stop_when_done"))


def run_to_its_end(network: Network, conductor: str) -> None:
    """Run a network in a borrowed session until its last presentation is over.

    Parameters
    ----------
    network : Network
    conductor : str
    """
    import brian2 as b2

    stop_when_done(network, conductor)
    with np.errstate(over="ignore", invalid="ignore"):  # on the numpy target; what explodes is told by `verify`
        network.run(LONG_ENOUGH_S * b2.second, namespace={})


def collect(network: Network, wanted: Sequence[str]) -> dict[str, np.ndarray]:
    """Return variables, by ``object.variable``, copied out of Brian2.

    Parameters
    ----------
    network : Network
    wanted : Sequence[str]
    """
    pairs = ((name, *name.split(".")) for name in wanted)
    return {name: np.array(network[owner].variables[variable].get_value()) for name, owner, variable in pairs}
