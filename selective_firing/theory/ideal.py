"""Closed forms that the simulations are tested against."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count, check_real
from selective_firing._checks.arrays import check_numbers, check_values
from selective_firing.parameters import BIAS_SCALE
from selective_firing.parameters.rate import MOST_CYCLES
from selective_firing.weights import Weights, check_weights

__all__ = [
    "best_gain",
    "effective_threshold",
    "explain_away",
    "learning_step",
    "learning_with_cycles",
    "membrane",
    "n_rises",
    "stable_gain",
    "top_k",
    "winners_loss",
]


def top_k(drive: np.ndarray, k: int) -> np.ndarray:
    """Return who wins an ideal competition: the k largest positive drives.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
    k : int
        From 1 to n_hidden.

    Returns
    -------
    ndarray of bool, shape (n_samples, n_hidden)
        With exact ties at the boundary, the units of lower index win.

    Examples
    --------
    >>> top_k([[3.0, 1.0, 2.0], [-1.0, -2.0, 5.0]], 2)
    array([[ True, False,  True],
           [False, False,  True]])
    """
    drive = check_numbers("drive", drive, ("n_samples", "n_hidden"))
    k = check_count("k", k, at_most=drive.shape[1])
    best = np.argsort(-drive, axis=1, kind="stable")[:, :k]
    winners = np.zeros(drive.shape, bool)
    np.put_along_axis(winners, best, True, axis=1)
    return winners & (drive > 0)


def membrane(drive: np.ndarray, inhibition: float, time: np.ndarray, tau_m: float, start: float) -> np.ndarray:
    """Return u(t) of tau_m du/dt = drive - inhibition - u from u(0) = start, at constant inhibition.

    Units that share `tau_m`, `start` and `inhibition` differ by drive * (1 - exp(-t / tau_m)) only: at every moment
    they are ordered as their drives are, which is why the competition may end at the first n = k.

    Parameters
    ----------
    drive : ndarray
    inhibition, start : float
        In the unit of `drive`.
    time : ndarray, or float
        In the unit of `tau_m`; drive and time are broadcast against each other.
    tau_m : float
        Membrane time constant.
    """
    tau_m, inhibition = check_real("tau_m", tau_m, above=0), check_real("inhibition", inhibition)
    drive, time, start = (
        check_values("drive", drive),
        check_values("time", time, at_least=0),
        check_real("start", start),
    )
    decay = np.exp(-time / tau_m)
    return drive - inhibition + (start - drive + inhibition) * decay


def effective_threshold(tonic: float, time: float, tau_m: float) -> float:
    """Return the drive above which a unit is active at `time` when inhibition has no lag.

    With subtractive inhibition of which the fast part makes up for the membrane's lag, u(t) = drive *
    (1 - exp(-t / tau_m)) - tonic(t).

    Parameters
    ----------
    tonic : float
        Slow part of the inhibition, in the unit of the drive.
    time, tau_m : float
        Since onset, and membrane time constant, in one unit.
    """
    time, tau_m = check_real("time", time, above=0), check_real("tau_m", tau_m, above=0)
    with np.errstate(over="ignore", divide="ignore"):  # too early for any drive: inf
        return float(check_real("tonic", tonic, at_least=0) / np.float64(-np.expm1(-time / tau_m)))


def winners_loss(weights: Weights, pattern: np.ndarray, winners: np.ndarray) -> float:
    """Return 1/2 |error|^2 of a given winner set, with the drives of the winners as rates.

    Parameters
    ----------
    weights : Weights
    pattern : ndarray of shape (n_inputs,)
    winners : ndarray of bool, shape (n_hidden,)
    """
    centred = pattern - weights.mean
    rates = np.where(winners, weights.w_in @ centred + weights.bias, 0.0)
    return 0.5 * float(((centred - rates @ weights.w_out) ** 2).sum())


def learning_step(
    weights: Weights,
    pattern: np.ndarray,
    winners: np.ndarray,
    learning_rate: float,
    tied: bool = True,
    rates: np.ndarray | None = None,
) -> Weights:
    """Return the weights after one presentation: the circuit's learning rule in NumPy.

    `rates` of shape (n_hidden,) are what the winners' activity says of their drives, the drives themselves if not
    given. Then it is a step down the gradient of `winners_loss` at the given winners (for the bias scaled by
    `BIAS_SCALE` times the mean power: the bias weighs a constant input of that power).

    Parameters
    ----------
    weights : Weights
    pattern : ndarray of shape (n_inputs,)
    winners : ndarray of bool, shape (n_hidden,)
    learning_rate : float
        Dimensionless.
    tied : bool
        Whether each change is one of both weights of a pair of units.
    rates : ndarray of shape (n_hidden,), optional
    """
    centred = pattern - weights.mean
    rates = np.where(winners, weights.w_in @ centred + weights.bias if rates is None else rates, 0.0)
    error = centred - rates @ weights.w_out
    delta = np.where(winners, weights.w_out @ error, 0.0)
    step = learning_rate / max(weights.power, float(centred @ centred))
    hebb, echo = step * np.outer(rates, error), step * np.outer(delta, centred)
    return Weights(
        weights.w_in + echo + tied * hebb,
        weights.w_out + hebb + tied * echo,
        weights.bias + step * BIAS_SCALE * weights.power * delta,
        weights.mean,
        weights.power,
    )


def stable_gain(weights: Weights) -> float:
    """Return the feedback gain up to which no cycle of explaining away can raise the error.

    It is 1 / |W|^2, W's largest singular value squared: then |x - r W|^2 lies below its quadratic bound about the last
    code, of which the k largest positive entries of r + gain * W err are the minimum (Blumensath & Davies 2009, Appl
    Comput Harmon Anal 27:265). For tied weights.

    Parameters
    ----------
    weights : Weights
    """
    largest = float(np.linalg.norm(check_weights(weights).w_out, 2))
    return 1.0 / largest**2 if largest else float("inf")


def best_gain(weights: Weights, error: np.ndarray, winners: np.ndarray) -> np.ndarray:
    """Return the feedback gain that lowers each error most as long as the winners stay the same; 0 where delta is 0.

    A share f of it changes the squared error by -f (2 - f) |delta|^4 / |swing|^2: it falls for 0 < f < 2. For tied
    weights: with untied ones the error drives the units through weights that the gain knows nothing of.

    Parameters
    ----------
    weights : Weights
    error : ndarray of shape (n_samples, n_inputs)
    winners : ndarray of bool, shape (n_samples, n_hidden)

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    delta = np.where(winners, error @ weights.w_out.T, 0.0)
    swing = delta @ weights.w_out
    return (delta**2).sum(axis=1) / np.maximum((swing**2).sum(axis=1), 1e-300)


