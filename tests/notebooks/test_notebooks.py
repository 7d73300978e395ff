"""The course, run anew: every notebook prints what is committed, and the hidden solutions run, too.

These tests carry the mark `notebook` and are left out unless asked for: `pytest -m notebook`. They need the extra
`notebook`, and nbclient.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.notebook

REPOSITORY = Path(__file__).parents[2]
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
SECONDS = 300  # for a cell; only one that hangs takes longer


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def committed(request):
    import nbformat

    notebook = nbformat.read(request.param, as_version=4)
    nbformat.validate(notebook)
    return notebook


@pytest.fixture(scope="module")
def executed(committed, tmp_path_factory):
    """A copy of the notebook, run in a new kernel of this Python, with the hidden solutions as cells at its end."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell

    fresh = committed.copy()
    fresh.cells = [cell.copy() for cell in committed.cells]
    for cell in code_cells(fresh):
        cell.outputs, cell.execution_count = [], None
    fresh.cells += [new_code_cell(solution) for solution in solutions(committed)]
    folder = tmp_path_factory.mktemp("notebook")  # what a cell writes lands here
    client = NotebookClient(
        fresh,
        timeout=SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPOSITORY))
        client.execute()  # raises what a cell raises
    return fresh


def test_there_are_notebooks_and_their_numbers_are_their_reading_order():
    assert [int(path.name[:2]) for path in NOTEBOOKS] == list(range(1, len(NOTEBOOKS) + 1))
    assert NOTEBOOKS


def test_the_course_is_light():
    assert sum(path.stat().st_size for path in NOTEBOOKS) <= 2.5e6


def test_every_picture_says_what_it_shows(committed):
    for cell in code_cells(committed):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}) and "text/html" not in output.data:
                assert output.metadata["image/png"]["alt"].startswith("A plot. "), cell.source
            for image in re.findall('<img (?!alt="" )[^>]*>', output.get("data", {}).get("text/html", "")):
                assert re.search('alt="(A graph|A model|The equations) ', image), cell.source


def test_the_committed_notebook_was_executed_from_top_to_bottom(committed):
    cells = code_cells(committed)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_the_committed_outputs_hold_no_errors_and_no_complaints(committed):
    for cell in code_cells(committed):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source


def test_the_cells_and_the_hidden_solutions_run_without_complaints(executed):
    for cell in code_cells(executed):
        assert cell.execution_count, cell.source
        for output in cell.outputs:
            assert output.get("name") != "stderr", f"{cell.source}\n{output.text}"


def test_the_committed_text_is_what_the_notebook_prints_today(committed, executed):
    for old, new in zip(code_cells(committed), code_cells(executed)):
        assert text(old) == text(new), old.source


def test_there_are_exercises_and_each_has_a_hidden_solution_in_code(committed):
    hidden = [cell.source for cell in committed.cells if "<details>" in cell.source]
    assert hidden
    for source in hidden:
        assert solutions_in(source), source


# ---------------------------------------------------------------------------------------------------- reading notebooks


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def solutions(notebook: Any) -> list[str]:
    return [code for cell in notebook.cells if cell.cell_type == "markdown" for code in solutions_in(cell.source)]


def solutions_in(source: str) -> list[str]:
    """The Python in the `<details>` of a cell of Markdown."""
    hidden = re.findall(r"<details>.*?</details>", source, re.DOTALL)
    return [code for part in hidden for code in re.findall(r"^```python\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)]


def text(cell: Any) -> list[str]:
    """What a reader of plain text sees beneath a cell: what was printed, in one piece, then each result's text.

    Numbers keep nine digits at most: the last ones depend on the machine's mathematical library.
    """
    printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
    shown = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return [re.sub(r"\d+\.\d{6,}", lambda match: f"{float(match[0]):.9g}", part) for part in (printed, *shown)]
