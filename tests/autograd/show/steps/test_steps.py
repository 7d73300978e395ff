"""The steps of a pass: they are those of backward(), to the last digit."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, checkpoint, no_grad, topological_order
from autograd.rules import Unary
from autograd.show import steps
from tests.support.passes import extreme, graphs, ordinary, outcome
from tests.support.pictures import lecture


def _bits(numbers):
    return [float(x).hex() for x in numbers]


@given(st.one_of(graphs(), graphs(st.one_of(ordinary, extreme))))
@example(Value(3.0))
@example(Value(math.nan))
@example(Value(0.0).sqrt())
@example(Value(1e308) * 1e308 * 1e308 * 0.0)
@example((Value(1e-300) * 1e200).sqrt() * 1e300)
def test_after_the_last_step_every_sum_is_the_grad_of_backward_and_the_errors_are_the_same(y):
    nodes = topological_order(y)
    taken, refusal = outcome(lambda: steps(y))
    assert _bits(node.grad for node in nodes) == _bits(0.0 for _ in nodes)
    assert outcome(y.backward)[1] == refusal
    if taken is not None:
        sums = dict.fromkeys(nodes, 0.0) | {y: 1.0}
        for step in taken:
            assert _bits([step.gradient]) == _bits([sums[step.node]])
            for contribution in step.contributions:
                sums[contribution.parent] = contribution.sum_so_far
        assert _bits(sums.values()) == _bits(node.grad for node in nodes)
        assert _bits(taken.gradients[node] for node in nodes) == _bits(node.grad for node in nodes)


@given(graphs())
def test_a_step_hands_on_products_of_local_derivatives_and_the_gradient(y):
    sums, complete = {}, set()
    for step in outcome(lambda: steps(y))[0] or ():
        parents = step.node.parents if step.gradient != 0 else ()
        assert tuple(c.parent for c in step.contributions) == parents
        complete.add(step.node)
        for parent, local_derivative, product, sum_so_far in step.contributions:
            assert parent not in complete
            expected = [local_derivative * step.gradient, sums.get(parent, 0.0) + product]
            assert [product, sum_so_far] == pytest.approx(expected, rel=0, abs=0, nan_ok=True)
            sums[parent] = sum_so_far


def test_the_order_is_that_of_backward():
    asked = []
    watched = Unary("watched", "a", lambda a: a, lambda y, a: asked.append(y) or 1.0, latex="#1")
    x, nodes = Value(1.0), [Value(0.5)]
    for i in range(20):
        nodes.append(watched(nodes[i // 2] + nodes[i] * x))
    y = autograd.sum(nodes)
    y.backward()
    order = list(asked)
    assert len(order) == 20
    asked.clear()
    taken = steps(y)
    assert asked == order == [step.node.data for step in taken if step.node.op == "watched"]


def test_b_of_the_lecture_receives_the_sum_over_its_two_paths():
    a, b, e = lecture()
    first, second, third = steps(e)
    assert first.node is e
    assert [(step.gradient, [c[1:] for c in step.contributions]) for step in (first, second, third)] == [
        (1.0, [(2.0, 2.0, 2.0), (3.0, 3.0, 3.0)]),
        (2.0, [(1.0, 2.0, 2.0), (1.0, 2.0, 2.0)]),
        (3.0, [(1.0, 3.0, 5.0)]),
    ]
    assert (steps(e).gradients[a], steps(e).gradients[b]) == (2.0, 5.0)
    assert steps(e).leaves == (a, b)


def test_an_operand_that_is_used_twice_receives_two_contributions():
    w = Value(3.0)
    (step,) = steps(w * w)
    assert step.contributions == ((w, 3.0, 3.0, 3.0), (w, 3.0, 3.0, 6.0))


def test_where_the_gradient_is_zero_nothing_flows_on():
    x = Value(0.0)
    y = x.sqrt().relu()  # the square root has no derivative at 0, but nobody asks for it
    assert [(step.node.op, len(step.contributions)) for step in steps(y)] == [("relu", 1), ("sqrt", 0)]
    assert "nothing flows on" in str(steps(y))


def test_a_leaf_is_a_pass_without_steps():
    x = Value(2.0, label="x")
    assert len(steps(x)) == len(steps(x, forward=True)) == 0
    assert steps(x).gradients == {x: 1.0}
    assert str(steps(x)).splitlines()[1].split() == ["done", "x", "1"]


def test_gradients_that_were_there_before_stay_and_are_not_counted():
    _, b, e = lecture()
    e.backward()
    before = [node.grad for node in topological_order(e)]
    assert steps(e).gradients[b] == 5.0
    assert [node.grad for node in topological_order(e)] == before


def test_a_leaf_that_was_assigned_to_is_refused_in_both_directions():
    a, _, e = lecture()
    a.data = 3.0
    refusal = outcome(e.backward)[1]
    assert refusal[0] is RuntimeError
    assert outcome(lambda: steps(e))[1] == outcome(lambda: steps(e, forward=True))[1] == refusal


def test_later_changes_of_the_graph_do_not_reach_the_steps():
    a, _, e = lecture()
    taken, forward = steps(e), steps(e, forward=True)
    before = str(taken), str(forward)
    a.data, a.label, e.label = 7.0, "renamed", "another"
    assert (str(taken), str(forward)) == before


def test_the_leaves_of_a_checkpointed_function_receive_their_gradients():
    a, b = Value(2.0), Value(3.0)
    y = checkpoint(lambda x: x * x * b)(a)
    taken = steps(y)
    y.backward()
    assert [taken.gradients[leaf] for leaf in (a, b)] == [a.grad, b.grad] == [12.0, 4.0]
    assert "…" in str(taken)


def test_inside_no_grad_the_steps_of_a_graph_are_the_same():
    _, _, e = lecture()
    with no_grad():
        assert len(steps(e)) == 3


@given(graphs(st.one_of(ordinary, extreme)))
def test_a_forward_pass_computes_each_node_from_numbers_that_are_there(y):
    taken = steps(y, forward=True)
    known = {leaf: leaf.data for leaf in taken.leaves}
    for step in taken:
        numbers = [x if isinstance(x, float) else known[x] for x in step.operands]
        assert [x for x in step.operands if isinstance(x, Value)] == list(step.node.parents)
        assert len(numbers) == len(step.operands)
        known[step.node] = step.data
    assert {node: value.hex() for node, value in known.items()} == {
        node: node.data.hex() for node in topological_order(y)
    }
    assert taken.gradients == {}


def test_a_forward_pass_can_be_followed_where_there_is_no_backward_pass():
    x = Value(800.0, label="x")
    assert str(steps(x.exp(), forward=True)).splitlines()[-1].endswith("exp(x)  exp(800) = inf")
    with pytest.raises(ValueError, match=r"first number that is not finite is exp\(x=800.0\)"):
        steps(x.exp())


def test_steps_are_a_sequence():
    _, _, e = lecture()
    taken = steps(e)
    assert len(taken) == 3
    assert taken[0].node is taken[-3].node is e
    assert taken[:2] == (taken[0], taken[1])
    assert list(taken) == list(taken[:])
    assert list(reversed(taken)) == list(taken[::-1])
    with pytest.raises(IndexError):
        taken[3]


@pytest.mark.parametrize("output", [None, 2.0, [Value(1.0)], "e", nn.MLP(1, [1], seed=0)])
def test_what_is_not_a_value_is_refused_by_name(output):
    with pytest.raises(TypeError, match=rf"output must be a Value, got .*\({type(output).__name__}\)"):
        steps(output)


@pytest.mark.parametrize("max_nodes", [0, -1, 2.5, None, "9"])
def test_a_limit_that_is_no_number_of_things_is_refused(max_nodes):
    with pytest.raises(ValueError, match="max_nodes must be a whole number"):
        steps(Value(1.0), max_nodes=max_nodes)


@pytest.mark.parametrize("forward", [False, True])
def test_a_graph_too_large_is_refused_with_its_size_and_what_to_do(forward):
    x = y = Value(1.0)
    for _ in range(1000):
        y = y * x
    with pytest.raises(ValueError, match=r"1,001 Values, 1,000 of them computed.*max_nodes=1001 gives all") as refused:
        steps(y, forward=forward)
    assert "a Value inside of it" in str(refused.value)
    assert len(steps(y, forward=forward, max_nodes=1001)) == 1000
    assert len(steps(y.parents[0], forward=forward)) == 999


def test_leaves_and_forward_steps_come_in_the_order_of_the_expression():
    a, b, c = (Value(2.0, label=label) for label in "abc")
    d = (a * b + c) * (b + 1)
    assert [leaf.label for leaf in steps(d).leaves] == ["a", "b", "c"]
    assert [leaf.label for leaf in steps(d, forward=True).leaves] == ["a", "b", "c"]
    assert [step.node.op for step in steps(d, forward=True)] == ["*", "+", "+", "*"]
    assert [steps(d, forward=True)[2].operands[0] is x for x in (b, c)] == [True, False]
