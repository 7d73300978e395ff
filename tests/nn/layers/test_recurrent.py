"""RNN, LSTM, GRU: their formulas against the papers' matrices, gradients through time, and windows that cut them.

The oracles are the papers' equations written out with NumPy, numerical differentiation, and the loop over a cell that a
sequence module stands for. The comparison with PyTorch is in tests/pytorch/test_recurrent.py.
"""

from __future__ import annotations

import copy
import math
import pickle
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, gradcheck, no_grad, topological_order
from nn import SGD, Module, Parameter, load, save
from nn.layers.cells import GRUCell, LSTMCell, RNNCell
from nn.layers.sequences import GRU, LSTM, RNN, detach

sizes = st.integers(1, 4)
lengths = st.integers(1, 7)
seeds = st.integers(0, 2**32)


def relu_cell(nin: int, nhidden: int, seed: Any = None) -> RNNCell:
    return RNNCell(nin, nhidden, "relu", seed)


def relu_rnn(nin: int, nhidden: int, seed: Any = None, **more: Any) -> RNN:
    return RNN(nin, nhidden, "relu", seed, **more)


every_cell = pytest.mark.parametrize("make", [RNNCell, relu_cell, LSTMCell, GRUCell], ids=lambda make: make.__name__)
every_sequence = pytest.mark.parametrize("make", [RNN, relu_rnn, LSTM, GRU], ids=lambda make: make.__name__)
every_module = pytest.mark.parametrize("make", [RNNCell, LSTMCell, GRUCell, RNN, LSTM, GRU], ids=lambda m: m.__name__)


def normal(seed: int, *shape: int) -> list[Any]:
    return np.random.default_rng(seed).normal(size=shape).tolist()


def a_state(cell: Any, seed: int) -> Any:
    """Numbers for the state of a cell, in the form that it takes."""
    cell = getattr(cell, "cell", cell)
    parts = normal(seed, len(cell.holds), cell.nhidden)
    return tuple(parts) if len(parts) > 1 else parts[0]


def numbers(tree: Any) -> Any:
    """The numbers of nested lists and tuples of Values."""
    if isinstance(tree, (list, tuple)):
        return type(tree)(numbers(x) for x in tree)
    return tree.data if isinstance(tree, Value) else tree


def as_values(tree: Any) -> Any:
    return type(tree)(as_values(x) for x in tree) if isinstance(tree, (list, tuple)) else Value(tree)


def gradients(model: Module) -> list[float]:
    return [p.grad for p in model.parameters()]


def weighed(outputs: list[list[Value]]) -> Value:
    """A loss in which each output of each step has another weight."""
    return autograd.sum([y * math.cos(3 * t + k) for t, h in enumerate(outputs) for k, y in enumerate(h)])


# ---------------------------------------------------------------------------------------------------------- formulas


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
@given(sizes, sizes, seeds)
def test_every_gradient_of_a_step_is_the_numerical_one(make, nin, nhidden, seed):
    cell = make(nin, nhidden, seed=seed % 1000)
    x, state = normal(seed, nin), a_state(cell, seed + 1)
    weights = [numbers(w) for w in (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)]
    # a central difference across the kink of a relu is no derivative
    assume(make is not relu_cell or np.abs(preactivations(cell, x, state).sum(axis=0)).min() > 1e-3)

    def step(w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, x: Any, state: Any) -> Any:
        cell.weight_ih, cell.weight_hh = [tuple(row) for row in w_ih], [tuple(row) for row in w_hh]
        cell.bias_ih, cell.bias_hh = tuple(b_ih), tuple(b_hh)
        return cell(x, state)

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


# --------------------------------------------------------------------------------------------------------- sequences


@every_sequence
@given(sizes, sizes, lengths, seeds)
def test_a_sequence_module_is_a_loop_over_its_cell(make, nin, nhidden, length, seed):
    rnn = make(nin, nhidden, seed=seed)
    xs, state = normal(seed, length, nin), a_state(rnn, seed + 1)
    outputs, last = rnn(xs, state)
    assert len(outputs) == length
    for x, output in zip(xs, outputs):
        state = rnn.cell(x, state)
        assert numbers(output) == numbers(state[0] if make is LSTM else state)
    assert numbers(last) == numbers(state)
    assert outputs[-1] == (last[0] if make is LSTM else last)  # the very same Values


