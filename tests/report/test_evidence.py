"""What tries the claims and publishes the findings: it goes on where it stopped, and tells what failed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from fakes import finding

from comparisons.claims import CLAIMS
from comparisons.lab.lab import Lab, Settings
from comparisons.report import evidence
from comparisons.rivals.registry import DENSE


def test_gathering_goes_on_where_it_stopped_and_tells_failures(tmp_path, monkeypatch):
    def observe(lab: Lab) -> dict[str, pd.DataFrame]:
        if lab.seed == 1:
            raise ValueError("no luck")
        (tmp_path / f"seen {lab.seed}").touch(exist_ok=False)
        return {"Values": pd.DataFrame({"model": ["m"], "value": [float(lab.seed)]})}

    def effects(tables, name, dataset):
        return pd.DataFrame({"rival": ["other"], "effect": 0.3 + 0.01 * tables["Values"]["value"]})

    claim = replace(CLAIMS["clearer"], observe=observe, effects=effects, others=(), draw=lambda tables: {})
    fake = replace(claim, levels=lambda tables, name, dataset: {"m": float(tables["Values"]["value"].iloc[0])})
    monkeypatch.setitem(evidence.CLAIMS, "clearer", fake)
    monkeypatch.setattr("comparisons.lab.claim.TUNED", ())
    monkeypatch.setattr(evidence, "TUNED", (DENSE,))
    monkeypatch.setattr(evidence, "searched", lambda settings, model, dataset: ({}, pd.DataFrame({"model": [model]})))
    monkeypatch.setattr(evidence, "overview", lambda settings, n_jobs, progress: None)
    settings = Settings(folder=tmp_path, data_sets=("digits",), n_seeds=4, seed=0)
    for _ in range(2):  # the second run finds all but the failure in the cache
        found = evidence.gather(settings, ["clearer"]).findings[0]
    assert found.effects["effect"].tolist() == pytest.approx([0.3, 0.32, 0.33])
    alone = fake(replace(settings, n_seeds=1))
    assert alone.effects["effect"].tolist() == [0.3]
    assert any("digits, seed 1, failed: ValueError: no luck" in words for words in found.caveats)
    assert found.secondary["Values"]["value"].item() == pytest.approx(5 / 3)


def test_an_unknown_claim_is_refused_at_the_door(tmp_path):
    with pytest.raises(ValueError, match="claims must be one of exactly_k"):
        evidence.gather(Settings(folder=tmp_path), ["nonsense"])
    with pytest.raises(ValueError, match="claims must be about the data sets mnist, got disentangled"):
        evidence.gather(Settings(folder=tmp_path, data_sets=("mnist",)), ["disentangled"])


def test_everything_is_published(tmp_path):
    findings = [finding({"digits": [0.3, 0.31, 0.32]}), finding({"digits": [0.0, 0.1, 0.4]}, name="other")]
    searches = pd.DataFrame({"dataset": "digits", "model": DENSE, "decay": [0.2, 1.0], "nmse": [0.2, 0.1]})
    seconds = pd.DataFrame({"dataset": ["noise"], "seed": [0], "claim": ["one"], "seconds": [7200.0]})
    settings = Settings(folder=tmp_path, data_sets=("noise",))
    words = evidence.publish(evidence.Evidence(findings, searches, seconds), settings)
    assert "inconclusive" in words
    names = {path.name for path in tmp_path.iterdir()}
    assert {"report.html", "findings.json", "claims.csv", "effects.csv", "searches.csv", "provenance.json"} <= names
    facts = evidence.provenance(evidence.Evidence(findings, searches, seconds), settings)
    assert facts["hours of computing"] == 2.0
    assert facts["settings found (NMSE on held-out training patterns)"]["digits, dense"] == {"decay": 1.0, "nmse": 0.1}
