"""from_torch and to_torch refuse what they can't carry over, by the name of the module and of the setting."""

from __future__ import annotations

import subprocess
import sys
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


class Mine(NN.Linear):
    """A subclass, which may compute anything."""


def shared() -> Any:
    layer = NN.Linear(2, 2)
    return NN.Sequential(layer, NN.Tanh(), layer)


def hooked(register: str, of: str = "") -> Any:
    layer = NN.Linear(2, 2)
    getattr(getattr(layer, of) if of else layer, register)(lambda *_: None)
    return layer


def with_another_forward() -> Any:
    layer = NN.Linear(2, 2)
    layer.forward = lambda x: 2 * x
    return layer


class Silent(Neuron):
    """A neuron that computes something else."""

    def _fire(self, x: Any) -> Any:
        return 0 * super()._fire(x)


def with_a_neuron_of_its_own() -> Layer:
    layer = Layer(2, 2)
    layer.neurons[1] = Silent(2)
    return layer


@pytest.mark.parametrize(
    ("module", "match"),
    [
        (with_another_forward(), r"Linear.* has a forward of its own, which can't be carried over: delete it first"),
        (NN.Conv1d(1, 1, 1), r"Conv1d\(1, 1, .* has no counterpart in nn, which has nothing like a Conv1d"),
        (NN.Hardtanh(), r"nothing like a Hardtanh"),
        (Mine(2, 2), r"nothing like a Mine"),
        (NN.ModuleList(), r"nothing like a ModuleList"),
        (NN.Linear(2, 3, bias=False), r"Linear\(in_features=2, .* there is no bias=False"),
        (
            NN.Sequential(NN.Linear(2, 2), NN.LeakyReLU(0.2)),
            r"LeakyReLU\(negative_slope=0\.2\).* default settings only",
        ),
        (NN.ELU(0.5), r"ELU\(alpha=0\.5\).* default settings only"),
        (NN.Softplus(2), r"Softplus\(beta=2.* default settings only"),
        (NN.Softplus(1, 5), r"threshold=5.* default settings only"),
        (NN.Dropout(1.0), r"there is no p=1\.0"),
        (NN.BatchNorm1d(2, momentum=None), r"BatchNorm1d\(2.* there is no momentum=None"),
        (NN.BatchNorm1d(2, track_running_stats=False), r"there is no track_running_stats=False"),
        (NN.BatchNorm1d(2, bias=False), r"there is no bias=False"),
        (NN.LayerNorm((2, 3)), r"there is no normalized_shape=\(2, 3\)"),
        (NN.RMSNorm((2, 3)), r"there is no normalized_shape=\(2, 3\)"),
        (NN.Embedding(3, 2, padding_idx=0), r"there is no padding_idx=0"),
        (NN.Embedding(3, 2, max_norm=1.0), r"there is no max_norm=1\.0"),
        (NN.Embedding(3, 2, sparse=True), r"there is no sparse=True"),
        (NN.Embedding(3, 2, scale_grad_by_freq=True), r"there is no scale_grad_by_freq=True"),
        (NN.LSTMCell(2, 3, bias=False), r"LSTMCell\(2, 3, bias=False\).* there is no bias=False"),
        (NN.GRU(2, 3, num_layers=2), r"GRU\(2, 3, num_layers=2\).* there is no num_layers=2"),
        (NN.RNN(2, 3, bidirectional=True), r"there is no bidirectional=True"),
        (NN.LSTM(2, 3, proj_size=1), r"there is no proj_size=1"),
        (NN.RNN(2, 3, bias=False), r"there is no bias=False"),
        (NN.Linear(2, 2).requires_grad_(False), r"Linear.* has a frozen weight, nn has none: call requires_grad_\(\)"),
        (NN.Sequential(), r"Sequential needs at least one layer, got none"),
        (hooked("register_forward_hook"), r"Linear.* has hooks, which can't be carried over: remove them first"),
        (hooked("register_forward_pre_hook"), r"Linear.* has hooks, which"),
        (hooked("register_full_backward_hook"), r"Linear.* has hooks, which"),
        (hooked("register_full_backward_pre_hook"), r"Linear.* has hooks, which"),
        (hooked("register_hook", "weight"), r"Linear.* has hooks on its weight, which can't be carried over: remove"),
        (hooked("register_post_accumulate_grad_hook", "bias"), r"Linear.* has hooks on its bias, which"),
        (NN.utils.parametrizations.weight_norm(NN.Linear(2, 2)), r"nothing like a ParametrizedLinear"),
    ],
    ids=lambda x: repr(x)[:40],
)
def test_what_of_pytorch_has_no_counterpart_is_refused_by_name(module, match):
    with pytest.raises(ValueError, match=match):
        from_torch(module)
    with pytest.raises(ValueError, match=match):
        from_torch(NN.Sequential(NN.Linear(2, 2), NN.Sequential(module)))


