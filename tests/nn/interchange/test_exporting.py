"""to_torch refuses what it can't carry over, by the name of the module and of the setting."""

from __future__ import annotations

from typing import Any

import pytest

from nn import Module
from nn.interchange import from_torch, to_torch
from nn.layers.activations import PReLU
from nn.layers.containers import Residual, Sequential
from nn.layers.neuron import MLP, Layer, Neuron
from nn.layers.normalization import BatchNorm
from nn.layers.sequences import RNN

torch = pytest.importorskip("torch")
NN = torch.nn


class Silent(Neuron):
    """A neuron that computes something else."""

    def _fire(self, x: Any) -> Any:
        return 0 * super()._fire(x)


def with_a_neuron_of_its_own() -> Layer:
    layer = Layer(2, 2)
    layer.neurons[1] = Silent(2)
    return layer


layer = Layer(2, 2, "linear")


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (MLP(2, [2, 1], lambda z: z * z), r"the activation <lambda> has no counterpart in torch\.nn: those that have"),
        (MLP(2, [2, 1], "sin"), r"the activation 'sin' has no counterpart"),
        (MLP(2, [2, 1], PReLU()), r"the activation PReLU has no counterpart"),
        (Sequential(max), r"the activation max has no counterpart"),
        (MLP(2, [2, 1], feedback_alignment=True), r"Layer\(2, 2.* there is no feedback_alignment=True"),
        (RNN(2, 3, truncate=5), r"RNN\(2, 3.* there is no truncate=5"),
        (with_a_neuron_of_its_own(), r"Layer\(2, 2.* there is no neuron of another class"),
        (Residual(layer), r"Residual\(Layer.* has no counterpart in torch\.nn"),
        (Neuron(2), r"Neuron\(2.* has no counterpart in torch\.nn"),
        (Module(), r"Module\(\) has no counterpart"),
        (
            Sequential(layer, "tanh", layer),
            r"uses a parameter or buffer in more than one place \(6 numbers, 12 in the copy\)",
        ),
    ],
    ids=lambda x: repr(x)[:40],
)
def test_what_of_ours_has_no_counterpart_is_refused_by_name(model, match):
    with pytest.raises(ValueError, match=match):
        to_torch(model)
    with pytest.raises(ValueError, match=match):
        to_torch(Sequential("tanh", Sequential(model)))


def test_a_single_buffer_in_two_places_is_refused():
    theirs = [NN.BatchNorm1d(3, affine=False) for _ in range(2)]
    theirs[1].running_mean = theirs[0].running_mean
    with pytest.raises(ValueError, match=r"more than one place \(11 numbers, 14 in the copy\)"):
        from_torch(NN.Sequential(*theirs))
    ours = [BatchNorm(3, affine=False) for _ in range(2)]
    ours[1].running_mean = ours[0].running_mean
    with pytest.raises(ValueError, match=r"more than one place \(11 numbers, 14 in the copy\)"):
        to_torch(Sequential(*ours))


def test_neurons_of_different_activations_are_refused():
    mixed = Layer(2, 2)
    mixed.neurons[1].activation = "tanh"
    with pytest.raises(ValueError, match="neurons with different activations"):
        to_torch(mixed)


@pytest.mark.parametrize("wrong", [3, None, "MLP", NN.Linear(1, 1), MLP], ids=repr)
def test_what_is_no_module_of_ours_is_refused(wrong):
    with pytest.raises(TypeError, match="model must be a Module of nn, got"):
        to_torch(wrong)
