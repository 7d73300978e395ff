"""Compiled functions that once gave another number than the function itself, each by a short program."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, atan2, compile, exp, log, relu, sqrt, tanh

nan, inf = math.nan, math.inf
exponents = st.integers(-300, 300)


@given(st.lists(exponents, min_size=1, max_size=4), exponents)
def test_numbers_in_a_row_are_multiplied_in_an_order_that_loses_nothing(powers, start):
    """Where no step over- or underflows for the function itself, forward or back, none does in the program."""
    forward = [start + sum(powers[:i]) for i in range(len(powers) + 1)]
    back = [sum(powers[i:]) for i in range(len(powers))] + [start + sum(powers)]
    assume(all(abs(e) < 290 for e in (*forward, *back)))

    def f(x: Any) -> Any:
        for e in powers:
            x = 10.0**e * x
        return x

    w, v, x = Value(1.0), Value(1.0), 10.0**start
    f(v * x).backward()
    assert compile(lambda x: f(w * x), [w])([x]) == pytest.approx(f(x), rel=1e-14)
    assert w.grad == pytest.approx(v.grad, rel=1e-14)
    assert compile(f).map([x])[0] == pytest.approx(f(x), rel=1e-14)


@pytest.mark.parametrize(
    ("f", "dtype", "x", "expected"),
    [
        (lambda x: 1e-4 * (1e-4 * x), "float16", 1e4, 1e-4),
        (lambda x: 1e-20 * (1e-25 * x), "float32", 1e38, 1e-7),
        (lambda x: 1e200 * (1e200 * x), "float64", 1e-300, 1e100),
    ],
)
def test_numbers_in_a_row_lose_nothing_in_lower_precision_either(f, dtype, x, expected):
    assert compile(f, dtype=dtype).map([x])[0] == pytest.approx(expected, rel=2 * float(np.finfo(dtype).eps))


def test_a_number_times_zero_times_infinity_is_none():
    assert math.isnan(compile(lambda x: 5.0 * (0.0 * x)).map([inf])[0])


def test_a_gradient_is_right_where_only_the_product_of_two_constants_is_too_small():
    program = compile(lambda c, x: 1e-200 * (c * (1e-200 * x)))
    assert program.input_gradients([1e300], [1.0], argnums=1)[0] == pytest.approx(1e-100, rel=1e-14)


def swapped(x: Any) -> Any:
    x[0], x[1] = x[1], x[0]
    return x[0] - 2 * x[1]


def reversed_(x: Any) -> Any:
    x.reverse()
    return x[0]


def doubled(x: Any) -> Any:
    x[1] = x[0]
    return x[0] * x[1]


def longer(x: Any) -> Any:
    x.append(1.0)
    x[0] = 2.0
    return autograd.sum(x)


@pytest.mark.parametrize("f", [swapped, reversed_, doubled, longer])
def test_a_function_may_change_the_list_that_it_is_given(f):
    rows = [[1.0, 10.0], [4.0, 3.0]]
    assert compile(f).map(rows) == [f(list(row)) for row in rows]
    leaves = [[Value(x) for x in row] for row in rows]
    for row in leaves:
        f(list(row)).backward()
    found = compile(f).input_gradients(rows).tolist()
    assert [[2 * x for x in row] for row in found] == [[v.grad for v in row] for row in leaves]  # the mean of two


def test_the_mean_over_more_examples_than_float16_can_count_is_right():
    w = Value(1.0)
    mean = compile(lambda x: w * x, [w], dtype="float16")(np.ones(70_000))
    assert (mean, w.grad) == pytest.approx((1.0, 1.0), rel=2**-9)


@pytest.mark.parametrize(
    "f",
    [lambda x: tanh(1 / x), lambda x: 1 / (1 + 1 / x), lambda x: relu(log(x)), lambda x: exp(log(x)), lambda x: x**-1],
)
def test_map_gives_no_number_where_the_function_is_not_defined_though_what_follows_would_hide_it(f):
    nothing, something = compile(f).map([0.0, 2.0])
    assert math.isnan(nothing)
    assert something == pytest.approx(f(2.0), rel=1e-15)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sqrt(x * 0.0),
        lambda x: sqrt(-0.0 * x),
        lambda x: sqrt(x**0.0 - 1.0),
        lambda x: autograd.acos(autograd.leaky_relu(1.0, x)),
        lambda x: autograd.acos(autograd.elu(1.0, x)),
    ],
)
def test_a_slope_that_does_not_exist_is_refused_though_a_constant_0_would_hide_it(f):
    w = Value(3.0)
    with pytest.raises(ZeroDivisionError, match="has no finite derivative there"):
        f(w).backward()
    with pytest.raises(ValueError, match=r"^row 0: .* has no finite derivative there"):
        compile(lambda _: f(w), [w])([1.0])
    with pytest.raises(ValueError, match=r"^row 0: .* has no finite derivative there"):
        compile(f).input_gradients([3.0])
    assert w.grad == 0.0


def test_a_negative_zero_among_constants_stays_one():
    found = compile(lambda x: [atan2(z, -1.0) for z in [x * -0.0, x * 1.0]]).map([2.0])
    assert found[0] == pytest.approx([-math.pi, math.pi - math.atan(2)])


@pytest.mark.parametrize("n", [2049, 2100])
def test_more_classes_than_a_precision_tells_apart_are_refused(n):
    ws = [Value(0.0) for _ in range(n)]

    def loss(x: Any, t: Any) -> Any:
        return nn.cross_entropy([w * x for w in ws], t)

    with pytest.raises(ValueError, match=rf"^{n} classes are more than float16 tells apart, 2048: compile with"):
        compile(loss, ws, dtype="float16")([1.0], [2048])
    compile(loss, ws, dtype="float32")([1.0], [2048])
    assert [i for i, w in enumerate(ws) if w.grad < 0] == [2048]
