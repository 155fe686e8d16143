"""What a circuit has learned: two weight matrices, the biases, and the statistics of its stimuli."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from selective_firing._checks.arguments import LARGEST_SCALE, check_count, check_real, shown
from selective_firing._checks.arrays import check_generator

__all__ = ["MOST_WEIGHTS", "Weights", "check_weights"]

MOST_WEIGHTS = 2**31 - 1
"""Of a matrix: simulators count synapses in 32 bits."""


@dataclass(frozen=True, eq=False, repr=False)
class Weights:
    """The learned state of a circuit.

    Attributes
    ----------
    w_in, w_out : ndarray of shape (n_hidden, n_inputs)
        Encoding and decoding weights; equal when tied.
    bias : ndarray of shape (n_hidden,)
    mean : ndarray of shape (n_inputs,)
        Mean of the training patterns.
    power : float
        Mean squared distance of the training patterns from `mean`.
    rate_gain : float, optional
        Hz per unit of code times norm of the decoding weights, with which the mean winner of the training patterns
        fires at 40 Hz; None where nobody has set it.
    lateral : ndarray of shape (n_hidden, n_hidden), optional
        What unit j takes off the drive of unit i, per unit of its rate; None if no lateral synapses have learned.
    pattern_mean : ndarray of shape (n_inputs / 2,), optional
        By Dale's law, where half of the inputs are ON and half are OFF cells: the mean of the patterns that they see.
    """

    w_in: np.ndarray
    w_out: np.ndarray
    bias: np.ndarray
    mean: np.ndarray
    power: float
    rate_gain: float | None = None
    lateral: np.ndarray | None = None
    pattern_mean: np.ndarray | None = None

    @classmethod
    def at_start(cls, w_in: np.ndarray, w_out: np.ndarray, patterns: np.ndarray) -> Self:
        """Return weights before any learning: no biases, and the statistics of the training patterns.

        Parameters
        ----------
        w_in, w_out : ndarray of shape (n_hidden, n_inputs)
        patterns : ndarray of shape (n_samples, n_inputs)
        """
        mean = patterns.mean(axis=0)
        power = float(((patterns - mean) ** 2).sum(axis=1).mean())
        return cls(w_in, w_out, np.zeros(len(w_in)), mean, power)

    @classmethod
    def of(cls, model: Any, power: float = 1.0) -> Self:
        """Return the weights of any fitted autoencoder, whoever learned them, in the form that the circuit takes.

        Parameters
        ----------
        model : fitted autoencoder
        power : float
            Mean squared distance of training patterns from their mean; it matters to learning only.

        Raises
        ------
        TypeError
            If the model has no encoder, decoder, bias and offset, as before it is fitted.

        Examples
        --------
        >>> from types import SimpleNamespace
        >>> mine = SimpleNamespace(encoder_=np.eye(3, 2), components_=np.eye(3, 2), bias_=np.zeros(3),
        ...                        offset_=np.zeros(2))
        >>> Weights.of(mine)
        Weights(2 inputs, 3 hidden units, tied)
        """
        missing = [name for name in ("encoder_", "components_", "bias_", "offset_") if not hasattr(model, name)]
        if missing:
            raise TypeError(f"model must be a fitted autoencoder, got {shown(model)} without {', '.join(missing)}.")
        return cls(model.encoder_, model.components_, model.bias_, model.offset_, power)

    @classmethod
    def sparse_random(cls, n_hidden: int, n_inputs: int, n_per_unit: int, rng: np.random.Generator) -> Self:
        """Return weights of units that each see a few inputs, drawn at random without replacement, all equally.

        As a Kenyon cell or a granule cell does. Nothing is learned: all other weights are 0, those of a unit have norm
        1, encoding and decoding are tied, there are no biases, and the mean is 0, so that the drive is ``w_in @ x``.

        Parameters
        ----------
        n_hidden, n_inputs : int
        n_per_unit : int
            Inputs of each unit, from 1 to n_inputs.
        rng : numpy.random.Generator

        Raises
        ------
        TypeError, ValueError
            If an argument breaks a rule.

        References
        ----------
        Caron, Ruta, Abbott & Axel (2013), Nature 497:113: Kenyon cells take random samples of glomeruli.

        Examples
        --------
        >>> weights = Weights.sparse_random(2000, 24, 6, np.random.default_rng(0))
        >>> weights, np.unique(weights.w_in.astype(bool).sum(axis=1))
        (Weights(24 inputs, 2,000 hidden units, tied), array([6]))
        """
        check_generator("rng", rng)
        n_inputs = check_count("n_inputs", n_inputs)
        n_hidden = check_count("n_hidden", n_hidden, at_most=max(1, MOST_WEIGHTS // n_inputs))
        n_per_unit = check_count("n_per_unit", n_per_unit, at_most=n_inputs)
        chosen = rng.random((n_hidden, n_inputs)).argsort(axis=1)[:, :n_per_unit]
        w = np.zeros((n_hidden, n_inputs))
        np.put_along_axis(w, chosen, n_per_unit**-0.5, axis=1)
        return cls(w, w, np.zeros(n_hidden), np.zeros(n_inputs), 1.0)

    @property
    def n_hidden(self) -> int:
        """Number of hidden units."""
        return self.w_in.shape[0]

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return self.w_in.shape[1]

    @property
    def effective(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Encoding weights, decoding weights and mean as patterns meet them: ON less OFF, where these are apart."""
        if self.pattern_mean is None:
            return self.w_in, self.w_out, self.mean
        n = self.pattern_mean.size
        return self.w_in[:, :n] - self.w_in[:, n:], self.w_out[:, :n] - self.w_out[:, n:], self.pattern_mean

    def __repr__(self) -> str:
        kind = "tied" if np.array_equal(self.w_in, self.w_out) else "untied"
        return f"Weights({self.n_inputs:,} inputs, {self.n_hidden:,} hidden units, {kind})"

    @property
    def lateral_matrix(self) -> np.ndarray:
        """`lateral`, or, where none has been learned, what exactly explains away: w_in . w_out of each pair."""
        return self.w_in @ self.w_out.T if self.lateral is None else self.lateral

    @property
    def is_finite(self) -> bool:
        """Whether every weight and bias is a finite number."""
        return all(np.isfinite(a).all() for a in (self.w_in, self.w_out, self.bias, self.lateral) if a is not None)

    def drive(self, patterns: np.ndarray) -> np.ndarray:
        """Return what drives each unit, shape (n_samples, n_hidden), for patterns (n_samples, n_inputs)."""
        return (patterns - self.mean) @ self.w_in.T + self.bias


