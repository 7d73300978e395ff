"""The losses of several positions, and their gradient, are computed without one-hot vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from autograd import compile
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