@every_sequence
@given(sizes, sizes, lengths, lengths, seeds)
def test_a_call_goes_on_from_the_state_of_the_one_before(make, nin, nhidden, first, second, seed):
    rnn = make(nin, nhidden, seed=seed)
    xs = normal(seed, first + second, nin)
    outputs, last = rnn(xs)
    weighed(outputs).backward()
    whole = gradients(rnn)
    rnn.zero_grad()

    early, state = rnn(xs[:first])
    late, final = rnn(xs[first:], state)
    weighed(early + late).backward()
    assert numbers(early + late) == numbers(outputs)
    assert numbers(final) == numbers(last)
    assert gradients(rnn) == pytest.approx(whole, rel=1e-12, abs=1e-12)


@every_sequence
def test_a_single_input_a_step_needs_no_list(make):
    rnn = make(1, 2, seed=0)
    expected = numbers(rnn([[0.5], [-1.0]]))
    assert all(numbers(rnn(xs)) == expected for xs in ([0.5, -1.0], (Value(0.5), Value(-1.0)), np.array([0.5, -1.0])))
    assert numbers(rnn(iter([[0.5], -1.0]))) == expected


@every_sequence
def test_a_thousand_steps_are_differentiated_and_freed_without_recursion(make):
    rnn = make(1, 2, seed=0)
    first, state = Value(0.5), as_values(a_state(rnn, 0))
    outputs, last = rnn([first, *[math.sin(t) for t in range(999)]], state)
    weighed(outputs).backward()
    assert len(outputs) == 1000
    assert first.grad != 0.0
    assert all(p.grad != 0.0 for p in rnn.parameters()) or make is relu_rnn
    del outputs, last


# ----------------------------------------------------------------------------------------------------------- windows


@every_sequence
@given(st.integers(1, 4), lengths, sizes, sizes, seeds)
def test_truncation_is_detaching_the_state_at_the_edge_of_each_window(make, k, length, nin, nhidden, seed):
    xs = normal(seed, length, nin)
    rnn = make(nin, nhidden, seed=seed, truncate=k)
    start = as_values(a_state(rnn, seed + 1))
    outputs, last = rnn(xs, start)
    weighed(outputs).backward()

    twin = make(nin, nhidden, seed=seed)
    beginning = state = as_values(a_state(rnn, seed + 1))
    by_hand: list[Any] = []
    for at in range(0, length, k):
        window, state = twin(xs[at : at + k], detach(state) if at else state)
        by_hand += window
    weighed(by_hand).backward()

    assert numbers(outputs) == numbers(by_hand) == numbers(twin(xs, numbers(start))[0])
    assert numbers(last) == numbers(state)
    assert gradients(rnn) == pytest.approx(gradients(twin), rel=1e-12, abs=1e-12)
    assert _flat_grads(start) == _flat_grads(beginning)


def _flat_grads(state: Any) -> list[float]:
    return [v.grad for part in state for v in (part if isinstance(part, list) else [part])]


@pytest.mark.parametrize("make", [RNN, LSTM, GRU])
@given(st.integers(1, 4), lengths)
def test_no_gradient_passes_the_edge_of_a_window(make, k, length):
    xs = [Value(math.cos(t)) for t in range(length)]
    outputs, _ = make(1, 3, seed=0, truncate=k)(xs)
    autograd.sum(outputs[-1]).backward()
    last_window = (length - 1) // k * k
    assert [x.grad != 0.0 for x in xs] == [t >= last_window for t in range(length)]


def test_the_state_that_is_returned_is_not_cut_though_the_sequence_ends_at_an_edge():
    rnn = RNN(1, 2, seed=0, truncate=2)
    _, h = rnn([0.1, 0.2, 0.3, 0.4])
    autograd.sum(h).backward()
    assert all(gradients(rnn))


