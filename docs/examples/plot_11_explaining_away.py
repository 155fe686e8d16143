"""
What does explaining away bring, and what would a sort have to pay for it?
==========================================================================

A sort takes the units that look most like the input, even if several explain the same part of it. With error feedback
in cycles (iterative hard thresholding, Blumensath & Davies 2008, J Fourier Anal Appl 14:629), or with lateral
inhibition that tells each unit what others explain already (as in Rozell et al. 2008, Neural Comput 20:2526), the
winners change.
"""

import matplotlib.pyplot as plt
import numpy as np

from comparisons import TiedSGDAutoencoder
from selective_firing import RateParameters, Weights, datasets, figures, measures, simulate

# %%
# The same weights for all: nothing is learned for one way or another, which would help each of them further.

K, N_HIDDEN = 10, 128
digits = datasets.digits()
model = TiedSGDAutoencoder(N_HIDDEN, K, random_state=0).fit(digits.X_train)
weights, X = Weights.of(model), digits.X_test[:100]
ways = {
    "error feedback, cycles": RateParameters(n_cycles=6),
    "lateral inhibition, swaps": RateParameters(explain="lateral", n_swaps=4),
}
responses = {name: simulate(weights, X, K, parameters)[0] for name, parameters in ways.items()}


# %%
# `response.cycles` holds what the circuit had at the end of each cycle, or round of swaps.


def error_of(code: np.ndarray) -> float:
    """Return the error of what a code predicts."""
    return measures.nmse(X, model.inverse_transform(code), model.mean_)


errors = {name: [error_of(cycle.code) for cycle in response.cycles] for name, response in responses.items()}

# %%
# How many winners does a sort need to reconstruct as well, if it has learned with them?

ks = (10, 12, 14, 16, 18, 20)
sort = [
    measures.nmse(X, TiedSGDAutoencoder(N_HIDDEN, k, random_state=0).fit(digits.X_train).reconstruct(X), model.mean_)
    for k in ks
]

# %%
# Left, the error as cycles and rounds go on; right, a sort with more and more winners, and where the circuits end.

plt.style.use(figures.STYLE)
figure, (rounds, winners) = plt.subplots(1, 2, figsize=(6.8, 2.9), sharey=True)
for (name, response), colour, marker in zip(responses.items(), (figures.ORANGE, figures.BLUE), "Ds", strict=True):
    times = [cycle.settling_time_ms.mean() for cycle in response.cycles]
    rounds.plot(times, errors[name], color=colour, marker=marker, label=name)
    winners.axhline(errors[name][-1], color=colour, lw=1)
once = responses["error feedback, cycles"].cycles[0]
rounds.plot(
    once.settling_time_ms.mean(), error_of(once.code), "o", color=figures.VERMILLION, ms=8, fillstyle="none",
    label="one competition",
)  # fmt: skip
rounds.set(xlabel="time since stimulus onset (ms)", ylabel="NMSE", ylim=(0, 1.1 * sort[0]), xlim=(0, None))
rounds.set_title(f"k = {K} winners (digits, {N_HIDDEN} units)")
rounds.legend(loc="lower right")
winners.plot(ks, sort, color="black", marker="v", label="a sort that learned with them")
winners.set(xlabel="winners of a sort")
winners.set_title(f"{len(X)} test images; lines as left")
winners.legend()
plt.show()

final = {name: values[-1] for name, values in errors.items()}
needed = {name: np.interp(-error, -np.array(sort), ks) for name, error in final.items()}
told = "; ".join(f"{error:.3f} with {name}, for which a sort needs {needed[name]:.1f}" for name, error in final.items())
print(f"NMSE with k = {K}: {sort[0]:.3f} after one competition; {told} winners.")
