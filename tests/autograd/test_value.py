"""What is true of a Value: how it is made, what it shows, what backward() does to it, and what it refuses."""

import copy
import gc
import math
import pickle
import sys
import threading
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, no_grad, straight_through

numbers = st.floats(-1e3, 1e3)


# ------------------------------------------------------------------------------------------------- what a Value is


@pytest.mark.parametrize("x", [2, 2.0, True, Fraction(1, 2), np.float64(2), np.float32(2), np.float16(2), np.int64(2)])
def test_data_is_kept_as_a_python_float(x):
    assert type(Value(x).data) is float
    assert Value(x).data == float(x)


@pytest.mark.parametrize("x", ["2", None, 2j, [2.0], np.array([2.0]), Decimal(2), Value(2.0)])
def test_data_that_is_no_real_number_is_refused_by_name(x):
    with pytest.raises(TypeError, match="data must be"):
        Value(x)


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises(OverflowError, match="data is too large"):
        Value(10**400)


def test_a_label_is_a_string():
    with pytest.raises(TypeError, match="label must be a string"):
        Value(1.0, label=3)


def test_the_repr_shows_label_data_and_grad():
    x = Value(2.0, label="x")
    (x * 3).backward()
    assert repr(x) == "Value(data=2.0, grad=3.0, label='x')"
    assert f"{x:.2f}" == "2.00"


def test_data_grad_and_label_can_be_set_and_op_and_parents_read():
    a, b = Value(2.0), Value(3.0)
    y = a * b
    y.label, a.data, a.grad = "y", 5, 1
    assert (y.label, a.data, a.grad) == ("y", 5.0, 1.0)
    assert y.op == "*"
    assert y.parents == (a, b)
    assert a.op == ""
    assert a.parents == ()
    for name in ("op", "parents"):
        with pytest.raises(AttributeError):
            setattr(a, name, None)


@pytest.mark.parametrize("attribute", ["data", "grad"])
@pytest.mark.parametrize("x", ["2", None, [1.0]])
def test_a_bad_assignment_is_refused_and_changes_nothing(attribute, x):
    v = Value(2.0)
    with pytest.raises(TypeError, match=f"{attribute} must be"):
        setattr(v, attribute, x)
    assert (v.data, v.grad) == (2.0, 0.0)


def test_a_typo_in_an_attribute_is_an_error():
    with pytest.raises(AttributeError):
        Value(1.0).lable = "x"


def test_parents_hold_the_values_of_n_ary_nodes_and_no_plain_numbers():
    w, x, b = Value(1.0), Value(2.0), Value(3.0)
    assert autograd.dot([w, w], [x, 4.0], b).parents[:3] == (w, w, x)
    assert autograd.dot([w], [2.0], 1.0).parents == (w,)
    assert (w + 1).parents == (w,)
    assert (w * w).parents == (w, w)


def test_identity_is_identity():
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert len({a, b, a}) == 2


@given(numbers, numbers)
def test_comparisons_are_by_data(x, y):
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        assert (left < right, left <= right, left > right, left >= right) == (x < y, x <= y, x > y, x >= y)


def test_a_value_is_true_unless_it_is_zero():
    assert Value(0.1)
    assert not Value(0.0)


def test_comparing_with_something_else_is_an_error():
    with pytest.raises(TypeError, match="compared"):
        Value(1.0) < "a"  # noqa: B015


# --------------------------------------------------------------------------------------------------- arithmetic


@given(numbers, numbers)
def test_values_and_numbers_mix_on_either_side(x, y):
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        assert (left + right).data == x + y
        assert (left - right).data == x - y
        assert (left * right).data == x * y
        if y:
            assert (left / right).data == x / y
    assert (-Value(x)).data == -x
    assert abs(Value(x)).data == abs(x)
    assert (+Value(x)).data == x


@given(st.floats(0.01, 10), st.floats(-5, 5))
def test_powers_work_with_values_and_numbers_on_either_side(x, y):
    expected = pytest.approx(x**y, rel=1e-14)
    assert (Value(x) ** Value(y)).data == expected
    assert (Value(x) ** y).data == expected
    assert (x ** Value(y)).data == expected


@pytest.mark.parametrize("scalar", [np.float64(3), np.float32(3), np.int64(3), True])
def test_numpy_scalars_mix_with_values_on_either_side(scalar):
    x = Value(2.0)
    for y in (scalar * x, x * scalar):
        assert isinstance(y, Value)
        assert y.data == 2.0 * float(scalar)


@pytest.mark.parametrize("other", ["a", None, [1.0], np.array([1.0, 2.0]), 1j])
def test_arithmetic_with_anything_else_is_a_type_error(other):
    for operation in (lambda v: v * other, lambda v: other - v, lambda v: v**other):
        with pytest.raises(TypeError):
            operation(Value(2.0))
    with pytest.raises(TypeError, match="maximum"):
        autograd.maximum(Value(2.0), other)


def test_another_class_may_answer_an_operator_that_value_does_not_know():
    class Other:
        def __radd__(self, value):
            return "answered"

    assert Value(1.0) + Other() == "answered"


def test_pythons_sum_works():
    values = [Value(1.0), Value(2.0)]
    assert sum(values).data == 3.0


# ----------------------------------------------------------------------------------------------------- backward


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


