"""What can't be followed is refused, with the user's line, and everything is as it was."""

from __future__ import annotations

import copy
import math
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import TraceError, compile
from tests.support.compiled import agree, leaf

w, v = Value(0.7, label="w"), Value(-0.3, label="v")
outside = w * 2

# ------------------------------------------------------------------------------------ traced numbers that are looked at

UNFOLLOWABLE: dict[str, Callable[[Any], Any]] = {
    "if": lambda x: w if x > 0 else 2 * w,
    "if on what was computed": lambda x: w if w * x > 0 else 2 * w,
    "if on a parameter": lambda x: w * x if w > 0 else x,
    "truth": lambda x: w if x else v,
    "equal to a number": lambda x: w if x == 0 else 2 * w,
    "not equal to a number": lambda x: w if x != 0 else 2 * w,
    "among numbers": lambda x: w if x in (0, 1) else 2 * w,
    "max": lambda x: max(x, w),
    "sorted": lambda x: sorted([x, w])[0],
    "float": lambda x: float(x) * w,
    "int": lambda x: int(x) * w,
    "round": lambda x: round(x) * w,
    "ceil": lambda x: math.ceil(x) * w,
    "floor division": lambda x: x // 2 * w,
    "range": lambda x: sum(w for _ in range(x)),
    "position": lambda x: [0.0, 2.0].index(x) * w,
    "math": lambda x: math.exp(x) * w,
    "isnan": lambda x: w if math.isnan(x) else w * x,
    "data of an input": lambda x: x.data * w,
    "data of a parameter": lambda x: w.data * x,
    "data of what was computed": lambda x: (w * x).data,
    "assignment": lambda x: setattr(w, "data", 1.0) or w * x,
    "no_grad": lambda x: autograd.no_grad(lambda: x * 2)() * w,
    "backward": lambda x: (w * x).backward() or w,
    "accuracy": lambda x: nn.accuracy([[x, w]], [0]) * w,
}


@pytest.mark.parametrize("name", UNFOLLOWABLE)
def test_a_refusal_that_the_function_catches_is_one_all_the_same(name: str) -> None:
    def guarded(x: Any) -> Any:
        try:
            return UNFOLLOWABLE[name](x)
        except TypeError:
            return w * x

    for _ in range(2):
        with pytest.raises(TraceError, match="while the function is being compiled"):
            compile(guarded, [w])([1.0, 2.0])
    assert compile(lambda x: w * x).map([1.0]) == [w.data]  # nothing of it is left


@pytest.mark.parametrize("name", UNFOLLOWABLE)
def test_what_depends_on_a_traced_number_is_refused_with_the_line_of_the_user(name: str) -> None:
    f = UNFOLLOWABLE[name]
    for p in (w, v):
        p.grad = 5.0
    with pytest.raises(TraceError) as refusal:
        compile(f, [w, v])([1, 2])
    line = f"{Path(__file__)}:{f.__code__.co_firstlineno}: "
    assert str(refusal.value).startswith(line)
    assert name in str(refusal.value)  # the text of the line
    assert (w.data, w.grad, v.grad) == (0.7, 5.0, 5.0)


COMPARED: dict[str, Callable[..., Any]] = {
    "x == y": lambda w, x, y: w if x == y else 2 * w,
    "x != y": lambda w, x, y: w if x != y else 2 * w,
    "x != x": lambda w, x, y: w if x != x else 2 * w,
    "2 * x == y": lambda w, x, y: w if 2 * x == y else 2 * w,
    "in [y]": lambda w, x, y: w if x in [y] else 2 * w,
    "[x] == [y]": lambda w, x, y: w if [x] == [y] else 2 * w,
    "in {0.0, 1.0}": lambda w, x, y: w if x in {0.0, 1.0} else 2 * w,
    "{0.0: w}.get": lambda w, x, y: {0.0: w}.get(x, 2 * w),
    "{(0.0, 1.0): w}.get": lambda w, x, y: {(0.0, 1.0): w}.get((x, y), 2 * w),
    "len({x, y})": lambda w, x, y: w * len({x, y}),
    "len({x + 1, y})": lambda w, x, y: w * len({x + 1, y}),
    "Counter": lambda w, x, y: w * len(Counter([x, y])),
    "np.array([x]) == np.array([y])": lambda w, x, y: w * (np.array([x]) == np.array([y])).sum(),
}


@pytest.mark.filterwarnings("ignore:elementwise comparison failed")  # what NumPy made of any error before its 1.25
@pytest.mark.parametrize("name", COMPARED)
def test_numbers_that_are_compared_or_looked_up_are_refused_with_the_line_of_the_user(name: str) -> None:
    w, f = leaf(), COMPARED[name]
    with pytest.raises(TraceError) as refusal:
        compile(lambda x, y: f(w, x, y), [w])([0.0, 1.0], [0.0, 2.0])
    assert f"{Path(__file__)}:{f.__code__.co_firstlineno}: " in str(refusal.value)
    assert name in str(refusal.value)


RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=5)


def test_values_are_still_themselves_in_sets_and_dicts() -> None:
    w, v = leaf(0.7), leaf(-0.3, "v")

    def loss(x: Any) -> Any:
        a, b = w * x[0], v * x[1]
        known = {a: 1.0, b: 2.0}
        return a * known[a] + b * known[b] if a != b and a in {a, b} and w != x[0] else w

    agree(loss, [w, v], X)


