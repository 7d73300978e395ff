"""A softmax of a derivative is recognized, a centred list, and nothing else; the way back reads the table of rules."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, dot, exp, mean, ops, softmax
from autograd.program import compile
from autograd.program.builder import Builder
from autograd.program.engines import Task, engine
from autograd.program.engines.numpy.kernels import kernel
from autograd.program.engines.numpy.layout import Layout
from autograd.program.ir import Array
from tests.support.compiled import leaf
from tests.support.pages import gradients, page_agrees


def test_forward_and_backward_have_one_softmax_in_common_and_no_logarithm():
    w = Value(0.5)
    program = compile(lambda xs, ys: dot(softmax([w * x for x in xs]), ys), [w])
    task = program.specialization([np.zeros((4, 3)), np.zeros((4, 3))]).task("step")
    assert Counter([x.op for x in task.operations])["softmax"] == 1
    called = [call[0] for call in Layout(task, 4, engine("numpy", "float64").memory(1, 0)).calls]
    assert called.count(np.exp) == 1
    assert kernel(ops.logsumexp) not in called


def run(x: Array, y: Array, numbers: list[float]) -> list[float]:
    of = engine("numpy", "float64")
    found = of.prepare(Task([x], None, [y])).run_for(1, of.memory(0, 0))
    found.load(0, np.array(numbers)[:, None])
    found()
    return np.asarray(found.results[0]).ravel().tolist()


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


# ---------------------------------------------------------------------------- no derivative stands beside the table's

X, Y = np.random.default_rng(0).normal(size=(2, 3, 4))
W = [leaf(0.5), leaf(-1.5), leaf(0.75), leaf(2.0)]


def shares(xs: Any, ys: Any) -> Any:
    rows = [[w * x for w, x in zip(W, xs)], [w + x for w, x in zip(W, xs)]]
    return dot(softmax(rows[0]), ys) + dot(softmax(rows[1]), ys)


def spreads(xs: Any, ys: Any) -> Any:
    rows = [[w * x for w, x in zip(W, xs)], [w + x for w, x in zip(W, xs)]]
    less = [[x - mu for x in row] for row in rows for mu in [mean(row)]]
    return dot(less[0], less[0]) * dot(less[1], ys)


def one_class(xs: Any, ys: Any) -> Any:
    return nn.cross_entropy([w * x for w, x in zip(W, xs)], 2)


def known_class(xs: Any, ys: Any, k: Any) -> Any:
    return nn.cross_entropy([w * x for w, x in zip(W, xs)], k)


def classes(xs: Any, ys: Any, k: Any) -> Any:
    return nn.cross_entropy([[w * x for w, x in zip(W, xs)], [w + x for w, x in zip(W, xs)]], [k, 2])


@pytest.mark.parametrize(("rule", "other", "loss"), [
    ("exp", lambda y, a: 3.0 * y, shares),
    ("logsumexp", lambda y, xs: ([2.0 * exp(x - y) for x in xs],), shares),
    ("mean", lambda y, xs: ([2.0 / len(xs)] * len(xs),), spreads),
    ("cross_entropy", lambda y, z, xs: (-1.0, [exp(x - z) for x in xs]), one_class),
    ("cross_entropy", lambda y, z, xs: (-1.0, [exp(x - z) for x in xs]), known_class),
    ("cross_entropy", lambda y, z, xs: (-1.0, [exp(x - z) for x in xs]), classes),
], ids=["exp", "logsumexp", "mean", "one class", "a class", "classes"])  # fmt: skip
def test_another_slope_in_the_table_is_another_gradient(
    rule: str, other: Any, loss: Any, monkeypatch: pytest.MonkeyPatch
):
    batches = [X, Y, np.array([2.0, 0.0, 3.0])][: loss.__code__.co_argcount]
    _, before = gradients(compile(loss, W, engine="numpy"), *batches)
    monkeypatch.setattr(getattr(ops, rule), "da" if rule == "exp" else "d", other)
    program = compile(loss, W, engine="numpy")
    _, found = gradients(program, *batches)
    sum([loss(*row) / len(X) for row in zip(*[batch.tolist() for batch in batches])]).backward()
    expected = [w.grad for w in W]
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-15)
    assert found != pytest.approx(before, rel=0.01)
    page_agrees(program, *batches)
