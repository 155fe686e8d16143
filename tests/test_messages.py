"""What a refusal says of the value that it refuses."""

from __future__ import annotations

import warnings

import pytest
from brian2 import Quantity, mV

from selective_firing import measures


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("not a word")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Unspeakable(), r"got a value of type Unspeakable\."), (10**5000, r"got a number of thousands of digits\."),
        (Quantity([[1e300]]) * mV, r"got .*\."), ("word " * 1000, r"got 'word word .{,200} \.\.\.\."),
    ],
    ids=["fails", "digits", "quantity", "long"],
)  # fmt: skip
def test_what_is_hard_to_write_out_is_refused_in_some_words(value, words):
    with (
        warnings.catch_warnings(action="error"),
        pytest.raises(TypeError, match=f"rng must be a numpy.random.Generator, .*{words}"),
    ):
        measures.shuffled_class_selectivity([[1.0], [2.0]], [0, 1], value)
