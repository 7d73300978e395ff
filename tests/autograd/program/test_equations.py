"""Printed equations: they read as in a textbook, and whoever computes what they say gets the gradients."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import compile
from tests.support.interpreter import Matrix, Reading, run

RNG = np.random.default_rng(0)
CLASSES = RNG.permutation(np.arange(20) % 3)


def numbers(*shape: int) -> Matrix:
    return RNG.normal(size=shape)


def check(fn: Any, names: dict[str, list[Any]], *batches: Any, inputs: str = "XY") -> str:
    """Compute the printed equations, and compare with the eager loss and gradients.

    Args:
        fn: the function.
        names: for the names in the equations, the parameters they stand for: a row of a list is one of the matrix.
        *batches: the examples.
        inputs: the names of the batches.
    """
    rows = {name: [x if isinstance(x, (list, tuple)) else [x] for x in xs] for name, xs in names.items()}
    parameters = list(dict.fromkeys(p for xs in rows.values() for row in xs for p in row))
    program = compile(fn, parameters)
    text = str(program.explain(*batches))
    (runs,) = program._runs.values()
    rows["θ"] = [[p] for p in runs.specialization.parameters]  # in the order in which they lie there
    given = {name: np.array([[p.data for p in row] for row in xs]) for name, xs in rows.items()}
    given |= {name: np.reshape(batch, (len(batch), -1)).T.astype(float) for name, batch in zip(inputs, batches)}
    found = run(text, given)
    for p in parameters:
        p.grad = 0.0
    loss = autograd.mean([fn(*row) for row in zip(*[np.asarray(batch).tolist() for batch in batches])])
    loss.backward()
    assert found["L"][0, 0] == pytest.approx(loss.data, rel=1e-12)
    whole: dict[Value, float] = dict.fromkeys(parameters, 0.0)
    for left, g in found.items():
        if not left.startswith("∇"):
            continue
        name, places = re.fullmatch(r"∇(?:vec\()?([^\W_]+)\)?(?:\[(.*)\])?", left).groups()
        flat = [p for row in rows[name] for p in row]
        chosen = range(len(flat)) if places is None else Reading(f"[{places}]", {}).places()
        for i, x in zip(chosen, np.broadcast_to(g.ravel(), len(list(chosen)))):
            whole[flat[i]] += x
    largest = max(abs(p.grad) for p in parameters)
    assert [whole[p] for p in parameters] == pytest.approx([p.grad for p in parameters], abs=1e-12 * largest)
    return text


def layers(*layers: Any) -> dict[str, list[Any]]:
    """W1, b1, ... of layers of neurons."""
    named: dict[str, list[Any]] = {}
    for i, layer in enumerate(layers, 1):
        named |= {f"W{i}": [neuron.w for neuron in layer.neurons], f"b{i}": [neuron.b for neuron in layer.neurons]}
    return named


def test_the_equations_of_a_network_read_as_in_a_textbook():
    model = nn.MLP(1, [10, 10, 1], "tanh", seed=0)
    program = compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters())
    program(numbers(200), numbers(200))
    assert (
        str(program.explain())
        == """\
200 examples at once: 19 calls of NumPy
given X (1×200), Y (1×200), W1 (10×1), b1 (10×1), W2 (10×10), b2 (10×1),
  W3 (1×10), b3 (1×1)

forward
  Z1 = W1 X + b1           (10×200)
  A1 = tanh(Z1)            (10×200)
  Z2 = W2 A1 + b2          (10×200)
  A2 = tanh(Z2)            (10×200)
  Z3 = W3 A2 + b3          (1×200)
  L = mean(½ (Z3 − Y)²)    (1×1)

backward
  δ3 = (Z3 − Y) / 200      (1×200)
  ∇W3 = δ3 A2ᵀ             (1×10)
  ∇b3 = δ3 1               (1×1)
  δ2 = W3ᵀ δ3 ⊙ (1 − A2²)  (10×200)
  ∇W2 = δ2 A1ᵀ             (10×10)
  ∇b2 = δ2 1               (10×1)
  δ1 = W2ᵀ δ2 ⊙ (1 − A1²)  (10×200)
  ∇W1 = δ1 Xᵀ              (10×1)
  ∇b1 = δ1 1               (10×1)

