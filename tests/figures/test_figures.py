"""Figures: every axis named, nothing global touched, files whole."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from selective_firing import KWTAAutoencoder, RateParameters, figures, measures, theory
from selective_firing.engine import record_trace as tracing
from selective_firing.engine.simulate import simulate
from selective_firing.figures.images import _grid


@pytest.fixture(scope="module", params=["subtractive", "threshold"])
def response(request):
    rng = np.random.default_rng(0)
    X = rng.random((12, 16))
    model = KWTAAutoencoder(10, 3, n_epochs=1, codegen="numpy", random_state=0,
                            parameters=RateParameters(inhibition=request.param)).fit(X)  # fmt: skip
    return model.simulate(X, traces=[2])


def labelled(figure):
    return all(ax.get_ylabel() for ax in figure.axes) and figure.axes[-1].get_xlabel()


def test_a_presentation_ends_where_the_needed_drive_parts_winners_from_losers(response):
    trace = response.traces[0]
    needed, drives = trace.needed_drive[-1], np.sort(trace.drives[-1])[::-1]
    assert drives[trace.k] <= needed <= drives[trace.k - 1]
    assert labelled(figures.presentation(trace))


def test_the_trace_of_a_presentation_with_cycles_shows_each_of_them(weights, patterns):
    parameters = RateParameters(n_cycles=3)
    trace = tracing.trace(weights, patterns[2], 4, parameters)
    response, _ = simulate(weights, patterns[2:3], 4, parameters, codegen="numpy")
    np.testing.assert_allclose(trace.decisions_ms, [cycle.settling_time_ms[0] for cycle in response.cycles])
    np.testing.assert_array_equal(trace.cycle_winners, [cycle.winners[0] for cycle in response.cycles])
    np.testing.assert_array_equal(np.bincount(trace.cycle) * parameters.dt, np.diff(trace.decisions_ms, prepend=0))
    for number, end in enumerate(np.searchsorted(trace.time_ms, trace.decisions_ms - 1e-9)):
        drives = np.sort(trace.drives[number])[::-1]
        assert drives[4] <= trace.needed_drive[end] <= drives[3]
    ideal = theory.explain_away(weights, patterns[2:3], 4, 3, parameters.feedback)[:, 0]
    np.testing.assert_allclose(np.where(trace.cycle_winners, trace.drives, 0), ideal, atol=1e-12)
    assert labelled(figures.presentation(trace))


def test_the_traces_are_aligned_and_inhibition_comes_in_two_parts(response):
    trace = response.traces[0]
    np.testing.assert_array_equal((trace.u > trace.levels[:, np.newaxis]).sum(axis=1)[1:], trace.n_active[1:])
    assert trace.reached_ms == trace.decisions_ms  # nothing delays the decision
    assert (trace.slow >= trace.inhibition)[: trace.time_ms.size // 2].all()  # it falls: the fast part goes ahead
    assert trace.pattern.shape == (16,)
    membranes, inhibition, count = figures.presentation(trace, n_losers=2).axes
    words = [text.get_text() for text in membranes.get_legend().get_texts()]
    assert words == ["2 of 7 losers", "3 winners", "firing threshold", "decision"]
    assert [ax.get_title(loc="left")[0] for ax in (membranes, inhibition, count)] == ["a", "b", "c"]
    words = [text.get_text() for text in inhibition.get_legend().get_texts()]
    assert ("slow part of it" in words) == (not trace.threshold)  # a threshold has no lag to make up for
    active = next(line for line in count.lines if line.get_label() == "active units")
    np.testing.assert_array_equal(active.get_xydata(), np.c_[[0, *trace.time_ms], [0, *trace.n_active]])
    assert membranes.get_ylim()[0] < trace.u[:, trace.winners].min()  # from the first step on


def test_a_stimulus_that_stays_on_shows_the_first_n_equal_to_k_and_the_decision(weights, patterns):
    parameters = RateParameters(hold=10.0)
    trace = tracing.trace(weights, patterns[2], 4, parameters)
    at_once = tracing.trace(weights, patterns[2], 4, RateParameters())
    assert trace.reached_ms == at_once.decisions_ms
    assert trace.decision_ms >= trace.reached_ms[0] + 10
    figure = figures.presentation(trace, image_shape=(4, 5), title="mine")
    drawn = figure.axes[0]
    lines = {line.get_label(): line.get_xdata()[0] for line in drawn.lines}
    assert lines["first n = k"] == trace.reached_ms[0]
    assert lines["decision"] == trace.decision_ms
    assert drawn.get_title(loc="left").endswith("the same winners")
    (stimulus,) = drawn.child_axes[0].images
    np.testing.assert_array_equal(stimulus.get_array(), patterns[2].reshape(4, 5))
    assert figure.get_suptitle() == "mine"


def test_a_gap_is_a_share_of_the_kth_drive_and_close_ones_take_longer(response, rng):
    drive = np.array([[4.0, 3.0, 1.0], [4.0, 0.5, -1.0], [-1.0, -2.0, -3.0]])
    np.testing.assert_allclose(measures.relative_gap(drive, 1), [0.25, 0.875, np.nan])
    np.testing.assert_allclose(measures.relative_gap(drive, 3), [1, np.nan, np.nan])
    drive = rng.random((response.n_samples, response.n_hidden))
    figure = figures.competition(response, drive)
    assert labelled(figure)
    shown = figure.axes[1].collections[0].get_offsets()
    np.testing.assert_allclose(np.sort(shown[:, 0]), np.sort(100 * measures.relative_gap(drive, response.k)))
    np.testing.assert_array_equal(np.sort(shown[:, 1]), np.sort(response.settling_time_ms))
    with pytest.raises(ValueError, match="drive must have a row for each of 12 stimuli, got 11"):
        figures.competition(response, drive[1:])


def test_histograms_and_raster_name_their_axes(response):
    drawn = [figures.n_active_histogram(response), figures.settling_time_histogram(response), figures.raster(response),
             figures.raster(response, np.arange(12) % 3)]  # fmt: skip
    assert all(labelled(figure) for figure in drawn)


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")  # where there is a screen
def test_a_figure_of_nobody_can_be_handed_over_to_pyplot(response):
    figure, before = figures.raster(response), dict(mpl.rcParams)
    assert not plt.get_fignums()
    figures.show(figure)
    assert plt.gcf() is figure
    assert len(plt.get_fignums()) == 1
    assert dict(mpl.rcParams) == before
    plt.close(figure)


def test_a_histogram_can_be_drawn_into_the_users_own_axes(response):
    figure, ax = plt.subplots()
    assert figures.n_active_histogram(response, ax) is figure
    assert sum(bar.get_height() for bar in ax.patches) == response.n_samples
    plt.close(figure)


def test_figures_are_drawn_into_the_users_own_axes_and_subfigures(response, rng):
    before, mine = dict(mpl.rcParams), plt.figure(figsize=(8, 12))
    left, right = mine.subfigures(1, 2)
    upper, lower = left.subfigures(2, 1)
    assert figures.presentation(response.traces[0], into=upper) is mine
    assert len(upper.axes) == 3
    assert figures.competition(response, rng.random((12, 10)), into=lower) is mine
    fields = rng.standard_normal((6, 16))
    top, middle, bottom = right.subfigures(3, 1)
    assert figures.receptive_fields(fields, (4, 4), into=top) is mine
    assert figures.reconstructions(fields, {"a model": fields}, (4, 4), into=middle) is mine
    ax = bottom.subplots()
    assert figures.raster(response, ax=ax) is mine
    assert ax.get_ylabel() == "hidden unit"
    assert dict(mpl.rcParams) == before
    plt.close(mine)


@pytest.mark.parametrize(("n", "empty"), [(128, 0), (100, 0), (64, 0), (256, 0), (1, 0), (7, 1), (97, 3), (509, 4)])
def test_fields_leave_no_orphan_row(n, empty):
    rows, columns = _grid(n)
    assert 0 <= rows * columns - n <= min(empty, columns - 1)
    assert columns >= rows


def test_dead_units_are_framed_and_counted(rng):
    dead = np.array([True, False, True, False])
    figure = figures.receptive_fields(rng.standard_normal((4, 9)), (3, 3), dead)
    (ax,) = figure.axes
    around = [
        (*frame.get_xy(), *np.add(frame.get_xy(), (frame.get_width(), frame.get_height()))) for frame in ax.patches
    ]
    own = [(left, upper, right, lower) for left, right, lower, upper in (image.get_extent() for image in ax.images)]
    np.testing.assert_allclose(around, [own[0], own[2]])
    assert "2 dead" in figure.get_suptitle()


@pytest.mark.parametrize(("n_inputs", "image_shape"), [(9, (3, 3)), (12, (2, 3)), (7, None)])
def test_patterns_of_any_kind_are_drawn(rng, n_inputs, image_shape):
    X = rng.standard_normal((3, n_inputs))
    (ax,) = figures.receptive_fields(X, image_shape).axes
    for image, field in zip(ax.images, X, strict=True):
        shown = figures.images.as_image(field, image_shape)
        np.testing.assert_allclose(image.get_array(), shown / np.abs(field).max())
        assert (image.norm.vmin, image.norm.vmax) == (-1, 1)
    (ax,) = figures.reconstructions(X, {"a model": 2 * X}, image_shape).axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["stimulus", "a model"]
    for i, image in enumerate(ax.images):
        np.testing.assert_array_equal(
            image.get_array(), figures.images.as_image((X, 2 * X)[i // 3][i % 3], image_shape)
        )
        assert image.norm.vmax == np.abs(X).max() == -image.norm.vmin
        left, right, lower, upper = image.get_extent()
        assert (right - left, lower - upper) == pytest.approx(
            (1, image_shape[0] / image_shape[1] if image_shape else 1)
        )
        assert (left > 0, upper > 0) == (i % 3 > 0, i > 2)  # a row for each model
    assert len(ax.images) == 6


def test_style_and_figures_of_the_user_are_left_alone(response, tmp_path):
    before, open_figures = dict(mpl.rcParams), plt.get_fignums()
    figures.save(figures.raster(response), tmp_path / "raster")
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_figures


def test_files_are_whole_or_absent(response, tmp_path, monkeypatch):
    figure = figures.raster(response)
    assert [path.name for path in figures.save(figure, tmp_path / "a.b")] == ["a.b.png", "a.b.pdf"]
    monkeypatch.setattr(figure, "savefig", lambda path, **kwargs: path.write_bytes(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        figures.save(figure, tmp_path / "broken")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.b.pdf", "a.b.png"]


def test_a_figure_is_laid_out_once_and_stays_as_it_was(response, tmp_path, monkeypatch):
    figure, laid_out = figures.raster(response), []
    layout = figure.get_layout_engine()
    execute = type(layout).execute
    monkeypatch.setattr(type(layout), "execute", lambda self, fig: laid_out.append(fig) or execute(self, fig))
    figures.save(figure, tmp_path / "raster")
    once = len(laid_out)
    assert figure.get_layout_engine() is layout
    figure.savefig(tmp_path / "again.png")
    assert len(laid_out) == 2 * once
