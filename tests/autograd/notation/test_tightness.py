"""The table of tightness: in text, LaTeX and MathML an application reads back as what it was made of."""

from __future__ import annotations

import re

import pytest

from autograd import Value, ops
from autograd.expression import parse
from autograd.notation.formulas import formula
from autograd.notation.mathml import computed, name
from autograd.notation.names import written
from autograd.notation.tightness import ATOM, COMPARISON, MATRIX, OPERATORS, POWER, PRODUCT, QUOTIENT, SUM, TIMES, Part
from autograd.rules import Binary

BINARY = [ops.add, ops.sub, ops.mul, ops.div, ops.pow]


def test_the_scale_goes_from_comparisons_to_names():
    assert COMPARISON < SUM < QUOTIENT < PRODUCT < POWER < ATOM
    assert (TIMES, MATRIX) == (QUOTIENT, PRODUCT)


def test_a_part_has_brackets_where_its_place_demands_more():
    assert Part("a + b", SUM).within(SUM) == "a + b"
    assert Part("a + b", SUM).within(QUOTIENT) == "(a + b)"


def test_every_operator_demands_something_of_each_operand():
    assert {rule.name for rule in OPERATORS} == {"add", "sub", "neg", "mul", "div", "remainder", "pow"}
    for rule, row in OPERATORS.items():
        for demands in (row.formula, row.step, row.mathml):
            assert len(demands) == len(rule.operands)


@pytest.mark.parametrize("outer", BINARY, ids=lambda rule: rule.name)
@pytest.mark.parametrize("inner", [*BINARY, ops.neg], ids=lambda rule: rule.name)
@pytest.mark.parametrize("left", [True, False])
def test_two_operators_read_back_as_the_number_that_they_gave(outer, inner, left):
    a, b, c = (Value(x, label=label) for x, label in ((3.0, "a"), (2.0, "b"), (5.0, "c")))
    part = inner(*(a, b)[: len(inner.operands)])
    y = outer(part, c) if left else outer(c, part)
    numbers = {"a": a.data, "b": b.data, "c": c.data}
    one = written(y, lambda x: x.label or written(x, lambda leaf: leaf.label))
    for text in (formula(y).text, one):
        f = parse(text)
        assert f(**{n: numbers[n] for n in f.names}) == pytest.approx(y.data, rel=1e-12)
    assert formula(y).latex.count(r"\left(") == formula(y).latex.count(r"\right)")


@pytest.mark.parametrize("rule", BINARY, ids=lambda rule: rule.name)
def test_in_mathml_a_sum_has_brackets_but_in_a_fraction_or_above_a_power(rule):
    a, b = Value(1.0, label="a"), Value(2.0, label="b + c")
    bare = {ops.div, ops.pow}
    assert (">(</mo>" in computed(rule(a, b), lambda x: name(x.label)).text) is (rule not in bare)


def test_an_operator_of_one_s_own_is_written_between_its_operands():
    times = (lambda a, b: a * b, lambda y, a, b: b, lambda y, a, b: a)
    at = Binary("matmul", "a @ b", *times, latex="#1 #2", symbol="@")
    a, b = Value(1.0, label="a"), Value(2.0, label="b - c")
    assert written(at(a, b), lambda x: x.label) == "a @ (b - c)"
    assert re.fullmatch(r"matmul\(a, b - c\)", formula(at(a, b)).text)
