"""The losses in a compiled function, whose targets are numbers to come: values and slopes are those of each example."""

from __future__ import annotations

from functools import partial

import pytest

from autograd import Value, compile, softmax
from nn import SGD, Linear, accuracy, evaluate, fit
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


WEIGHTS = [0.5, 2.0, 1.0]


@pytest.mark.parametrize(
    ("settings", "targets"),
    [
        ({}, [0.0, 2.0, 1.0]),
        ({"weight": WEIGHTS}, [2, 0, 1]),
        ({"ignore_index": -100}, [2, -100, 0]),
        ({"ignore_index": 1, "weight": WEIGHTS}, [2, 1, 0]),
        ({"label_smoothing": 0.2}, [2, 0, 1]),
        ({"label_smoothing": 0.2, "weight": WEIGHTS, "ignore_index": -1}, [2, -1, 1]),
        ({}, [[0, 1, 0], [1, 0, 0], [0, 0, 1]]),
        ({}, [[0.25, 0.75, 0.0], [0.5, 0.25, 0.25], [0.0, 0.0, 1.0]]),
        ({"weight": WEIGHTS, "label_smoothing": 0.1}, [[0.25, 0.75, 0.0], [0.5, 0.25, 0.25], [0.0, 0.0, 1.0]]),
    ],
    ids=repr,
)
def test_a_compiled_cross_entropy_with_settings_is_the_one_of_each_example(settings, targets):
    outputs = [[-0.3, -1.2, -2.0], [-1.0, -0.1, -3.0], [-2.0, -1.0, -0.5]]
    expected = [differentiated(partial(cross_entropy, **settings), row, t) for row, t in zip(outputs, targets)]
    calls = []

    def loss(logits, target):
        calls.append(1)
        return cross_entropy(logits, target, **settings)

    program = compile(loss)
    assert program.map(outputs, targets) == pytest.approx([value for value, _ in expected], rel=1e-13)
    found = program.input_gradients(outputs, targets).ravel().tolist()
    assert len(calls) <= 2  # it was followed, and not asked row by row
    assert found == pytest.approx([slope / 3 for _, slopes in expected for slope in slopes], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("target", "message"),
    [([0.5, 0.6, 0.1], "sum to 1, got a sum of 1.2"), ([1.5, -0.5, 0.0], "from 0 to 1, got 1.5")],
)
def test_a_compiled_cross_entropy_refuses_what_are_no_probabilities(target, message):
    program = compile(cross_entropy)
    assert program([[1.0, 2.0, 0.0]], [[0.5, 0.5, 0.0]]) > 0
    with pytest.raises(ValueError, match=message):
        program([[1.0, 2.0, 0.0]], [target])


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    "targets",
    [[0, 1, 2, 1], [0.0, 1.0, 2.0, 1.0], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]]],
    ids=["numbers", "floats", "one-hot"],
)
def test_fit_evaluate_and_accuracy_take_targets_of_every_kind(compiled, targets):
    xs = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.1, 0.9]]
    model = Linear(2, 3, seed=0)
    settings = {"optimizer": SGD(model.parameters(), lr=1.0), "epochs": 300, "progress": False, "compile": compiled}
    history = fit(model, cross_entropy, xs, targets, **settings)
    assert history.loss[-1] < 0.5 < history.loss[0]
    assert evaluate(model, cross_entropy, xs, targets) < 0.5
    assert accuracy(model.batch(xs), targets) == 1.0


@pytest.mark.parametrize("compiled", [False, True])
def test_fit_learns_by_the_weights_of_the_classes_and_not_from_what_is_ignored(compiled):
    """Of one input, three times of class 0 and once of 1: softmax goes to the shares, weighted."""
    xs, ts = [[1.0]] * 5, [0, 0, 0, 1, -1]
    for weight, share in ((None, 0.25), ([1.0, 3.0], 0.5)):
        model = Linear(1, 2, seed=0)
        loss = partial(cross_entropy, weight=weight, ignore_index=-1)
        optimizer = SGD(model.parameters(), lr=1.0)
        fit(model, loss, xs, ts, optimizer=optimizer, epochs=300, progress=False, compile=compiled)
        assert softmax(model([1.0]))[1].data == pytest.approx(share, abs=1e-3)


@pytest.mark.parametrize("loss", [cross_entropy, nll_loss])
def test_a_compiled_loss_of_classes_is_the_one_of_each_example(loss):
    outputs, classes = [[-0.3, -1.2, -2.0], [-1.0, -0.1, -3.0], [-2.0, -1.0, -0.5]], [2, 0, 1]
    expected = [differentiated(loss, row, k) for row, k in zip(outputs, classes)]
    program = compile(loss)
    assert program.map(outputs, classes) == pytest.approx([value for value, _ in expected], rel=1e-14)
    gradients = [slope / 3 for _, slopes in expected for slope in slopes]
    assert program.input_gradients(outputs, classes).ravel().tolist() == pytest.approx(gradients, rel=1e-13, abs=1e-16)
