"""
Is a sparse code cheaper?
=========================

That depends on whose bill it is. The same inference is counted in spikes and synaptic events, at the prices of Howarth,
Gleeson & Attwell (2012, J Cereb Blood Flow Metab 32:1222), and in operations of a computer, at those of Horowitz (2014,
ISSCC). Both are estimates, no better than their tables.
"""

import matplotlib.pyplot as plt
import numpy as np

from comparisons import DenseAutoencoder, TiedSGDAutoencoder
from selective_firing import Weights, datasets, energy, figures, measures, simulate

# %%
# A sparse code with 10 of 128 units active, by circuit or by sort on the same weights; and a dense model that is narrow
# enough to err as much, the fair rival: one of equal width copies the input.

K, N_HIDDEN, N_DENSE, SHOWN_S = 10, 128, 20, 0.1
digits = datasets.digits()
X = digits.X_test
sparse = TiedSGDAutoencoder(N_HIDDEN, K, random_state=0).fit(digits.X_train)
dense = DenseAutoencoder(N_DENSE, n_epochs=100, batch_size=32, random_state=0).fit(digits.X_train)
response, _ = simulate(Weights.of(sparse), X, K)
error = {name: 1 - model.score(X) for name, model in (("sparse", sparse), ("dense", dense))}


def rates(model) -> np.ndarray:
    """Return firing rates, such that the mean active unit of the training images fires at 40 Hz."""
    gain = measures.rate_gain(model.transform(digits.X_train), model.components_)
    return measures.rates_Hz(model.transform(X), model.components_, gain)


# %%
# The neural ledger: what neurons would do in 100 ms, with a tenth as many interneurons as hidden units in the circuit.
# A sort has no neural counterpart, its selection is free.

competing = {
    "n_recruited": response.n_recruited, "settling_time_s": response.settling_time_ms / 1000,
    "n_interneurons": N_HIDDEN // 10,
}  # fmt: skip
neural = {
    "circuit": energy.neural(X, rates(sparse), duration_s=SHOWN_S, **competing),
    "sort": energy.neural(X, rates(sparse), duration_s=SHOWN_S),
    "dense": energy.neural(X, rates(dense), duration_s=SHOWN_S),
}
steps = response.settling_time_ms  # of 1 ms each
computer = {
    "circuit": energy.operations(X, response.code, selection="circuit", n_steps=steps),
    "sort": energy.operations(X, sparse.transform(X), selection="sort"),
    "dense": energy.operations(X, dense.transform(X), selection="none"),
}

# %%
howarth, cmos = energy.NEURAL[1], energy.HARDWARE[0]
parts = {"input": ("input spikes", "feed-forward events"), "active units": ("winner spikes", "read-out events"),
         "competition": ("loser transients", "interneuron spikes", "inhibitory events")}  # fmt: skip
NAMES = (f"circuit\n{K} of {N_HIDDEN}", f"sort\n{K} of {N_HIDDEN}", f"none: dense\n{N_DENSE} units")
plt.style.use(figures.STYLE)
figure, (brain, chip) = plt.subplots(1, 2, figsize=(6.8, 2.9))
bottom = np.zeros(3)
for (part, items), colour in zip(parts.items(), (figures.LIGHT, figures.VERMILLION, figures.BLUE), strict=True):
    height = [howarth.total({item: ledger[item].mean() for item in items if item in ledger}) / 1e9
              for ledger in neural.values()]  # fmt: skip
    brain.bar(NAMES, height, bottom=bottom, color=colour, label=part)
    bottom += height
rest = np.array([energy.resting_ATP(n, SHOWN_S) for n in (N_HIDDEN, N_HIDDEN, N_DENSE)]) / 1e9
brain.bar(NAMES, rest, bottom=bottom, color="white", ec=figures.GREY, hatch="///", lw=0.6, label="rest")
brain.set(xlabel="who selects (digits)", ylabel="10⁹ ATP per image", ylim=(0, 1.35 * (bottom + rest).max()))
brain.set_title(f"Neurons ({howarth.name})")
brain.legend(ncols=2, loc="upper center")
joules = [1e9 * cmos.joules(ledger).mean() for ledger in computer.values()]
chip.bar(NAMES, joules, color=figures.GREEN)
chip.set(xlabel="who selects (digits)", ylabel="nJ per image", title=f"Computer ({cmos.name})")
plt.show()

both, times = bottom + rest, joules[0] / joules[2]
print(
    f"NMSE {error['sparse']:.3f} ({K} of {N_HIDDEN} active) and {error['dense']:.3f} (dense, {N_DENSE} units). The "
    f"circuit needs {bottom[0] / bottom[2]:.2f} times dense's ATP ({both[0] / both[2]:.2f} with rest), {times:.1f} "
    f"times the joules of its computer, and {bottom[0] / bottom[1] - 1:.0%} more ATP than a sort."
)
