"""A compiled function is followed anew when variables, lists, dicts and numbers around it have changed."""

from __future__ import annotations

import collections
import functools
import math
from numbers import Real
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, checkpoint
from autograd.program import compile
from tests.support.compiled import leaf

SCALE = 1.0

# ------------------------------------------------------------------------------------------------ variables and numbers


def test_a_variable_that_has_changed_is_that_of_the_call() -> None:
    w, factor = leaf(2.0), 1.0

    def scaled(x: Any) -> Any:
        return factor * x

    def loss(x: Any) -> Any:
        return sum([w * scaled(x) for _ in range(1)])

    program = compile(loss, [w])
    assert program([1.0, 3.0]) == 4.0
    factor = 10.0
    assert program([1.0, 3.0]) == 40.0


def test_a_global_that_has_changed_is_that_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    w = leaf(2.0)
    program = compile(lambda x: [w * x * SCALE][0], [w])
    assert program([3.0]) == 6.0
    monkeypatch.setitem(globals(), "SCALE", -1.0)
    assert program([3.0]) == -6.0


def test_settings_in_lists_dicts_partials_and_defaults_are_those_of_the_call() -> None:
    w, settings, powers = leaf(2.0), {"lam": 1.0}, [1.0, 2.0]
    program = compile(functools.partial(lambda s, x: s["lam"] * w * x ** powers[0], settings), [w])
    assert program([3.0]) == 6.0
    settings["lam"] = 0.5
    assert program([3.0]) == 3.0
    powers[0] = 2.0
    assert program([3.0]) == 9.0
    powers.insert(0, 0.0)
    assert program([3.0]) == 1.0


@pytest.mark.parametrize("kind", [dict, collections.OrderedDict])
def test_the_order_of_a_dict_is_that_of_the_call(kind: Any) -> None:
    w, layers = leaf(1.0), kind(square=lambda x: x * x, more=lambda x: x + 1.0)
    sizes = kind(a=2.0, b=3.0)

    def loss(x: Any) -> Any:
        y = w * x
        for layer in layers.values():
            y = layer(y)
        for size in sizes.values():
            y = y * size + 1.0
        return y

    program = compile(loss, [w])
    assert program([2.0]) == loss(2.0).data == (5 * 2 + 1) * 3 + 1
    layers["square"] = layers.pop("square")
    assert program([2.0]) == loss(2.0).data == (9 * 2 + 1) * 3 + 1
    sizes["a"] = sizes.pop("a")
    assert program([2.0]) == loss(2.0).data == (9 * 3 + 1) * 2 + 1
    assert program([2.0]) == loss(2.0).data


def test_a_variable_may_get_its_value_later() -> None:
    w = leaf(2.0)

    def loss(x: Any) -> Any:
        return w * x * len(calls) if len(calls) > 1 else w * x * factor

    calls = [1]
    program = compile(loss, [w])
    with pytest.raises(NameError):
        program([1.0])
    calls.append(2)
    assert program([1.0]) == 4.0
    factor = 10.0
    calls.pop()
    assert program([1.0]) == 20.0


def test_a_number_that_is_read_twice_is_looked_at_in_each_call() -> None:
    w, c = leaf(2.0), leaf(1.0, "c")
    program = compile(lambda x: w * x if 0 < c.data < 5 and c.data != 3 else x, [w])
    assert program([3.0]) == 6.0
    c.data = 7.0
    assert program([3.0]) == 3.0


def test_an_array_in_place_of_another_is_that_of_the_call() -> None:
    w, constants = leaf(2.0), np.array([1.0, 2.0])
    program = compile(lambda x: w * autograd.dot(constants, x), [w])
    assert program([[1.0, 1.0]]) == 6.0
    constants = np.array([5.0, 2.0])
    assert program([[1.0, 1.0]]) == 14.0


def test_a_number_that_was_read_is_told_from_its_negative_zero() -> None:
    w, s = leaf(2.0), Value(0.0)
    program = compile(lambda x: w * x * math.atan2(s.data, -1.0), [w])
    assert program([1.0]) == 2 * math.pi
    s.data = -0.0
    assert program([1.0]) == -2 * math.pi


RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=5)


def test_a_function_that_counts_its_runs_may_ask_for_kinds_of_numbers() -> None:
    runs: list[None] = []

    def square(x: Any) -> Any:
        runs.append(None)
        return x * x if isinstance(2, Real) else x

    program = compile(square)
    assert (program([1.0, 2.0]), program([1.0, 2.0]), len(runs)) == (2.5, 2.5, 1)


def test_what_has_not_changed_is_not_followed_again() -> None:
    model, runs = nn.MLP(2, [3, 1], "tanh", seed=0), []
    table = [[0.0, 1.0], [2.0, 3.0]]

    def loss(x: Any, y: Any) -> Any:
        runs.append(None)
        return (model(x) - y) ** 2 + table[0][1]

    program = compile(loss, model.parameters())
    for mode in (model.train, model.eval, model.train):
        mode()
        program(X, Y)
        program.map(X, Y)
    assert len(runs) == 1


