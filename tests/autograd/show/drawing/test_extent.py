"""Which part of a graph a picture shows: the inside of a dot, a depth, a bound; and what is too large for one."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, checkpoint, dot, draw, no_grad, tanh, topological_order
from tests.support.pictures import Picture, lecture

integers = st.integers(-9, 9).map(float)


@given(
    st.lists(st.tuples(integers, integers), min_size=1, max_size=5), st.none() | integers.filter(bool), st.booleans()
)
def test_the_parts_of_an_expanded_dot_add_up_to_it(pairs, bias, learned):
    ws, xs = ([Value(x) for x in column] for column in zip(*pairs))
    b = 0.0 if bias is None else Value(bias) if learned else bias
    y = dot(ws, xs, b)
    z = y * 3.0
    z.backward()
    picture = Picture(draw(y, expand=True))
    assert "dot" not in picture.operations.values()
    for operation, symbol in picture.operations.items():
        operands = [
            float(picture.boxes[x][1] if x in picture.boxes else picture.constants[x]) for x in picture.into(operation)
        ]
        (result,) = (picture.boxes[end] for start, end, _ in picture.arrows if start == operation)
        assert float(result[1]) == (math.prod(operands) if symbol == "*" else sum(operands))
        assert result[2] == "3"
    assert Counter(picture.operations.values())["*"] == len(pairs)
    assert len(picture.boxes) == len(topological_order(y)) + len(picture.operations) - 1


def test_a_dot_with_plain_numbers_is_expanded_too():
    w, b = Value(2.0), Value(1.0)
    assert Counter(Picture(draw(dot([w, w], [3.0, 4.0], b), expand=True)).constants.values()) == Counter("34")
    assert Picture(draw(dot([2.0], [3.0], b), expand=True)).boxes["n1"][1] == "7"
    assert Picture(draw(dot([], [], b), expand=True)).boxes["n1"][1] == "1"


def test_a_dot_is_expanded_inside_of_no_grad():
    y = dot([Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)], Value(5.0))
    with no_grad():
        assert sorted(Picture(draw(y, expand=True)).operations.values()) == ["*", "*", "+", "sum"]


def test_drawing_in_a_checkpointed_function_leaves_no_trace_there():
    x, other = Value(2.0), dot([Value(1.0)], [Value(3.0)], 1.0)

    def f(x):
        draw(other, expand=True)
        return x * x

    (hub,) = checkpoint(f)(x).parents
    assert hub.parents == (x,)


def _chain(length: int) -> Value:
    y = Value(0.5)
    for _ in range(length):
        y = tanh(y)
    return y


@given(st.integers(0, 12))
def test_depth_is_the_number_of_operations_to_go_back(depth):
    picture = Picture(draw(_chain(8), depth=depth))
    assert len(picture.operations) == min(depth, 8)
    assert len(picture.stubs) == (depth < 8)


def test_depth_counts_along_the_shortest_way():
    a, b, e = lecture()
    near = e + a
    picture = Picture(draw(near, depth=1))
    assert {cells[0] for cells in picture.boxes.values()} == {"a", "e", ""}
    assert picture.into(picture.named("e")) == [picture.named("e") + "cut"]
    assert b.label not in {cells[0] for cells in picture.boxes.values()}


def test_the_picture_does_not_look_behind_the_given_values():
    a, _, e = lecture()
    y = tanh(e) * a
    picture = Picture(draw(y, until=[e, a]))
    assert sorted(picture.operations.values()) == ["*", "tanh"]
    assert picture.stubs == {picture.named("e") + "cut"}
    assert draw(y, until=e).source == draw(y, until=(e, e)).source


def test_values_that_are_not_on_the_way_change_nothing():
    _, _, e = lecture()
    assert draw(e, until=[Value(1.0)]).source == draw(e).source


def test_an_expanded_dot_has_the_depth_of_one_operation():
    h = tanh(Value(0.5, "x"))
    picture = Picture(draw(dot([h], [Value(2.0)], 1.0), expand=True, depth=1))
    assert sorted(picture.operations.values()) == ["*", "+"]
    assert len(picture.stubs) == 1


def test_a_large_graph_is_refused_with_its_size_and_a_part_that_can_be_drawn():
    y = _chain(100_000)
    with pytest.raises(ValueError, match="100,001 Values, 0 plain numbers and 100,000 operations") as refusal:
        draw(y)
    depth = int(re.search(r"depth=(\d+)", str(refusal.value))[1])
    assert draw(y, depth=depth).operations == depth


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 40), st.booleans())
def test_a_refusal_counts_right_and_proposes_a_depth_that_is_not_refused(width, layers, max_nodes, expand):
    xs = [Value(1.0) for _ in range(width)]
    for _ in range(layers):
        xs = [dot([Value(0.5) for _ in xs], xs, 1.0) for _ in xs]
    whole = draw(xs[0], max_nodes=10_000, expand=expand)
    picture = Picture(whole)
    assert whole.nodes == len(picture.boxes) + len(picture.constants)
    if whole.nodes <= max_nodes:
        assert draw(xs[0], max_nodes=max_nodes, expand=expand).source == whole.source
        return
    with pytest.raises(ValueError, match=rf"max_nodes={max_nodes}\).* max_nodes={whole.nodes} ") as refusal:
        draw(xs[0], max_nodes=max_nodes, expand=expand)
    values, plain, operations = map(int, re.findall(r"(\d+) [VPpo]", str(refusal.value))[:3])
    assert (values, plain, operations) == (len(picture.boxes), len(picture.constants), whole.operations)
    proposed = re.search(r"depth=(\d+)", str(refusal.value))
    if proposed:
        assert draw(xs[0], max_nodes=max_nodes, expand=expand, depth=int(proposed[1])).nodes <= max_nodes
    else:
        with pytest.raises(ValueError, match="one operand alone"):
            draw(xs[0], max_nodes=max_nodes, expand=expand, depth=1)


def test_the_size_limit_counts_plain_numbers():
    y = Value(1.0) + 1 + 1 + 1
    assert draw(y, max_nodes=7).nodes == 7
    with pytest.raises(ValueError, match="4 Values, 3 plain numbers and 3 operations"):
        draw(y, max_nodes=6)


def test_of_a_network_that_is_too_large_the_layers_are_proposed():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    with pytest.raises(ValueError, match=r"max_nodes=300\).*or the network's layers, draw\(model\); max_nodes="):
        draw(model([1.0, 2.0]), max_nodes=300)
