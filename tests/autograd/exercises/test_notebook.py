"""Notebooks of exercises: nbgrader's metadata, cells that run, and cells that check."""

from __future__ import annotations

import json
import re

import pytest

from autograd.exercises.sheet import sheets
from autograd.show import WrongAnswer

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def sheet():
    return sheets("x*y + sin(θ) * pi", 2, seed=7, students=["Ann"], language="de", tolerance=0.01)[0]


@pytest.fixture(scope="module")
def cells(sheet):
    nbformat = pytest.importorskip("nbformat")  # here, not above: to import it takes seconds
    from autograd.exercises.notebook import notebook

    found = {}
    for solved in (False, True):
        made = json.loads(notebook(sheet, solved))
        nbformat.validate(made)
        found[solved] = made["cells"]
    return found


def test_the_metadata_is_what_nbgrader_s_schema_asks_for(cells):
    for of in cells.values():
        marked = [cell["metadata"]["nbgrader"] for cell in of if "nbgrader" in cell["metadata"]]
        ids = [one["grade_id"] for one in marked]
        assert len(set(ids)) == len(ids) > 6
        for one in marked:
            assert one["schema_version"] == 3
            assert re.fullmatch(r"[A-Za-z0-9_-]+", one["grade_id"])
            assert {type(one[key]) for key in ("grade", "locked", "solution", "task")} == {bool}
            assert ("points" in one) == one["grade"]  # only what is graded has points
            assert not (one["grade"] and one["solution"])  # that would be graded by hand
        assert sum(one.get("points", 0) for one in marked) == 6
        assert [one["grade_id"] for one in marked if one["solution"]] == ["answers-1", "answers-2"]


def test_both_notebooks_are_the_same_but_for_the_answers(cells):
    for open_, solved in zip(cells[False], cells[True]):
        if open_["id"].startswith("answers"):
            source = "".join(solved["source"])
            assert source.startswith("### BEGIN SOLUTION\n")
            assert source.endswith("\n### END SOLUTION")
        else:
            assert open_ == solved


def test_the_solutions_run_and_pass_the_checks_and_an_open_notebook_fails_them(cells, capsys):
    for solved, of in cells.items():
        names: dict[str, object] = {}
        for cell in of:
            source = "".join(cell["source"])
            if cell["id"].startswith("check") and not solved:
                with pytest.raises(WrongAnswer, match="Da steht noch keine Antwort"):
                    exec(source, names)
            elif cell["cell_type"] == "code":
                exec(source, names)
    printed = capsys.readouterr().out
    assert "∂f/∂θ = " in printed
    assert "local · gradient = product" in printed


def test_the_checks_have_the_options_of_the_sheet(cells):
    checks = ["".join(cell["source"]) for cell in cells[False] if cell["id"].startswith("check-1")]
    assert checks[0] == 'check_answer(df_dx, f, x, tolerance=0.01, language="de")'
    assert len(checks) == 3
