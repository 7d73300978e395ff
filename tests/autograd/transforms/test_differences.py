"""Derivatives by differences: how exact they are, and that they know it."""

from __future__ import annotations

import math

import pytest

from autograd.transforms.differences import Verdict, compared, estimates, kink, steps


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [(math.sin, 1.0, math.cos(1.0)), (math.exp, -2.0, math.exp(-2.0)), (lambda x: x**5, 1.5, 5 * 1.5**4)],
)
def test_a_table_is_right_to_its_own_error(f, x, slope, richardson):
    found, error = richardson(f, x)
    assert abs(found - slope) <= max(10 * error, 1e-12 * abs(slope))
    assert error < 1e-9


def test_a_table_without_finite_numbers_says_nothing():
    assert list(estimates(lambda x: math.nan, 1.0, 0.1)) == []


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-8, -1.0, 3.7, 1e8, -1e300])
def test_steps_go_from_a_part_of_the_number_to_what_it_can_still_make(x):
    made = list(steps(x))
    assert max(1.0, abs(x)) / 128 < made[0] <= max(1.0, abs(x)) / 64
    assert made == sorted(made, reverse=True)
    assert all(x - h < x < x + h for h in made[:1])
    assert all(math.frexp(h)[0] == 0.5 for h in made)  # powers of 2
    assert next(iter(steps(x, 0.25 * max(1.0, abs(x))))) == 0.25 * max(1.0, abs(x))


def test_a_verdict_says_how_far_the_differences_may_be_off():
    right = compared(math.sin, 1.0, math.cos(1.0), rtol=1e-9, atol=0.0)
    wrong = compared(math.sin, 1.0, 0.5, rtol=1e-9, atol=0.0)
    assert (right.agrees, wrong.agrees) == (True, False)
    assert wrong.slope == pytest.approx(math.cos(1.0), abs=max(wrong.error, 1e-12))
    assert wrong.error < 1e-10


def at(step, agrees=True):
    return Verdict(agrees, 0.0, 0.0, step)


def test_a_kink_is_told_from_a_bend():
    assert kink(abs, 0.0, at(0.125)) == (-1.0, 1.0)
    assert kink(lambda x: x * x, 0.0, at(0.125)) is None
    assert kink(lambda x: x * x, 0.0, at(0.125, agrees=False)) is None
    assert kink(lambda x: 3 * x + 1, 0.7, at(0.125)) is None
    assert kink(lambda x: math.nan, 0.0, at(0.125)) is None
    assert kink(abs, 1e16, at(0.125, agrees=False)) is None  # no float is so near
    bent = kink(lambda x: 100 * x * x + 0.001 * abs(x - 1), 1.0, at(0.125, agrees=False))
    assert bent == pytest.approx((199.999, 200.001), rel=1e-5)
