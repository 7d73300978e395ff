"""Looking inside a network: every number against matrices of NumPy, and the model stays as it was."""

from __future__ import annotations

import copy
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import checkpoint, no_grad
from nn import MLP, Dropout, Layer, LayerNorm, Module, Sequential
from nn.diagnostics import (
    ByLayer,
    dead_share,
    gradient_norms,
    gradient_variance,
    saturated_share,
    signal_variance,
)
from nn.losses.numbers import mse_loss
from tests.nn.diagnostics.models import Backwards, models

SLOPES = {  # of y and z, with the greatest of them
    "tanh": (np.tanh, lambda y, z: 1 - y * y, 1.0),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda y, z: y * (1 - y), 0.25),
    "relu": (lambda z: np.maximum(z, 0), lambda y, z: (z > 0).astype(float), 1.0),
}

activations = st.sampled_from(sorted(SLOPES))
seeds = st.integers(0, 10**6)


def batch(n: int, nin: int, seed: int = 0) -> tuple[list[list[float]], list[float]]:
    rng = random.Random(seed)
    return [[rng.gauss(0, 1) for _ in range(nin)] for _ in range(n)], [rng.gauss(0, 1) for _ in range(n)]


def all_five(model: Module, xs: Any, ts: Any, loss: Any = mse_loss) -> list[ByLayer]:
    pairs = [f(model, loss, xs, ts) for f in (gradient_norms, gradient_variance)]
    return pairs + [f(model, xs) for f in (signal_variance, saturated_share, dead_share)]


def by_matrices(model: MLP, phi: str, xs: Any, ts: Any) -> list[dict[str, float]]:
    """The five of an MLP with one output and the squared error, as a textbook has them: a matrix for each layer."""
    f, slope, greatest = SLOPES[phi]
    weights = [np.array([[w.data for w in neuron.w] for neuron in layer.neurons]) for layer in model.layers]
    biases = [np.array([neuron.b.data for neuron in layer.neurons]) for layer in model.layers]
    a, zs, last = [np.array(xs)], [], len(weights) - 1
    for k, (w, b) in enumerate(zip(weights, biases)):
        zs.append(a[-1] @ w.T + b)
        a.append(zs[-1] if k == last else f(zs[-1]))
    g = 2 * (a[-1] - np.array(ts)[:, None])  # of the sum of the losses, with respect to the layer's outputs
    found: list[dict[str, float]] = [{} for _ in range(5)]
    for k in reversed(range(last + 1)):
        name, phi_slope = f"layers.{k}", np.ones_like(zs[k]) if k == last else slope(a[k + 1], zs[k])
        found[1][name], found[2][name] = np.var(g), np.var(a[k + 1])
        if k < last:
            found[3][name], found[4][name] = np.mean(phi_slope < 0.01 * greatest), np.mean(np.all(phi_slope == 0, 0))
        delta = g * phi_slope
        found[0][name] = math.hypot(np.linalg.norm(delta.T @ a[k]), np.linalg.norm(delta.sum(0))) / len(xs)
        g = delta @ weights[k]
    return found


@given(activations, seeds, st.lists(st.integers(1, 4), max_size=3), st.sampled_from([0.3, 1.0, 5.0]))
def test_each_number_is_that_of_the_matrices(phi, seed, hidden, size):
    model = MLP(2, [*hidden, 3, 1], phi, seed=seed)
    for parameter in model.parameters():
        parameter.data *= size
    xs, ts = batch(4, 2, seed)
    for found, expected in zip(all_five(model, xs, ts), by_matrices(model, phi, xs, ts)):
        assert list(found) == sorted(expected)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_a_relu_layer_with_a_bias_of_minus_100_is_all_dead_and_gets_no_gradient():
    model = MLP(2, [4, 3, 1], "relu", seed=0)
    for neuron in model.layers[1].neurons:
        neuron.b.data = -100.0
    xs, ts = batch(8, 2)
    norms = gradient_norms(model, mse_loss, xs, ts)
    assert dead_share(model, xs)["layers.1"] == saturated_share(model, xs)["layers.1"] == 1.0
    assert (norms["layers.0"], norms["layers.1"]) == (0.0, 0.0) != norms["layers.2"]
    assert signal_variance(model, xs)["layers.1"] == 0.0


def remembered(model: Module) -> Any:
    """Everything about a model that could have changed, to the last bit."""
    sources = [m.random for m in model.modules() if isinstance(m, Dropout)]
    return (
        [(name, x.hex()) for name, x in model.state_dict().items()],
        [(p.grad.hex(), p.label) for p in model.parameters()],
        [(name, id(m), m.training, repr(m), sorted(vars(m))) for name, m in model.named_modules()],
        [getattr(m, "activation", None) for m in model.modules()],
        [s.getstate() for s in sources if not isinstance(s, random.SystemRandom)],
    )


@given(st.sampled_from(range(len(models()))), seeds, st.booleans())
def test_the_model_stays_as_it_was(which, seed, training):
    model, (xs, ts) = models()[which].train(training), batch(4, 2, seed)
    for parameter in model.parameters():
        parameter.grad = random.Random(seed).random()
    before = remembered(model)
    all_five(model, xs, ts)
    assert remembered(model) == before


