"""The order in which a graph is walked, whatever its nodes share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.value import group
from tests.support.cost import executed


def test_the_topological_order_has_parents_before_children_and_each_node_once():
    x = Value(1.0)
    h = x * 2
    shared = (h, x)
    y = autograd.dot(shared, shared, h) + autograd.sum(shared)
    order = autograd.topological_order(y)
    assert len(order) == len(set(order))
    place = {node: i for i, node in enumerate(order)}
    assert all(place[p] < place[node] for node in order for p in node.parents)
    assert set(order) >= {x, h, y}


def test_the_topological_order_is_that_of_values_passed_one_by_one():
    x = Value(2.0, label="x")
    y = x * x
    with pytest.raises(TypeError, match=r"roots must be Values, got \[Value\(.*\)\]: pass the Values in it one by one"):
        autograd.topological_order([y])
    with pytest.raises(TypeError, match=r"^roots must be Values, got 1\.0$"):
        autograd.topological_order(y, 1.0)
    assert autograd.topological_order(y, x) == [x, y]


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 99), min_size=1, max_size=3)), max_size=12))
def test_shared_tuples_of_operands_change_no_gradient_and_no_order(program):
    def run(kind):
        """Each line keeps a new group of nodes, or applies an operation to groups that were kept before."""
        x = Value(0.7)
        nodes, groups = [x, x * 0.5], [kind([x, x])]
        for operation, picks in program:
            if operation == 0:
                groups.append(kind([nodes[i % len(nodes)] for i in picks]))
                continue
            a, b = groups[picks[0] % len(groups)], groups[picks[-1] % len(groups)]
            n = min(len(a), len(b))
            if operation == 1 and len(a) == len(b):
                nodes.append(autograd.dot(a, b, nodes[-1]).tanh())
            elif operation == 2:
                nodes.append(autograd.mean(a))
            elif operation == 3:
                nodes.append(autograd.logsumexp(b))
            elif operation == 4:
                nodes.append(autograd.dot(a[:n], kind([nodes[-1]] * n)).sin())
            else:
                nodes.append(nodes[-1] * nodes[picks[0] % len(nodes)])
        y = autograd.sum(nodes)
        y.backward()
        order = autograd.topological_order(y)
        place = {node: i for i, node in enumerate(order)}
        assert all(place[parent] < place[node] for node in order for parent in node.parents)
        return y.data, x.grad

    assert run(tuple) == run(list)


def test_a_tuple_that_two_nodes_share_is_walked_in_the_right_order():
    p = Value(2.0)
    weights = (p * 1.0, p * 3.0)
    h = autograd.dot(weights, (1.0, 1.0))  # 4p
    autograd.dot(weights, (h, h)).backward()  # 16p²
    assert p.grad == 64.0
    q = Value(3.0)
    xs = (q * q, q + 1.0)
    m = autograd.mean(xs)
    autograd.dot(xs, [x - m for x in xs]).backward()
    assert q.grad == 25.0


def test_inputs_that_neurons_share_are_looked_at_once_more_by_each_and_no_more():
    def walking(inputs: int, neurons: int) -> int:
        xs = group(tuple([Value(1.0) for _ in range(inputs)]), "an input")
        ys = [autograd.dot([0.5] * inputs, xs) for _ in range(neurons)]
        return executed(lambda: autograd.topological_order(*ys))

    walking(3, 3)
    a_neuron_more = [walking(n, 11) - walking(n, 10) for n in (100, 200)]
    assert a_neuron_more[1] - a_neuron_more[0] <= 100 * 10  # steps of the interpreter
