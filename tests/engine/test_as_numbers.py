"""Code of one neuron gives, on numbers, the bits that it gives on arrays of one; other code is left as it is."""

from __future__ import annotations

import itertools

import brian2 as b2
import numpy as np
import pytest

from selective_firing.engine.kept import as_numbers
from selective_firing.engine.kept.as_numbers import FUNCTIONS, run_of
from selective_firing.engine.session import borrowed_session, names_remembered

FLOATS = [-np.inf, -2.5, -1.0, -0.0, 0.0, 1e-320, 0.3, 1.0, 7.0, np.inf, np.nan]
INTEGERS = [-3, 0, 1, 2**31 - 1]
NUMBERS = [*map(np.float64, FLOATS), *map(np.int32, INTEGERS), np.False_, np.True_]
STATEMENTS = """
looks = (a > b) or (n == 3)
c = int(looks) * a + (1 - int(looks)) * b
d = clip(c, -1, b)
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
            assert alike(FUNCTIONS[name](value), numpys(np.array([value]))), value


def test_clipping_is_numpys():
    bounds = [*FLOATS, 0, 1, np.int32(5), np.float64(0.3)]
    for value, low, high in itertools.product(NUMBERS[:-2], bounds, bounds):
        assert alike(FUNCTIONS["clip"](value, low, high), np.clip(np.array([value]), low, high)), (value, low, high)


def test_choosing_is_numpys():
    for condition, one, other in itertools.product([np.False_, np.True_], [*NUMBERS, 0, 0.0], [*NUMBERS, 1]):
        found = FUNCTIONS["_numpy.where"](condition, one, other)
        one, other = (np.array([x]) if isinstance(x, np.generic) else x for x in (one, other))
        assert alike(found, np.where(np.array([condition]), one, other)), (condition, one, other)


def group(n, statements=STATEMENTS, reset="a = a ** 2 + 1; n += 1"):
    # explicit names: nobody else's objects take part in the order of theirs
    equations = "a : 1\nb : 1\nc : 1\nd : 1\nh : 1\nf : 1\nn : integer\nlooks : boolean"
    made = b2.NeuronGroup(n, equations, threshold="a > 4", reset=reset, method="euler", name=f"group_of_{n}")
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
        assert "_of_a_number_int" in run.args[0].co_names
        for _ in range(5):
            many[1].run()
        for i, (a, b, n) in enumerate(starts):
            one[0].a, one[0].b, one[0].n = a, b, n
            for _ in range(5):
                run()
            for name in "abcdfhn":
                assert alike(getattr(one[0], name)[:], getattr(many[0], name)[i : i + 1]), (name, starts[i])


def test_a_reset_is_that_of_the_neuron_which_spiked():
    with borrowed_session("numpy"):
        neuron, statements = group(1)
        written(neuron, statements)
        neuron.a, resetter = 5.1, neuron.resetter["spike"]
        neuron.thresholder["spike"].run()
        run_of(resetter)()
        assert neuron.a[0] == 5.1**2 + 1
        assert neuron.n[0] == 1
        assert "square" in run_of(resetter).args[0].co_names


def test_code_with_other_powers_and_of_many_neurons_is_left():
    with borrowed_session("numpy"):
        cubic, many = group(1, "c = a ** 3"), group(4)
        written(*cubic, *many)
        for _, statements in (cubic, many):
            assert run_of(statements).args[0] is statements.code_objects[0].compiled_code["run"]


def test_what_is_looked_up_anew_at_every_step_runs_as_brian2_does():
    with borrowed_session("numpy"):
        neuron, statements = group(1)
        written(neuron, statements)
        assert run_of(statements) != statements.run
        statements.code_objects[0].nonconstant_values.append(("_array_group_of_1_a", lambda: np.array([9.0])))
        assert run_of(statements) == statements.run


def test_names_are_those_that_brian2_would_give():
    with borrowed_session("numpy"):
        held = [b2.NeuronGroup(1, "x : 1") for _ in range(2)]
        expected = b2.NeuronGroup(1, "x : 1").name
        given = b2.core.names.find_name
        with names_remembered():
            assert b2.core.names.find_name is not given
            new = [b2.NeuronGroup(1, "x : 1").name for _ in range(3)]
        assert b2.core.names.find_name is given
    assert not {group.name for group in held} & set(new)
    assert len(set(new)) == 3
    assert expected in new or expected not in {group.name for group in held}


def test_every_function_has_its_name():
    assert set(as_numbers.CALLED) == set(FUNCTIONS)
    assert len(set(as_numbers.CALLED.values())) == len(FUNCTIONS)
