"""A model of yours on trial: in the protocol, in sweeps, and in claims that compare models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import own_models
import pytest
from fakes import FakeCircuit
from sklearn.exceptions import NotFittedError

from comparisons.claims import CLAIMS
from comparisons.lab import scenes
from comparisons.lab.claim import look
from comparisons.lab.lab import Lab, Settings
from comparisons.lab.scenes import Scene
from comparisons.measuring.encoding import by_itself, without
from comparisons.report.command import report
from comparisons.rivals.guest import GuestAutoencoder, factory_of
from comparisons.rivals.registry import CIRCUIT, CYCLES, MODELS, TOPK, Model, named
from comparisons.sweep.grid import jobs, run_job
from selective_firing import measures
from selective_firing.protocol import Autoencoder

MINE, THEIRS = "own_models:Mine", "own_models:dictionary"


@pytest.fixture
def guest(patterns):
    return GuestAutoencoder(own_models.Mine, 12, 3).fit(patterns)


def test_it_keeps_the_protocol_and_says_what_the_model_says(guest, patterns):
    assert isinstance(guest, Autoencoder)
    mine = own_models.Mine(12, 3)
    mine.fit(patterns)
    np.testing.assert_array_equal(guest.transform(patterns), mine.encode(patterns))
    np.testing.assert_array_equal(guest.reconstruct(patterns), mine.decode(mine.encode(patterns)))
    np.testing.assert_allclose(guest.components_, mine.rows, atol=1e-12)
    np.testing.assert_allclose(guest.offset_, patterns.mean(axis=0))
    np.testing.assert_allclose(guest.drive(patterns), (patterns - patterns.mean(axis=0)) @ mine.rows.T, atol=1e-12)
    assert guest.score(patterns) == pytest.approx(1 - measures.nmse(patterns, guest.reconstruct(patterns), guest.mean_))
    assert by_itself(guest, patterns).selection == "none"
    assert len(guest.get_feature_names_out()) == 12


def test_a_model_of_scikit_learn_is_one_too(patterns):
    one, other = (GuestAutoencoder(own_models.dictionary, 8, 3, random_state=seed).fit(patterns) for seed in (0, 0))
    np.testing.assert_array_equal(one.transform(patterns), other.transform(patterns))
    assert one.components_.shape == (8, 20)
    assert one.transform(patterns).min() == 0


def test_a_decoder_that_is_not_linear_is_used_as_it_is(patterns):
    class Squared(own_models.Mine):
        def decode(self, code):
            return super().decode(code**2)

    guest = GuestAutoencoder(Squared, 12, 3).fit(patterns)
    code = guest.transform(patterns)
    np.testing.assert_allclose(guest.inverse_transform(code), guest.model_.decode(code))
    assert np.abs(guest.inverse_transform(code) - code @ guest.components_ - guest.offset_).max() > 0.1


def test_lesioned_units_say_nothing_and_the_model_itself_is_whole(guest, patterns):
    before = guest.transform(patterns)
    rest = without(guest, np.array([0, 5]))
    assert not rest.transform(patterns)[:, [0, 5]].any()
    np.testing.assert_array_equal(np.delete(rest.transform(patterns), [0, 5], 1), np.delete(before, [0, 5], 1))
    np.testing.assert_array_equal(guest.transform(patterns), before)


@pytest.mark.parametrize(
    "word", ["foldiak", "sailnet", "ei-net", "krotov-hopfield", "mp-sae", "omp", "batch-topk", "jump-relu"]
)
def test_rivals_that_encode_in_ways_of_their_own_can_be_lesioned(word, patterns):
    model = named(word).kind(12, 6, n_epochs=3, random_state=0).fit(patterns)
    code = model.transform(patterns)
    units = np.flatnonzero(code.any(axis=0))[:2]
    assert units.size == 2
    rest = without(model, units)
    assert not rest.transform(patterns)[:, units].any()
    assert rest.transform(patterns).any()
    assert np.isfinite(rest.reconstruct(patterns)).all()
    np.testing.assert_array_equal(model.transform(patterns), code)


class Bad(own_models.Mine):
    def decode(self, code):
        return code


class Blind:
    fit = encode = None

    def __init__(self, **wishes):
        pass


class Lost(own_models.Mine):
    def encode(self, X):
        return np.full((len(X), 12), np.nan)


@pytest.mark.parametrize(
    ("factory", "error", "words"),
    [
        (own_models.negative, ValueError, "code must not be negative, as rates are not, got -.* of model Negative"),
        (Bad, ValueError, "model Bad must decode to 20 inputs, got 12"),
        (Blind, TypeError, "model must have transform or encode, got Blind"),
        (Lost, ValueError, r"model Lost must return finite numbers of shape \(1, n\) from encode"),
        (3, TypeError, "factory must be callable, got 3"),
    ],
)
def test_what_is_no_model_is_refused(factory, error, words, patterns):
    guest = GuestAutoencoder(factory, 12, 3)
    with pytest.raises(error, match=words):
        guest.fit(patterns)
    with pytest.raises(NotFittedError):
        guest.transform(patterns)


@pytest.mark.parametrize(
    "name", ["own_models:nobody", "no_such_module:make", "own_models:__all__", ":x", "own_models:"]
)
def test_a_factory_that_is_not_there_is_named(name):
    with pytest.raises(ValueError, match=f"model must be module:factory.*{name}"):
        factory_of(name)


def test_modules_in_the_working_directory_are_found(tmp_path, monkeypatch):
    (tmp_path / "brought_along.py").write_text("from own_models import Mine as mine\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["", *__import__("sys").path])
    assert factory_of("brought_along:mine") is own_models.Mine


def test_it_runs_in_a_sweep_and_its_rows_know_its_file(monkeypatch):
    grid = {"dataset": "bars", "data.size": 4, "data.n_samples": 60, "k": [2, 3], "n_hidden": 8, "model": MINE}
    found = jobs(grid)
    assert len(found) == 2
    row = run_job(found[0])
    assert row["error"] == ""
    assert row["model"] == MINE
    assert 0 < row["nmse"] < 1.5
    assert row["n_active"] == 2
    key = found[0].key
    monkeypatch.setattr("comparisons.sweep.grid.code_key", lambda *modules: "another file")
    assert found[0].key != key


@pytest.fixture
def lab(monkeypatch, tmp_path):
    few = {"bars": Scene(n_hidden=16, k=4, n_epochs=1, ks=(2, 4), n_samples=150, options={"n_samples": 200})}
    for module in ("lab.scenes", "lab.lab"):
        monkeypatch.setattr(f"comparisons.{module}.SCENES", few)
    for name in (CIRCUIT, CYCLES):
        monkeypatch.setitem(MODELS, name, Model("circuit", FakeCircuit))
    monkeypatch.setattr("selective_firing.measures.dci", lambda code, factors, rng: {"disentanglement": 0.5})
    scenes.load.cache_clear()
    yield Lab(Settings(folder=tmp_path, guests=(MINE, THEIRS)), "bars", 0)
    scenes.load.cache_clear()


@pytest.mark.parametrize("name", [name for name, claim in CLAIMS.items() if claim.invites])
def test_claims_that_compare_models_compare_it(name, lab, monkeypatch):
    monkeypatch.setattr("comparisons.claims.localised.N_FITTED", 2)
    claim = CLAIMS[name]
    observation = look(claim, lab)
    found = claim.conclude({("bars", 0): observation, ("bars", 1): observation}, guests=lab.guests)
    table = next(iter(observation.tables.values()))
    assert {MINE, THEIRS, TOPK} <= set(table["model"])
    beside = found.beside_intervals.set_index("model")["mean"]
    assert np.isfinite(beside[[MINE, THEIRS]]).all()


def test_what_was_observed_with_other_guests_is_not_taken(lab):
    seen, observe = [], CLAIMS["every_data"].observe

    def counted(asked):
        seen.append(asked.guests)
        return observe(asked)

    counted.__module__ = observe.__module__  # whose file the cache knows it by
    claim = replace(CLAIMS["every_data"], observe=counted)
    for asked in (lab, lab, Lab(replace(lab.settings, guests=(MINE,)), "bars", 0)):
        look(claim, asked)
    assert seen == [(MINE, THEIRS), (MINE,)]


def test_the_report_takes_models_by_their_words(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("comparisons.report.evidence.gather", lambda settings, *args: asked.append(settings))
    monkeypatch.setattr("comparisons.report.evidence.publish", lambda evidence, settings: "done")
    report(output_dir=tmp_path / "report", quick=True, model=(MINE, THEIRS))
    assert asked[0].guests == (MINE, THEIRS)
    assert asked[0].command.endswith(f"--model {MINE} {THEIRS}")
    with pytest.raises(ValueError, match="model must be module:factory, both of which exist, got 'own_models:nobody'"):
        report(output_dir=tmp_path / "other", model=("own_models:nobody",))
    assert not (tmp_path / "other").exists()
