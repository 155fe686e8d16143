"""
How much does sparse firing separate similar memories?
======================================================

The dentate gyrus is thought to make similar inputs from entorhinal cortex less alike, by many granule cells of which
few fire (Treves & Rolls 1994, Hippocampus 4:374; about 2 %: Chawla et al. 2005, Hippocampus 15:579). Overlap of the
output is measured against overlap of the input, as in Madar, Ewell & Jones (2019, PLoS Comput Biol 15:e1006932).
"""

import matplotlib.pyplot as plt
import numpy as np

from selective_firing import Weights, figures, measures, simulate

# %%
# Pairs of inputs with 20 of 200 cells active at different rates, of which a pair shares 0 to 20.

N_INPUTS, N_ACTIVE, N_PAIRS, N_GRANULE = 200, 20, 10, 1000
rng = np.random.default_rng(0)
shared = np.arange(0, N_ACTIVE + 1, 4)
rates = np.zeros((len(shared), N_PAIRS, 2, N_INPUTS))
for pairs, n_shared in zip(rates, shared, strict=True):
    for pair in pairs:
        cells = rng.permutation(N_INPUTS)
        activity = rng.gamma(4.0, size=2 * N_ACTIVE)
        pair[0, cells[:N_ACTIVE]] = activity[:N_ACTIVE]
        pair[1, cells[:n_shared]] = activity[:n_shared]
        pair[1, cells[N_ACTIVE : 2 * N_ACTIVE - n_shared]] = activity[N_ACTIVE : 2 * N_ACTIVE - n_shared]
X = rates.reshape(-1, N_INPUTS)

# %%
# Granule cells with 20 random inputs each. The circuit leaves 2 or 10 % of them over; without inhibition all fire that
# are driven.

weights = Weights.sparse_random(N_GRANULE, N_INPUTS, 20, rng)
outputs = {f"{share:.0%} active": simulate(weights, X, round(share * N_GRANULE))[0].code for share in (0.02, 0.1)}
outputs["no inhibition"] = np.maximum(weights.drive(X), 0)


def overlaps(patterns: np.ndarray) -> np.ndarray:
    """Return the cosine of each pair, shape (number of overlaps, number of pairs)."""
    found = [measures.pairwise_similarity(pair, "cosine")[0] for pair in patterns.reshape(len(X) // 2, 2, -1)]
    return np.reshape(found, (len(shared), N_PAIRS))


# %%
plt.style.use(figures.STYLE)
figure, ax = plt.subplots(figsize=(4.2, 3.2))
entering = overlaps(X)
ax.plot([0, 1], [0, 1], color="black", ls=":", lw=0.8, label="a copy")
leaving = {}
looks = zip(outputs.items(), (figures.VERMILLION, figures.ORANGE, figures.GREY), "oDv", strict=True)
for (name, code), colour, marker in looks:
    leaving[name] = overlaps(code)
    ax.errorbar(
        entering.mean(axis=1), leaving[name].mean(axis=1), leaving[name].std(axis=1), color=colour, marker=marker,
        capsize=2, label=name,
    )  # fmt: skip
ax.set(xlabel="overlap of two inputs (cosine)", ylabel="overlap of the outputs (cosine, ± SD)")
ax.set_title(f"{N_INPUTS} inputs, {N_GRANULE} granule cells, {N_PAIRS} pairs each")
ax.legend(loc="upper left")
plt.show()

half = np.abs(entering.mean(axis=1) - 0.6).argmin()
told = ", ".join(f"{values[half].mean():.2f} ({name})" for name, values in leaving.items())
whole = measures.pattern_separation(X, outputs["2% active"], "cosine")
print(
    f"Inputs that overlap by {entering[half].mean():.2f} give outputs that overlap by {told}. Over all pairs of the "
    f"{len(X)} inputs, of which most are unrelated, the 2 % code is less alike by {whole:.2f}."
)
