"""What the report's explorer shows, computed beforehand: who wins, what is reconstructed, how fast, at what cost."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from comparisons.measuring.encoding import Encoding, by_itself
from comparisons.measuring.rows import ledgers, rates_Hz
from selective_firing import measures
from selective_firing._checks.arguments import check_count
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.datasets import Dataset
from selective_firing.energy.prices import NEURAL
from selective_firing.protocol import Autoencoder
from selective_firing.results.trace import SpikingTrace, Trace

__all__ = ["COSTS", "GROUPS", "MOST_FIELDS", "as_images", "explore"]

COSTS = next(table for table in NEURAL if table.name == "Howarth et al. 2012")
GROUPS = {
    "input": ("input spikes",),
    "drive and winners": ("feed-forward events", "winner spikes"),
    "losers and inhibition": ("loser transients", "interneuron spikes", "inhibitory events"),
    "read-out": ("read-out events",),
    "explaining away": ("error spikes", "feedback events", "lateral events"),
}
"""Items of the neural ledger, as the energy bar stacks them."""
MOST_FIELDS = 36
"""Winners of one stimulus whose receptive fields are kept: those with the highest rates."""


def explore(
    data: Dataset,
    circuits: Mapping[int, KWTAAutoencoder],
    topk: Mapping[int, Autoencoder],
    dense: Autoencoder,
    n_stimuli: int = 6,
) -> dict[str, Any]:
    """Return what fitted models do with a few test stimuli, as JSON can hold it.

    Parameters
    ----------
    data : Dataset
    circuits, topk : mapping of int to fitted autoencoder
        By k; circuits of rate units. Every stimulus is simulated by itself, and once more for its trace.
    dense : fitted autoencoder
        The same for every k.
    n_stimuli : int
        One of each class first, where classes are known.

    Returns
    -------
    dict
        ``stimuli`` and ``dense`` by stimulus; ``circuit`` and ``topk`` by k, then by stimulus. Images are bytes in
        base64, row by row: all images of one stimulus share its scale, a receptive field has its own. The middle of
        the scale, 128, is zero for fields, and for images if ``signed``.

    Raises
    ------
    TypeError, ValueError
        If circuits and topk differ in their k's, a circuit spikes, or there are fewer stimuli.
    """
    check_count("n_stimuli", n_stimuli, at_most=len(data.X_test))
    if not circuits or set(circuits) != set(topk):
        raise ValueError(f"circuits and topk must have the same k's, got {sorted(circuits)} and {sorted(topk)}.")
    chosen = [_only(data, row) for row in _chosen(data, n_stimuli)]
    names = [f"no. {i}" if one.y_test is None else f"class {one.y_test[0]}" for i, one in enumerate(chosen, 1)]
    ks = sorted(circuits)
    return {
        "dataset": data.name,
        "shape": list(as_images(data.X_test[:1], data.image_shape).shape[1:]),
        "square": data.image_shape is not None,
        "signed": _is_signed(data),
        "n_hidden": len(dense.components_),
        "k": ks,
        "groups": list(GROUPS),
        "cost_table": COSTS.name,
        "stimuli": [
            {"name": name, "image": _picture(one.X_test, one)} for name, one in zip(names, chosen, strict=True)
        ],
        "dense": [_view(dense, by_itself(dense, one.X_test), one) for one in chosen],
        "topk": [[_view(topk[k], by_itself(topk[k], one.X_test), one) for one in chosen] for k in ks],
        "circuit": [_competitions(circuits[k], chosen) for k in ks],
    }


def _only(data: Dataset, row: int) -> Dataset:
    """Return `data` with a single test stimulus."""
    labels = None if data.y_test is None else data.y_test[[row]]
    return replace(data, X_test=data.X_test[[row]], y_test=labels, factors_test=None)


def _chosen(data: Dataset, n_stimuli: int) -> list[int]:
    """Return the rows of the stimuli: the first of each class, then others; without classes evenly spaced ones."""
    n_samples = len(data.X_test)
    labels = data.y_test
    if labels is None:
        return [index * n_samples // n_stimuli for index in range(n_stimuli)]
    firsts = list(np.unique(labels, return_index=True)[1])
    others = [row for row in range(n_samples) if row not in firsts]
    rows = (firsts + others)[:n_stimuli]
    return sorted(map(int, rows), key=lambda row: labels[row])


def as_images(patterns: np.ndarray, image_shape: tuple[int, int] | None) -> np.ndarray:
    """Return patterns as images (n, height, width): on minus off where they are twice as wide, or single rows.

    Parameters
    ----------
    patterns : ndarray of shape (n, n_inputs)
    image_shape : tuple of int or None
        (height, width).
    """
    if image_shape is None:
        return patterns[:, np.newaxis]
    size = image_shape[0] * image_shape[1]
    if patterns.shape[1] == 2 * size:
        patterns = patterns[:, :size] - patterns[:, size:]
    return patterns.reshape(-1, *image_shape)


def _is_signed(data: Dataset) -> bool:
    """Return whether images have negative pixels; the first training images tell."""
    return bool(as_images(data.X_train[:200], data.image_shape).min() < 0)


def _bytes(images: np.ndarray, reach: np.ndarray | float, signed: bool) -> str:
    """Return images in base64; `reach` is the value that has the largest byte."""
    scaled = images / np.where(np.asarray(reach) > 0, reach, 1.0)
    levels = 128 + 127 * np.clip(scaled, -1, 1) if signed else 255 * np.clip(scaled, 0, 1)
    return base64.b64encode(np.round(levels).astype(np.uint8).tobytes()).decode("ascii")


def _picture(pattern: np.ndarray, one: Dataset) -> str:
    """Return a pattern of shape (1, n_inputs) on the scale of the stimulus."""
    reach = float(np.abs(as_images(one.X_test, one.image_shape)).max())
    return _bytes(as_images(pattern, one.image_shape), reach, _is_signed(one))


def _view(model: Autoencoder, encoding: Encoding, one: Dataset) -> dict[str, Any]:
    """Return how many units answer, the reconstruction, its error, and the ATP of each group."""
    X_hat = model.inverse_transform(encoding.code)
    ledger = ledgers(model, encoding, rates_Hz(model, encoding.code, one), one)
    inference = ledger[(ledger["ledger"] == "neural") & (ledger["phase"] == "inference")]
    counts = inference.set_index("item")["count"].to_dict()
    return {
        "n_active": int((encoding.code > 0).sum()),
        "error": _short(measures.nmse(one.X_test, X_hat, model.mean_)),
        "image": _picture(X_hat, one),
        "ATP": [
            _short(float(COSTS.total({item: counts[item] for item in items if item in counts})))
            for items in GROUPS.values()
        ],
    }


def _short(value: float) -> float:
    """Return four significant digits: more cannot be seen."""
    return float(f"{value:.4g}")


def _competitions(circuit: KWTAAutoencoder, chosen: list[Dataset]) -> dict[str, Any]:
    """Return the views of one circuit, each with its winners and its course, and the winners' receptive fields."""
    if circuit.circuit != "rate":
        raise ValueError(f"circuits must be of rate units, got circuit={circuit.circuit!r}.")
    views, units = [], []
    for one in chosen:
        response = circuit.simulate(one.X_test, traces=[0])
        rates = response.rates_Hz[0]
        ranked = np.argsort(-rates, kind="stable")[: min(int((rates > 0).sum()), MOST_FIELDS)]
        units.append(ranked)
        views.append(
            _view(circuit, Encoding(response.code, "circuit", response), one)
            | {"rates": [_short(rate) for rate in rates[ranked]], "course": _course(response.traces[0])}
            | {"settled": bool(response.settled[0]), "decision_ms": _short(response.settling_time_ms[0])}
        )
    kept = np.unique(np.concatenate(units))
    fields = as_images(circuit.components_[kept], chosen[0].image_shape)
    for view, ranked in zip(views, units, strict=True):
        view["winners"] = np.searchsorted(kept, ranked).tolist()
    reach = np.abs(fields).max(axis=(1, 2), keepdims=True)
    return {"fields": _bytes(fields, reach, True), "units": kept.tolist(), "views": views}


def _course(trace: Trace | SpikingTrace) -> dict[str, list]:
    """Return the number of active units, wherever it changes, and when the cycles ended."""
    if not isinstance(trace, Trace):
        raise TypeError(f"trace must be of rate units, got {type(trace).__name__}.")
    counts = np.concatenate([[0], trace.n_active]).astype(int)
    times = np.concatenate([[0.0], trace.time_ms])
    kept = np.flatnonzero(np.diff(counts, prepend=-1) != 0)
    kept = np.unique(np.append(kept, counts.size - 1))
    return {
        "time_ms": np.round(times[kept], 3).tolist(),
        "n_active": counts[kept].tolist(),
        "decisions_ms": np.round(trace.decisions_ms, 3).tolist(),
    }
