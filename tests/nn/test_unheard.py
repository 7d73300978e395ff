"""What modules do among themselves is not heard; what is a user's is, wherever it is called."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import nn
from autograd import compile
from autograd.program.tracing.hearing import Hearing

FACTOR = {"own": 2.0}


def own(x: Any) -> Any:
    return FACTOR["own"] * x


def test_few_calls_are_heard_of_a_model_of_this_package(monkeypatch: pytest.MonkeyPatch):
    heard = []
    hear = Hearing._hear
    monkeypatch.setattr(Hearing, "_hear", lambda self, *event: (heard.append(event[1]), hear(self, *event)))
    model = nn.GPT(5, 4, n_head=2, n_embd=4, seed=0)
    compile(lambda tokens, targets: nn.cross_entropy(model(tokens), targets), model.parameters())([[0, 1]], [[1, 2]])
    assert len(heard) < 300


def test_a_function_that_a_model_calls_is_looked_at_before_each_run(monkeypatch: pytest.MonkeyPatch):
    model = nn.Sequential(nn.Linear(1, 1, seed=0), own, nn.Linear(1, 1, seed=1))
    program = compile(model)
    before = program.map([[1.0]])
    monkeypatch.setitem(FACTOR, "own", 3.0)
    assert program.map([[1.0]]) != before
    assert program.map([[1.0]])[0] == pytest.approx(model([1.0]).data)


def test_whoever_hears_calls_hears_them_again_after_an_error():
    model, calls = nn.Linear(2, 1, seed=0), []
    with pytest.raises(ValueError, match="2 inputs"):
        compile(lambda x: model([x]))([1.0])
    assert sys.getprofile() is None
    compile(lambda x: (model([x, x]), calls.append(1), own(model([x, x])))[2]).map([1.0])