def test_layers_are_in_the_order_of_their_calls_and_count_with_all_of_them():
    model, (xs, ts) = Backwards(), batch(3, 2)
    for found in all_five(model, xs, ts)[1:]:
        assert [name for name in found if name != "last"] == ["first", "twice"]
    once = [model.twice(model.first(x)) for x in xs]
    both = [y.data for h in once for y in [*h, *model.twice(h)]]
    assert signal_variance(model, xs)["twice"] == pytest.approx(np.var(both))


def test_activations_between_the_modules_of_a_sequential_are_layers_and_linear_layers_cannot_saturate():
    _, _, _, model, *_ = models()
    xs, ts = batch(6, 2)
    norms, backward, forward, saturated, dead = all_five(model, xs, ts)
    assert list(norms) == ["layers.0", "layers.1", "layers.4"]
    assert list(backward) == list(forward) == ["layers.0", "layers.2", "layers.4"]
    assert list(saturated) == list(dead) == ["layers.2"]
    normed = Sequential(*model.layers[:3]).batch(xs)
    assert saturated["layers.2"] == np.mean([y.data == 0 for row in normed for y in row])


def test_the_masks_are_those_of_the_next_call_in_training_and_none_in_evaluation():
    model = Sequential(Dropout(0.5, seed=4), Layer(8, 1, "linear", seed=0))
    xs, _ = batch(5, 8)
    in_training, in_evaluation = signal_variance(model, xs), signal_variance(copy.deepcopy(model).eval(), xs)
    assert in_training == {"layers.1": pytest.approx(np.var([model(x).data for x in xs]))}
    assert in_evaluation == {"layers.1": pytest.approx(np.var([model.eval()(x).data for x in xs]))} != in_training


def test_inside_of_a_checkpoint_signals_are_seen_and_gradients_refused():
    class Saving(Module):
        def __init__(self) -> None:
            self.layers = MLP(2, [3, 3], "tanh", seed=0).layers

        def __call__(self, x: Any) -> Any:
            return self.layers[1](checkpoint(self.layers[0])(x))

    (xs, _), model, plain = batch(3, 2), Saving(), MLP(2, [3, 3], "tanh", seed=0)
    ts = [[0.0, 1.0, 2.0]] * 3
    assert gradient_norms(model, mse_loss, xs, ts) == pytest.approx(gradient_norms(plain, mse_loss, xs, ts))
    assert signal_variance(model, xs) == signal_variance(plain, xs)
    with pytest.raises(ValueError, match="call the function without checkpoint"):
        gradient_variance(model, mse_loss, xs, ts)


def test_inside_of_no_grad_the_numbers_are_the_same():
    model, (xs, ts) = MLP(2, [3, 1], "tanh", seed=0), batch(3, 2)
    expected = all_five(model, xs, ts)
    with no_grad():
        assert all_five(model, xs, ts) == expected


def test_arrays_will_do_for_lists():
    model, (xs, ts) = MLP(2, [3, 1], "tanh", seed=0), batch(3, 2)
    assert all_five(model, np.array(xs), np.array(ts)) == all_five(model, xs, ts)


NET = MLP(2, [3, 1], "tanh", seed=0)
X, T = batch(3, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gradient_norms(NET, mse_loss, X, T[:2]), ValueError, "got 3 inputs and 2 targets"),
        (lambda: gradient_variance(NET, mse_loss, X[:1], T), ValueError, "got 1 inputs and 3 targets"),
        (lambda: gradient_norms(NET, mse_loss, [], []), ValueError, "inputs must have at least one example"),
        (lambda: signal_variance(NET, []), ValueError, "inputs must have at least one example, got none"),
        (lambda: dead_share(NET, np.zeros((0, 2))), ValueError, "inputs must have at least one example, got none"),
        (lambda: signal_variance(NET, 3.0), TypeError, "inputs must be a list .* got 3.0"),
        (lambda: signal_variance(NET, "three"), TypeError, "inputs must be a list .* got 'three'"),
        (lambda: signal_variance(NET, [[1.0]]), ValueError, "takes 2 inputs, got 1"),
        (lambda: signal_variance(NET.parameters(), X), TypeError, "model must be a Module"),
        (lambda: gradient_norms(NET, "mse", X, T), TypeError, "loss must be a function .* got 'mse'"),
        (lambda: gradient_norms(NET, lambda y, t: 1.0, X, T), ValueError, "the loss depends on no parameter"),
        (lambda: gradient_variance(NET, lambda y, t: 1.0, X, T), ValueError, "the loss depends on no parameter"),
        (lambda: gradient_norms(Dropout(0.5), mse_loss, X, X), ValueError, r"Dropout\(0.5\) has no parameters"),
        (lambda: signal_variance(LayerNorm(2), X), ValueError, r"LayerNorm\(2\) calls no neurons"),
        (lambda: gradient_variance(LayerNorm(2), mse_loss, X, X), ValueError, r"LayerNorm\(2\) calls no neurons"),
        (lambda: dead_share(Layer(2, 2, "linear"), X), ValueError, "has an activation"),
        (lambda: saturated_share(NET, X, below=0), ValueError, "below must be more than 0 and at most 1, got 0"),
        (lambda: saturated_share(NET, X, below=math.nan), ValueError, "below must be .* got nan"),
        (lambda: saturated_share(NET, X, below="little"), TypeError, "below must be a real number"),
        (lambda: gradient_norms(NET, mse_loss, [[1.0, math.nan]], [1.0]), ValueError, "first number .* not finite"),
    ],
)
def test_bad_input_is_a_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()
