"""The figure that stands first in the report: every family, the first seeds, kept like all that is known."""

from __future__ import annotations

import numpy as np

from comparisons.lab.lab import Lab, Settings
from comparisons.report import overview as door
from comparisons.studies.pareto.figures import pareto
from comparisons.studies.pareto.study import FAMILIES, PRICE


def test_it_is_of_the_first_seeds_and_what_is_known_is_not_asked_again(tmp_path, monkeypatch):
    asked = []

    def study(data, design, ks):
        assert design.verbose == 0  # it learns beside others
        asked.append((design.seed, design.n_hidden, design.n_epochs, tuple(ks)))
        lab = Lab(settings, "bars", design.seed)
        np.testing.assert_array_equal(data.X_train, lab.data.X_train)  # without those that are held out
        for k in ks:
            found = {"nmse": 1 / k + 0.01 * design.seed, "n_active": k, PRICE: 1e9 * k}
            facts = {"dataset": "bars", "seed": design.seed, "k": k, "n_hidden": design.n_hidden}
            yield [facts | found | {"family": name} for name in FAMILIES]

    monkeypatch.setattr(door, "study", study)
    settings = Settings(folder=tmp_path, data_sets=("bars", "digits"), n_seeds=5)
    table = door.overview(settings)
    assert asked == [(seed, 64, 6, (1, 2, 5, 10, 20)) for seed in (100, 101, 102)]
    assert table["seed"].unique().tolist() == [100, 101, 102]
    assert len(table) == 3 * 5 * len(FAMILIES)
    assert door.overview(settings).equals(table)
    assert len(asked) == 3
    assert len(pareto(table).axes) == 2
