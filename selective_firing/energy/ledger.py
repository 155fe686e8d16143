"""What a code costs, in counts per stimulus and in two ledgers that are never summed.

The *neural* ledger counts what neurons would do: spikes and synaptic events. The *operations* ledger counts what a
computer does for the same code: multiply-accumulates, comparisons, words of memory. A sort has no neural counterpart:
in the neural ledger a top-K code pays nothing for its selection, and is the lower bound of what a circuit can reach.

Each function returns arrays of shape (n_samples,) by item, and serves every model alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real, shown
from selective_firing._checks.arrays import check_numbers, in_range

__all__ = ["interneurons", "learning_operations", "neural", "neural_learning", "operations"]


INPUT_RATE_HZ = 100.0


LONGEST_S = 1e10
"""More than anyone lives."""
SELECTIONS = ("circuit", "sort", "none", "pursuit")
Earlier = Sequence[tuple[np.ndarray, np.ndarray]]
"""Of each cycle before the last: rates or code, and reconstruction."""


def _checked(
    X: object, activity: object, name: str, earlier: Earlier, at_least: float = 0.0
) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return stimuli, rates or code of the last cycle, and those before it with their reconstructions; or raise."""
    if not isinstance(earlier, Sequence) or not all(
        isinstance(pair, tuple | list) and len(pair) == 2 for pair in earlier
    ):
        raise TypeError(
            f"earlier must be a sequence of pairs of arrays, one for each cycle before the last, got {shown(earlier)}."
        )
    X = check_numbers("X", X, ("n_samples", "n_inputs"))
    last = check_numbers(name, activity, (len(X), "n_hidden"), at_least)
    cycles = [
        (check_numbers("earlier", one, last.shape, at_least), check_numbers("earlier", X_hat, X.shape))
        for one, X_hat in earlier
    ]
    return X, last, cycles


def _each(name: str, values: object, n_samples: int) -> np.ndarray | None:
    """Return one count for each stimulus, None if there are none; or raise."""
    return None if values is None else check_numbers(name, values, (n_samples,), at_least=0)


def check_duration(duration_s: object) -> float:
    """Return a duration in s, from 0 to `LONGEST_S`, or raise TypeError or ValueError."""
    duration = check_real("duration_s", duration_s, at_least=0)
    if duration > LONGEST_S:
        raise ValueError(f"duration_s must be at most {LONGEST_S:g}, got {duration:g}.")
    return duration


def interneurons(n_hidden: int, share: float = 0.1) -> int:
    """Return how many interneurons pool the activity of a layer, one at least.

    Parameters
    ----------
    n_hidden : int
    share : float
        How many there are for each hidden unit, from 0 to 1; a tenth is assumed where nothing is said.

    Raises
    ------
    TypeError, ValueError
        If `n_hidden` is no count, or `share` no number from 0 to 1.
    """
    share, n_hidden = check_real("share", share, at_least=0), check_count("n_hidden", n_hidden)
    if share > 1:
        raise ValueError(f"share must be at most 1, got {share:g}.")
    return max(1, round(share * n_hidden))


def _spikes(activity: np.ndarray, peak: np.ndarray, duration_s: float | np.ndarray) -> np.ndarray:
    """Return expected spikes of units that fire in proportion to |activity|, at `INPUT_RATE_HZ` for `peak`."""
    total = np.abs(activity).sum(axis=1)
    return INPUT_RATE_HZ * duration_s * total / np.where(peak > 0, peak, 1.0)


