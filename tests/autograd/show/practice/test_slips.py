"""Slips: every rule of the table can be read by a careless reader, who finds its derivative all the same."""

from __future__ import annotations

import pytest

from autograd import Value, ops
from autograd.rules import Binary, Unary
from autograd.show.practice.slips import Careless, careless, slips

RULES = [rule for rule in ops.RULES.values() if isinstance(rule, (Unary, Binary)) and rule.known]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_careless_reader_finds_the_derivative_of_the_table(rule):
    from autograd import kinks

    operands = [Value(x, label=name) for x, name in zip((0.5, 0.75), "ab")]
    if rule.name == "acosh":
        operands = [Value(1.5, label="a")]
    node = rule(*operands[: len(rule.operands)])
    for place, (_, slope) in enumerate(kinks.slopes(node)):
        found = careless(node, place, lambda x: x.label or "y")
        assert (found.data if isinstance(found, Careless) else found) == pytest.approx(slope, rel=1e-12)


def test_what_is_left_out_is_named():
    x, y = Value(2.0, label="x"), Value(4.0, label="y")
    found = {(slip.value, slip.kind, slip.what) for slip in slips(x / y, 1, lambda v: v.label or "q")}
    assert found == {(-0.5, "divisor", "y")}
    found = {(slip.value, slip.kind, slip.what) for slip in slips(x.square(), 0, lambda v: v.label or "q")}
    assert found == {(2.0, "factor", "2"), (2.0, "factor", "x")}
