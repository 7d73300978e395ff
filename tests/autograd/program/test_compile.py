"""Compiled models and losses against eager ones; what a program keeps, reads anew, and leaves alone."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import Program, compile

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 4)), RNG.normal(size=7)


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


# ----------------------------------------------------------------------------------------------------------- models


@pytest.mark.parametrize(
    "activation", ["relu", "tanh", "sigmoid", "silu", "gelu", "elu", "leaky_relu", "softplus", "sin", "abs", "linear"]
)
def test_an_mlp_is_the_same_compiled_with_every_activation(activation: str) -> None:
    model = nn.MLP(4, [5, 3, 1], activation, seed=1)
    agree(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters(), X, Y)


MODULES = {
    "layer norm": lambda: nn.LayerNorm(4),
    "rms norm": lambda: nn.RMSNorm(4),
    "batch norm that is evaluated": lambda: nn.BatchNorm(4).eval(),
    "dropout that is evaluated": lambda: nn.Dropout(0.5, seed=0).eval(),
    "residual": lambda: nn.Residual(nn.Layer(4, 4, "tanh", seed=0)),
    "prelu": lambda: nn.PReLU(),
    "prelu of each": lambda: nn.PReLU(4),
    "feedback alignment": lambda: nn.Layer(4, 3, "tanh", seed=0, feedback_alignment=True),
    "sequential": lambda: nn.Sequential(nn.Layer(4, 3, "relu", seed=0), "tanh", nn.Residual(nn.LayerNorm(3))),
}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_the_same_compiled(name: str) -> None:
    before, module = nn.Layer(4, 4, "tanh", seed=2), MODULES[name]()
    after = nn.MLP(len(module([0.1, 0.2, 0.3, 0.4])), [3, 1], "tanh", seed=3)
    parameters = [p for part in (before, module, after) for p in part.parameters()]
    agree(lambda x, y: (after(module(before(x))) - y) ** 2, parameters, X, Y)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_recurrent_net_is_the_same_compiled_for_sequences_of_several_lengths(kind: Any) -> None:
    net, head = kind(2, 3, seed=0), nn.Layer(3, 1, "linear", seed=1)
    parameters = net.parameters() + head.parameters()

    def loss(xs: Any, y: Any) -> Any:
        return (head(net(xs)[0][-1]) - y) ** 2

    program = compile(loss, parameters)
    for length in (3, 1, 5, 3):
        agree(loss, parameters, RNG.normal(size=(4, length, 2)), RNG.normal(size=4), program=program)


NUMBERS = {"mse_loss": Y, "l1_loss": Y, "huber_loss": 2 * Y, "hinge_loss": np.sign(Y)}
LOSSES = {**NUMBERS, "binary_cross_entropy_with_logits": (Y > 0).astype(float)}


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_of_numbers_is_the_same_compiled(name: str) -> None:
    model, loss = nn.MLP(4, [5, 1], "tanh", seed=0), getattr(nn, name)
    agree(lambda x, t: loss(model(x), t), model.parameters(), X, LOSSES[name])


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_losses_of_classes_take_the_class_as_an_argument(classes: int) -> None:
    model, targets = nn.MLP(4, [5, classes], "tanh", seed=0), RNG.integers(classes, size=7)
    agree(lambda x, t: nn.cross_entropy(model(x), t), model.parameters(), X, targets)
    agree(lambda x, t: nn.nll_loss(autograd.log_softmax(model(x)), t), model.parameters(), X, targets)
    agree(lambda x: nn.kl_div(autograd.log_softmax(model(x)), [1 / classes] * classes), model.parameters(), X)


def test_tied_weights_receive_the_sum_over_their_uses() -> None:
    w = [[leaf(x) for x in row] for row in RNG.normal(size=(3, 4))]

    def autoencoder(x: Any) -> Any:
        code = [autograd.tanh(autograd.dot(row, x)) for row in w]
        back = [autograd.dot(column, code) for column in zip(*w)]
        return autograd.sum([(a - b) ** 2 for a, b in zip(back, x)])

    agree(autoencoder, [p for row in w for p in row], X)


# ------------------------------------------------------------------------------------ what is read, and what is kept


def test_one_program_serves_batches_of_many_sizes_more_than_it_keeps_buffers_for() -> None:
    model = nn.MLP(4, [5, 1], "tanh", seed=0)

    def loss(x: Any, y: Any) -> Any:
        return (model(x) - y) ** 2

    program = compile(loss, model.parameters())
    for size in [*range(1, 12), 3, 1]:
        agree(loss, model.parameters(), RNG.normal(size=(size, 4)), RNG.normal(size=size), program=program)


def test_the_numbers_of_parameters_and_of_other_leaves_are_those_of_the_call() -> None:
    w, c = leaf(2.0), leaf(3.0, "c")
    program = compile(lambda x: w * c * x, [w])
    assert program([1.0]) == 6.0
    w.data, c.data = 5.0, 7.0
    assert program([1.0]) == 35.0
    assert (w.grad, c.grad) == (3.0 + 7.0, 0.0)


def test_a_leaf_whose_number_decides_what_is_done_is_looked_at_in_each_call() -> None:
    w, switch = leaf(2.0), leaf(1.0, "switch")
    program = compile(lambda x: w * x if switch > 0 else w, [w])
    assert program([3.0]) == 6.0
    switch.data = -1.0
    assert program([3.0]) == 2.0
    switch.data = 1.0
    assert program([3.0]) == 6.0


def test_the_running_statistics_of_a_batch_norm_are_those_of_the_call() -> None:
    norm, w = nn.BatchNorm(2).eval(), leaf()
    program = compile(lambda x: w * norm(x)[0], [w])
    for mean in (0.0, 5.0):
        norm.running_mean[0].data = mean
        assert program([[1.0, 2.0]]) == pytest.approx(0.7 * (1.0 - mean) / math.sqrt(1 + 1e-5), rel=1e-12)


def test_gradients_add_up_over_calls_and_only_in_the_parameters() -> None:
    w, c = leaf(2.0), leaf(3.0, "c")
    program = compile(lambda x: w * c * x, [w])
    w.grad, c.grad = 100.0, 1.0
    program([1.0, 3.0])
    program([1.0])
    assert (w.grad, c.grad) == (100.0 + 6.0 + 3.0, 1.0)


def test_without_gradients_a_call_is_only_the_mean() -> None:
    w = leaf(2.0)
    with autograd.no_grad():
        assert compile(lambda x: w * x, [w])([1.0, 3.0]) == 4.0
    assert w.grad == 0.0


def test_map_and_input_gradients_touch_no_grad() -> None:
    w = leaf(2.0)
    program = compile(lambda x, y: [w * x[0] * y, (y, x[1])], [w])
    assert program.map([[1.0, 5.0], [2.0, 6.0]], [3.0, 4.0]) == [[6.0, (3.0, 5.0)], [16.0, (4.0, 6.0)]]
    slopes = compile(lambda x, y: w * x[0] * y, [w]).input_gradients([[1.0, 5.0], [2.0, 6.0]], [3.0, 4.0])
    assert slopes.tolist() == [[3.0, 0.0], [4.0, 0.0]]
    assert w.grad == 0.0


def test_the_gradients_of_arguments_of_several_shapes_have_their_shapes() -> None:
    program = compile(lambda x, y: x[1] * y[1][0])
    batches = [[[1.0, 2.0], [3.0, 4.0]], [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]
    assert program.input_gradients(*batches, argnums=0).tolist() == [[0.0, 1.5], [0.0, 3.5]]
    assert program.input_gradients(*batches, argnums=1).tolist() == [[[0, 0], [1, 0]], [[0, 0], [2, 0]]]


def test_arguments_of_other_sizes_that_receive_the_same_gradient_keep_their_shapes() -> None:
    program = compile(lambda x, y: autograd.tanh(autograd.mean([x[1], y[1]])))
    batches = [[[1.0, 0.0, 2.0]], [[3.0, 0.0]]]
    assert program.input_gradients(*batches, argnums=0).tolist() == [[0.0, 0.5, 0.0]]
    assert program.input_gradients(*batches, argnums=1).tolist() == [[0.0, 0.5]]


def test_a_program_is_also_a_decorator() -> None:
    w = leaf(3.0)

    @compile(parameters=[w])
    def loss(x: Any) -> Any:
        """Three times."""
        return w * x

    assert (loss.__name__, loss.__doc__, loss([2.0])) == ("loss", "Three times.", 6.0)


def named(name: str) -> Callable[[float], float]:
    def f(a: float) -> float:
        return float(round(a))

    f.__name__ = name
    return f


@pytest.mark.parametrize("name", ["<lambda>", "mean", "detach", "tanh", "sum", "where", "f"])
def test_a_straight_through_function_may_be_called_anything(name: str) -> None:
    w, f = leaf(), autograd.straight_through(named(name))
    agree(lambda x: f(w * x[0]) * x[1], [w], X)


def test_a_straight_through_function_without_a_name_compiles() -> None:
    w, f = leaf(), autograd.straight_through(functools.partial(round))
    agree(lambda x: f(w * x[0]) * x[1], [w], X)


@pytest.mark.parametrize("batch", [np.asfortranarray(X), X.astype(">f4"), X.astype(int), X > 0, X.tolist(), list(X)])
def test_a_batch_may_be_any_array_of_numbers(batch: Any) -> None:
    w = leaf()
    agree(lambda x: w * x[0] + x[1] * w * w, [w], batch)


def test_constants_may_be_infinite() -> None:
    w = leaf()
    agree(lambda x: autograd.logsumexp([w * x[0], -math.inf, x[1]]) + autograd.maximum(w, -math.inf), [w], X)


def test_negative_zero_keeps_its_sign() -> None:
    w = leaf()
    program = compile(lambda x: [autograd.atan2(x + 0.0, -1.0) * w, autograd.atan2(-0.0 * x, -1.0) * w])
    assert program.map([-0.0, 1.0])[0] == [math.atan2(0.0, -1.0) * 0.7, math.atan2(0.0, -1.0) * 0.7]
    assert program.map([-0.0, 1.0])[1] == [math.atan2(1.0, -1.0) * 0.7, math.atan2(-0.0, -1.0) * 0.7]


def test_lists_may_be_empty_and_classes_one_alone() -> None:
    w = leaf()
    agree(lambda x, e: autograd.dot([], [], w) * x[0] + autograd.dot(e, e, x[1]) * w, [w], X, np.zeros((7, 0)))
    program = compile(lambda x: nn.cross_entropy([w * x], 0), [w])
    assert (program([1.0, 2.0]), w.grad) == (0.0, 0.0)


# -------------------------------------------------------------------------------------------------------- precisions


@pytest.mark.parametrize(("dtype", "digits"), [("float32", 1e-5), ("float16", 2e-2)])
def test_a_lower_precision_is_close_to_double(dtype: str, digits: float) -> None:
    model = nn.MLP(4, [8, 8, 1], "tanh", seed=0)
    results = []
    for kind in ("float64", dtype):
        model.zero_grad()
        loss = compile(lambda x, y: (model(x) - y) ** 2, model.parameters(), dtype=kind)(X, Y)
        results.append([loss, *[p.grad for p in model.parameters()]])
    largest = max(map(abs, results[0]))
    differences = [abs(a - b) for a, b in zip(*results)]
    assert 0 < max(differences) <= digits * largest


def test_small_gradients_vanish_in_float16_and_survive_with_a_loss_scale() -> None:
    w = leaf()

    def small(x: Any) -> Any:
        return 1e-4 * autograd.sin(1e-4 * w * x)

    for scale, found in ((1.0, 0.0), (2.0**14, 1e-8)):
        w.grad = 0.0
        program = compile(small, [w], dtype="float16", loss_scale=scale)
        program([1.0, 1.0])
        assert w.grad == pytest.approx(found, rel=1e-2)
        assert program.input_gradients([1.0]).tolist() == pytest.approx([0.7 * found], rel=1e-2)


def test_the_loss_scale_cancels_in_double_precision() -> None:
    w = leaf()
    for scale in (1.0, 1024.0):
        agree(lambda x: autograd.tanh(w * x[0]), [w], X, program=compile(
            lambda x: autograd.tanh(w * x[0]), [w], loss_scale=scale
        ))  # fmt: skip
