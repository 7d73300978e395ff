"""Activations: by name, as functions, and as modules with slopes that are learned."""

from __future__ import annotations

import pytest

from autograd import Value
from autograd.operators import METHODS
from nn import MLP, Layer, Neuron
from nn.layers.activations import PReLU


def test_slopes_that_are_not_as_many_as_the_inputs_are_refused():
    with pytest.raises(ValueError, match=r"PReLU\(2\) takes 2 inputs, got 3"):
        PReLU(2)([1.0, 2.0, 3.0])
    for n in (0, -1, 1.5, True, None):
        with pytest.raises(ValueError, match="num_parameters must be a positive integer"):
            PReLU(n)
    with pytest.raises(TypeError, match="init must be a real number"):
        PReLU(1, "0.25")


@pytest.mark.parametrize("name", METHODS)
def test_every_function_of_one_argument_is_an_activation(name):
    neuron = Neuron(1, activation=name, seed=0)
    z = 1.5 if name == "acosh" else 0.5
    neuron.load_state_dict({"w.0": z, "b": 0.0})
    assert neuron(1.0).data == METHODS[name](z)


def test_an_activation_may_be_a_function():
    def swish(z: Value) -> Value:
        return z * z.sigmoid()

    neuron = Neuron(2, activation=swish, seed=0)
    assert neuron([1.0, 2.0]).data == pytest.approx(
        Neuron(2, activation="silu", seed=0)([1.0, 2.0]).data, rel=1e-15, abs=0.0
    )
    assert repr(neuron) == "Neuron(2, activation=swish)"


@pytest.mark.parametrize(("typed", "meant"), [("rleu", "relu"), ("sigmod", "sigmoid"), ("lineer", "linear")])
def test_a_misspelled_activation_is_refused_with_what_was_meant(typed, meant):
    for build in (lambda: Neuron(2, typed), lambda: Layer(2, 2, typed), lambda: MLP(2, [2, 1], typed)):
        with pytest.raises(ValueError, match=f"no activation '{typed}': try .*'{meant}'"):
            build()
