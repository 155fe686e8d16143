"""Closed forms of the race to the first spike between leaky integrate-and-fire cells at constant drive.

A cell at rest at onset, with the drive u in units in which `threshold` just reaches its firing threshold, has the
membrane u (1 - exp(-t / tau_m)), and first fires when that is the threshold (Lapicque 1907).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from selective_firing._checks.arguments import check_count, check_real
from selective_firing._checks.arrays import check_values

__all__ = [
    "drive_of_latency", "firing_rate_Hz", "inhibition_gap", "interneuron_epsp", "latency", "threshold_share_at",
    "waiting_time_bound",
]  # fmt: skip

USUAL_K, USUAL_SHARE, LOWEST = 10, 0.04, 0.05
"""Up to so many winners, the threshold's share of the stimulus norm, and what is left of it at least for more."""


def _threshold(threshold: object, name: str, values: Any) -> np.ndarray:
    """Return thresholds above 0 that go with some values, the argument of this name; or raise."""
    found, shape = check_values("threshold", threshold, above=0), np.shape(values)
    try:
        np.broadcast_shapes(np.shape(found), shape)
    except ValueError as error:
        rule = f"a number or of the shape of {name}, {shape}"
        raise ValueError(f"threshold must be {rule}, got {np.shape(found)}.") from error
    return found


