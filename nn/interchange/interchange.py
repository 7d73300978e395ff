"""from_torch and to_torch: a network of ours as one of PyTorch's, and back, with equal outputs and gradients.

Two tables say what corresponds to what, `_KINDS` for modules and `_ACTIVATIONS` for functions; the rest of this file
carries the numbers over. What has no counterpart is refused, so that nothing is computed differently in silence.
PyTorch is imported inside the functions: the package doesn't need it.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd import ops
from autograd.basics.messages import shown
from autograd.transforms.tree import mapped

from ..layers.activations import Activation, PReLU, function_of, linear, name_of
from ..layers.cells import GRUCell, LSTMCell, RNNCell
from ..layers.containers import Sequential
from ..layers.embedding import Embedding
from ..layers.neuron import MLP, Layer, Neuron
from ..layers.noise import Dropout
from ..layers.normalization import BatchNorm, LayerNorm, RMSNorm
from ..layers.sequences import GRU, LSTM, RNN
from ..module import Module, Parameter


class _Kind(NamedTuple):
    """A row of the table: how a module of ours is made from one of PyTorch's, and with what arguments one of theirs."""

    theirs: str
    ours: type[Module]
    ours_from: Callable[[Any], Module]
    arguments: Callable[[Any], dict[str, Any]]
    only_theirs: Callable[[Any], dict[str, bool]] = lambda m: {}  # settings that ours lacks: whether it has them
    only_ours: Callable[[Any], dict[str, bool]] = lambda m: {}


def _learned(numbers: list[Any]) -> bool:
    return isinstance(numbers[0], Parameter)


def _norm_settings(m: Any) -> dict[str, Any]:
    return {"normalized_shape": m.features, "eps": m.eps, "elementwise_affine": _learned(m.weight)}


def _one_size(m: Any) -> dict[str, bool]:
    return {f"normalized_shape={tuple(m.normalized_shape)}": len(m.normalized_shape) != 1}


def _eps(m: Any) -> float:
    """RMSNorm's ε; None stands for the distance from 1 to the next number, in the precision of the weights."""
    torch = importlib.import_module("torch")
    dtype = torch.float64 if m.weight is None else m.weight.dtype
    return float(torch.finfo(dtype).eps if m.eps is None else m.eps)


def _cell_sizes(m: Any) -> dict[str, Any]:
    return {"input_size": m.nin, "hidden_size": m.nhidden}


def _rnn_settings(m: Any) -> dict[str, Any]:
    cell = getattr(m, "cell", m)
    return {**_cell_sizes(m), "nonlinearity": cell.nonlinearity}


def _no_bias(m: Any) -> dict[str, bool]:
    return {"bias=False": m.bias is None or m.bias is False}


def _more_than_a_loop(m: Any) -> dict[str, bool]:
    return {
        f"num_layers={m.num_layers}": m.num_layers != 1,
        "bidirectional=True": m.bidirectional,
        f"dropout={m.dropout}": m.dropout != 0,
        f"proj_size={m.proj_size}": m.proj_size != 0,
        **_no_bias(m),
    }


def _truncated(m: Any) -> dict[str, bool]:
    return {f"truncate={m.truncate}": m.truncate is not None}


