"""Which equations there are: what runs once, what is returned, how a gradient is scaled."""

from __future__ import annotations

import autograd
import nn
from autograd import Value
from autograd.program import compile
from tests.support.equations import RNG, check, layers, numbers


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


def test_a_penalty_for_one_layer_adds_to_the_gradients_of_its_weights_and_biases():
    model = nn.MLP(1, [2, 1], "tanh", seed=0)
    first = model.layers[0].parameters()
    program = compile(lambda x, y: (model(x) - y) ** 2 + 0.1 * autograd.sum([p * p for p in first]), model.parameters())
    texts = [x.text for x in program.explain([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).equations]
    assert texts[1:3] == ["∇W1 = 0.2 W1", "∇b1 = 0.2 b1"]
    assert texts[-2:] == ["∇W1 += δ1 Xᵀ", "∇b1 += δ1 1"]


def test_what_does_not_depend_on_the_examples_is_written_all_the_same():
    assert [str(x) for x in compile(lambda x: 3.0).explain([1.0, 2.0]).equations] == ["L = 3 (1×1)"]
    w = Value(2.0, label="w")
    assert [x.text for x in compile(lambda x: w, [w]).explain([1.0, 2.0]).equations] == ["L = w", "∇w = 1"]
    found = compile(lambda x, y: [x, 2 * y, 3.0]).explain([1.0, 2.0], [1.0, 2.0])
    assert [str(x) for x in found.equations] == ["output = [X; 2 Y; 3] (3×2)"]
