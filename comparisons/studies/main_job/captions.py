"""What every file of the main job shows, in words: captions of figures, columns of tables, README.md of the folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

__all__ = ["CAPTIONS", "COLUMNS", "TABLES", "caption_of", "explained", "readme"]

TABLES = {
    "table": "One row per model, on the test patterns, with the seed of the run.",
    "seeds": "The same measures for the models of *comparison*, one row per model and seed.",
    "ledger": "What each model takes per stimulus, counted: one row per model, ledger, phase and item.",
    "factorial": "Each set of weights under each encoder: is it learning or selection that makes the difference?",
    "robustness": "The circuit, its weights as they are, with one assumption dropped at a time; each on the first test "
    "patterns.",
    "stimuli": "How the circuit answered each test pattern, one row per pattern, in their order.",
}
"""What the rows are of every table, by the name of its file."""
_OVERLAP = "shared units / all units of both (Jaccard), of the winners and the k largest drives; mean over stimuli"
_MEASURES = {
    "model": "Name of the model.",
    "nmse": "Reconstruction error: mean squared error / variance of the test patterns about the training mean; 0 is "
    "perfect, 1 is what the mean alone reaches.",
    "n_active": "Active units per stimulus, mean.",
    "active_fraction": "The same as a share of all hidden units.",
    "population_sparseness": "How few units a stimulus uses, by the measure of Treves and Rolls as Vinje and Gallant "
    "scale it; 0: all alike, 1: one. Mean over stimuli.",
    "lifetime_sparseness": "The same for how few stimuli a unit answers; mean over units that answer any.",
    "gini": "Gini index of the rates of all units in a stimulus; 0: all alike. Mean over stimuli.",
    "dead_fraction": "Share of units that are active in no test pattern.",
    "class_selectivity": "(best class mean - mean of the others) / their sum, mean over units that answer any.",
    "class_selectivity_shuffled": "The same with labels shuffled: what so few responses give by chance.",
    "exact_k_fraction": "Share of stimuli in which exactly k units, or all that were driven, won.",
    "jaccard_top_k": f"Overlap with the top k: {_OVERLAP}.",
    "settling_time_ms": "Time from stimulus onset to the decision, mean, in ms of simulated time.",
    "settled_fraction": "Share of competitions that were decided in time.",
    "n_recruited": "Units that were active at any time of the presentation, losers included; mean.",
    "ATP_beyond_input": "Energy per stimulus without what any model needs to receive it, in ATP molecules, by the "
    "first cost table of the claims.",
    "seed": "Of the initial weights and the order of stimuli.",
}
COLUMNS: dict[str, dict[str, str]] = {
    "table": {name: words for name, words in _MEASURES.items() if name != "seed"},
    "seeds": _MEASURES,
    "ledger": {
        "ledger": "neural: what neurons would do; operations: what a computer does.",
        "phase": "inference: to encode a stimulus; learning: what comes on top while weights change.",
        "item": "What is counted.",
        "unit": "In which unit.",
        "count": "Mean per stimulus over the test patterns.",
        "model": "Name of the model.",
    },
    "factorial": {
        "weights": "Who learned them.",
        "encoder": "Who picks the winners: the rate circuit, the circuit of cells that spike, or a sort.",
        "nmse": "Reconstruction error, as in table.csv.",
        "exact_fraction": "Share of stimuli in which as many units won as should, min(k, driven units).",
        "jaccard": f"Overlap with the top k: {_OVERLAP}.",
    },
    "robustness": {
        "inhibition": "Whether inhibition acts on membranes (subtractive) or sets the threshold, or that of cells that "
        "spike.",
        "assumption": "The parameter of the circuit that is changed.",
        "value": "Its value; 0 is the ideal circuit.",
        "unit": "Of the value; empty if it has none.",
        "n_stimuli": "Test patterns.",
        "exact_fraction": "Share of stimuli in which as many units won as should, min(k, driven units).",
        "jaccard": f"Overlap with the top k: {_OVERLAP}.",
        "jaccard_sd": "Its standard deviation over stimuli.",
        "nmse": "Reconstruction error, as in table.csv.",
        "settling_time_ms": "Time from onset to decision, mean, in ms.",
    },
    "stimuli": {
        "n_active": "Winners.",
        "settled": "Whether as many won as should, in time.",
        "tied": "Whether no threshold could part the k-th unit from the next.",
        "settling_time_ms": "Time from onset to decision, in ms; of cells that spike, to the arrival of inhibition.",
        "n_recruited": "Units that were active at any time, losers included.",
        "n_flips": "Times that a unit became active or silent; of cells that spike, spikes.",
        "inhibition": "Slow inhibition at the decision, in units of drive; of cells that spike, volleys of inhibition.",
        "squared_error": "Squared distance of stimulus and reconstruction, as the error units held it.",
        "gap": "How far the next drive is below the k-th, as a share of it; empty where fewer than k units are driven.",
    },
}
"""What every column says, by table; columns of synaptic events are explained by their names."""
CAPTIONS = {
    "comparison": "**What the models do and what they take.** (a) Reconstruction error, (b) energy beyond the "
    "input, (c) class selectivity, if there are classes, beside that with shuffled labels (line). Marks: mean over "
    "seeds; bars: 95 % t interval. (d) What neurons and (e) what a computer would do per stimulus to encode it, by "
    "item, on an axis that is linear below 1; of the first seed. Data: seeds.csv, ledger.csv.",
    "presentation": "**One presentation to the circuit, over time.** Of rate units: (a) membranes of all winners "
    "and of the losers with the largest drives, with the threshold; beside them the stimulus, if it is an image. "
    "(b) Inhibition, its slow part by itself, and the drive that a unit would need to be at threshold; the band "
    "lies between the k-th drive and the next: where the dashed line ends in it, the winners are the top k. (c) "
    "Active units in each time step. Of cells that spike: spikes of cells sorted by drive and of interneurons, "
    "membranes, conductance.",
    "presentation_held": "**What happens if the stimulus stays on.** As the other presentations, but a decision "
    "counts only after k units have been active for a while (parameter `hold`). Dotted: the first moment of n = k, "
    "at which the circuit of all other figures decides; solid: the decision.",
    "competition": "**What makes a competition long.** (a) Settling time of all test patterns. (b) Settling time "
    "and (c) losers that were active on the way, against the gap between the k-th drive and the next. Orange: "
    "medians of bins with equally many stimuli. Data: stimuli.csv.",
    "receptive_fields": "**Decoding weights of the hidden units**, each on its own symmetric scale; units that won "
    "on no test pattern are framed.",
    "raster": "**Who won on which stimulus**, the first test patterns, sorted by class where there are classes.",
    "reconstructions": "**Stimuli and what each model makes of them**, on the scale of the stimuli; the first test "
    "patterns.",
    "robustness": "**The circuit with one assumption dropped at a time.** Above: share of stimuli that had not "
    "exactly k winners (bars: 95 % interval by Wilson's score); below: 1 - overlap with the top k, mean over "
    "stimuli (bars: 95 % t interval). One set of weights, one draw of noise and of unequal cells. The vertical axis "
    "is linear below one stimulus. Data: robustness.csv.",
    "n_active": "**How many units won on how many stimuli**; drawn only if it is not k for all. Data: stimuli.csv.",
}
"""Of every figure, by the name of its file, or by what comes before its number."""


def caption_of(figure: str) -> str:
    """Return the caption of a figure.

    Parameters
    ----------
    figure : str
        Name of its files, without a suffix.

    Raises
    ------
    KeyError
        If it has none.
    """
    stem, _, number = figure.rpartition("_")
    return CAPTIONS[stem if number.isdigit() else figure]


def explained(table: str, column: str) -> str:
    """Return what a column of a table says.

    Parameters
    ----------
    table : str
        Name of its file, without a suffix.
    column : str

    Raises
    ------
    KeyError
        If nobody has said it.
    """
    if table == "stimuli" and column.endswith(" events"):
        return f"Synaptic events, {column.removesuffix(' events')}, in the whole presentation."
    return COLUMNS[table][column]


def readme(tables: Mapping[str, pd.DataFrame], figures: Iterable[str], title: str) -> str:
    """Return, as Markdown, captions for the figures and explanations for the columns of the tables.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By the name of their files.
    figures : iterable of str
        Names of their files.
    title : str
        What all have in common: data, number of stimuli, k.

    Raises
    ------
    KeyError
        If a figure has no caption, or a column no explanation.
    """
    lines = ["# Results", "", f"{title[:1].upper()}{title[1:]}.", "", "## Figures (`.png`, `.pdf`)", ""]
    for name in sorted(figures):
        lines += [f"![{name}]({name}.png)", "", f"`{name}`: {caption_of(name)}", ""]
    lines += ["## Tables", ""]
    for name, table in tables.items():
        lines += [f"### {name}.csv", "", TABLES[name], "", "| column | meaning |", "|---|---|"]
        lines += [f"| `{column}` | {explained(name, column)} |" for column in table.columns] + [""]
    lines.append(
        "`provenance.json`: parameters, versions, seeds, data and seconds; whatever is needed to run it again."
    )
    return "\n".join(lines) + "\n"