def test_a_library_that_asks_for_a_number_is_not_the_line_that_is_named() -> None:
    def f(x: Any) -> Any:
        return np.max(x)

    with pytest.raises(TraceError, match="the number of argument") as refusal:
        compile(f)([[1.0, 2.0]])
    assert str(refusal.value).startswith(f"{Path(__file__)}:{f.__code__.co_firstlineno + 1}: ")


# -------------------------------------------------------------------------------------- what else a function may not do


def test_after_a_refusal_the_engine_is_as_it_was() -> None:
    with pytest.raises(TraceError):
        compile(lambda x: float(x))([1.0])
    y = w * 2
    assert (type(y), y.data, autograd.is_grad_enabled()) == (Value, 1.4, True)
    assert (w if w > 0 else v) is w


def test_a_program_is_not_called_by_a_function_that_is_being_compiled() -> None:
    inner = compile(lambda y: y * w, [w])
    w.grad = 5.0
    itself = compile(lambda x: itself([1.0]) * x, [w])
    for outer in (compile(lambda x: inner([1.0]) * x, [w]), compile(lambda x: inner.map([x])[0]), itself):
        with pytest.raises(TraceError, match=r"a compiled program is called .* program\.fn"):
            outer([1.0])
    assert w.grad == 5.0


def test_values_that_were_computed_outside_are_refused() -> None:
    with pytest.raises(TraceError, match="was computed before: compute it inside"):
        compile(lambda x: outside * x, [w])([1.0])


def test_functions_of_numpy_and_numbers_made_of_traced_ones_are_refused() -> None:
    for f in (lambda x: np.exp(x), lambda x: Value(x)):
        with pytest.raises(TypeError):
            compile(f, [w])([1.0])


def test_batch_norm_in_training_is_refused() -> None:
    norm = nn.BatchNorm(2)
    with pytest.raises(ValueError, match="training mode"):
        compile(lambda x: norm(x)[0], norm.parameters())([[1.0, 2.0]])
    with pytest.raises(TraceError):
        compile(lambda x: norm.batch([x, x])[0][0], norm.parameters())([[1.0, 2.0]])
    assert norm.num_batches_tracked.data == 0.0


def test_a_gradient_that_the_function_reads_is_refused_and_not_baked_in():
    w = Value(2.0, label="w")
    with pytest.raises(TraceError, match=r"a \.grad is asked for"):
        compile(lambda x: w * x + w.grad, [w])([1.0, 2.0])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_of_a_parameter_is_refused_and_one_of_another_value_follows_it(copied):
    w, factor = Value(2.0, label="w"), Value(3.0)
    with pytest.raises(TraceError, match="w"):
        compile(lambda x: copied(w) * x, [w])([1.0, 2.0])
    program = compile(lambda x: w * x * copied(factor), [w])
    assert program([1.0]) == 6.0
    factor.data = 5.0
    assert program([1.0]) == 10.0


# ------------------------------------------------------------------------------------------ a Value that was kept of it

USED: dict[str, Callable[[Any], Any]] = {
    "data": lambda v: v.data,
    "grad": lambda v: v.grad,
    "v + 1": lambda v: v + 1,
    "1 + v": lambda v: 1 + v,
    "Value * v": lambda v: Value(2.0) * v,
    "v ** 2": lambda v: v**2,
    "exp": autograd.exp,
    "sum": lambda v: autograd.sum([v, 1.0]),
    "dot": lambda v: autograd.dot([Value(1.0)], [v]),
    "v > 0": lambda v: v > 0,
    "0 < v": lambda v: Value(0.0) < v,
    "backward": lambda v: v.backward(),
    "float": float,
    "bool": bool,
    "format": lambda v: f"{v:.3f}",
    "copy": copy.deepcopy,
    "assignment to grad": lambda v: v.grad + 1,
}
WHERE = ["an input", "a result"]


@pytest.mark.parametrize("how", USED)
@pytest.mark.parametrize("which", [0, 1], ids=WHERE)
def test_a_value_that_was_kept_says_so_when_it_is_used(how: str, which: int) -> None:
    kept: list[Any] = []
    program = compile(lambda x: [kept.extend([x, x * w]), w * x][1], [w])
    assert program([2.0]) == 1.4
    with pytest.raises(TypeError, match=r"kept from a function while it was compiled.*program\.map") as refusal:
        USED[how](kept[which])
    assert str(refusal.value).count("\n") == 0


def test_a_value_that_was_kept_says_so_where_it_is_shown():
    class Layer:
        out: Any = None

    def f(x: Any) -> Any:
        Layer.out = w * x
        return Layer.out

    program = compile(f, [w])
    assert program([2.0]) == 1.4
    assert repr(Layer.out) == str(Layer.out) == "<*, kept from a function while it was compiled, when it had no number>"
    assert program.map([2.0, 3.0]) == [1.4, pytest.approx(2.1)]


def test_a_value_that_was_kept_is_refused_by_the_next_function():
    kept: list[Any] = []
    compile(lambda x: [kept.append(x), w * x][1], [w])([2.0])
    with pytest.raises(TraceError, match="kept from a function"):
        compile(lambda x: kept[0] * x, [w])([2.0])
