"""Sums: one answer on every Python, eager and compiled, in whatever way they are written."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, ops
from autograd.basics.addition import added, added_products

BIG = [1e16, 1.0, -1e16]  # from left to right 0.0; the true sum is 1.0
numbers = st.lists(st.floats(allow_nan=False, width=64), max_size=20)


def left_to_right(xs: list[float]) -> float:
    """The sum by fractions, rounded after each addition: no float is added in it."""
    total = 0.0
    for x in xs:
        total = float(Fraction(total) + Fraction(x))
    return total


@given(st.lists(st.floats(-1e300, 1e300), max_size=20))
def test_a_sum_is_rounded_after_each_addition(xs):
    assert added(xs) == left_to_right(xs)


@given(st.lists(st.tuples(st.floats(-1e150, 1e150), st.floats(-1e150, 1e150)), max_size=20), st.floats(-1e300, 1e300))
def test_so_is_a_sum_of_products(pairs, start):
    products = [float(Fraction(w) * Fraction(x)) for w, x in pairs]
    assert added_products([w for w, _ in pairs], [x for _, x in pairs], start) == left_to_right([start, *products])


@given(numbers)
def test_infinite_numbers_add_as_in_arithmetic(xs):
    expected = reduce(add, xs, 0.0)
    assert added(xs) == expected or (math.isnan(added(xs)) and math.isnan(expected))


def test_all_ways_to_write_a_sum_give_one_answer():
    a, b, c = values = [Value(x) for x in BIG]
    ones = [1.0, 1.0, 1.0]
    assert {
        autograd.sum(BIG), autograd.sum(values).data, (a + b + c).data, sum(values).data,
        autograd.dot(BIG, ones), autograd.dot(values, ones).data, autograd.dot([], [], 0.0),
        autograd.mean(BIG), autograd.mean(values).data, reduce(add, values).data,
    } == {0.0}  # fmt: skip
    assert autograd.dot([1.0], [1.0], bias=1e16) == 1e16 + 1.0 == autograd.dot([Value(1.0)], [1.0], 1e16).data


@pytest.mark.parametrize(("n", "batch"), [(1, 1), (3, 1), (7, 1), (3, 2), (8, 2), (50, 5), (300, 3)])
@pytest.mark.parametrize("rule", [autograd.sum, autograd.mean])
def test_a_compiled_sum_gives_the_same_digits(rule, n, batch):
    rng = random.Random(n)
    rows = [[rng.uniform(-1, 1) * 10 ** rng.randint(-9, 9) for _ in range(n)] for _ in range(batch)]
    assert autograd.compile(rule).map(rows) == [rule(row) for row in rows]
    squares = autograd.compile(lambda xs: rule([x * x for x in xs]))
    assert squares.map(rows) == [rule([x * x for x in row]) for row in rows]


def test_a_compiled_sum_of_numbers_that_cancel():
    assert autograd.compile(autograd.sum).map([BIG, BIG[::-1]]) == [0.0, 0.0]


def test_a_list_is_no_number_to_start_from():
    with pytest.raises(TypeError):
        added_products([], [], [])
    assert ops.dot.forward([], [], 0.5) == 0.5
