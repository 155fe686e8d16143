"""
What do noise and slow inhibition do to the number of winners?
==============================================================

With spiking cells inhibition ends the race to the first spike. If it comes late, more cells slip in; the rule that
winners are those within some percent of the strongest drive follows from that delay (de Almeida, Idiart & Lisman 2009,
J Neurosci 29:7497). Monitors of your own watch it happen.
"""

import matplotlib.pyplot as plt
import numpy as np
from brian2 import SpikeMonitor, StateMonitor, ms, prefs, second

from comparisons import TiedSGDAutoencoder
from selective_firing import SpikingParameters, Weights, build, datasets, figures, read

prefs.codegen.target = "numpy"

# %%
# The weights come from a model that learns by the circuit's rule without its dynamics, which is quick.

K, N_HIDDEN = 10, 128
digits = datasets.digits()
weights = Weights.of(TiedSGDAutoencoder(N_HIDDEN, K, random_state=0).fit(digits.X_train))
X = digits.X_test[:12]


def present(delay: float, noise: float):
    """Return the response, spikes of hidden cells and their inhibition, to the first 40 ms of each stimulus."""
    parameters = SpikingParameters(presentation=40.0, inhibition_delay=delay, noise=noise)
    network = build(weights, X, parameters, k=K, rng=np.random.default_rng(0))
    spikes = SpikeMonitor(network["hidden"], record=True)
    inhibition = StateMonitor(network["conductor"], "g", record=0, clock=network["conductor"].clock)
    network.add(spikes, inhibition)
    network.run(60 * second)  # it ends by itself
    return read(network), spikes, inhibition


# %%
# Delays from an interneuron's spike to its effect, without and with membrane noise.

DELAYS, NOISES = (0.2, 1.0, 2.0, 3.0), (0.0, 1.0)
found = {(delay, noise): present(delay, noise) for delay in DELAYS for noise in NOISES}

# %%
# Left: the first stimulus, seen by the monitors. Right: cells that won before inhibition arrived.

plt.style.use(figures.STYLE)
figure, (raster, counts) = plt.subplots(1, 2, figsize=(7, 2.9), width_ratios=(3, 2))
shown = {DELAYS[0]: figures.BLUE, DELAYS[-1]: figures.VERMILLION}
rank = np.argsort(np.argsort(-weights.drive(X[:1])[0])) + 1
for offset, (delay, colour) in zip((-0.2, 0.2), shown.items(), strict=True):
    _, spikes, inhibition = found[delay, 0.0]
    first = spikes.t < 40 * ms
    raster.scatter(
        spikes.t[first] / ms, rank[spikes.i[first]] + offset, s=12, marker="|", color=colour, label=f"{delay} ms"
    )
    begin = np.flatnonzero(inhibition.g[0] > 0)[0]
    raster.axvline(inhibition.t[begin] / ms, color=colour, lw=0.8, ls="--")
raster.axhline(K + 0.5, color=figures.LIGHT, lw=0.8)
raster.set(xlabel="time (ms)", ylabel="hidden cell (rank of its drive)", xlim=(0, 40), ylim=(24, 0))
raster.set_title("Spikes; dashed: inhibition arrives")
raster.legend(title="delay", loc="lower right")
for noise, colour, marker, beside in zip(NOISES, (figures.BLUE, figures.ORANGE), "os", (-0.04, 0.04), strict=True):
    values = [found[delay, noise][0].n_active for delay in DELAYS]
    mean, spread = np.mean(values, axis=1), np.std(values, axis=1)
    place = np.array(DELAYS) + beside
    counts.errorbar(place, mean, spread, color=colour, marker=marker, capsize=2, label=f"noise {noise:g} mV")
counts.axhline(K, color=figures.GREY, ls=":", lw=0.8, label=f"k = {K}")
counts.set(xlabel="delay of inhibition (ms)", ylabel="winners (mean ± SD of stimuli)", ylim=(0, None))
counts.set_title(f"digits, {N_HIDDEN} cells, {len(X)} images")
counts.legend()
plt.show()

quick, late = (found[delay, 0.0][0].n_active.mean() for delay in (DELAYS[0], DELAYS[-1]))
noisy = found[DELAYS[0], NOISES[1]][0].n_active.mean()
print(
    f"{quick:.1f} winners with a delay of {DELAYS[0]} ms, {late:.1f} with {DELAYS[-1]:g} ms; {NOISES[1]:g} mV of noise "
    f"changes the former to {noisy:.1f}."
)
