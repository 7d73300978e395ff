"""A softmax is recognized in both of its forms, a centred list in its own, and nothing else is taken for one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from autograd import Value, dot, logsumexp, mean, ops, softmax
from autograd.program import compile
from autograd.program.builder import Builder
from autograd.program.engines import Task, engine
from autograd.program.engines.numpy.kernels import kernel
from autograd.program.engines.numpy.layout import Layout
from autograd.program.ir import Array


def test_forward_and_backward_have_one_softmax_in_common_and_no_logarithm():
    w = Value(0.5)
    program = compile(lambda xs, ys: dot(softmax([w * x for x in xs]), ys), [w])
    task = program.specialization([np.zeros((4, 3)), np.zeros((4, 3))]).task("step")
    assert Counter([x.op for x in task.operations])["softmax"] == 1
    called = [call[0] for call in Layout(task, 4, engine("numpy", "float64").memory(1, 0)).calls]
    assert called.count(np.exp) == 1
    assert kernel(ops.logsumexp) not in called


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_a_softmax_of_large_numbers_is_as_exact_as_of_small_ones(dtype: Any):
    shares = compile(softmax, dtype=dtype)
    found = np.array(shares.map([[1000.0, 1000.0, -1000.0], [0.25, 0.25, -3.0]]))
    expected = [softmax([1000.0, 1000.0, -1000.0]), softmax([0.25, 0.25, -3.0])]
    assert found == pytest.approx(np.array(expected), rel=8 * float(np.finfo(dtype).eps))


def run(x: Array, y: Array, numbers: list[float]) -> list[float]:
    of = engine("numpy", "float64")
    found = of.prepare(Task([x], None, [y])).run_for(1, of.memory(0, 0))
    found.load(0, np.array(numbers)[:, None])
    found()
    return np.asarray(found.results[0]).ravel().tolist()


@pytest.mark.parametrize("order", [[0, 0, 1, 1], [0, 1, 0, 1]])
def test_only_a_group_s_own_total_makes_a_softmax(order: list[int]):
    builder = Builder()
    x = builder.make("input", detail=(0, 4))
    total = builder.make(ops.logsumexp, builder.groups(x, 2), detail=(False,))
    y = builder.apply(ops.exp, builder.apply(ops.sub, x, builder.take(total, order)))
    assert (y.op == "softmax") == (order == [0, 0, 1, 1])
    numbers = [0.5, -1.0, 2.0, 0.25]
    totals = [logsumexp(numbers[:2]), logsumexp(numbers[2:])]
    expected = np.exp(np.array(numbers) - [totals[i] for i in order])
    assert run(x, y, numbers) == pytest.approx(expected, rel=1e-15)


def test_what_divides_by_one_of_many_totals_is_no_softmax():
    """Two quotients of exponentials, each by a sum that was chosen of more than there are quotients."""
    builder = Builder()
    x = builder.make("input", detail=(0, 6))
    totals = builder.segment_sum(builder.groups(builder.make(ops.exp, x), 2))
    y = builder.apply(ops.div, builder.make(ops.exp, builder.take(x, [0, 2])), builder.take(totals, [2, 1]))
    numbers = [0.5, -1.0, 2.0, 0.25, -0.5, 1.0]
    e = np.exp(numbers)
    assert run(x, y, numbers) == pytest.approx([e[0] / (e[4] + e[5]), e[2] / (e[2] + e[3])], rel=1e-15)


@pytest.mark.parametrize("order", [[0, 0, 1, 1], [0, 1, 0, 1]])
def test_only_a_group_less_its_own_mean_is_centred(order: list[int]):
    builder = Builder()
    x = builder.make("input", detail=(0, 4))
    means = builder.make(ops.mean, builder.groups(x, 2), detail=(False,))
    y = builder.apply(ops.sub, x, builder.take(means, order))
    assert (y.op == "centred") == (order == [0, 0, 1, 1])
    numbers = [0.5, -1.0, 2.0, 0.25]
    each = [mean(numbers[:2]), mean(numbers[2:])]
    assert run(x, y, numbers) == [a - each[i] for a, i in zip(numbers, order)]