def latency(drive: np.ndarray, threshold: float | np.ndarray, tau_m: float) -> np.ndarray:
    """Return when a cell first fires, in the unit of `tau_m`.

    Parameters
    ----------
    drive : array-like
        Of any shape.
    threshold : float
        In the unit of `drive`, above 0.
    tau_m : float
        Membrane time constant, above 0.

    Returns
    -------
    ndarray of the shape of `drive`
        -tau_m ln(1 - threshold / drive); inf where the drive does not exceed the threshold.

    Examples
    --------
    >>> latency([1.0, 2.0], 1.0, 20.0).round(3)  # 20 ln 2
    array([   inf, 13.863])
    """
    drive, threshold = check_values("drive", drive), _threshold(threshold, "drive", drive)
    tau_m = check_real("tau_m", tau_m, above=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        return np.where(drive > threshold, -tau_m * np.log1p(-threshold / drive), np.inf)


def drive_of_latency(time: np.ndarray, threshold: float | np.ndarray, tau_m: float) -> np.ndarray:
    """Return the drive with which a cell first fires at `time`: the inverse of `latency`.

    Parameters
    ----------
    time : array-like
        In the unit of `tau_m`, above 0; inf for a cell that never fires, whose drive is `threshold` at most.
    threshold : float
        In the unit of the drive, above 0.
    tau_m : float
        Membrane time constant, above 0.

    Returns
    -------
    ndarray of the shape of `time`

    Examples
    --------
    >>> float(drive_of_latency(latency(2.0, 1.0, 20.0), 1.0, 20.0))
    2.0
    """
    time = check_values("time", time, above=0)
    threshold, tau_m = _threshold(threshold, "time", time), check_real("tau_m", tau_m, above=0)
    with np.errstate(over="ignore", divide="ignore"):  # a drive beyond all numbers is inf
        return threshold / -np.expm1(-time / tau_m)


def firing_rate_Hz(drive: np.ndarray, threshold: float, tau_m_ms: float, refractory_ms: float = 0.0) -> np.ndarray:
    """Return the rate at which a cell fires at constant drive without inhibition: the f-I curve.

    Parameters
    ----------
    drive : array-like
        Of any shape.
    threshold : float
        In the unit of `drive`, above 0.
    tau_m_ms : float
        Membrane time constant, above 0.
    refractory_ms : float
        For which a cell rests after a spike, at least 0.

    Returns
    -------
    ndarray of the shape of `drive`
        1000 / (latency + refractory), in Hz; 0 where the drive does not exceed the threshold.

    Examples
    --------
    >>> firing_rate_Hz([1.0, 2.0], 1.0, 20.0).round(1)
    array([ 0. , 72.1])
    """
    rest = check_real("refractory_ms", refractory_ms, at_least=0)
    with np.errstate(divide="ignore", over="ignore"):  # of a drive beyond all measure
        return 1000.0 / (latency(drive, threshold, check_real("tau_m_ms", tau_m_ms, above=0)) + rest)


def inhibition_gap(kth_drive: np.ndarray, threshold: float | np.ndarray, delay: float, tau_m: float) -> np.ndarray:
    """Return how far below the k-th drive a cell may be, as a share of it, and still fire before inhibition arrives.

    The k-th cell fires at t_k, inhibition arrives at t_k + delay, and so every cell with a latency below that fires:
    those with a drive above u_k (1 - E),
    E = a (1 - q) / (1 - a q) with a = 1 - threshold / u_k and q = exp(-delay / tau_m).
    The E%-max rule of de Almeida, Idiart & Lisman (2009, J Neurosci 29:7497) refers to the maximum; this, to the k-th.

    Parameters
    ----------
    kth_drive : array-like
        Of any shape, above `threshold`: else the k-th cell never fires.
    threshold : float or array-like of the shape of `kth_drive`
        In the unit of the drive, above 0.
    delay : float
        From the k-th spike to the arrival of inhibition, in the unit of `tau_m`, at least 0.
    tau_m : float
        Membrane time constant, above 0.

    Returns
    -------
    ndarray of the shape of `kth_drive`
        From 0 for no delay, to 1 - threshold / kth_drive for inhibition that never comes.

    Examples
    --------
    >>> inhibition_gap([2.0, 4.0], 1.0, delay=20.0, tau_m=20.0).round(3)
    array([0.387, 0.655])
    """
    kth_drive = check_values("kth_drive", kth_drive, above=0)
    threshold = _threshold(threshold, "kth_drive", kth_drive)
    low = np.broadcast_arrays(kth_drive, threshold)[0][kth_drive <= threshold]
    if low.size:
        raise ValueError(f"kth_drive must be above threshold, got {low.min():g}.")
    share = threshold / kth_drive
    fallen = -np.expm1(-check_real("delay", delay, at_least=0) / check_real("tau_m", tau_m, above=0))  # 1 - q
    if fallen == 0:
        return 0 * share
    return (1 - share) * fallen / (fallen + (1 - fallen) * share)


def interneuron_epsp(k: int, threshold: float) -> float:
    """Return the potential by which one spike must raise an interneuron that is to fire at the k-th spike.

    An interneuron that forgets little adds up spikes, and fires as its potential exceeds `threshold`: k spikes must
    suffice and k - 1 must not, with equal room on both sides for what it forgets.

    Parameters
    ----------
    k : int
        At least 1.
    threshold : float
        Above rest, above 0.

    Returns
    -------
    float
        threshold / (k - 1/2), in the unit of `threshold`.

    Examples
    --------
    >>> interneuron_epsp(3, 15.0)  # 12 mV after two spikes, 18 mV after three
    6.0
    """
    return check_real("threshold", threshold, above=0) / (check_count("k", k) - 0.5)


def threshold_share_at(k: int, n_hidden: int) -> float:
    """Return the drive that is to reach the threshold, as a share of the stimulus norm, when k of n_hidden are to fire.

    0.04 for up to ten winners. For more it falls as the k-th largest of n_hidden normal drives does beside the tenth,
    to a twentieth: with the same share for all k, the k-th drive would no longer reach the threshold.

    Parameters
    ----------
    k, n_hidden : int

    Examples
    --------
    >>> threshold_share_at(10, 256), round(threshold_share_at(20, 256), 4)
    (0.04, 0.0322)
    """
    n = check_count("n_hidden", n_hidden)
    if check_count("k", k, at_most=n) <= USUAL_K:
        return USUAL_SHARE
    kth, usual = special.ndtri(1 - k / n), special.ndtri(1 - USUAL_K / n)
    return USUAL_SHARE * float(np.clip(kth / usual if usual > 0 else 0.0, LOWEST, 1.0))


def waiting_time_bound(n: int, k: int, high_Hz: float, low_Hz: float, failure: float) -> float:
    """Return the time, in ms, before which no circuit can tell k faster trains from the other n - k.

    ((1 - failure) ln(k (n - k) + 1) - 1) T (Su, Chang & Lynch 2019, Neural Comput 31:2523), for trains of independent
    trials of 1 ms. T, their difficulty of the set of rates, is here 1 / (KL(p, q) + KL(q, p)) of the two chances of a
    spike; the bound is 0 where it says nothing.

    Parameters
    ----------
    n : int
        Number of trains.
    k : int
        Number of faster ones, from 1 to n.
    high_Hz, low_Hz : float
        Rates of the faster and of the other trains: 0 <= low_Hz <= high_Hz <= 1000.
    failure : float
        Accepted chance of a wrong answer, from 0 to 1.

    Returns
    -------
    float
        0 where one rate is 0 or 1000 Hz, and a single spike or gap may tell; inf for equal rates, where nothing does.

    Examples
    --------
    >>> round(waiting_time_bound(64, 4, 200.0, 100.0, 0.1), 1)
    48.5
    >>> waiting_time_bound(64, 4, 200.0, 0.0, 0.1)
    0.0
    """
    n = check_count("n", n)
    k = check_count("k", k, at_most=n)
    p, q = (check_real(name, rate, at_least=0) * 1e-3 for name, rate in (("high_Hz", high_Hz), ("low_Hz", low_Hz)))
    if not q <= p <= 1:
        raise ValueError(f"high_Hz must be between low_Hz and 1000, got {high_Hz:g} (low_Hz is {low_Hz:g}).")
    failure = check_real("failure", failure, at_least=0)
    if failure > 1:
        raise ValueError(f"failure must be at most 1, got {failure:g}.")
    bits = (1 - failure) * np.log(k * (n - k) + 1) - 1
    if bits <= 0 or (p > q and (q == 0 or p == 1)):  # then the divergence is infinite, and the bound 0
        return 0.0
    if p == q:
        return float("inf")
    apart = (p - q) * (np.log(p / q) + np.log((1 - q) / (1 - p)))  # the sum of both divergences
    return float(bits / apart)
