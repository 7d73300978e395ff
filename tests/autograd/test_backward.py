"""What backward() does to a graph: which gradient arrives where."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value

numbers = st.floats(-1e3, 1e3)


def test_a_shared_leaf_receives_the_sum_over_its_paths():
    a, b = Value(2.0), Value(1.0)
    ((a + b) * (b + 1)).backward()
    assert a.grad == 2.0  # b + 1
    assert b.grad == 5.0  # (b + 1) + (a + b): one path through each factor


def test_a_value_used_twice_by_one_operation_receives_both_contributions():
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0
    x.grad = 0.0
    autograd.dot([x, x], [x, 2.0], x).backward()
    assert x.grad == 3.0 + 3.0 + 2.0 + 1.0


def test_leaves_accumulate_and_computed_nodes_start_from_zero():
    x = Value(0.3)
    h = x.tanh()
    y = h * h
    y.backward()
    once = x.grad, h.grad
    y.backward()
    assert (x.grad, h.grad) == (2 * once[0], once[1])
    (h * 3).backward()  # another graph through the same node
    assert h.grad == 3.0


def test_a_second_output_adds_to_the_leaves():
    x = Value(2.0)
    (x * 3).backward()
    (x * 4).backward()
    assert x.grad == 7.0


@given(numbers)
def test_the_seed_is_the_gradient_of_the_output(seed):
    x = Value(2.0)
    y = x * 3
    y.backward(seed)
    assert (y.grad, x.grad) == (seed, seed * 3)


@pytest.mark.parametrize("seed", [math.nan, math.inf, -math.inf])
def test_a_seed_that_is_not_finite_is_refused_by_its_name(seed):
    x = Value(2.0)
    y = x * 3
    y.backward()
    with pytest.raises(ValueError, match=f"seed must be finite, got {seed}"):
        y.backward(seed)
    assert (y.grad, x.grad) == (1.0, 3.0)


def test_backward_from_a_leaf_gives_it_the_seed():
    x = Value(2.0)
    x.backward()
    x.backward(2)
    assert x.grad == 3.0


def test_the_network_of_the_deep_dive_by_hand():
    """x=1, W1=[.5, -.3], W2=[.4, -.2], tanh, L=½(ŷ-y)²; the text rounds to four digits on its way."""
    x, w1, w2 = 1.0, [Value(0.5), Value(-0.3)], [Value(0.4), Value(-0.2)]
    a = [(w * x).tanh() for w in w1]
    y = autograd.dot(w2, a)
    loss = 0.5 * (y - 0.0) ** 2
    loss.backward()
    delta = y.data
    assert y.data == pytest.approx(0.2431, abs=5e-5)
    assert loss.data == pytest.approx(0.0296, abs=5e-5)
    assert [w.grad for w in w2] == pytest.approx([delta * h.data for h in a], rel=1e-15)
    assert [w.grad for w in w2] == pytest.approx([0.1123, -0.0708], abs=1e-4)
    assert [w.grad for w in w1] == pytest.approx(
        [delta * v.data * (1 - h.data**2) * x for v, h in zip(w2, a)], rel=1e-15
    )
    assert [w.grad for w in w1] == pytest.approx([0.0764, -0.0445], abs=1e-4)


def test_arbitrary_control_flow_is_differentiated_as_it_ran():
    def collatz(x):
        steps = 0
        while x > 1:
            x = x / 2 if steps % 2 == 0 else 3 * x + 1
            steps += 1
            if steps > 5:
                break
        return x

    assert autograd.gradcheck(collatz, 7.3)


def test_nothing_flows_through_a_relu_that_is_off_be_the_gradient_infinite():
    x = Value(-1.0)
    h = autograd.relu(x)
    (autograd.sqrt(h) + x).backward()  # the slope of the root at 0 is infinite
    assert (x.grad, math.isfinite(h.grad)) == (1.0, False)
    (autograd.relu(autograd.sqrt(h) - 1.0) + x).backward()  # and here nothing arrives at it
    assert (x.grad, h.grad) == (2.0, 0.0)


def test_karpathys_training_loop_learns_as_in_the_lecture():
    n = nn.MLP(3, [4, 4, 1], activation="tanh", seed=1)
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    for _ in range(20):
        ypred = [n(x) for x in xs]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.1 * p.grad
    assert loss.data < 0.1


def test_gradients_flow_on_beside_a_node_that_receives_none():
    x, off = Value(3.0), Value(-1.0)
    y = x * x + (off * 2.0).relu() * x  # the last node that is made hands 0.0 on, the first is still to come
    y.backward()
    assert (x.grad, off.grad) == (6.0, 0.0)


def test_the_grad_of_a_checkpoint_itself_reads_as_a_number():
    x = Value(3.0)
    y = autograd.checkpoint(lambda v: v * v)(x)
    hub = y.parents[0]
    assert hub.grad == 0.0
    y.backward()
    assert (x.grad, hub.grad) == (6.0, 0.0)
