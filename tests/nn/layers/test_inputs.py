"""What goes into a layer and what comes out: numbers of any kind, in a list or alone."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from autograd import Value
from nn.layers.activations import PReLU
from nn.layers.containers import Residual, Sequential
from nn.layers.neuron import MLP
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm, LayerNorm, RMSNorm


def data(outputs: Any) -> Any:
    return [data(y) for y in outputs] if isinstance(outputs, (list, tuple)) else getattr(outputs, "data", outputs)


EVERY = [Sequential("linear"), Sequential("tanh"), Residual(PReLU()), PReLU(2), Dropout(0.5, seed=0), LayerNorm(2)]

EVERY += [RMSNorm(2), BatchNorm(2).eval(), Dropout(0.5).eval(), LayerNorm(2, elementwise_affine=False)]

every_layer = pytest.mark.parametrize("layer", EVERY, ids=lambda m: f"{m!r}-{'train' if m.training else 'eval'}")


@every_layer
@pytest.mark.parametrize("kind", ["float64", "float32", "int64"])
def test_numpy_numbers_are_taken_as_the_floats_that_they_are(layer, kind):
    x = np.array([1.0, 3.0], dtype=kind)
    array_twin, twin = copy.deepcopy(layer), copy.deepcopy(layer)
    outputs = array_twin(x)
    assert all(type(y) in (Value, float) for y in outputs)
    assert data(outputs) == data(twin([1.0, 3.0]))


@every_layer
@pytest.mark.parametrize("wrong", [["a", "b"], [None, 1.0], [[1.0], [2.0]], "ab", {1.0, 2.0}, [1j, 1.0]], ids=repr)
def test_what_is_no_list_of_numbers_is_refused_and_nothing_is_drawn(layer, wrong):
    sources = [m.random.getstate() for m in layer.modules() if isinstance(m, Dropout)]
    with pytest.raises(TypeError, match=r"an input must be a real number|must be in order"):
        layer(wrong)
    assert sources == [m.random.getstate() for m in layer.modules() if isinstance(m, Dropout)]


@pytest.mark.parametrize(
    "layer", [PReLU(), Dropout(0.0), Dropout(0.5).eval(), LayerNorm(1), BatchNorm(1).eval()], ids=repr
)
def test_one_number_may_come_alone_and_goes_out_alone(layer):
    alone, listed = layer(2.0), layer([2.0])
    assert not isinstance(alone, list)
    assert data(alone) == data(listed)


def test_a_number_alone_where_several_are_wanted_is_told_what_a_model_and_its_batch_take():
    model = MLP(2, [4, 1], seed=0)
    for call in (lambda: model(1.0), lambda: model(Value(1.0)), lambda: model.batch([1.0, 2.0])):
        with pytest.raises(
            ValueError, match=r"takes 2 inputs, got a number alone, .*1\.0.*: give a list of 2, and batch"
        ):
            call()
    with pytest.raises(ValueError, match=r"takes 2 inputs, got 3$"):
        model([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=r"got None \(NoneType\): a function without return .* leave out the examples"):
        model([None, 1.0])
