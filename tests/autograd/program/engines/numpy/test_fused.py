"""The losses of several positions, and their gradient, are computed without one-hot vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, compile, ops
from autograd.program.engines.numpy.fused import steps
from autograd.program.idioms import GRADIENT, LOSS
from autograd.selection import OneHot


def test_the_losses_of_several_positions_need_no_one_hot_vectors():
    layer = nn.Linear(2, 3, seed=0)

    def loss(xs: Any, targets: Any) -> Any:
        return nn.cross_entropy([layer(x) for x in xs], targets)

    program = compile(loss, layer.parameters())
    task = program.specialization([np.zeros((5, 4, 2)), np.zeros((5, 4))]).task("step")
    roots = [task.mean, *[g for _, g in task.gradient]]
    of = [step.op for step in steps(roots)[1].values()]
    assert (of.count(LOSS), of.count(GRADIENT)) == (1, 1)
    assert not any(isinstance(op, OneHot) for op in of)


def test_the_slope_of_a_reciprocal_root_is_the_root_divided():
    w = Value(3.0)
    program = compile(lambda x: (w * x) ** -0.5, [w])
    task = program.specialization([np.ones(2)]).task("step")
    order, found = steps([task.mean, *[g for _, g in task.gradient]])
    powers = [x for x in order if x.op is ops.pow]
    assert [found[x.serial].op for x in powers] == [ops.pow, ops.div]
    program([4.0, 0.75])
    assert w.grad == pytest.approx(sum(-0.5 * x * (3 * x) ** -1.5 for x in (4.0, 0.75)) / 2, rel=1e-15)
