"""Graphs that are long or wide: only memory bounds the number of nodes, and the cost grows no faster than the number.

Values and gradients are held against closed forms in exact arithmetic. What a computation costs is counted in the
instructions that Python executes, at two sizes: where the work is linear, twice the size takes twice as many.
"""

from __future__ import annotations

import copy
import gc
import math
import os
import pickle
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import autograd
import nn
from autograd import Value, checkpoint, draw, explain, grad, gradient, hvp, jacobian, jvp, steps, vjp
from autograd.program.engines.numpy import run
from tests.support.cost import executed

pytestmark = pytest.mark.slow

N = int(os.environ.get("LONG_AND_LARGE", "3000"))
"""How long and how large: three times what Python would recurse; LONG_AND_LARGE=1000000 for a million."""
EPS = sys.float_info.epsilon / 2  # the relative error of one rounding


def close(found: float, exact: Fraction, roundings: int) -> bool:
    """Whether a number is the exact one up to this many roundings, each relative to a number that is no larger."""
    return abs(Fraction(found) - exact) <= Fraction(roundings * EPS * 1.01) * abs(exact)


def power(x: Any, n: int = N) -> Any:
    """xⁿ by n - 1 multiplications: one leaf that is used n times, at the end of a chain of n nodes."""
    y = x
    for _ in range(n - 1):
        y = y * x
    return y


BASE = 1 + 2**-20  # BASE ** N is near 1, and so are its derivatives but for their factors of N
EXACT = Fraction(BASE)


def power_of(n: int) -> Fraction:
    """BASE to the power of n, to 400 bits: far more than a float has."""
    x, bits = Fraction(1), 400
    square = EXACT
    while n:
        if n & 1:
            x = Fraction(round(x * square * 2**bits), 2**bits)
        square = Fraction(round(square * square * 2**bits), 2**bits)
        n >>= 1
    return x


FIRST, SECOND = N * power_of(N - 1), N * (N - 1) * power_of(N - 2)

