"""The order of operands: two pictures that differ in nothing else differ in where the arrows end."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given

from autograd import Value, atan2, dot, draw, graph, ops, primitive, topological_order
from autograd.notation.text import figure
from autograd.show.drawing.operation import SYMMETRIC, places
from tests.support.pictures import Picture, graphs


def _at(picture: Picture, operation: str) -> list[str]:
    """The labels, or the numbers, at the places of an operation."""
    boxes = {name: label or data for name, (label, data, _) in picture.boxes.items()} | picture.constants
    return [boxes[name] for name in picture.places(operation)]


def test_a_difference_shows_what_is_taken_from_what():
    a = Value(3.0, "a")
    assert _at(Picture(draw(a * a - a)), "op1") == ["9", "a"]
    assert _at(Picture(draw(a - a * a)), "op1") == ["a", "9"]
    assert _at(Picture(draw(a - 2)), "op0") == ["a", "2"]
    assert _at(Picture(draw(2 - a)), "op0") == ["2", "a"]


def test_a_fraction_shows_numerator_and_denominator_where_both_are_shared():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    picture = Picture(draw(b / a + a / b))
    assert [_at(picture, operation) for operation in ("op0", "op1")] == [["b", "a"], ["a", "b"]]


@pytest.mark.parametrize("apply", [ops.pow, atan2, ops.remainder, ops.xlogy, ops.copysign])
def test_any_rule_that_is_not_symmetric_shows_its_order(apply):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    for y, order in ((apply(a, b) * (a + b), ["a", "b"]), (apply(b, a) * (a + b), ["b", "a"])):
        assert _at(Picture(draw(y)), "op0") == order


@pytest.mark.parametrize("rule", [r for r in ops.RULES.values() if len(r.operands) == 2], ids=lambda rule: rule.name)
def test_the_rules_without_places_are_those_whose_operands_may_change_places(rule):
    rng = random.Random(0)
    points = [(rng.uniform(0.2, 4.0), rng.uniform(0.2, 4.0)) for _ in range(20)]
    symmetric = all(math.isclose(rule(a, b), rule(b, a)) for a, b in points)
    assert (rule in SYMMETRIC) == symmetric


@pytest.mark.parametrize("rule", [ops.sum, ops.mean, ops.norm, ops.logsumexp])
def test_so_do_those_of_lists(rule):
    xs = [0.5, -2.0, 3.0, 1.25]
    assert rule(xs) == pytest.approx(rule(xs[::-1]))
    assert places(rule([Value(x) for x in xs])) == []


def test_the_places_of_a_neuron_are_those_of_its_formula():
    w, x, b = [Value(1.0), Value(2.0)], [Value(3.0), 4.0], Value(5.0)
    assert places(dot(w, x, b)) == ["w₁", "w₂", "x₁", "x₂", "b"]
    assert places(ops.cross_entropy(w[0], w)) == ["z", "x₁", "x₂"]
    assert places(dot(w[:1], x[:1], b)) == ["w", "x", "b"]
    assert places(dot([], [], b)) == ["b"]


def test_an_operation_of_ones_own_shows_its_order():
    slope = primitive("slope_of_line", lambda a, b: a / b, derivative=(lambda y, a, b: 1 / b, lambda y, a, b: -y / b))
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert _at(Picture(draw(slope(b, a))), "op0") == ["b", "a"]


@given(graphs())
def test_each_operand_stands_at_its_place(y):
    picture = Picture(draw(y))
    results = {start: end for start, end, _ in picture.arrows if start in picture.operations}
    shown = {(picture.boxes[end][1], *_at(picture, op)) for op, end in results.items() if picture.operations[op] == "-"}
    made = [node for node in topological_order(y) if node.op == "-"]
    expected = {(figure(x.data), *[figure(getattr(a, "data", a)) for a in graph.operands(x)]) for x in made}
    assert shown == expected
