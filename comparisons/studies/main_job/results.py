"""What the main job leaves behind: tables, figures, provenance, and a summary in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from comparisons.rivals.registry import CIRCUIT
from comparisons.studies.main_job import figures
from comparisons.studies.main_job.captions import readme
from comparisons.studies.main_job.compare import Comparison
from selective_firing import figures as own
from selective_firing import measures
from selective_firing.cli.options import write_json, write_table, write_text

__all__ = ["summary", "write"]

TABLES = ("table", "seeds", "ledger", "factorial", "robustness")


def write(found: Comparison, folder: Path) -> None:
    """Write tables (CSV), figures (PNG and PDF), provenance (JSON) and what they all show (README.md) into `folder`.

    Parameters
    ----------
    found : Comparison
    folder : Path
    """
    tables = {name: getattr(found, name) for name in TABLES} | {"stimuli": _stimuli(found)}
    for name, table in tables.items():
        write_table(folder / f"{name}.csv", table)
    drawn = _drawn(found)
    for name, figure in drawn.items():
        own.save(figure, folder / name)
    write_json(folder / "provenance.json", found.provenance)
    write_text(folder / "README.md", readme(tables, drawn, _title(found)))


def _stimuli(found: Comparison) -> pd.DataFrame:
    """Return how the circuit answered each test pattern, and how close the competition was."""
    gap = measures.relative_gap(found.models[CIRCUIT].drive(found.data.X_test), found.design.k)
    return found.response.to_frame().assign(gap=gap)


def _drawn(found: Comparison) -> dict[str, Figure]:
    """Return every figure by the name of its files; there is none of what is the same for all stimuli."""
    data, response, circuit, k = found.data, found.response, found.models[CIRCUIT], found.design.k
    title, shape = _title(found), data.image_shape
    dead = ~response.winners.any(axis=0)
    n_shown = len(next(iter(found.reconstructions.values())))
    traces = {f"presentation_{trace.stimulus}": trace for trace in response.traces}
    held = {"presentation_held": found.held} if found.held is not None else {}
    few = found.robustness["n_stimuli"].max()
    drawn = {
        name: own.presentation(trace, image_shape=shape, title=title) for name, trace in (traces | held).items()
    } | {
        "receptive_fields": own.receptive_fields(circuit.components_, shape, dead),
        "raster": own.raster(response, data.y_test),
        "competition": own.competition(response, circuit.drive(data.X_test), title=title),
        "reconstructions": own.reconstructions(data.X_test[:n_shown], found.reconstructions, shape),
        "comparison": figures.comparison_panel(found.seeds, found.ledger, _title(found, seeds=True), k),
        "robustness": figures.robustness(found.robustness, f"{title}, 1 seed; the first {few} of the patterns"),
    }
    if (response.n_active != k).any():
        drawn["n_active"] = own.n_active_histogram(response)
    return drawn


def _title(found: Comparison, seeds: bool = False) -> str:
    """Return what all models of a figure have in common."""
    n_seeds, design = found.seeds["seed"].nunique(), found.design
    words = f"{found.data.name}: {found.response.n_samples:,} test patterns, {design.n_hidden} hidden units"
    return f"{words}, k = {design.k}" + (f", {n_seeds} seed{'s' * (n_seeds > 1)}" if seeds else "")


def _count(ledger: pd.DataFrame, model: str, item: str) -> float:
    mine = ledger[(ledger["model"] == model) & (ledger["phase"] == "inference") & (ledger["item"] == item)]
    return float(mine["count"].sum())


def summary(found: Comparison) -> str:
    """Return the main table, and in a few sentences what it says.

    Parameters
    ----------
    found : Comparison
    """
    columns = {
        "model": "model", "nmse": "NMSE", "n_active": "active units", "lifetime_sparseness": "lifetime sparseness",
        "class_selectivity": "class selectivity", "class_selectivity_shuffled": "(shuffled)",
        "dead_fraction": "dead", "jaccard_top_k": "overlap with top k", "settling_time_ms": "settling (ms)",
        "ATP_beyond_input": "G ATP beyond the input",
    }  # fmt: skip
    giga = found.table.assign(ATP_beyond_input=found.table["ATP_beyond_input"] / 1e9)
    shown = giga[[name for name in columns if name in giga]].rename(columns=columns)
    rows = found.table.set_index("model")
    k, circuit, ledger = found.design.k, rows.loc[CIRCUIT], found.ledger
    spikes, lost = _count(ledger, CIRCUIT, "winner spikes"), _count(ledger, CIRCUIT, "loser transients")
    sorting = found.factorial.pivot(index="weights", columns="encoder", values="nmse").rename_axis(None)
    sorting.columns.name = None
    words = [
        shown.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="-"),
        "",
        f"{circuit['exact_k_fraction']:.1%} of {found.response.n_samples} test stimuli had exactly k = {k} winners "
        f"(or all driven units), in {circuit['settling_time_ms']:.1f} ms on average.",
        "Reconstruction error (NMSE) by who learned the weights (rows) and who encodes (columns):",
        sorting.to_string(float_format=lambda value: f"{value:.4f}", na_rep="-"),
        f"Picking by inhibition costs {lost:.1f} spikes of losers beside {spikes:.1f} of winners per stimulus, and "
        f"{_count(ledger, CIRCUIT, 'inhibitory events'):,.0f} inhibitory events; a sort has no neural cost, so in that "
        "ledger top-K is the lower bound.",
        *found.response.diagnose(),
    ]  # fmt: skip
    return "\n".join(words)