def test_detach_keeps_structure_and_numbers_and_cuts_the_graph():
    h, c = LSTMCell(1, 2, seed=0)(1.0)
    state = {"lstm": (h, c), "rest": [h[0], 2, None]}
    cut = detach(state)
    assert numbers(list(cut["lstm"])) == numbers([h, c])
    assert type(cut["lstm"]) is tuple
    assert numbers(cut["rest"]) == [h[0].data, 2.0, None]
    assert all(v.parents == () and v not in h + c for v in [*cut["lstm"][0], *cut["lstm"][1]])
    assert detach(None) is None
    assert detach(np.array([h[0], c[0]]))[1].parents == ()
    for wrong in ("h", [h, "c"], object()):
        with pytest.raises(TypeError, match="what a state holds must be a real number"):
            detach(wrong)


# ------------------------------------------------------------------------------------ parameters, copies, saved models


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


@every_sequence
def test_a_sequence_module_has_the_parameters_of_its_cell_under_the_names_of_pytorch(make):
    rnn = make(2, 3, seed=0)
    assert rnn.parameters() == rnn.cell.parameters()
    assert [name.replace("_l0", "") for name in rnn.state_dict()] == list(rnn.cell.state_dict())
    assert rnn.weight_hh_l0[2][1].label == "weight_hh_l0.2.1"

    class Tagger(Module):
        def __init__(self) -> None:
            self.rnn = rnn

    assert Tagger().parameters()[0].label == "rnn.weight_ih_l0.0.0"


@every_module
@given(sizes, seeds)
def test_first_weights_lie_within_one_over_the_root_of_the_hidden_units(make, nhidden, seed):
    drawn = list(make(2, nhidden, seed=seed).state_dict().values())
    assert all(abs(w) <= nhidden**-0.5 for w in drawn)
    assert len(set(drawn)) == len(drawn)
    assert drawn == list(make(2, nhidden, seed=random.Random(seed)).state_dict().values())


@every_sequence
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_a_copy_computes_the_same_and_learns_alone(make, copied):
    rnn = make(2, 3, seed=0, truncate=2)
    xs = normal(0, 5, 2)
    weighed(rnn(xs)[0]).backward()
    twin = copied(rnn)
    assert gradients(twin) == gradients(rnn)
    assert twin.truncate == 2
    assert twin.parameters() == twin.cell.parameters()
    assert numbers(twin(xs)) == numbers(rnn(xs))
    before = rnn.state_dict()
    SGD(twin.parameters(), 0.1).step()
    twin.zero_grad()
    assert rnn.state_dict() == before
    assert any(gradients(rnn))
    assert numbers(twin(xs)) != numbers(rnn(xs))


@every_module
def test_a_saved_module_loads_with_the_same_outputs(make, tmp_path):
    module, other = make(2, 3, seed=0), make(2, 3, seed=1)
    save(module, tmp_path / "model.json")
    x = [0.5, -1.0] if "Cell" in make.__name__ else [[0.5, -1.0], [1.0, 2.0]]
    assert numbers(load(other, tmp_path / "model.json")(x)) == numbers(module(x))


def test_a_model_that_was_trained_in_windows_loads_into_one_without(tmp_path):
    save(LSTM(1, 2, seed=0, truncate=5), tmp_path / "model.json")
    load(LSTM(1, 2, seed=1), tmp_path / "model.json")


@every_module
def test_what_a_module_prints_builds_one_of_the_same_shape(make):
    module = make(2, 3)
    twin = eval(repr(module), {make.__name__: make})
    assert repr(twin) == repr(module)
    assert list(twin.state_dict()) == list(module.state_dict())


# --------------------------------------------------------------------------------------------------------- bad input


@every_module
@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3", None])
def test_a_size_is_a_positive_integer(make, n):
    for arguments, name in (((n, 2), "nin"), ((2, n), "nhidden")):
        with pytest.raises(ValueError, match=f"{name} must be a positive integer, got") as refusal:
            make(*arguments)
        assert repr(n) in str(refusal.value)


