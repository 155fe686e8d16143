"""What inference costs by every table of prices, and what it costs at the error of another model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from comparisons.measuring.encoding import Encoding
from comparisons.measuring.rows import inference
from selective_firing.datasets import Dataset
from selective_firing.energy import HARDWARE, NEURAL, resting_ATP
from selective_firing.protocol import Autoencoder

__all__ = ["at_error", "costs"]


def costs(model: Autoencoder, encoding: Encoding, data: Dataset, rest_s: float | None = None) -> dict[str, float]:
    """Return estimates of what inference costs per stimulus, by every table: ATP, and joules of a computer.

    The input's spikes, and, where widths are equal, their events at the hidden units, are the same for every code: ATP
    is given without, too.

    Parameters
    ----------
    model : fitted autoencoder
    encoding : Encoding
        Of the test patterns.
    data : Dataset
    rest_s : float, optional
        Seconds for which the hidden units are kept alive; then ATP is also given with that, and without the input's
        spikes alone.
    """
    counts = inference(model, encoding, data)
    neural = counts["neural"]
    whole = {table.name: float(table.total(neural)) for table in NEURAL}
    beyond = neural.drop(["input spikes", "feed-forward events"])
    found = {f"ATP ({name})": value for name, value in whole.items()}
    found |= {f"ATP beyond the input ({table.name})": float(table.total(beyond)) for table in NEURAL}
    if rest_s is not None:
        rest = resting_ATP(len(model.components_), rest_s)
        for table in NEURAL:
            own = float(table.total(neural.drop("input spikes")))
            found[f"ATP with rest ({table.name})"] = whole[table.name] + rest
            found[f"ATP beyond input spikes ({table.name})"] = own
            found[f"ATP beyond input spikes, with rest ({table.name})"] = own + rest
    found |= {f"neural nJ ({table.name})": 1e9 * float(table.joules(neural)) for table in NEURAL}
    return found | {f"nJ ({table.name})": 1e9 * float(table.joules(counts["operations"])) for table in HARDWARE}


def at_error(
    models: pd.DataFrame, nmse: float, columns: Sequence[str], *, logarithmic: bool = False
) -> dict[str, float]:
    """Return what models would have in `columns` at the error `nmse`, read off straight lines between them.

    Parameters
    ----------
    models : DataFrame
        One row per model of a family, of different k or width; with the column nmse.
    nmse : float
    columns : sequence of str
    logarithmic : bool
        Whether the lines are straight against the logarithm of the error in logarithms of the values, or in the values.

    Returns
    -------
    dict of str to float
        NaN where no two models bracket the error.
    """
    known = models.sort_values("nmse")
    if not known["nmse"].min() <= nmse <= known["nmse"].max():
        return dict.fromkeys(columns, float("nan"))
    there, back = (np.log, np.exp) if logarithmic else (np.asarray, np.asarray)
    return {name: float(back(np.interp(np.log(nmse), np.log(known["nmse"]), there(known[name])))) for name in columns}
