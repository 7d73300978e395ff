"""The same recurrent networks in PyTorch, in double precision: outputs, states, gradients, with and without windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import Module
from nn.layers.cells import GRUCell, LSTMCell, RNNCell
from nn.layers.sequences import GRU, LSTM, RNN

torch = pytest.importorskip("torch")

sizes = st.integers(1, 4)
lengths = st.integers(1, 7)
seeds = st.integers(0, 2**32 - 1)

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
CELLS = {  # ours and theirs, for the same sizes
    "tanh": (RNNCell, lambda *n, **more: torch.nn.RNNCell(*n, **more)),
    "relu": (lambda *n: RNNCell(*n, "relu"), lambda *n, **more: torch.nn.RNNCell(*n, nonlinearity="relu", **more)),
    "lstm": (LSTMCell, lambda *n, **more: torch.nn.LSTMCell(*n, **more)),
    "gru": (GRUCell, lambda *n, **more: torch.nn.GRUCell(*n, **more)),
}
SEQUENCES = {
    "tanh": (RNN, lambda *n, **more: torch.nn.RNN(*n, **more)),
    "relu": (
        lambda *n, **more: RNN(*n, "relu", **more),
        lambda *n, **more: torch.nn.RNN(*n, nonlinearity="relu", **more),
    ),
    "lstm": (LSTM, lambda *n, **more: torch.nn.LSTM(*n, **more)),
    "gru": (GRU, lambda *n, **more: torch.nn.GRU(*n, **more)),
}
every_kind = pytest.mark.parametrize("kind", CELLS)


def tensor(x: Any) -> Any:
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


def values(rows: Any) -> Any:
    return [values(row) for row in rows] if isinstance(rows, list) else Value(rows)


def gathered(tree: Any, attribute: str) -> Any:
    return [gathered(x, attribute) for x in tree] if isinstance(tree, (list, tuple)) else getattr(tree, attribute)


def alike(ours: Any, theirs: Any) -> bool:
    """Equal to 1e-12 of the size of the array (or of 1, if that is more)."""
    ours = np.asarray(ours, dtype=float)
    theirs = np.zeros(ours.shape) if theirs is None else theirs.detach().numpy()
    return ours.shape == theirs.shape and bool(np.abs(ours - theirs).max() <= 1e-12 * max(1.0, np.abs(theirs).max()))


def made(pair: Any, nin: int, nhidden: int, seed: int, **more: Any) -> tuple[Any, Any]:
    """Our module and theirs, with their weights, which are drawn from a wider range than they start in."""
    ours, theirs = pair[0](nin, nhidden, **more), pair[1](nin, nhidden, dtype=torch.float64)
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=tuple(parameter.shape))))
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def check_parameters(ours: Module, theirs: Any) -> None:
    for name, parameter in theirs.named_parameters():
        assert alike(gathered(getattr(ours, name), "data"), parameter)
        assert alike(gathered(getattr(ours, name), "grad"), parameter.grad), name


def weighed(rows: list[list[Value]], weights: np.ndarray) -> Value:
    return autograd.sum([y * float(w) for row, ws in zip(rows, weights) for y, w in zip(row, ws)])


@every_kind
@given(sizes, sizes, seeds, st.booleans())
def test_a_step_of_a_cell_with_the_state_dict_of_pytorch(kind, nin, nhidden, seed, from_zeros):
    ours, theirs = made(CELLS[kind], nin, nhidden, seed)
    rng = np.random.default_rng(seed + 1)
    parts = 2 if kind == "lstm" else 1
    x, starts = rng.normal(size=nin).tolist(), rng.normal(size=(parts, nhidden)).tolist()
    weights = rng.normal(size=(parts, nhidden))

    our_x, our_starts = values(x), values(starts)
    state = None if from_zeros else tuple(our_starts) if kind == "lstm" else our_starts[0]
    result = ours(our_x, state)
    result = list(result) if kind == "lstm" else [result]
    weighed(result, weights).backward()

    their_x, their_starts = tensor(x), [tensor(start) for start in starts]
    state = None if from_zeros else tuple(their_starts) if kind == "lstm" else their_starts[0]
    expected = theirs(their_x, state)
    expected = torch.stack(expected) if kind == "lstm" else expected[None]
    (expected * torch.from_numpy(weights)).sum().backward()

    assert alike(gathered(result, "data"), expected)
    assert alike(gathered(our_x, "grad"), their_x.grad)
    for start, its in zip(our_starts, their_starts):
        assert alike(gathered(start, "grad"), its.grad)
    check_parameters(ours, theirs)


@every_kind
@given(sizes, sizes, lengths, seeds)
def test_a_sequence_with_the_state_dict_of_pytorch(kind, nin, nhidden, length, seed):
    ours, theirs = made(SEQUENCES[kind], nin, nhidden, seed)
    rng = np.random.default_rng(seed + 1)
    parts = 2 if kind == "lstm" else 1
    xs, starts = rng.normal(size=(length, nin)).tolist(), rng.normal(size=(parts, nhidden)).tolist()
    weights = rng.normal(size=(length + parts, nhidden))

    our_xs, our_starts = values(xs), values(starts)
    outputs, state = ours(our_xs, tuple(our_starts) if kind == "lstm" else our_starts[0])
    reached = list(state) if kind == "lstm" else [state]
    weighed(outputs + reached, weights).backward()

    their_xs, their_starts = tensor(xs), [tensor([start]) for start in starts]
    expected, state = theirs(their_xs, tuple(their_starts) if kind == "lstm" else their_starts[0])
    end = torch.cat(state) if kind == "lstm" else state
    (torch.cat([expected, end]) * torch.from_numpy(weights)).sum().backward()

    assert alike(gathered(outputs, "data"), expected)
    assert alike(gathered(reached, "data"), end)
    assert alike(gathered(our_xs, "grad"), their_xs.grad)
    for start, its in zip(our_starts, their_starts):
        assert alike([gathered(start, "grad")], its.grad)
    check_parameters(ours, theirs)


@every_kind
@given(sizes, sizes, lengths, st.integers(1, 4), seeds)
def test_windows_are_those_that_detach_makes_in_pytorch(kind, nin, nhidden, length, k, seed):
    ours, theirs = made(SEQUENCES[kind], nin, nhidden, seed, truncate=k)
    rng = np.random.default_rng(seed + 1)
    xs, weights = rng.normal(size=(length, nin)).tolist(), rng.normal(size=(length, nhidden))

    our_xs = values(xs)
    outputs, _ = ours(our_xs)
    weighed(outputs, weights).backward()

    their_xs, expected, state = tensor(xs), [], None
    for start in range(0, length, k):
        if state is not None:
            state = tuple(part.detach() for part in state) if kind == "lstm" else state.detach()
        window, state = theirs(their_xs[start : start + k], state)
        expected.append(window)
    (torch.cat(expected) * torch.from_numpy(weights)).sum().backward()

    assert alike(gathered(outputs, "data"), torch.cat(expected))
    assert alike(gathered(our_xs, "grad"), their_xs.grad)
    check_parameters(ours, theirs)


@every_kind
@given(sizes, sizes, seeds)
def test_a_state_dict_of_ours_is_one_of_theirs_flattened(kind, nin, nhidden, seed):
    for pairs, ending in ((CELLS, ""), (SEQUENCES, "_l0")):
        ours = pairs[kind][0](nin, nhidden)
        theirs = pairs[kind][1](nin, nhidden, dtype=torch.float64)
        state = {name: tensor(gathered(getattr(ours, name), "data")) for name in (w + ending for w in WEIGHTS)}
        theirs.load_state_dict(state)
        assert list(theirs.state_dict()) == list(state)
        assert alike(list(ours.state_dict().values()), torch.cat([p.reshape(-1) for p in theirs.parameters()]))


@every_kind
def test_a_model_around_a_sequence_module_takes_the_state_dict_too(kind):
    class Model(Module):
        def __init__(self) -> None:
            self.rnn = SEQUENCES[kind][0](2, 3)

    theirs = torch.nn.ModuleDict({"rnn": SEQUENCES[kind][1](2, 3, dtype=torch.float64)})
    model = Model()
    model.load_state_dict(theirs.state_dict())
    outputs, _ = model.rnn([[0.5, -1.0], [1.0, 0.25]])
    expected, _ = theirs["rnn"](tensor([[0.5, -1.0], [1.0, 0.25]]))
    assert alike(gathered(outputs, "data"), expected)


@pytest.mark.parametrize("more", [{"num_layers": 2}, {"bidirectional": True}, {"bias": False}])
def test_what_pytorch_has_and_we_have_not_is_refused(more):
    ours = LSTM(2, 3, seed=0)
    before = ours.state_dict()
    with pytest.raises(ValueError, match=r"the state doesn't fit this LSTM: (not in this model|missing): "):
        ours.load_state_dict(torch.nn.LSTM(2, 3, **more).state_dict())
    assert ours.state_dict() == before


@every_kind
def test_first_weights_have_the_range_of_pytorch(kind):
    theirs = CELLS[kind][1](3, 64, dtype=torch.float64)
    drawn = np.abs(list(CELLS[kind][0](3, 64).state_dict().values()))
    bound = max(float(p.detach().abs().max()) for p in theirs.parameters())
    assert drawn.max() == pytest.approx(bound, rel=0.01)
    assert drawn.max() <= 64**-0.5
