"""Efficient coding, less energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons.lab.claim import Claim, Observation
from comparisons.lab.drawing import curves
from comparisons.lab.finding import Endpoint
from comparisons.lab.lab import Lab
from comparisons.lab.scenes import SCENES
from comparisons.measuring.costs import at_error, costs
from comparisons.measuring.encoding import encode
from comparisons.rivals.registry import CIRCUIT, CYCLES, DENSE, TOPK
from selective_firing import measures
from selective_firing.energy.prices import HARDWARE, NEURAL, cost_ratio, efficient_fraction
from selective_firing.protocol import Autoencoder

__all__ = ["CLAIM", "at_equal_error"]

TABLE = NEURAL[1].name
BEYOND = f"ATP beyond input spikes ({TABLE})"
DURATION_S = 0.1
"""Of a presentation, for what neurons need at rest."""
WIDTHS = (2, 4, 8, 16, 32, 64)
"""Of dense autoencoders, up to the common width: their way to a coarser reconstruction."""
N_STIMULI = 2000


def observe(lab: Lab) -> Observation:
    """Return error, costs and bits of every model at every k, and of dense ones of every width.

    Parameters
    ----------
    lab : Lab
    """
    ks = lab.scene.ks
    tried = [(name, k) for name in (TOPK, CIRCUIT) for k in ks] + [(CYCLES, k) for k in ks[1:-1]]
    rows = [_row(lab, name, lab.fit(name, k=k), k) for name, k in tried]
    widths = sorted({*(width for width in WIDTHS if width < lab.scene.n_hidden), lab.scene.n_hidden})
    rows += [_row(lab, DENSE, lab.fit(DENSE, n_hidden=width), width) for width in widths]
    table = pd.DataFrame(rows)
    tables = {"Error, costs and bits": table, "Cost relative to dense at equal error": at_equal_error(table)}
    return Observation(effect(tables, TOPK, lab.dataset), tables)


def effect(tables: dict[str, pd.DataFrame], name: str, dataset: str) -> float:
    """Return what a model saves at the common k.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of an observation.
    name : str
        Of the model on trial.
    dataset : str
    """
    matched = tables["Cost relative to dense at equal error"]
    at = matched[(matched["model"] == name) & (matched["step"] == SCENES[dataset].k)]
    return 1.0 - float(at[f"{BEYOND}, ratio"].iloc[0])


def _row(lab: Lab, name: str, model: Autoencoder, step: int) -> dict[str, Any]:
    """Return what a model does and costs; `step` is its k, or the width of a dense one."""
    X = lab.data.X_test[:N_STIMULI]
    encoding = encode(model, X)
    code = encoding.code
    row: dict[str, Any] = {"model": name, "step": step, "nmse": lab.nmse(model, code, X)}
    row |= {"active units": float((code > 0).sum(axis=1).mean())}
    row |= costs(model, encoding, lab.data.head(N_STIMULI), rest_s=DURATION_S)
    row["Gaussian bits"] = measures.gaussian_bits(X, model.inverse_transform(code))
    if (fitted := lab.read_out(model)) and (y := lab.data.y_test) is not None:
        believed, classes = fitted.log_probabilities(code), fitted.regression.classes_
        row["class bits"] = measures.class_information(believed, y[:N_STIMULI], classes)
    for bits in ("Gaussian bits", "class bits"):
        if bits in row:
            row[f"{bits} per 1e9 ATP"] = 1e9 * row[bits] / row[f"ATP with rest ({TABLE})"]
    return row


def at_equal_error(table: pd.DataFrame) -> pd.DataFrame:
    """Return every cost of the sparse models over that of a dense one that reconstructs as well.

    Costs of dense models are read off straight lines between their widths, log cost against log NMSE; NaN where no two
    widths bracket the error.

    Parameters
    ----------
    table : DataFrame
        One row per model and step, columns nmse and the costs.
    """
    dense = table[table["model"] == DENSE]
    priced = [name for name in table if name.startswith(("ATP", "nJ"))]
    rows = []
    for row in table[table["model"] != DENSE].to_dict("records"):
        read = at_error(dense, row["nmse"], priced, logarithmic=True)
        ratios = {f"{name}, ratio": row[name] / read[name] for name in priced}
        rows.append({"model": row["model"], "step": row["step"], "nmse": row["nmse"]} | ratios)
    return pd.DataFrame(rows)


def draw(tables: dict[str, pd.DataFrame]) -> dict[str, Figure]:
    """Return the figures.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Of all seeds.
    """
    table = tables["Error, costs and bits"]
    words = {"nmse": "NMSE (test)", BEYOND: "ATP per stimulus beyond\ninput spikes (estimate)", "active units":
             "active units", "Gaussian bits per 1e9 ATP": "Gaussian bits per 1e9 ATP", "class bits per 1e9 ATP":
             "class bits per 1e9 ATP"}  # fmt: skip
    figures = {
        f"Error against energy beyond the input's spikes ({TABLE}), k or width varied": curves(
            table, BEYOND, "nmse", words, log_x=True, log_y=True
        ),
        "Bits of a Gaussian rate-distortion estimate per ATP against active units": curves(
            table, "active units", "Gaussian bits per 1e9 ATP", words, log_x=True
        ),
    }
    if "class bits per 1e9 ATP" in table:
        figures["Bits about the class per ATP against active units"] = curves(
            table.dropna(subset=["class bits per 1e9 ATP"]), "active units", "class bits per 1e9 ATP", words, log_x=True
        )
    return figures


def read(tables: dict[str, pd.DataFrame]) -> str:
    """Return whether the conclusion hangs on the table of costs, and where the optimum lies.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Summarised over seeds.
    """
    matched, words = tables["Cost relative to dense at equal error"], []
    names = [name for name in matched if name.endswith(", ratio")]
    for dataset, part in matched[matched["model"] == TOPK].groupby("dataset", sort=False):
        k = SCENES[dataset].k
        at = part[part["step"] == k].iloc[0]
        ratios = {name.removesuffix(", ratio"): float(at[name]) for name in names}
        known = {name: ratio for name, ratio in ratios.items() if np.isfinite(ratio)}
        if not known:
            words.append(f"{dataset}: no dense model of these widths brackets top-K's error.")
            continue
        least, most = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
        flips = known[least] < 1 < known[most]
        words.append(
            f"{dataset}, k = {k}: top-K costs {known[least]:.2f} ({least}) to {known[most]:.2f} ({most}) times what a "
            "dense model of equal error does, "
            f"over {len(known)} ways to count" + (": the conclusion flips between tables." if flips else ".")
        )
    rows = tables["Error, costs and bits"]
    for dataset, part in rows[rows["model"] == TOPK].groupby("dataset", sort=False):
        best = part.loc[part["Gaussian bits per 1e9 ATP"].idxmax()]
        words.append(f"{dataset}: most Gaussian bits per ATP at k = {best['step']}, of {part['step'].tolist()}.")
    optimum = [f"{efficient_fraction(cost_ratio(table, 40.0)):.3f} ({table.name})" for table in NEURAL[:2]]
    words.append(
        f"Levy & Baxter's optimum for binary neurons at 40 Hz is an active fraction of {' or '.join(optimum)}; "
        "Attwell & Laughlin (2001) find at most 0.15 at 4 Hz."
    )
    return " ".join(words)


CLAIM = Claim(
    name="energy",
    title="Less energy",
    claim="k-sparse coding is efficient: at equal reconstruction error it costs less energy than dense coding.",
    design="Top-K against a dense autoencoder that is narrow enough to reconstruct as badly (k and widths varied): "
    f"ATP per stimulus beyond the input's own spikes ({TABLE}); every other table beside it, ATP and joules never "
    "summed.",
    endpoint=Endpoint("saving of ATP beyond the input's spikes at equal error, top-K against dense", "share", 0.1),
    data_sets=("digits", "bars", "patches", "mnist"),
    observe=observe,
    effect=effect,
    draw=draw,
    read=read,
    caveats=(
        "All energies are estimates from counts; the mean active unit fires at 40 Hz in every model, which favours "
        "codes with few active units. Hardware tables: " + ", ".join(table.name for table in HARDWARE) + ".",
        "A dense model that is narrow has fewer units, too: at equal width it reconstructs better and costs more.",
        "Class bits and Gaussian bits are two estimators of different things; neither is an entropy of k.",
    ),
)
