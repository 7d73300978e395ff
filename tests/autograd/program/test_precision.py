"""No digit is lost that the function itself keeps, and a lower precision is close to double."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, atan2
from autograd.program import compile
from tests.support.compiled import agree, leaf

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


def test_a_negative_zero_among_constants_stays_one():
    found = compile(lambda x: [atan2(z, -1.0) for z in [x * -0.0, x * 1.0]]).map([2.0])
    assert found[0] == pytest.approx([-math.pi, math.pi - math.atan(2)])


def test_the_mean_over_more_examples_than_float16_can_count_is_right():
    w = Value(1.0)
    mean = compile(lambda x: w * x, [w], dtype="float16")(np.ones(70_000))
    assert (mean, w.grad) == pytest.approx((1.0, 1.0), rel=2**-9)


@pytest.mark.parametrize("n", [2049, 2100])
def test_more_classes_than_a_precision_tells_apart_are_refused(n):
    ws = [Value(0.0) for _ in range(n)]

    def loss(x: Any, t: Any) -> Any:
        return nn.cross_entropy([w * x for w in ws], t)

    with pytest.raises(ValueError, match=rf"^{n} classes are more than float16 tells apart, 2048: compile with"):
        compile(loss, ws, dtype="float16")([1.0], [2048])
    compile(loss, ws, dtype="float32")([1.0], [2048])
    assert [i for i, w in enumerate(ws) if w.grad < 0] == [2048]


# ----------------------------------------------------------------------------------------------------- lower precisions

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 4)), RNG.normal(size=7)


@pytest.mark.parametrize(("dtype", "digits"), [("float32", 1e-5), ("float16", 2e-2)])
def test_a_lower_precision_is_close_to_double(dtype: str, digits: float) -> None:
    model = nn.MLP(4, [8, 8, 1], "tanh", seed=0)
    results = []
    for kind in ("float64", dtype):
        model.zero_grad()
        loss = compile(lambda x, y: (model(x) - y) ** 2, model.parameters(), dtype=kind)(X, Y)
        results.append([loss, *[p.grad for p in model.parameters()]])
    largest = max(map(abs, results[0]))
    differences = [abs(a - b) for a, b in zip(*results)]
    assert 0 < max(differences) <= digits * largest


def test_small_gradients_vanish_in_float16_and_survive_with_a_loss_scale() -> None:
    w = leaf()

    def small(x: Any) -> Any:
        return 1e-4 * autograd.sin(1e-4 * w * x)

    for scale, found in ((1.0, 0.0), (2.0**14, 1e-8)):
        w.grad = 0.0
        program = compile(small, [w], dtype="float16", loss_scale=scale)
        program([1.0, 1.0])
        assert w.grad == pytest.approx(found, rel=1e-2)
        assert program.input_gradients([1.0]).tolist() == pytest.approx([0.7 * found], rel=1e-2)


def test_the_loss_scale_cancels_in_double_precision() -> None:
    w = leaf()
    for scale in (1.0, 1024.0):
        agree(lambda x: autograd.tanh(w * x[0]), [w], X, program=compile(
            lambda x: autograd.tanh(w * x[0]), [w], loss_scale=scale
        ))  # fmt: skip
