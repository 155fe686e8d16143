"""What inference costs by every table of prices."""

from __future__ import annotations

from comparisons.measuring.accounts import beyond_input
from comparisons.measuring.encoding import Encoding
from comparisons.measuring.rows import inference
from selective_firing.datasets import Dataset
from selective_firing.energy import HARDWARE, NEURAL
from selective_firing.protocol import Autoencoder

__all__ = ["costs"]


def costs(model: Autoencoder, encoding: Encoding, data: Dataset) -> dict[str, float]:
    """Return estimates of what inference costs per stimulus, by every table: ATP, and joules of a computer.

    ATP is given without the input's own spikes, too: they are the same for every code.

    Parameters
    ----------
    model : fitted autoencoder
    encoding : Encoding
        Of the test patterns.
    data : Dataset
    """
    counts = inference(model, encoding, data)
    neural = counts["neural"]
    beyond = beyond_input(neural, data)
    found = {f"ATP ({table.name})": float(table.total(neural)) for table in NEURAL}
    found |= {f"ATP beyond the input ({table.name})": float(table.total(beyond)) for table in NEURAL}
    found |= {f"neural nJ ({table.name})": 1e9 * float(table.joules(neural)) for table in NEURAL}
    return found | {f"nJ ({table.name})": 1e9 * float(table.joules(counts["operations"])) for table in HARDWARE}
