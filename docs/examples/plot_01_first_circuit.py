"""
Does a circuit of inhibition reconstruct as well as a sort?
===========================================================

A k-sparse autoencoder keeps its k largest activities by sorting (Makhzani & Frey 2013, arXiv 1312.5663). A brain cannot
sort: here inhibition, simulated in Brian2, leaves k winners over, and they learn by local plasticity.
"""

import numpy as np

from comparisons import TopKAutoencoder
from selective_firing import KWTAAutoencoder, datasets, figures, measures

# %%
# Both learn from the same handwritten digits, 8 x 8 pixels, with 128 hidden units of which 10 win. Both are
# scikit-learn transformers. Change `n_hidden`, `k`, or the data.

K = 10
digits = datasets.digits()
circuit = KWTAAutoencoder(n_hidden=128, k=K, random_state=0).fit(digits.X_train)
top_k = TopKAutoencoder(n_hidden=128, k=K, batch_size=14, learning_rate=3e-3, random_state=0).fit(digits.X_train)

# %%
# The circuit's response to the test images says who won, and how long the competition took. A sort of the same drives
# says who should have won.

response = circuit.simulate(digits.X_test)
ranked = np.argsort(-circuit.drive(digits.X_test), axis=1)
sorted_winners = np.zeros_like(response.winners)
np.put_along_axis(sorted_winners, ranked[:, :K], True, axis=1)
same = (measures.jaccard(response.winners, sorted_winners) == 1).mean()
errors = {"k-WTA circuit": 1 - circuit.score(digits.X_test), "top-K": 1 - top_k.score(digits.X_test)}

# %%
# Twelve test images, and what each model makes of them. NMSE is the squared error relative to predicting the mean.

shown = digits.X_test[:12]
drawn = {f"{name}\nNMSE {error:.3f}": model.reconstruct(shown)
         for (name, error), model in zip(errors.items(), (circuit, top_k), strict=True)}  # fmt: skip
figure = figures.reconstructions(shown, drawn, digits.image_shape)
figure.suptitle(f"digits, 128 hidden units, k = {K}: test images and reconstructions", fontsize=8)
figures.show(figure)

print(
    f"Winners are those of a sort on {same:.1%} of the test images, after {response.settling_time_ms.mean():.0f} ms; "
    f"NMSE {errors['k-WTA circuit']:.3f} (circuit), {errors['top-K']:.3f} (top-K)."
)
