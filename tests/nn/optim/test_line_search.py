"""The strong Wolfe conditions hold where the search ends, whatever the loss along the line looks like."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nn.optim.line_search import ENOUGH, FLATTER, Point, strong_wolfe

roots = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


def meets(start: Point, found: Point) -> bool:
    falls = found.loss <= start.loss + ENOUGH * found.t * start.slope
    return falls and abs(found.slope) <= -FLATTER * start.slope


@given(roots, st.floats(1e-3, 100))
def test_of_a_quartic_the_conditions_hold(shape, first):
    a, b, c = shape

    def f(t: float) -> Point:
        return Point(t, 0.01 * t**4 + a * t**3 + b * t**2 + c * t, 0.04 * t**3 + 3 * a * t**2 + 2 * b * t + c)

    assume(c < -0.01)
    found = strong_wolfe(f, f(0.0), first)
    assert found.t > 0
    assert meets(f(0.0), found)


@given(st.floats(0.5, 20), st.floats(1e-3, 1e3))
def test_of_an_oscillation_on_a_parabola_the_conditions_hold(frequency, first):
    def f(t: float) -> Point:
        slope = t - 1 - 0.4 * math.sin(frequency * t)
        return Point(t, (t - 1) ** 2 / 2 + 0.4 * math.cos(frequency * t) / frequency, slope)

    found = strong_wolfe(f, f(0.0), first)
    assert meets(f(0.0), found)


def test_where_the_loss_is_not_defined_the_step_is_shortened():
    def f(t: float) -> Point:  # x - log x from 3 on, downhill
        x = 3.0 - t
        return Point(t, x - math.log(x), 1 / x - 1) if x > 0 else Point(t, math.inf, math.inf)

    assert meets(f(0.0), strong_wolfe(f, f(0.0), 1000.0))


def test_where_nothing_is_lower_it_stays():
    start = Point(0.0, 1.0, -1.0)
    assert strong_wolfe(lambda t: Point(t, 2.0, 1.0), start, 1.0) is start
    assert strong_wolfe(lambda t: Point(t, math.inf, math.inf), start, 1.0) is start


@pytest.mark.parametrize("first", [1e-6, 1.0, 1e6])
def test_a_good_step_takes_few_looks(first):
    looks = []

    def f(t: float) -> Point:
        looks.append(t)
        return Point(t, (t - 3) ** 2, 2 * (t - 3))

    strong_wolfe(f, f(0.0), first)
    assert len(looks) <= 11
