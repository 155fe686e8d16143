"""What a simulation left behind, on two stimuli that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from selective_firing._files.archives import read_archive, write_archive
from selective_firing.results.response import Response
from selective_firing.results.response_file import PER_STIMULUS


@pytest.fixture
def response():
    return Response(
        winner_units=np.array([2, 0, 1]), winner_drives=np.array([1.0, 2.0, 3.0]), n_active=np.array([1, 2]),
        settled=np.array([False, True]), tied=np.array([False, False]), settling_time_ms=np.array([500.0, 20.0]),
        n_recruited=np.array([1, 3]), n_flips=np.array([1, 4]), inhibition=np.array([0.5, 0.2]),
        squared_error=np.array([0.1, 0.3]), strength_Hz=np.array([10.0, 20.0, 30.0, 40.0]),
        events={"input to hidden": np.array([8, 12])}, provenance={"k": 2},
    )  # fmt: skip


def test_code_winners_and_rates_are_laid_out_by_stimulus(response):
    np.testing.assert_array_equal(response.code, [[0, 0, 1, 0], [2, 3, 0, 0]])
    np.testing.assert_array_equal(response.winners, [[0, 0, 1, 0], [1, 1, 0, 0]])
    np.testing.assert_array_equal(response.rates_Hz, [[0, 0, 30, 0], [20, 60, 0, 0]])


def test_what_is_wrong_is_said_in_words(response):
    words = " ".join(response.diagnose())
    assert "too strong" in words
    assert "Not settled" in words
    assert "Dead units" not in words  # two stimuli are too few to tell
    tiled = {name: np.tile(getattr(response, name), 10) for name in (*PER_STIMULUS, "winner_units", "winner_drives")}
    many = " ".join(replace(response, **tiled).diagnose())
    assert "Dead units: 1 of 4" in many


def test_a_saved_response_is_the_same_response(response, tmp_path):
    response.save(tmp_path / "r.npz")
    loaded = Response.load(tmp_path / "r.npz")
    np.testing.assert_array_equal(loaded.code, response.code)
    assert loaded.to_frame().equals(response.to_frame())
    assert loaded.provenance == response.provenance


def test_a_failed_write_leaves_the_earlier_file_whole(tmp_path):
    write_archive(tmp_path / "a.npz", {"x": np.ones(2)}, {"kind": "A"})
    with pytest.raises(TypeError):
        write_archive(tmp_path / "a.npz", {"x": np.zeros(2)}, {"kind": object()})
    assert read_archive(tmp_path / "a.npz", "A")[0]["x"].sum() == 2
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_file_is_told_by_its_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"path must be an existing Response file, got .*none.npz"):
        Response.load(tmp_path / "none.npz")


def test_another_kind_of_file_is_refused(tmp_path):
    write_archive(tmp_path / "a.npz", {}, {"kind": "A"})
    with pytest.raises(ValueError, match="which holds a A"):
        read_archive(tmp_path / "a.npz", "B")


def test_one_row_per_stimulus(response):
    frame = response.to_frame()
    assert len(frame) == 2
    assert frame["input to hidden events"].tolist() == [8, 12]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_active": np.array([1, 5])}, "its winners are not those of its stimuli"),
        ({"winner_units": np.array([2, 0, 9])}, "its winners are not those of its stimuli"),
        ({"winner_drives": np.array([1.0, np.nan, 2.0])}, "its winner_drives must be finite"),
        ({"settled": np.array([0.0, 1.0])}, "its settled must have 1 axes and numbers of kind b"),
        ({"squared_error": np.zeros(3)}, "its squared_error must have 2 stimuli as n_active has, not 3"),
        ({"events": {"input to hidden": np.array([0.5, 1.5])}}, "its events/input to hidden must have 1 axes"),
        ({"winner_drives": np.ones(3, complex)}, "its winner_drives must have 1 axes and numbers of kind f"),
    ],
)
def test_a_damaged_response_is_refused_whole(response, tmp_path, changes, words):
    replace(response, **changes).save(tmp_path / "r.npz")
    with pytest.raises(ValueError, match=f"path must hold a whole Response, got .*: {words}"):
        Response.load(tmp_path / "r.npz")


@pytest.mark.parametrize(
    ("provenance", "words"),
    [
        (None, "its provenance must be a table"),
        ({}, "'k'"),
        ({"k": 0}, "its k must be at least 1"),
        ({"k": 2, "circuit": "liquid"}, "its circuit must be one of rate, spiking"),
        ({"k": 2, "n_inputs": "a"}, "its n_inputs must be an integer"),
        ({"k": 2, "parameters": 3}, "its provenance must be a table, with one of parameters"),
        ({"k": 2, "parameters": {"max_settle": None}}, "its max_settle must be a number"),
    ],
)
def test_a_provenance_that_cannot_be_read_is_refused(response, tmp_path, provenance, words):
    replace(response, provenance=provenance).save(tmp_path / "r.npz")
    with pytest.raises(ValueError, match=f"path must hold a whole Response, got .*{words}"):
        Response.load(tmp_path / "r.npz")