# all terms of these sums of products are positive, so that each rounding is one of a number no larger than the result:
# N on the way forward, and N more for each time that it is gone through
DERIVATIVES: dict[str, tuple[Callable[[], float], Fraction, int]] = {
    "grad": (lambda: grad(power)(BASE), FIRST, 4),
    "vjp": (lambda: vjp(power, BASE)[1](1.0)[0], FIRST, 4),
    "jvp": (lambda: jvp(power, (BASE,), (1.0,))[1], FIRST, 4),
    "jacobian": (lambda: jacobian(power)(BASE), FIRST, 4),
    "grad of grad": (lambda: grad(grad(power))(BASE), SECOND, 12),
    "hvp": (lambda: hvp(power, (BASE,), (1.0,)), SECOND, 12),
    "jvp of jvp": (lambda: jvp(lambda x: jvp(power, (x,), (1.0,))[1], (BASE,), (1.0,))[1], SECOND, 12),
    "grad of a checkpoint": (lambda: grad(checkpoint(power))(BASE), FIRST, 4),
    "grad of grad of a checkpoint": (lambda: grad(grad(checkpoint(power)))(BASE), SECOND, 12),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_along_a_long_chain_are_exact_but_for_its_roundings(name):
    derivative, exact, passes = DERIVATIVES[name]
    assert close(derivative(), exact, passes * N)


def test_gradients_of_a_long_chain_can_be_differentiated_copied_and_let_go():
    x = Value(BASE, label="x")
    y = power(x)
    g = gradient(y, x, create_graph=True)
    assert close(g.data, FIRST, 4 * N)
    twins = copy.deepcopy([y, g]), pickle.loads(pickle.dumps([y, g]))
    assert all((a.data, b.data, a.parents) == (y.data, g.data, ()) for a, b in twins)
    assert repr(g) == f"Value(data={g.data!r}, grad=0.0)"
    g.backward()
    assert close(x.grad, SECOND, 12 * N)
    gc.disable()
    try:
        before = sys.getallocatedblocks()
        del y, g
        assert before - sys.getallocatedblocks() > 2 * N  # freed at once, without the collector
    finally:
        gc.enable()


def test_what_shows_a_graph_refuses_a_long_one_and_says_what_to_do():
    x = Value(BASE, label="x")
    y = power(x)
    with pytest.raises(ValueError, match=r"too many to read .* depth="):
        draw(y)
    with pytest.raises(ValueError, match="too many to follow step by step"):
        steps(y)
    assert "paths" in str(explain(y, x))


LARGE: dict[str, tuple[Callable[[list[Value]], Value], Callable[[list[Fraction]], tuple[Fraction, list[Fraction]]]]] = {
    "sum": (autograd.sum, lambda xs: (sum(xs), [Fraction(1)] * len(xs))),
    "mean": (autograd.mean, lambda xs: (sum(xs) / len(xs), [Fraction(1, len(xs))] * len(xs))),
    "nested adds": (lambda xs: sum(xs), lambda xs: (sum(xs), [Fraction(1)] * len(xs))),
    "dot": (lambda xs: autograd.dot(xs, xs), lambda xs: (sum(x * x for x in xs), [2 * x for x in xs])),
}


@pytest.mark.parametrize("name", LARGE)
def test_thousands_of_leaves_have_the_gradients_of_the_closed_form(name):
    f, closed = LARGE[name]
    xs = [Value(1 + i / N) for i in range(N)]
    y = f(xs)
    y.backward()
    exact, slopes = closed([Fraction(x.data) for x in xs])
    assert close(y.data, exact, 2 * N)  # all are positive: n additions, and n products
    assert all(close(x.grad, slope, 2) for x, slope in zip(xs, slopes))


def test_thousands_of_logits_have_the_softmax_as_their_gradient():
    xs = [Value(math.log(1 + i / N)) for i in range(N)]
    y = autograd.logsumexp(xs)
    y.backward()
    powers = [math.exp(x.data) for x in xs]
    total = math.fsum(powers)  # rounded once
    # n positive terms are added up, so that their sum has n roundings; exp and log have few of their own
    assert math.isclose(math.exp(y.data), total, rel_tol=(N + 20) * EPS)
    assert all(math.isclose(x.grad, p / total, rel_tol=(N + 20) * EPS) for x, p in zip(xs, powers))


@pytest.mark.parametrize(
    "used",
    [
        lambda x: autograd.sum([x] * (30 * N)),
        lambda x: sum([x] * (30 * N)),
        lambda x: autograd.dot([x] * (15 * N), [1.0] * (15 * N), 0.0) * 2,
    ],
    ids=["sum", "builtin sum", "dot"],
)
def test_a_leaf_that_is_used_a_hundred_thousand_times_receives_as_many_parts(used):
    x = Value(3.0)
    used(x).backward()
    assert x.grad == 30 * N


def test_one_leaf_has_as_many_outputs_as_you_like():
    x = Value(2.0)
    outputs = outputs_of(N)(x)
    for y in outputs[::100]:
        y.backward()
    assert x.grad == sum(range(0, N, 100))
    assert gradient(autograd.sum(outputs), x) == N * (N - 1) / 2
    assert jacobian(outputs_of(N))(2.0) == [float(i) for i in range(N)]


# ------------------------------------------------------------------------------------------------------ what it costs


def outputs_of(n: int) -> Callable[[Any], list[Any]]:
    return lambda x: [x * float(i) for i in range(n)]


def checkpointed(inputs: int, results: int) -> Value:
    xs = [Value(1.0) for _ in range(inputs)]
    f = checkpoint(lambda xs: [xs[i % inputs] * float(i) for i in range(results)])
    y: Value = autograd.sum(f(xs))
    y.backward()
    return y


def compiled_loop(n: int) -> float:
    w = Value(0.5)

    def f(x: Any) -> Any:
        y = x
        for _ in range(n):
            y = (y * w + x).sin()
        return y

    return autograd.compile(f, [w])([1.0, 2.0])


def squares(xs: Any) -> Any:
    return autograd.sum([x * x for x in xs])


COSTS: dict[str, Callable[[int], Any]] = {
    "backward along a chain": lambda n: power(Value(BASE), n).backward(),
    "backward of a sum": lambda n: autograd.sum([Value(1.0) for _ in range(n)]).backward(),
    "grad of grad": lambda n: grad(grad(lambda x: power(x, n)))(BASE),
    "hvp of many inputs": lambda n: hvp(squares, ([1.0] * n,), ([1.0] * n,)),
    "hvp of logsumexp": lambda n: hvp(autograd.logsumexp, ([1.0] * n,), ([1.0] * n,)),
    "jvp of many outputs": lambda n: jvp(outputs_of(n), (2.0,), (1.0,)),
    "vjp of many outputs": lambda n: vjp(outputs_of(n), 2.0)[1]([1.0] * n),
    "jacobian of many outputs": lambda n: jacobian(outputs_of(n))(2.0),
    "a checkpoint of many inputs": lambda n: checkpointed(n, 1),
    "a checkpoint of many results": lambda n: checkpointed(1, n),
    "a layer of many neurons": lambda n: nn.Layer(3, n, seed=0)([1.0, 2.0, 3.0]),
    "compiling a loop": lambda n: compiled_loop(n // 2),
    "compiling a sum": lambda n: autograd.compile(squares).input_gradients([[1.0] * n]),
}


@pytest.mark.parametrize("name", COSTS)
def test_twice_the_size_takes_twice_the_instructions(name):
    run = COSTS[name]
    run(30)  # what is done only once, such as imports
    short, middle, long = (executed(lambda n=n: run(n)) for n in (50, 100, 200))
    # a constant part drops out of the differences; 2 would be linear, 4 quadratic, and sorting takes a little over 2
    assert (long - middle) / (middle - short) < 2.2


# ----------------------------------------------------------------------------------------------- models and programs


def test_a_model_of_a_thousand_layers_is_trained_and_copied():
    model = nn.MLP(2, [2] * 1000 + [1], activation="tanh", seed=0)
    model([0.5, -0.5]).backward()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.state_dict() == model.state_dict()
        assert [p.grad for p in twin.parameters()] == [p.grad for p in model.parameters()]


def test_a_compiled_loop_of_thousands_of_operations_is_the_eager_one():
    w = Value(2.0**-10)

    def f(x: Any) -> Any:
        y = x
        for _ in range(length // 2):
            y = y * w + x
        return y

    length = min(N, 100_000)
    loss = autograd.compile(f, [w])([1.0, 2.0])
    found, w.grad = w.grad, 0.0
    y = autograd.mean([f(Value(1.0)), f(Value(2.0))])
    y.backward()
    assert loss == y.data
    assert math.isclose(found, w.grad, rel_tol=length * EPS)  # all terms are positive


def test_a_program_of_more_lines_than_are_compiled_at_once_runs_them_in_turn(monkeypatch):
    def f(x: Any) -> Any:
        return autograd.sin(autograd.exp(autograd.sin(x)) * x) + x

    whole = autograd.compile(f)
    monkeypatch.setattr(run, "PIECE", 3)
    pieces = autograd.compile(f)
    batch = [0.5, -1.5, 2.0]
    assert (pieces(batch), pieces.map(batch)) == (whole(batch), whole.map(batch))
    assert pieces.input_gradients(batch).tolist() == whole.input_gradients(batch).tolist()
    assert pieces.explain(batch).calls == whole.explain(batch).calls
