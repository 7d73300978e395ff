"""What corresponds to what, here and in PyTorch: a table of modules and one of activations; and what is refused.

What has no counterpart is refused, so that nothing is computed differently in silence. How a model is carried over
stands in importing.py and exporting.py. PyTorch is imported inside the functions: the package doesn't need it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd import ops
from autograd.basics.messages import shown

from ..layers.activations import Activation, PReLU, function_of, name_of
from ..layers.attention import CausalSelfAttention
from ..layers.cells import GRUCell, LSTMCell, RNNCell
from ..layers.embedding import Embedding
from ..layers.linear import Linear
from ..layers.neuron import Layer, Neuron
from ..layers.noise import Dropout
from ..layers.normalization import BatchNorm, LayerNorm, RMSNorm
from ..layers.sequences import GRU, LSTM, RNN
from ..layers.transformer import TransformerBlock
from ..module import Module, Parameter


class Kind(NamedTuple):
    """A row of the table: how a module of ours is made from one of PyTorch's, and with what arguments one of theirs."""

    theirs: str
    ours: type[Module]
    ours_from: Callable[[Any], Module]
    arguments: Callable[[Any], dict[str, Any]]
    only_theirs: Callable[[Any], dict[str, bool]] = lambda m: {}  # settings that ours lacks: whether it has them
    only_ours: Callable[[Any], dict[str, bool]] = lambda m: {}
    held: Callable[[Any], dict[str, Any]] = vars  # the numbers of ours, by their names and in their shapes there


def _learned(numbers: list[Any]) -> bool:
    return isinstance(numbers[0], Parameter)


def _norm_settings(m: Any) -> dict[str, Any]:
    return {"normalized_shape": m.features, "eps": m.eps, "elementwise_affine": _learned(m.weight)}


def _one_size(m: Any) -> dict[str, bool]:
    return {f"normalized_shape={tuple(m.normalized_shape)}": len(m.normalized_shape) != 1}


def _eps(m: Any) -> float:
    """RMSNorm's ε; None stands for the distance from 1 to the next number, in the precision of the weights."""
    torch = pytorch("from_torch")
    dtype = torch.float64 if m.weight is None else m.weight.dtype
    return float(torch.finfo(dtype).eps if m.eps is None else m.eps)


def _linear(m: Any) -> Module:
    """A Layer, which may be given the activation that follows, or without a bias a Linear."""
    return (
        Linear(m.in_features, m.out_features, bias=False)
        if m.bias is None
        else Layer(m.in_features, m.out_features, "linear")
    )


def _of_neurons(m: Any) -> dict[str, Any]:
    return {"weight": [neuron.w for neuron in m.neurons], "bias": [neuron.b for neuron in m.neurons]}


def _of_heads(m: Any) -> dict[str, Any]:
    """The rows of queries, keys and values one after the other."""
    into = (m.query, m.key, m.value)
    held = {"in_proj_weight": [row for part in into for row in part.weight], "out_proj.weight": m.projection.weight}
    if m.projection.bias is not None:
        held |= {"in_proj_bias": [b for part in into for b in part.bias], "out_proj.bias": m.projection.bias}
    return held


def _of_block(m: Any) -> dict[str, Any]:
    first, _, second = m.mlp.layers
    parts = {
        "linear1": vars(first),
        "linear2": vars(second),
        "norm1": vars(m.attention_norm),
        "norm2": vars(m.mlp_norm),
    }
    parts["self_attn"] = _of_heads(m.attention)
    return {f"{part}.{name}": numbers for part, held in parts.items() for name, numbers in held.items()}


def _block(m: Any) -> Any:
    a, act = m.self_attn, _between(m)
    block: Any = TransformerBlock(a.embed_dim, a.num_heads, m.linear1.out_features, act or "relu", "layer", _biased(a))
    block.attention_norm.eps, block.mlp_norm.eps = m.norm1.eps, m.norm2.eps
    return block


def _between(m: Any) -> str | None:
    """The name of the activation of one of their blocks, or None if it is none of those that they take by name."""
    functional = pytorch("from_torch").nn.functional
    return {functional.relu: "relu", functional.gelu: "gelu"}.get(m.activation)


def _biased(m: Any) -> bool:
    return m.in_proj_bias is not None


def _block_arguments(m: Any) -> dict[str, Any]:
    return {
        "d_model": m.attention.n_embd, "nhead": m.attention.n_head, "dim_feedforward": m.n_hidden, "dropout": 0.0,
        "activation": "gelu" if function_of(m.activation) is function_of("gelu") else "relu", "batch_first": True,
        "norm_first": True, "layer_norm_eps": m.mlp_norm.eps, "bias": m.attention.projection.bias is not None,
    }  # fmt: skip


def _more_than_heads(m: Any) -> dict[str, bool]:
    return {
        f"kdim={m.kdim}": m.kdim != m.embed_dim,
        f"vdim={m.vdim}": m.vdim != m.embed_dim,
        "add_bias_kv=True": m.bias_k is not None,
        "add_zero_attn=True": m.add_zero_attn,
        f"dropout={m.dropout}": m.dropout != 0,
    }


def _more_than_a_block(m: Any) -> dict[str, bool]:
    return {
        "norm_first=False": not m.norm_first,
        f"dropout={m.dropout.p}": m.dropout.p != 0,
        f"activation={shown(m.activation)}": _between(m) is None,
        **_more_than_heads(m.self_attn),
    }


def _cell_sizes(m: Any) -> dict[str, Any]:
    return {"input_size": m.nin, "hidden_size": m.nhidden}


