"""
Do tools for recorded spike trains find the rhythm in the circuit?
==================================================================

A response becomes a Neo block (Garcia et al. 2014, Front Neuroinform 8:10), which Elephant (Denker, Yegenoglu & Grün
2018) analyses as it would a recording: rates, irregularity, spectra. Needs ``pip install "selective-firing[neo]"``.
"""

import elephant.spectral
import elephant.statistics
import matplotlib.pyplot as plt
import numpy as np
import quantities as pq

from comparisons import TiedSGDAutoencoder
from selective_firing import SpikingParameters, Weights, datasets, figures, simulate

# %%
# Ten test images, each shown to the spiking circuit for half a second.

K, N_HIDDEN = 10, 128
digits = datasets.digits()
weights = Weights.of(TiedSGDAutoencoder(N_HIDDEN, K, random_state=0).fit(digits.X_train))
response, _ = simulate(weights, digits.X_test[:10], K, SpikingParameters(presentation=500.0))
block = response.to_neo()
print(f"{len(block.segments)} segments; groups {[group.name for group in block.groups]}")

# %%
# A segment is a stimulus. Its trains say to which population a cell belongs, and whether it won.

BIN = 2 * pq.ms
histograms, irregular, rates = [], [], []
for segment in block.segments:
    cells = [train for train in segment.spiketrains if train.annotations["population"] == "hidden"]
    histograms.append(elephant.statistics.time_histogram(cells, BIN, output="rate"))
    winners = [train for train in cells if train.annotations["winner"]]
    rates += [elephant.statistics.mean_firing_rate(train).rescale("Hz").item() for train in winners]
    irregular += [elephant.statistics.cv(elephant.statistics.isi(train)) for train in winners if len(train) > 3]

# %%
# The population's rate, and the spectrum of its time course, averaged over stimuli.

activity = np.hstack([histogram.rescale("Hz").magnitude for histogram in histograms])
spectra = []
for histogram in histograms:
    frequency, power = elephant.spectral.welch_psd(
        histogram - histogram.mean(), frequency_resolution=4 * pq.Hz, fs=1 / BIN
    )
    spectra.append(np.ravel(power) / np.sum(power))
frequency, spectrum = np.ravel(frequency.rescale("Hz").magnitude), np.mean(spectra, axis=0)
peak = frequency[spectrum.argmax()]

plt.style.use(figures.STYLE)
figure, (course, density) = plt.subplots(1, 2, figsize=(7, 2.7), width_ratios=(3, 2))
time = histograms[0].times.rescale("ms").magnitude
course.plot(time, activity[:, 0], color=figures.BLUE, lw=0.8)
course.set(xlabel="time since stimulus onset (ms)", ylabel="rate of a hidden cell (Hz)", xlim=(0, 250), ylim=(0, None))
course.set_title(f"One image; {N_HIDDEN} cells, k = {K}, {BIN.item():g} ms bins")
density.plot(frequency, spectrum, color=figures.BLUE)
density.axvline(peak, color=figures.ORANGE, lw=0.8, label=f"peak at {peak:.0f} Hz")
density.set(xlabel="frequency (Hz)", ylabel="share of the power", xlim=(0, 200), ylim=(0, None))
density.set_title(f"Mean of {len(histograms)} images (digits)")
density.legend()
plt.show()

print(
    f"The population's spectrum peaks at {peak:.0f} Hz; winners fire at {np.mean(rates):.0f} Hz with a coefficient of "
    f"variation of {np.mean(irregular):.2f} (a Poisson process has 1): clocks rather than cortical cells."
)
