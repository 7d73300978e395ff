"""How operations are written: whoever computes what it says gets the gradients."""

from __future__ import annotations

import pytest

import autograd
from autograd import Value, ops
from autograd.notation.matrices import Written
from autograd.program import compile
from autograd.program.equations.writing import WRITERS, times
from autograd.program.ir import OPERATIONS
from tests.support.equations import check, numbers


@pytest.mark.parametrize("fn", [
    lambda p, x, y: autograd.logsumexp([x[0] * p[0], x[1] * p[1], p[2]]) - y,
    lambda p, x, y: autograd.sum([x[1], x[0], x[1], p[0]]) * p[1] - autograd.dot(x, x) * p[2],
    lambda p, x, y: autograd.sum([autograd.dot(p[i : i + 2], x[i : i + 2], 0.5) for i in range(2)]),
    lambda p, x, y: x[0] * (p[0] / (2 + p[1] * p[1]) - p[2] * (x[1] - (y - p[0]))) / (1 + y * y),
    lambda p, x, y: (x[0] + 2 * p[0]) / (3 * (p[1] * x[1])) - y / -(2 * p[2]) / (4 * x[2]),
    lambda p, x, y: -(p[0] - x[2]) * -(x[0] / 3) - (x[1] + p[1] + (-p[2])) ** 3,
])  # fmt: skip
def test_the_equations_of_any_function_compute_its_gradients(fn):
    p = [Value(float(v)) for v in (0.5, -1.5, 0.75)]
    check(lambda x, y: fn(p, x, y), {"W1": [p[:2]], "W2": [p[1:]]}, numbers(6, 3), numbers(6))


def test_every_operation_of_the_table_is_written_or_has_a_name():
    named = {"input", "vector", "captured", "constants", "batch", "matrix"}
    passed_over = {"groups", "flat"}
    assert set(OPERATIONS) == {op for op in WRITERS if isinstance(op, str)} | named | passed_over


A, C = Value(2.0, label="a"), Value(1.0, label="c")
MATRIX = [Value(0.5, label=f"w.{i}") for i in range(4)]


@pytest.mark.parametrize(("fn", "texts"), [
    (lambda x, y: (A * x) ** 2.5 + x**C, [
        "L = mean((a X)^2.5 + X^c)", "V1 = where((X ≤ 0) ∧ (X ≥ 0), [c ≤ 1] sqrt(X), X^c ⊙ ln(X)) / 3",
    ]),
    (lambda x, y: abs(A * x - y), ["L = mean(|a X − Y|)", "∇a = (sign(a X − Y) ⊙ X) 1 / 3"]),
    (lambda x, y: autograd.relu(A * x), ["L = mean(relu(a X))", "∇a = (X ⊙ [a X > 0]) 1 / 3"]),
    (lambda x, y: autograd.maximum(A * x, y) + autograd.log(y), [
        "L = mean(max(a X, Y) + ln(Y))", "∇a = (X ⊙ where(a X > Y, 1, ½) ⊙ [a X ≥ Y]) 1 / 3",
    ]),
    (lambda x, y: A / x, ["L = mean(a / X)", "∇a = (1 / X) 1 / 3"]),
    (lambda x, y: x / A + x / (2 * A), [
        "V1 = 2 a", "L = mean(X / a + X / V1)", "∇a = −2 (X / V1 / V1) 1 / 3 − (X / a / a) 1 / 3",
    ]),
    (lambda x, y: autograd.elu(A * x, C), [
        "V1 = a X", "L = mean(elu(V1, c))", "∇a = (where(V1 > 0, 1, c exp(V1 ⊙ [V1 < 0])) ⊙ X) 1 / 3",
        "∇c = (expm1(V1 ⊙ [V1 < 0]) ⊙ [V1 ≤ 0]) 1 / 3",
    ]),
    (lambda x, y: autograd.mean([x * A * 1e-7, y * 0.123456789]), [
        "L = mean(mean↓([1e-07 a X; 0.1235 Y]))", "∇a = 5e-08 X 1 / 3",
    ]),
    (lambda x, y: autograd.sum([
        autograd.dot([autograd.exp(v) for v in MATRIX[i : i + 2]], [x, y]).tanh() for i in (0, 2)
    ]), [
        "V1 = exp(w)", "Z1 = mat2×2(V1) [X; Y]", "A1 = tanh(Z1)", "L = mean(sum↓(A1))", "δ1 = (1 − A1²) / 3",
        "∇w = vec(δ1 [X; Y]ᵀ) ⊙ V1",
    ]),
])  # fmt: skip
def test_each_kind_of_operation_has_its_own_way(fn, texts):
    found = compile(fn, [A, C, *MATRIX]).explain([0.5, 1.5, 2.0], [1.0, 2.0, 3.0])
    written = [x.text for x in found.equations if not x.name.startswith("∇") or x.text in texts]
    assert sorted(written) == sorted(texts)


def test_nothing_over_something_can_be_a_factor():
    nothing = WRITERS[ops.div](None, Written.number(0.0), Written.name("Y"))
    assert times(Written.name("X"), nothing, [False, False]).full.text == "0 X ⊙ 1 / Y"