def _rnn_settings(m: Any) -> dict[str, Any]:
    return {**_cell_sizes(m), "nonlinearity": getattr(m, "cell", m).nonlinearity}


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
KINDS = [
    Kind("Linear",      Layer,     _linear,
                                    lambda m: {"in_features": m.nin, "out_features": m.nout},
          only_ours=lambda m: {"feedback_alignment=True": any(n.feedback for n in m.neurons),
                               "neuron of another class": any(type(n) is not Neuron for n in m.neurons)},
          held=_of_neurons),
    Kind("Linear",      Linear,    _linear,
                                    lambda m: {"in_features": m.nin, "out_features": m.nout, "bias": bool(m.bias)}),
    Kind("PReLU",       PReLU,     lambda m: PReLU(m.num_parameters),
                                    lambda m: {"num_parameters": len(m.weight)}),
    Kind("Dropout",     Dropout,   lambda m: Dropout(m.p),
                                    lambda m: {"p": m.p},
          only_theirs=lambda m: {"p=1.0": m.p == 1}),
    Kind("BatchNorm1d", BatchNorm, lambda m: BatchNorm(m.num_features, m.eps, m.momentum, m.affine),
                                    lambda m: {"num_features": m.features, "eps": m.eps, "momentum": m.momentum,
                                               "affine": _learned(m.weight)},
          only_theirs=lambda m: {"momentum=None": m.momentum is None,
                                 "track_running_stats=False": not m.track_running_stats,
                                 "bias=False": m.affine and m.bias is None}),
    Kind("LayerNorm",   LayerNorm, lambda m: LayerNorm(m.normalized_shape[0], m.eps, m.elementwise_affine,
                                                        m.bias is not None),
                                    lambda m: {**_norm_settings(m), "bias": _learned(m.bias)},
          only_theirs=_one_size),
    Kind("RMSNorm",     RMSNorm,   lambda m: RMSNorm(m.normalized_shape[0], _eps(m), m.elementwise_affine),
                                    _norm_settings,
          only_theirs=_one_size),
    Kind("Embedding",   Embedding, lambda m: Embedding(m.num_embeddings, m.embedding_dim),
                                    lambda m: {"num_embeddings": len(m.weight), "embedding_dim": len(m.weight[0])},
          only_theirs=lambda m: {f"padding_idx={m.padding_idx}": m.padding_idx is not None,
                                 f"max_norm={m.max_norm}": m.max_norm is not None,
                                 "scale_grad_by_freq=True": m.scale_grad_by_freq,
                                 "sparse=True": m.sparse}),
    Kind("MultiheadAttention", CausalSelfAttention,
                                    lambda m: CausalSelfAttention(m.embed_dim, m.num_heads, _biased(m)),
                                    lambda m: {"embed_dim": m.n_embd, "num_heads": m.n_head, "batch_first": True,
                                               "bias": m.projection.bias is not None},
          only_theirs=_more_than_heads, held=_of_heads),
    Kind("TransformerEncoderLayer", TransformerBlock,
                                    _block, _block_arguments,
          only_theirs=_more_than_a_block,
          only_ours=lambda m: {f"norm={m.norm!r}": m.norm != "layer",
                               "two different eps": m.mlp_norm.eps != m.attention_norm.eps,
                               f"activation={name_of(m.activation)}":
                                   function_of(m.activation) not in map(function_of, ("relu", "gelu"))},
          held=_of_block),
    Kind("RNNCell",     RNNCell,   lambda m: RNNCell(m.input_size, m.hidden_size, m.nonlinearity),
                                    _rnn_settings, _no_bias),
    Kind("LSTMCell",    LSTMCell,  lambda m: LSTMCell(m.input_size, m.hidden_size),
                                    _cell_sizes, _no_bias),
    Kind("GRUCell",     GRUCell,   lambda m: GRUCell(m.input_size, m.hidden_size),
                                    _cell_sizes, _no_bias),
    Kind("RNN",         RNN,       lambda m: RNN(m.input_size, m.hidden_size, m.nonlinearity),
                                    _rnn_settings, _more_than_a_loop, _truncated),
    Kind("LSTM",        LSTM,      lambda m: LSTM(m.input_size, m.hidden_size),
                                    _cell_sizes, _more_than_a_loop, _truncated),
    Kind("GRU",         GRU,       lambda m: GRU(m.input_size, m.hidden_size),
                                    _cell_sizes, _more_than_a_loop, _truncated),
]

ACTIVATIONS: list[tuple[str | Activation, str, dict[str, Any]]] = [  # ours, theirs, and theirs' settings
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


def pytorch(asking: str) -> Any:
    """The module torch; an ImportError that says who needs it if it isn't installed."""
    try:
        return importlib.import_module("torch")
    except ModuleNotFoundError as cause:
        if cause.name != "torch":
            raise
        raise ImportError(f"nn.{asking} needs PyTorch: pip install torch", name="torch") from None


def refuse_settings(module: Any, settings: dict[str, bool], there: str) -> None:
    """An error that names the first setting that the module has, and the other package lacks."""
    for setting in [name for name, is_so in settings.items() if is_so]:
        raise ValueError(f"{shown(module)} has no counterpart in {there}: there is no {setting}")


def refuse_sharing(given: Any, made: Any) -> None:
    """An error if the copy has more numbers: what is used in several places would be made anew for each of them."""
    numbers, copied = [
        len(m.state_dict()) if isinstance(m, Module) else sum(t.numel() for t in (*m.parameters(), *m.buffers()))
        for m in (given, made)
    ]
    if numbers != copied:
        raise ValueError(
            f"{shown(given)} uses a parameter or buffer in more than one place ({numbers} numbers, {copied} in the"
            " copy), which would not be one any more: such a model can't be carried over"
        )
