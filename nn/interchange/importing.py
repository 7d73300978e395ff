"""from_torch: a network of PyTorch's as one of ours, with equal outputs and gradients, by the tables in kinds.py."""

from __future__ import annotations

import itertools
from typing import Any

from autograd.basics.messages import shown
from autograd.transforms.tree import leaves_like, leaves_of

from ..layers.activations import Activation
from ..layers.containers import Sequential
from ..layers.neuron import MLP, Layer
from ..module import Module, named_state
from .kinds import ACTIVATIONS, KINDS, Kind, pytorch, refuse_settings, refuse_sharing


def from_torch(module: Any) -> Module:
    """The module of this package that computes what a module of PyTorch computes, with the same numbers.

    A `Linear` with the activation that follows it becomes one `Layer` (without a bias a `Linear`); a `Sequential`
    that has the shape of an MLP (linear layers, the same activation after each but the last) becomes an `MLP`.

    Args:
        module: a `torch.nn` Linear, Sequential, PReLU, Dropout, BatchNorm1d, LayerNorm, RMSNorm, Embedding, RNNCell,
            LSTMCell, GRUCell, RNN, LSTM or GRU (of one layer, in one direction), MultiheadAttention or
            TransformerEncoderLayer (norm_first, no dropout), both of which compute here what they do there with a
            causal mask; or an activation (Identity, ReLU, Tanh, Sigmoid, SiLU, GELU, Softplus, ELU, LeakyReLU; an
            activation alone becomes a `Sequential` of it).

    Returns:
        A new module, each part of it in training or evaluation mode as before. Numbers in lower precision become the
        floats that they are. Softplus, which PyTorch cuts off at 20, may differ by 2.1e-9 beyond it.

    Raises:
        ImportError: if PyTorch isn't installed.
        TypeError: if it is not a module of PyTorch.
        ValueError: if it, or a part of it, has no counterpart here, by its kind or by a setting; if it or a parameter
            has hooks, or it a `forward` of its own; if it uses a parameter or buffer in several places; or if some are
            frozen or not finite.

    An example (it needs PyTorch):

        theirs = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
        model = nn.from_torch(theirs)  # MLP(2, [8, 1], activation='tanh')
    """
    torch = pytorch("from_torch")
    if not isinstance(module, torch.nn.Module):
        mend = (
            ": pass the network that it is of, or layer by layer; load_state_dict of nn.Linear takes that of Linear"
            if isinstance(module, dict)
            else ""
        )
        raise TypeError(f"module must be a torch.nn.Module, got {shown(module)}{mend}")
    made = _ours(torch, module)
    model = made if isinstance(made, Module) else Sequential(made)
    model.training = module.training
    refuse_sharing(module, model)
    return model


def _ours(torch: Any, module: Any) -> Module | Activation | str:
    """Our module, or our activation, for one of theirs."""
    hooks = module._forward_hooks or module._forward_pre_hooks or module._backward_hooks or module._backward_pre_hooks
    if hooks:
        raise ValueError(f"{shown(module)} has hooks, which can't be carried over: remove them first")
    if "forward" in vars(module):
        raise ValueError(f"{shown(module)} has a forward of its own, which can't be carried over: delete it first")
    if type(module) is torch.nn.Sequential:
        return _chain(torch, module)
    name = type(module).__name__
    known = type(module) is getattr(torch.nn, name, None)  # a subclass may compute anything
    for activation, theirs, settings in ACTIVATIONS:
        if known and name == theirs and all(getattr(module, key) == x for key, x in settings.items()):
            return activation
    for kind in KINDS:
        if known and name == kind.theirs:
            return _our_module(kind, module)
    if not type(module).__module__.startswith("torch.nn."):
        child = next((f", from_torch(net.{name})" for name, _ in module.named_children()), "")
        raise ValueError(
            f"{shown(module)} has no counterpart in nn: what the forward of a {type(module).__name__} computes can't be"
            f" carried over; convert it layer by layer{child}, and write a Module of nn around them"
        )
    by_settings = known and any(name == theirs for _, theirs, _ in ACTIVATIONS)
    why = f"has {name} with PyTorch's default settings only" if by_settings else f"has nothing like a {name}"
    raise ValueError(f"{shown(module)} has no counterpart in nn, which {why}")


def _our_module(kind: Kind, module: Any) -> Module:
    refuse_settings(module, kind.only_theirs(module), "nn")
    for name, p in module.named_parameters():
        if not p.requires_grad:
            raise ValueError(f"{shown(module)} has a frozen {name}, nn has none: call requires_grad_() first")
        if p._backward_hooks or p._post_accumulate_grad_hooks:
            raise ValueError(f"{shown(module)} has hooks on its {name}, which can't be carried over: remove them first")
    ours, state = kind.ours_from(module), {}
    names = {id(number): name for name, number in named_state(ours).items()}
    held = next(kind for kind in KINDS if kind.ours is type(ours)).held(ours)
    for name, tensor in module.state_dict().items():
        if name not in held:
            raise ValueError(f"{shown(module)} has no counterpart in nn: there is no {shown(name)}")
        numbers = leaves_like(tensor.tolist(), held[name], (name, "ours"))
        state.update({names[id(p)]: x for p, x in zip(leaves_of(held[name], name), numbers)})
    ours.load_state_dict(state)
    return ours.train(module.training)


def _chain(torch: Any, module: Any) -> Module:
    """Our Sequential, with each activation inside of the Layer before it; an MLP if it has the shape of one."""
    parts: list[Module | Activation | str] = []
    for theirs in module:
        part, before = _ours(torch, theirs), parts[-1] if parts else None
        if not isinstance(part, Module) and isinstance(before, Layer) and before.activation == "linear":
            for neuron in before.neurons:
                neuron.activation = part
        else:
            parts.append(part)
    layers = [part for part in parts if isinstance(part, Layer)]
    mlp = _as_mlp(layers) if layers and len(layers) == len(parts) else None
    model = mlp or Sequential(*parts)
    model.training = module.training
    return model


def _as_mlp(layers: list[Layer]) -> MLP | None:
    """The MLP that has these layers, or None if no MLP has."""
    *hidden, last = [layer.activation for layer in layers]
    fits = all(a.nout == b.nin for a, b in itertools.pairwise(layers))
    if not fits or last != "linear" or any(activation != hidden[0] for activation in hidden):
        return None
    model = MLP(layers[0].nin, [layer.nout for layer in layers], layers[0].activation)
    model.layers = layers
    return model
