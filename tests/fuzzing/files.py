"""Files: of data, of models, of responses and checkpoints; whole, damaged, of another kind, or of what does not fit."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from fuzzing.law import Kind, attempt, finite, holds
from fuzzing.orders import closed_form, ideal_response
from fuzzing.values import ANYTHING, SEEDS, Draw, pick, plain_table, table
from selective_firing import KWTAAutoencoder, RateParameters, Response, SpikingParameters, Weights, datasets
from selective_firing.results.spikes import Spikes

__all__ = ["KINDS"]

ANY_JSON = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 9), st.floats(), st.text(max_size=3), st.just([]), st.just({}),
    st.just([1, "a"]), st.just({"a": 1}), st.just(10**30),
)  # fmt: skip
OPTIONS = ("label_column", "index_column", "test_fraction", "seed", "image_shape")


def _damaged(draw: Draw, content: bytes) -> bytes:
    """Return a file's bytes, some of them gone, changed, added or twice."""
    at = draw(st.integers(0, max(0, len(content) - 1)))
    match pick(draw, "whole", "whole", "cut", "flip", "added", "hole", "empty", "other"):
        case "cut":
            return content[:at]
        case "flip":
            return (
                content[:at] + bytes([content[at] ^ (1 << draw(st.integers(0, 7)))]) + content[at + 1 :]
                if content
                else b""
            )
        case "added":
            return content[:at] + draw(st.binary(max_size=8)) + content[at:]
        case "hole":
            return content[:at] + b"\0" * 16 + content[at + 16 :]
        case "empty":
            return b""
        case "other":
            return (
                pick(draw, b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\x1f\x8b", b"\xef\xbb\xbf1,2\n3,4\n", b"\xff\xfe1")
                + content[:at]
            )
    return content


def _csv(draw: Draw, path: Path, X: np.ndarray) -> None:
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])])
    if draw(st.booleans()):
        frame["label"] = pick(draw, "a", 1, None, 0.5)
    how = {
        "index": pick(draw, False, False, True), "header": pick(draw, True, True, False), "sep": pick(draw, ",", ",",
        ";", "\t", " "),
        "encoding": pick(draw, "utf-8", "utf-8-sig", "utf-16", "latin-1"), "decimal": pick(draw, ".", ".", ","),
        "na_rep": pick(draw, "", "NA", "nan", "-"), "float_format": pick(draw, None, "%.3f", "%g", "%.400f"),
        "lineterminator": pick(draw, "\n", "\r\n", "\r", "\n\n"), "quoting": pick(draw, 0, 1),
    }  # fmt: skip
    frame.to_csv(path, **how)


