"""The loss of classes and its gradient are the numbers that the operations give which they stand for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, sum, take
from autograd.lookup import FEW
from autograd.program import compile
from autograd.program.engines.numpy.fused import steps
from autograd.program.idioms import GRADIENT, LOSS
from tests.support.compiled import agree, leaf

RNG = np.random.default_rng(0)


def texts(width: int, size: int) -> tuple[Any, Any]:
    """Letters, each the number of a row of `net`, and the class of each."""
    return RNG.integers(0, 4, (size, width)).astype(float), RNG.integers(0, 3, (size, width)).astype(float)


@pytest.mark.parametrize("width", [1, 5])
@pytest.mark.parametrize("size", [1, 7, FEW])
def test_gradients_are_those_of_values(width: int, size: int):
    table = [[leaf(float(x)) for x in row] for row in RNG.normal(size=(4, 3))]

    def loss(letters: Any, classes: Any) -> Any:
        return nn.cross_entropy([take(table, i) for i in letters], classes)

    parameters = [w for row in table for w in row]
    program = compile(loss, parameters)
    agree(loss, parameters, *texts(width, size), program=program)
    found = steps(program.specialization(texts(width, size)).task("step").operations)[1].values()
    assert {LOSS, GRADIENT} <= {step.op for step in found}


@pytest.mark.parametrize("of", [{"ignore_index": 2}, {"weight": [0.5, 2.0, 1.0]}, {"label_smoothing": 0.25}])
def test_a_loss_with_settings_has_their_gradients(of: Any):
    table = [[leaf(float(x)) for x in row] for row in RNG.normal(size=(4, 3))]

    def loss(letters: Any, classes: Any) -> Any:
        return nn.cross_entropy([take(table, i) for i in letters], classes, **of)

    agree(loss, [w for row in table for w in row], *texts(3, 5))


@pytest.mark.parametrize("z", [0.0, 30.0, 800.0, -800.0])
def test_a_class_that_is_all_but_certain_keeps_its_small_loss_and_gradient(z: float):
    w = Value(z)
    program = compile(lambda t: nn.cross_entropy([w, 0.0 * w, 0.5 * w - 700.0], t), [w])
    eager = nn.cross_entropy([w, 0.0 * w, 0.5 * w - 700.0], 0)
    eager.backward()
    expected, w.grad = w.grad, 0.0
    assert program([0.0]) == pytest.approx(eager.data, rel=1e-15, abs=0.0)
    assert w.grad == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("size", [1, FEW + 1])
@pytest.mark.parametrize("wrong", [3.0, -1.0, 0.5])
def test_an_example_with_no_such_class_is_refused_and_spoils_no_other(size: int, wrong: float):
    net = [[leaf(0.5), leaf(-1.0), leaf(0.25)], [leaf(2.0), leaf(0.0), leaf(1.0)]]
    program = compile(
        lambda ts: sum([nn.cross_entropy(row, t) for row, t in zip(net, ts)]), [x for r in net for x in r]
    )
    right = np.zeros((size, 2))
    expected = program.map(right)
    given = right.copy()
    given[-1, 0] = wrong
    with pytest.raises((ValueError, TypeError, IndexError), match=f"row {size - 1}"):
        program(given)
    assert program(right) == pytest.approx(expected[0])


def test_a_true_class_that_is_far_below_the_others_takes_none_of_their_digits():
    w = Value(2.0)
    compile(lambda x, k: nn.cross_entropy([w * x, 0.25, x - 1e15], k), [w])([0.75], [2])
    assert w.grad == pytest.approx(0.75 / (1 + math.exp(0.25 - 1.5)), rel=1e-14)
