"""A picture in words: the values, the gradients and the structure."""

from __future__ import annotations

from hypothesis import given

import nn
from autograd import Value, draw, sin
from autograd.notation.text import figure
from tests.support.pictures import graphs, lecture


def test_a_small_graph_is_told_whole():
    _, _, e = lecture()
    e.backward()
    assert draw(e).description == (
        "A graph of 3 operations (2 times +, *) that computes e = 6 (gradient 1) as (a + b) * (b + 1),"
        " from a = 2 (gradient 2), b = 1 (gradient 5), the number 1."
    )


def test_of_a_large_one_kinds_are_counted():
    said = draw(nn.MLP(2, [4, 4, 1], activation="tanh", seed=0)([1.0, 2.0])).description
    assert "17 operations (9 times dot, 8 times tanh)" in said
    assert said.endswith("from 37 parameters, the number 1, the number 2.")


def test_order_is_told_too():
    a = Value(3.0, "a")
    assert "as a * a - a," in draw(a * a - a).description
    assert "as a - a * a," in draw(a - a * a).description


def test_a_part_and_a_leaf_alone_are_told():
    y = x = Value(0.5, "x")
    for _ in range(20):
        y = sin(y)
    assert "from 0.3433." in draw(y, depth=2).description.replace(figure(y.parents[0].parents[0].data), "0.3433")
    assert draw(x).description == "A graph without operations: x = 0.5."


@given(graphs())
def test_any_graph_is_told_in_a_few_lines(y):
    z = sin(y)
    assert "gradient" not in draw([y, z]).description
    z.backward()
    said = draw([y, z]).description
    assert f"{figure(z.data)} (gradient 1)" in said
    assert len(said) < 1500
