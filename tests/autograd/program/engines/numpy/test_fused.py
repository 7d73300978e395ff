"""A softmax is recognized in both of its forms, and nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Value, dot, logsumexp, ops, softmax
from autograd.program import compile
from autograd.program.builder import Builder
from autograd.program.engines import Task, engine
from autograd.program.engines.numpy.fused import steps
from autograd.program.engines.numpy.kernels import kernel
from autograd.program.engines.numpy.layout import Layout


def test_forward_and_backward_have_one_softmax_in_common_and_no_logarithm():
    w = Value(0.5)
    program = compile(lambda xs, ys: dot(softmax([w * x for x in xs]), ys), [w])
    task = program.specialization([np.zeros((4, 3)), np.zeros((4, 3))]).task("step")
    found = steps(task.operations)[1].values()
    assert sorted([step.op for step in found if step.op in ("softmax", "same")]) == ["same", "softmax"]
    called = [call[0] for call in Layout(task, 4, engine("numpy", "float64").memory(1, 0)).calls]
    assert called.count(np.exp) == 1
    assert kernel(ops.logsumexp) not in called


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_a_softmax_of_large_numbers_is_as_exact_as_of_small_ones(dtype: Any):
    shares = compile(softmax, dtype=dtype)
    found = np.array(shares.map([[1000.0, 1000.0, -1000.0], [0.25, 0.25, -3.0]]))
    expected = [softmax([1000.0, 1000.0, -1000.0]), softmax([0.25, 0.25, -3.0])]
    assert found == pytest.approx(np.array(expected), rel=8 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("order", [[0, 0, 1, 1], [0, 1, 0, 1]])
def test_only_a_group_s_own_total_makes_a_softmax(order: list[int]):
    builder = Builder()
    x = builder.make("input", detail=(0, 4))
    total = builder.make(ops.logsumexp, builder.groups(x, 2), detail=(False,))
    y = builder.make(ops.exp, builder.make(ops.sub, x, builder.take(total, order)))
    run = engine("numpy", "float64").prepare(Task([x], None, [y])).run_for(1, engine("numpy", "float64").memory(0, 0))
    numbers = [0.5, -1.0, 2.0, 0.25]
    run.load(0, np.array(numbers)[:, None])
    run()
    totals = [logsumexp(numbers[:2]), logsumexp(numbers[2:])]
    assert run.results[0].ravel() == pytest.approx(np.exp(np.array(numbers) - [totals[i] for i in order]), rel=1e-15)


def test_what_divides_by_one_of_many_totals_is_no_softmax():
    """Two quotients of exponentials, each by a sum that was chosen of more than there are quotients."""
    builder = Builder()
    x = builder.make("input", detail=(0, 6))
    powers = builder.make(ops.exp, x)
    totals = builder.segment_sum(builder.groups(powers, 2))
    two = builder.take(powers, [0, 2])
    y = builder.make(ops.div, builder.make(ops.exp, builder.take(x, [0, 2])), builder.take(totals, [2, 1]))
    run = (
        engine("numpy", "float64")
        .prepare(Task([x], None, [y, two]))
        .run_for(1, engine("numpy", "float64").memory(0, 0))
    )
    numbers = np.array([0.5, -1.0, 2.0, 0.25, -0.5, 1.0])
    run.load(0, numbers[:, None])
    run()
    e = np.exp(numbers)
    assert run.results[0].ravel() == pytest.approx([e[0] / (e[4] + e[5]), e[2] / (e[2] + e[3])], rel=1e-15)
