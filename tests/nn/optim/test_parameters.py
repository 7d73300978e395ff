"""What an optimizer may be given: parameters that are leaves, each once, and settings within their range."""

from __future__ import annotations

import math

import pytest

from autograd import Value
from nn import MLP, SGD, Parameter


def test_parameters_may_come_from_a_generator():
    x = Value(1.0)
    assert SGD((p for p in [x]), lr=0.1).params == [x]


def test_no_parameters_are_refused():
    with pytest.raises(ValueError, match="at least one parameter"):
        SGD([], lr=0.1)


def test_a_parameter_that_would_move_twice_is_refused():
    x, y = Parameter(1.0, "x"), Parameter(1.0, "y")
    with pytest.raises(ValueError, match=r"label='y'.* more than once"):
        SGD([x, y, y], lr=0.1)


def test_what_is_no_leaf_is_refused():
    x = Value(1.0)
    with pytest.raises(ValueError, match=r"must be leaves, got .*computed by exp"):
        SGD([x, x.exp()], lr=0.1)
    with pytest.raises(TypeError, match=r"must be Values, got 1\.0"):
        SGD([x, 1.0], lr=0.1)
    with pytest.raises(TypeError, match="must be Values, got "):
        SGD(MLP(1, [1], seed=0).named_parameters(), lr=0.1)


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("rate", [-0.1, -1, math.nan, math.inf, -math.inf, 1e308 * 10])
def test_a_rate_is_finite_and_not_negative(name, rate):
    with pytest.raises(ValueError, match=f"{name} must be a finite number, 0 or greater, got {float(rate)!r}"):
        SGD([Value(1.0)], **{"lr": 0.1, name: rate})


@pytest.mark.parametrize("name", ["lr", "momentum", "weight_decay"])
@pytest.mark.parametrize("rate", ["0.1", None, [0.1], Value(0.1)])
def test_a_rate_is_a_number(name, rate):
    with pytest.raises(TypeError, match=f"{name} must be a "):
        SGD([Value(1.0)], **{"lr": 0.1, name: rate})


def test_a_rate_of_true_is_one_as_in_all_of_python():
    optimizer = SGD([Value(1.0)], lr=True, momentum=True, weight_decay=True)
    assert (optimizer.lr, optimizer.momentum, optimizer.weight_decay) == (1.0, 1.0, 1.0)
    assert SGD([Value(1.0)], 0.1, weight_decay=True).weight_decay == 1.0


def test_a_model_in_place_of_its_parameters_is_refused_with_the_mend():
    with pytest.raises(TypeError, match=r"pass its parameters\(\)"):
        SGD(MLP(1, [1], seed=0), lr=0.1)
