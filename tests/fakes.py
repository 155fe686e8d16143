"""Stand-ins that several tests share: nothing is simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from comparisons import TiedSGDAutoencoder, TopKAutoencoder
from comparisons.lab.endpoint import Endpoint
from comparisons.lab.finding import Finding
from comparisons.report import explorer
from selective_firing.results.response import Response
from selective_firing.results.trace import Trace
from selective_firing.weights import Weights


def scaled(weights: Weights, factor: float) -> Weights:
    """Return the same circuit for patterns that are `factor` times as large."""
    return replace(weights, bias=weights.bias * factor, mean=weights.mean * factor, power=weights.power * factor**2)


class FakeCircuit(TiedSGDAutoencoder):
    """Weights of the circuit's twin, and the outline of a competition: nothing is simulated."""

    circuit, rate_gain_ = "rate", 20.0

    def simulate(self, X, traces=()):
        code = self.transform(X)
        n_active, one = (code > 0).sum(axis=1), np.ones(len(X))
        time_ms = np.arange(1.0, 19.0)
        counts = np.round(self.k + 25 * np.exp(-(((time_ms - 7) / 4) ** 2)) * (time_ms > 3)).astype(int)
        counts[:3], counts[-1] = (0, 4, 17), self.k
        trace = Trace(0, time_ms, time_ms, counts, None, None, None, np.array([18.0]), self.k, False)
        return Response(
            winner_units=np.nonzero(code)[1], winner_drives=code[code > 0], n_active=n_active, settled=one > 0,
            tied=one < 0, settling_time_ms=18.0 * one, n_recruited=n_active + 20, n_flips=n_active + 40, inhibition=one,
            squared_error=one, strength_Hz=np.linalg.norm(self.components_, axis=1) * self.rate_gain_, events={},
            provenance={"parameters": {"dt": 1.0}, "k": self.k}, traces=(trace,),
        )  # fmt: skip


def pretended(data, n_stimuli=6):
    """Return what `explore` makes of stand-ins of the circuit: enough to be drawn, and nothing is simulated."""
    few, ks = replace(data, X_train=data.X_train[:400], y_train=None), (2, 5, 10)
    circuits = {k: FakeCircuit(48, k, n_epochs=1, random_state=0).fit(few.X_train) for k in ks}
    rivals = {k: TopKAutoencoder(48, k, n_epochs=3, batch_size=16, random_state=0).fit(few.X_train) for k in ks}
    return explorer.explore(
        few, circuits, rivals, TiedSGDAutoencoder(48, 48, random_state=0).fit(few.X_train), n_stimuli
    )


def finding(effects: dict[str, list[float]], side: str = "above", margin: float = 0.1, name: str = "one") -> Finding:
    rows = [
        {"dataset": dataset, "seed": seed, "rival": "other", "effect": effect}
        for dataset, values in effects.items()
        for seed, effect in enumerate(values)
    ]
    endpoint = Endpoint("difference", "share", margin, side)
    return Finding(name=name, title=name, claim="It is so.", design="", endpoint=endpoint, effects=pd.DataFrame(rows))


def figure_of(n_points: int, marker: str = "o-") -> Figure:
    figure = Figure(figsize=(7, 2.6))
    figure.subplots().plot(*np.random.default_rng(0).random((2, n_points)), marker)
    return figure
