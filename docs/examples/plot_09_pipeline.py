"""
Does the circuit's code serve a classifier as well as top-K's?
==============================================================

Both are scikit-learn transformers, so they go into a pipeline like any other. Makhzani & Frey (2013, arXiv 1312.5663)
judge k-sparse codes by the error of a logistic regression on them; here are five folds, beside the pixels themselves
and random weights that nobody learned.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from comparisons import RandomWeights, TopKAutoencoder
from selective_firing import KWTAAutoencoder, datasets, figures

# %%
# Every model has 128 hidden units, of which 10 win. What is tuned, or left as it is, should be so for all: here nothing
# is but top-K's batch size and learning rate, as in the README.

K, N_HIDDEN = 10, 128
digits = datasets.digits()
encoders = {
    "pixels": None,
    "random weights": RandomWeights(N_HIDDEN, K, random_state=0),
    "top-K": TopKAutoencoder(N_HIDDEN, K, batch_size=14, learning_rate=3e-3, random_state=0),
    "k-WTA circuit": KWTAAutoencoder(N_HIDDEN, K, n_epochs=3, random_state=0),
}

# %%
# One classifier for all. Folds are of the training images; the test images stay unseen.

folds = StratifiedKFold(5, shuffle=True, random_state=0)
accuracy = {}
for name, encoder in encoders.items():
    steps = [step for step in (encoder, MaxAbsScaler(), LogisticRegression(max_iter=1000)) if step is not None]
    accuracy[name] = cross_val_score(make_pipeline(*steps), digits.X_train, digits.y_train, cv=folds)

# %%
plt.style.use(figures.STYLE)
figure, ax = plt.subplots(figsize=(4.6, 2.6))
for place, values in enumerate(accuracy.values()):
    ax.plot(100 * values, np.full(len(values), place), "o", color=figures.LIGHT, ms=5)
    ax.errorbar(100 * values.mean(), place, xerr=100 * values.std(ddof=1), fmt="D", color=figures.BLUE, capsize=3, ms=5)
ax.set_yticks(range(len(accuracy)), accuracy)
ax.set(xlabel="accuracy of a logistic regression (%; folds, mean ± SD)", ylabel="input of the classifier")
ax.set_title(f"digits, {N_HIDDEN} hidden units, k = {K}")
ax.margins(y=0.2)
plt.show()

means = "; ".join(f"{name} {100 * values.mean():.1f} %" for name, values in accuracy.items())
gain = 100 * (accuracy["k-WTA circuit"] - accuracy["top-K"])
print(f"{means}. Circuit less top-K: {gain.mean():+.1f} points (folds {gain.min():+.1f} to {gain.max():+.1f}).")
