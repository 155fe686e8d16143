"""Notebooks: what the gallery's scripts become runs in a kernel, and figures appear below their cells, once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = [ROOT / "docs" / "examples" / f"plot_{name}.py" for name in ("02_one_presentation", "08_recorded_responses")]
"""With a figure of the package, and with one that pyplot makes."""
LONGEST_S = 600
"""A guard, no measurement."""
RESPONSE = """
import matplotlib.pyplot as plt
import numpy as np
from selective_firing import RateParameters, Weights, figures, simulate
w = np.random.default_rng(0).standard_normal((20, 9))
weights = Weights(w, w, np.zeros(20), np.zeros(9), 1.0)
response = simulate(weights, np.random.default_rng(1).random((6, 9)), 3, RateParameters(), codegen="numpy")[0]
plt.close(plt.figure())  # matplotlib notes its backend with the first figure
mine = dict(plt.rcParams)
"""
SHOWN = {
    "returned": "figures.n_active_histogram(response)",
    "shown": "figures.show(figures.n_active_histogram(response))",
    "into axes": "fig, ax = plt.subplots()\nfigures.settling_time_histogram(response, ax=ax)\nplt.show()",
    "into axes, returned": "fig, ax = plt.subplots()\nfigures.settling_time_histogram(response, ax=ax);",
    "into a part": "fig = plt.figure()\nfigures.receptive_fields(w, (3, 3), into=fig.subfigures(1, 2)[1])\nplt.show()",
}
"""How a figure comes below a cell."""


@pytest.fixture
def execute(tmp_path):
    """Return a function that executes a notebook, and returns what each of its cells has put out."""
    nbclient = pytest.importorskip("nbclient", reason="the extra 'docs' is not installed")
    nbformat = pytest.importorskip("nbformat")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])

    def executed(notebook: dict) -> list[list[dict]]:
        cells = nbformat.reads(json.dumps(notebook), as_version=4)
        client = nbclient.NotebookClient(cells, timeout=LONGEST_S, resources={"metadata": {"path": str(tmp_path)}})
        client.execute(env=os.environ | {"PYTHONPATH": path})
        return [cell.outputs for cell in cells.cells if cell.cell_type == "code"]

    return executed


def pictures(outputs: list[dict]) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.examples
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_of_the_gallery_runs_as_a_notebook(script, execute, tmp_path):
    parser = pytest.importorskip("sphinx_gallery.py_source_parser", reason="the extra 'docs' is not installed")
    from sphinx_gallery.gen_gallery import DEFAULT_GALLERY_CONF
    from sphinx_gallery.notebook import jupyter_notebook, save_notebook

    blocks = parser.split_code_and_text_blocks(str(script))[1]
    save_notebook(jupyter_notebook(blocks, dict(DEFAULT_GALLERY_CONF), str(script.parent)), tmp_path / "it.ipynb")
    outputs = execute(json.loads((tmp_path / "it.ipynb").read_text()))
    assert sum(map(pictures, outputs)) == 1
    said = "".join(output["text"] for cell in outputs for output in cell if output["output_type"] == "stream")
    assert said.rstrip().endswith("."), "the measured answer"


@pytest.mark.examples
def test_figures_appear_below_their_cells_once_and_leave_the_users_settings(execute):
    ends = "assert dict(plt.rcParams) == mine\nplt.get_fignums()"
    code = [RESPONSE, *SHOWN.values(), ends]
    cells = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": one} for one in code
    ]
    first, *shown, last = execute({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    assert pictures(first) == 0
    assert dict(zip(SHOWN, map(pictures, shown), strict=True)) == dict.fromkeys(SHOWN, 1)
    assert last[0]["data"]["text/plain"] == "[]"
