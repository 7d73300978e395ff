"""What the page's practice is answered: forms, a code, and the answers judged again by the engine for a teacher."""

from __future__ import annotations

import csv
import io
import json

import pytest

from autograd.classroom.codes import Wanted
from autograd.classroom.sheets import answer
from autograd.show import practice

SHEET = {"e": "x*y", "count": 2, "seed": 7, "each": True}
WANTED = Wanted("x*y", 2, 7, each=True)


def asked(do, language="en", **more):
    return json.loads(answer(json.dumps({"do": do, "language": language, **more})))


@pytest.mark.parametrize(("language", "check"), [("en", '"check"'), ("de", "prüfen")])
def test_the_expression_of_the_moment_is_practised_in_both_languages(language, check):
    found = asked("one", language, e="x**2", numbers={"x": "3"})
    assert "x ** 2" in found["said"] or "x**2" in found["said"]
    assert check in found["form"]


def test_a_sheet_has_its_exercises_and_each_has_its_form():
    found = asked("sheet", sheet=SHEET, student="Ann")
    forms = [practice(x.output) for x in WANTED.sheet("Ann", "en").exercises]
    assert found["blanks"] == [len(form) for form in forms]
    assert "for Ann" in found["title"]
    assert forms[1].title in asked("exercise", sheet=SHEET, student="Ann", at=1)["form"]


def test_products_and_sums_alone_are_fewer_blanks():
    whole = asked("sheet", sheet=SHEET, student="Ann")["blanks"]
    fewer = {**SHEET, "products": True}
    assert asked("sheet", sheet=fewer, student="Ann")["blanks"] == [n - 2 for n in whole]  # x*y has two local ones
    for form in (
        asked("exercise", sheet=fewer, student="Ann", at=0)["form"],
        asked("one", e="x*y", numbers={"x": "3", "y": "2"}, products=True)["form"],
    ):
        assert "hands on" in form
        assert "the local derivative of" not in form.replace("times the local derivative of", "")
    code = asked("code", sheet=fewer, student="Ann", tried=[])["code"]
    assert asked("check", code=code, sheet=fewer)["all"] == sum(whole) - 4
    assert asked("check", code=code, sheet=SHEET)["another"].endswith("for each name, products and sums only")


def handed_in(student="Ann", language="en"):
    """What a student hands in who does the first exercise: one right, one wrong and then right, a hint, one shown."""
    right = [str(blank.key.right) for blank in practice(WANTED.sheet(student, "en").exercises[0].output)]
    tried = [{"answers": [x], "hints": 0, "result": "right"} for x in right]
    tried[1] = {"answers": ["99", right[1]], "hints": 0, "result": "right"}
    tried[2] = {"answers": [right[2]], "hints": 1, "result": "right"}
    tried[3] = {"answers": ["=1+1"], "hints": 3, "result": "shown"}
    tried[4] = {"answers": ["-99"], "hints": 0, "result": "right"}  # so says the page; the number says otherwise
    return asked("code", language, sheet=SHEET, student=student, tried=[tried, None]), len(right)


def test_what_is_handed_in_is_judged_again_from_the_numbers_of_its_sheet():
    (made, n) = handed_in()
    assert made["said"] == f"{n - 2} of {2 * n} right, {n - 4} at once; 4 hints, 1 shown."
    (code,) = asked("codes", pasted=f"Ann\n{made['code']}\n")["codes"]
    found = asked("check", code=code, sheet=SHEET)
    assert (found["student"], found["right"], found["all"], found["first"]) == ("Ann", n - 2, 2 * n, n - 4)
    assert (found["hints"], found["shown"], found["another"]) == (4, 1, "")
    rows = found["rows"]
    assert [row[4] for row in rows[:5]] == ["right", "right", "right", "shown", "wrong"]
    assert {row[4] for row in rows[n:]} == {"open"}
    assert rows[1][0] == 1
    assert rows[1][3].startswith("99; ")
    assert asked("check", "de", code=code)["rows"][3][4] == "gezeigt"


def test_lines_without_a_code_are_told_and_one_exercise_is_one():
    (made, _) = handed_in()
    found = asked("codes", pasted=f"hello\nfrom Ann: {made['code']}\n\n> chainrule1.broken\n> line. Regards\n=1+1")
    assert (len(found["codes"]), found["others"]) == (2, "Lines without a code: 'hello', '=1+1'")
    assert asked("codes", "de", pasted=made["code"])["others"] == ""
    assert Wanted("x*y", 1).said("en") == "x*y, 1 exercise, seed 0"
    assert Wanted("x*y", 1).said("de") == "x*y, 1 Aufgabe, Startzahl 0"


def test_a_code_of_another_sheet_is_told():
    made, _ = handed_in()
    found = asked("check", code=made["code"], sheet={**SHEET, "seed": 8})
    assert found["another"] == "another sheet: x*y, 2 exercises, seed 7, other numbers for each name"


def test_the_table_has_no_cell_that_a_spreadsheet_would_compute():
    found = asked("table", rows=[["name", "=cmd()"], ["Ann", "-1.5"], ['"', "@x"]])["csv"]
    assert list(csv.reader(io.StringIO(found.lstrip("\ufeff")))) == [["name", "'=cmd()"], ["Ann", "-1.5"], ['"', "'@x"]]


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"do": "one", "e": "x +", "numbers": {}}, "is not understood"),
        ({"do": "sheet", "sheet": {"e": "__import__('os')"}, "student": "A"}, "is not understood"),
        ({"do": "sheet", "sheet": {"e": "1 + 1"}, "student": "A"}, "has no names"),
        ({"do": "exercise", "sheet": SHEET, "student": "A", "at": 5}, "There is no exercise 6 on this sheet."),
        ({"do": "codes", "pasted": "nothing"}, "There is no code here"),
        ({"do": "check", "code": "chainrule1.x."}, "not whole, or was altered"),
        ({"do": "eval"}, "'eval'"),
    ],
)
def test_what_can_not_be_practised_is_refused_in_a_sentence(request_, sentence):
    assert sentence in json.loads(answer(json.dumps(request_)))["error"]