def n_rises(weights: Weights, gain: float) -> int:
    """Return how many cycles of a presentation can raise the error, if no `best_gain` times its share exceeds `gain`.

    Each one halves the gain of those after it, until it is below `stable_gain`. For tied weights and an exact
    competition: noise, unequal cells and undecided cycles void the bound.

    Parameters
    ----------
    weights : Weights
    gain : float
        Largest feedback gain of the presentation, before it is halved.
    """
    gain, bound = check_real("gain", gain, at_least=0), stable_gain(weights)
    return 0 if gain <= bound else int(np.ceil(np.log2(gain / bound)))


def explain_away(
    weights: Weights, X: np.ndarray, k: int, n_cycles: int, feedback: float = 0.7, learned: Weights | None = None
) -> np.ndarray:
    """Return the codes of ideal cycles of explaining away, which sort; shape (n_cycles, n_samples, n_hidden).

    Normalised iterative hard thresholding, started at the k largest drives, with a gain that is halved after each cycle
    that raised the error. With `learned`, the weights after the first decision, the cycles after it go on with these.

    Parameters
    ----------
    weights : Weights
    X : ndarray of shape (n_samples, n_inputs)
    k : int
        From 1 to n_hidden.
    n_cycles : int
        At least 1.
    feedback : float
        Share of `best_gain` with which the first error is fed back.
    learned : Weights, optional
    """
    weights, n_cycles = check_weights(weights), check_count("n_cycles", n_cycles, at_most=MOST_CYCLES)
    X, k = check_numbers("X", X, ("n_samples", weights.n_inputs)), check_count("k", k, at_most=weights.n_hidden)
    feedback = check_real("feedback", feedback, at_least=0)
    centred, drive, codes = X - weights.mean, weights.drive(X), []
    share, last = np.full(len(X), feedback), np.full(len(X), np.inf)
    while True:
        code = np.where(winners := top_k(drive, k), drive, 0.0)
        codes.append(code)
        if len(codes) == n_cycles:
            return np.array(codes)
        error = centred - code @ weights.w_out
        gain = best_gain(weights, error, winners)
        weights = learned or weights
        squared = (error**2).sum(axis=1)
        share = np.where(squared > last * (1 + 1e-9), share / 2, share)
        last = squared
        drive = code + (share * gain)[:, np.newaxis] * (error @ weights.w_in.T)


def learning_with_cycles(
    weights: Weights,
    pattern: np.ndarray,
    k: int,
    learning_rate: float,
    n_cycles: int,
    feedback: float = 0.7,
    late_share: float = 0.75,
    tied: bool = True,
) -> Weights:
    """Return the weights after one presentation with cycles: the circuit's learning in NumPy.

    At the first decision a share of `learning_step`; with the weights that it leaves the cycles go on; at the last
    decision the Hebbian product, rate times error: the gradient of the squared error for a given code, and, where that
    code is the best for its winners (delta = 0), of the squared error itself.

    Parameters
    ----------
    weights : Weights
    pattern : ndarray of shape (n_inputs,)
    k, n_cycles : int
        Number of winners, and of cycles.
    learning_rate : float
        Dimensionless.
    feedback : float
        As for `explain_away`.
    late_share : float
        Of the learning rate, at the last decision; the first has the rest.
    tied : bool
        As for `learning_step`.
    """
    X = pattern[np.newaxis]
    first = explain_away(weights, X, k, 1)[0]
    if n_cycles == 1:
        return learning_step(weights, pattern, first[0] > 0, learning_rate, tied)
    learned = learning_step(weights, pattern, first[0] > 0, (1 - late_share) * learning_rate, tied)
    rates = explain_away(weights, X, k, n_cycles, feedback, learned)[-1, 0]
    error = pattern - weights.mean - rates @ learned.w_out
    centred = pattern - weights.mean
    step = late_share * learning_rate / max(weights.power, float(centred @ centred))
    hebb = step * np.outer(rates, error)
    return Weights(learned.w_in + tied * hebb, learned.w_out + hebb, learned.bias, weights.mean, weights.power)
