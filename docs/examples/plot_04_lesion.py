"""
Who takes over when cells die?
==============================

`build` hands out the Brian2 network itself, to damage as you like. Cells are silenced at random; since inhibition
counts the active ones, others win in their place. Does that keep the representation? After Lashley (1950), In search of
the engram, Symp Soc Exp Biol 4:454.
"""

import matplotlib.pyplot as plt
import numpy as np
from brian2 import prefs, second

from selective_firing import KWTAAutoencoder, build, datasets, figures, measures, read

prefs.codegen.target = "numpy"  # for a few stimuli; Brian2's default would first compile

# %%
# An intact circuit, and fifty test images.

K, N_HIDDEN = 10, 128
digits = datasets.digits()
circuit = KWTAAutoencoder(N_HIDDEN, K, random_state=0).fit(digits.X_train)
X = digits.X_test[:50]
intact = circuit.simulate(X)

# %%
# Silence more and more cells: a background of -1e9 lets nothing excite them. For comparison, the same cells fall silent
# only after the decision, when nobody can take over any more.

shares = (0.0, 0.125, 0.25, 0.5, 0.75)
victims = np.random.default_rng(0).permutation(N_HIDDEN)
taken_over, missing, active = [], [], []
for share in shares:
    dead = victims[: round(share * N_HIDDEN)]
    network = build(circuit.weights_, X, k=K)
    network["hidden"].background[dead] = -1e9
    network.run(60 * second)  # it ends by itself when all stimuli have been presented
    lesioned = read(network)
    code = intact.code.copy()
    code[:, dead] = 0
    taken_over.append(measures.nmse(X, circuit.inverse_transform(lesioned.code), circuit.mean_))
    missing.append(measures.nmse(X, circuit.inverse_transform(code), circuit.mean_))
    active.append(lesioned.n_active.mean())

# %%
plt.style.use(figures.STYLE)
figure, ax = plt.subplots(figsize=(4.4, 2.9))
ax.plot(100 * np.array(shares), missing, color=figures.GREY, marker="v", label="silenced after the decision")
ax.plot(100 * np.array(shares), taken_over, color=figures.VERMILLION, marker="o", label="others win in their place")
ax.set(xlabel="cells silenced (%)", ylabel="NMSE (1: predicts the mean)", ylim=(0, None))
ax.set_title(f"digits, {N_HIDDEN} hidden units, k = {K}, {len(X)} test images")
ax.legend()
plt.show()

print(
    f"With half of the cells silenced {active[3]:.1f} still win; the error rises from {taken_over[0]:.3f} to "
    f"{taken_over[3]:.3f} with others in their place, to {missing[3]:.3f} without."
)
