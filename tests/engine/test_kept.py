"""Networks that are kept: the same to the bit as a new one that Brian2 runs, and nobody notices that they are there."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest.mock import Mock

import brian2 as b2
import numpy as np
import pytest
from brian2.core.variables import ArrayVariable
from brian2.devices.device import reinit_devices

from selective_firing.circuits.initial_values import Draws, initial_values
from selective_firing.engine import record_trace
from selective_firing.engine.build_key import CIRCUITS, build_key
from selective_firing.engine.kept import network as kept
from selective_firing.engine.record_trace import trace
from selective_firing.engine.session import borrowed_session, run_to_its_end
from selective_firing.engine.simulate import simulate
from selective_firing.parameters import RateParameters, SpikingParameters
from selective_firing.weights import Weights

SHORT = {"dt": 0.5, "presentation": 25.0, "inhibition_delay": 0.5}
CHOICES = {
    "rate": RateParameters(),
    "rate, threshold, noise, delay": RateParameters(inhibition="threshold", noise=0.1, loop_delay=2.0),
    "rate, cycles": RateParameters(n_cycles=3, late_share=0.5, threshold_cv=0.1),
    "rate, cycles, noise": RateParameters(n_cycles=2, noise=0.1, max_settle=20.0),
    "rate, swaps": RateParameters(explain="lateral", n_swaps=1, max_settle=200.0),
    "rate, proportional": RateParameters(controller="proportional", hold=2.0),
    "rate, from zero, delay": RateParameters(inhibition_start="zero", loop_delay=2.0, max_settle=60.0),
    "rate, fixed, held": RateParameters(controller="fixed", hold=2.0, inhibition_start="feedforward"),
    "spiking": SpikingParameters(**SHORT),
    "spiking, noise, a conductance per cell": SpikingParameters(**SHORT, noise=0.3, conductance="own"),
    "spiking, trains, counts": SpikingParameters(**SHORT, input="poisson", readout="count", n_interneurons=3),
    "spiking, trains, own, noise": SpikingParameters(**SHORT, input="poisson", conductance="own", noise=0.1),
}


@pytest.fixture
def none_kept(monkeypatch):
    """Nothing is kept at first; what was before is there again afterwards."""
    monkeypatch.setattr(kept, "_kept", OrderedDict())


def asked(weights, patterns, parameters, seed=0, k=3):
    """Return what a network is for, what it starts from, and its stimuli: it learns, with homeostasis."""
    values = initial_values(
        weights, parameters, k=k + seed, n_presentations=len(patterns), learning_rate=(0.3, -0.01), homeostasis=0.05,
        first_number=seed, draws=Draws.of(parameters, weights.n_hidden, np.random.default_rng(seed)),
    )  # fmt: skip
    return build_key(weights, parameters, 100), patterns, values


def everything(network) -> dict[str, np.ndarray]:
    """Return every array of a network, but the room for events that did not happen."""
    found = {}
    for obj in [*network.sorted_objects, network.sorted_objects[0].clock]:
        for name, variable in getattr(obj, "variables", {}).items():
            if isinstance(variable, ArrayVariable):
                value = np.array(variable.get_value())
                found[f"{obj.name}.{name}"] = np.sort(value[: value[-1]]) if name.endswith("space") else value
    return found


def anew(shape, patterns, values, watch=None) -> dict[str, np.ndarray]:
    """Return what a new network holds after Brian2 has run it."""
    circuit = CIRCUITS[shape.circuit]
    with borrowed_session("numpy"):
        network = circuit.make(patterns, values, dt=shape.dt)
        if watch:
            watch(network)
        run_to_its_end(network, circuit.CONDUCTOR_NAME)
        return everything(network)


def again(shape, patterns, values, watch=None) -> dict[str, np.ndarray]:
    """Return what a network that is kept, if there is one, holds after it was run."""
    with borrowed_session("numpy"), kept.ready(shape, patterns, values, watch) as lent:
        lent.run()
        return everything(lent.network)


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(other[name], value, err_msg=name, strict=True)
        assert other[name].tobytes() == value.tobytes(), name  # signs of zeros, too


@pytest.mark.parametrize("choice", CHOICES)
def test_it_is_to_the_bit_a_new_network_that_brian2_runs_after_others_than_that(
    weights, tied_weights, patterns, choice
):
    parameters = CHOICES[choice]
    this = asked(weights, patterns[:2], parameters)
    another = asked(tied_weights, 3 * patterns[5:8], parameters, seed=2)
    first = again(*this)
    same(anew(*another), again(*another))
    same(first, again(*this))


STEPS = [
    "rate, cycles",
    "rate, from zero, delay",
    "rate, swaps",
    "spiking, trains, counts",
    "spiking, trains, own, noise",
]


@pytest.mark.parametrize("choice", STEPS)
def test_so_it_is_with_every_step_recorded(weights, tied_weights, patterns, choice):
    parameters = CHOICES[choice]
    watch = record_trace._watch_rate if choice.startswith("rate") else record_trace._watch_spiking
    this, another = asked(weights, patterns[:1], parameters), asked(tied_weights, patterns[3:5], parameters, seed=1)
    first = again(*this, watch)
    same(anew(*another, watch), again(*another, watch))
    same(first, again(*this, watch))


@pytest.mark.parametrize(
    "choice", ["rate, cycles, noise", "rate, swaps", "rate, from zero, delay", "spiking, trains, own, noise"]
)
def test_so_it_is_where_every_group_is_of_one_neuron(patterns, choice):
    weights = Weights(np.array([[0.8]]), np.array([[0.7]]), np.array([0.1]), np.array([0.3]), 0.4)
    shape, stimuli, values = asked(weights, patterns[:3, :1], CHOICES[choice], k=1)
    same(anew(shape, stimuli, values), again(shape, stimuli, values))


def test_constants_of_which_code_has_copies_are_those_of_this_run(weights, patterns):
    """Time constants, k, and the options that are numbers: two runs that differ in all, in either order."""
    slow = RateParameters(tau_m=12.0, tau_i=20.0, inhibition="threshold", inhibition_start="zero", gain_growth=1.2)
    both = [asked(weights, patterns[:3], RateParameters()), asked(weights, patterns[:3], slow, seed=1)]
    news = [anew(*request) for request in both]
    assert not np.array_equal(news[0]["decisions.step"], news[1]["decisions.step"])
    for turn in (0, 1, 0):
        same(news[turn], again(*both[turn]))


def test_models_of_one_shape_do_not_meet(none_kept, weights, tied_weights, patterns):
    alone = [simulate(w, patterns, 4, learning_rate=0.3, codegen="numpy") for w in (weights, tied_weights)]
    for w, (response, after) in zip((weights, tied_weights, weights), (*alone, alone[0]), strict=True):
        found, learned = simulate(w, patterns, 4, learning_rate=0.3, codegen="numpy")
        np.testing.assert_array_equal(found.code, response.code)
        np.testing.assert_array_equal(learned.w_in, after.w_in)
    assert len(kept._kept) == 1


def test_what_was_returned_is_not_touched_by_the_next_run(weights, tied_weights, patterns):
    response, after = simulate(weights, patterns, 4, learning_rate=0.3, codegen="numpy")
    shown = trace(weights, patterns[0], 4, RateParameters())
    before = [np.array(a) for a in (response.code, after.w_in, after.bias, shown.u, shown.inhibition, shown.winners)]
    simulate(tied_weights, patterns[::-1], 6, learning_rate=0.1, codegen="numpy")
    trace(tied_weights, patterns[1], 6, RateParameters())
    now = [response.code, after.w_in, after.bias, shown.u, shown.inhibition, shown.winners]
    for one, other in zip(before, now, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_one_that_was_interrupted_is_not_used_again(none_kept, weights, patterns, error):
    request = asked(weights, patterns[:4], RateParameters())
    expected = again(*request)
    (network,) = kept._kept.values()
    due = [error] * 7 + [None] * 10

    def interrupt():
        if (what := due.pop()) is not None:
            raise what

    network._steps.insert(len(network._steps) // 2, (interrupt, None, None))
    before = b2.prefs.codegen.target
    with pytest.raises(error):
        again(*request)
    assert not kept._kept
    assert b2.prefs.codegen.target == before
    same(expected, again(*request))


def test_learning_that_explodes_leaves_nothing_to_the_next(weights, patterns):
    wild, tame = (asked(weights, patterns[:4], RateParameters()) for _ in range(2))
    wild[2]["inhibition.learning_rate"] = 1e300
    expected = again(*tame)
    assert again(*wild)["inhibition.diverged"].all()
    same(expected, again(*tame))


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_threads_do_not_disturb_each_other(weights, tied_weights, patterns):
    choices = [RateParameters(), RateParameters(inhibition="threshold"), RateParameters(n_cycles=3)]
    jobs = [(w, parameters) for w in (weights, tied_weights) for parameters in choices] * 2

    def run(job):
        response, after = simulate(job[0], patterns[:5], 4, job[1], learning_rate=(0.3, 0.0), codegen="numpy")
        return response.code, after.w_in, after.bias

    before = {name: repr(value) for name, value in b2.prefs.items()}
    expected = [run(job) for job in jobs]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(run, jobs))
    for one, other in zip(expected, found, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
    assert {name: repr(value) for name, value in b2.prefs.items()} == before


def test_the_code_is_that_of_the_users_preferences(none_kept, weights, patterns):
    request = asked(weights, patterns[:2], RateParameters())
    expected = again(*request)
    b2.prefs.codegen.loop_invariant_optimisations = False
    try:
        found = again(*request)
        assert len(kept._kept) == 2
        assert any((found[name] != value).any() for name, value in expected.items())  # sums in another order
        for name, value in expected.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-12, err_msg=name)
    finally:
        b2.prefs.codegen.loop_invariant_optimisations = True
    same(expected, again(*request))
    assert len(kept._kept) == 2


def test_what_the_user_does_to_brian2_does_not_matter_to_it(none_kept, weights, patterns):
    request = asked(weights, patterns[:2], RateParameters())
    expected = again(*request)
    for act in (b2.start_scope, b2.get_device().reinit, reinit_devices, b2.stop, lambda: b2.seed(1)):
        act()
        same(expected, again(*request))
    b2.defaultclock.dt = 0.3 * b2.ms
    same(expected, again(*request))
    assert b2.defaultclock.dt == 0.3 * b2.ms
    reinit_devices()
    assert len(kept._kept) == 1


def test_it_takes_no_name_that_objects_of_the_user_get_by_default(weights, patterns):
    gc.collect()
    kinds = [lambda: b2.Network(), lambda: b2.NeuronGroup(1, "v : 1"), lambda: b2.Clock(dt=1 * b2.ms),
             lambda: b2.NetworkOperation(lambda: None)]  # fmt: skip
    names = [make().name for make in kinds]
    for choice in ("rate, cycles", "spiking, trains, own, noise"):
        simulate(weights, patterns[:1], 3, CHOICES[choice], codegen="numpy")
        trace(weights, patterns[0], 3, CHOICES[choice])
    gc.collect()
    assert kept._kept
    assert [make().name for make in kinds] == names


def test_few_are_kept_and_none_that_is_large(none_kept, weights, patterns, monkeypatch):
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    monkeypatch.setattr(kept, "KeptNetwork", lambda *_: Mock())
    shapes = {dt: asked(weights, patterns[:1], RateParameters(dt=dt)) for dt in (0.5, 1.0, 0.25)}
    lent = []
    for dt in (0.5, 1.0, 0.5, 0.25):
        with kept.ready(*shapes[dt]) as network:
            assert network not in kept._kept.values()
            lent.append(network)
    assert [key[0].dt for key in kept._kept] == [0.5, 0.25]  # the one used least recently has gone
    assert lent[0] is lent[2] is not lent[1]
    kept._kept.clear()
    monkeypatch.setattr(kept, "MOST_SYNAPSES", weights.n_inputs * weights.n_hidden - 1)
    with kept.ready(*shapes[0.5]):
        pass
    assert not kept._kept


@pytest.mark.parametrize("choice", ["rate", "spiking, trains, counts"])
def test_it_lets_go_of_the_stimuli(weights, patterns, choice):
    stimuli = patterns[:3].copy()
    again(*asked(weights, stimuli, CHOICES[choice]))
    there = weakref.ref(stimuli)
    del stimuli
    gc.collect()
    assert there() is None
    assert kept._kept


def test_one_without_power_or_winners_does_not_touch_one_with_both_nor_the_other_way_round(weights, patterns):
    still = replace(weights, bias=np.zeros(24), power=0.0)
    nothing = asked(still, np.repeat(weights.mean[np.newaxis], 3, axis=0), RateParameters())
    something = asked(weights, patterns[:3], RateParameters())
    new = anew(*nothing)
    assert new["winners.i"].size == 0
    same(new, again(*nothing))
    same(anew(*something), again(*something))
    same(new, again(*nothing))
