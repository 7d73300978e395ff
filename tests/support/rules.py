"""The rules of the table as parameters of tests, and points to try them at."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from autograd import gradient
from autograd.ops import RULES
from autograd.rules import Nary, Unary
from autograd.ternary import takes_lists
from tests.support.examples import share
from tests.support.oracles import (
    DISTANCE_TO_SINGULARITY,
    count,
    fresh,
    inside,
    only_first_slope,
    operands,
)

settings_of_rules = share(0.2)  # for each rule


every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


scalar_rules = [rule for rule in RULES.values() if not isinstance(rule, Nary)]


nary_rules = [rule for rule in RULES.values() if takes_lists(rule)]


every_scalar_rule = pytest.mark.parametrize("rule", scalar_rules, ids=lambda rule: rule.name)


every_unary_rule = pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if isinstance(rule, Unary)], ids=lambda rule: rule.name
)


every_nary_rule = pytest.mark.parametrize("rule", nary_rules, ids=lambda rule: rule.name)


refused = (ValueError, ZeroDivisionError)


def slopes(rule: Any, flat: list[float], size: int) -> list[float]:
    """The engine's first derivatives."""
    values = fresh(flat)
    return gradient(rule(*operands(rule, values, size)), values)


STEP = 0.1


def smooth_around(rule: Any, flat: list[float]) -> bool:
    """Whether the rule is analytic within two steps of the point, in each direction, as extrapolation needs it."""
    if rule.name in DISTANCE_TO_SINGULARITY and DISTANCE_TO_SINGULARITY[rule.name](*flat) <= 2 * STEP:
        return False
    axes = range(1 if only_first_slope(rule, flat) else len(flat))
    around = [[x + s * 2 * STEP * (i == k) for k, x in enumerate(flat)] for i in axes for s in (-1, 1)]
    return inside(rule, flat) and all(inside(rule, point) for point in around)


def sizes(rule: Any) -> list[int]:
    """Sizes of groups to try; 0 where the rule has none."""
    return [1, 2, 3, 4] if isinstance(rule, Nary) else [0]


@functools.cache  # a strategy that is made anew for each example is checked anew, which takes as long as a test
def smooth_points(rule: Any) -> st.SearchStrategy[tuple[list[float], int]]:
    """Points at which finite differences can be believed, and the size of their groups."""

    def of(size: int) -> st.SearchStrategy[tuple[list[float], int]]:
        n = count(rule, size)
        points = st.lists(st.floats(-3, 3), min_size=n, max_size=n)
        if rule.name == "logit":
            points = st.lists(st.floats(0.21, 0.79), min_size=1, max_size=1)
        if rule.name == "pow":  # powers of negative numbers, too
            points = points | st.tuples(st.floats(-3, -0.3), st.integers(-3, 4).map(float)).map(list)
        return st.tuples(points.filter(lambda flat: smooth_around(rule, flat)), st.just(size))

    return st.one_of(map(of, sizes(rule)))


AWKWARD = [
    -1e308,
    -1000.0,
    -3.0,
    -2.0,
    -1.0,
    -0.5,
    -5e-324,
    -0.0,
    0.0,
    5e-324,
    1e-200,
    0.5,
    1.0,
    2.0,
    3.0,
    1000.0,
    1e200,
]


finite = st.sampled_from(AWKWARD) | st.floats(allow_nan=False, allow_infinity=False)


@functools.cache
def finite_points(rule: Any) -> st.SearchStrategy[tuple[list[float], int]]:
    def of(size: int) -> st.SearchStrategy[tuple[list[float], int]]:
        n = count(rule, size)
        return st.tuples(st.lists(finite, min_size=n, max_size=n), st.just(size))

    return st.one_of(map(of, sizes(rule)))


def same_at_every_number(rule: Any, computed: Callable[..., Any]) -> None:
    """A kernel gives what the rule itself gives, also where it isn't defined; `computed` takes columns of operands."""
    near_and_far = [1e-9, 1.0 + 1e-10, 1000.25, -1e15 - 0.25]
    numbers = [-3.5, -1.0, -0.3, 0.0, 0.4, 1.0, 1.7, 700.0, math.inf, math.nan, *near_and_far]
    points = list(itertools.product(numbers, repeat=len(rule.operands)))
    for found, xs in zip(computed(*zip(*points)), points):
        try:
            expected = rule.forward(*xs)
        except (ValueError, ZeroDivisionError):  # IEEE has an infinity where Python has an error
            assert not math.isfinite(found), xs
        else:
            assert found == pytest.approx(expected, rel=1e-14, nan_ok=True), xs
