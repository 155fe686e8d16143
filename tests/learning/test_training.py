"""Nothing is lost: a fit goes on after a break to the same bits, and refuses what is not its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from processes import wait_until

from selective_firing import KWTAAutoencoder, RateParameters
from selective_firing._files import archives as storage
from selective_firing.errors import DivergenceError
from selective_firing.learning import checkpoint
from selective_firing.learning import fit as training
from selective_firing.learning.checkpoint import resume
from selective_firing.learning.fit import Training


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


def make(**other) -> KWTAAutoencoder:
    noisy = RateParameters(noise=0.05, threshold_cv=0.1)
    return KWTAAutoencoder(12, 3, n_epochs=2, codegen="numpy", random_state=3, parameters=noisy, **other)


def in_small_chunks(patch) -> None:
    patch.setattr(training, "chunk_rows", lambda n_inputs: 16)


@pytest.fixture(scope="module")
def whole(shared_patterns):
    """A model that learned in small chunks, without a checkpoint and without a break."""
    with pytest.MonkeyPatch.context() as patch:
        in_small_chunks(patch)
        return make().fit(shared_patterns)


@pytest.fixture(scope="module")
def written(shared_patterns, tmp_path_factory):
    """A model whose fit is complete, and the bytes of its checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "fit.npz"
    return make().fit(shared_patterns, checkpoint=path), path.read_bytes()


@pytest.fixture
def path(written, tmp_path):
    """The checkpoint of a fit that is complete, for one test alone."""
    path = tmp_path / "fit.npz"
    path.write_bytes(written[1])
    return path


@pytest.mark.parametrize("survives", [1, 2])
def test_a_fit_that_was_killed_goes_on_to_the_same_bits(whole, patterns, tmp_path, monkeypatch, survives):
    in_small_chunks(monkeypatch)
    path, save, saved = tmp_path / "fit.npz", checkpoint.save, []

    def save_or_die(*args):
        if len(saved) == survives:
            raise Killed
        saved.append(save(*args))

    monkeypatch.setattr("selective_firing.autoencoder.save", save_or_die)
    with pytest.raises(Killed):
        make().fit(patterns, checkpoint=path)
    monkeypatch.setattr("selective_firing.autoencoder.save", save)
    resumed = make(verbose=1).fit(patterns, checkpoint=path)
    for name in ("components_", "encoder_", "bias_", "duty_cycle_"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))
    np.testing.assert_array_equal(resumed.transform(patterns), whole.transform(patterns))
    again = make().fit(patterns, checkpoint=path)  # nothing is left to do
    np.testing.assert_array_equal(again.components_, whole.components_)


def test_a_kill_while_writing_leaves_the_earlier_checkpoint(path, tmp_path, monkeypatch):
    before = path.read_bytes()

    def half(file, **arrays):
        file.write(b"PK half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.np, "savez", half)
    with pytest.raises(OSError, match="No space left"):
        storage.write_archive(path, {}, {"kind": "nothing"})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["fit.npz"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"k": 4}, r"another k \(3, now 4\)"),
        ({"homeostasis": 0.1}, "another homeostasis"),
        ({"random_state": 4}, "another random_state"),
    ],
)
def test_a_checkpoint_of_another_fit_is_refused(path, patterns, changes, words):
    with pytest.raises(ValueError, match=words):
        make().set_params(**changes).fit(patterns, checkpoint=path)


def test_a_checkpoint_of_other_data_is_refused(path, patterns):
    with pytest.raises(ValueError, match="another data"):
        make().fit(patterns[::-1], checkpoint=path)


def test_a_checkpoint_is_refused_wherever_it_was_cut_or_changed(written, path, patterns):
    (model, content), rng = written, np.random.default_rng(0)
    for cut in rng.integers(0, len(content), 20):
        path.write_bytes(content[:cut])
        with pytest.raises(ValueError, match="path must"):
            make().fit(patterns, checkpoint=path)
    for at in rng.integers(0, len(content), 40):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        try:
            other = make().fit(patterns, checkpoint=path)
        except ValueError:
            continue
        np.testing.assert_array_equal(other.components_, model.components_)  # only padding was changed


