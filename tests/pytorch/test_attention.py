"""Attention and whole blocks in PyTorch, carried over in either direction: outputs and gradients with a causal mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import Module
from nn.interchange import from_torch, to_torch
from nn.layers.attention import CausalSelfAttention
from nn.layers.transformer import GPT, TransformerBlock

torch = pytest.importorskip("torch")
NN = torch.nn

shapes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 5))  # heads, numbers of a head, positions
seeds = st.integers(0, 2**32 - 1)


def shaken(theirs: Any, seed: int) -> Any:
    """Theirs in double precision, each parameter moved: biases and norms start with zeros and ones."""
    generator = torch.Generator().manual_seed(seed)
    theirs = theirs.double()
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=torch.float64))
    return theirs


def called(theirs: Any, x: Any) -> Any:
    """What theirs makes of a batch of one sequence."""
    mask = torch.triu(torch.full((x.shape[1], x.shape[1]), -torch.inf, dtype=torch.float64), diagonal=1)
    if isinstance(theirs, NN.MultiheadAttention):
        return theirs(x, x, x, attn_mask=mask, need_weights=False)[0]
    return theirs(x, src_mask=mask)


def check(ours: Module, theirs: Any, positions: int, seed: int) -> None:
    """Outputs, and the gradients of the inputs and of all parameters for a random weighted sum, equal to 1e-12."""
    rng = np.random.default_rng(seed)
    n = ours.state_dict() and (ours if isinstance(ours, CausalSelfAttention) else ours.attention).n_embd
    numbers, weights = rng.normal(size=(2, positions, n))
    xs = [[Value(float(x)) for x in row] for row in numbers]
    ys = ours(xs)
    sum(y * w for row, ws in zip(ys, weights) for y, w in zip(row, ws)).backward()
    x = torch.tensor(numbers[None], requires_grad=True)
    y = called(theirs, x)
    (y[0] * torch.tensor(weights)).sum().backward()
    wanted = y.detach().numpy()[0]
    scale = max(1.0, np.abs(wanted).max(), float(x.grad.abs().max()))
    assert np.abs(np.array([[v.data for v in row] for row in ys]) - wanted).max() <= 1e-12 * scale
    assert np.abs(np.array([[v.grad for v in row] for row in xs]) - x.grad.numpy()[0]).max() <= 1e-12 * scale
    with_grads = from_torch(theirs)  # the places of the gradients are those of the numbers
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(p.grad)
    expected = from_torch(theirs).state_dict()
    largest = max(map(abs, expected.values()))
    assert with_grads.state_dict().keys() == expected.keys()
    for name, p in ours.named_parameters():
        assert abs(p.grad - expected[name]) <= 1e-12 * max(1.0, largest), name


@given(shapes, st.booleans(), seeds)
def test_an_attention_of_pytorch_is_ours_with_a_causal_mask(shape, bias, seed):
    heads, size, positions = shape
    theirs = shaken(NN.MultiheadAttention(heads * size, heads, bias=bias, batch_first=True), seed)
    ours = from_torch(theirs)
    assert repr(ours) == repr(CausalSelfAttention(heads * size, heads, bias))
    check(ours, theirs, positions, seed)


@given(shapes, st.booleans(), st.sampled_from(["relu", "gelu"]), seeds)
def test_an_encoder_layer_of_pytorch_is_a_block(shape, bias, activation, seed):
    heads, size, positions = shape
    n = heads * size + (heads * size == 1)  # a LayerNorm of one number is all cancellation
    heads = heads if n == heads * size else 1
    theirs = NN.TransformerEncoderLayer(
        n, heads, 3, 0.0, activation, layer_norm_eps=0.5, batch_first=True, norm_first=True, bias=bias
    )
    ours = from_torch(shaken(theirs, seed))
    assert (ours.n_hidden, ours.activation, ours.mlp_norm.eps) == (3, activation, 0.5)
    check(ours, theirs, positions, seed)


@pytest.mark.parametrize("bias", [True, False])
def test_there_and_back_is_the_same(bias):
    for ours in (CausalSelfAttention(4, 2, bias, seed=0), TransformerBlock(4, 2, 3, "gelu", "layer", bias, seed=0)):
        theirs = to_torch(ours)
        check(ours, theirs, 3, seed=1)
        again = from_torch(to_torch(ours))
        assert (repr(again), again.state_dict()) == (repr(ours), ours.state_dict())


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"norm_first": False}, "norm_first=False"),
        ({"dropout": 0.25}, r"dropout=0\.25"),
        ({"activation": torch.tanh}, "activation="),
    ],
)
def test_a_layer_that_computes_something_else_is_refused(settings, named):
    layer = NN.TransformerEncoderLayer(4, 2, **{"norm_first": True, "dropout": 0.0, **settings})
    with pytest.raises(ValueError, match=named):
        from_torch(layer)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"kdim": 3}, "kdim=3"),
        ({"vdim": 3}, "vdim=3"),
        ({"add_bias_kv": True}, "add_bias_kv"),
        ({"add_zero_attn": True}, "add_zero_attn"),
        ({"dropout": 0.5}, r"dropout=0\.5"),
    ],
)
def test_an_attention_that_computes_something_else_is_refused(settings, named):
    with pytest.raises(ValueError, match=named):
        from_torch(NN.MultiheadAttention(4, 2, **settings))


def test_what_pytorch_has_not_is_refused():
    with pytest.raises(ValueError, match="norm='rms'"):
        to_torch(TransformerBlock(4, 2))
    with pytest.raises(ValueError, match="activation='tanh'"):
        to_torch(TransformerBlock(4, 2, activation="tanh", norm="layer"))
    with pytest.raises(ValueError, match="no counterpart"):
        to_torch(GPT(5, 4, n_head=1, n_embd=2))
