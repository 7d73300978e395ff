"""What isn't defined is noticed, although the end is finite; and where nothing can be, nothing is looked at."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")
pytestmark = pytest.mark.jax

import autograd  # noqa: E402
from autograd import compile  # noqa: E402
from autograd.program.engines.jax.undefined import watched  # noqa: E402


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: autograd.tanh(x * x) + 2 / 4.0 + x**3, []),
        (lambda x: autograd.tanh(1 / x), ["div"]),
        (lambda x: autograd.log(x) + x**0.5, ["log", "pow"]),
        (lambda x: autograd.where(x + 1 > 0, x, 0.0), ["add"]),
        (lambda x: (x * x + 1) ** -0.5, ["pow"]),
        (lambda x: (x * x + 1) ** x, ["add", "mul", "pow"]),
    ],
)
def test_only_what_may_be_hidden_is_looked_at(function, expected):
    traced = compile(function).specialization([np.ones(2)])
    task = traced.task("value")
    names = [y.op.name for y in task.operations if y.serial in watched(task.operations, None)]
    assert sorted(names) == expected
