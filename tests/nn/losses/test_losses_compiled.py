"""The losses in a compiled function, whose targets are numbers to come: values and slopes are those of each example."""

from __future__ import annotations

import pytest

from autograd import Value, compile
from nn.losses.classes import cross_entropy, nll_loss
from nn.losses.numbers import binary_cross_entropy_with_logits, hinge_loss, huber_loss, l1_loss, mse_loss


def differentiated(loss, outputs, *targets):
    """The loss of one example, and its gradient with respect to each of the outputs."""
    values = [Value(y) for y in outputs]
    result = loss(values if len(values) > 1 else values[0], *targets)
    result.backward()
    return result.data, [v.grad for v in values]


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (mse_loss, [0.5, -2.0, 3.0, 0.0]),
        (l1_loss, [0.5, -2.0, 3.0, 0.0]),
        (huber_loss, [0.5, -2.0, 3.0, 0.0]),
        (binary_cross_entropy_with_logits, [0.0, 1.0, 0.25, 0.9]),
        (hinge_loss, [1.0, -1.0, 1.0, -1.0]),
    ],
)
def test_a_compiled_loss_is_the_one_of_each_example(loss, targets):
    outputs = [0.7, -1.3, 2.5, -0.2]
    program = compile(loss)
    expected = [differentiated(loss, [y], t) for y, t in zip(outputs, targets)]
    assert program.map(outputs, targets) == pytest.approx([value for value, _ in expected], rel=1e-14)
    gradients = [slope / len(outputs) for _, (slope,) in expected]
    assert program.input_gradients(outputs, targets).tolist() == pytest.approx(gradients, rel=1e-14)


@pytest.mark.parametrize("loss", [cross_entropy, nll_loss])
def test_a_compiled_loss_of_classes_is_the_one_of_each_example(loss):
    outputs, classes = [[-0.3, -1.2, -2.0], [-1.0, -0.1, -3.0], [-2.0, -1.0, -0.5]], [2, 0, 1]
    expected = [differentiated(loss, row, k) for row, k in zip(outputs, classes)]
    program = compile(loss)
    assert program.map(outputs, classes) == pytest.approx([value for value, _ in expected], rel=1e-14)
    gradients = [slope / 3 for _, slopes in expected for slope in slopes]
    assert program.input_gradients(outputs, classes).ravel().tolist() == pytest.approx(gradients, rel=1e-13, abs=1e-16)
