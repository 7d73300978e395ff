"""RNNCell, LSTMCell, GRUCell: a step is what the paper says, and so are its gradients."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import Value, gradcheck, no_grad, topological_order
from nn import functional_call
from nn.layers.cells import GRUCell, LSTMCell, RNNCell
from nn.layers.sequences import GRU, LSTM, RNN
from tests.nn.layers.recurrent import a_state, as_values, every_module, normal, numbers
from tests.support.examples import share

sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32)


def relu_cell(nin: int, nhidden: int, seed: Any = None) -> RNNCell:
    return RNNCell(nin, nhidden, "relu", seed)


every_cell = pytest.mark.parametrize("make", [RNNCell, relu_cell, LSTMCell, GRUCell], ids=lambda make: make.__name__)


def preactivations(cell: Any, x: list[float], h: Any) -> Any:
    """W_ih x + b_ih and W_hh h + b_hh, in NumPy."""
    here = np.array(numbers(cell.weight_ih)) @ x + numbers(cell.bias_ih)
    return np.array([here, np.array(numbers(cell.weight_hh)) @ h + numbers(cell.bias_hh)])


def matrices(cell: Any, x: list[float], state: Any) -> Any:
    """The equations of the papers, in NumPy."""

    def sigma(a: Any) -> Any:
        return 1 / (1 + np.exp(-a))

    if isinstance(cell, RNNCell):
        a = preactivations(cell, x, state).sum(axis=0)
        return np.tanh(a) if cell.nonlinearity == "tanh" else np.maximum(a, 0)
    if isinstance(cell, LSTMCell):
        h, c = np.array(state)
        i, f, g, o = np.split(preactivations(cell, x, h).sum(axis=0), 4)
        c = sigma(f) * c + sigma(i) * np.tanh(g)
        return sigma(o) * np.tanh(c), c
    r, z, n = np.split(preactivations(cell, x, state), 3, axis=1)
    r, z = sigma(r.sum(axis=0)), sigma(z.sum(axis=0))
    return (1 - z) * np.tanh(n[0] + r * n[1]) + z * np.array(state)


@every_cell
@given(sizes, sizes, seeds)
def test_a_step_is_what_the_paper_says(make, nin, nhidden, seed):
    cell = make(nin, nhidden, seed=seed)
    x, state = normal(seed, nin), a_state(cell, seed + 1)
    np.testing.assert_allclose(numbers(cell(x, state)), matrices(cell, x, state), rtol=1e-12, atol=1e-12)


@every_cell
@share(0.1)
@given(sizes, sizes, seeds)
def test_every_gradient_of_a_step_is_the_numerical_one(make, nin, nhidden, seed):
    cell = make(nin, nhidden, seed=seed % 1000)
    x, state = normal(seed, nin), a_state(cell, seed + 1)
    names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    weights = [numbers(getattr(cell, name)) for name in names]
    # a central difference across the kink of a relu is no derivative
    assume(make is not relu_cell or np.abs(preactivations(cell, x, state).sum(axis=0)).min() > 1e-3)

    def step(w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, x: Any, state: Any) -> Any:
        return functional_call(cell, dict(zip(names, (w_ih, w_hh, b_ih, b_hh))), x, state)

    assert gradcheck(step, (*weights, x, state))


@every_cell
@given(sizes, sizes, seeds)
def test_no_state_is_a_state_of_zeros(make, nin, nhidden, seed):
    cell = make(nin, nhidden, seed=seed)
    x = normal(seed, nin)
    zeros = [0.0] * nhidden
    state = (zeros, zeros) if make is LSTMCell else zeros
    assert numbers(cell(x)) == numbers(cell(x, state)) == numbers(cell(x, as_values(state)))


@every_module
def test_the_state_is_always_lists_of_values(make):
    module = make(1, 1, seed=0)
    result = module([0.5])
    h = result if isinstance(module, RNNCell | GRUCell) else result[0]
    h = h[0] if isinstance(module, RNN | LSTM | GRU) else h
    assert type(h) is list
    assert [type(y) for y in h] == [Value]
    with no_grad():
        assert numbers(module([0.5])) == numbers(result)


@every_cell
def test_the_units_of_a_cell_share_their_operands(make):
    x, state = as_values(normal(0, 3)), as_values(a_state(make(3, 4), 0))
    cell = make(3, 4, seed=0)
    reached = cell(x, state)
    h = reached[0] if make is LSTMCell else reached
    dots = [node for node in topological_order(*h) if node.op == "dot"]
    assert len(dots) == 2 * len(cell.weight_ih)
    assert len({id(node._a[1]) for node in dots}) == 2  # x and h
    assert {id(node._a[0]) for node in dots} == {id(row) for row in cell.weight_ih + cell.weight_hh}


@every_cell
@given(sizes, sizes)
def test_the_parameters_of_a_cell_lie_as_in_pytorch(make, nin, nhidden):
    cell = make(nin, nhidden, seed=0)
    rows = cell.gates * nhidden
    expected = [f"weight_ih.{k}.{i}" for k in range(rows) for i in range(nin)]
    expected += [f"weight_hh.{k}.{i}" for k in range(rows) for i in range(nhidden)]
    expected += [f"bias_{of}.{k}" for of in ("ih", "hh") for k in range(rows)]
    assert [name for name, _ in cell.named_parameters()] == expected
    assert [p.label for p in cell.parameters()] == expected


@every_module
@given(sizes, seeds)
def test_first_weights_lie_within_one_over_the_root_of_the_hidden_units(make, nhidden, seed):
    drawn = list(make(2, nhidden, seed=seed).state_dict().values())
    assert all(abs(w) <= nhidden**-0.5 for w in drawn)
    assert len(set(drawn)) == len(drawn)
    assert drawn == list(make(2, nhidden, seed=random.Random(seed)).state_dict().values())


@every_module
@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3", None])
def test_a_size_is_a_positive_integer(make, n):
    for arguments, name in (((n, 2), "nin"), ((2, n), "nhidden")):
        with pytest.raises(ValueError, match=f"{name} must be a positive integer, got") as refusal:
            make(*arguments)
        assert repr(n) in str(refusal.value)


@pytest.mark.parametrize("phi", ["sigmoid", None, 3, ["tanh"]])
def test_the_nonlinearity_is_one_of_two(phi):
    with pytest.raises(ValueError, match="nonlinearity must be 'tanh' or 'relu', got"):
        RNN(1, 1, nonlinearity=phi)


def test_the_state_of_another_cell_is_refused():
    h, c = LSTMCell(1, 2, seed=0)(0.5)
    with pytest.raises(TypeError, match=r"h in the state of GRUCell\(1, 2\) must be a real number"):
        GRUCell(1, 2)(0.5, (h, c))
    with pytest.raises(TypeError, match=r"the state of LSTMCell\(1, 2\) must be a pair \(h, c\)"):
        LSTMCell(1, 2)(0.5, h)
    with pytest.raises(ValueError, match=r"must be a pair \(h, c\) of lists of length 2, got 2 and 2 and 2"):
        LSTMCell(1, 2)(0.5, (h, c, c))
