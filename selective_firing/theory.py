"""Closed forms that the simulations are tested against."""

from __future__ import annotations

import numpy as np

from selective_firing.parameters import BIAS_SCALE
from selective_firing.weights import Weights

__all__ = ["effective_threshold", "learning_step", "membrane", "top_k", "winners_loss"]


def top_k(drive: np.ndarray, k: int) -> np.ndarray:
    """Return who wins an ideal competition: the k largest positive drives.

    Parameters
    ----------
    drive : ndarray of shape (n_samples, n_hidden)
    k : int

    Returns
    -------
    ndarray of bool, shape (n_samples, n_hidden)
        With exact ties at the boundary, the units of lower index win.
    """
    best = np.argsort(-drive, axis=1, kind="stable")[:, :k]
    winners = np.zeros(drive.shape, bool)
    np.put_along_axis(winners, best, True, axis=1)
    return winners & (drive > 0)


def membrane(drive: np.ndarray, inhibition: float, time: np.ndarray, tau_m: float, start: float) -> np.ndarray:
    """Return u(t) of tau_m du/dt = drive - inhibition - u from u(0) = start, at constant inhibition.

    Units that share `tau_m`, `start` and `inhibition` differ by drive * (1 - exp(-t / tau_m)) only: at every moment
    they are ordered as their drives are, which is why the competition may end at the first n = k.
    """
    decay = np.exp(-time / tau_m)
    return drive - inhibition + (start - drive + inhibition) * decay


def effective_threshold(tonic: float, time: float, tau_m: float) -> float:
    """Return the drive above which a unit is active at `time` when inhibition has no lag.

    With subtractive inhibition of which the fast part makes up for the membrane's lag, u(t) = drive *
    (1 - exp(-t / tau_m)) - tonic(t).
    """
    return tonic / (1 - np.exp(-time / tau_m))


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
