"""Losses of numbers against their definitions in exact or 40-digit arithmetic, and where naive formulas fail."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, compile
from autograd.transforms.tree import mapped
from nn.losses.numbers import binary_cross_entropy_with_logits, hinge_loss, huber_loss, l1_loss, mse_loss

numbers = st.floats(-100, 100)
logits = st.floats(-1000, 1000)


def pairs(targets):
    return st.lists(st.tuples(numbers, targets), min_size=1, max_size=6)


def differentiated(loss, outputs, *targets):
    """The loss, and its gradient with respect to each of the outputs."""
    values = [Value(y) for y in outputs]
    result = loss(values, *targets)
    result.backward()
    return result.data, [v.grad for v in values]


@given(pairs(numbers))
def test_mse_is_the_mean_of_squares_and_its_gradient_twice_the_difference(given_pairs):
    ys, ts = zip(*given_pairs)
    loss, gradient = differentiated(mse_loss, ys, ts)
    n = len(ys)
    exact = sum((Fraction(y) - Fraction(t)) ** 2 for y, t in given_pairs) / n
    assert loss == pytest.approx(float(exact), rel=1e-12, abs=1e-300)
    for g, (y, t) in zip(gradient, given_pairs):
        assert g == pytest.approx(float(2 * (Fraction(y) - Fraction(t)) / n), rel=1e-12, abs=1e-300)


def test_mse_averages_over_everything_in_a_nested_list():
    assert mse_loss([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]) == 7.5
    assert mse_loss(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2))) == 7.5
    assert mse_loss(3.0, 1.0) == 4.0


def test_plain_numbers_overflow_to_infinity_as_values_do():
    assert mse_loss([1e200], [0.0]) == math.inf == mse_loss([Value(1e200)], [0.0]).data


@given(pairs(numbers))
def test_l1_loss_is_the_mean_distance_and_its_gradient_the_direction(given_pairs):
    ys, ts = zip(*given_pairs)
    loss, gradient = differentiated(l1_loss, ys, ts)
    exact = sum(abs(Fraction(y) - Fraction(t)) for y, t in given_pairs) / len(ys)
    assert loss == pytest.approx(float(exact), rel=1e-14, abs=1e-300)
    assert gradient == [((y > t) - (y < t)) / len(ys) for y, t in given_pairs]


@given(numbers, st.floats(1e-9, 1e9))
def test_huber_loss_is_a_parabola_up_to_delta_and_a_line_from_there(y, delta):
    loss, (gradient,) = differentiated(lambda ys, ts: huber_loss(ys, ts, delta), [y], [0.0])
    d, edge = abs(Fraction(y)), Fraction(delta)
    exact = d**2 / 2 if d <= edge else edge * (d - edge / 2)
    assert loss == pytest.approx(float(exact), rel=1e-14, abs=1e-300)
    assert gradient == pytest.approx(
        max(-delta, min(delta, y)), rel=1e-15, abs=1e-300
    )  # no digit is lost to a large delta


@pytest.mark.parametrize("delta", [0, -1.0, math.nan, math.inf, float("inf")])
def test_a_delta_that_is_not_positive_is_refused(delta):
    with pytest.raises(ValueError, match=rf"delta must be a positive number, .* got {float(delta)!r}"):
        huber_loss([1.0], [0.0], delta)


@pytest.mark.parametrize("loss", [mse_loss, l1_loss, huber_loss])
@pytest.mark.parametrize("t", [math.nan, math.inf, -math.inf])
def test_a_target_that_is_not_finite_is_refused(loss, t):
    with pytest.raises(ValueError, match=f"targets must be finite numbers, got {t!r}"):
        loss([0.0, 1.0], [1.0, t])


def exact_binary_cross_entropy(z, t):
    """The loss and its derivative, with 40 digits."""
    with mpmath.workdps(40):
        z, t = mpmath.mpf(z), mpmath.mpf(t)
        loss = mpmath.log1p(mpmath.exp(-abs(z))) + ((1 - t) * z if z > 0 else -t * z)
        return loss, 1 / (1 + mpmath.exp(-z)) - t


nearly_certain = st.floats(0, 1e-6).map(lambda u: 1 - u)


@given(logits | st.floats(-50, 50), st.sampled_from([0.0, 1.0, 0.5]) | st.floats(0, 1) | nearly_certain)
def test_binary_cross_entropy_loses_no_digits(z, t):
    loss, (gradient,) = differentiated(binary_cross_entropy_with_logits, [z], [t])
    exact_loss, exact_gradient = exact_binary_cross_entropy(z, t)
    assert loss == pytest.approx(float(exact_loss), rel=1e-12, abs=1e-300)
    assert gradient == pytest.approx(float(exact_gradient), rel=1e-12, abs=4e-16)


def test_binary_cross_entropy_of_a_confident_and_nearly_certain_answer_loses_no_digits():
    z, t = 30.0, 1 - 1e-10
    exact, _ = exact_binary_cross_entropy(z, t)
    assert binary_cross_entropy_with_logits(z, t) == pytest.approx(float(exact), rel=1e-12, abs=0.0)


@pytest.mark.parametrize(("z", "t", "loss", "gradient"), [(1000, 1, 0, 0), (1000, 0, 1000, 1), (-1000, 1, 1000, -1)])
def test_binary_cross_entropy_does_not_overflow(z, t, loss, gradient):
    assert differentiated(binary_cross_entropy_with_logits, [z], [t]) == (loss, [gradient])


@given(pairs(st.floats(0, 1)))
def test_binary_cross_entropy_is_averaged(given_pairs):
    zs, ts = zip(*given_pairs)
    each = [binary_cross_entropy_with_logits(z, t) for z, t in given_pairs]
    assert binary_cross_entropy_with_logits(zs, ts) == pytest.approx(math.fsum(each) / len(each), rel=1e-14, abs=0.0)


@pytest.mark.parametrize("t", [-1, -1e-9, 1.0001, 2, math.nan, math.inf])
def test_a_probability_outside_zero_to_one_is_refused(t):
    with pytest.raises(ValueError, match="targets must be from 0 to 1, got") as refusal:
        binary_cross_entropy_with_logits([0.0, 0.0], [1, t])
    assert repr(float(t)) in str(refusal.value)


@given(pairs(st.sampled_from([-1, 1])))
def test_hinge_loss_pushes_only_what_is_within_the_margin(given_pairs):
    ys, ts = zip(*given_pairs)
    loss, gradient = differentiated(hinge_loss, ys, ts)
    n = len(ys)
    margins = [1 - t * y for y, t in given_pairs]
    assert loss == pytest.approx(math.fsum(m for m in margins if m > 0) / n, rel=1e-14, abs=0.0)
    assert gradient == [pytest.approx(-t / n, rel=1e-15, abs=0.0) if m > 0 else 0.0 for m, t in zip(margins, ts)]


def test_hinge_loss_is_flat_on_the_margin_itself():
    assert differentiated(hinge_loss, [1.0, -1.0], [1, -1]) == (0.0, [0.0, 0.0])


def test_targets_of_another_loss_are_told_how_they_become_those_of_this_one():
    with pytest.raises(ValueError, match=r"must be from 0 to 1, got -1\.0: \(t \+ 1\) / 2 makes 0 and 1 of -1 and 1$"):
        binary_cross_entropy_with_logits([0.0, 1.0], [1, -1])
    with pytest.raises(ValueError, match=r"must be -1 or 1, got 0\.0: 2 \* t - 1 makes -1 and 1 of 0 and 1$"):
        hinge_loss([0.0, 1.0], [1, 0])


@pytest.mark.parametrize(
    ("targets", "mend"),
    [
        (["a", "b"], "got [2 × str], expected [2 × number]: number such names yourself, 0 for the first of them"),
        (["0.5", "1"], "float() makes a number of it"),
    ],
)
def test_names_are_to_be_numbered_and_texts_to_be_read(targets, mend):
    with pytest.raises((ValueError, TypeError), match=re.escape(mend)):
        mse_loss([0.0, 1.0], targets)


@pytest.mark.parametrize("t", [0, 2, 0.5, -1.5, math.nan])
def test_a_hinge_target_is_minus_one_or_one(t):
    with pytest.raises(ValueError, match="must be -1 or 1, got"):
        hinge_loss([0.0, 1.0], [1, t])


def test_a_doubtful_answer_weighs_both_likelihoods():
    expected = 0.75 * math.log1p(math.exp(2.0)) + 0.25 * math.log1p(math.exp(-2.0))
    assert binary_cross_entropy_with_logits(Value(2.0), 0.25).data == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("logits", "weight", "message"),
    [
        ([1.0, 2.0], [1.0], r"pos_weight must be a number, or one for each of the logits \[1.0, 2.0\], got \[1.0\]"),
        ([[1.0, 2.0], [1.0]], [1.0, 2.0], r"one for each of the logits \[1.0\], got \[1.0, 2.0\]"),
        (1.0, [1.0], "one for each of the logits 1.0, got"),
        ([1.0], -1.0, "pos_weight must be a finite number, 0 or greater, got -1.0"),
    ],
)
def test_a_weight_of_the_positive_that_doesn_t_fit_is_refused(logits, weight, message):
    with pytest.raises(ValueError, match=message):
        binary_cross_entropy_with_logits(logits, mapped(logits, lambda z: 1.0), pos_weight=weight)


def test_a_weight_of_the_positive_is_compiled():
    loss = lambda y, t: binary_cross_entropy_with_logits(y, t, pos_weight=3.0)  # noqa: E731
    ys, ts = [0.5, -1.0, 2.0], [1.0, 0.0, 0.25]
    assert compile(loss).map(ys, ts) == pytest.approx([loss(y, t) for y, t in zip(ys, ts)], rel=1e-14)
