"""
Does the race of spiking cells repeat in gamma-like cycles?
===========================================================

Each volley of inhibition silences all cells; as it decays they race again. Feedback inhibition is thought to pace the
gamma rhythm (30-80 Hz) in this way, and to select the most excited cells in each cycle (Fries, Nikolic & Singer 2007,
Trends Neurosci 30:309).
"""

from dataclasses import replace

import numpy as np

from comparisons import TiedSGDAutoencoder
from selective_firing import SpikingParameters, Weights, datasets, figures, simulate, trace

# %%
# Weights learned by the circuit's rule, then one test image shown to leaky integrate-and-fire cells for 200 ms.

K = 10
digits = datasets.digits()
weights = Weights.of(TiedSGDAutoencoder(128, K, random_state=0).fit(digits.X_train))
parameters = SpikingParameters(presentation=200.0)
one = trace(weights, digits.X_test[0], K, parameters)

# %%
# Hidden cells are sorted by their drive. Orange lines end a cycle.

figure = figures.presentation(one, n_losers=30)
figure.suptitle(f"{figure.get_suptitle()}; digits, 128 cells", fontsize=9)
figures.show(figure)

# %%
# How fast are the cycles of ten images, and what sets the pace? Cells rest for 30 ms after a spike (`refractory`), so
# other cells than the first winners fire in the cycles between.


def cycles_per_second(changed: SpikingParameters) -> float:
    """Return the mean frequency of the volleys of inhibition."""
    response, _ = simulate(weights, digits.X_test[:10], K, changed)
    return response.inhibition.mean() / (changed.presentation / 1000)


slower = cycles_per_second(replace(parameters, inhibition_decay=20.0))
intervals = np.diff(one.arrivals_ms)
print(
    f"{cycles_per_second(parameters):.0f} cycles per second when inhibition decays in "
    f"{parameters.inhibition_decay:g} ms, {slower:.0f} when in 20 ms; "
    f"in this presentation {intervals.min():.0f} to {intervals.max():.0f} ms apart."
)
