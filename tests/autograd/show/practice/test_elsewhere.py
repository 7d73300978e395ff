"""A formula as an answer: right at the numbers of the graph and everywhere, or at these alone."""

from __future__ import annotations

import pytest

import autograd
from autograd import Value, check_answer, practice


def _said(answer: str, f: Value, leaf: Value, language: str = "en") -> str:
    found = check_answer(answer, f, leaf, language=language)
    assert found  # the number is right
    return found.said


@pytest.mark.parametrize("answer", ["2*x", "4", "8/2", "x + x", "4*x/2", "x^2/x*2", "f/x*2"])
def test_the_right_formula_and_a_number_are_right(answer):
    x = Value(2.0, label="x")
    f = x * x
    f.label = "f"
    assert _said(answer, f, x) == "Right: 4."


@pytest.mark.parametrize(("answer", "value"), [("x**2", "4.840"), ("8/x", "3.636"), ("x + 2", "4.2"), ("f", "4.840")])
def test_a_formula_with_the_right_number_here_alone_is_told_so(answer, value):
    x = Value(2.0, label="x")
    f = x * x
    f.label = "f"
    differs = f"As a formula it differs, though: at x = 2.2 it gives {value}, and 4.4 is right."
    assert _said(answer, f, x) == f"Right: 4. {differs}"
    assert _said(answer, f, x, "de").startswith("Richtig: 4. Als Formel stimmt es aber nicht: Bei x = 2.2 ergibt sie ")
    with autograd.no_grad():
        assert check_answer(answer, f, x).kind == "formula"


def test_a_letter_that_stands_for_another_is_told_where_their_numbers_are_the_same():
    a, b = Value(3.0, label="a"), Value(3.0, label="b")
    assert _said("b", a * b, a) == "Right: 3."
    assert "As a formula it differs" in _said("a", a * b, a)


def test_formulas_of_lists_intermediate_values_and_kinks_are_judged_as_well():
    x, w = Value(1.0, label="x"), Value(-2.0, label="w")
    inner = x * w
    inner.label = "u"
    assert _said("cos(u)*w", inner.sin(), x) == "Right: 0.8323."
    assert _said("cos(u)", inner.sin(), inner) == "Right: -0.4161."
    assert _said("w/2", autograd.mean([x * w, x]) - x / 2, x) == "Right: -1."
    assert "differs" in _said("-x", autograd.mean([x * w, x]) - x / 2, x)
    assert _said("w", autograd.relu(x * w + 2.05), x) == "Right: -2."  # with other numbers relu may be off


def test_where_nothing_can_be_computed_anew_the_number_decides():
    x, unnamed = Value(2.0, label="x"), Value(2.0)
    assert _said("x", x * unnamed, x) == "Right: 2."
    assert _said("x**2", autograd.checkpoint(lambda v: v * v)(x), x) == "Right: 4."


@pytest.mark.parametrize(
    ("blank", "right", "by_chance"),
    [(0, ["1", "x/x"], ["x/2", "y - x"]), (6, ["3", "6/2", "y"], ["x + 1"]), (7, ["4", "y + 1"], ["2*x", "x**2"])],
)
def test_a_formula_in_a_blank_is_judged_at_other_numbers_too(blank, right, by_chance):
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    asked = practice(x * y + x)
    for answer in right + by_chance:
        assert asked.check(blank, answer)
    assert {asked.check(blank, answer).kind for answer in right} == {"right"}
    assert {asked.check(blank, answer).kind for answer in by_chance} == {"formula"}
    differs = "Right: 1. As a formula it differs, though: at x = 2.2, y = 3.45 it gives 1.1, and 1 is right."
    assert asked.check(0, "x/2").said == differs
