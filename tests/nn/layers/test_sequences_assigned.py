"""Weights of an RNN, LSTM or GRU that are assigned to, by PyTorch's names: they take effect, as they do there."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from nn import Module, Parameter
from nn.layers.sequences import GRU, LSTM, RNN

every_sequence = pytest.mark.parametrize("make", [RNN, LSTM, GRU], ids=lambda make: make.__name__)
every_weight = pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"])
sizes = st.integers(1, 3)
XS = [0.3, -0.7, 1.1]


def like(tree: Any, number: Any) -> Any:
    """The same nested lists and tuples with something new in each place, from what is there."""
    return type(tree)(like(x, number) for x in tree) if isinstance(tree, (list, tuple)) else number(tree)


def outputs(rnn: Any, nin: int = 1) -> list[Value]:
    return [y for h in rnn([[x] * nin for x in XS])[0] for y in h]


def data(values: list[Value]) -> list[float]:
    return [y.data for y in values]


@every_sequence
@every_weight
@given(sizes, sizes)
def test_weights_that_are_assigned_take_effect_in_place_of_those_before(make, name, nin, nhidden):
    rnn, other = make(nin, nhidden, seed=0), make(nin, nhidden, seed=1)
    names, before = list(rnn.state_dict()), rnn.parameters()
    new = like(getattr(rnn, name), lambda old: Parameter(old.data / 2 + 0.25))
    setattr(rnn, name, new)

    assert list(rnn.state_dict()) == names == [p.label for p in rnn.parameters()]
    assert getattr(rnn, name) is new
    assert rnn.parameters() == rnn.cell.parameters()
    kept = [p is q for p, q in zip(rnn.parameters(), before)]
    assert kept == [not label.startswith(name) for label in names]

    other.load_state_dict(rnn.state_dict())
    assert data(outputs(rnn, nin)) == data(outputs(other, nin))
    for module in (rnn, other):
        autograd.sum(outputs(module, nin)).backward()
    assert [p.grad for p in rnn.parameters()] == [p.grad for p in other.parameters()]
    assert any(p.grad for p in rnn.parameters() if p.label.startswith(name))


@every_sequence
@every_weight
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_a_copy_takes_assignments_too_and_leaves_the_first_alone(make, name, copied):
    rnn = make(1, 2, seed=0)
    setattr(rnn, name, like(getattr(rnn, name), lambda old: Parameter(old.data + 1)))
    twin, before = copied(rnn), data(outputs(rnn))
    assert data(outputs(twin)) == before
    setattr(twin, name, like(getattr(twin, name), lambda old: Parameter(old.data - 1)))
    assert data(outputs(twin)) == pytest.approx(data(outputs(make(1, 2, seed=0))), rel=1e-14)  # +1 and -1 are rounded
    assert data(outputs(rnn)) == before
    assert [p.label for p in twin.parameters()] == [p.label for p in rnn.parameters()]


@every_sequence
def test_weights_that_are_not_learned_may_take_their_place(make):
    rnn, other = make(1, 2, seed=0), make(1, 2, seed=0)
    rnn.bias_ih_l0 = [0.0] * len(rnn.bias_ih_l0)
    for p in other.bias_ih_l0:
        p.data = 0.0
    assert data(outputs(rnn)) == data(outputs(other))
    assert len(rnn.parameters()) == len(other.parameters()) - len(other.bias_ih_l0)


def test_a_model_around_it_names_them_by_their_place():
    class Tagger(Module):
        def __init__(self) -> None:
            self.rnn = RNN(1, 1, seed=0)

    tagger = Tagger()
    names = list(tagger.state_dict())
    tagger.rnn.bias_ih_l0 = (Parameter(0.5),)
    assert list(tagger.state_dict()) == names
    assert tagger.state_dict()["rnn.bias_ih_l0.0"] == 0.5


def test_an_assignment_that_is_refused_changes_nothing():
    rnn = RNN(1, 1, seed=0)
    state, before = rnn.state_dict(), data(outputs(rnn))
    with pytest.raises(ValueError, match="two parameters are called"):
        rnn.bias_ih_l0 = {"a.b": Parameter(1.0), "a": {"b": Parameter(2.0)}}
    assert rnn.state_dict() == state
    assert data(outputs(rnn)) == before
