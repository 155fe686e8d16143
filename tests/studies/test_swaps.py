"""The study of swaps: every round has its row, messages and interneurons are paid, ratios are to one competition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from comparisons.rivals.registry import ONE_COMPETITION, TOPK
from comparisons.studies.main_job.design import Design
from comparisons.studies.swaps.figures import PRICE, swaps
from comparisons.studies.swaps.study import INTERNEURONS, VARIANTS, spent, study, summary
from selective_firing import KWTAAutoencoder, datasets, energy
from selective_firing.energy import NEURAL

NAMES = (ONE_COMPETITION, "2 swaps")
DESIGN = Design(n_hidden=24, k=3, n_epochs=1, codegen="numpy")


@pytest.fixture(scope="module")
def data():
    digits = datasets.digits()
    few = {"X_train": 40, "y_train": 40, "X_test": 25, "y_test": 25}
    return replace(digits, **{name: getattr(digits, name)[:n] for name, n in few.items()})


@pytest.fixture(scope="module")
def table(data):
    return pd.DataFrame([row for rows in study(data, DESIGN, NAMES, rivals=True) for row in rows])


def price(share: float) -> str:
    return f"ATP beyond the input, {share:.0%} interneurons ({NEURAL[0].name})"


def test_every_round_has_its_row(table):
    assert table[table["model"] == "2 swaps"]["round"].tolist() == [1, 2, 3]
    assert table[table["model"] == ONE_COMPETITION]["round"].tolist() == [1]
    assert table["model"].str.startswith(TOPK).sum() == 4
    own = table[table["model"].isin(NAMES)]
    assert own[["nmse", "exact", "alive_fraction", "settled", "settling_time_ms"]].notna().all().all()
    told = own.set_index("model")["messages"]
    assert told[ONE_COMPETITION] == 0
    assert (np.diff(told["2 swaps"]) > 0).all()


def test_interneurons_are_paid_by_their_number(table):
    own = table[table["model"].isin(NAMES)]
    costs = own[[price(share) for share in INTERNEURONS]].to_numpy()
    assert (np.diff(costs, axis=1) > 0).all()


def test_energy_is_that_of_the_ledger_less_the_input(data):
    variant = VARIANTS["2 swaps"]
    model = KWTAAutoencoder(24, 3, n_epochs=1, parameters=variant.parameters, codegen="numpy", random_state=0)
    X = data.X_test
    response = model.fit(data.X_train).simulate(X)
    told = response.events["hidden to hidden"] / 24
    ledger = energy.neural(
        X, response.rates_Hz, n_recruited=response.n_recruited, told=told, n_interneurons=2,
        settling_time_s=response.settling_time_ms / 1000,
    )  # fmt: skip
    shown = (
        100 * 0.1 * (np.abs(X) / np.abs(X).max(axis=1, keepdims=True)).sum(axis=1)
    )  # strongest at 100 Hz, for 100 ms
    kept = {item: n.mean() for item, n in ledger.items()}
    assert kept["input spikes"] == pytest.approx(shown.mean())  # the inputs fire once, however long the winners take
    kept["input spikes"] = 0.0
    assert "error spikes" not in kept
    found = spent(model, response, data, 0.1)
    for prices in NEURAL:
        assert found[prices.name] == pytest.approx(float(prices.total(kept)))


def test_the_summary_compares_with_one_competition(table):
    found = summary(table)
    assert found.loc[ONE_COMPETITION, "energy ratio"] == 1
    assert found.loc["2 swaps", "energy ratio"] > 1
    last = table[(table["model"] == "2 swaps") & (table["round"] == 3)].iloc[0]
    assert found.loc["2 swaps", "nmse"] == last["nmse"]
    assert len(found) == 6


def test_the_figure_shows_every_model(table):
    figure = swaps(table)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:2] == list(NAMES)
    assert labels[2].startswith("top-K")


def test_every_variant_has_a_line_of_its_own_and_what_has_no_price_none():
    relay = "4 swaps, Dale, 16 interneurons relay"
    rows = [{"model": name, "round": 1, "nmse": 0.1, PRICE: np.nan if name == relay else 1e9}
            for name in (*VARIANTS, relay)]  # fmt: skip
    figure = swaps(pd.DataFrame(rows))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(VARIANTS)
    looks = [(line.get_color(), str(line._unscaled_dash_pattern)) for line in figure.axes[0].lines]
    assert len(set(looks)) == len(VARIANTS)


@pytest.mark.parametrize("given", [["--n-cycles", "2"], ["--learning-rate", "0.5"], ["--variants", "5 swaps"]], ids=str)
def test_what_a_variant_would_not_heed_is_refused(given, tmp_path, capsys, monkeypatch):
    from comparisons import cli

    monkeypatch.setattr("sys.argv", ["compare", "swaps", *given, "--output-dir", str(tmp_path)])
    assert cli.main() != 0
    assert "must be" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_by_dales_law_interneurons_that_relay_inhibition_have_their_rows(data):
    few, design = replace(data, X_train=data.X_train[:15], X_test=data.X_test[:5]), replace(DESIGN, n_hidden=12)
    rows = [row for found in study(few, design, ("4 swaps, Dale",), rivals=False) for row in found]
    relays = [row for row in rows if "relay" in row["model"]]
    assert [row["model"] for row in relays] == [f"4 swaps, Dale, {n} interneurons relay" for n in (6, 3, 2)]
    assert all(row["round"] == 5 for row in relays)
    errors = [row["relay_error"] for row in relays]
    assert 0 < errors[0] < errors[1] < errors[2]
    assert all(np.isfinite(row["nmse"]) for row in relays)