def check_weights(weights: object) -> Weights:
    """Return `weights` if their shapes fit each other and all are finite numbers in scale, or raise.

    Raises
    ------
    TypeError, ValueError
        If they are no `Weights`, or one of them breaks a rule; the message names it.
    """
    if not isinstance(weights, Weights):
        raise TypeError(f"weights must be Weights, got {shown(weights)}.")
    shape = np.shape(weights.w_in)
    wanted = {"w_in": shape, "w_out": shape, "bias": shape[:1], "mean": shape[1:]}
    if weights.lateral is not None:
        wanted["lateral"] = shape[:1] * 2
    if weights.pattern_mean is not None:
        wanted["pattern_mean"] = (shape[1] // 2,)
    for name, expected in wanted.items():
        array = np.asarray(getattr(weights, name))
        if len(shape) != 2 or 0 in shape or array.shape != expected:
            raise ValueError(f"weights.{name} must be of shape {expected}, got {array.shape}.")
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise ValueError(f"weights.{name} must be finite real numbers, got {array.dtype}.")
        if np.abs(array).max() > LARGEST_SCALE:
            raise ValueError(f"weights.{name} must be at most {LARGEST_SCALE:g}, got {np.abs(array).max():g}.")
    check_real("weights.power", weights.power, at_least=0)
    if weights.rate_gain is not None:
        check_real("weights.rate_gain", weights.rate_gain, at_least=0)
    return weights
