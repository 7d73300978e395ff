"""from_torch refuses what it can't carry over, by the name of the module and of the setting."""

from __future__ import annotations

from typing import Any

import pytest

from nn.interchange import from_torch
from nn.layers.linear import Linear
from nn.layers.neuron import MLP, Layer

torch = pytest.importorskip("torch")
NN = torch.nn


class Mine(NN.Linear):
    """A subclass, which may compute anything."""


class Net(NN.Module):
    """How most networks are written."""

    def __init__(self) -> None:
        super().__init__()
        self.first = NN.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        return torch.relu(self.first(x))


def hooked(register: str, of: str = "") -> Any:
    layer = NN.Linear(2, 2)
    getattr(getattr(layer, of) if of else layer, register)(lambda *_: None)
    return layer


def with_another_forward() -> Any:
    layer = NN.Linear(2, 2)
    layer.forward = lambda x: 2 * x
    return layer


@pytest.mark.parametrize(
    ("module", "match"),
    [
        (with_another_forward(), r"Linear.* has a forward of its own, which can't be carried over: delete it first"),
        (NN.Conv1d(1, 1, 1), r"Conv1d\(1, 1, .* has no counterpart in nn, which has nothing like a Conv1d"),
        (NN.Hardtanh(), r"nothing like a Hardtanh"),
        (
            Mine(2, 2),
            r"what the forward of a Mine computes can't be carried over; convert it layer by layer, and write",
        ),
        (
            Net(),
            r"the forward of a Net computes can't .*; convert it layer by layer, from_torch\(net\.first\), and write",
        ),
        (NN.ModuleList(), r"nothing like a ModuleList"),
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
    with pytest.raises(ValueError, match="has no counterpart in nn: there is no 'mask'"):
        from_torch(theirs)


layer = Layer(2, 2, "linear")


@pytest.mark.parametrize("wrong", [3, None, "Linear", MLP(1, [1]), NN.Linear], ids=repr)
def test_what_is_no_module_of_pytorch_is_refused(wrong):
    with pytest.raises(TypeError, match=r"module must be a torch\.nn\.Module, got"):
        from_torch(wrong)


def test_a_state_dict_has_no_layers_and_one_of_ours_takes_it():
    theirs = NN.Linear(2, 3)
    with pytest.raises(
        TypeError, match=r"pass the network that it is of, or layer by layer; load_state_dict of nn\.Linear"
    ):
        from_torch(theirs.state_dict())
    ours = Linear(2, 3)
    ours.load_state_dict(theirs.state_dict())
    x = torch.tensor([0.5, -1.0])
    assert [y.data for y in ours(x)] == pytest.approx(theirs(x).tolist(), abs=1e-6)
