"""Explaining away by lateral inhibition among the winners, in NumPy: what the circuit is tested against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing._checks.arrays import check_numbers
from selective_firing.parameters import BIAS_SCALE, CircuitParameters
from selective_firing.parameters.rate import NORM_FLOOR, RateParameters
from selective_firing.theory.ideal import explain_away, top_k
from selective_firing.weights import Weights, check_weights

__all__ = ["explain_by_swaps", "ideal_code", "learning_with_swaps", "unexplained"]


def unexplained(power: np.ndarray | float, drive: np.ndarray, field: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Return the squared error as the hidden layer can tell it, |x|^2 - r . (u + f), at least 0.

    With u = E x and f = u - G r it is |x - r E|^2 for tied weights and G = E E': no error neuron is needed.

    Parameters
    ----------
    power : float, or ndarray of shape (n_samples,)
        |x|^2, about the mean.
    drive, field, rates : ndarray of shape (n_samples, n_hidden)
        u, f and r.
    """
    return np.maximum(power - (rates * (drive + field)).sum(axis=1), 0.0)


def explain_by_swaps(weights: Weights, X: np.ndarray, k: int, parameters: RateParameters) -> np.ndarray:
    """Return the codes of an ideal circuit that explains away by swaps; shape (1 + n_swaps, n_samples, n_hidden).

    The k largest drives win, and relax: one after the other, a winner moves its rate to where the field at it is 0 (or,
    with `shrinkage`, a share of the rate: ridge regression), and the others feel that. In each swap `n_released` units
    more win, by rate and field together; all relax; the units of least use, rate times norm, fall silent until k are
    left, and these relax again. A code is what is held then.

    Parameters
    ----------
    weights : Weights
        With `lateral`.
    X : ndarray of shape (n_samples, n_inputs)
    k : int
        From 1 to n_hidden.
    parameters : RateParameters
    """
    weights, k = check_weights(weights), check_count("k", k, at_most=weights.n_hidden)
    X = check_numbers("X", X, ("n_samples", weights.n_inputs))
    drive = (X - weights.mean) @ weights.w_in.T
    state = _State(weights, drive, np.linalg.norm(X - weights.mean, axis=1), parameters)
    state.settle(drive + weights.bias, k)
    codes = [state.relax()]
    for _ in range(parameters.n_swaps):
        codes.append(state.swap(k))
    return np.array(codes)


def ideal_code(weights: Weights, X: np.ndarray, k: int, parameters: CircuitParameters) -> np.ndarray:
    """Return the codes that a circuit with ideal competitions ends with, shape (n_samples, n_hidden).

    Parameters
    ----------
    weights : Weights
    X : ndarray of shape (n_samples, n_inputs)
    k : int
    parameters : RateParameters or SpikingParameters
        With rates read exactly.
    """
    if isinstance(parameters, RateParameters) and parameters.is_lateral:
        return explain_by_swaps(weights, X, k, parameters)[-1]
    feedback = parameters.feedback if isinstance(parameters, RateParameters) else 0.0
    return explain_away(weights, X, k, parameters.competitions, feedback)[-1]


class _State:
    """Rates and fields of some stimuli."""

    def __init__(self, weights: Weights, drive: np.ndarray, norm: np.ndarray, parameters: RateParameters) -> None:
        self.lateral, self.parameters = weights.lateral_matrix, parameters
        self.rates, self.field = np.zeros_like(drive), drive.copy()
        self.active = np.zeros(drive.shape, bool)
        self.own = np.maximum(np.diag(self.lateral), NORM_FLOOR)
        self.mean_norm = max(float(np.diag(self.lateral).mean()), NORM_FLOOR)
        self.silence = (parameters.least_change * norm)[:, np.newaxis]

    def settle(self, drive: np.ndarray, k: int) -> None:
        """Let the k largest of `drive` win, whose rates it is; a winner whose rate would hardly change keeps it."""
        self.active = top_k(drive, min(k, drive.shape[1]))
        aim = np.where(self.active, drive, 0.0)
        aim = np.where(self.active & (self.rates > 0) & (np.abs(aim - self.rates) <= self.silence), self.rates, aim)
        self.field -= (aim - self.rates) @ self.lateral.T
        self.rates = aim

    def relax(self) -> np.ndarray:
        """Let the winners adapt to each other, one after the other, the strongest first; return the rates."""
        for _ in range(self.parameters.n_relax):
            eager = self.active & (np.abs(self._aim() - self.rates) > self.silence)
            turns = np.argsort(np.where(eager, -self.rates, np.inf), axis=1, kind="stable")
            for turn in range(int(eager.sum(axis=1).max(initial=0))):
                rows = np.flatnonzero(eager.sum(axis=1) > turn)
                units = turns[rows, turn]
                aim = self._aim()[rows, units]
                self.field[rows] -= (aim - self.rates[rows, units])[:, np.newaxis] * self.lateral[:, units].T
                self.rates[rows, units] = aim
        return self.rates.copy()

    def _aim(self) -> np.ndarray:
        shrinkage = self.parameters.shrinkage
        return np.maximum(self.rates + (self.field / self.own - shrinkage * self.rates) / (1 + shrinkage), 0.0)

    def swap(self, k: int) -> np.ndarray:
        """Release some units more, and silence as many."""
        gain = self.parameters.feedback / np.sqrt(self.own * self.mean_norm)
        self.settle(self.rates + gain * self.field, k + self.parameters.n_released)
        self.relax()
        useful = self.active & top_k(self.rates * np.sqrt(self.own), k)
        self.field += np.where(useful, 0.0, self.rates) @ self.lateral.T
        self.active, self.rates = useful, np.where(useful, self.rates, 0.0)
        return self.relax()


