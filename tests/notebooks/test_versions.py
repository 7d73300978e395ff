"""The versions of the course that one command makes, and where its cells stand on slides."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.notebooks import __main__ as command
from tests.notebooks import versions

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.ipynb"))}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_cell_of_the_committed_notebooks_says_where_it_stands_on_slides(name):
    notebook = NOTEBOOKS[name]
    assert versions.with_slides(notebook) == notebook, "python -m tests.notebooks writes this"
    kinds = [cell["metadata"]["slideshow"]["slide_type"] for cell in notebook["cells"]]
    assert kinds[0] == "slide"
    assert kinds.count("slide") >= 5


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_version_without_outputs_has_all_cells_and_no_answer(name):
    notebook = NOTEBOOKS[name]
    blank = versions.blank(notebook)
    assert len(blank["cells"]) == len(notebook["cells"])
    folded = 0
    for cell, full in zip(blank["cells"], notebook["cells"]):
        text, whole = ("".join(x["source"]) for x in (cell, full))
        if text != whole:
            folded += 1
            hidden, rest = text.removeprefix("<details><summary>What came out</summary>\n\n").split("\n\n</details>", 1)
            assert hidden + rest == whole
            assert not {*hidden.split("\n\n")} & {*rest.split("\n\n")}
            assert hidden.count("```") % 2 == 0  # no code is cut in two
            assert versions.QUESTION not in hidden
    assert folded >= 3
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in blank["cells"])
    assert any(cell.get("outputs") for cell in notebook["cells"])  # the committed one has them still


def test_the_short_lesson_is_half_of_notebook_1_in_its_order():
    (name,) = [name for name, notebook in NOTEBOOKS.items() if versions.short(notebook)["cells"]]
    notebook = NOTEBOOKS[name]
    cells = versions.short(notebook)["cells"]
    assert name.startswith("01")
    assert len(cells) <= 0.6 * len(notebook["cells"])
    assert [cell for cell in notebook["cells"] if cell in cells] == cells
    questions = sum("Before you" in "".join(cell["source"]) for cell in cells)
    assert 3 <= questions <= 5  # of four or five minutes each


def test_one_command_writes_them_all_and_their_links_lead_somewhere(tmp_path):
    pytest.importorskip("nbformat")
    written = versions.write(FOLDER, tmp_path / "blank")
    assert [path.stem for path in written if path.stem in NOTEBOOKS] == list(NOTEBOOKS)
    assert [path.stem for path in written if path.stem not in NOTEBOOKS] == ["01_the_chain_rule_in_20_minutes"]
    assert all(path.stat().st_size < 150_000 for path in written)


def test_without_the_extra_the_command_says_in_a_sentence_which_one_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(
        SystemExit, match=r"^error: python -m tests.notebooks needs nbformat, .* the extra `notebook`: pip install"
    ):
        command.main(["blank"])


@pytest.mark.notebook
def test_the_short_lesson_runs_by_itself(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    versions.write(FOLDER, tmp_path / "blank")
    lesson = nbformat.read(tmp_path / "blank" / "01_the_chain_rule_in_20_minutes.ipynb", as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(FOLDER.parent))
        NotebookClient(lesson, timeout=300, kernel_name="python3").execute()
    outputs = [output for cell in lesson.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]
