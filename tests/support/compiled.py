"""Compiled functions against eager ones, for the tests of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.program import Program, compile


def agree(
    fn: Callable[..., Any], parameters: Sequence[Value], *batches: Any, program: Program | None = None
) -> Program:
    """Compare a program's mean and gradients with the eager mean and backward(); the gradients are left at zero."""
    program = program or compile(fn, parameters)
    for p in parameters:
        p.grad = 0.0
    got = program(*batches)
    found = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    expected = autograd.mean([fn(*row) for row in zip(*[np.asarray(batch).tolist() for batch in batches])])
    expected.backward()
    gradients = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    largest = max(map(abs, gradients))
    assert largest > 0
    assert abs(got - expected.data) <= 1e-12 * max(1.0, abs(expected.data))
    assert max([abs(a - b) for a, b in zip(found, gradients)]) <= 1e-12 * largest
    return program


def leaf(x: float = 0.7, label: str = "w") -> Value:
    return Value(x, label=label)
