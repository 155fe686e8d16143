"""
Does one inhibitory neuron keep the odours of a fly apart?
==========================================================

In the mushroom body 2,000 Kenyon cells see random projection neurons, and one neuron, APL, inhibits all of them. Block
it, and odours are coded more alike, and similar ones are confused (Lin, Bygrave, de Calignon, Lee & Miesenböck 2014,
Nat Neurosci 17:559). Here is that circuit, driven by recorded responses of receptors to 110 odours.
"""

import sys
from importlib.metadata import PackageNotFoundError, files
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from selective_firing import Weights, figures, measures, simulate

# %%
# Responses of 24 receptors in spikes/s, less their spontaneous rate, which is the last row (Hallem & Carlson 2006, Cell
# 125:143). The package drosolf ships the table; nothing else of it is used.

try:
    path = next(file for file in files("drosolf") if file.name == "Hallem_Carlson_2006.csv").locate()
except PackageNotFoundError:
    sys.exit('The recordings come with a package: pip install "selective-firing[odours]"')
table = pd.read_csv(path, skiprows=1, index_col=0).iloc[:, :24].astype(float)
receptors = np.maximum(table.iloc[:-1] + table.iloc[-1], 0).to_numpy()

# %%
# Projection neurons: gain control by the sum of all receptors (Olsen, Bhandawat & Wilson 2010, Neuron 66:287). Each
# odour once without noise, then four times with 10 spikes/s of it.

rng, n_receptors = np.random.default_rng(0), receptors.shape[1]
suppression = (10.63 * receptors.sum(axis=1, keepdims=True) / 190) ** 1.5
projection = 165 * receptors**1.5 / (12**1.5 + receptors**1.5 + suppression)
noise = np.array([0, 10, 10, 10, 10])[:, np.newaxis, np.newaxis] * rng.standard_normal((5, *projection.shape))
trials = np.maximum(projection + noise, 0)

# %%
# Kenyon cells: six random inputs each, and the most driven 5 % left over by APL: a k-winners-take-all. With APL blocked
# they have a threshold instead: the same for all, at which twice as many are active; or each cell has one of its own,
# tuned such that it answers 5 % of the odours.

N_KENYON, SHARE, N_ODOURS = 2000, 0.05, len(receptors)
weights = Weights.sparse_random(N_KENYON, n_receptors, 6, rng)
response, _ = simulate(weights, trials.reshape(-1, n_receptors), round(SHARE * N_KENYON))
drive = weights.drive(trials)
layers = {
    "projection neurons": trials,
    "Kenyon cells": response.code.reshape(5, N_ODOURS, N_KENYON),
    "APL blocked, one threshold": np.maximum(drive - np.quantile(drive[0], 1 - 2 * SHARE), 0),
    "APL blocked, own thresholds": np.maximum(drive - np.quantile(drive[0], 1 - SHARE, axis=0), 0),
}
alike = {name: measures.pairwise_similarity(rates[0]) for name, rates in layers.items()}

# %%
# An output neuron learns by a delta rule to answer a random half of the odours from two trials of each; two test it.

right: dict[str, list[float]] = {name: [] for name in layers}
for seed, (name, rates) in product(range(10), layers.items()):
    order, w = np.random.default_rng(seed).permutation(N_ODOURS), np.zeros(rates.shape[2])
    wanted = 2.0 * (order % 2) - 1.0
    for trial, odour in product([1, 2] * 20, order):
        x = rates[trial, odour]
        w += 0.5 * (wanted[odour] - w @ x) * x / max(x @ x, 1e-12)
    right[name].append(100 * float(np.mean(np.sign(rates[3:] @ w) == wanted)))

# %%
plt.style.use(figures.STYLE)
figure, (pairs, read_out) = plt.subplots(1, 2, figsize=(7, 3), width_ratios=(6, 5))
for place, name in enumerate(layers):
    pairs.ecdf(alike[name])
    read_out.errorbar(np.mean(right[name]), place, xerr=np.std(right[name]), fmt="o", capsize=3)
pairs.set(xlabel="correlation of two odours", ylabel="share of pairs below", xlim=(-0.6, 1))
pairs.set_title(f"{N_ODOURS} odours, {N_KENYON} Kenyon cells, {SHARE:.0%} active")
means = [f"{name.replace(', ', ',{0}')}{{0}}(mean r {np.nanmean(alike[name]):.3f})".format("\n") for name in layers]
read_out.set_yticks(range(4), means)
read_out.set(
    xlabel="trials told right (%; chance: 50)", ylabel="layer (colours as left)", xlim=(45, 101), ylim=(3.5, -0.5)
)
read_out.set_title("Read-out, ± SD of 10 tasks")
plt.show()

words = (f"{name} {np.nanmean(alike[name]):.3f} ({np.mean(right[name]):.0f} %)" for name in layers)
print(f"Mean correlation of odours (and trials told right): {'; '.join(words)}.")
