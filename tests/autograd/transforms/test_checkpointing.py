"""checkpoint: the values and gradients of the function itself, from a graph that is not kept."""

from __future__ import annotations

import gc
import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, checkpoint, grad, gradient, hessian, hvp, jacobian, jvp, no_grad, vjp
from tests.support.alive import counting


def smooth(x: Any, y: Any) -> Any:
    """A function with sharing in it."""
    u = x * y
    return autograd.tanh(u) * x + u


def gradients(f: Any, *numbers: float) -> tuple[float, list[float]]:
    leaves = [Value(x) for x in numbers]
    y = f(*leaves)
    y.backward()
    return y.data, [leaf.grad for leaf in leaves]


numbers = st.floats(-3, 3)

# -------------------------------------------------------------------------------- the same values and gradients


@given(numbers, numbers)
def test_a_checkpointed_function_has_the_same_value_and_gradients(a, b):
    assert gradients(checkpoint(smooth), a, b) == gradients(smooth, a, b)


@given(numbers, numbers, numbers)
def test_the_rest_of_the_graph_does_not_notice(a, b, w):
    """Computed nodes go in, the result is used twice, and other ways lead around the checkpoint."""

    def network(f):
        def run(x, y, w):
            u = x.sin() * w
            z = f(u, y)
            return z * z + u * w + f(y, z)

        return run

    value, expected = gradients(network(smooth), a, b, w)
    again, slopes = gradients(network(checkpoint(smooth)), a, b, w)
    assert again == value
    assert slopes == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_captured_parameters_receive_their_gradients():
    w, b, x = Value(2.0), Value(0.5), Value(3.0)
    y = checkpoint(lambda x: w * x * x + b)(x)
    y.backward()
    assert (y.data, w.grad, b.grad, x.grad) == (18.5, 9.0, 1.0, 12.0)


def test_captured_computed_nodes_pass_their_gradients_on():
    w = Value(2.0)
    square = w * w
    x = Value(3.0)
    y = checkpoint(lambda x: square * x)(x)
    (y + square).backward()
    assert (square.grad, w.grad, x.grad) == (4.0, 16.0, 4.0)


def test_an_input_that_is_also_captured_receives_both_parts():
    x = Value(3.0)
    y = checkpoint(lambda z: z * x)(x)
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)
    w = Value(2.0)
    y = checkpoint(lambda z: z.exp() * w + z * w * w)(w)
    y.backward()
    assert w.grad == pytest.approx(gradient(w.exp() * w + w * w * w, w), rel=1e-15)


def test_a_captured_node_that_is_computed_from_an_input_passes_its_part_on():
    x = Value(3.0)
    double = x * 2
    y = checkpoint(lambda z: z * double)(x)
    y.backward()
    assert (y.data, x.grad) == (18.0, 12.0)


def test_a_repeated_input_receives_the_sum():
    x = Value(3.0)
    y = checkpoint(lambda a, b: a * a * b)(x, x)
    y.backward()
    assert (y.data, x.grad) == (27.0, 27.0)


def test_inputs_may_stand_in_lists_and_keywords():
    def f(xs, *, scale, kind):
        assert kind == "sum"
        return (xs[0] * 2 + xs[1][0] * 3) * scale

    a, b, s = Value(1.0), Value(2.0), Value(10.0)
    y = checkpoint(f)([a, (b, 7.0)], scale=s, kind="sum")
    y.backward()
    assert (y.data, a.grad, b.grad, s.grad) == (80.0, 20.0, 30.0, 8.0)


@given(numbers, numbers)
def test_each_of_several_results_has_its_own_gradients(a, b):
    def f(x, y):
        return [x * y, (x.sin(), [y * y * x])]

    def output(results):
        p, (q, [r]) = results
        return p * 2 + q * r * 3

    plain, expected = gradients(lambda x, y: output(f(x, y)), a, b)
    value, slopes = gradients(lambda x, y: output(checkpoint(f)(x, y)), a, b)
    assert value == plain
    assert slopes == pytest.approx(expected, rel=1e-13, abs=1e-13)
    for i in range(3):  # one of them alone
        assert gradients(lambda x, y, i=i: flat(checkpoint(f)(x, y))[i], a, b) == gradients(
            lambda x, y, i=i: flat(f(x, y))[i], a, b
        )


def flat(tree: Any) -> list[Any]:
    return [x for item in tree for x in flat(item)] if isinstance(tree, (list, tuple)) else [tree]