def test_a_model_is_no_checkpoint(whole, patterns, tmp_path):
    path = tmp_path / "model.npz"
    whole.save(path)
    with pytest.raises(ValueError, match="which holds a KWTAAutoencoder"):
        make().fit(patterns, checkpoint=path)


def test_a_place_where_nothing_can_be_written_is_refused_before_learning(patterns, tmp_path):
    with pytest.raises(OSError, match="checkpoint must lie in an existing, writable directory"):
        make().fit(patterns, checkpoint=tmp_path / "absent" / "fit.npz")
    with pytest.raises(OSError, match="checkpoint must be a file"):
        make().fit(patterns, checkpoint=tmp_path)


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_the_generator_goes_on_where_it_was(weights, tmp_path, kind):
    rng = np.random.Generator(getattr(np.random, kind)(5))
    rng.standard_normal(3)
    state = Training(weights, rng, 0, order=np.arange(4), wins=np.zeros(24))
    checkpoint.save(state, tmp_path / "state.npz", {})
    read = resume(tmp_path / "state.npz", {})
    np.testing.assert_array_equal(read.rng.random(5), rng.random(5))


@pytest.mark.parametrize("target", ["numpy", pytest.param("cpp_standalone", marks=pytest.mark.compiled)])
def test_a_learning_rate_too_high_is_reported_with_the_presentation(patterns, target):
    model = KWTAAutoencoder(24, 4, learning_rate=50.0, n_epochs=20, codegen=target, random_state=0)
    with pytest.raises(DivergenceError, match=r"learning diverged at presentation \d+; .* lower than 50") as caught:
        model.fit(patterns)
    assert 1 <= caught.value.presentation < 100


JOB = """
import sys, numpy as np
from selective_firing import KWTAAutoencoder
from selective_firing.learning import fit as training
training.chunk_rows = lambda n_inputs: 30
X = np.random.default_rng(0).random((60, 12))
KWTAAutoencoder(10, 3, n_epochs=2, codegen="numpy", random_state=0).fit(X, checkpoint=sys.argv[1]).save(sys.argv[2])
"""


def start(folder: Path, name: str) -> subprocess.Popen:
    job = [sys.executable, "-c", JOB, str(folder / "fit.npz"), str(folder / name)]
    return subprocess.Popen(job, start_new_session=True, env=os.environ | {"TMPDIR": str(folder)})


def kill_after_a_checkpoint(folder: Path, pause: float) -> None:
    def last_written() -> int:
        return path.stat().st_mtime_ns if path.exists() else 0

    path = folder / "fit.npz"
    process, before = start(folder, "model.npz"), last_written()
    wait_until(lambda: process.poll() is not None or last_written() != before, 60, every=0.002)
    time.sleep(pause)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def here(folder: Path, patch) -> KWTAAutoencoder:
    """Do the job in this process, and return the model that it saved."""
    patch.setattr(training, "chunk_rows", training.chunk_rows)  # which the job changes
    patch.setattr(tempfile, "tempdir", str(folder))
    patch.setattr(sys, "argv", ["job", str(folder / "fit.npz"), str(folder / "model.npz")])
    exec(JOB, {})
    return KWTAAutoencoder.load(folder / "model.npz")


def test_a_real_process_killed_several_times_ends_with_the_same_bits(tmp_path, monkeypatch):
    """Two others are killed; this one goes on, and learns the whole besides."""
    (tmp_path / "whole").mkdir()
    one = here(tmp_path / "whole", monkeypatch)
    for kills in range(2):
        kill_after_a_checkpoint(tmp_path, 0.01 * kills)
    assert not (tmp_path / "model.npz").exists()
    other = here(tmp_path, monkeypatch)
    np.testing.assert_array_equal(one.components_, other.components_)
    assert json.dumps(one.get_params(), default=str) == json.dumps(other.get_params(), default=str)
    assert not list(tmp_path.glob("selective_firing_*"))
