"""
What happens in the circuit while it decides?
=============================================

One stimulus, millisecond by millisecond: inhibition starts above every drive, is released, and searches for the level
at which k units are active. The model with one variable of inhibition is that of Wang (2010), IEEE Trans Neural Netw
21:1496; with a membrane in between it overshoots, and has to come back.
"""

import numpy as np

from selective_firing import KWTAAutoencoder, RateParameters, datasets, figures

# %%
# Learn, then present some test images and record one of them at every step. `RateParameters` holds the constants: try
# `tau_m=10.0`, `phasic=0.0` (slow inhibition alone) or `inhibition="threshold"`.

K, STIMULUS = 10, 3
digits = datasets.digits()
parameters = RateParameters()
circuit = KWTAAutoencoder(n_hidden=128, k=K, parameters=parameters, random_state=0).fit(digits.X_train)
response = circuit.simulate(digits.X_test, traces=[STIMULUS])
trace = response.traces[0]

# %%
# Membranes of winners and losers, the level of inhibition, and the number of active units until the decision.

figure = figures.presentation(trace)
figure.suptitle(f"digits, 128 hidden units, k = {K}", fontsize=8, ha="left", x=0.01)
figures.show(figure)

# %%
# The trace is plain arrays: the drive needed to fire ends between those of the k-th unit and the next.

drives = np.sort(trace.drive)[::-1]
gap = (drives[K - 1] - drives[K]) / drives[K - 1]
print(
    f"Decided after {trace.decision_ms:g} ms, though units {K} and {K + 1} differ by {gap:.1%} in drive; up to "
    f"{trace.n_active.max()} units were active on the way. All {response.n_samples} test images: median "
    f"{np.median(response.settling_time_ms):g} ms, {response.settled.mean():.1%} decided."
)
