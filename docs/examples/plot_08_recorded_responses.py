"""
Are my recorded cells selective, or do they just fire rarely?
=============================================================

Measures take any matrix of responses; no circuit is needed. Lifetime sparseness (Vinje & Gallant 2000, Science
287:1273) is often read as selectivity, but it looks only at how unevenly a cell fires. Made recordings, of which we
know the truth, show what it confuses, and what to measure instead.
"""

import matplotlib.pyplot as plt
import numpy as np

from selective_firing import figures, measures

# %%
# Replace this by your own: spike counts of shape (n_trials, n_cells), and which stimulus was shown in each trial. Here
# are 20 repeats of 12 stimuli of 4 categories, in random order. Selective cells fire for one category. Bursting cells
# fire as rarely and as strongly, but whenever they like. Broad cells fire always.

rng = np.random.default_rng(0)
N_REPEATS, N_EACH = 20, 25
categories = np.arange(12) % 4
trials = rng.permutation(np.repeat(np.arange(12), N_REPEATS))
favourite = rng.integers(4, size=N_EACH)
rates = np.hstack(
    [
        6.0 * (categories[trials][:, np.newaxis] == favourite),
        6.0 * (rng.random((len(trials), N_EACH)) < 0.25),
        np.full((len(trials), N_EACH), 3.0),
    ]
)
counts = rng.poisson(rates)
kinds = {"selective": figures.VERMILLION, "bursting": figures.BLUE, "broad": figures.GREEN}

# %%
# Sparseness of each cell; bits about the category, beyond what permuted responses would tell; and how well a cell's
# responses repeat, for which trials are put in order.

sparse = measures.lifetime_sparseness(counts)
bits = measures.class_information_beyond_shuffles(counts, categories[trials], n_levels=2)
ordered = measures.by_repeat(counts, trials)
repeats = [measures.repeat_reliability(ordered[:, :, n * N_EACH : (n + 1) * N_EACH]) for n in range(3)]

# %%
plt.style.use(figures.STYLE)
figure, (cells, reliable) = plt.subplots(1, 2, figsize=(6.6, 2.9), width_ratios=(3, 2))
for (kind, colour), marker, mine in zip(kinds.items(), "os^", np.arange(75).reshape(3, -1), strict=True):
    cells.scatter(sparse[mine], bits[mine], s=16, color=colour, marker=marker, label=f"{kind} cells", lw=0)
cells.set(xlabel="lifetime sparseness of trials", ylabel="information beyond shuffles (bits)", xlim=(0, 1))
cells.set_title(f"{len(trials)} trials, {counts.shape[1]} cells, made")
cells.legend(loc="upper left")
reliable.bar(list(kinds), repeats, color=list(kinds.values()), width=0.6)
reliable.axhline(0, color="black", lw=0.6)
reliable.set(xlabel="kind of cell", ylabel=f"reliability over {N_REPEATS} repeats", title="How well responses repeat")
plt.show()

of = dict(zip(kinds, sparse.reshape(3, -1).mean(axis=1), strict=True))
told = dict(zip(kinds, bits.reshape(3, -1).mean(axis=1), strict=True))
print(
    f"Lifetime sparseness cannot tell selective from bursting cells ({of['selective']:.2f}, {of['bursting']:.2f}); "
    f"information beyond shuffles can ({told['selective']:.2f}, {told['bursting']:.2f} bits), and so can reliability "
    f"({repeats[0]:.2f}, {repeats[1]:.2f})."
)
