"""to_torch: a network of ours as one of PyTorch's, with equal outputs and gradients, by the tables in kinds.py."""

from __future__ import annotations

from typing import Any

from autograd.basics.messages import shown
from autograd.transforms.tree import mapped

from ..layers.activations import Activation, function_of, linear, name_of
from ..layers.containers import Sequential
from ..layers.neuron import MLP, Layer
from ..module import Module
from .kinds import ACTIVATIONS, KINDS, Kind, pytorch, refuse_settings, refuse_sharing


def to_torch(model: Module) -> Any:
    """The module of PyTorch that computes what a module of this package computes, with the same numbers.

    A `Layer` becomes a `Linear` and the activation after it; an `MLP` becomes a `Sequential`.

    Args:
        model: an MLP, Layer, Linear, Sequential, PReLU, Dropout, BatchNorm, LayerNorm, RMSNorm, Embedding, RNNCell,
            LSTMCell, GRUCell, RNN, LSTM, GRU, CausalSelfAttention or TransformerBlock (with LayerNorm). The last two
            become a MultiheadAttention and a TransformerEncoderLayer, which must be given a causal mask.

    Returns:
        A new `torch.nn.Module` in double precision, each part in training or evaluation mode as before. It takes a
        batch, an array with a row for each example, and returns one.

    Raises:
        ImportError: if PyTorch isn't installed.
        TypeError: if it is not a Module.
        ValueError: if it, or a part of it, has no counterpart there: another module, an activation that PyTorch hasn't
            or a function of one's own, feedback alignment, truncated sequences, a parameter or buffer twice.

    An example (it needs PyTorch):

        theirs = nn.to_torch(nn.MLP(2, [8, 1], "tanh"))
        theirs(torch.zeros(5, 2, dtype=torch.float64)).shape  # torch.Size([5, 1])
    """
    torch = pytorch("to_torch")
    if not isinstance(model, Module):
        raise TypeError(f"model must be a Module of nn, got {shown(model)}")
    with torch.random.fork_rng(devices=[]):  # first weights are drawn in vain: PyTorch's generator is to stay as it is
        parts = _theirs(torch, model)
    module = parts[0] if len(parts) == 1 else _sequential(torch, parts, model.training)
    refuse_sharing(model, module)
    return module


def _theirs(torch: Any, model: Module | Activation | str) -> list[Any]:
    """Their modules for one of ours, or for one of our activations."""
    if not isinstance(model, Module):
        return [_their_activation(torch, model)]
    if isinstance(model, (Sequential, MLP)) and type(model) in (Sequential, MLP):
        return [_sequential(torch, [part for layer in model.layers for part in _theirs(torch, layer)], model.training)]
    for kind in KINDS:
        if type(model) is kind.ours:
            return _their_module(torch, kind, model)
    raise ValueError(f"{shown(model)} has no counterpart in torch.nn: convert the modules in it one by one")


def _their_module(torch: Any, kind: Kind, model: Any) -> list[Any]:
    refuse_settings(model, kind.only_ours(model), "torch.nn")
    theirs = getattr(torch.nn, kind.theirs)(**kind.arguments(model)).double().train(model.training)
    held, after = kind.held(model), []
    if isinstance(model, Layer):
        activations = {function_of(neuron.activation) for neuron in model.neurons}
        if len(activations) > 1:
            raise ValueError(f"{shown(model)} has neurons with different activations, which no module of torch.nn has")
        if activations != {linear}:
            after = [_their_activation(torch, model.activation).train(model.training)]
    for name, tensor in theirs.state_dict().items():
        tensor.copy_(torch.tensor(mapped(held[name], lambda number: number.data), dtype=torch.float64))
    return [theirs, *after]


def _their_activation(torch: Any, activation: Activation | str) -> Any:
    phi = function_of(activation)
    for ours, theirs, settings in ACTIVATIONS:
        if function_of(ours) is phi:
            return getattr(torch.nn, theirs)(**settings)
    known = ", ".join(dict.fromkeys(name_of(ours) for ours, _, _ in ACTIVATIONS))
    raise ValueError(
        f"the activation {name_of(activation)} has no counterpart in torch.nn: those that have are {known}"
    )


def _sequential(torch: Any, parts: list[Any], training: bool) -> Any:
    sequential = torch.nn.Sequential(*parts)
    sequential.training = training
    return sequential
