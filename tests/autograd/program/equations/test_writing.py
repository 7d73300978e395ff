"""How operations are written: whoever computes what it says gets the gradients."""

from __future__ import annotations

import pytest

import autograd
from autograd import Value
from autograd.program.equations.writing import WRITERS
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