@pytest.mark.parametrize("k", [0, -2, 2.0, "5", True])
def test_a_window_is_a_positive_number_of_steps(k):
    with pytest.raises(ValueError, match="truncate must be a positive integer, got"):
        LSTM(1, 1, truncate=k)


@pytest.mark.parametrize("phi", ["sigmoid", None, 3, ["tanh"]])
def test_the_nonlinearity_is_one_of_two(phi):
    with pytest.raises(ValueError, match="nonlinearity must be 'tanh' or 'relu', got"):
        RNN(1, 1, nonlinearity=phi)


@every_module
@pytest.mark.parametrize("state", [[0.0] * 2, [0.0] * 4, []])
def test_a_state_of_the_wrong_size_is_refused(make, state):
    module = make(1, 3, seed=0)
    pair = "LSTM" in make.__name__
    wanted = r"a pair \(h, c\) of lists of length 3" if pair else "a list h of length 3"
    got = f"3 and {len(state)}" if pair else len(state)
    with pytest.raises(ValueError, match=f"the state of {make.__name__}.* must be {wanted}, got {got}$"):
        module([0.5], ([0.0] * 3, state) if pair else state)


@every_module
@pytest.mark.parametrize("state", [0.5, Value(0.5), "ab", {0.1, 0.2}, {"h": 0.1, "c": 0.2}, 3])
def test_a_state_that_is_no_list_is_refused(make, state):
    with pytest.raises(TypeError, match=r"the state of .* must be a (list h|pair \(h, c\) of lists) of length 2, got"):
        make(1, 2, seed=0)([0.5], state)


def test_the_state_of_another_cell_is_refused():
    h, c = LSTMCell(1, 2, seed=0)(0.5)
    with pytest.raises(TypeError, match=r"h in the state of GRUCell\(1, 2\) must be a real number"):
        GRUCell(1, 2)(0.5, (h, c))
    with pytest.raises(TypeError, match=r"the state of LSTMCell\(1, 2\) must be a pair \(h, c\)"):
        LSTMCell(1, 2)(0.5, h)
    with pytest.raises(ValueError, match=r"must be a pair \(h, c\) of lists of length 2, got 2 and 2 and 2"):
        LSTMCell(1, 2)(0.5, (h, c, c))


@every_sequence
def test_an_empty_sequence_is_refused(make):
    with pytest.raises(ValueError, match=r"the sequence is empty: .* needs at least one step"):
        make(1, 2)([])


@every_sequence
@pytest.mark.parametrize("xs", [0.5, Value(0.5), "abc", {0.1, 0.2}, {"x": 0.1}])
def test_a_sequence_is_a_list(make, xs):
    with pytest.raises(TypeError, match="the sequence must be a list of inputs, one for each step, got"):
        make(1, 2)(xs)


@every_sequence
def test_an_input_that_does_not_fit_is_refused_with_its_step(make):
    rnn = make(2, 3)
    good = [0.1, 0.2]
    with pytest.raises(ValueError, match=r"^step 3 of the sequence \(counted from 0\): .* takes 2 inputs, got 1$"):
        rnn([good, good, good, [0.1], good])
    with pytest.raises(TypeError, match=r"^step 1 of the sequence .* an input must be a real number, got None"):
        rnn([good, [0.1, None]])
    with pytest.raises(TypeError, match=r"^step 0 of the sequence .* takes one example of 2 inputs at a time"):
        rnn([[good, good], [good, good]])  # a batch of sequences
    with pytest.raises(ValueError, match=r"Cell\(2, 3.*\) takes 2 inputs, got 3$"):
        rnn.cell([*good, 0.3])


def test_a_state_dict_of_other_sizes_changes_nothing():
    cell = LSTMCell(2, 3, seed=0)
    before = cell.state_dict()
    with pytest.raises(ValueError, match="the state doesn't fit this LSTMCell"):
        cell.load_state_dict(LSTMCell(2, 2, seed=1).state_dict())
    assert cell.state_dict() == before
    assert all(isinstance(p, Parameter) for p in cell.parameters())
