"""What the main job leaves behind: tables, figures, provenance, and a summary in words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from comparisons.rivals.registry import CIRCUIT, TIED, TOPK
from comparisons.studies.main_job import figures
from comparisons.studies.main_job.compare import Comparison
from selective_firing import figures as own
from selective_firing.cli.options import write_json, write_table

__all__ = ["summary", "write"]

TABLES = ("table", "seeds", "ledger", "factorial", "robustness")


def write(found: Comparison, folder: Path) -> None:
    """Write the tables (CSV), figures (PNG and PDF) and provenance (JSON) of a comparison into `folder`.

    Parameters
    ----------
    found : Comparison
    folder : Path
    """
    for name in TABLES:
        write_table(folder / f"{name}.csv", getattr(found, name))
    write_table(folder / "stimuli.csv", found.response.to_frame())
    data, response, circuit = found.data, found.response, found.models[CIRCUIT]
    dead = ~response.winners.any(axis=0)
    n_shown = len(next(iter(found.reconstructions.values())))
    drawn = {f"presentation_{trace.stimulus}": own.presentation(trace) for trace in response.traces} | {
        "receptive_fields": own.receptive_fields(circuit.components_, data.image_shape, dead),
        "raster": own.raster(response, data.y_test),
        "n_active": own.n_active_histogram(response),
        "settling_time": own.settling_time_histogram(response),
        "reconstructions": own.reconstructions(data.X_test[:n_shown], found.reconstructions, data.image_shape),
        "comparison": figures.comparison_panel(found.seeds, found.ledger, _title(found), found.design.k),
        "factorial": figures.factorial(found.factorial),
        "robustness": figures.robustness(found.robustness),
    }
    for name, figure in drawn.items():
        own.save(figure, folder / name)
    write_json(folder / "provenance.json", found.provenance)


def _title(found: Comparison) -> str:
    """Return what all models of the main figure have in common."""
    n_seeds, design = found.seeds["seed"].nunique(), found.design
    words = f"{found.data.name}: {found.response.n_samples:,} test patterns, {design.n_hidden} hidden units"
    return f"{words}, k = {design.k}, {n_seeds} seed{'s' * (n_seeds > 1)}"


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
    sorting = found.factorial.set_index(["weights", "encoder"])["nmse"]
    words = [
        shown.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="-"),
        "",
        f"{circuit['exact_k_fraction']:.1%} of {found.response.n_samples} test stimuli had exactly k = {k} winners "
        f"(or all driven units), in {circuit['settling_time_ms']:.1f} ms on average.",
        f"The circuit's own weights encoded by sorting: NMSE {sorting['circuit', 'sort']:.4f}, "
        f"by inhibition {sorting['circuit', 'circuit']:.4f}, "
        f"by cells that spike {sorting['circuit', 'spiking circuit']:.4f}; "
        f"learned with a sort ({TIED}) {rows.loc[TIED, 'nmse']:.4f}, "
        f"by backpropagation ({TOPK}) {rows.loc[TOPK, 'nmse']:.4f}.",
        f"Picking by inhibition costs {lost:.1f} spikes of losers beside {spikes:.1f} of winners per stimulus, and "
        f"{_count(ledger, CIRCUIT, 'inhibitory events'):,.0f} inhibitory events; a sort has no neural cost, so in that "
        "ledger top-K is the lower bound.",
        *found.response.diagnose(),
    ]  # fmt: skip
    return "\n".join(words)