def test_the_structure_of_the_results_is_kept():
    assert flat(checkpoint(lambda x: x)([1.0, 2.0])) == [1.0, 2.0]
    result = checkpoint(lambda x: (x * 2, [x * 3, (4,)]))(Value(1.0))
    assert type(result) is tuple
    assert type(result[1]) is list
    assert result[1][1] == (4,)
    assert [result[0].data, result[1][0].data] == [2.0, 3.0]


def test_results_that_are_inputs_or_constants_come_back_as_they_are():
    x, w = Value(3.0), Value(2.0)
    result = checkpoint(lambda x: [x, w, 5.0, x * w])(x)
    assert result[0] is x
    assert result[1] is w
    assert result[2] == 5.0
    (result[0] + result[1] * 10 + result[3] * 100).backward()
    assert (x.grad, w.grad) == (201.0, 310.0)
    assert checkpoint(lambda x: 5.0)(x) == 5.0
    assert checkpoint(lambda x: x)(x) is x
    assert checkpoint(lambda: 5.0)() == 5.0


def test_the_same_result_may_be_returned_twice():
    def f(x):
        y = x * x
        return [y, y]

    x = Value(3.0)
    a, b = checkpoint(f)(x)
    (a + b * 10).backward()
    assert x.grad == 66.0


def test_leaves_that_the_function_makes_are_constants():
    x = Value(3.0)
    y = checkpoint(lambda x: x * Value(2.0) + Value(1.0))(x)
    y.backward()
    assert (y.data, x.grad) == (7.0, 2.0)


@given(numbers, numbers)
def test_checkpoints_nest(a, b):
    @checkpoint
    def outer(x, y):
        inner = checkpoint(smooth)
        return inner(inner(x, y), y) * x

    def plain(x, y):
        return smooth(smooth(x, y), y) * x

    value, slopes = gradients(outer, a, b)
    expected = gradients(plain, a, b)
    assert value == expected[0]
    assert slopes == pytest.approx(expected[1], rel=1e-13, abs=1e-13)


def test_captured_parameters_of_a_nested_checkpoint_receive_their_gradients():
    w, v, x = Value(2.0), Value(5.0), Value(3.0)
    inner = checkpoint(lambda x: w * x * x)
    y = checkpoint(lambda x: inner(x) * v)(x)
    y.backward()
    assert (y.data, w.grad, v.grad, x.grad) == (90.0, 45.0, 18.0, 60.0)


def test_a_chain_of_checkpoints_is_as_deep_as_you_like():
    step = checkpoint(lambda x: x * 1.001)
    x = Value(1.0)
    y = x
    for _ in range(3000):
        y = step(y)
    y.backward()
    assert x.grad == pytest.approx(1.001**3000, rel=1e-12)


def test_calling_backward_twice_doubles_the_leaves():
    w, x = Value(2.0), Value(3.0)
    y = checkpoint(lambda x: w * x * x)(x)
    y.backward()
    y.backward()
    assert (w.grad, x.grad) == (18.0, 24.0)
    y.backward(seed=10.0)
    assert (w.grad, x.grad) == (108.0, 144.0)


def test_recomputing_leaves_other_grads_alone():
    w, x = Value(2.0), Value(3.0)
    y = checkpoint(lambda x: w * x * x)(x)
    w.grad = x.grad = 7.0
    assert gradient(y, [w, x]) == [9.0, 12.0]
    assert (w.grad, x.grad) == (7.0, 7.0)


# ------------------------------------------------------------------------------------ inside of the transforms


@given(numbers, numbers)
def test_transforms_see_through_a_checkpoint(a, b):
    def plain(v):
        return smooth(v[0], v[1]) * v[1]

    def saved(v):
        return checkpoint(smooth)(v[0], v[1]) * v[1]

    at, along = [a, b], [0.5, -2.0]
    close = {"rel": 1e-12, "abs": 1e-12}
    assert grad(saved)(at) == pytest.approx(grad(plain)(at), **close)
    assert jvp(saved, (at,), (along,)) == pytest.approx(jvp(plain, (at,), (along,)), **close)
    assert vjp(saved, at)[1](3.0)[0] == pytest.approx(vjp(plain, at)[1](3.0)[0], **close)
    assert hvp(saved, (at,), (along,)) == pytest.approx(hvp(plain, (at,), (along,)), **close)
    assert flat(hessian(saved)(at)) == pytest.approx(flat(hessian(plain)(at)), **close)
    assert flat(jacobian(jacobian(saved))(at)) == pytest.approx(flat(hessian(plain)(at)), **close)
    _, pull = vjp(grad(saved), at)
    assert pull(along)[0] == pytest.approx(hvp(plain, (at,), (along,)), **close)
    _, pull = vjp(saved, at)
    assert jvp(lambda c: pull(c)[0], (1.0,), (1.0,))[1] == pytest.approx(grad(plain)(at), **close)


