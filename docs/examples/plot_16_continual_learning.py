"""
Do frozen sparse codes protect a read-out from forgetting?
==========================================================

Digits come two by two, and a read-out learns each pair without seeing the earlier ones again. If classes are coded by
different cells, what is learned of one should not overwrite the other: the fly's sparse codes are said to protect in
this way (Shen, Dasgupta & Navlakha 2023, Neural Comput 35:1797). Codes are frozen; the read-out learns by a delta rule.
"""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

from comparisons import RandomWeights
from selective_firing import Weights, datasets, figures, simulate

# %%
# An expansion with random weights: all driven units active, or the k winners of the circuit. Of the images only their
# mean is known beforehand, which is subtracted; for comparison, winners without that.

K, N_HIDDEN = 20, 500
digits = datasets.digits()
random = RandomWeights(N_HIDDEN, K, random_state=0).fit(digits.X_train)
weights = Weights.of(random)
X = np.vstack([digits.X_train, digits.X_test])
codes = {
    f"{K} winners of {N_HIDDEN}": simulate(weights, X, K)[0].code,
    "winners, mean not subtracted": simulate(replace(weights, mean=0 * weights.mean), X, K)[0].code,
    f"all driven of {N_HIDDEN}": np.maximum(random.drive(X), 0),
    "pixels, mean subtracted": X - random.mean_,
}


def learn(code: np.ndarray, tasks: np.ndarray, rng: np.random.Generator) -> list[float]:
    """Return the accuracy on all digits seen so far, of test images, after each task."""
    code = code / np.linalg.norm(code, axis=1, keepdims=True)
    learned, tested = code[: len(digits.X_train)], code[len(digits.X_train) :]
    w, found = np.zeros((10, code.shape[1])), []
    for number, task in enumerate(tasks):
        rows = np.flatnonzero(np.isin(digits.y_train, task))
        for row in np.concatenate([rng.permutation(rows) for _ in range(3)]):
            belief = np.exp(w @ learned[row])
            w += np.outer(np.eye(10)[digits.y_train[row]] - belief / belief.sum(), learned[row])
        seen = np.unique(tasks[: number + 1])
        mine = np.isin(digits.y_test, seen)
        found.append(float((seen[(tested[mine] @ w[seen].T).argmax(axis=1)] == digits.y_test[mine]).mean()))
    return found


# %%
# Five random orders of the digits; and, for comparison, all ten digits at once, shuffled.

split, joint = {}, {}
for name, code in codes.items():
    rngs = [np.random.default_rng(seed) for seed in range(5)]
    split[name] = 100 * np.array([learn(code, rng.permutation(10).reshape(5, 2), rng) for rng in rngs])
    joint[name] = 100 * learn(code, np.arange(10)[np.newaxis], np.random.default_rng(0))[0]

# %%
plt.style.use(figures.STYLE)
figure, ax = plt.subplots(figsize=(6.4, 3.0))
places = np.arange(2, 11, 2)
colours = (figures.VERMILLION, figures.ORANGE, figures.GREEN, figures.GREY)
for (name, values), colour, marker in zip(split.items(), colours, "oD^v", strict=True):
    ax.errorbar(places, values.mean(axis=0), values.std(axis=0), color=colour, marker=marker, capsize=2, label=name)
    ax.plot(10.4, joint[name], marker, color=colour, fillstyle="none")
ax.plot(places, 100 / places, color="black", ls=":", lw=0.8, label="chance")
ax.set(xlabel="digits learned so far (open: all at once)", ylabel="test accuracy on them (%)", ylim=(0, 101))
ax.set_title("digits in pairs, mean ± SD of 5 orders")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

told = "; ".join(f"{name} {values[:, -1].mean():.0f} ({joint[name]:.0f})" for name, values in split.items())
print(f"Per cent of ten digits told right after five pairs (all at once): {told}.")
