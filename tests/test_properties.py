"""Laws that hold for any input: the winners are the top k, or the error says what is wrong."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from comparisons.sweep.grid import read_grid
from selective_firing import KWTAAutoencoder, RateParameters, Response, datasets, theory
from selective_firing.engine.simulate import simulate
from selective_firing.weights import Weights

FEW = settings(
    max_examples=24, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
MANY = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


SHAPES = [(1, 1), (2, 8), (5, 3), (8, 1), (12, 8)]
"""Hidden units and inputs: a network is built for each, which takes as long as many examples do in it."""


@st.composite
def circuits(draw) -> tuple[Weights, np.ndarray, int]:
    """Weights, patterns and k of some shapes, many scales and sparsities, with doubles among units and patterns."""
    n_hidden, n_inputs = draw(st.sampled_from(SHAPES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = 10.0 ** draw(st.integers(-6, 6))
    patterns = scale * rng.random((6, n_inputs)) * (rng.random((6, n_inputs)) < draw(st.floats(0, 1)))
    w = rng.standard_normal((n_hidden, n_inputs))
    if draw(st.booleans()):
        w = w[rng.integers(0, n_hidden, n_hidden)]  # exact ties
    mean = patterns.mean(axis=0) if draw(st.booleans()) else np.zeros(n_inputs)
    power = float(((patterns - mean) ** 2).sum(axis=1).mean())
    bias = draw(st.sampled_from([0.0, 0.3, -0.3])) * np.sqrt(power) * rng.random(n_hidden)
    return Weights(w, w, bias, mean, power), patterns, draw(st.integers(1, n_hidden))


@FEW
@given(circuits(), st.sampled_from(["subtractive", "threshold"]))
def test_winners_are_the_top_k_wherever_a_threshold_can_part_them(circuit, inhibition):
    weights, patterns, k = circuit
    response, _ = simulate(weights, patterns, k, RateParameters(inhibition=inhibition), codegen="numpy")
    drive = weights.drive(patterns)
    ordered = -np.sort(-drive, axis=1)
    floor = 1e-9 * np.abs(drive).max(initial=0)
    below = ordered[:, k] if k < weights.n_hidden else np.full(len(patterns), -np.inf)
    parted = (ordered[:, k - 1] > np.maximum(below, 0) * (1 + 1e-6) + floor) & (ordered[:, k - 1] > floor)
    np.testing.assert_array_equal(response.winners[parted], theory.top_k(drive, k)[parted])
    assert (response.n_active[parted] == k).all()
    few = (drive > floor).sum(axis=1) < k
    np.testing.assert_array_equal(response.winners[few], (drive > floor)[few])
    assert np.isfinite(response.squared_error).all()
    assert (response.settled | response.tied)[parted | few].all()


@MANY
@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int16, np.uint8, np.bool_]),
        st.tuples(st.integers(2, 6), st.just(4)),
        elements=st.integers(0, 1),
    ),
    st.sampled_from(["C", "F", "strided", "read-only", "list"]),
)  # fmt: skip
def test_any_layout_and_type_of_the_same_numbers_gives_the_same_drives(X, layout):
    model = LEARNED
    plain = np.array(X, dtype=float)
    shown = {
        "C": X,
        "F": np.asfortranarray(X),
        "strided": np.repeat(X, 2, axis=1)[:, ::2],
        "read-only": X.view(),
        "list": X.tolist(),
    }[layout]
    if layout == "read-only":
        shown.flags.writeable = False
    np.testing.assert_array_equal(model.drive(shown), model.drive(plain))


LEARNED = KWTAAutoencoder(5, 2, n_epochs=1, codegen="numpy", random_state=0).fit(np.eye(4))


@pytest.mark.parametrize(("dtype", "order"), [(np.float32, "F"), (np.int64, "C"), (np.bool_, "F")])
def test_simulating_any_type_and_order_is_simulating_its_floats(dtype, order):
    X = np.array(np.random.default_rng(0).integers(0, 2, (5, 4)), dtype=dtype, order=order)
    np.testing.assert_array_equal(LEARNED.transform(X), LEARNED.transform(X.astype(float)))


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 30), st.floats(), st.text(max_size=3), st.just(np.float64(2)),
    st.just([1]), st.just(np.int64(3)),
)  # fmt: skip


@MANY
@given(st.sampled_from(["n_hidden", "k", "n_epochs", "learning_rate", "homeostasis", "codegen", "circuit"]), ANYTHING)
def test_an_argument_is_right_or_named_in_the_error(name, value):
    model = KWTAAutoencoder(12, 3, codegen="numpy").set_params(**{name: value})
    words = ""
    try:
        model.check_parameters()
    except (TypeError, ValueError) as error:
        words = str(error)
    assert words == "" or words.startswith((f"{name} must be", "k must be" if name == "n_hidden" else name))


@MANY
@given(st.binary(max_size=200), st.sampled_from([".npy", ".npz", ".csv"]), st.booleans())
def test_a_file_of_anything_is_read_or_refused(tmp_path, content, suffix, plausible):
    start = {".npy": b"\x93NUMPY\x01\x00", ".npz": b"PK\x03\x04", ".csv": b"1,2\n3,4\n"}[suffix]
    path = tmp_path / f"file{suffix}"
    path.write_bytes(start + content if plausible else content)
    try:
        data = datasets.load(path)
    except (ValueError, TypeError):
        return
    assert np.isfinite(data.X_train).all()


@MANY
@given(st.binary(max_size=80))
def test_bytes_that_are_no_grid_model_or_response_are_refused(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    for read in (KWTAAutoencoder.load, Response.load):
        with pytest.raises(ValueError, match="path must be"):
            read(path)
    try:
        grid = read_grid(path)
    except ValueError:
        return
    assert isinstance(grid, dict)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("selective_firing._files.archives.LARGEST_ARCHIVE", 10**6)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, X=np.zeros((10**6, 2)))
    assert path.stat().st_size < 20_000
    for read in (datasets.load, KWTAAutoencoder.load):
        with pytest.raises(ValueError, match="must unpack to at most 1,000,000 bytes"):
            read(path)


def test_a_header_that_promises_too_much_is_refused(tmp_path):
    path, content = tmp_path / "huge.npz", io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"shape": (10**9, 10**6), "fortran_order": False, "descr": "<f8"})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X.npy", content.getvalue())
    with pytest.raises(ValueError, match="path must hold numeric arrays"):
        datasets.load(path)


def test_names_that_lead_out_of_an_archive_write_nothing(tmp_path):
    path = tmp_path / "inner" / "model.npz"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.npy", b"x")
        archive.writestr("header.npy", json.dumps({"kind": "Response"}))
    with pytest.raises(ValueError, match="path must be a Response file"):
        Response.load(path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["model.npz"]