@given(numbers)
def test_third_derivatives_pass_through_a_checkpoint(a):
    f = checkpoint(lambda x: x.sin() * x)
    assert grad(grad(grad(f)))(a) == pytest.approx(grad(grad(grad(lambda x: x.sin() * x)))(a), rel=1e-12, abs=1e-12)


def test_a_transform_inside_of_a_checkpoint_is_recomputed_with_it():
    def slope(x):
        return grad(lambda x: x * x * x)(x) * x  # 3x³

    x = Value(2.0)
    y = checkpoint(slope)(x)
    y.backward()
    assert (y.data, x.grad) == (24.0, 36.0)
    assert hessian(checkpoint(slope))(2.0) == 36.0


def test_gradients_of_captured_parameters_can_be_differentiated_again():
    w, x = Value(2.0), Value(3.0)
    y = checkpoint(lambda x: w * w * w * x)(x)
    slope = gradient(y, w, create_graph=True)
    assert slope.data == 36.0
    assert gradient(slope, [w, x]) == [36.0, 12.0]
    slope.backward()
    assert (w.grad, x.grad) == (36.0, 12.0)


def test_under_no_grad_a_checkpointed_function_is_the_function():
    x = Value(3.0)
    with no_grad():
        y = checkpoint(lambda x: x * x)(x)
    assert (y.data, y.parents) == (9.0, ())


def test_plain_numbers_are_differentiated_for_parameters_only():
    w = Value(2.0)
    y = checkpoint(lambda x: w * x)(3.0)
    y.backward()
    assert w.grad == 3.0
    assert checkpoint(lambda x: x * x)(3.0) == 9.0


# ----------------------------------------------------------------------------------------------- what it saves


@pytest.mark.parametrize("results", [1, 3])
def test_a_backward_pass_computes_the_function_again_once_whatever_the_number_of_results(results):
    calls = []

    def f(x, y):
        calls.append(x)
        return [x * y * i for i in range(1, results + 1)]

    x, y = Value(2.0), Value(3.0)
    output = autograd.sum(checkpoint(f)(x, y))
    assert len(calls) == 1
    output.backward()
    assert len(calls) == 2
    gradient(output, [x, y])
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("differentiate", "calls"),
    [
        (lambda f: f(Value(2.0)), 1),
        (lambda f: f(Value(2.0)).backward(), 2),
        (lambda f: grad(f)(2.0), 2),
        (lambda f: grad(f)(Value(2.0)).data, 2),
        (lambda f: jvp(f, (2.0,), (1.0,)), 1),  # forward mode reads the graph at once
        (lambda f: [pull := vjp(f, 2.0)[1], pull(1.0), pull(2.0)], 3),
        (lambda f: jacobian(lambda x: [f(x), x, 2 * x])(2.0), 2),
        (lambda f: grad(lambda x: f(f(x)))(2.0), 4),
        (lambda f: hessian(f)(2.0), 2),  # the gradient's graph stays, to be differentiated
    ],
)
def test_each_pass_back_through_a_checkpoint_is_one_more_call_of_the_function(differentiate, calls):
    made = []

    def f(x):
        made.append(None)
        return x * x * x

    differentiate(checkpoint(f))
    assert len(made) == calls


@pytest.mark.parametrize("length", [100, 1000])
def test_no_node_inside_stays_alive_after_the_forward_pass(length):
    w = Value(1.001)

    def chain(x):
        for _ in range(length):
            x = (x * w).tanh()
        return x

    x = Value(0.5)
    with counting() as alive:
        plain = chain(x)
        assert alive() == 2 * length
        del plain
        y = checkpoint(chain)(x)
        assert alive() == 2  # the call and its result
        y.backward()
        assert alive() == 2
    assert x.grad != 0.0


def test_what_the_function_makes_for_itself_does_not_stay_alive_either():
    def chain(x):
        for i in range(100):
            x = x * Value(1.0) + autograd.dot([x, 0.5], [0.1, float(i)])
        return x

    x = Value(0.5)
    with counting() as alive:
        y = checkpoint(chain)(x)
        assert alive() == 2
    y.backward()
    assert x.grad == pytest.approx(grad(chain)(0.5), rel=1e-13)


