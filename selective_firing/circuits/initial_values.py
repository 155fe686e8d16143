"""Every value that a simulation of a circuit starts from, worked out from weights and parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from selective_firing.parameters import BIAS_SCALE, CircuitParameters, RateParameters, SpikingParameters
from selective_firing.theory.race import interneuron_epsp, threshold_share_at
from selective_firing.weights import Weights

__all__ = ["EXPLODED", "Draws", "Values", "initial_values", "rest_steps", "rounding_floor"]

Values = dict[str, float | np.ndarray]
"""What a simulation starts from, by ``object.variable``, in SI units."""
PACES = (0.2, 3.0)
"""Of unequal membranes: the fastest and the slowest time constant, relative to the mean one."""
LARGEST_WEIGHT = 1e300
"""No bound to a weight that may have either sign."""
EXPLODED = 1e12
"""Learning has diverged once the squared error is so many times the power of the stimulus."""


@dataclass(frozen=True, eq=False)
class Draws:
    """What is drawn at random for a simulation, once, however many runs it takes.

    Attributes
    ----------
    sensitivity : ndarray of shape (n_hidden,)
        Of each unit to inhibition (of a cell that spikes: its threshold), relative to the mean unit's.
    pace : ndarray of shape (n_hidden,), or 1.0
        Time constant of each unit's membrane, relative to `tau_m`; one number where all are equal.
    noise_seed, train_seed : int
        Of membrane noise and of Poisson spike trains, whose numbers are a hash of it and of where they are used.
    """

    sensitivity: np.ndarray
    pace: np.ndarray | float
    noise_seed: int = 0
    train_seed: int = 0

    @classmethod
    def of(
        cls,
        parameters: CircuitParameters,
        n_hidden: int,
        rng: np.random.Generator,
        cells: np.random.Generator | None = None,
    ) -> Self:
        """Draw what `parameters` need.

        Parameters
        ----------
        parameters : RateParameters or SpikingParameters
        n_hidden : int
        rng : numpy.random.Generator
        cells : numpy.random.Generator, optional
            Source of the differences between units, which stay the same from one simulation to the next if it does;
            `rng` if not given.
        """
        sensitivity, noise_seed, train_seed = np.ones(n_hidden), 0, 0
        pace: np.ndarray | float = 1.0
        if parameters.threshold_cv > 0:
            spread = parameters.threshold_cv * (cells or rng).standard_normal(n_hidden)
            sensitivity = np.clip(1 + spread, 0.01, None)
        if isinstance(parameters, RateParameters) and parameters.tau_cv > 0:
            spread = parameters.tau_cv * (cells or rng).standard_normal(n_hidden)
            pace = np.clip(1 + spread, *PACES)
        if isinstance(parameters, SpikingParameters) and parameters.input == "poisson":
            train_seed = int(rng.integers(2**31))
        if parameters.noise > 0:
            noise_seed = int(rng.integers(2**31))
        return cls(sensitivity, pace, noise_seed, train_seed)


def rounding_floor(weights: Weights) -> float:
    """Return a bound on the rounding error of a drive, below which no unit counts as driven.

    Parameters
    ----------
    weights : Weights
    """
    return 1e-13 * float(np.linalg.norm(weights.w_in, axis=1).max() * np.linalg.norm(weights.mean))


def rest_steps(parameters: RateParameters) -> int:
    """Return the steps without inhibition after which every driven unit is active, and so no more can follow.

    A membrane then is within exp(-30) of its drive. At most what 32 bits count, which no competition lasts.

    Parameters
    ----------
    parameters : RateParameters
    """
    slowest = parameters.tau_m * (PACES[1] if parameters.tau_cv > 0 else 1)
    return math.ceil(min(30 * slowest / parameters.dt, 2**31 - 1))


def initial_values(
    weights: Weights,
    parameters: CircuitParameters,
    *,
    k: int,
    n_presentations: int,
    learning_rate: tuple[float, float] = (0.0, 0.0),
    homeostasis: float = 0.0,
    tied: bool = True,
    draws: Draws | None = None,
    first_number: int = 0,
    remaining: tuple[float, float] = (1.0, 0.0),
) -> Values:
    """Return every value that a simulation of a circuit starts from, by ``object.variable``, in SI units.

    Parameters
    ----------
    weights : Weights
    parameters : RateParameters or SpikingParameters
    k : int
        Number of winners.
    n_presentations : int
    learning_rate : tuple of float
        Dimensionless rate at the first presentation, and its change from one presentation to the next.
    homeostasis : float
        Dimensionless step of the intrinsic plasticity, 0 for none.
    tied : bool
        Whether both weight matrices learn from both Hebbian products.
    draws : Draws, optional
        From ``default_rng(0)`` if not given.
    first_number : int
        Of the first stimulus, among all that the draws are for.
    remaining : tuple of float
        Share of the presentations of a fit still to come at the first one, and its change from one to the next.
    """
    draws = draws or Draws.of(parameters, weights.n_hidden, np.random.default_rng(0))
    spiking = isinstance(parameters, SpikingParameters)
    conductor = "conductor" if spiking else "inhibition"
    values: Values = {
        "stimulus.x_mean": weights.mean,
        "hidden.b": weights.bias,
        "hidden.background": weights.bias - weights.w_in @ weights.mean,
        "hidden.sensitivity": draws.sensitivity,
        "hidden.tau_m": parameters.tau_m * 1e-3 * draws.pace,
        "hidden.bias_power": BIAS_SCALE * weights.power,
        "hidden.plastic": float(learning_rate[0] > 0 or homeostasis > 0),
        "hidden.tied": float(tied),
        "w_in.w": weights.w_in.T.ravel(),
        "w_out.w": weights.w_out.ravel(),
    }
    leads = {
        "k": k,
        "n_presentations": n_presentations,
        "presentation": -1,
        "first_number": first_number,
        "faintest": rounding_floor(weights),
        "mean_power": max(weights.power, np.finfo(float).tiny),
        "learning_rate": learning_rate[0],
        "learning_rate_change": learning_rate[1],
        "homeostasis": homeostasis * math.sqrt(BIAS_SCALE * weights.power),
        "duty": k / weights.n_hidden,
    }
    values |= {f"{conductor}.{name}": value for name, value in leads.items()}
    if isinstance(parameters, SpikingParameters):
        values |= _spiking(parameters, k, weights.n_hidden) | (
            _trains(parameters, draws.train_seed) if parameters.input == "poisson" else {}
        )
    else:
        values |= _rate(parameters, weights)
        if parameters.inhibition_start == "feedforward":
            level = math.sqrt(weights.power) * float(np.linalg.norm(weights.w_in, axis=1).max())
            values["inhibition.per_input"] = level / (float(weights.mean.sum()) or 1.0)
        values |= _explaining(parameters, weights, k, learning_rate[0] > 0, remaining)
    if parameters.noise > 0:
        decay = math.exp(-parameters.dt / parameters.tau_m)
        unit = 1e-3 if spiking else 1.0
        values["hidden.kick_amplitude"] = unit * parameters.noise * math.sqrt((1 + decay) / (1 - decay))
        values["hidden.noise_seed"] = draws.noise_seed
    return values


def _rate(parameters: RateParameters, weights: Weights) -> Values:
    """Return what only the rate circuit has."""
    dt, tau_m = parameters.dt, parameters.tau_m
    subtractive = float(parameters.inhibition == "subtractive")
    searches = float(parameters.controller != "proportional")
    return {
        "hidden.subtractive": subtractive,
        "inhibition.tau_i": parameters.tau_i * 1e-3,
        "inhibition.phasic_time": searches * subtractive * parameters.phasic * dt * 1e-3 / (1 - math.exp(-dt / tau_m)),
        "inhibition.initial_gain": parameters.initial_gain,
        "inhibition.gain_growth": parameters.gain_growth,
        "inhibition.loop_steps": max(1, round(parameters.loop_time / dt)),
        "inhibition.delay_steps": round(parameters.loop_delay / dt),
        "inhibition.max_steps": round(parameters.max_settle / dt),
        "inhibition.rest_steps": rest_steps(parameters),
        "inhibition.hold_steps": round(parameters.hold / dt),
        "inhibition.adapts": float(parameters.controller == "adaptive"),
        "inhibition.proportional": 1.0 - searches,
        "inhibition.pool_strength": parameters.pool_strength,
        "inhibition.starts_above": searches * float(parameters.inhibition_start == "above"),
        "inhibition.bound": float(np.linalg.norm(weights.w_in, axis=1).max()),
        "inhibition.bias_bound": float(np.clip(weights.bias, 0, None).max()),
    }


def _explaining(
    parameters: RateParameters, weights: Weights, k: int, learns: bool, remaining: tuple[float, float]
) -> Values:
    """Return what only a circuit with more than one competition per presentation, or lateral synapses, has."""
    if parameters.is_lateral:
        return _lateral(parameters, weights, k, learns, remaining)
    if parameters.competitions == 1:
        return {}
    return {
        "inhibition.n_cycles": parameters.competitions,
        "inhibition.feedback": parameters.feedback,
        "inhibition.late_share": parameters.late_share_at(1.0),
    }


def _lateral(
    parameters: RateParameters, weights: Weights, k: int, learns: bool, remaining: tuple[float, float]
) -> Values:
    """Return what only a circuit with lateral synapses has."""
    lateral = weights.lateral_matrix
    values = {
        "plastic": float(learns), "competing": True, "wanted": k, "last_competition": 2 * parameters.n_swaps,
        "k_released": min(k + parameters.n_released, weights.n_hidden), "n_relax": parameters.n_relax,
        "n_hidden": weights.n_hidden, "least_change": parameters.least_change,
        "decay": 0.0 if parameters.transport else parameters.decay, "mean_norm": float(np.diag(lateral).mean()),
        "late_first": parameters.late_share_at(1.0), "late_last": parameters.late_share_at(0.0),
        "remaining_first": remaining[0], "remaining_change": remaining[1],
    }  # fmt: skip
    found: Values = {f"inhibition.{name}": value for name, value in values.items()}
    found |= {"lateral.w": lateral.T.ravel(), "hidden.norm": np.diag(lateral)}
    found |= {"hidden.feedback": parameters.feedback, "inhibition.feedback": parameters.feedback}
    found["hidden.shrinkage"] = parameters.shrinkage
    lowest = 0.0 if parameters.dale != "no" else -LARGEST_WEIGHT
    found |= {"w_in.lowest": lowest, "w_out.lowest": lowest}
    found["lateral.lowest"] = 0.0 if parameters.dale == "yes" else -LARGEST_WEIGHT
    found |= {"stimulus.paired": True} if parameters.dale == "push-pull" else {}
    return found if parameters.transport else found | {"hidden.lateral_rate": parameters.lateral_rate}


def _trains(parameters: SpikingParameters, train_seed: int) -> Values:
    """Return what inputs that fire have."""
    return {
        "stimulus.most": parameters.input_rate * parameters.dt * 1e-3,
        "stimulus.settled_in_dt": 1 - math.exp(-parameters.dt / parameters.tau_input),
        "stimulus.due": -1,
        "stimulus.train_seed": train_seed,
        "hidden.tau_input": parameters.tau_input * 1e-3,
    }


def _spiking(parameters: SpikingParameters, k: int, n_hidden: int) -> Values:
    """Return what only the spiking circuit has."""
    height = parameters.v_threshold - parameters.v_rest
    share = parameters.threshold_share or threshold_share_at(k, n_hidden)
    inhibited = "hidden" if parameters.conductance == "own" else "conductor"
    shared = {} if parameters.conductance == "own" else {"conductor.tau_m": parameters.tau_m * 1e-3}
    potentials = {
        f"{group}.{name}": getattr(parameters, name) * 1e-3
        for group, names in (
            ("hidden", ("v_rest", "v_threshold", "v_inhibition")), ("interneurons", ("v_rest", "v_threshold")),
        )
        for name in names
    }  # fmt: skip
    return (
        potentials
        | shared
        | {
            "hidden.v": parameters.v_rest * 1e-3,
            f"{inhibited}.inhibition_decay": parameters.inhibition_decay * 1e-3,
            "hidden.refractory_steps": round(parameters.refractory / parameters.dt),
            "hidden.threshold_share": share,
            "hidden.by_count": int(parameters.readout == "count"),
            "hidden.count_gain": parameters.count_gain,
            "interneurons.v": parameters.v_rest * 1e-3,
            "interneurons.due": -1,
            "interneurons.number": parameters.n_interneurons,
            "interneurons.tau_interneuron": parameters.tau_interneuron * 1e-3,
            "interneurons.delay_steps": round(parameters.inhibition_delay / parameters.dt),
            "interneurons.epsp": 1e-3 * interneuron_epsp(k, height),
            "interneurons.opens": parameters.inhibition_strength / parameters.n_interneurons,
            "conductor.n_steps": round(parameters.presentation / parameters.dt),
            "conductor.threshold_share": share,
            "conductor.threshold_height": height * 1e-3,
        }
    )
