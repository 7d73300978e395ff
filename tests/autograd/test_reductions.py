"""prod, norm, var and std: derivatives where a formula divides by zero, and what is refused."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, compile, grad, hessian, norm, polygamma, prod, special, std, var

lists = st.lists(st.floats(-3, 3), min_size=2, max_size=6)


@given(st.lists(st.sampled_from([0.0, 1.0, -2.0, 3.0]), max_size=6))
def test_each_derivative_of_a_product_is_that_of_the_others(xs):
    assert prod(xs) == math.prod(xs)
    assert grad(prod)(xs) == [math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]
    rest = [
        [math.prod([x for k, x in enumerate(xs) if k not in (i, j)]) for j in range(len(xs))] for i in range(len(xs))
    ]
    assert hessian(prod)(xs) == [[0.0 if i == j else x for j, x in enumerate(row)] for i, row in enumerate(rest)]


def test_a_product_of_one_value_is_a_value_of_its_own():
    x = Value(2.0)
    assert prod([x]) is not x
    assert prod([x]).data == 2.0
    assert prod([]) == 1.0


@given(lists)
def test_moments_are_those_of_statistics(xs):
    assert var(xs) == pytest.approx(statistics.variance(xs), rel=1e-12, abs=1e-12)
    assert std(xs, correction=0) == pytest.approx(statistics.pstdev(xs), rel=1e-12, abs=1e-12)


@given(lists)
def test_compiled_they_are_the_same(xs):
    assume(std(xs) > 1e-3)
    for f in (prod, norm, var, std):
        program = compile(f)
        assert program.map([xs, xs[::-1]]) == pytest.approx([f(xs), f(xs[::-1])], rel=1e-12)
        assert (2 * program.input_gradients([xs, xs])[0]).tolist() == pytest.approx(grad(f)(xs), rel=1e-9, abs=1e-9)


def test_at_zero_a_norm_has_the_slope_zero_compiled_too():
    assert grad(norm)([0.0, 0.0]) == [0.0, 0.0]
    assert grad(std)([2.0, 2.0]) == [0.0, 0.0]
    assert compile(norm).input_gradients([[0.0, 0.0], [3.0, 4.0]]).tolist() == [[0.0, 0.0], [0.3, 0.4]]


@pytest.mark.parametrize("f", [var, std])
def test_a_variance_of_too_few_is_refused(f):
    with pytest.raises(ValueError, match=rf"{f.__name__} needs more values than the correction, 1, got 1"):
        f([1.0])


def test_polygamma_is_the_derivative_of_digamma():
    assert polygamma(0, 2.5) == autograd.digamma(2.5)
    for n in range(4):
        assert grad(lambda x, n=n: polygamma(n, x))(2.5) == polygamma(n + 1, 2.5)
    assert polygamma(1, 1.0) == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert hessian(lambda x: polygamma(100, x))(2.5) == special.polygamma_of(102, 2.5) < 0


@pytest.mark.parametrize(
    ("n", "x", "message"),
    [(-1, 1.0, "n must be a whole number"), (101, 1.0, "from 0 to 100, got 101"), (1, -2.0, "not defined")],
)
def test_polygamma_refuses_what_has_none(n, x, message):
    with pytest.raises(ValueError, match=message):
        polygamma(n, x)
