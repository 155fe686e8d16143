"""
Does the circuit learn receptive fields like those of simple cells?
===================================================================

Sparse coding of natural images yields localised, oriented, band-pass fields (Olshausen & Field 1996, Nature 381:607).
Gabor functions are fitted to what the circuit learned from whitened patches of two photographs; a good fit alone is not
enough, since blobs and gratings pass, too (Ringach 2002, J Neurophysiol 88:455).
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA

from selective_firing import KWTAAutoencoder, datasets, figures, measures

# %%
# Ten thousand patches of 12 x 12 pixels, shown three times to 128 units of which 5 win.

K, N_HIDDEN, N_FITTED = 5, 128, 48
patches = datasets.patches(n_samples=12_500)
circuit = KWTAAutoencoder(N_HIDDEN, K, learning_rate=0.6, n_epochs=3, random_state=0).fit(patches.X_train)

# %%
# Fits of every second or third unit. Called Gabor-like: R² above 0.7, an envelope between one pixel and a third of the
# patch, and at least 0.2 cycles within its standard deviation. Principal components of the same patches are the
# control.

fields = {
    "circuit": circuit.components_[:: N_HIDDEN // N_FITTED][:N_FITTED],
    "principal components": PCA(N_FITTED).fit(patches.X_train).components_,
}
fits = {name: measures.gabor_fit(weights, patches.image_shape) for name, weights in fields.items()}


def gabor_like(fit: dict[str, np.ndarray]) -> np.ndarray:
    """Return which units are localised, oriented and band-pass."""
    wide = np.maximum(fit["along"], fit["across"])
    return (fit["r2"] > 0.7) & (wide > 1) & (wide < 4) & (fit["cycles"] > 0.2)


share = {name: gabor_like(fit).mean() for name, fit in fits.items()}

# %%
plt.style.use(figures.STYLE)
figure = plt.figure(figsize=(7, 3.1))
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.05))
best = np.argsort(-fits["circuit"]["r2"])[:36]
for ax, unit in zip(left.subplots(6, 6).ravel(), best, strict=True):
    field = fields["circuit"][unit].reshape(patches.image_shape)
    ax.imshow(field, vmin=-np.abs(field).max(), vmax=np.abs(field).max())
    ax.set_axis_off()
left.suptitle("Decoding weights, best fits first", fontsize=8)
ax = right.subplots()
for (name, fit), colour, marker in zip(fits.items(), (figures.VERMILLION, figures.GREY), "ov", strict=True):
    wide = np.maximum(fit["along"], fit["across"])
    label = f"{name}: {share[name]:.0%} Gabor-like"
    ax.scatter(wide, fit["r2"], s=14, color=colour, marker=marker, lw=0, label=label)
ax.axhline(0.7, color="black", ls=":", lw=0.8)
ax.axvline(4, color="black", ls=":", lw=0.8)
ax.set(xlabel="larger SD of the envelope (pixels)", ylabel="R² of the Gabor fit", ylim=(0, 1.25), xlim=(0, None))
ax.set_yticks(np.arange(0, 1.1, 0.2))
ax.set_title(f"patches 12 x 12, {N_HIDDEN} units, k = {K}; {N_FITTED} fitted")
ax.legend(loc="upper right")
plt.show()

print(
    f"{share['circuit']:.0%} of the circuit's fields are localised, oriented and band-pass, "
    f"{share['principal components']:.0%} of the principal components; a fit of R² above 0.7 alone have "
    f"{(fits['circuit']['r2'] > 0.7).mean():.0%} and {(fits['principal components']['r2'] > 0.7).mean():.0%}."
)