@in_range("X", "rates_Hz", "settling_time_s", "earlier")
def neural(
    X: np.ndarray,
    rates_Hz: np.ndarray,
    *,
    duration_s: float = 0.1,
    n_recruited: np.ndarray | None = None,
    settling_time_s: np.ndarray | None = None,
    counted: Mapping[str, np.ndarray] | None = None,
    earlier: Earlier = (),
    told: np.ndarray | None = None,
    n_interneurons: int | None = None,
) -> dict[str, np.ndarray]:
    """Return the neural cost of inference.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        A silent input (x = 0) costs nothing, whatever the model.
    rates_Hz : ndarray of shape (n_samples, n_hidden)
    duration_s : float
        Length of a presentation, the same for all models, unless a competition takes longer.
    n_recruited, settling_time_s : ndarray of shape (n_samples,), optional
        Of a circuit: units active at any time, time to the decision. Without them selection is free, as it is for an
        ideal sort.
    counted : mapping of str to ndarray of shape (n_samples,), optional
        Items that a spiking circuit has counted, in place of their estimates: `Response.counted`.
    earlier : sequence of (ndarray of shape (n_samples, n_hidden), ndarray of shape (n_samples, n_inputs))
        With cycles of explaining away: rates, and reconstruction, of each cycle before the last. The cycles share the
        presentation equally. In each but the last error units fire, every spike of theirs reaches every hidden unit,
        and each winner answers with one spike more.
    told : ndarray of shape (n_samples,), optional
        Of winners that explain away by lateral synapses: changes of rates that they told all others. Each is a spike at
        least; those that a winner fires at its rate carry its messages. Hidden units hold what drove them: the inputs
        fire for `duration_s`, however long the winners take.
    n_interneurons : int, optional
        Of a circuit: each follows the activity that it pools, at the rate of the average winner, throughout the
        presentation; every spike of a hidden unit reaches it, and its spikes every hidden unit. If not given, as many
        as `interneurons` says where there is a `settling_time_s`, else none.

    Returns
    -------
    dict of str to ndarray of shape (n_samples,)
    """
    X, rates_Hz, earlier = _checked(X, rates_Hz, "rates_Hz", earlier)
    duration_s = check_duration(duration_s)
    n_recruited = _each("n_recruited", n_recruited, len(X))
    settling_time_s = _each("settling_time_s", settling_time_s, len(X))
    n_hidden, n_inputs, n_cycles = rates_Hz.shape[1], X.shape[1], 1 + len(earlier)
    peak, nothing, told = np.abs(X).max(axis=1), np.zeros(len(X)), _each("told", told, len(X))
    shown_s = duration_s
    if settling_time_s is not None and not counted:
        duration_s = np.maximum(duration_s, settling_time_s)
    inputs = _spikes(X, peak, duration_s if told is None else shown_s)
    all_rates = [rates for rates, _ in earlier] + [rates_Hz]
    answers = sum(((rates > 0).sum(axis=1) for rates, _ in earlier), start=nothing)
    winners = sum(rates.sum(axis=1) for rates in all_rates) * duration_s / n_cycles + answers
    active = sum((rates > 0).sum(axis=1) for rates in all_rates)
    if told is not None:
        winners = np.maximum(winners, told)
    errors = sum((_spikes(X - X_hat, peak, duration_s / n_cycles) for _, X_hat in earlier), start=nothing)
    transients = nothing if n_recruited is None else np.maximum(n_recruited - active, 0).astype(float)
    ledger = {
        "input spikes": inputs,
        "feed-forward events": inputs * n_hidden,
        "winner spikes": winners,
        "loser transients": transients,
        "inhibitory events": nothing,
        "read-out events": winners * n_inputs,
    }
    if told is not None:
        ledger["lateral events"] = winners * n_hidden
    if n_interneurons is not None or settling_time_s is not None:
        known = n_interneurons is not None
        number = check_count("n_interneurons", n_interneurons) if known else interneurons(n_hidden)
        fired = number * winners / np.maximum(active / n_cycles, 1)
        ledger["interneuron spikes"] = fired
        ledger["inhibitory events"] = fired * n_hidden + (winners + transients) * number
    if earlier:
        ledger |= {"error spikes": errors, "feedback events": errors * n_hidden}
    return ledger | {item: np.asarray(count, float) for item, count in (counted or {}).items()}


@in_range("X", "X_hat", "rates_Hz", "earlier")
def neural_learning(
    X: np.ndarray,
    X_hat: np.ndarray,
    rates_Hz: np.ndarray,
    *,
    duration_s: float = 0.1,
    earlier: Earlier = (),
) -> dict[str, np.ndarray]:
    """Return what learning adds to the neural cost: error units, their feedback, and synapses that change.

    With cycles of explaining away the error at the first decision, and its feedback, are part of inference; synapses
    change at the first and at the last decision, where no feedback is needed.

    Parameters
    ----------
    X, X_hat : ndarray of shape (n_samples, n_inputs)
    rates_Hz : ndarray of shape (n_samples, n_hidden)
    duration_s : float
        Length of a presentation.
    earlier : sequence
        As for `neural`.

    Returns
    -------
    dict of str to ndarray of shape (n_samples,)
    """
    X, rates_Hz, earlier = _checked(X, rates_Hz, "rates_Hz", earlier)
    X_hat, duration_s = check_numbers("X_hat", X_hat, X.shape), check_duration(duration_s)
    active = (rates_Hz > 0).sum(axis=1)
    learning = active + ((earlier[0][0] > 0).sum(axis=1) if earlier else 0)
    errors = _spikes(X - X_hat, np.abs(X).max(axis=1), duration_s / (1 + len(earlier)))
    return {
        "error spikes": errors,
        "feedback events": errors * active * (not earlier),
        "synaptic updates": 2.0 * learning * X.shape[1],
    }


