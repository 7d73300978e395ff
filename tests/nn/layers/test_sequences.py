"""RNN, LSTM, GRU: loops over their cells, gradients through time, and windows that cut them."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import SGD, Module, Parameter, load, save
from nn.layers.cells import LSTMCell
from nn.layers.sequences import GRU, LSTM, RNN, detach
from tests.nn.layers.recurrent import a_state, as_values, every_module, normal, numbers

sizes = st.integers(1, 4)
lengths = st.integers(1, 7)
seeds = st.integers(0, 2**32)


def relu_rnn(nin: int, nhidden: int, seed: Any = None, **more: Any) -> RNN:
    return RNN(nin, nhidden, "relu", seed, **more)


every_sequence = pytest.mark.parametrize("make", [RNN, relu_rnn, LSTM, GRU], ids=lambda make: make.__name__)


def gradients(model: Module) -> list[float]:
    return [p.grad for p in model.parameters()]


def weighed(outputs: list[list[Value]]) -> Value:
    """A loss in which each output of each step has another weight."""
    return autograd.sum([y * math.cos(3 * t + k) for t, h in enumerate(outputs) for k, y in enumerate(h)])


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


@pytest.mark.parametrize("k", [0, -2, 2.0, "5", True])
def test_a_window_is_a_positive_number_of_steps(k):
    with pytest.raises(ValueError, match="truncate must be a positive integer, got"):
        LSTM(1, 1, truncate=k)


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