# fmt: off
_KINDS = [
    _Kind("Linear",      Layer,     lambda m: Layer(m.in_features, m.out_features, "linear"),
                                    lambda m: {"in_features": m.nin, "out_features": m.nout},
          only_theirs=_no_bias,
          only_ours=lambda m: {"feedback_alignment=True": any(n.feedback for n in m.neurons),
                               "neuron of another class": any(type(n) is not Neuron for n in m.neurons)}),
    _Kind("PReLU",       PReLU,     lambda m: PReLU(m.num_parameters),
                                    lambda m: {"num_parameters": len(m.weight)}),
    _Kind("Dropout",     Dropout,   lambda m: Dropout(m.p),
                                    lambda m: {"p": m.p},
          only_theirs=lambda m: {"p=1.0": m.p == 1}),
    _Kind("BatchNorm1d", BatchNorm, lambda m: BatchNorm(m.num_features, m.eps, m.momentum, m.affine),
                                    lambda m: {"num_features": m.features, "eps": m.eps, "momentum": m.momentum,
                                               "affine": _learned(m.weight)},
          only_theirs=lambda m: {"momentum=None": m.momentum is None,
                                 "track_running_stats=False": not m.track_running_stats,
                                 "bias=False": m.affine and m.bias is None}),
    _Kind("LayerNorm",   LayerNorm, lambda m: LayerNorm(m.normalized_shape[0], m.eps, m.elementwise_affine,
                                                        m.bias is not None),
                                    lambda m: {**_norm_settings(m), "bias": _learned(m.bias)},
          only_theirs=_one_size),
    _Kind("RMSNorm",     RMSNorm,   lambda m: RMSNorm(m.normalized_shape[0], _eps(m), m.elementwise_affine),
                                    _norm_settings,
          only_theirs=_one_size),
    _Kind("Embedding",   Embedding, lambda m: Embedding(m.num_embeddings, m.embedding_dim),
                                    lambda m: {"num_embeddings": len(m.weight), "embedding_dim": len(m.weight[0])},
          only_theirs=lambda m: {f"padding_idx={m.padding_idx}": m.padding_idx is not None,
                                 f"max_norm={m.max_norm}": m.max_norm is not None,
                                 "scale_grad_by_freq=True": m.scale_grad_by_freq,
                                 "sparse=True": m.sparse}),
    _Kind("RNNCell",     RNNCell,   lambda m: RNNCell(m.input_size, m.hidden_size, m.nonlinearity),
                                    _rnn_settings, _no_bias),
    _Kind("LSTMCell",    LSTMCell,  lambda m: LSTMCell(m.input_size, m.hidden_size),
                                    _cell_sizes, _no_bias),
    _Kind("GRUCell",     GRUCell,   lambda m: GRUCell(m.input_size, m.hidden_size),
                                    _cell_sizes, _no_bias),
    _Kind("RNN",         RNN,       lambda m: RNN(m.input_size, m.hidden_size, m.nonlinearity),
                                    _rnn_settings, _more_than_a_loop, _truncated),
    _Kind("LSTM",        LSTM,      lambda m: LSTM(m.input_size, m.hidden_size),
                                    _cell_sizes, _more_than_a_loop, _truncated),
    _Kind("GRU",         GRU,       lambda m: GRU(m.input_size, m.hidden_size),
                                    _cell_sizes, _more_than_a_loop, _truncated),
]

_ACTIVATIONS: list[tuple[str | Activation, str, dict[str, Any]]] = [  # ours, theirs, and theirs' settings
    ("linear",      "Identity",  {}),
    ("relu",        "ReLU",      {}),
    ("tanh",        "Tanh",      {}),
    ("sigmoid",     "Sigmoid",   {}),
    ("silu",        "SiLU",      {}),
    ("gelu",        "GELU",      {"approximate": "none"}),
    (ops.gelu_tanh, "GELU",      {"approximate": "tanh"}),
    # above the threshold PyTorch leaves e^-x out: above 40 that is nothing, above its default of 20 less than 2.1e-9
    ("softplus",    "Softplus",  {"beta": 1, "threshold": 40}),
    ("softplus",    "Softplus",  {"beta": 1, "threshold": 20}),
    ("elu",         "ELU",       {"alpha": 1.0}),
    ("leaky_relu",  "LeakyReLU", {"negative_slope": 0.01}),
]
# fmt: on


# ------------------------------------------------------------------------------------------------------- from PyTorch


