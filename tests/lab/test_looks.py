"""Looks: one for each model, whoever looks at them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from comparisons.measuring.looks import LOOKS, SERIES, look_of
from comparisons.rivals.registry import CIRCUIT, MODELS, ONE_COMPETITION, TOPK, WITH_CYCLES
from selective_firing.figures.style import GREEN, ORANGE, VERMILLION

EYES = {
    "red and green": np.eye(3),
    "no red cones": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green cones": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}
"""From linear RGB to what such eyes see (Machado, Oliveira & Fernandes 2009, IEEE Trans Vis Comput Graph 15:1291)."""


def seen(colour: str, eyes: str) -> np.ndarray:
    """Return CIE L*a*b* of what is seen."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(EYES[eyes]) @ linear, 0, 1)
    xyz = np.array([[0.412, 0.358, 0.180], [0.213, 0.715, 0.072], [0.019, 0.119, 0.950]]) @ linear
    x, y, z = np.cbrt(np.maximum(xyz / (0.950, 1.0, 1.089), 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_every_model_has_a_look_by_name_and_by_word():
    for name, model in MODELS.items():
        assert look_of(name) == look_of(model.word) == LOOKS[name]
    assert look_of("a data set", 1) == SERIES[1]
    assert look_of(3.0, len(SERIES)) == SERIES[0]


def test_no_two_look_alike_but_those_that_are_the_same_circuit():
    assert look_of(ONE_COMPETITION) == look_of(CIRCUIT)
    looks = [look for name, look in LOOKS.items() if name not in (ONE_COMPETITION, WITH_CYCLES)]
    assert len(set(looks)) == len(looks)
    assert len({look.marker for look in SERIES}) == len({look.colour for look in SERIES}) == len(SERIES)
    assert len({look_of(name).marker for name in MODELS}) == len(MODELS)


@pytest.mark.parametrize("eyes", EYES)
def test_colours_of_models_and_series_are_told_apart(eyes):
    for looks in ([look_of(name) for name in MODELS], SERIES):
        for one, other in combinations({look.colour for look in looks}, 2):
            assert np.linalg.norm(seen(one, eyes) - seen(other, eyes)) > 10, (one, other)


def test_the_measure_of_colours_knows_a_pair_that_is_confused():
    pair = [seen(colour, "no green cones") for colour in ("#FF0000", "#7F7F00")]
    assert np.linalg.norm(pair[0] - pair[1]) < 20 < np.linalg.norm(seen("#FF0000", "red and green") - pair[1])
    assert np.linalg.norm(seen(VERMILLION, "no green cones") - seen(GREEN, "no green cones")) > 20
    assert look_of(TOPK).colour not in (VERMILLION, ORANGE)