⊙ multiplies number by number.
1 is a column of ones, so that ∇b adds up the examples.
mean is over the examples."""
    )
    assert str(program.explain().equations[0]) == "Z1 = W1 X + b1 (10×200)"


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus", "sin", "silu"])
def test_the_equations_of_a_network_compute_its_gradients(activation):
    model = nn.MLP(2, [5, 4, 1], activation, seed=1)
    check(lambda x, y: 0.5 * (model(x) - y) ** 2, layers(*model.layers), numbers(20, 2), numbers(20))


def test_cross_entropy_is_softmax_less_one_hot():
    model = nn.MLP(4, [5, 3], "relu", seed=0)
    text = check(
        lambda x, t: nn.cross_entropy(model(x), t), layers(*model.layers), numbers(20, 4), CLASSES, inputs="XT"
    )
    assert "δ2 = (softmax↓(Z2) − onehot(T)) / 20 " in text
    assert "δ1 = W2ᵀ δ2 ⊙ [Z1 > 0] " in text


def test_cross_entropy_of_log_softmax_computes_its_gradients():
    model = nn.MLP(4, [5, 3], "relu", seed=0)
    check(
        lambda x, t: nn.nll_loss(autograd.log_softmax(model(x)), t), layers(*model.layers), numbers(20, 4), CLASSES,
        inputs="XT",
    )  # fmt: skip


def test_weight_decay_runs_once():
    model = nn.MLP(2, [4, 1], "relu", seed=0)
    text = check(
        lambda x, y: nn.hinge_loss(model(x), y) + 0.01 * autograd.sum([p * p for p in model.parameters()]),
        layers(*model.layers),
        numbers(20, 2),
        RNG.choice([-1, 1], size=20),
    )
    once = text.partition("forward")[0]
    assert "once, whatever the examples\n  V1 = 0.01 sum↓(θ²)" in once
    assert "∇θ = 0.02 θ" in once


@pytest.mark.parametrize("loss", [nn.mse_loss, nn.huber_loss, nn.l1_loss, nn.binary_cross_entropy_with_logits])
def test_the_equations_of_a_loss_compute_its_gradients(loss):
    model = nn.MLP(2, [3, 1], "tanh", seed=2)
    check(lambda x, y: loss(model(x), y), layers(*model.layers), numbers(7, 2), [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_the_equations_of_a_recurrent_network_compute_its_gradients(kind):
    cells, head = kind(2, 2, seed=0), nn.Layer(2, 1, "linear", seed=0)
    names = {
        "W1": cells.weight_ih_l0, "b1": cells.bias_ih_l0, "W2": cells.weight_hh_l0, "b2": cells.bias_hh_l0,
        "W3": [head.neurons[0].w], "b3": [head.neurons[0].b],
    }  # fmt: skip
    check(lambda x, y: (head(cells(x)[0][-1]) - y) ** 2, names, numbers(5, 2, 2), numbers(5))


def test_weights_that_serve_at_every_step_have_one_name():
    cells, head = nn.RNN(2, 3, seed=0), nn.Layer(3, 1, "linear", seed=0)
    program = compile(lambda x, y: (head(cells(x)[0][-1]) - y) ** 2, cells.parameters() + head.parameters())
    text = str(program.explain(numbers(5, 3, 2), numbers(5)))
    assert "Z2 = W1 X[2:4] + b1 + W2 A1 + b2 " in text
    assert "∇W1 = δ3 X[4:6]ᵀ + δ2 X[2:4]ᵀ + δ1 X[0:2]ᵀ " in text


def test_the_equations_of_layer_norm_compute_its_gradients():
    norm, layer = nn.LayerNorm(4), nn.Layer(4, 4, "tanh", seed=3)
    named = {
        **layers(layer),
        **{name: [p for p in norm.parameters() if p.label.startswith(name)] for name in ("weight", "bias")},
    }
    check(lambda x, y: (autograd.mean(norm(layer(x))) - y) ** 2, named, numbers(5, 4), numbers(5))


def test_parameters_have_their_labels():
    w, b = Value(3.0, label="w"), Value(1.0, label="b")
    text = check(lambda x, y: (w * x + b - y) ** 2, {"w": [w], "b": [b]}, [1.0, 2.0, 4.0], [1.0, 3.0, 2.0])
    assert "V1 = w X + b − Y " in text


@pytest.mark.parametrize("fn", [
    lambda p, x, y: autograd.logsumexp([x[0] * p[0], x[1] * p[1], p[2]]) - y,
    lambda p, x, y: autograd.sum([x[1], x[0], x[1], p[0]]) * p[1] - autograd.dot(x, x) * p[2],
    lambda p, x, y: autograd.sum([autograd.dot(p[i : i + 2], x[i : i + 2], 0.5) for i in range(2)]),
    lambda p, x, y: x[0] * (p[0] / (2 + p[1] * p[1]) - p[2] * (x[1] - (y - p[0]))) / (1 + y * y),
    lambda p, x, y: (x[0] + 2 * p[0]) / (3 * (p[1] * x[1])) - y / -(2 * p[2]) / (4 * x[2]),
    lambda p, x, y: -(p[0] - x[2]) * -(x[0] / 3) - (x[1] + p[1] + (-p[2])) ** 3,
])  # fmt: skip
def test_the_equations_of_any_function_compute_its_gradients(fn):
    p = [Value(float(v)) for v in (0.5, -1.5, 0.75)]
    check(lambda x, y: fn(p, x, y), {"W1": [p[:2]], "W2": [p[1:]]}, numbers(6, 3), numbers(6))


def test_without_parameters_the_output_is_told():
    model = nn.MLP(4, [5, 3], "relu", seed=0)
    found = compile(lambda x: model(x), model.parameters()).explain(numbers(6, 4))
    assert [x.text for x in found.equations] == ["Z1 = W1 X + b1", "A1 = relu(Z1)", "Z2 = W2 A1 + b2", "output = Z2"]
    assert found.equations[-1].shape == (3, 6)


def test_a_loss_scale_is_taken_out_again():
    model = nn.MLP(1, [3, 1], "tanh", seed=0)
    program = compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters(), loss_scale=1024.0)
    text = str(program.explain(numbers(5), numbers(5)))
    assert "δ2 = 1024 (Z2 − Y) / 5 " in text
    assert "∇W2 = δ2 A1ᵀ / 1024 " in text


def test_without_a_batch_or_a_call_there_are_no_shapes():
    program = compile(lambda x: x * x)
    with pytest.raises(ValueError, match="the program has not run yet"):
        program.explain()


def test_a_notebook_shows_mathematics():
    model = nn.MLP(1, [3, 1], "tanh", seed=0)
    found = compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters()).explain(numbers(5), numbers(5))
    latex = found._repr_latex_()
    assert r"\delta _{1} &= W_{2}^{\top} \delta _{2} \odot \left(1 - A_{1}^{2}\right) && (3 \times 5)" in latex
    assert latex.count("{") == latex.count("}")
