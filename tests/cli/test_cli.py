"""Both command lines: what they write, and what bad input gets before anything is simulated."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import comparisons.cli
import selective_firing.cli.main
from selective_firing import KWTAAutoencoder
from selective_firing.cli.options import write_json


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command line in a directory of its own; return status, output and errors."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("small.npz", X=rng.random((30, 9)) * (rng.random((30, 9)) < 0.6), y=np.arange(30) % 3)

    def call(main, words: str):
        monkeypatch.setattr(sys, "argv", ["program", *words.split()])
        status = main()
        return status, *capsys.readouterr()

    return call


SMALL = "--dataset small.npz --n-hidden 8 --k 2 --target numpy"


def test_train_then_encode(run, tmp_path):
    status, out, _ = run(selective_firing.cli.main.main, f"train {SMALL} --n-epochs 2 --output-dir model")
    assert status == 0
    assert "test NMSE" in out
    assert json.loads((tmp_path / "model/provenance.json").read_text())["model"]["k"] == 2
    card = (tmp_path / "model/model.md").read_text()
    model = KWTAAutoencoder.load(tmp_path / "model/model.npz")
    for words in (
        "8 hidden units, 2 winners, trained on small", f"| {out.split()[2].rstrip(',')} |", "| n_epochs | 2 |",
        f"{model.history_['n_dead'][-1]} of 8", f"{model.history_['nmse'][-1]:.4f}", "`tau_m` = 5.0", "| brian2 |",
    ):  # fmt: skip
        assert words in card
    snippet = card.partition("```python\n")[2].partition("```")[0].replace("model.npz", "model/model.npz")
    found: dict = {"X": np.load("small.npz")["X"]}
    exec(snippet, found)
    assert found["codes"].shape == (30, 8)
    status, out, _ = run(
        selective_firing.cli.main.main, "encode --model model/model.npz --dataset small.npz --output-dir codes"
    )
    assert status == 0
    assert pd.read_csv(tmp_path / "codes/stimuli.csv")["n_active"].max() <= 2
    assert (tmp_path / "codes/response.npz").exists()


def test_simulate_draws_the_presentations_it_was_asked_for(run, tmp_path):
    words = f"simulate {SMALL} --n-epochs 1 --n-stimuli 2 --inhibition threshold --tau-m 8 --output-dir traces"
    assert run(selective_firing.cli.main.main, words)[0] == 0
    assert {path.name for path in (tmp_path / "traces").glob("*.png")} == {"presentation_0.png", "presentation_1.png"}
    parameters = json.loads((tmp_path / "traces/provenance.json").read_text())["parameters"]
    assert (parameters["inhibition"], parameters["tau_m"]) == ("threshold", 8)


def test_simulate_draws_cells_that_spike(run, tmp_path):
    circuit = "--circuit spiking --presentation 20 --dt 1 --inhibition-delay 0"
    words = f"simulate {SMALL} --n-epochs 1 --n-stimuli 1 {circuit} --output-dir out"
    assert run(selective_firing.cli.main.main, words)[0] == 0
    drawn = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert drawn == {"presentation_0.png", "reconstructions.png", "n_active.png"}
    parameters = json.loads((tmp_path / "out/provenance.json").read_text())["parameters"]
    assert (parameters["presentation"], parameters["readout"]) == (20, "latency")


@pytest.mark.parametrize("circuit", ["", "--circuit spiking --presentation 20 --dt 1 --inhibition-delay 0"])
def test_a_trained_model_is_simulated_and_learns_nothing_anew(run, tmp_path, monkeypatch, circuit):
    main = selective_firing.cli.main.main
    assert run(main, f"train {SMALL} --n-epochs 1 {circuit} --output-dir model")[0] == 0

    def refuse(*_, **__):
        raise AssertionError("it learns")

    monkeypatch.setattr(KWTAAutoencoder, "fit", refuse)
    np.save("other.npy", np.random.default_rng(1).random((10, 9)))
    words = "simulate --model model/model.npz --data other.npy --n-stimuli 1 --target numpy --output-dir out"
    status, out, _ = run(main, words)
    assert (status, (tmp_path / "out/presentation_0.png").exists()) == (0, True)
    assert "n_active" in out
    found = json.loads((tmp_path / "out/provenance.json").read_text())
    assert found["parameters"] == json.loads((tmp_path / "model/provenance.json").read_text())["parameters"]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("--k 10", "k"), ("--n-hidden 8", "n_hidden"), ("--n-epochs 3", "n_epochs"), ("--k-start=4", "k_start"),
        ("--learning-rate 1", "learning_rate"), ("--homeostasis 0", "homeostasis"), ("--circuit spiking", "circuit"),
        ("--tau-m 8", "tau_m"),
    ],
)  # fmt: skip
def test_what_a_trained_model_has_already_is_refused_by_name(run, words, name):
    status, _, errors = run(selective_firing.cli.main.main, f"simulate --model model.npz {words} --output-dir out")
    assert status == 2
    assert f"{name} must be left out with --model" in errors


@pytest.mark.parametrize(("words", "shown"), [("0.8", "0.8"), ("0.9 1", "[0.9, 1.0]")])
def test_what_may_change_in_learning_takes_its_start_and_its_end(run, words, shown):
    status, out, _ = run(selective_firing.cli.main.main, f"equations --explain lateral --late-share {words}")
    assert status == 0
    assert f"RateParameters(explain='lateral', late_share={shown})" in out
    with pytest.raises(SystemExit, match="2"):
        run(selective_firing.cli.main.main, "equations --explain lateral --late-share 0.9 1 0.5")


@pytest.mark.parametrize(
    ("words", "name"), [("--circuit spiking --loop-delay 1", "loop_delay"), ("--refractory 1", "refractory")]
)
def test_a_constant_of_the_other_circuit_is_refused(run, words, name):
    status, _, errors = run(selective_firing.cli.main.main, f"simulate {SMALL} {words} --output-dir other")
    assert status == 2
    assert f"{name} must be left out" in errors


def test_compare_runs_by_default_and_never_overwrites(run, tmp_path, monkeypatch):
    monkeypatch.setattr("comparisons.measuring.agreement.ASSUMPTIONS", {"rate": {"noise": ("", (0.0, 0.1))}})
    monkeypatch.setattr("comparisons.studies.main_job.design.FIRST_CYCLE_MS", 10.0)
    monkeypatch.setattr("comparisons.studies.main_job.design.WITHOUT_COMPILER", 3)
    words = f"{SMALL} --n-epochs 1 --output-dir out"
    status, out, _ = run(comparisons.cli.main, words)
    assert status == 0
    assert "k-WTA circuit" in out
    assert (tmp_path / "out/comparison.png").exists()
    status, _, err = run(comparisons.cli.main, words)
    assert status == 2
    assert "output directory out must be empty; choose another or pass --overwrite." in err


@pytest.mark.parametrize("main", [selective_firing.cli.main.main, comparisons.cli.main], ids=["train", "compare"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--k 0", "k must be between 1 and 128, got 0"),
        ("--k 129", "k must be between 1 and 128, got 129"),
        ("--n-hidden 0", "n_hidden must be at least 1, got 0"),
        ("--n-epochs 0", "n_epochs must be at least 1, got 0"),
        ("--learning-rate -1", "learning_rate must be at least 0"),
        ("--tau-m 0", "tau_m must be above 0, got 0"),
        ("--dataset digit", "dataset must be one of digits, patches, bars, mnist"),
        ("--dataset mnist --data-dir .", "data_dir must hold train-images-idx3-ubyte"),
        ("--output-dir small.npz", "output directory small.npz must be writable"),
    ],
)
def test_bad_input_gets_one_line(run, main, words, message):
    command = f"train {words}" if main is selective_firing.cli.main.main else words
    status, _, err = run(main, command)
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("package", ["selective_firing", "comparisons"])
def test_python_m_shows_help_with_every_parameter_of_the_circuit(package):
    command = {"selective_firing": "train", "comparisons": "run"}[package]
    shown = subprocess.run(
        [sys.executable, "-m", package, command, "--help"], capture_output=True, text=True, check=True
    )
    for option in (
        "--dataset",
        "--label-column",
        "--k",
        "--n-hidden",
        "--seed",
        "--target",
        "--tau-m",
        "--loop-delay",
        "--inhibition",
    ):
        assert option in shown.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("report --n-seeds 1", "n_seeds must be at least 2, got 1"),
        ("report --seed 995", "seed must leave out 1000, with which models are tuned, got 995"),
        ("report --data-sets digits nonsense", "data_sets must be one of digits, bars, patches, mnist, got 'nonsense'"),
        ("report --claims nonsense", "claims must be one of exactly_k, selective"),
        ("report --output-dir .", "must be empty, or hold cache/ of a run to go on with; choose another."),
        ("readout --dataset bars", "dataset must have labels, got bars"),
        ("readout --dataset small.npz --held-out 24", "held_out must be between 1 and 23, got 24"),
    ],
)
def test_what_cannot_be_tried_is_told_before_anything_is_learned(run, words, message):
    status, _, err = run(comparisons.cli.main, words)
    assert status == 2
    assert message in err


def test_classes_are_read_out_of_codes(run, tmp_path):
    status, out, _ = run(comparisons.cli.main, f"readout {SMALL} --n-epochs 1 --held-out 6 --output-dir out")
    assert status == 0
    table = pd.read_csv(tmp_path / "out/readout.csv").set_index("model")
    assert list(table.index) == ["k-WTA circuit", "top-K", "dense", "raw inputs"]
    assert table["test_error"].between(0, 1).all()
    assert set(table["alpha"]) <= {1, 2, 3}
    assert "raw inputs" in out


def test_a_console_that_cannot_show_a_path_does_not_fail_a_run(run, tmp_path, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    status, *_ = run(selective_firing.cli.main.main, f"train {SMALL} --n-epochs 1 --output-dir Föhn")
    console.flush()
    assert (status, (tmp_path / "Föhn/model.npz").exists()) == (0, True)
    assert rb"Model: F\xf6hn" in console.buffer.getvalue()


def test_numbers_of_numpys_stay_numbers_in_json(tmp_path):
    write_json(tmp_path / "a.json", {"k": np.int64(5), "rate": np.float32(0.5), "all": np.arange(2), "path": tmp_path})
    found = json.loads((tmp_path / "a.json").read_text())
    assert found == {"k": 5, "rate": 0.5, "all": [0, 1], "path": str(tmp_path)}
