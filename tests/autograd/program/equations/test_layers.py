"""What in the operations of a program is a layer."""

from __future__ import annotations

import nn
from autograd.program import compile
from autograd.program.equations.layers import layer_at
from tests.support.equations import numbers


def test_a_layer_has_its_biases_behind_its_weights():
    layer = layer_at(3, 2, 3)
    assert (layer.weights, layer.biases, layer.shape) == ((3, 4, 6, 7), (5, 8), (2, 2))


def test_layers_are_counted_in_the_order_of_their_first_use():
    first, second = nn.Layer(2, 3, "tanh", seed=0), nn.Layer(3, 1, "linear", seed=1)
    program = compile(lambda x: second(first(x)), second.parameters() + first.parameters())
    assert program.explain(numbers(4, 2)).given == {
        "X": (2, 4), "W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1),
    }  # fmt: skip
