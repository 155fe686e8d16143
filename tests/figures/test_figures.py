"""Figures: every axis named, nothing global touched, files whole."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from selective_firing import KWTAAutoencoder, RateParameters, figures, theory
from selective_firing.engine import record_trace as tracing
from selective_firing.engine.simulate import simulate


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


def test_dead_units_are_framed_and_counted(rng):
    dead = np.array([True, False, True, False])
    figure = figures.receptive_fields(rng.standard_normal((4, 9)), (3, 3), dead)
    assert sum(len(ax.patches) for ax in figure.axes) == 2
    assert "2 dead" in figure.get_suptitle()


@pytest.mark.parametrize(("n_inputs", "image_shape"), [(9, (3, 3)), (18, (3, 3)), (7, None)])
def test_patterns_of_any_kind_are_drawn(rng, n_inputs, image_shape):
    X = rng.standard_normal((3, n_inputs))
    figures.receptive_fields(X, image_shape)
    figure = figures.reconstructions(X, {"a model": X}, image_shape)
    assert len(figure.axes) == 6


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
