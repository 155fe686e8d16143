"""Loops over synapses: what may be gone through together, or stay in a register, and what may not."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from selective_firing.engine.loops import POST, PRE, SYNAPSE, Loops, loops_of

SHARED = "0"


def loops(code, n_sources=20, backward=False, same=(), shared=()):
    """Return the loops of a pathway, the cells of whose ends are the same for the variables in `same`."""
    names = dict.fromkeys(re.findall(r"\b(?:\w+_(?:pre|post)|w)\b", code))
    arrays = {name: SimpleNamespace(array=True) for name in names}
    for pre, post in same:
        arrays[pre] = arrays[post]
    ends = {"pre": PRE, "post": POST}
    indices = {name: SHARED if name in shared else ends.get(name.rpartition("_")[2], SYNAPSE) for name in names}
    functions = {"int": SimpleNamespace(), "inf": SimpleNamespace(array=False)}
    synapses = SimpleNamespace(source=range(n_sources))
    pathway = SimpleNamespace(code=code, synapses=synapses, prepost="post" if backward else "pre")
    return loops_of(pathway, arrays | functions, indices | dict.fromkeys(functions, SYNAPSE))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("drive_post += w * x_pre", Loops((4, 1))),
        ("err_post -= w * rate_pre\nn_post += rate_pre", Loops((4, 1))),
        ("delta_pre += w * err_post", Loops((5, 1), ("delta_pre",))),
        ("power_pre += x_post ** 2\nn_pre += 1", Loops((5, 1), ("power_pre", "n_pre"))),
        ("err_post = -x_mean_post", Loops()),  # of several the last counts
        ("w += rate_pre * err_post", Loops()),
        ("shown = rate_pre\ndrive_post += shown", Loops()),
        ("drive_post += w * x_pre\nn_pre += 1", Loops()),
        ("v_post += int(epsp_post > 0)", Loops()),  # alike for all events: to be added as often, not at once
        ("n_post += 1\nv_post += w", Loops()),
    ],
)
def test_events_are_gone_through_together_where_each_only_adds_what_is_its_own(code, expected):
    assert loops(code) == expected


def test_one_cell_has_one_event():
    assert loops("drive_post += w * x_pre", n_sources=1) == Loops()
    assert loops("power_pre += x_post ** 2", n_sources=1) == Loops((1,), ("power_pre",))


def test_what_all_cells_share_is_no_event_s_own():
    assert loops("g_post += opens_pre", shared=["opens_pre"]) == Loops()
    assert loops("n_pre += w", shared=["n_pre"]) == Loops()
    assert loops("w += rate_post * gain_pre", backward=True, shared=["gain_pre"]) == Loops()


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("rate_post += w * rate_pre", ("rate_pre", "rate_post")),
        ("change_pre += w * rate_post", ("change_pre", "rate_post")),  # by another name, as linked variables have
    ],
)
def test_a_later_event_reads_what_an_earlier_one_wrote(code, same):
    assert loops(code).blocks != (1,)
    assert loops(code, same=[same]) == Loops()


@pytest.mark.parametrize(
    ("code", "same", "kept"),
    [
        ("w += rate_post * err_pre + (x_pre - x_mean_pre) * err_pre", [], ("err_pre", "x_mean_pre", "x_pre")),
        ("w *= err_pre\nerr_pre -= w", [], ()),
        ("w += rate_post * rate_pre", [], ("rate_pre",)),
        ("w += rate_post * rate_pre", [("rate_pre", "rate_post")], ()),  # the array is read at both ends
        ("w *= left_post", [], ()),
    ],
)
def test_what_an_event_of_the_other_end_leaves_is_kept(code, same, kept):
    assert loops(code, backward=True, same=same) == Loops(kept=kept)


def test_the_compiler_is_told_to_sum_in_order_what_it_sums_in_registers():
    assert Loops(sums=("delta_pre",)).options == ("no-tree-vectorize", "fp-contract=off")
    assert Loops(sums=("power_pre", "n_pre")).options == ("no-tree-vectorize",)
    assert Loops((4, 1)).options == Loops(kept=("err_pre",)).options == ()