def test_numbers_that_are_not_finite_are_refused():
    theirs = NN.Linear(2, 2)
    theirs.weight.data[1, 0] = float("nan")
    with pytest.raises(ValueError, match=r"not a finite number: neurons\.1\.w\.0=nan"):
        from_torch(theirs)


def test_hooks_that_were_removed_are_none():
    layer = NN.Linear(2, 2)
    layer.weight.register_hook(lambda _: None).remove()
    layer.weight.register_post_accumulate_grad_hook(lambda _: None).remove()
    layer.register_forward_hook(lambda *_: None).remove()
    assert isinstance(from_torch(layer), Layer)


def test_a_buffer_that_was_added_to_a_layer_is_refused_and_not_dropped():
    theirs = NN.Linear(2, 2)
    theirs.register_buffer("mask", torch.ones(2))
    with pytest.raises(ValueError, match=r"the state doesn't fit this Layer: not in this model: mask\.0, mask\.1"):
        from_torch(theirs)


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


def test_sharing_is_refused_where_it_would_be_lost_and_only_there():
    with pytest.raises(
        ValueError, match=r"uses a parameter or buffer in more than one place \(6 numbers, 12 in the copy\)"
    ):
        from_torch(shared())
    tanh = NN.Tanh()
    assert repr(from_torch(NN.Sequential(NN.Linear(2, 2), tanh, NN.Linear(2, 2), tanh, NN.Linear(2, 1)))).startswith(
        "MLP"
    )


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("features", [1, 3])
def test_a_batch_norm_in_two_places_is_refused_even_if_it_has_no_parameters(features, affine):
    n = features * (4 if affine else 2) + 1  # scales and shifts, running means and variances, and a count of batches
    match = rf"uses a parameter or buffer in more than one place \({n} numbers, {2 * n} in the copy\)"
    theirs = NN.BatchNorm1d(features, affine=affine)
    with pytest.raises(ValueError, match=match):
        from_torch(NN.Sequential(theirs, NN.Tanh(), theirs))
    ours = BatchNorm(features, affine=affine)
    with pytest.raises(ValueError, match=match):
        to_torch(Sequential(ours, "tanh", Sequential(ours)))


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


@pytest.mark.parametrize("wrong", [3, None, "Linear", MLP(1, [1]), NN.Linear], ids=repr)
def test_what_is_no_module_of_pytorch_is_refused(wrong):
    with pytest.raises(TypeError, match=r"module must be a torch\.nn\.Module, got"):
        from_torch(wrong)


@pytest.mark.parametrize("wrong", [3, None, "MLP", NN.Linear(1, 1), MLP], ids=repr)
def test_what_is_no_module_of_ours_is_refused(wrong):
    with pytest.raises(TypeError, match="model must be a Module of nn, got"):
        to_torch(wrong)


@pytest.mark.parametrize("name", ["from_torch", "to_torch"])
def test_without_pytorch_there_is_a_mend_in_the_error(name):
    code = f"import sys; sys.modules['torch'] = None; from nn.interchange import {name}; {name}(3)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"ImportError: nn.{name} needs PyTorch: pip install torch" in run.stderr


def test_the_package_does_not_import_pytorch():
    code = "import sys, nn, nn.interchange; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
