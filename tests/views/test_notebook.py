"""The notebook of the documents runs from its first cell to its last, and holds no earlier output."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from higlass_views.frontend.bundle import page_is_built

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"

# In a process of its own, because Jupyter's packages warn of each other.
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=sys.argv[2])
nbformat.write(notebook, sys.argv[3])
"""


def cells(path: Path) -> list[Any]:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_no_output_is_kept_with_the_notebook() -> None:
    assert [(cell.outputs, cell.execution_count) for cell in cells(NOTEBOOK)] == [([], None)] * 4


@pytest.mark.slow
def test_the_notebook_runs_shows_the_widget_and_counts(tmp_path: Path) -> None:
    if not page_is_built():
        message = "needs the bundle of the page: run `python -m higlass_views.frontend`"
        if os.environ.get("SEQ2EXP_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    done = tmp_path / "done.ipynb"
    command = [sys.executable, "-c", EXECUTE, NOTEBOOK, tmp_path, done]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=300)
    _, shown, counted, listed = cells(done)
    assert "application/vnd.jupyter.widget-view+json" in shown.outputs[0].data
    assert "100% of 20,000 bases scored, mean 0." in counted.outputs[0].text
    rows = [line.split("\t") for line in listed.outputs[0].text.splitlines()]
    assert {len(row) for row in rows} == {6}
    assert "promoter" in {row[-1] for row in rows}
