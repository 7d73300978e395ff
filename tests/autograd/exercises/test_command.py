"""The command: its files, what it refuses, and the pages of solutions against the engine."""

from __future__ import annotations

import html
import json
import re
from xml.etree import ElementTree

import pytest

import autograd
from autograd.__main__ import main
from autograd.exercises.page import practising, printed, solved
from autograd.exercises.sheet import sheets
from autograd.exercises.texts import TEXTS

pytest.importorskip("pygraphviz")


@pytest.fixture
def class_(tmp_path):
    file = tmp_path / "class.csv"
    file.write_text("name\nAnn\nBen\n", encoding="utf-8")
    return str(file)


def _made(tmp_path, *argv: str) -> dict[str, bytes]:
    assert (
        main(["exercises", "x*y + sin(x)", "--count", "2", "--seed", "7", "--out", str(tmp_path / "out"), *argv]) == 0
    )
    return {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*.*")}


def test_each_student_has_a_sheet_and_its_solutions(class_, tmp_path, capsys):
    made = _made(tmp_path, "--students", class_)
    assert sorted(made) == [f"{folder}/{name}.html" for folder in ("exercises", "solutions") for name in ("ann", "ben")]
    assert made["exercises/ann.html"] != made["exercises/ben.html"]
    assert capsys.readouterr().out.startswith("4 exercises: ")
    assert _made(tmp_path, "--students", class_) == made  # the same seed, the same files


@pytest.mark.notebook
def test_notebooks_are_made_as_well(class_, tmp_path):
    made = _made(tmp_path, "--students", class_, "--to", "notebook")
    assert sorted(made) == [
        f"{folder}/{name}.ipynb" for folder in ("exercises", "solutions") for name in ("ann", "ben")
    ]
    assert all(json.loads(content)["nbformat"] == 4 for content in made.values())


def test_a_quiz_is_made_as_well(class_, tmp_path):
    made = _made(tmp_path, "--students", class_, "--to", "moodle", "--vary", "shapes", "--language", "de")
    assert sorted(made) == ["quiz.xml", "solutions.html"]
    assert len(ElementTree.fromstring(made["quiz.xml"])) == 12


def test_the_solutions_are_those_of_steps_and_explain():
    made = sheets("x*y + sin(x)", 2, seed=7, students=["Ann", "Ben"])
    for page, wanted in ((solved(made), made), (solved(made[:1]), made[:1])):
        text = html.unescape(re.sub(r"<[^>]+>", " ", page))
        for sheet in wanted:
            for x in sheet.exercises:
                for leaf in x.leaves.values():
                    assert str(autograd.explain(x.output, leaf)) in text
                for line in str(autograd.steps(x.output)).splitlines()[1:]:
                    assert " ".join(line.split()[-3:]) in " ".join(text.split())
        assert "Ann" in page


@pytest.mark.parametrize("language", TEXTS)
def test_pages_hold_no_markup_of_names(language):
    sheet = sheets("x*y", 1, students=["<b>Ann</b>"], language=language)[0]
    for page in (practising(sheet), printed(sheet), solved([sheet])):
        assert "<b>Ann" not in page
        assert "&lt;b&gt;Ann" in page
        assert f'lang="{language}"' in page


def test_what_makes_no_sense_is_refused_in_a_line(tmp_path, capsys):
    for argv, said in [
        (["3"], "has no names"),
        (["x^2"], "powers are written with **"),
        (["x*y", "--students", str(tmp_path / "none.csv")], "cannot read"),
        (["x*y", "--tolerance", "2"], "tolerance must be a share"),
    ]:
        assert main(["exercises", *argv]) == 2
        assert said in capsys.readouterr().err
    class_ = tmp_path / "class.csv"
    class_.write_text("\n".join(f"student {i}" for i in range(11)), encoding="utf-8")
    for argv, said in [
        (["x*y", "--count", "0"], "--count must be from 1 to 1,000, got 0"),
        (["x*y", "--count", "100000"], "--count must be from 1 to 1,000, got 100,000"),
        (["x*y", "--count", "1000", "--students", str(class_)], "1,000 exercises for 11 students are more than 10,000"),
        (["x*y", "--to", "word"], "invalid choice: 'word'"),
        (["--count", "3"], "required: EXPRESSION"),
    ]:
        with pytest.raises(SystemExit):
            main(["exercises", *argv])
        assert said in capsys.readouterr().err
    assert main(["-3*exercises", "exercises=2"]) == 0


def test_a_name_may_be_called_exercises_all_the_same(capsys):
    assert main(["exercises", "exercises=3"]) == 0
    assert capsys.readouterr().out.startswith("exercises = 3.0")


def test_the_languages_have_the_same_sentences():
    assert TEXTS["en"].keys() == TEXTS["de"].keys()


@pytest.mark.browser
def test_sheets_are_printed_as_pdf(class_, tmp_path):
    made = _made(tmp_path, "--students", class_, "--to", "pdf")
    assert len(made) == 4
    assert all(content.startswith(b"%PDF-") and len(content) > 10_000 for content in made.values())


@pytest.mark.browser
def test_a_sheet_is_practised_on_without_python(opened):
    sheet = sheets("x*y + sin(x)", 2, seed=7)[0]
    page = opened(practising(sheet), viewport={"width": 390, "height": 800})
    assert page.locator("h2").all_inner_texts() == ["Exercise 1", "Exercise 2"]
    box = page.locator("input.answer").nth(1)
    box.fill("1")
    box.press("Enter")
    assert page.locator(".count").all_inner_texts()[1].startswith("1 of ")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_sheets_and_solutions(opened, axe, scheme):
    made = sheets("x*y/2 + sin(x)", 1, seed=7, students=["Ann", "Ben"])
    for content in (practising(made[0]), printed(made[0]), solved(made)):
        assert axe(opened(content, color_scheme=scheme)) == []