def from_torch(module: Any) -> Module:
    """The module of this package that computes what a module of PyTorch computes, with the same numbers.

    A `Linear` with the activation that follows it becomes one `Layer`; a `Sequential` that has the shape of an MLP
    (linear layers, the same activation after each but the last) becomes an `MLP`.

    Args:
        module: a `torch.nn` Linear, Sequential, PReLU, Dropout, BatchNorm1d, LayerNorm, RMSNorm, Embedding, RNNCell,
            LSTMCell, GRUCell, RNN, LSTM or GRU (of one layer, in one direction), or an activation (Identity, ReLU,
            Tanh, Sigmoid, SiLU, GELU, Softplus, ELU, LeakyReLU; an activation alone becomes a `Sequential` of it).

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
    torch = _torch("from_torch")
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, got {shown(module)}")
    made = _ours(torch, module)
    model = made if isinstance(made, Module) else Sequential(made)
    model.training = module.training
    _refuse_sharing(module, model)
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
    for activation, theirs, settings in _ACTIVATIONS:
        if known and name == theirs and all(getattr(module, key) == x for key, x in settings.items()):
            return activation
    for kind in _KINDS:
        if known and name == kind.theirs:
            return _our_module(kind, module)
    of_another_kind = not known or all(name != theirs for _, theirs, _ in _ACTIVATIONS)
    why = f"has nothing like a {name}" if of_another_kind else f"has {name} with PyTorch's default settings only"
    raise ValueError(f"{shown(module)} has no counterpart in nn, which {why}")


def _our_module(kind: _Kind, module: Any) -> Module:
    _refuse_settings(module, kind.only_theirs(module), "nn")
    for name, p in module.named_parameters():
        if not p.requires_grad:
            raise ValueError(f"{shown(module)} has a frozen {name}, nn has none: call requires_grad_() first")
        if p._backward_hooks or p._post_accumulate_grad_hooks:
            raise ValueError(f"{shown(module)} has hooks on its {name}, which can't be carried over: remove them first")
    ours, state = kind.ours_from(module), module.state_dict()
    if isinstance(ours, Layer):
        rows = zip(state.pop("weight").tolist(), state.pop("bias").tolist())
        state.update({f"neurons.{i}.{name}": x for i, row in enumerate(rows) for name, x in zip("wb", row)})
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


# --------------------------------------------------------------------------------------------------------- to PyTorch


def to_torch(model: Module) -> Any:
    """The module of PyTorch that computes what a module of this package computes, with the same numbers.

    A `Layer` becomes a `Linear` and the activation after it; an `MLP` becomes a `Sequential`.

    Args:
        model: an MLP, Layer, Sequential, PReLU, Dropout, BatchNorm, LayerNorm, RMSNorm, Embedding, RNNCell, LSTMCell,
            GRUCell, RNN, LSTM or GRU.

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
    torch = _torch("to_torch")
    if not isinstance(model, Module):
        raise TypeError(f"model must be a Module of nn, got {shown(model)}")
    with torch.random.fork_rng(devices=[]):  # first weights are drawn in vain: PyTorch's generator is to stay as it is
        parts = _theirs(torch, model)
    module = parts[0] if len(parts) == 1 else _sequential(torch, parts, model.training)
    _refuse_sharing(model, module)
    return module


def _theirs(torch: Any, model: Module | Activation | str) -> list[Any]:
    """Their modules for one of ours, or for one of our activations."""
    if not isinstance(model, Module):
        return [_their_activation(torch, model)]
    if isinstance(model, (Sequential, MLP)) and type(model) in (Sequential, MLP):
        return [_sequential(torch, [part for layer in model.layers for part in _theirs(torch, layer)], model.training)]
    for kind in _KINDS:
        if type(model) is kind.ours:
            return _their_module(torch, kind, model)
    raise ValueError(f"{shown(model)} has no counterpart in torch.nn: convert the modules in it one by one")


def _their_module(torch: Any, kind: _Kind, model: Any) -> list[Any]:
    _refuse_settings(model, kind.only_ours(model), "torch.nn")
    theirs = getattr(torch.nn, kind.theirs)(**kind.arguments(model)).double().train(model.training)
    held, after = vars(model), []
    if isinstance(model, Layer):
        held = {"weight": [neuron.w for neuron in model.neurons], "bias": [neuron.b for neuron in model.neurons]}
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
    for ours, theirs, settings in _ACTIVATIONS:
        if function_of(ours) is phi:
            return getattr(torch.nn, theirs)(**settings)
    known = ", ".join(dict.fromkeys(name_of(ours) for ours, _, _ in _ACTIVATIONS))
    raise ValueError(
        f"the activation {name_of(activation)} has no counterpart in torch.nn: those that have are {known}"
    )


def _sequential(torch: Any, parts: list[Any], training: bool) -> Any:
    sequential = torch.nn.Sequential(*parts)
    sequential.training = training
    return sequential


# ----------------------------------------------------------------------------------------------------------- refusals


def _torch(asking: str) -> Any:
    try:
        return importlib.import_module("torch")
    except ModuleNotFoundError as cause:
        if cause.name != "torch":
            raise
        raise ImportError(f"nn.{asking} needs PyTorch: pip install torch", name="torch") from None


def _refuse_settings(module: Any, settings: dict[str, bool], there: str) -> None:
    for setting, is_so in settings.items():
        if is_so:
            raise ValueError(f"{shown(module)} has no counterpart in {there}: there is no {setting}")


def _refuse_sharing(given: Any, made: Any) -> None:
    """What stands in several places is made anew for each, so that there would be more numbers: of buffers, too."""
    numbers, copied = [
        len(m.state_dict()) if isinstance(m, Module) else sum(t.numel() for t in (*m.parameters(), *m.buffers()))
        for m in (given, made)
    ]
    if numbers != copied:
        raise ValueError(
            f"{shown(given)} uses a parameter or buffer in more than one place ({numbers} numbers, {copied} in the"
            " copy), which would not be one any more: such a model can't be carried over"
        )
