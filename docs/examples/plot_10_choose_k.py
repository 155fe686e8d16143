"""
How large should k be?
======================

The error falls with every winner added, so it cannot tell. The length of a description of units, levels and what is
left over can (Rissanen 1978, Automatica 14:465): it is shortest where a further winner costs more bits than it saves.
On Földiák's bars (1990, Biol Cybern 64:165) the right answer is known: the number of bars in an image.
"""

import matplotlib.pyplot as plt

from comparisons import TiedSGDAutoencoder
from selective_firing import choose_k, datasets, figures

# %%
# `choose_k` learns with every k and several seeds, and describes held-out images. Any model with `n_hidden`, `k` and
# `random_state` will do, also `KWTAAutoencoder`; this one has the circuit's rule, without its dynamics.

TRUE, KS, N_HIDDEN = (1, 2, 3), (1, 2, 3, 4, 5), 32
choices = {}
for n_bars in TRUE:
    bars = datasets.bars(n_bars=n_bars, n_samples=800)
    model = TiedSGDAutoencoder(n_hidden=N_HIDDEN)
    choices[n_bars] = choose_k(bars.X_train, model, ks=KS, n_seeds=3, random_state=0)
    print(f"{n_bars} bars: {choices[n_bars].reason}")

# %%
# Means over seeds. The open symbol is the k that was chosen.

plt.style.use(figures.STYLE)
figure, (errors, lengths) = plt.subplots(1, 2, figsize=(6.6, 2.8))
looks = zip(choices.items(), (figures.BLUE, figures.VERMILLION, figures.GREEN), "os^", strict=True)
for (n_bars, choice), colour, marker in looks:
    means = choice.table[choice.table["k"] > 0].groupby("k")[["nmse", "bits"]].mean()
    label = f"{n_bars} bar{'s' * (n_bars > 1)} in every image"
    for ax, column in ((errors, "nmse"), (lengths, "bits")):
        ax.plot(means.index, means[column], color=colour, marker=marker, label=label, ms=5)
    if choice.is_clear:
        lengths.plot(choice.k, means.loc[choice.k, "bits"], marker, color=colour, ms=11, fillstyle="none")
errors.set(xlabel="winners k", ylabel="NMSE of held-out images", ylim=(0, None), xticks=KS)
errors.set_title(f"Error (bars, 8 x 8, {N_HIDDEN} units)")
lengths.set(xlabel="winners k", ylabel="bits per image", xticks=KS)
lengths.set_title("Description; ringed: chosen")
errors.legend()
plt.show()

right = [n_bars for n_bars, choice in choices.items() if choice.k == n_bars]
found = ", ".join(f"{n_bars} bars: {choice.k or 'no clear k'}" for n_bars, choice in choices.items())
print(f"Chosen k for {found}; right for {len(right)} of {len(TRUE)}.")
