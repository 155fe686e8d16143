"""Closed forms of the race to the first spike between leaky integrate-and-fire cells at constant drive.

A cell at rest at onset, with the drive u in units in which `threshold` just reaches its firing threshold, has the
membrane u (1 - exp(-t / tau_m)), and first fires when that is the threshold (Lapicque 1907).
"""

from __future__ import annotations

import numpy as np

__all__ = ["drive_of_latency", "firing_rate_Hz", "inhibition_gap", "interneuron_epsp", "latency", "waiting_time_bound"]


def latency(drive: np.ndarray, threshold: float, tau_m: float) -> np.ndarray:
    """Return when a cell first fires, in the unit of `tau_m`; inf where the drive does not reach the threshold."""
    drive = np.asarray(drive, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(drive > threshold, -tau_m * np.log1p(-threshold / drive), np.inf)


def drive_of_latency(time: np.ndarray, threshold: float, tau_m: float) -> np.ndarray:
    """Return the drive with which a cell first fires at `time`: the inverse of `latency`."""
    return threshold / -np.expm1(-np.asarray(time, float) / tau_m)


def firing_rate_Hz(drive: np.ndarray, threshold: float, tau_m_ms: float, refractory_ms: float = 0.0) -> np.ndarray:
    """Return the rate at which a cell fires at constant drive without inhibition: the f-I curve."""
    return 1000.0 / (latency(drive, threshold, tau_m_ms) + refractory_ms)


def inhibition_gap(kth_drive: np.ndarray, threshold: float, delay: float, tau_m: float) -> np.ndarray:
    """Return how far below the k-th drive a cell may be, as a share of it, and still fire before inhibition arrives.

    The k-th cell fires at t_k, inhibition arrives at t_k + delay, and so every cell with a latency below that fires:
    those with a drive above u_k (1 - E),
    E = a (1 - q) / (1 - a q) with a = 1 - threshold / u_k and q = exp(-delay / tau_m).
    The E%-max rule of de Almeida, Idiart & Lisman (2009, J Neurosci 29:7497) refers to the maximum; this, to the k-th.
    """
    a, q = 1 - threshold / np.asarray(kth_drive, float), np.exp(-delay / tau_m)
    return a * (1 - q) / (1 - a * q)


def interneuron_epsp(k: int, threshold: float) -> float:
    """Return the potential by which one spike must raise an interneuron that is to fire at the k-th spike.

    An interneuron that forgets little adds up spikes, and fires as its potential exceeds `threshold`: k spikes must
    suffice and k - 1 must not, with equal room on both sides for what it forgets.
    """
    return threshold / (k - 0.5)


def waiting_time_bound(n: int, k: int, high_Hz: float, low_Hz: float, failure: float) -> float:
    """Return the time, in ms, before which no circuit can tell k faster trains from the other n - k.

    ((1 - failure) ln(k (n - k) + 1) - 1) T (Su, Chang & Lynch 2019, Neural Comput 31:2523), for trains of independent
    trials of 1 ms. T, their difficulty of the set of rates, is here 1 / (KL(p, q) + KL(q, p)) of the two chances of a
    spike; the bound is 0 where it says nothing.
    """
    p, q = high_Hz * 1e-3, low_Hz * 1e-3
    apart = (p - q) * (np.log(p / q) + np.log((1 - q) / (1 - p)))  # the sum of both divergences
    return max(0.0, float(((1 - failure) * np.log(k * (n - k) + 1) - 1) / apart))