# -------------------------------------------------------------------------------- nothing is quietly wrong


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
    ],
)
def test_numpy_functions_do_not_swallow_a_value(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0, label="v"))


# ----------------------------------------------------------------------------- no_grad, detach, straight_through


def test_nothing_is_recorded_under_no_grad():
    x = Value(2.0)
    with no_grad():
        y = x * x
        assert not autograd.is_grad_enabled()
    assert autograd.is_grad_enabled()
    assert (y.data, y.op, y.parents) == (4.0, "", ())
    assert (x * x).parents == (x, x)


def test_no_grad_nests_ends_with_an_exception_and_decorates():
    x = Value(2.0)
    block = no_grad()
    with pytest.raises(KeyError), block, block:
        raise KeyError
    assert (x + x).parents

    @no_grad()
    def double(x):
        """Twice."""
        return x + x

    assert double(x).parents == ()
    assert double.__doc__ == "Twice."
    assert (x + x).parents


def test_no_grad_holds_for_its_own_thread_only():
    x = Value(2.0)
    recorded = []
    with no_grad():
        thread = threading.Thread(target=lambda: recorded.append((x * x).parents))
        thread.start()
        thread.join()
    assert recorded == [(x, x)]


def test_a_detached_value_sends_no_gradient_back():
    x = Value(3.0, label="x")
    d = x.detach()
    (x * d).backward()
    assert (x.grad, d.grad, d.data, d.label) == (3.0, 3.0, 3.0, "x")


@given(st.floats(-100, 100))
def test_straight_through_has_any_value_and_the_slope_of_the_identity(x):
    step = straight_through(lambda a: 1 if a > 0 else 0)
    v = Value(x)
    y = step(v) * 5
    y.backward()
    assert y.data == (5.0 if x > 0 else 0.0)
    assert v.grad == 5.0
    assert type(step(x)) is float


def test_straight_through_refuses_a_function_that_returns_no_number():
    with pytest.raises(TypeError, match="the result of str must be a real number"):
        straight_through(str)(Value(1.0))


# --------------------------------------------------------------------------------------------- copies and memory


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_keeps_number_grad_and_label_and_leaves_its_history_behind(copied):
    x = Value(2.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    for v in (x, y):
        c = copied(v)
        assert c is not v
        assert (type(c), c.data, c.grad, c.label, c.op, c.parents) == (Value, v.data, v.grad, v.label, "", ())


def test_a_deepcopy_of_several_values_keeps_what_they_share():
    x = Value(2.0)
    a, b = copy.deepcopy([x, x])
    assert a is b


def test_a_chain_of_a_million_nodes_goes_forward_and_back_and_can_be_copied():
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert x.grad == 1_000_001.0
    assert copy.deepcopy(y).data == y.data
    assert pickle.loads(pickle.dumps(y)).data == y.data


def test_a_graph_is_freed_without_the_garbage_collector():
    def alive():
        return sum(type(x) is Value for x in gc.get_objects())

    x = Value(1.0)
    gc.collect()
    gc.disable()
    try:
        before = alive()
        y = x
        for _ in range(20_000):
            y = autograd.dot([y, x], [x, y * 0.1]).tanh()
        y.backward()
        held = alive() - before
        del y
        left = alive() - before
    finally:
        gc.enable()
    assert (held, left) == (60_000, 0)


def test_a_node_with_two_operands_takes_at_most_112_bytes_with_its_number():
    a, b = Value(1.5), Value(2.5)
    nodes = [None] * 1000
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(1000):
        nodes[i] = a * b
    size = (tracemalloc.get_traced_memory()[0] - before) / 1000
    tracemalloc.stop()
    assert size <= 112.5  # half a byte for the loop's own counter


def test_threads_that_build_separate_graphs_do_not_disturb_each_other():
    def work(seed):
        w = Value(seed)
        for _ in range(300):
            loss = (w * 0.5 - 1) ** 2
            w.grad = 0.0
            loss.backward()
            w.data -= 0.1 * w.grad
        results[seed] = w.data

    results = {}
    seeds = [0.5, 1.5, 2.5, 3.5]
    for seed in seeds:
        work(seed)
    alone = dict(results)
    threads = [threading.Thread(target=work, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == alone


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


# --------------------------------------------------------------------------- operands that nodes share as one tuple


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


def test_threads_that_share_a_leaf_lose_no_gradient():
    w = Value(1.0)

    def work():
        for _ in range(200):
            (w * 3.0 * w).backward()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert w.grad == 800 * 6.0


def test_no_grad_decorates_without_brackets_and_refuses_what_runs_in_pieces():
    @no_grad
    def double(x):
        return x + x

    assert double(Value(1.0)).parents == ()
    with pytest.raises(TypeError, match="in pieces"):

        @no_grad()
        def numbers(x):
            yield x + x


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


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: autograd.tanh([v, v]), "take its items one by one"),
        (lambda v: setattr(v, "grad", None), r"set it to 0\.0 for none"),
        (lambda v: setattr(v, "label", 3), "label must be a string"),
    ],
)
def test_what_beginners_type_is_answered_with_what_to_type_instead(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0))


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


def test_a_negative_value_is_true_and_only_zero_is_false():
    assert bool(Value(-1.0))
    assert bool(Value(math.nan))
    assert not Value(0.0)
    assert not Value(-0.0)


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
