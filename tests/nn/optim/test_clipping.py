"""clip_grad_norm and clip_grad_value: lengths, directions, and refusals that change nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP
from nn.optim.clipping import clip_grad_norm, clip_grad_value

gradients = st.lists(st.floats(-1e300, 1e300).filter(lambda x: x == 0 or abs(x) > 1e-300), min_size=1, max_size=6)
bounds = st.floats(1e-3, 1e3)
both = pytest.mark.parametrize("clip", [clip_grad_norm, clip_grad_value])


def with_gradients(numbers: list[float]) -> list[Value]:
    values = [Value(1.0, f"w.{i}") for i in range(len(numbers))]
    for value, g in zip(values, numbers):
        value._grad = g
    return values


def grads(values: list[Value]) -> list[float]:
    return [p.grad for p in values]


@given(gradients, bounds)
def test_the_norm_afterwards_is_at_most_the_bound(numbers, bound):
    params = with_gradients(numbers)
    before = clip_grad_norm(params, bound)
    assert before == math.hypot(*numbers)
    after = math.hypot(*grads(params))
    assert after <= bound * (1 + 1e-12)
    if before > bound:
        assert after == pytest.approx(bound * before / (before + 1e-6), rel=1e-12)


@given(gradients, bounds)
def test_the_direction_stays_the_same(numbers, bound):
    params = with_gradients(numbers)
    norm = clip_grad_norm(params, bound)
    factor = min(1.0, bound / (norm + 1e-6))
    assert grads(params) == [g * factor for g in numbers]


@given(gradients)
def test_a_gradient_that_is_short_enough_is_not_touched(numbers):
    params = with_gradients(numbers)
    norm = clip_grad_norm(params, math.hypot(*numbers) * (1 + 1e-9) + 1e-5)
    assert norm == math.hypot(*numbers)
    assert grads(params) == numbers


@given(gradients, bounds)
def test_by_value_each_gradient_is_the_nearest_number_within_the_bound(numbers, bound):
    params = with_gradients(numbers)
    clip_grad_value(params, bound)
    for g, clipped in zip(numbers, grads(params)):
        assert clipped == (g if abs(g) <= bound else math.copysign(bound, g))


@both
def test_one_value_and_a_generator_will_do(clip):
    x, y = with_gradients([3.0, 5.0])
    clip(x, 1.0)
    clip((p for p in [y]), 1.0)
    assert x.grad == pytest.approx(1.0, rel=1e-6)
    assert y.grad == pytest.approx(1.0, rel=1e-6)


@both
@given(gradients)
def test_a_bound_of_zero_makes_all_gradients_zero(clip, numbers):
    params = with_gradients([*numbers, 1.0])
    clip(params, 0.0)
    assert not any(grads(params))


@both
@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_not_finite_is_named_and_nothing_changes(clip, bad):
    params = with_gradients([3.0, bad, 4.0])
    with pytest.raises(ValueError, match=rf"the gradient of w\.1 is {bad}: no gradient was clipped"):
        clip(params, 1.0)
    assert [params[0].grad, params[2].grad] == [3.0, 4.0]


def test_a_norm_that_is_no_float_changes_nothing():
    params = with_gradients([1.7e308, 1.7e308])
    with pytest.raises(ValueError, match=r"more than 1\.8e308, no float: no gradient was clipped"):
        clip_grad_norm(params, 1.0)
    assert grads(params) == [1.7e308, 1.7e308]


@both
@pytest.mark.parametrize("bound", [-1.0, math.nan, math.inf, "1", None])
def test_a_bound_is_finite_and_not_negative(clip, bound):
    params = with_gradients([3.0])
    with pytest.raises((ValueError, TypeError), match=r"^(max_norm|clip_value) must be"):
        clip(params, bound)
    assert params[0].grad == 3.0


@both
def test_what_is_no_list_of_parameters_is_refused(clip):
    x = Value(1.0)
    for bad in (MLP(1, [1], seed=0), 3.0, [1.0]):
        with pytest.raises(TypeError, match="params must be"):
            clip(bad, 1.0)
    for bad in ([], [x, x], [x.exp()]):
        with pytest.raises(ValueError, match="params"):
            clip(bad, 1.0)