def learning_with_swaps(
    weights: Weights, pattern: np.ndarray, k: int, learning_rate: float, parameters: RateParameters,
    remaining: float = 1.0,
) -> Weights:  # fmt: skip
    """Return the weights after one presentation to a circuit that explains away by swaps: its learning in NumPy.

    Parameters
    ----------
    weights : Weights
    pattern : ndarray of shape (n_inputs,)
    k : int
    learning_rate : float
        Dimensionless, at this presentation.
    parameters : RateParameters
    remaining : float
        Share of the presentations that are still to come: what `late_share`, if it is a pair, is interpolated by.
    """
    x = pattern - weights.mean
    late = parameters.late_share_at(remaining)
    if late < 1:
        drive = weights.w_in @ x + weights.bias
        rates = np.where(top_k(drive[np.newaxis], k)[0], drive, 0.0)
        learned = _lesson(weights, x, rates, learning_rate * (1 - late), parameters, is_first=True)
        state = _State(learned, (x @ learned.w_in.T)[np.newaxis], np.array([np.linalg.norm(x)]), parameters)
        state.active, state.rates = rates[np.newaxis] > 0, rates[np.newaxis].copy()
        state.field = state.field - state.rates @ learned.lateral_matrix.T
        state.relax()
        for _ in range(parameters.n_swaps):
            state.swap(k)
        rates = state.rates[0]
        weights = learned
    else:
        rates = explain_by_swaps(weights, pattern[np.newaxis], k, parameters)[-1, 0]
    return _lesson(weights, x, rates, learning_rate * late, parameters, is_first=False)


def _lesson(
    weights: Weights, x: np.ndarray, rates: np.ndarray, rate: float, parameters: RateParameters, is_first: bool
) -> Weights:
    """Return the weights after one lesson: rate times error, and at the first the field times the stimulus, too."""
    E, D, G = weights.w_in, weights.w_out, weights.lateral_matrix
    u, power = E @ x, float(x @ x)
    predicted = rates @ D
    if parameters.dale == "push-pull":  # ON cells, then OFF cells, learn from what is left of their difference
        predicted = predicted - np.roll(predicted, len(x) // 2)
    f, error, normal = u - G @ rates, x - predicted, max(weights.power, power)
    step = rate / normal / max(1.0, float(rates @ rates) / normal)
    h, c = step * rates, step * f * (rates > 0) * is_first
    if parameters.transport:
        left, shared = float(unexplained(power, *np.atleast_2d(u, f, rates))[0]), power - float(rates @ u)
        cross = np.outer(h, f) + np.outer(c, u) + shared * np.outer(h, c)
        G = G + cross + cross.T + left * np.outer(h, h) + power * np.outer(c, c)
    elif rates.any():
        G = G + parameters.lateral_rate * np.outer(f - E @ error, rates) / float(rates @ rates)
    G = np.maximum(G, 0.0) if parameters.dale == "yes" else G
    kept = 1 - (not parameters.transport) * parameters.decay * step * weights.power * (rates > 0)
    lowest = 0.0 if parameters.dale != "no" else -np.inf
    change = np.outer(h, error) + np.outer(c, x)
    return replace(
        weights, w_in=np.maximum(E + change, lowest) * kept[:, np.newaxis],
        w_out=np.maximum(D + change, lowest) * kept[:, np.newaxis],
        lateral=G * np.outer(kept, kept), bias=weights.bias + c * BIAS_SCALE * weights.power,
    )  # fmt: skip