def data_file(draw: Draw) -> None:
    n_samples, n_inputs, suffix = (
        draw(st.integers(0, 6)),
        draw(st.integers(0, 4)),
        pick(draw, ".npy", ".npz", ".csv", ".csv"),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data{suffix}"
        X = plain_table(draw, n_samples, n_inputs)
        if suffix == ".csv":
            _csv(draw, path, X)
        else:
            shown = table(draw, n_samples, n_inputs)[0] if draw(st.booleans()) else X
            shown = np.asarray(shown if isinstance(shown, np.ndarray) else X)
            y = pick(
                draw, None, np.arange(n_samples), np.array(["a"] * n_samples), np.array(3), np.full(n_samples, np.nan)
            )
            pairs = {"X": shown} | ({} if y is None else {"y": y})
            np.save(path, shown) if suffix == ".npy" else np.savez(path, **pairs)
        path.write_bytes(_damaged(draw, path.read_bytes()))
        if pick(draw, False, False, False, True):
            path = path.rename(path.with_suffix(pick(draw, ".npy", ".npz", ".csv", ".CSV", ".txt", "")))
        rights = {"label_column": ("label", 0, -1, 99), "index_column": (0, "c0"), "test_fraction": (0.5, 1e-9, 1,
        0.999),
                  "seed": (3, np.uint8(1)), "image_shape": ((1, 1), (2, 2), (1, 2), [1, 1])}  # fmt: skip
        given = {name: pick(draw, *rights[name]) for name in draw(st.sets(st.sampled_from(OPTIONS), max_size=2))}
        given |= (
            draw(st.dictionaries(st.sampled_from(OPTIONS), ANYTHING, max_size=1)) if pick(draw, False, True) else {}
        )
        data = attempt(lambda: datasets.load(path, **given), "path", "X", "y", path.name, *OPTIONS)
    if data is not None:
        finite("X_train", data.X_train, (len(data.X_train), data.n_inputs))
        finite("X_test", data.X_test, (len(data.X_test), data.n_inputs))
        holds(len(data.X_train) and len(data.X_test), "nothing on one side")
        holds((data.y_train is None) or len(data.y_train) == len(data.X_train), "labels")
        repr(data)


def model_of(draw: Draw) -> KWTAAutoencoder:
    """Return a small fitted model, learned by the closed form."""
    X = plain_table(draw, 4, 3, scaled=False)
    given: dict[str, Any] = {"parameters": pick(draw, None, RateParameters(noise=0.1), RateParameters(n_cycles=2))}
    if pick(draw, False, True):
        given = {"parameters": SpikingParameters(), "circuit": "spiking"}
    if pick(draw, False, True):
        given["initial_weights"] = np.ones((5, 3))
    names = [f"c{i}" for i in range(3)]
    with closed_form():
        model = KWTAAutoencoder(
            5, 2, n_epochs=1, learning_rate=0.1, random_state=pick(draw, 0, np.random.default_rng(1)), **given
        )
        return model.fit(pd.DataFrame(X, columns=names) if draw(st.booleans()) else X)


def response_of(draw: Draw) -> Response:
    """Return a small response: of the rate circuit, with cycles, or with spikes."""
    rng = np.random.default_rng(draw(SEEDS))
    w = rng.standard_normal((4, 3))
    one = ideal_response(Weights(w, w, np.zeros(4), np.zeros(3), 1.0), rng.random((3, 3)), 2, RateParameters())
    form = pick(draw, "rate", "cycles", "spikes")
    if form == "cycles":
        return Response(**vars(one) | {"earlier": (one, one)})
    if form == "spikes":
        n = one.winner_units.size
        fired = Spikes(np.zeros(2, np.int32), np.arange(2, dtype=np.int32), np.ones(2), 4)
        more = {"winner_spikes": np.ones(n, int), "winner_latency_ms": np.ones(n), "spikes": {"hidden": fired}}
        return Response(**vars(one) | more)
    return one


def _tamper(draw: Draw, path: Path) -> None:
    """Change one thing in an archive that this package wrote."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(str(arrays.pop("header")))
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(arrays)))
        a = arrays[name]
        changes = {
            "gone": None, "shorter": a[:-1] if a.ndim else a.reshape(1), "longer": np.concatenate([a,
            a]) if a.ndim else a,
            "deeper": a[np.newaxis], "nan": np.full(a.shape, np.nan), "negative": -1 - np.abs(a.astype(float)),
            "huge": np.full(a.shape, 10**9), "complex": a + 1j, "words": a.astype(str), "float": a + 0.5,
            "other": np.zeros((0, 2)), "turned": a.T, "flat": a.ravel(), "bools": a > 0, "scalar": np.array(1.0),
        }  # fmt: skip
        arrays[name] = changes[draw(st.sampled_from(sorted(changes)))]
        if pick(draw, False, False, True):
            arrays[
                draw(st.sampled_from(["new", "spikes/hidden/unit", "cycle x/n_active", "events/a b", "/", "header/x"]))
            ] = a
    else:
        place = header
        while True:
            name = draw(st.sampled_from(sorted(place)))
            if isinstance(place[name], dict) and place[name] and pick(draw, True, True, False):
                place = place[name]
                continue
            place[name] = draw(ANY_JSON)
            if pick(draw, False, False, True):
                del place[name]
            break
    kept = {name: value for name, value in arrays.items() if value is not None}
    np.savez(path, header=np.array(json.dumps(header)), **kept)


def model_file(draw: Draw) -> None:
    thing = model_of(draw) if pick(draw, True, False) else response_of(draw)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.npz"
        thing.save(path)
        if not pick(draw, *[False] * 5, True):
            _tamper(draw, path) if pick(draw, True, True, False) else path.write_bytes(
                _damaged(draw, path.read_bytes())
            )
        else:
            path = pick(draw, path, Path(folder) / "none.npz", Path(folder), Path(folder) / "no" / "file")
        kind = type(thing) if pick(draw, *[True] * 5, False) else pick(draw, Response, KWTAAutoencoder)
        loaded = attempt(lambda: kind.load(path), "path", absent=not path.is_file())
        if loaded is None:
            return
        again = Path(folder) / "again.npz"
        if kind is Response:
            finite("code", loaded.code, (loaded.n_samples, loaded.n_hidden))
            finite("rates", loaded.rates_Hz)
            repr(loaded), loaded.diagnose(), loaded.to_frame(), loaded.spikes_frame(), loaded.cycles
            attempt(lambda: loaded.save(again))
            np.testing.assert_array_equal(Response.load(again).code, loaded.code)
            return
        with closed_form():
            X = np.ones((2, loaded.n_features_in_))
            X = pd.DataFrame(X, columns=loaded.feature_names_in_) if hasattr(loaded, "feature_names_in_") else X
            finite("code", loaded.transform(X), (2, loaded.n_hidden))
            attempt(lambda: loaded.partial_fit(X), "X")
            attempt(lambda: loaded.save(again))
            np.testing.assert_array_equal(KWTAAutoencoder.load(again).components_, loaded.components_)


def checkpoint_file(draw: Draw) -> None:
    """A fit that goes on from a checkpoint, whole or not, ends as one without a break, or refuses it."""
    X, given = plain_table(draw, 5, 3, scaled=False), {"n_epochs": 2, "codegen": "numpy", "random_state": 0}
    with tempfile.TemporaryDirectory() as folder, closed_form():
        path = Path(folder) / "fit.npz"
        whole = KWTAAutoencoder(4, 2, **given).fit(X, checkpoint=path)
        if pick(draw, False, True, True):
            _tamper(draw, path)
        else:
            path.write_bytes(_damaged(draw, path.read_bytes()))
        model = KWTAAutoencoder(4, 2, **given)
        if pick(draw, False, False, True):
            model.set_params(random_state=1)
        found = attempt(lambda: model.fit(X, checkpoint=path), "path", "checkpoint")
    if found is not None:
        holds(model.random_state == 0, "another stream went on")
        finite("components_", found.components_, whole.components_.shape)
        finite("duty_cycle_", found.duty_cycle_)


KINDS = {
    "data files": Kind(data_file, 6),
    "model and response files": Kind(model_file, 6),
    "checkpoints": Kind(checkpoint_file, 2),
}
