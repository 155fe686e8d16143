"""
How well does k-sparse coding describe my own data?
===================================================

Anything that is a table of numbers will do: an array, a pandas frame, or a file. Here the 13 chemical measurements of
178 wines (Aeberhard & Forina 1992, shipped by scikit-learn) stand for yours; principal components are the yardstick.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from selective_firing import KWTAAutoencoder, datasets, figures

# %%
# A file like yours: one row per stimulus, names in the first row, and a column of labels. Columns of different units
# should be brought to one scale first.

wines = load_wine(as_frame=True)
table = wines.data.copy()
table[:] = StandardScaler().fit_transform(table)
table["cultivar"] = wines.target

# %%
# Read it, and split it once. An array needs no file: `KWTAAutoencoder(...).fit(X)` takes it as it is.

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "wines.csv"
    table.to_csv(path, index=False)
    data = datasets.load(path, label_column="cultivar", seed=0)
print(data)

# %%
# Learn with several k. A k-sparse code may choose other units for every stimulus, which is information that the error
# does not charge; principal components are always the same, but may be positive or negative.

KS, N_HIDDEN = (1, 2, 3, 4, 6), 32
errors: dict[str, list[float]] = {"circuit": [], "principal components": []}
for k in KS:
    circuit = KWTAAutoencoder(N_HIDDEN, k, learning_rate=0.3, n_epochs=8, random_state=0).fit(data.X_train)
    errors["circuit"].append(1 - circuit.score(data.X_test))
    pca = PCA(k).fit(data.X_train)
    left = data.X_test - pca.inverse_transform(pca.transform(data.X_test))
    errors["principal components"].append((left**2).sum() / ((data.X_test - pca.mean_) ** 2).sum())

# %%
plt.style.use(figures.STYLE)
figure, ax = plt.subplots(figsize=(4.2, 2.9))
for (name, values), colour, marker in zip(errors.items(), (figures.VERMILLION, figures.GREY), "ov", strict=True):
    ax.plot(KS, values, color=colour, marker=marker, label=name)
ax.set(xlabel="winners k, or components", ylabel="test NMSE (1: predicts the mean)", ylim=(0, 1.05))
ax.set_title(f"wines: {data.n_inputs} inputs, {N_HIDDEN} hidden units")
ax.legend()
plt.show()

best = [k for k, mine, theirs in zip(KS, *errors.values(), strict=True) if mine < theirs]
print(
    f"With 1 and {KS[-1]} winners the circuit leaves {errors['circuit'][0]:.2f} and {errors['circuit'][-1]:.2f} of the "
    f"variance, components {errors['principal components'][0]:.2f} and {errors['principal components'][-1]:.2f}; it is "
    f"better for k in {best or 'none of those tried'}."
)
