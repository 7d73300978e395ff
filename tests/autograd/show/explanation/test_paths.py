"""Paths and their sum: against brute force, and against backward(); and what cannot be explained."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    checkpoint,
    edges,
    exp,
    relu,
    sqrt,
    tanh,
)
from autograd.show import Path, explain
from nn import MLP
from tests.support.labelled import gradient, graphs

Way = tuple[tuple[Value, ...], float]


def every_way(output: Value, leaf: Value) -> list[Way]:
    """All paths, one after the other."""
    if output is leaf:
        return [((leaf,), 1.0)]
    steps = edges.slopes(output) if output.parents else []
    return [((output, *nodes), s * product) for x, s in steps for nodes, product in every_way(x, leaf)]


@given(graphs())
def test_the_total_is_the_gradient_and_the_sum_over_the_paths(given_):
    y, x = given_
    told = explain(y, x, max_paths=10**6)
    assert told.total == gradient(y, x)
    assert math.fsum(path.product for path in told.paths) == pytest.approx(told.total, rel=1e-12, abs=1e-12)


@given(graphs())
def test_paths_are_counted_as_if_they_were_followed_one_by_one(given_):
    y, x = given_
    ways = every_way(y, x)
    told = explain(y, x, max_paths=10**6)
    assert told.count == len(told.paths) == len(ways)
    assert sorted(map(_key, ((path.nodes, 0.0) for path in told.paths))) == sorted(map(_key, ways))


def _key(way: Way) -> list[int]:
    return [id(node) for node in way[0]]


@given(graphs(), st.integers(1, 6))
def test_the_paths_shown_are_those_with_the_largest_products(given_, k):
    y, x = given_
    best = sorted((abs(product) for _, product in every_way(y, x)), reverse=True)[:k]
    told = explain(y, x, max_paths=k)
    assert [abs(path.product) for path in told.paths] == pytest.approx(best, rel=1e-12)
    assert len({(path.nodes, path.places) for path in told.paths}) == len(told.paths)


@given(graphs())
def test_a_path_goes_from_the_output_to_the_leaf_along_the_slopes(given_):
    y, x = given_
    for path in explain(y, x).paths:
        assert (path.nodes[0], path.nodes[-1]) == (y, x)
        for node, parent, slope, place in zip(path.nodes, path.nodes[1:], path.derivatives, path.places):
            assert edges.slopes(node)[place] == (parent, slope)
        assert path.product == pytest.approx(math.prod(path.derivatives), rel=1e-12)


def test_a_value_used_twice_by_an_operation_makes_two_paths():
    x = Value(3.0, label="x")
    y = x * x
    assert explain(y, x).paths == (Path((y, x), (3.0,), 3.0, (0,)), Path((y, x), (3.0,), 3.0, (1,)))


def test_paths_to_a_computed_node_can_be_asked_for():
    a = Value(2.0)
    c = a * 3
    assert explain(c * c + c, c).total == 13.0
    assert explain(c * c + c, c).count == 3


def test_of_a_chain_of_doublings_the_count_is_exact():
    x = y = Value(1.0, label="x")
    for _ in range(100):
        y = y + y
    told = explain(y, x)
    assert (told.count, told.total, len(told.paths)) == (2**100, 2.0**100, 8)
    assert "1,267,650,600,228,229,401,496,703,205,376 paths" in told.text
    assert "1,267,650,600,228,229,401,496,703,205,376 paths" in told.latex


def test_an_mlp_of_three_layers_has_a_path_for_each_choice_of_neurons():
    model = MLP(2, [7, 11, 13, 1])
    inputs = [Value(0.3), Value(-0.2)]
    y = model(inputs)
    told = explain(y, inputs[0])
    assert (told.count, len(told.paths)) == (7 * 11 * 13, 8)
    assert told.total == gradient(y, inputs[0])
    best = sorted((abs(product) for _, product in every_way(y, inputs[0])), reverse=True)[:8]
    assert [abs(path.product) for path in told.paths] == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("step", [lambda y: (y + y) * 0.5, tanh])
def test_a_long_chain_is_explained_without_recursion_or_overflow(step):
    x = y = Value(1e-9, label="x")
    for _ in range(5_000):
        y = step(y)
    told = explain(y, x, max_paths=2)
    assert told.total == gradient(y, x)
    assert told.count == (1 if step is tanh else 2**5_000)
    assert len(told.text) < 3_000


def test_sizes_are_compared_where_products_vanish():
    x = Value(1.0, label="x")
    sizes = {"c": 1e-300, "a": 1e-200, "b": 1e-250}
    parts = []
    for label, size in sizes.items():
        parts.append(x * 1e-200 * size)
        parts[-1].label = label
    told = explain(parts[0] + parts[1] + parts[2], x, max_paths=3)
    assert [path.product for path in told.paths] == [0.0, 0.0, 0.0]
    assert [next(node.label for node in path.nodes if node.label) for path in told.paths] == ["a", "b", "c"]


def test_where_the_output_does_not_depend_on_the_leaf_the_total_is_zero_and_it_says_so():
    a, q = Value(2.0, label="a"), Value(3.0, label="q")
    told = explain(a * 2, q)
    assert (told.paths, told.count, told.total) == ((), 0, 0.0)
    assert told.text == "∂(a * 2)/∂q = 0\n\nThere is no path: the output does not depend on it."
    assert "There is no path" in told.latex


def test_of_the_output_itself_the_only_path_is_empty():
    x = Value(2.0, label="x")
    for y in (x, tanh(x)):
        told = explain(y, y)
        assert (told.paths, told.count, told.total) == ((Path((y,), (), 1.0, ()),), 1, 1.0)
        assert told.text.endswith(" = 1\n\nIt is the output itself: the only path is empty.")


def test_behind_a_zero_a_derivative_need_not_exist():
    x = Value(0.0, label="x")
    y = relu(sqrt(x) - 1)
    told = explain(y, x)
    assert told.total == gradient(y, x) == told.paths[0].product == 0.0
    under = sqrt(relu(x - 1))
    told = explain(under, x)
    assert (told.total, told.paths[0].product, told.paths[0].derivatives[1]) == (0.0, 0.0, 0.0)
    assert math.isnan(told.paths[0].derivatives[0])
    for hidden in (sqrt(x), sqrt(x) ** 2):
        with pytest.raises(ZeroDivisionError, match=r"sqrt\(x=0.0\) has no finite derivative"):
            explain(hidden, x)


def test_paths_that_cancel_are_shown():
    x = Value(3.0, label="x")
    told = explain(x * 2 - x * 2, x)
    assert (told.total, [path.product for path in told.paths]) == (0.0, [2.0, -2.0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((2.0, Value(1.0)), TypeError, r"output must be a Value, got 2.0 \(float\)"),
        ((Value(1.0), "x"), TypeError, r"leaf must be a Value, got 'x' \(str\)"),
        (([Value(1.0)], Value(1.0)), TypeError, r"output must be a Value, got \["),
        ((exp(Value(1e3, label="x")), Value(1.0)), ValueError, r"exp\(x=1000.0\) = inf"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        explain(*arguments)


@pytest.mark.parametrize("k", [0, -1, 2.5, "all"])
def test_a_number_of_paths_that_is_none_is_refused(k):
    with pytest.raises(ValueError, match="max_paths must be a whole number, 1 or more, got "):
        explain(Value(1.0), Value(1.0), max_paths=k)


def test_a_graph_that_was_changed_is_refused():
    x = Value(2.0, label="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(RuntimeError, match=r"x=3\.0 was assigned to after"):
        explain(y, x)


def test_a_gradient_that_overflows_is_refused():
    x = Value(1e-300, label="x")
    with pytest.raises(ValueError, match="the gradient of x=1e-300 is inf"):
        explain(x * 1e200 * 1e200, x)


def test_the_inside_of_a_checkpoint_is_said_to_be_lost():
    x = Value(2.0, label="x")
    y = checkpoint(lambda x: x * x)(x)
    with pytest.raises(ValueError, match="leads through a checkpoint"):
        explain(y, x)
    assert explain(y * 3, y).total == 3.0
