"""What the page is answered: the engine's numbers, or a sentence; and that nothing in an expression is run."""

from __future__ import annotations

import json
import math
import re
from xml.etree import ElementTree

import pytest

from autograd import grad
from autograd.classroom.explore import MOST_NAMES, answer
from autograd.expression import parse

VIEWS = ("graph", "steps", "rule", "modes")


def asked(e, view="rule", **numbers):
    return json.loads(answer(json.dumps({"e": e, "numbers": numbers, "view": view})))


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_comes_with_the_value_and_the_gradients(view):
    found = asked("x**2 * sin(y)", view, x="3", y="0.5")
    f = parse("x**2 * sin(y)")
    slopes = grad(f, argnums=(0, 1))(3.0, 0.5)
    assert (found["value"], found["short_value"]) == (repr(f(3.0, 0.5)), "4.315")
    assert found["table"] == [["x", "3.0", repr(slopes[0])], ["y", "0.5", repr(slopes[1])]]
    assert found["view"].startswith("<")


def test_forward_and_reverse_mode_meet_in_the_gradient():
    rows = [
        row.split("<td>")[1:] for row in asked("(a + b) * (b + 1)", "modes", a="2", b="1")["view"].split("<tr>")[3:]
    ]
    numbers = [[float(cell.split("<")[0]) for cell in row] for row in rows]
    assert [row[3] for row in numbers[:2]] == numbers[-1][1:3] == [2.0, 5.0]


def test_the_table_of_modes_is_in_the_order_of_the_expression():
    view = asked("(a + b) * (b + 1)", "modes", a="2", b="1")["view"]
    names = [head.partition("<")[0] for head in view.split('<th scope="row">')[1:]]
    assert names == ["a", "b", "a + b", "b + 1", "y = (a + b) * (b + 1)"]


@pytest.mark.parametrize(
    ("e", "numbers", "sentence"),
    [
        ("", {}, "the expression is empty"),
        ("1 + 1", {}, "no names in it"),
        ("x", {"x": "y/2"}, "x must be a number such as 2, -0.5, 1/2 or 1e-3, got 'y/2'"),
        ("x", {"x": "1/0"}, "x must be a number"),
        ("x", {"x": "1,5,5"}, "x must be a number"),
        ("x", {"x": "inf"}, "x must be finite"),
        ("log(x)", {"x": "-1"}, "log(x=-1.0)"),
        ("+".join(f"x{i}" for i in range(MOST_NAMES + 1)), {}, f"13 names: {MOST_NAMES} are the most"),
        ("x.__class__", {}, "is not understood"),
        ("__import__('os').system('true')", {}, "is not understood"),
        ("<script>alert(1)</script>", {}, "is not understood"),
        ("[x for x in (1,)]", {}, "is not understood"),
        ("(" * 9_000, {}, "nested too deeply"),
    ],
)
def test_what_can_not_be_explored_is_refused_in_a_sentence(e, numbers, sentence):
    assert sentence in asked(e, **numbers)["error"]


def test_where_numbers_are_to_be_mended_their_names_are_told():
    assert [asked(e, x="-1")["names"] for e in ("y * log(x)", "log(", "1 + 1")] == [["y", "x"], [], []]


def test_the_chain_rule_is_mathematics():
    (formula,) = re.findall("<math.*</math>", asked("x**2", x="3")["view"])
    said = "".join(ElementTree.fromstring(formula).itertext())
    assert "∂y∂x" in said
    assert "**" not in said


@pytest.mark.parametrize(("written", "number"), [("1/2", "0.5"), ("0,5", "0.5"), ("−2", "-2.0"), ("pi", repr(math.pi))])
def test_a_number_may_be_written_as_an_answer_is(written, number):
    assert asked("x", x=written)["table"] == [["x", number, "1.0"]]


def test_a_name_alone_has_the_gradient_one():
    assert asked("x", x="3")["table"] == [["x", "3.0", "1.0"]]


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_too_large_for_a_view_still_has_its_numbers(view):
    found = asked("+".join(["x"] * 900), view, x="1")
    assert found["table"] == [["x", "1.0", "900.0"]]
