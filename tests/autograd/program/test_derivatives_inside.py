"""Derivatives inside of a function that is compiled: physics-informed networks, Greeks, penalties of gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, compile, grad, gradient, hessian, hvp, jacobian, jvp, ops, value_and_grad, vjp
from autograd.rules import Binary, Unary
from tests.properties.test_compiled_programs import OPERANDS, Step, Tie, applied, run

U = nn.MLP(1, [6, 6, 1], "tanh", seed=0)
V = nn.MLP(2, [5, 1], "sigmoid", seed=1)
BENT = nn.MLP(2, [5, 1], "relu", seed=1)
PARAMETERS = [*U.parameters(), *V.parameters(), *BENT.parameters()]


def slope(x: Any) -> Any:
    return jvp(U, (x,), (1.0,))[1]


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "the second derivative of a network, reverse over reverse": lambda x, z: (
        (grad(grad(U))(x) + math.pi**2 * autograd.sin(math.pi * x)) ** 2
    ),
    "forward over forward": lambda x, z: (jvp(slope, (x,), (1.0,))[1] + x) ** 2,
    "reverse over forward": lambda x, z: (grad(slope)(x) - U(x)) ** 2,
    "forward over reverse": lambda x, z: jvp(grad(U), (x,), (1.0,))[1] ** 2,
    "value and gradient": lambda x, z: autograd.dot(*[[a, b] for a, b in [value_and_grad(U)(x)] * 2]),
    "a Laplacian from a Hessian": lambda x, z: sum(hessian(V)(z)[i][i] for i in range(2)) ** 2,
    "a product with a Hessian": lambda x, z: autograd.sum(hvp(V, (z,), ([x, 1.0],))) ** 2,
    "a Jacobian": lambda x, z: sum(a * b for a, b in zip(*jacobian(lambda z: [V(z), U(z[0]) * z[1]])(z))),
    "a pullback": lambda x, z: autograd.sum(vjp(V, z)[1](x)[0]) ** 2,
    "a network of relus, where they bend": lambda x, z: autograd.sum(
        [a * a for a in grad(lambda z: BENT([z[0] * U(x), z[1]]))(z)]
    ),
    "the cross entropy of a constant": lambda x, z: (
        grad(lambda y: ops.cross_entropy(0.5, (y * U(x), V([y, z[1]]))))(z[0]) ** 2
    ),
    "logsumexp and its softmax": lambda x, z: autograd.sum(
        [a * a for a in grad(lambda z: autograd.logsumexp([z[0] * U(x), z[1], V(z), 0.3]))(z)]
    ),
}


def wrapped(tree: Any) -> Any:
    return [wrapped(x) for x in tree] if isinstance(tree, list) else Value(tree)


@pytest.mark.parametrize("name", LOSSES)
def test_a_derivative_inside_and_the_gradients_of_the_parameters_are_those_of_eager(name: str) -> None:
    loss, rng = LOSSES[name], np.random.default_rng(0)
    batches = rng.normal(size=7), rng.normal(size=(7, 2))
    numbers = list(zip(*[b.tolist() for b in batches]))
    expected = autograd.mean([loss(*row) for row in numbers])
    expected.backward()
    gradients = [p.grad for p in PARAMETERS]
    rows = [(wrapped(x), wrapped(z)) for x, z in numbers]
    autograd.mean([loss(*row) for row in rows]).backward()
    nn.SGD(PARAMETERS, lr=1.0).zero_grad()
    program = compile(loss, PARAMETERS)
    assert program(*batches) == pytest.approx(expected.data, rel=1e-12)
    scale = max(map(abs, gradients))
    assert [p.grad for p in PARAMETERS] == pytest.approx(gradients, rel=1e-12, abs=1e-12 * scale)
    nn.SGD(PARAMETERS, lr=1.0).zero_grad()
    slopes = program.input_gradients(*batches)
    assert slopes == pytest.approx([x.grad for x, _ in rows], rel=1e-11, abs=1e-12 * scale)


SMOOTH = ["add", "sub", "mul", "neg", "div", "exp", "log", "sqrt", "sin", "tanh", "sigmoid", "softplus", "erf", "hypot"]
SMOOTH += ["abs", "relu", "maximum", "elu1", "leaky", "gelu", "silu", "pow"]  # where they are
SMOOTH += ["atan2", "sum", "mean", "dot", "logsumexp", "softmax", "cross_entropy", "neurons", "written", "layer"]
STEPS = st.builds(
    Step,
    st.sampled_from(SMOOTH),
    st.lists(OPERANDS, min_size=5, max_size=5),
    st.integers(0, 4),
    st.integers(1, 3),
)


@given(st.lists(STEPS, min_size=1, max_size=4), st.integers(1, 5), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_derivatives_inside_of_random_programs_are_those_of_eager(
    steps: list[Step], size: int, way: int, entropy: int
) -> None:
    rng = np.random.default_rng(entropy)
    parameters = [Value(x) for x in rng.uniform(-1.5, 1.5, size)]
    batch = rng.uniform(-1.5, 1.5, (3, 3))
    direction = [0.3, 1.0, -0.7]

    def f(x: Any) -> Any:
        made = run(steps, parameters, [], [x])
        return autograd.sum([x[0] * x[1] * parameters[0], *[(1 - 0.3 * i) * y for i, y in enumerate(made[:3])]])

    def loss(x: Any) -> Any:
        if way == 0:
            found = grad(f)(x)
        elif way == 1:
            found = [jvp(f, (x,), (direction,))[1]]
        else:
            found = grad(lambda y: autograd.dot(grad(f)(y), direction))(x)
        return sum(g * g for g in found)

    try:
        expected = autograd.mean([loss(row) for row in batch.tolist()])
        expected.backward()
    except (ArithmeticError, Tie):
        assume(False)
    gradients = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    assert compile(loss, parameters)(batch) == pytest.approx(expected.data, rel=1e-11, abs=1e-12)
    scale = max(1e-3, *map(abs, gradients))
    assert [p.grad for p in parameters] == pytest.approx(gradients, rel=1e-11, abs=1e-11 * scale)


@pytest.mark.parametrize("name", [name for name, rule in ops.RULES.items() if isinstance(rule, (Unary, Binary))])
def test_the_second_derivative_of_every_rule_is_that_of_eager(name: str) -> None:
    w, step = Value(0.7), Step(name, [("made", 0), ("made", 1)], 0, 1)

    def f(x: Any) -> Any:
        return applied(step, [0.6 + 0.1 * x * w, 0.5 + 0.2 * x]) + w * x * x

    def loss(x: Any) -> Any:
        return grad(grad(f))(x) ** 2 + jvp(f, (x,), (1.0,))[1]

    expected = autograd.mean([loss(x) for x in (0.3, -0.2)])
    expected.backward()
    gradient, w.grad = w.grad, 0.0
    assert compile(loss, [w])([0.3, -0.2]) == pytest.approx(expected.data, rel=1e-12)
    assert w.grad == pytest.approx(gradient, rel=1e-12)


def black_scholes(spot: Any, strike: Any, volatility: Any) -> Any:
    """The price of a call for a year and a half, at 2 % interest (Black and Scholes 1973)."""
    years, rate = 1.5, 0.02
    spread = volatility * math.sqrt(years)
    d = (autograd.log(spot / strike) + (rate + volatility**2 / 2) * years) / spread

    def normal(z: Any) -> Any:
        return 0.5 * autograd.erfc(-z / math.sqrt(2))

    return spot * normal(d) - strike * math.exp(-rate * years) * normal(d - spread)


GREEKS = {"delta": grad(black_scholes), "gamma": grad(grad(black_scholes)), "vanna": grad(grad(black_scholes, 2))}


@pytest.mark.parametrize("greek", GREEKS)
def test_a_greek_of_second_order_is_that_of_eager_for_every_option(greek: str) -> None:
    market = [80.0, 95.0, 100.0, 120.0], [100.0, 90.0, 100.0, 110.0], [0.1, 0.2, 0.25, 0.4]
    found = compile(GREEKS[greek]).map(*market)
    assert found == pytest.approx([GREEKS[greek](*row) for row in zip(*market)], rel=1e-12)


def test_gradient_cuts_what_it_returns_off_unless_it_is_to_be_differentiated_again() -> None:
    w = Value(3.0)

    def loss(x: Any, create_graph: bool) -> Any:
        y = w * w * x
        return gradient(y, w, create_graph=create_graph) * w

    for create_graph, expected in ((True, 4 * 3.0 * 2.0), (False, 2 * 3.0 * 2.0)):
        w.grad = 0.0
        assert compile(lambda x, c=create_graph: loss(x, c), [w])([2.0]) == 2 * 9.0 * 2.0
        assert w.grad == expected


def test_a_derivative_that_is_not_finite_for_an_example_is_refused_with_its_row() -> None:
    program = compile(grad(lambda x: autograd.sqrt(x) * PARAMETERS[0]), PARAMETERS)
    with pytest.raises(ValueError, match="row 1"):
        program([1.0, 0.0])
