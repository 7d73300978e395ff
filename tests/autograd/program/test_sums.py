"""Sums that are written out become what `dot` and `sum` become."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import autograd
import nn
from autograd import Value, compile, ops
from autograd.program.engines.base import needed
from autograd.program.lower import lower
from autograd.program.tracing.following import follow
from autograd.program.tracing.trace import traced_input

RNG = random.Random(0)
W = [[Value(RNG.uniform(-1, 1)) for _ in range(4)] for _ in range(3)]
COLUMNS = [list(column) for column in zip(*W)]
B = [Value(RNG.uniform(-1, 1)) for _ in range(3)]
PARAMETERS = [*[w for row in W for w in row], *B]
X = [[0.3, -1.2, 0.7, 2.0], [1.1, 0.4, -0.6, 0.2]]


def by_dot(x: Any) -> list[Any]:
    return [autograd.dot(w, x, b) for w, b in zip(W, B)]


def input_by_input(x: Any) -> list[Any]:
    z = list(B)
    for i, column in enumerate(COLUMNS):
        for j, w in enumerate(column):
            z[j] += w * x[i]
    return z


WAYS: dict[str, Callable[[Any], list[Any]]] = {
    "sum with the bias first": lambda x: [sum((a * c for a, c in zip(w, x)), b) for w, b in zip(W, B)],
    "sum, then the bias, weights on the right": lambda x: [sum(c * a for a, c in zip(w, x)) + b for w, b in zip(W, B)],
    "a sum of autograd": lambda x: [autograd.sum([a * c for a, c in zip(w, x)]) + b for w, b in zip(W, B)],
    "a chain, weights on both sides": lambda x: [
        w[0] * x[0] + x[1] * w[1] + w[2] * x[2] + b + x[3] * w[3] for w, b in zip(W, B)
    ],
    "from the right": lambda x: [w[0] * x[0] + (w[1] * x[1] + (w[2] * x[2] + (w[3] * x[3] + b))) for w, b in zip(W, B)],
    "with minus signs that cancel": lambda x: [
        -(-(w[0] * x[0] - -(w[1] * x[1])) - b - w[2] * x[2]) - (-(w[3] * x[3])) for w, b in zip(W, B)
    ],
    "input by input": input_by_input,
}


def loss(layer: Callable[[Any], list[Any]]) -> Callable[[Any], Any]:
    return lambda x: autograd.mean([z.tanh() for z in layer(x)])


@pytest.mark.parametrize("way", WAYS)
def test_a_layer_that_is_written_out_has_the_equations_of_dot(way: str) -> None:
    written, by_rule = compile(loss(WAYS[way]), PARAMETERS), compile(loss(by_dot), PARAMETERS)
    assert written.explain(X).text == by_rule.explain(X).text
    assert (written(X), gradients()) == (by_rule(X), gradients())


def gradients() -> list[float]:
    found = [p.grad for p in PARAMETERS]
    for p in PARAMETERS:
        p.grad = 0.0
    return found


def test_a_model_as_lectures_write_it_has_the_equations_of_the_package() -> None:
    model = nn.MLP(1, [5, 4, 1], "tanh", seed=0)

    def lecture(x: Any) -> Any:
        a = [x]
        for layer in model.layers:
            z = [sum((w * v for w, v in zip(n.w, a)), n.b) for n in layer.neurons]
            a = [v.tanh() for v in z] if len(z) > 1 else z
        return a[0]

    programs = [compile(lambda x, f=f: f(x) ** 2, model.parameters()) for f in (lecture, model)]
    ours, package = [program.explain([0.5, 1.5]) for program in programs]
    assert (ours.text, ours.calls) == (package.text, package.calls)


def operations(fn: Callable[..., Any], parameters: Sequence[Value], size: int) -> list[Any]:
    """The operations that the results of a function of so many inputs need."""
    arguments = [[traced_input("x") for _ in range(size)]]
    output, trace = follow(fn, arguments, parameters)
    found = lower(output, trace.nodes, arguments, parameters)
    return [node.op for node in needed([x[0] for x in found.outputs if isinstance(x, tuple)])]


def test_what_is_used_twice_is_computed_once() -> None:
    def twice(x: Any) -> list[Any]:
        p = W[0][0] * x[0]
        return [p + W[0][1] * x[1] + B[0], p.tanh()]

    found = operations(twice, PARAMETERS, 4)
    assert found.count(ops.mul) + found.count("neurons") + found.count("product") <= 2
    assert "neurons" not in found

    def returned(x: Any) -> list[Any]:
        z = W[0][0] * x[0] + W[0][1] * x[1]
        return [z, z + W[0][2] * x[2] + W[0][3] * x[3]]

    assert operations(returned, PARAMETERS, 4).count("product") == 2


def test_a_product_alone_is_a_layer_only_beside_others() -> None:
    assert "neurons" in operations(lambda x: [w * x[0] + b for w, b in zip(W[0], B)], PARAMETERS, 1)
    assert "neurons" not in operations(lambda x: [W[0][0] * x[0] + B[0]], PARAMETERS, 1)


def test_what_is_subtracted_is_a_product_of_its_own() -> None:
    found = operations(lambda x: [x[0] - sum(w * v for w, v in zip(W[0], x))], PARAMETERS, 4)
    assert (found.count("product"), found.count(ops.sub), found.count(ops.neg)) == (1, 1, 0)
    found = operations(lambda x: [-(W[0][0] * x[0]) - W[0][1] * x[1]], PARAMETERS, 4)
    assert (found.count("product"), found.count(ops.neg)) == (1, 1)


def test_a_sum_of_layers_keeps_the_layers() -> None:
    def total(layer: Callable[[Any], list[Any]]) -> list[Any]:
        return operations(lambda x: [sum(layer(x))], PARAMETERS, 4)

    assert total(WAYS["sum with the bias first"]).count("neurons") == 1
    recurrent = operations(
        lambda x: [sum(w * v for w, v in zip(W[0], x[:2])) + sum(w * v for w, v in zip(W[1], x[2:]))], PARAMETERS, 4
    )
    assert recurrent.count("product") == 2


def test_a_long_sum_of_anything_is_one_of_a_list_and_a_short_one_stays() -> None:
    def added(k: int) -> list[Any]:
        return operations(lambda x: [sum(v.exp() for v in x[:k])], [], 6)

    assert ops.add not in added(6)
    assert ops.add in added(3)
    assert operations(lambda x: [sum(0.5 * v for v in x)], [], 6).count("product") == 1


def test_products_of_inputs_with_each_other_are_what_dot_makes_of_them() -> None:
    written = operations(lambda x: [sum(a * b for a, b in zip(x[:4], x[4:]))], [], 8)
    assert written == operations(lambda x: [autograd.dot(x[:4], x[4:])], [], 8)


@pytest.mark.parametrize("row", [[1e308, 1e308, 1.0], [float("inf"), -float("inf"), 1.0]])
def test_what_is_not_finite_eagerly_is_refused_compiled(row: list[float]) -> None:
    w = [Value(1.0), Value(1.0), Value(1.0)]
    program = compile(lambda x: sum(a * b for a, b in zip(w, x)), w)
    with pytest.raises(ValueError, match="row 1"):
        program([[0.0, 0.0, 1.0], row])
    assert not any(p.grad for p in w)


def test_a_deep_sum_is_followed_without_recursion() -> None:
    def deep(x: Any) -> Any:
        total = 0.0
        for i in range(20_000):
            total = total + W[0][i % 4] * x[i % 4]
        return total

    program = compile(deep, PARAMETERS)
    expected = 5000 * sum(w.data * x for w, x in zip(W[0], X[0]))
    assert program([X[0]]) == pytest.approx(expected, rel=1e-11)


def test_several_constants_in_a_sum_are_one() -> None:
    w, v, x = Value(0.5), Value(0.3), 0.4

    def loss(x: Any) -> Any:
        y = autograd.sin(w * x)
        return y * sum(a - b for a, b in zip([1, 0.5, 0.46, w, y], [v, y, x, 1, x]))

    assert compile(loss, [w, v])([x]) == pytest.approx(loss(x).data, rel=1e-14)
    assert w.grad == pytest.approx(x * math.cos(0.2) * (0.96 + 0.5 - 0.3 - 0.8) + math.sin(0.2), rel=1e-14)
