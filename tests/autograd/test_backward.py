"""What backward() does to a graph, and where it refuses: nothing is quietly wrong."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from autograd.value import group
from tests.autograd.test_long_and_large import executed

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


def test_half_of_nothing_flows_through_a_relu_that_is_off():
    x = Value(-1.0)
    h = autograd.sqrt(x * x * 0.0)  # its slope at 0 is infinite, but nothing flows back to it
    (h * 0.0 + x).backward()
    assert x.grad == 1.0


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


def test_the_inputs_that_the_neurons_of_a_layer_share_are_walked_over_once():
    def walking(inputs: int, neurons: int) -> int:
        xs = group(tuple([Value(1.0) for _ in range(inputs)]), "an input")
        ys = [autograd.dot([0.5] * inputs, xs) for _ in range(neurons)]
        return executed(lambda: autograd.topological_order(*ys))

    walking(3, 3)
    a_neuron_more = [walking(n, 11) - walking(n, 10) for n in (100, 200)]
    assert a_neuron_more[0] == a_neuron_more[1]


def test_the_topological_order_is_that_of_values_passed_one_by_one():
    x = Value(2.0, label="x")
    y = x * x
    with pytest.raises(TypeError, match=r"roots must be Values, got \[Value\(.*\)\]: pass the Values in it one by one"):
        autograd.topological_order([y])
    with pytest.raises(TypeError, match=r"^roots must be Values, got 1\.0$"):
        autograd.topological_order(y, 1.0)
    assert autograd.topological_order(y, x) == [x, y]


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


# -------------------------------------------------------------------------------------------------- what it refuses


def test_a_leaf_assigned_to_after_its_use_is_refused():
    w = Value(2.0, label="w")
    y = w * w
    w.data = 3.0
    with pytest.raises(RuntimeError, match=r"w=3\.0 was assigned to after \* had used it"):
        y.backward()
    assert w.grad == 0.0
    (w * w).backward()
    assert w.grad == 6.0


def test_a_leaf_assigned_to_after_its_use_elsewhere_does_not_matter():
    w, x = Value(2.0), Value(5.0)
    old = w * w
    x.data = 6.0
    new = w * x
    old.backward()
    new.backward()
    assert w.grad == 4.0 + 6.0


def test_a_computed_node_that_was_assigned_to_is_refused():
    x = Value(2.0)
    h = x * 3
    h.data = 1.0
    for y in (h, h * 2, autograd.dot([h], [1.0])):
        with pytest.raises(RuntimeError, match="assigned to"):
            y.backward()
    assert h.detach().data == 1.0


def test_backward_from_a_number_that_is_not_finite_names_the_first_operation():
    a = Value(1000.0, label="a")
    y = (a.exp() - 1) * 0.5
    with pytest.raises(ValueError, match=r"exp\(a=1000\.0\) = inf"):
        y.backward()
    with pytest.raises(ValueError, match=r"the leaf b=nan"):
        (Value(math.nan, label="b") * a).backward()
    assert a.grad == 0.0


def test_a_gradient_that_is_not_finite_is_refused():
    a = Value(1e-300, label="a")
    y = (a * 1e200) * 1e200 - (a * 1e200) * 1e200  # 0.0, but gradients of 1e400 and -1e400 meet
    with pytest.raises(ValueError, match="the gradient of a=1e-300 is nan: it overflowed on the way back"):
        y.backward()
    with pytest.raises(ValueError, match="the gradient of a=1e-300 is inf: it overflowed on the way back"):
        ((a * 1e200) * 1e200).backward()
    assert a.grad == 0.0


@pytest.mark.parametrize(
    ("function", "x"),
    [("sqrt", 0.0), ("cbrt", 0.0), ("asin", 1.0), ("acos", -1.0), ("acosh", 1.0)],
)
def test_a_slope_that_is_infinite_is_an_error_that_names_operation_number_and_label(function, x):
    v, other = Value(x, label="v"), Value(3.0)
    y = getattr(autograd, function)(v) * other
    with pytest.raises((ValueError, ZeroDivisionError), match=rf"{function}\(v={x}\) has no finite derivative"):
        y.backward()
    assert (v.grad, other.grad, y.grad) == (0.0, 0.0, 0.0)


def test_a_failed_backward_leaves_every_gradient_as_it_was():
    x = Value(0.0, label="x")
    h = x * 2
    good = h + 1
    good.backward()
    before = x.grad, h.grad
    with pytest.raises(ZeroDivisionError):
        (h.sqrt() + h).backward()
    assert (x.grad, h.grad) == before


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda v: autograd.log(v), r"log\(v=-1\.0\) is not defined: ln a needs a > 0"),
        (lambda v: autograd.sqrt(v), r"sqrt\(v=-1\.0\) is not defined: a \*\* \(1/2\) needs a >= 0"),
        (lambda v: v**0.5, r"v=-1\.0 \*\* 0\.5 is not defined: a \*\* b needs a > 0 or"),
        (lambda v: 1 / (v + 1), r"1\.0 / 0\.0 is not defined: a / b needs b != 0"),
    ],
)
def test_a_domain_error_names_operation_number_and_label(operation, message):
    with pytest.raises((ValueError, ZeroDivisionError), match=message):
        operation(Value(-1.0, label="v"))


@pytest.mark.parametrize(
    "leave",
    [
        math.exp, float, int, round, math.floor, math.ceil, math.trunc, complex,
        lambda v: v // 2, lambda v: 2 // v, lambda v: v % 2, lambda v: divmod(v, 2),
        lambda v: np.array([v], dtype=float), lambda v: round(v, 2),
    ],
)  # fmt: skip
def test_nothing_leaves_the_graph_silently(leave):
    with pytest.raises(TypeError, match=r"v\.data"):
        leave(Value(2.5, label="v"))


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: np.exp(v), r"use autograd\.exp\(v\), or v\.data"),
        (lambda v: np.maximum(v, 0), r"use autograd\.maximum\(v\), or v\.data"),
        (lambda v: np.floor(v), r"v\.data"),
        (lambda v: np.add.reduce(v), r"v\.data"),
        (lambda v: v * np.ones(2), "one number, not an array"),
        (lambda v: np.ones(2) * v, "one number, not an array"),
        (lambda v: np.complex128(1 + 2j) * v, "an operand must be a real number"),
        (lambda v: v + np.array("3"), "an operand must be a real number"),
        (lambda v: np.add(1.0, v, where=False), "takes no where"),
        (lambda v: np.add(1.0, v, out=np.zeros(())), "takes no out"),
    ],
)
def test_numpy_functions_do_not_swallow_a_value(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0, label="v"))


def test_a_result_of_a_checkpoint_can_be_differentiated_beside_one_that_is_not_a_number():
    x, nothing = Value(2.0), Value(math.nan)
    square, _ = autograd.checkpoint(lambda v: [v * v, v * nothing])(x)
    square.backward()
    assert (x.grad, nothing.grad) == (4.0, 0.0)


def test_gradients_that_add_up_to_infinity_over_the_calls_are_refused():
    a = Value(1.0, label="a")
    y = a * 1.7e308
    y.backward()
    with pytest.raises(ValueError, match=r"the gradient of a=1\.0 adds up to inf: it was 1\.7e\+308 before"):
        y.backward()
    assert a.grad == 1.7e308
    a.grad = math.nan
    with pytest.raises(ValueError, match="adds up to nan: it was nan before"):
        y.backward()
    a.grad = 0.0
    y.backward()
    assert a.grad == 1.7e308


def test_the_error_outside_of_a_domain_says_it_all_by_itself():
    with pytest.raises(ValueError, match="needs a > 0") as caught:
        Value(-1.0).log()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_error_of_a_users_function_is_kept_as_the_cause():
    with pytest.raises(ValueError, match="is not defined") as caught:
        autograd.straight_through(lambda number: float("three"))(Value(3.0))
    assert isinstance(caught.value.__cause__, ValueError)
    assert "three" in str(caught.value.__cause__)


def test_a_leaf_may_be_assigned_to_between_two_operations_of_which_only_the_later_one_uses_it():
    x, z = Value(3.0), Value(1.0)
    h = x * 2.0
    z.data = 5.0
    y = h * z
    y.backward()
    assert (x.grad, z.grad) == (10.0, 6.0)
    assert autograd.gradient(y, [x, z]) == [10.0, 6.0]
