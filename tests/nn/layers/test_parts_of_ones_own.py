"""Models that were changed by hand, or have parts of one's own: they compute what they should, or refuse to."""

from __future__ import annotations

from typing import Any

import pytest

import nn


def without(place: str) -> nn.MLP:
    model = nn.MLP(2, [8, 4, 1], "tanh", seed=0)
    exec(f"del model.{place}")
    return model


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: without("layers[1]"), r"Neuron\(4, activation='linear'\) has 4 weights, for 8 inputs"),
        (lambda: without("layers[0].neurons[0]"), r"Neuron\(8, activation='tanh'\) has 8 weights, for 7 inputs"),
    ],
)
def test_a_part_that_was_taken_out_of_a_model_is_missed(model, message):
    with pytest.raises(ValueError, match=message):
        model()([1.0, 2.0])
    for compile in (False, True):
        changed = model()
        with pytest.raises(ValueError, match=message):
            nn.fit(
                changed, nn.mse_loss, [[1.0, 2.0]], [1.0], optimizer=nn.SGD(changed.parameters(), 0.1), epochs=1,
                progress=False, compile=compile,
            )  # fmt: skip


def test_a_weight_that_was_taken_out_of_a_neuron_is_missed():
    neuron = nn.Neuron(3, "linear", seed=0)
    neuron.w = neuron.w[:2]
    with pytest.raises(ValueError, match=r"Neuron\(3, activation='linear'\) has 2 weights, for 3 inputs"):
        neuron([1.0, 2.0, 99.0])


class Double(nn.Layer):
    def __call__(self, x: Any) -> Any:
        return [2 * y for y in super().__call__(x)]


class Shifted(nn.Neuron):
    def __call__(self, x: Any) -> Any:
        return super().__call__(x) + 1.0


def test_layers_and_neurons_of_ones_own_are_called():
    model = nn.MLP(1, [3, 1], "tanh", seed=0)
    own = Double(1, 3, "tanh")
    own.load_state_dict(model.layers[0].state_dict())
    model.layers[0] = own
    assert model(0.5).data == model.layers[1](own(0.5)).data
    neuron = Shifted(3, "linear")
    neuron.load_state_dict(model.layers[1].neurons[0].state_dict())
    before = model(0.5).data
    model.layers[1].neurons[0] = neuron
    assert model(0.5).data == before + 1.0


def test_any_module_may_stand_among_the_layers_of_a_network():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    expected = model.layers[1](nn.LayerNorm(3)(model.layers[0]([0.1, 0.2]))).data
    model.layers.insert(1, nn.LayerNorm(3))
    assert model([0.1, 0.2]).data == expected
