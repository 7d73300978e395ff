"""The calculus of every rule against oracles: the tests are generated from the table, so no rule is without them.

Written by hand are where a rule has no derivative, which one PyTorch takes at kinks, and single cases that a rule once
got wrong. How exact the rules are, to the last digit, is measured in tests/properties/test_accuracy.py.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from math import inf, nan
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, gradient, jvp, ops
from autograd.basics.domains import within
from autograd.ops import RULES
from autograd.rules import Binary
from tests.support.examples import share
from tests.support.oracles import (
    count,
    fresh,
    inside,
    only_first_slope,
    operands,
    oracle,
)
from tests.support.rules import (
    AWKWARD,
    STEP,
    every_nary_rule,
    every_rule,
    every_scalar_rule,
    every_unary_rule,
    finite_points,
    refused,
    settings_of_rules,
    slopes,
    smooth_points,
)

# A central difference that is extrapolated has an error near 1e-12 of the size of f (see conftest.py) and tells how far
# to trust it; 1e-9 leaves room for one example in a billion and would still see a wrong constant in the tenth digit.
RELATIVE = 1e-9


def agree(analytic: float, numeric: tuple[float, float], size: float) -> None:
    estimate, error = numeric
    scale = max(1.0, abs(estimate), size)
    assert error <= 1e-7 * scale, "the finite difference says nothing here: the point is too near to a singularity"
    assert abs(analytic - estimate) <= RELATIVE * scale + error


@every_rule
@settings_of_rules
@given(data=st.data())
def test_first_derivatives_are_those_of_finite_differences(rule, data, richardson):
    flat, size = data.draw(smooth_points(rule))
    values = fresh(flat[:1]) + flat[1:] if only_first_slope(rule, flat) else fresh(flat)
    wanted = [x for x in values if isinstance(x, Value)]
    output = rule(*operands(rule, values, size))
    for i, analytic in enumerate(gradient(output, wanted)):

        def moved(x, i=i):
            return rule(*operands(rule, [*flat[:i], x, *flat[i + 1 :]], size))

        agree(analytic, richardson(moved, flat[i], STEP), abs(output.data))


@every_rule
@settings_of_rules
@given(data=st.data())
def test_second_derivatives_are_the_finite_differences_of_the_first(rule, data, richardson):
    flat, size = data.draw(smooth_points(rule))
    plain_from = 1 if only_first_slope(rule, flat) else len(flat)

    @functools.cache
    def first(*point):
        values = [Value(x) if i < plain_from else x for i, x in enumerate(point)]
        wanted = values[:plain_from]
        return wanted, gradient(rule(*operands(rule, values, size)), wanted, create_graph=True)

    wanted, slopes_here = first(*flat)
    for k, slope in enumerate(slopes_here):
        for i, analytic in enumerate(gradient(slope, wanted)):

            def moved(x, i=i, k=k):
                return first(*flat[:i], x, *flat[i + 1 :])[1][k].data

            agree(analytic, richardson(moved, flat[i], STEP), abs(slope.data))


@every_rule
@settings_of_rules
@given(data=st.data())
def test_forward_mode_equals_reverse_mode(rule, data):
    flat, size = data.draw(smooth_points(rule))
    if only_first_slope(rule, flat):
        flat[0] = -flat[0]
    direction = data.draw(st.lists(st.floats(-2, 2), min_size=len(flat), max_size=len(flat)))
    value, tangent = jvp(lambda *xs: rule(*operands(rule, list(xs), size)), flat, direction)
    terms = [slope * step for slope, step in zip(slopes(rule, flat, size), direction)]
    assert value == rule(*operands(rule, flat, size))
    assert tangent == pytest.approx(sum(terms), rel=1e-14, abs=1e-14 * sum(map(abs, terms)))


def test_the_mixed_second_derivative_of_a_power_is_right_at_the_exponent_zero():
    # d/db of b a^(b-1) is 1/a at b = 0, though the first derivative itself vanishes there
    a, b = Value(2.0), Value(0.0)
    slope = gradient(a**b, a, create_graph=True)
    assert slope.data == 0.0
    assert gradient(slope, b) == 0.5
    assert gradient(gradient(a**b, b, create_graph=True), a) == 0.5


@every_scalar_rule
@share(0.4)
@given(data=st.data())
def test_a_rule_is_defined_just_where_its_domain_says(rule, data):
    flat, _ = data.draw(finite_points(rule))
    names = {rule.name, rule.symbol}
    for arguments in (flat, fresh(flat)):
        if inside(rule, flat):
            y = rule(*arguments)
            assert not math.isnan(y.data if isinstance(y, Value) else y)
            continue
        with pytest.raises(refused) as caught:
            rule(*arguments)
        message = str(caught.value)
        assert any(name in message for name in names)
        failing, _, case = message.rpartition(" needs ")[2].partition(" where ")
        numbers = dict(zip(rule.operands, flat))
        assert failing in rule.domain
        assert case in rule.domain
        assert not within(failing, numbers)
        assert within(case, numbers)
        for x in arguments:
            assert f"{x.label}={x.data!r}" in message if isinstance(x, Value) else repr(x) in message


@every_scalar_rule
def test_the_domain_is_right_about_infinities(rule):
    choices = [-inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, inf]
    for a in choices:
        for b in choices if isinstance(rule, Binary) else [0.0]:
            flat = [a, b][: count(rule, 0)]
            try:
                rule(*flat)
                defined = True
            except refused:
                defined = False
            assert defined == inside(rule, flat), flat


# where a derivative is infinite or doesn't exist; everywhere else in its domain a rule must have one
WITHOUT_DERIVATIVE: dict[str, Callable[..., bool]] = {
    "acos": lambda a: abs(a) == 1,
    "acosh": lambda a: a == 1,
    "asin": lambda a: abs(a) == 1,
    "cbrt": lambda a: a == 0,
    "hypot": lambda a, b: a == b == 0,
    "pow": lambda a, b: a < 0 or a == 0 < b < 1,
    "sqrt": lambda a: a == 0,
}


@every_scalar_rule
def test_a_rule_has_a_derivative_in_all_of_its_domain_even_where_numbers_over_or_underflow(rule):
    for a in AWKWARD:
        for b in AWKWARD if isinstance(rule, Binary) else [0.0]:
            flat = [a, b][: count(rule, 0)]
            if not inside(rule, flat) or not math.isfinite(rule(*flat)):
                continue
            if rule.name in WITHOUT_DERIVATIVE and WITHOUT_DERIVATIVE[rule.name](*flat):
                continue
            values = fresh(flat)
            refusal = ""  # 1/a is too large for a float where a is tiny
            try:
                rule(*values).backward()
            except ValueError as cause:
                refusal = str(cause)
            assert re.search("^$|is -?inf: it overflowed on the way back", refusal), flat
            assert all(math.isfinite(x.grad) for x in values), flat


@every_scalar_rule
def test_a_derivative_that_is_infinite_or_undefined_is_refused_by_name(rule):
    for a in AWKWARD:
        for b in AWKWARD if isinstance(rule, Binary) else [0.0]:
            flat = [a, b][: count(rule, 0)]
            if not inside(rule, flat) or not WITHOUT_DERIVATIVE.get(rule.name, lambda *_: False)(*flat):
                continue
            if not math.isfinite(rule(*flat)):
                continue
            values = fresh(flat)
            y = rule(*values)
            for differentiate in (
                y.backward,
                lambda y=y, values=values: gradient(y, values),
                lambda y=y, values=values: gradient(y, values, create_graph=True),
            ):
                with pytest.raises(refused, match="derivative") as caught:
                    differentiate()
                assert rule.symbol in str(caught.value)
                assert f"x0={a!r}" in str(caught.value)
                assert [x.grad for x in values] == [0.0] * len(values)


AT_KINKS = [  # rule, where, the derivatives that PyTorch gives there
    ("abs", [0.0], [0.0]),
    ("abs", [-0.0], [0.0]),
    ("relu", [0.0], [0.0]),
    ("relu", [-0.0], [0.0]),
    ("leaky_relu", [0.0, 0.25], [0.25, 0.0]),
    ("leaky_relu", [-0.0, 0.25], [0.25, 0.0]),
    ("elu", [0.0, 2.0], [2.0, 0.0]),
    ("elu", [-0.0, 2.0], [2.0, 0.0]),
    ("maximum", [1.5, 1.5], [0.5, 0.5]),
    ("maximum", [0.0, -0.0], [0.5, 0.5]),
    ("minimum", [1.5, 1.5], [0.5, 0.5]),
    ("minimum", [-0.0, 0.0], [0.5, 0.5]),
    ("pow", [0.0, 0.0], [0.0, 0.0]),
    ("pow", [0.0, 1.0], [1.0, 0.0]),
    ("pow", [0.0, 2.0], [0.0, 0.0]),
]


@pytest.mark.parametrize(("name", "point", "expected"), AT_KINKS)
def test_at_a_kink_the_derivative_is_that_of_pytorch(name, point, expected):
    rule = RULES[name]
    assert slopes(rule, point, 0) == expected
    for i, slope in enumerate(expected):
        direction = [float(i == k) for k in range(len(point))]
        assert jvp(rule, point, direction)[1] == slope
    xs = [Value(x) for x in point]
    assert [x.data for x in gradient(rule(*xs), xs, create_graph=True)] == expected


def test_a_relu_that_is_off_gives_a_zero_without_a_sign():
    assert [math.copysign(1.0, ops.relu(x)) for x in (-1.0, -0.0, 0.0, 5e-324)] == [1.0] * 4


@pytest.mark.parametrize("x", [-1e200, -1e110, -101.0, 101.0, 1e110, 1e200])
def test_far_out_the_cubic_of_a_gelu_overflows_in_no_derivative(x):
    def f(x: Any) -> Any:
        return autograd.gelu(x, approximate="tanh")

    assert (f(x), grad(f)(x), grad(grad(f))(x), grad(grad(grad(f)))(x)) == (max(x, 0.0), float(x > 0), 0.0, 0.0)


@every_unary_rule
def test_at_infinity_a_function_has_its_limit(rule):
    for a in (-inf, inf):
        if inside(rule, [a]):
            limit = oracle(rule)(mpmath.mpf(a))
            if mpmath.isnan(limit):  # a product 0 · ∞, as in PyTorch: silu, gelu
                assert a == -inf
                assert rule.name in ("silu", "gelu", "gelu_tanh", "mish")
                assert math.isnan(rule(a)) or rule(a) == 0.0
            else:
                assert rule(a) == float(limit)


def ignores(rule: Any, flat: list[float]) -> bool:
    """Where the answer is the same whatever number nan stands for, by IEEE 754 (pow, hypot) or by the definition."""
    a, b = (*flat, 0.0)[:2]
    return {
        "pow": b == 0 or a == 1,
        "hypot": math.isinf(a) or math.isinf(b),
        "norm": any(map(math.isinf, flat)),
        "leaky_relu": a > 0,  # the slope for negative numbers plays no part
        "elu": a > 0,
    }.get(rule.name, False)


@every_rule
def test_nan_gives_nan_never_quietly_a_number(rule):
    others = [-inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, inf, nan]
    for size in (0, 1, 2, 3):
        n = count(rule, size)
        for position in range(n):
            for other in others:
                flat = [other] * n
                flat[position] = nan
                if ignores(rule, flat):
                    continue
                try:
                    results = rule(*operands(rule, flat, size)), rule(*operands(rule, fresh(flat), size)).data
                except refused:  # nan / 0: an error is not quiet
                    continue
                assert all(map(math.isnan, results)), flat


def spelled_out(rule: Any, groups: tuple[Any, ...]) -> Any:
    """The same number from rules of one and two operands."""
    if rule.name == "dot":
        ws, xs, y = groups
        for w, x in zip(ws, xs):
            y = y + w * x
        return y
    if rule.name == "sum":
        return sum(groups[0], 0.0)
    if rule.name == "mean":
        return sum(groups[0], 0.0) / len(groups[0])
    if rule.name == "norm":
        return ops.sqrt(sum([x * x for x in groups[0]], 0.0))
    if rule.name == "logsumexp":
        return ops.log(sum([ops.exp(x) for x in groups[0]], 0.0))
    z, xs = groups
    return ops.log(sum([ops.exp(x) for x in xs], ops.exp(z))) - z


@every_nary_rule
@pytest.mark.parametrize("size", range(6))
@given(data=st.data())
@share(0.2)
def test_an_nary_rule_equals_its_formula_for_any_mix_of_operands(rule, size, data):
    """Values, floats, ints, NumPy scalars, the same Value in several places: values, first and second derivatives."""
    if size == 0 and rule.name in ("mean", "logsumexp"):
        with pytest.raises(refused, match=rule.name):
            rule(())
        return
    shared = fresh(data.draw(st.lists(st.floats(-3, 3), min_size=2, max_size=2)))
    choice = st.sampled_from(shared) | st.floats(-3, 3) | st.integers(-3, 3)
    choice = choice | st.floats(-3, 3).map(np.float64) | st.integers(-3, 3).map(np.int32)
    n = count(rule, size)
    flat = data.draw(st.lists(choice, min_size=n, max_size=n))
    if rule.name == "norm":  # whose formula has no derivative at 0
        assume(not flat or any(abs(x.data if isinstance(x, Value) else x) > 1e-3 for x in flat))
    one, many = rule(*operands(rule, flat, size)), spelled_out(rule, operands(rule, flat, size))
    plain = not any(isinstance(x, Value) for x in flat)
    assert type(one) is (float if plain else Value)
    close = {"rel": 1e-12, "abs": 1e-12}
    if plain:
        assert one == pytest.approx(float(many), **close)
        return
    assert one.data == pytest.approx(many.data, **close)
    assert gradient(one, shared) == pytest.approx(gradient(many, shared), **close)
    for y, slope in zip(gradient(one, shared, create_graph=True), gradient(many, shared, create_graph=True)):
        assert gradient(y, shared) == pytest.approx(gradient(slope, shared), **close)


def test_a_power_that_is_too_large_has_the_sign_of_the_true_one():
    assert ops.pow(-1e200, 3.0) == -inf
    assert ops.pow(-1e200, 2.0) == inf
    assert ops.pow(1e200, 3.0) == inf
    assert ops.pow(1e200, 1.7) == inf
    assert ops.pow(-1e200, 5.0) == -inf
    assert (ops.pow(0.1, -401.0), ops.pow(-0.1, -401.0), ops.pow(-0.1, -402.0)) == (inf, -inf, inf)
    assert math.isnan(ops.pow(-2.0, nan))


@pytest.mark.parametrize(("a", "b"), [(1e-100, 4.0), (1.1e-6, 55.0), (1e-3, 108.5), (0.01, 162.0)])
def test_the_slope_of_a_power_that_is_too_small_for_a_float_is_right(a, b):
    assert ops.pow(a, b) == 0.0
    true = float(mpmath.mpf(b) * mpmath.mpf(a) ** (mpmath.mpf(b) - 1))
    slope = slopes(ops.pow, [a, b], 0)[0]
    assert slope > 0
    assert abs(slope - true) <= max(4 * math.ulp(true), b * math.ulp(0.0))  # aᵇ⁻¹ may be among the tiniest floats


def test_logsumexp_of_an_infinite_number_is_its_limit():
    assert ops.logsumexp((inf, 1.0)) == inf
    assert ops.logsumexp((1.0, inf, inf)) == inf
    assert ops.logsumexp((-inf, 1.0)) == 1.0
    assert ops.logsumexp((-inf, -inf)) == -inf
    assert math.isnan(ops.logsumexp((inf, nan)))
    assert math.isnan(ops.logsumexp((nan, inf)))


@pytest.mark.parametrize("place", [0, 1, 256, 257, 999])
def test_logsumexp_counts_the_largest_once_wherever_it_stands(place):
    xs = [-1000.0] * 1000
    xs[place] = 3.0
    assert ops.logsumexp(tuple(xs)) == 3.0
