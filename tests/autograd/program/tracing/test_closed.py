"""A call stays in this package only if nothing of a user's can run in it."""

from __future__ import annotations

from typing import Any

import pytest

import autograd
import nn
from autograd import Value
from autograd.program.tracing.closed import Closed


class Own(nn.Module):
    def __call__(self, x: Any) -> Any:
        return x


class Number(Value):
    def __mul__(self, other: Any) -> Any:
        return super().__mul__(other)


@pytest.mark.parametrize("things", [
    (nn.GPT(5, 4, n_head=2, n_embd=4, seed=0), [0, 1, 2]),
    (nn.MLP(2, [2, 1], "tanh", seed=0), [Value(1.0), 2.0], {"past": None}),
    (nn.Sequential(nn.Linear(1, 1), "relu", nn.Linear(1, 1)), ((1.0,),)),
    (nn.Neuron(1, autograd.tanh), [nn.Parameter(1.0)]),
], ids=str)  # fmt: skip
def test_modules_and_numbers_stay_in_this_package(things: Any):
    assert Closed()(*things)


@pytest.mark.parametrize("things", [
    (nn.Neuron(1, lambda x: x * x), [1.0]),
    (nn.Sequential(nn.Linear(1, 1), Own()), [1.0]),
    (nn.Neuron(1), (x for x in [1.0])),
    (nn.Neuron(1), [Number(1.0)]),
    ([print],),
], ids=["a function", "a module", "a generator", "a number", "print"])  # fmt: skip
def test_what_may_run_functions_of_a_user_s_does_not(things: Any):
    assert not Closed()(*things)


def test_a_rule_of_one_s_own_is_a_user_s():
    assert not Closed()(nn.Neuron(1, autograd.primitive("ours_not", lambda x: x, lambda y, x: 1.0)))


def test_a_method_that_was_exchanged_is_a_user_s(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nn.Linear, "__repr__", lambda self: "mine")
    assert not Closed()(nn.Linear(1, 1))