def test_a_checkpoint_is_freed_with_its_last_user():
    x = Value(0.5)
    gc.collect()
    gc.disable()
    try:
        with counting() as alive:
            y = checkpoint(lambda x: (x * x).exp())(x)
            y.backward()
            del y
            assert alive() == 0  # no cycles: no collector needed
    finally:
        gc.enable()


# ---------------------------------------------------------------------------------------------------- refusals


def impure(first: Any, afterwards: Any) -> Any:
    """A function that computes something else from its second call on."""
    calls = itertools.chain([first], itertools.repeat(afterwards))
    return lambda x: next(calls)(x)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (lambda x: x * 2, lambda x: x * 3),
        (lambda x: x * 2, lambda x: 6.5),
        (lambda x: x * 2, lambda x: 6.0),
        (lambda x: [1.0, x * 2], lambda x: [1.0]),
        (lambda x: [x * 2, x * 3], lambda x: [x * 3, x * 2]),
        (lambda x: x * 2, lambda x: x * float("nan")),
    ],
    ids=["other factor", "other plain number", "plain number", "fewer", "swapped", "nan"],
)
def test_a_function_that_computes_something_else_is_refused(first, second):
    x = Value(3.0)
    results = flat([checkpoint(impure(first, second))(x)])
    y = autograd.sum(results)
    for differentiate in (y.backward, lambda: gradient(y, x)):
        with pytest.raises(RuntimeError, match="checkpoint"):
            differentiate()
        assert x.grad == 0.0


def test_a_parameter_that_was_assigned_to_after_the_forward_pass_is_refused():
    w, x = Value(2.0, label="w"), Value(3.0)
    y = checkpoint(lambda x: w * x)(x)
    w.data = 5.0
    with pytest.raises(RuntimeError, match="w=5"):
        y.backward()
    assert (w.grad, x.grad) == (0.0, 0.0)


def test_it_takes_the_function_alone():
    for wrong in (lambda: checkpoint(lambda x: x * x, 3.0), lambda: checkpoint(lambda x: x * x, use_reentrant=False)):
        with pytest.raises(
            TypeError, match=r"takes a function alone, and returns one: call that, checkpoint\(f\)\(x\)"
        ):
            wrong()
    assert checkpoint(lambda x: x * x)(3.0) == 9.0


def test_results_that_are_not_numbers_are_refused_at_once():
    with pytest.raises(TypeError, match="result"):
        checkpoint(lambda x: "x")(Value(1.0))


def test_an_error_inside_leaves_no_mode_behind():
    with pytest.raises(ValueError, match="log"):
        checkpoint(lambda x: x.log())(Value(-1.0))
    with counting() as alive:
        kept = [Value(1.0) * 2 for _ in range(10)]
        assert alive() == 20
        del kept
        assert alive() == 0  # no journal holds them


def test_the_checkpointed_function_keeps_its_name():
    def area(x):
        """The area of a square."""
        return x * x

    assert checkpoint(area).__name__ == "area"
    assert checkpoint(area).__doc__ == "The area of a square."


def test_a_function_that_uses_another_value_of_the_same_number_is_refused():
    x, scales = Value(1.0), [Value(1.0) for _ in range(3)]
    h = x
    for s in scales:
        h = checkpoint(lambda t: t * s + t)(h)  # noqa: B023  # when it is computed again, s is the last one
    with pytest.raises(RuntimeError, match="other Values"):
        h.backward()
    assert [s.grad for s in scales] == [0.0, 0.0, 0.0]


def test_the_gradient_of_what_stands_for_the_call_reads_as_a_number():
    y = checkpoint(lambda t: t * t)(Value(3.0))
    y.backward()
    assert y.parents[0].grad == 0.0


def test_a_checkpoint_whose_result_is_not_finite_names_the_operation_inside():
    x = Value(1000.0, label="x")
    y = checkpoint(lambda x: x.exp() * 2)(x)
    assert y.data == math.inf
    with pytest.raises(ValueError, match=r"the first number that is not finite is exp\(x=1000\.0\) = inf"):
        y.backward()


def test_every_node_around_a_checkpoint_has_a_gradient_that_can_be_read_and_set():
    x = Value(2.0)
    y = checkpoint(lambda x: x * x)(x)
    y.backward()
    assert [type(node.grad) for node in autograd.topological_order(y)] == [float, float, float]
    for node in autograd.topological_order(y):
        node.grad = 3.0
        assert node.grad == 3.0