def operations(
    X: np.ndarray,
    code: np.ndarray,
    *,
    selection: str,
    n_steps: np.ndarray | None = None,
    lateral: np.ndarray | None = None,
    earlier: Earlier = (),
) -> dict[str, np.ndarray]:
    """Return what a computer does to encode and decode.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        A product with a zero input is skipped, and costs nothing, for every model.
    code : ndarray of shape (n_samples, n_hidden)
    selection : {"circuit", "sort", "none", "pursuit"}
        A sort compares n log2(k) times (a heap of the k largest), a rectifier n times, the circuit n times a step, a
        pursuit n times a winner.
    n_steps : ndarray of shape (n_samples,), optional
        Steps that the circuit simulated.
    lateral : ndarray of shape (n_samples,), optional
        Products by which hidden units act on each other; of a circuit with one pool there are none.
    earlier : sequence of (ndarray of shape (n_samples, n_hidden), ndarray of shape (n_samples, n_inputs))
        With cycles of explaining away: code, and reconstruction, of each cycle before the last. After each, the error
        is encoded as the stimulus was, fed back to the winners, and their answer decoded.

    Raises
    ------
    ValueError
        If `selection` is unknown, or a circuit comes without its steps.
    """
    X, code, earlier = _checked(X, code, "code", earlier, -np.inf)
    n_steps, selection = _each("n_steps", n_steps, len(X)), check_choice("selection", selection, SELECTIONS)
    n_hidden, active = code.shape[1], (code > 0).sum(axis=1)
    if selection == "circuit":
        if n_steps is None:
            raise ValueError('n_steps must be given for selection="circuit", got None.')
        comparisons = updates = n_steps * float(n_hidden)
    else:
        depth = {"sort": np.maximum(np.log2(np.maximum(active, 1)), 1.0), "pursuit": np.maximum(active, 1.0)}.get(
            selection, 1.0
        )
        comparisons, updates = n_hidden * depth * np.ones(len(X)), np.zeros(len(X))
    products = np.count_nonzero(X, axis=1) * float(n_hidden) + active * X.shape[1]
    if lateral is not None:
        products = products + _each("lateral", lateral, len(X))
    for code_before, X_hat in earlier:
        products = products + np.count_nonzero(X - X_hat, axis=1) * float(n_hidden)
        products = products + 3.0 * (code_before > 0).sum(axis=1) * X.shape[1]
    return {
        "multiply-accumulates": products,
        "comparisons": comparisons,
        "state updates": updates,
        "memory words": products + comparisons + updates,
    }


def learning_operations(
    X: np.ndarray, code: np.ndarray, earlier: Sequence[tuple[np.ndarray, np.ndarray]] = ()
) -> dict[str, np.ndarray]:
    """Return what learning adds: feedback of the error to the active units, and the change of their weights.

    The gradient reaches active units only, in the circuit as by backpropagation, so one rule serves all. The decoder's
    change is dense in the inputs; the encoder's is too, as patterns are centred. With cycles of explaining away
    (`earlier` as for `operations`) the first lesson's feedback is part of inference, and the last is a single product.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
    code : ndarray of shape (n_samples, n_hidden)
    earlier : sequence
        As for `operations`.

    Returns
    -------
    dict of str to ndarray of shape (n_samples,)
    """
    X, code, earlier = _checked(X, code, "code", earlier, -np.inf)
    changed = (code > 0).sum(axis=1) * float(X.shape[1])
    if not earlier:
        return {"multiply-accumulates": 3 * changed, "memory words": 5 * changed}
    first = (earlier[0][0] > 0).sum(axis=1) * float(X.shape[1])
    return {"multiply-accumulates": 2 * first + changed, "memory words": 4 * first + 4 * changed}
