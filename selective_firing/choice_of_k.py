"""How many winners a set of stimuli asks for: the k with which a model describes unseen ones in the fewest bits."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from selective_firing._checks.arguments import check_count, check_patterns, check_real, check_verbose, shown
from selective_firing._files.processes import ending_with_us
from selective_firing._random import as_generator
from selective_firing.measures import description_length, feature_stability, nmse

if TYPE_CHECKING:
    import pandas as pd

    from selective_firing.protocol import Autoencoder

__all__ = ["Choice", "choose_k"]

N_RESAMPLES = 1_000
MOST_SEEDS = 1_000
NEGLIGIBLE = 0.01  # share of the bits saved that is not worth a winner


@dataclass(frozen=True)
class Choice:
    """A recommended k, and how sure it is.

    Attributes
    ----------
    k : int or None
        None if there is no clear one.
    low, high : int
        95 % interval of the best k when seeds and stimuli are resampled; 0 is the empty code.
    votes : float
        Share of the resamples with the same best k as all data.
    table : DataFrame
        One row for each k and seed, of validation stimuli; k = 0 is the empty code. `k`, `seed`, `nmse`, `bits`
        (description length per stimulus), `stability` (mean over the other seeds), `n_active` (units per stimulus).
    reason : str
        A sentence.
    """

    k: int | None
    low: int
    high: int
    votes: float
    table: pd.DataFrame
    reason: str

    @property
    def is_clear(self) -> bool:
        """Whether a k is recommended."""
        return self.k is not None


def choose_k(
    X: np.ndarray, model: Autoencoder | None = None, ks: Iterable[int] | None = None, *, n_seeds: int = 5,
    validation: float = 0.2, random_state: object = None, n_jobs: int = 1, verbose: int = 0,
) -> Choice:  # fmt: skip
    """Recommend k, the number of winners, for a model and stimuli; or say that none is clear.

    For each k the model learns with several seeds. The best k is the smallest whose `description_length` of validation
    stimuli exceeds the least by no more than one standard error, or 1 % of the bits saved. It is recommended if

    - it is not the empty code, and both smaller and larger k were tried;
    - most resamples of seeds and stimuli have the same best k;
    - it is due to structure: where each input is permuted over the stimuli on its own, no seed's model with that k
      saves as many bits against the empty code, and none has features as stable over seeds, as any model of the data.
      Bits of n models of each kind that do not differ come out so with a chance of 1 / C(2 n, n): 1/252 for 5 seeds.

    What is found belongs to model and stimuli together: a model that learns badly with the true number of causes may do
    better with another k. NMSE is told, but does not decide: it falls with every winner added.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_inputs)
        Stimuli. Those for validation are drawn from them at random.
    model : autoencoder, optional
        With the parameters `n_hidden`, `random_state` and `k`, whose value does not matter. It is cloned, not fitted.
        `KWTAAutoencoder()` if not given.
    ks : iterable of int, optional
        To be tried. If not given, k is doubled from 1 until the description grows, at least to 4; then the gaps beside
        the best k are halved until its neighbours are tried.
    n_seeds : int
        From 2 to 1,000.
    validation : float
        Share of the stimuli, between 0 and 1.
    random_state : None, int, RandomState or Generator
    n_jobs : int
        Processes, as in joblib, each for one seed.
    verbose : int
        1 prints a line for each k tried.

    Returns
    -------
    Choice

    Raises
    ------
    TypeError, ValueError
        If an argument breaks a rule, the model lacks a parameter, or X is constant.

    References
    ----------
    Description length: Rissanen (1978), Automatica 14:465. One standard error: Breiman et al. (1984), Classification
    and regression trees, section 3.4.3. Stability: Lange et al. (2004), Neural Comput 16:1299.
    """
    X, model, ks = _checked(X, model, ks)
    n_seeds, shown = check_count("n_seeds", n_seeds, at_least=2), check_verbose(verbose)
    if n_seeds > MOST_SEEDS:
        raise ValueError(f"n_seeds must be at most {MOST_SEEDS}, got {n_seeds}.")
    n_held = round(check_real("validation", validation, above=0) * len(X))
    if not 1 <= n_held < len(X):
        raise ValueError(f"validation must leave stimuli on both sides, got {validation} of {len(X)}.")
    rng = as_generator(random_state)
    X, seeds = X[rng.permutation(len(X))], rng.integers(2**31, size=n_seeds).tolist()
    resamples = [rng.integers(n, size=(N_RESAMPLES, n)) for n in (n_seeds, n_held)]
    trials = Trials(model, X, n_held, seeds, n_jobs, shown)
    if ks is None:
        _search(trials, resamples)
    for k in ks or []:
        trials.run(k)
    best, votes = trials.best(*resamples)
    share, (low, high) = float((votes == best).mean()), np.percentile(votes, [2.5, 97.5], method="nearest")
    control = Trials(model, rng.permuted(X, axis=0), n_held, seeds, n_jobs, verbose=0)
    doubt = _doubt(trials, control, best, share)
    facts = f"the best k is {best}, 95 % interval {low} to {high}, with {100 * share:.0f} % of votes"
    reason = f"{f'no clear k: {doubt}; ' * bool(doubt)}{facts} and {trials.saved(best).mean():.3g} bits saved."
    return Choice(None if doubt else best, int(low), int(high), share, trials.table(), reason)


def _checked(
    X: object, model: Autoencoder | None, ks: Iterable[int] | None
) -> tuple[np.ndarray, Autoencoder, list[int] | None]:
    if model is None:
        from selective_firing.autoencoder import KWTAAutoencoder

        model = KWTAAutoencoder()
    if not hasattr(model, "get_params") or not {"n_hidden", "k", "random_state"} <= model.get_params().keys():
        raise TypeError(f"model must be an estimator with n_hidden, k and random_state, got {shown(model)}.")
    n_hidden = check_count("n_hidden of the model", model.get_params()["n_hidden"])
    if ks is not None and not isinstance(ks, Iterable):
        raise TypeError(f"ks must be integers, or None to search, got {shown(ks)}.")
    tried = None if ks is None else sorted({check_count("ks", k, at_most=n_hidden) for k in ks})
    if tried == []:
        raise ValueError("ks must hold at least one k, got none.")
    return check_patterns(X), model, tried


def _search(trials: Trials, resamples: list[np.ndarray]) -> None:
    """Double k until the description grows, then halve the gaps beside the best k until its neighbours are tried."""
    n_hidden, k = int(trials.model.get_params()["n_hidden"]), 1
    trials.run(k)
    while k < n_hidden and (k < 4 or trials.best(*resamples)[0] == k):
        trials.run(k := min(2 * k, n_hidden))
    while True:
        best, ks = trials.best(*resamples)[0], sorted(trials.found)
        near = ks[max(ks.index(best) - 1, 0) :][:3] if best else [0, 1]
        gaps = [(low + high) // 2 for low, high in pairwise(near) if high - low > 1]
        if not gaps:
            return
        for k in gaps:
            trials.run(k)


def _doubt(trials: Trials, control: Trials, best: int, share: float) -> str:
    """Return what speaks against the best k; nothing if it is clear."""
    ks = sorted(trials.found)
    if best == 0:
        return "no code describes the stimuli in fewer bits than none"
    if best == ks[-1] or best == ks[1] > 1:
        return "it is at the end of those tried"
    if share <= 0.5:
        return "resampled seeds and stimuli have no majority"
    control.run(best)
    if not trials.saved(best).min() > control.saved(best).max():
        return "it saves no more bits than without structure"
    if not trials.stability(best).min() > np.nan_to_num(control.stability(best)).max():
        return "its features are no more stable than without structure"
    return ""


Trial = namedtuple("Trial", "nmse bits n_active features")  # of one model: bits of each stimulus, components in use


class Trials:
    """What was found with each k that was tried, for each seed; k = 0 is the empty code. The first stimuli are held."""

    def __init__(self, model: Autoencoder, X: np.ndarray, n_held: int, seeds: list, n_jobs: int, verbose: int) -> None:
        self.model, self.held, self.X, self.known = model, X[:n_held], X[n_held:], X[n_held : 2 * n_held]
        self.seeds, self.n_jobs, self.verbose = seeds, n_jobs, verbose
        self.mean, empty = self.X.mean(axis=0), np.zeros((len(self.held) + len(self.known), 1))
        self.found = {0: [self._trial(empty, np.zeros((1, X.shape[1])), self.mean)] * len(seeds)}

    def run(self, k: int) -> None:
        """Learn with `k` winners, unless that is done."""
        from joblib import Parallel, delayed

        if k not in self.found:
            jobs = (delayed(self._learn)(k, seed) for seed in self.seeds)
            self.found[k] = Parallel(self.n_jobs, **ending_with_us())(jobs)
            if self.verbose:
                print(f"k = {k}: {np.mean([trial.bits for trial in self.found[k]]):.4g} bits per stimulus")

    def _learn(self, k: int, seed: int) -> Trial:
        from sklearn.base import clone

        model = clone(self.model).set_params(k=k, random_state=seed).fit(self.X)
        codes = model.transform(np.vstack([self.held, self.known]))  # at once: a simulation is dear to start
        return self._trial(codes, model.components_, model.offset_)

    def _trial(self, codes: np.ndarray, components: np.ndarray, offset: np.ndarray) -> Trial:
        code, known = codes[: len(self.held)], codes[len(self.held) :]
        error = nmse(self.held, code @ components + offset, self.mean)
        bits = description_length(self.held, code, self.known, known, components, offset)
        return Trial(error, bits, float((code != 0).sum(axis=1).mean()), components[(codes != 0).any(axis=0)])

    def best(self, seeds: np.ndarray, stimuli: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the smallest k whose bits are about the least: of all data, and of each resample."""
        ks = sorted(self.found)
        bits = np.array([[trial.bits for trial in self.found[k]] for k in ks])
        means = np.array([bits[:, i].mean(axis=1)[:, j].mean(axis=1) for i, j in zip(seeds, stimuli, strict=True)])
        whole = bits.mean(axis=(1, 2))
        error = (means - means[:, [whole.argmin()]]).std(axis=0)  # of the difference to the least
        margin, means = np.maximum(error, NEGLIGIBLE * (whole[0] - whole.min())), np.vstack([whole, means])
        chosen = np.array(ks)[(means <= means.min(axis=1, keepdims=True) + margin).argmax(axis=1)]
        return int(chosen[0]), chosen[1:]

    def saved(self, k: int) -> np.ndarray:
        """Return the bits per stimulus saved against the empty code, shape (n_seeds,)."""
        return np.array([self.found[0][0].bits.mean() - trial.bits.mean() for trial in self.found[k]])

    def stability(self, k: int) -> np.ndarray:
        """Return the mean stability of each seed's features over the other seeds, shape (n_seeds,)."""
        features = [trial.features for trial in self.found[k]]
        pairs = np.array([[feature_stability(one, other) for other in features] for one in features])
        return (pairs.sum(axis=1) - pairs.diagonal()) / (len(features) - 1)

    def table(self) -> pd.DataFrame:
        """Return `Choice.table`."""
        import pandas as pd

        rows = []
        for k in sorted(self.found):
            for seed, trial, stability in zip(self.seeds, self.found[k], self.stability(k), strict=True):
                rows.append((k, seed, trial.nmse, trial.bits.mean(), stability, trial.n_active))
        return pd.DataFrame(rows, columns=["k", "seed", "nmse", "bits", "stability", "n_active"])
