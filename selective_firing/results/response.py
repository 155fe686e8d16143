"""What one simulation left behind: plain arrays, counts and provenance, free of Brian2."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from selective_firing._checks.arguments import check_count
from selective_firing.results import response_file
from selective_firing.results.spikes import Spikes
from selective_firing.results.trace import SpikingTrace, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo import Block
    from pandas import DataFrame
    from scipy.sparse import csr_matrix

__all__ = ["Response"]

ENOUGH = 5
"""Wins that each unit would have if all won alike, from which on it tells something that one has none."""
SPIKE_COLUMNS = ["population", "stimulus", "unit", "time_ms", "winner"]


@dataclass(frozen=True, eq=False, repr=False)
class Response:
    """How a circuit answered each of `n_samples` stimuli.

    Attributes
    ----------
    winner_units : ndarray of int, shape (n_winners,)
        The winners of all stimuli, one stimulus after the other; stimulus s has `n_active[s]` of them.
    winner_drives : ndarray of shape (n_winners,)
        Their drives, to which their rates settle; in the spiking circuit what their spikes say of them.
    n_active : ndarray of int, shape (n_samples,)
    settled : ndarray of bool, shape (n_samples,)
        Whether as many won as should, min(k, driven units): k in time, or fewer where it is certain that no more are
        driven (with spike trains as input that never is).
    tied : ndarray of bool, shape (n_samples,)
        Whether no threshold could part the k-th unit from the next.
    settling_time_ms : ndarray of shape (n_samples,)
        From onset to decision; in the spiking circuit to the arrival of inhibition.
    n_recruited, n_flips : ndarray of int, shape (n_samples,)
        Units that were active at any time, losers included; times a unit became active or silent, or, in the
        spiking circuit, spikes.
    inhibition : ndarray of shape (n_samples,)
        Level of slow inhibition at the decision, in drive units; in the spiking circuit the number of volleys, or
        cycles.
    squared_error : ndarray of shape (n_samples,)
        |x - x_hat|^2 as the error neurons held it, before learning.
    strength_Hz : ndarray of shape (n_hidden,)
        Rate per unit of code: gain x norm of the decoding weights.
    events : dict of str to ndarray of int, shape (n_samples,)
        Synaptic events per stimulus and class of synapse.
    provenance : dict
        Parameters, seed, versions, target: whatever JSON can hold.
    winner_spikes, winner_latency_ms : ndarray of shape (n_winners,)
        In the spiking circuit: spikes of each winner, and time from onset to the first. Empty in the rate circuit.
    spikes : dict of str to Spikes
        In the spiking circuit, by population: "hidden", "interneurons". Empty in the rate circuit.
    earlier : tuple of Response
        With more than one cycle per presentation: what the circuit held at the end of each cycle before this, the last;
        times and counts are since the onset.
    traces : tuple of Trace or SpikingTrace
    """

    winner_units: np.ndarray
    winner_drives: np.ndarray
    n_active: np.ndarray
    settled: np.ndarray
    tied: np.ndarray
    settling_time_ms: np.ndarray
    n_recruited: np.ndarray
    n_flips: np.ndarray
    inhibition: np.ndarray
    squared_error: np.ndarray
    strength_Hz: np.ndarray
    events: dict[str, np.ndarray]
    provenance: dict[str, Any]
    winner_spikes: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    winner_latency_ms: np.ndarray = field(default_factory=lambda: np.zeros(0))
    spikes: dict[str, Spikes] = field(default_factory=dict)
    earlier: tuple[Response, ...] = ()
    traces: tuple[Trace | SpikingTrace, ...] = ()

    @property
    def n_samples(self) -> int:
        """Number of stimuli."""
        return self.n_active.size

    @property
    def n_hidden(self) -> int:
        """Number of hidden units."""
        return self.strength_Hz.size

    @property
    def k(self) -> int:
        """Number of winners asked for."""
        return self.provenance["k"]

    @cached_property
    def code(self) -> np.ndarray:
        """Drives of the winners, 0 for all others; shape (n_samples, n_hidden)."""
        code = np.zeros((self.n_samples, self.n_hidden))
        code[np.repeat(np.arange(self.n_samples), self.n_active), self.winner_units] = self.winner_drives
        return code

    @property
    def sparse_code(self) -> csr_matrix:
        """The code as a `scipy.sparse.csr_matrix`, which takes the memory of the winners alone."""
        from scipy.sparse import csr_matrix

        starts = np.append(0, np.cumsum(self.n_active))
        code = csr_matrix((self.winner_drives, self.winner_units, starts), shape=(self.n_samples, self.n_hidden))
        return code if code.has_sorted_indices else code.sorted_indices()

    @cached_property
    def winners(self) -> np.ndarray:
        """Who won, bool of shape (n_samples, n_hidden)."""
        winners = np.zeros((self.n_samples, self.n_hidden), bool)
        winners[np.repeat(np.arange(self.n_samples), self.n_active), self.winner_units] = True
        return winners

    @property
    def rates_Hz(self) -> np.ndarray:
        """Firing rates, shape (n_samples, n_hidden): an estimate, the mean winner of the training data has 40 Hz."""
        return self.code * self.strength_Hz

    @property
    def counted(self) -> dict[str, np.ndarray]:
        """Counted spikes and events, by item of the neural ledger, of shape (n_samples,); none in the rate circuit."""
        if not self.spikes:
            return {}
        winning = np.bincount(
            np.repeat(np.arange(self.n_samples), self.n_active), self.winner_spikes, minlength=self.n_samples
        )
        items = {
            "winner spikes": winning,
            "loser transients": self.n_flips - winning,
            "interneuron spikes": self.events["inhibition to hidden"] / self.n_hidden,
            "inhibitory events": self.events["hidden to inhibition"] + self.events["inhibition to hidden"],
            "read-out events": winning * self.provenance["n_inputs"],
        }
        if self.provenance["parameters"]["input"] == "poisson":
            fed = self.events["input to hidden"]
            items |= {"input spikes": fed / self.n_hidden, "feed-forward events": fed}
        return items

    def diagnose(self) -> list[str]:
        """Return in words what is wrong with the competition, or with that of a cycle; an empty list if nothing is."""
        words = []
        for number, cycle in enumerate(self.earlier, start=1):
            words += [f"Cycle {number}: {line}" for line in cycle.diagnose() if not line.startswith("Dead units")]
        return words + self._diagnose()

    def _diagnose(self) -> list[str]:
        share, words = (lambda mask: f"{mask.mean():.1%} of {self.n_samples} stimuli"), []
        parameters, open_ = self.provenance.get("parameters", {}), ~self.settled & ~self.tied
        above, below = open_ & (self.n_active > self.k), open_ & (self.n_active < self.k)
        undriven = (self.n_active < self.k) & self.settled
        dead = self.n_hidden - np.unique(self.winner_units).size
        if above.any():
            words.append(f"Inhibition too weak or too late: more than k = {self.k} units won on {share(above)}.")
        if below.any():
            words.append(
                f"Inhibition too strong or too late: fewer than k = {self.k} units won on {share(below)}, though more "
                "may be driven."
            )
        if undriven.any():
            words.append(f"Too little drive: fewer than k = {self.k} units were driven at all on {share(undriven)}.")
        if self.tied.any():
            words.append(f"Ties: no threshold parts the k-th unit from the next on {share(self.tied)}.")
        follows = parameters.get("controller") == "proportional"
        if open_.any() and follows:
            words.append(
                f"A proportional pool does not look for k: other than k = {self.k} units won on {share(open_)}. Change "
                "pool_strength for more or fewer."
            )
        if open_.any() and not self.spikes and not follows:
            limit = f" ({parameters['max_settle']:g} ms)" if "max_settle" in parameters else ""
            proof = f" = {30 * parameters['tau_m']:g} ms" if "tau_m" in parameters else ""
            words.append(
                f"Not settled: cut off by max_settle{limit} on {share(open_)}; raise max_settle. That no further unit "
                f"is driven shows after 30 tau_m{proof} without inhibition."
            )
        if below.any() and self.spikes:
            words.append(
                f"Not settled: the presentation ended before k cells had fired on {share(below)}; lengthen it."
            )
        if dead and self.n_samples * self.k >= ENOUGH * self.n_hidden:  # else even a fair share would leave some out
            words.append(f"Dead units: {dead} of {self.n_hidden} units won on none of these stimuli.")
        return words

    def to_frame(self) -> DataFrame:
        """Return one row per stimulus: counts, settling, errors and synaptic events."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in response_file.PER_STIMULUS}
        return pd.DataFrame(columns | {f"{name} events": count for name, count in self.events.items()})

    def spikes_frame(self) -> DataFrame:
        """Return one row per spike: population, stimulus, unit, time_ms, winner."""
        import pandas as pd

        tables = [pd.DataFrame({"population": name, "stimulus": t.stimulus, "unit": t.unit, "time_ms": t.time_ms,
                                "winner": self.winners[t.stimulus, t.unit] if name == "hidden" else False})
                  for name, t in self.spikes.items()]  # fmt: skip
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=SPIKE_COLUMNS)

    def to_neo(self, stimuli: Sequence[int] | None = None, silent: bool = False) -> Block:
        """Return the spikes as a Neo block, one segment per stimulus; needs the extra ``neo``.

        Parameters
        ----------
        stimuli : sequence of int, optional
            Which stimuli; all if not given.
        silent : bool
            Whether units that did not fire have (empty) spike trains too.

        Raises
        ------
        ValueError
            If there are no spikes, as in the rate circuit, or no such stimulus.
        ImportError
            If Neo is not installed.
        """
        from selective_firing.results.neo import to_neo

        return to_neo(self, stimuli, silent)

    @property
    def cycles(self) -> tuple[Response, ...]:
        """The response at the end of each cycle, this one the last."""
        return (*self.earlier, self)

    def at_cycle(self, cycle: int) -> Response:
        """Return the response as it would be, had the presentation ended with `cycle` (the first is 1).

        Raises
        ------
        TypeError, ValueError
            If there was no such cycle.
        """
        cycle = check_count("cycle", cycle, at_most=len(self.cycles))
        return replace(self.cycles[cycle - 1], earlier=self.cycles[: cycle - 1])

    def save(self, path: str | Path) -> None:
        """Write all but the traces to an .npz file, whole or not at all.

        Parameters
        ----------
        path : path
        """
        response_file.write(path, self)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path

        Raises
        ------
        FileNotFoundError
            If there is none.
        ValueError
            If the file holds no response.
        """
        return response_file.read(path, cls)

    def __repr__(self) -> str:
        cycles = f", {len(self.cycles)} cycles" if self.earlier else ""
        circuit = self.provenance.get("circuit", "rate")
        return (
            f"Response({circuit} circuit: {self.n_samples:,} stimuli, {self.n_hidden:,} hidden units, k = {self.k}, "
            f"{self.n_active.mean():.4g} active, {self.settled.mean():.1%} settled{cycles})"
        )
