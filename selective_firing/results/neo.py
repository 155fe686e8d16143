"""What other tools take: the spikes of a response as a Neo block (Garcia et al. 2014, Front Neuroinform 8:10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from selective_firing._checks.arguments import check_count

if TYPE_CHECKING:
    from neo import Block, SpikeTrain

__all__ = ["to_neo"]


def to_neo(response: Any, stimuli: Sequence[int] | None = None, silent: bool = False) -> Block:
    """Return the spikes of `response` as a Neo block: a segment per stimulus, a group per population.

    Spike trains are annotated with population, unit, stimulus and winner (whether the cell won that stimulus), segments
    with stimulus, n_active and settled; see `Response.to_neo`.

    Parameters
    ----------
    response : Any
    stimuli : Sequence[int], optional
    silent : bool, optional
    """
    if not response.spikes:
        raise ValueError('circuit must be "spiking" for a response to have spikes, got one without.')
    rows = range(response.n_samples) if stimuli is None else stimuli
    rows = [check_count("stimuli", row, 0, response.n_samples - 1) for row in rows]
    try:
        import neo
    except ImportError as error:
        raise ImportError('to_neo needs Neo: pip install "selective-firing[neo]"') from error
    provenance = response.provenance
    block = neo.Block(name="selective_firing", k=int(response.k), dt_ms=float(provenance["parameters"]["dt"]))
    groups = {population: neo.Group(name=population) for population in response.spikes}
    block.groups.extend(groups.values())
    for row in rows:
        segment = neo.Segment(
            name=f"stimulus {row}", index=int(row), stimulus=int(row), n_active=int(response.n_active[row]),
            settled=bool(response.settled[row]),
        )  # fmt: skip
        block.segments.append(segment)
        for population in response.spikes:
            for train in _trains(response, population, row, silent):
                segment.spiketrains.append(train)
                groups[population].add(train)
    return block


def _trains(response: Any, population: str, row: int, silent: bool) -> list[SpikeTrain]:
    import neo
    import quantities as pq

    table = response.spikes[population].of(row)
    units = range(table.n_units) if silent else np.unique(table.unit)
    return [
        neo.SpikeTrain(
            table.time_ms[table.unit == unit] * pq.ms, t_stop=response.provenance["parameters"]["presentation"] * pq.ms,
            name=f"{population} {unit}", population=population, unit=int(unit), stimulus=int(row),
            winner=bool(population == "hidden" and response.winners[row, unit]),
        )
        for unit in units
    ]  # fmt: skip
