"""The engine on one screen is an oracle: Value gives its numbers."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest
from hypothesis import given

from autograd import Value, ops, tiny
from autograd.operators import METHODS
from tests.support.programs import Case, bounds, cases, straight


@given(cases())
def test_value_gives_the_numbers_of_the_engine_on_one_screen(case: Case) -> None:
    for xs in case.points:
        program = straight(case.program, xs)  # tiny has no comparisons
        ours, theirs = [Value(x) for x in xs], [tiny.Value(x) for x in xs]
        y, z = program(ours), program(theirs)
        assert y.data == z.data
        y.backward()
        z.backward()
        for a, b, rounding in zip(ours, theirs, bounds(program, xs).slopes):  # sums over paths, in any order
            assert abs(a.grad - b.grad) <= 2 * rounding


def test_it_has_the_operators_and_methods_of_a_value() -> None:
    a, b = tiny.Value(3.0), tiny.Value(2.0)
    y = (a**b - b / a + 1) * -a
    y.backward()
    assert y.data == pytest.approx((9 - 2 / 3 + 1) * -3, rel=1e-15)
    assert b.grad == pytest.approx(-3 * (9 * math.log(3.0) - 1 / 3), rel=1e-15)
    assert METHODS.keys() <= set(dir(a))


def test_a_slope_that_no_value_wants_need_not_exist() -> None:
    a = tiny.Value(-2.0)
    (a**2).backward()  # (-2) ** b has no derivative for b
    assert a.grad == -4.0


def test_rules_of_lists_take_lists() -> None:
    ws = [tiny.Value(2.0), tiny.Value(3.0)]
    y = ops.dot(ws, [5.0, 7.0], 1.0)
    y.backward()
    assert (y.data, ws[0].grad, ws[1].grad) == (32.0, 5.0, 7.0)


def test_it_fits_on_one_screen_and_knows_no_derivative() -> None:
    source = Path(tiny.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source)
    documentation = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = [
        line
        for number, line in enumerate(source.splitlines(), 1)
        if number not in documentation and line.strip() and not line.strip().startswith("#")
    ]
    assert len(code) <= 42
    assert "ops" not in {name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in [node.module]}
