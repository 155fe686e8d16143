"""Code of one neuron gives, on numbers, the bits that it gives on arrays of one; other code is left as it is."""

from __future__ import annotations

import gc
import itertools
import sys

import brian2 as b2
import numpy as np
import pytest

from selective_firing.engine.kept.as_numbers import CALLED, _clip_by, run_of
from selective_firing.engine.session import borrowed_session

FLOATS = [-np.inf, -2.5, -1.0, -0.0, 0.0, 1e-320, 0.3, 1.0, 7.0, np.inf, np.nan]
INTEGERS = [-3, 0, 1, 2**31 - 1]
NUMBERS = [*map(np.float64, FLOATS), *map(np.int32, INTEGERS), np.False_, np.True_]
STATEMENTS = """
looks = (a > b) or (n == 3)
c = int(looks) * a + (1 - int(looks)) * b
d = clip(c, -1, b) + clip(b, 0, 0.5)
m = c * int(abs(c) < 1e9)
c += 0.1 * d
h = clip(n, 0, 2) / (1 + abs(d)) + exp(-d) + sqrt(abs(c))
f = a / b + int(not looks) * n
n = n + int(a > 0)
a = 0.7 * a - 0.1 * h
"""


def alike(one, other):
    """Equal to the bit, signs of zeros included, and of one type."""
    one, other = np.asarray(one), np.asarray(other).reshape(np.shape(one))
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(("name", "numpys"), [("int", np.int32), ("logical_not", np.logical_not)])
def test_functions_of_one_number_are_numpys(name, numpys):
    for value in NUMBERS:
        if name == "logical_not" or np.isfinite(value):
            assert alike(CALLED[name](value), numpys(np.array([value]))), value


@pytest.mark.parametrize(("clip", "bound"), [(CALLED["clip"], lambda x: x), (_clip_by, np.atleast_1d)])
def test_clipping_is_numpys(clip, bound):
    """By numbers and by arrays NumPy keeps the signs of zeros in two ways."""
    bounds = [*FLOATS, 0, 1, np.int32(5), np.float64(0.3)]
    for value, low, high in itertools.product(NUMBERS[:-2], bounds, bounds):
        expected = np.clip(np.array([value]), bound(low), bound(high))
        assert alike(clip(value, low, high), expected), (value, low, high)


def test_choosing_is_numpys():
    for condition, one, other in itertools.product([np.False_, np.True_], [*NUMBERS, 0, 0.0], [*NUMBERS, 1]):
        found = CALLED["_numpy.where"](condition, one, other)
        one, other = (np.array([x]) if isinstance(x, np.generic) else x for x in (one, other))
        assert alike(found, np.where(np.array([condition]), one, other)), (condition, one, other)


def group(n, statements=STATEMENTS):
    # explicit names: nobody else's objects take part in the order of theirs
    equations = "a : 1\nb : 1\nc : 1\nd : 1\nh : 1\nf : 1\nn : integer\nm : integer\nlooks : boolean"
    made = b2.NeuronGroup(n, equations, method="euler", name=f"group_of_{n}")
    return made, made.run_regularly(statements, name=f"statements_of_{n}")


def written(*objects):
    network = b2.Network(*objects)
    network.run(0 * b2.second, namespace={})
    return network


def test_statements_of_one_neuron_give_the_bits_of_one_among_many(rng):
    starts = [*itertools.product([-3.0, -0.0, 0.0, 2.0, 5.0], [-1.0, 0.0, 0.5], [0, 3, 9])]
    with borrowed_session("numpy"), np.errstate(all="ignore"):
        many, one = group(len(starts)), group(1)
        written(*many, *one)
        many[0].a, many[0].b, many[0].n = (list(column) for column in zip(*starts, strict=True))
        run = run_of(one[1])
        assert {"_number_int", "_number_clip", "_number_clip_by"} <= set(run.args[0].co_names)
        assert "copy" not in run.args[0].co_names  # every array is read as a number
        for _ in range(5):
            many[1].run()
        for i, (a, b, n) in enumerate(starts):
            one[0].a, one[0].b, one[0].n = a, b, n
            for _ in range(5):
                run()
            for name in "abcdfhnm":
                assert alike(getattr(one[0], name)[:], getattr(many[0], name)[i : i + 1]), (name, starts[i])


OTHERS = {"powers": "c = a ** 3", "squares of whole numbers": "c = n ** 2.0"}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_might_differ_is_left_as_brian2_wrote_it(kind):
    with borrowed_session("numpy"):
        neuron, statements = group(1, OTHERS[kind])
        written(neuron, statements)
        assert run_of(statements).args[0] is statements.code_objects[0].compiled_code["run"]


def test_a_whole_number_is_not_changed_in_place_to_a_fraction():
    with borrowed_session("numpy"):
        neuron, statements = group(1, "n += 0.5 * a")
        written(neuron, statements)
        with pytest.raises(TypeError, match="same_kind"):
            run_of(statements)()


def test_code_of_many_neurons_and_of_events_is_left():
    with borrowed_session("numpy"):
        neuron = b2.NeuronGroup(1, "a : 1", threshold="a > 4", reset="a = a + 1", name="resets")
        many = group(4)
        written(neuron, *many)
        for obj in (neuron.resetter["spike"], neuron.thresholder["spike"], many[1]):
            assert run_of(obj).args[0] is obj.code_objects[0].compiled_code["run"]


def test_numbers_that_are_none_are_stored_as_those_of_arrays():
    with borrowed_session("numpy"), np.errstate(all="ignore"):
        one, many = group(1, "n = a / b"), group(2, "n = a / b")
        written(*one, *many)
        for neuron, _ in (one, many):
            neuron.a, neuron.b = 0.0, 0.0
        run_of(one[1])()
        many[1].run()
        assert one[0].n[0] == many[0].n[0]


def test_all_code_of_an_object_runs():
    with borrowed_session("numpy"):
        source, target = (b2.NeuronGroup(1, "a : 1", threshold="a > 0", name=name) for name in ("source", "target"))
        synapse = b2.Synapses(source, target, on_pre="a_post += 2", name="synapse")
        synapse.connect()
        written(source, target, synapse)
        source.a = 1
        source.thresholder["spike"].run()
        run_of(synapse.pre)()
        assert target.a[0] == 2


def test_what_is_looked_up_anew_at_every_step_runs_as_brian2_does():
    with borrowed_session("numpy"):
        neuron, statements = group(1)
        written(neuron, statements)
        assert run_of(statements) != statements.run
        statements.code_objects[0].nonconstant_values.append(("_array_group_of_1_a", lambda: np.array([9.0])))
        assert run_of(statements) == statements.run


def test_names_are_those_that_brian2_would_give():
    def named(n):
        made = [b2.NeuronGroup(1, "x : 1", threshold="x > 1") for _ in range(n)]
        written(*made)
        return [
            [group.name, *(code.name for obj in group.contained_objects for code in obj.code_objects)] for group in made
        ]

    with borrowed_session("numpy"):  # which remembers names
        places = b2.core.names, sys.modules["brian2.devices.device"]
        remembering = [place.find_name for place in places]
        found = named(3)
    asking = [place.find_name for place in places]
    assert all(one is not other for one, other in zip(remembering, asking, strict=True))
    assert asking[0] is asking[1]
    gc.collect()  # what was named is gone
    assert named(3) == found