def test_a_setting_in_a_default_is_that_of_the_call_also_if_it_is_given_by_name_alone() -> None:
    w, settings = leaf(2.0), {"scale": 1.0}

    def loss(x: Any, *, settings: Any = settings) -> Any:
        return settings["scale"] * w * x

    program = compile(loss, [w])
    assert program([1.0]) == 2.0
    settings["scale"] = 10.0
    assert program([1.0]) == 20.0
    assert loss.__kwdefaults__ is not None
    loss.__kwdefaults__["settings"] = {"scale": 100.0}
    assert program([1.0]) == 200.0


def test_what_a_decorated_function_names_is_that_of_the_call() -> None:
    w, scale = leaf(2.0), 1.0

    @checkpoint
    def inner(x: Any) -> Any:
        return scale * w * x

    program = compile(lambda x: inner(x), [w])
    assert program([1.0]) == 2.0
    scale = 10.0
    assert program([1.0]) == 20.0


# -------------------------------------------------------------------------------- a function that changes things itself


class Remembering(nn.Module):
    """A module that keeps its last result, for those who want to look at it."""

    def __init__(self) -> None:
        self.w, self.out, self.scale, self.calls = nn.Parameter(2.0), None, 1.0, 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        self.out = self.w * autograd.sum(x) * self.scale
        return self.out


def test_what_the_function_itself_changes_is_no_reason_to_follow_it_again() -> None:
    model = Remembering()
    program = compile(lambda x: model(x), model.parameters())
    for _ in range(3):
        assert program([[1.0, 2.0]]) == 6.0
        assert program([[1.0, 2.0, 3.0]]) == 12.0
    assert model.calls == 4  # each shape twice, to see whether a call looks at what the one before has kept
    model.scale = 10.0
    assert program([[1.0, 2.0]]) == 60.0
    assert model.calls == 6


CALLS = 0


def test_a_global_is_that_of_the_call_though_the_function_counts_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    w = leaf(2.0)

    def loss(x: Any) -> Any:
        global CALLS
        CALLS += 1
        return SCALE * w * x

    monkeypatch.setitem(globals(), "CALLS", 0)
    program = compile(loss, [w])
    assert [program([1.0]), program([1.0])] == [2.0, 2.0]
    assert CALLS == 1
    monkeypatch.setitem(globals(), "SCALE", 10.0)
    assert [program([1.0]), program([1.0])] == [20.0, 20.0]
    assert CALLS == 2


def test_a_variable_is_that_of_the_call_though_the_function_counts_in_another() -> None:
    w, scale, calls = leaf(2.0), 1.0, 0

    def loss(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return scale * w * x

    program = compile(loss, [w])
    assert [program([1.0]), program([1.0]), calls] == [2.0, 2.0, 1]
    scale = 10.0
    assert [program([1.0]), program([1.0]), calls] == [20.0, 20.0, 2]


def test_an_entry_of_a_dict_is_that_of_the_call_though_the_function_counts_in_another() -> None:
    w, settings = leaf(2.0), {"scale": 1.0, "calls": 0.0}

    def loss(x: Any) -> Any:
        settings["calls"] += 1
        settings["last"] = x  # it wasn't there before
        return settings["scale"] * w * x

    program = compile(loss, [w])
    assert [program([1.0]), program([1.0]), settings["calls"]] == [2.0, 2.0, 1.0]
    settings["scale"] = 10.0
    assert [program([1.0]), program([1.0]), settings["calls"]] == [20.0, 20.0, 2.0]
    settings["bias"] = 1.0  # the function doesn't ask for it, but might
    assert [program([1.0]), program([1.0]), settings["calls"]] == [20.0, 20.0, 3.0]


def test_an_item_of_a_list_is_that_of_the_call_though_the_function_changes_another_or_appends() -> None:
    w, held = leaf(2.0), [1.0, 0]

    def loss(x: Any) -> Any:
        held[1] += 1
        held.append("followed")
        return held[0] * w * x[0]

    program = compile(loss, [w])
    for _ in range(2):  # two shapes of an example: what is appended for one is no reason to follow the other again
        assert [program([[1.0]]), program([[1.0, 2.0]])] == [2.0, 2.0]
    assert held == [1.0, 2, "followed", "followed"]
    held[0] = 10.0
    for _ in range(2):
        assert [program([[1.0]]), program([[1.0, 2.0]])] == [20.0, 20.0]
    assert held == [10.0, 4, *["followed"] * 4]


def test_an_array_that_the_function_keeps_is_no_reason_to_follow_it_again() -> None:
    w = leaf(2.0)

    def loss(x: Any) -> Any:
        loss.seen = np.array([1.0, 2.0])  # comparing arrays gives no single answer
        loss.calls += 1
        return loss.scale * w * x

    loss.seen, loss.calls, loss.scale = np.zeros(2), 0, 1.0
    program = compile(loss, [w])
    assert [program([1.0]), program([1.0]), loss.calls] == [2.0, 2.0, 1]
    loss.scale = 10.0
    assert [program([1.0]), program([1.0]), loss.calls] == [20.0, 20.0, 2]
