"""A rule that is printed shows what the table says of it: y, the derivatives, and the domain."""

from __future__ import annotations

import inspect

import pytest

import autograd
from autograd import ops
from autograd.notation.told import told


@pytest.mark.parametrize("rule", ops.RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_tells_its_formula_its_derivatives_and_its_domain(rule):
    text = str(rule)
    assert text == told(rule)
    assert text.startswith(f"{rule.name}: y = {rule.formula}\n  dy/d")
    assert text.endswith(f"  for {rule.domain or 'all numbers'}")
    if len(rule.operands) == 2:
        assert "\n  dy/db = " in text


def test_branches_are_told_with_a_number_for_each():
    assert "dy/da = 1 (where a = 0.5), -1 (where a = -0.5), 0 (where a = 0)" in str(ops.abs)


def test_help_shows_the_derivative_and_is_what_a_reader_of_docstrings_gets():
    doc = inspect.getdoc(autograd.log)
    assert doc.startswith("y = ln a.\n\n  dy/da = 1 / a\n  for a > 0\n\nArgs:")
    assert "Raises:" in doc
    assert inspect.getdoc(type(ops.tanh)).startswith("y = f(a)")


def test_an_operation_of_ones_own_tells_its_derivative_too():
    cube = autograd.primitive("cube_told", lambda a: a * a * a, derivative=lambda y, a: 3 * a * a)
    assert "\n  dy/da = 3 * a * a\n" in str(cube)
