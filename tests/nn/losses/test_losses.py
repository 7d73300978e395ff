"""Losses against their definitions in exact or 40-digit arithmetic, and at the edges where naive formulas fail."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, log_softmax, topological_order
from nn import MLP
from nn.losses.accuracy import accuracy
from nn.losses.classes import cross_entropy, kl_div, nll_loss
from nn.losses.numbers import binary_cross_entropy_with_logits, hinge_loss, huber_loss, l1_loss, mse_loss

numbers = st.floats(-100, 100)
logits = st.floats(-1000, 1000)
rows = st.lists(logits, min_size=1, max_size=6)


def pairs(targets):
    return st.lists(st.tuples(numbers, targets), min_size=1, max_size=6)


def differentiated(loss, outputs, *targets):
    """The loss, and its gradient with respect to each of the outputs."""
    values = [Value(y) for y in outputs]
    result = loss(values, *targets)
    result.backward()
    return result.data, [v.grad for v in values]


# ------------------------------------------------------------------------------------------------------- squared error


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


# ------------------------------------------------------------------------------------------ absolute error, and Huber's


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


# ----------------------------------------------------------------------------------------------- yes or no, with logits


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


# ------------------------------------------------------------------------------------------------------ cross entropy


def exact_cross_entropy(zs, k):
    """The loss, and softmax - onehot, with 40 digits."""
    with mpmath.workdps(40):
        exps = [mpmath.exp(mpmath.mpf(z) - mpmath.mpf(max(zs))) for z in zs]
        softmax = [e / mpmath.fsum(exps) for e in exps]
        odds = [mpmath.exp(mpmath.mpf(z) - mpmath.mpf(zs[k])) for i, z in enumerate(zs) if i != k]
        missing = mpmath.fsum([p for i, p in enumerate(softmax) if i != k])  # 1 - p, also where p is nearly 1
        return mpmath.log1p(mpmath.fsum(odds)), [-missing if i == k else p for i, p in enumerate(softmax)]


@given(rows, st.data())
def test_cross_entropy_and_its_gradient_lose_no_digits(zs, data):
    k = data.draw(st.integers(0, len(zs) - 1))
    loss, gradient = differentiated(cross_entropy, zs, k)
    exact_loss, exact_gradient = exact_cross_entropy(zs, k)
    assert loss == pytest.approx(float(exact_loss), rel=1e-12, abs=1e-300)
    assert gradient == pytest.approx([float(g) for g in exact_gradient], rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_gradient_of_cross_entropy_is_softmax_minus_onehot_at_plus_and_minus_a_thousand(n):
    for zs in product([-1000.0, 1000.0], repeat=n):
        for k in range(n):
            loss, gradient = differentiated(cross_entropy, zs, k)
            share = Fraction(1, zs.count(max(zs)))
            softmax = [share if z == max(zs) else Fraction(0) for z in zs]
            exact = [float(p - (i == k)) for i, p in enumerate(softmax)]
            if share in (1, Fraction(1, 2)):
                assert gradient == exact
            else:
                assert gradient == pytest.approx(exact, rel=4e-16, abs=0.0)
            assert loss == pytest.approx(max(zs) - zs[k] + math.log(zs.count(max(zs))), rel=1e-15, abs=0.0)


def test_cross_entropy_is_one_node():
    values = [Value(1.0), Value(2.0), Value(0.5)]
    assert [node.op for node in topological_order(cross_entropy(values, 1))] == ["", "", "", "cross_entropy"]


@given(rows, st.integers(-100, 100), st.data())
def test_a_constant_added_to_all_logits_changes_nothing(zs, shift, data):
    k = data.draw(st.integers(0, len(zs) - 1))
    zs = [round(z) for z in zs]  # whole numbers, so that the sums are exact
    assert differentiated(cross_entropy, [z + shift for z in zs], k) == differentiated(cross_entropy, zs, k)


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_a_batch_has_the_mean_of_the_cross_entropies_of_its_rows(batch, data):
    targets = [data.draw(st.integers(0, 2)) for _ in batch]
    each = [cross_entropy(row, t) for row, t in zip(batch, targets)]
    assert cross_entropy(batch, targets) == pytest.approx(math.fsum(each) / len(each), rel=1e-14, abs=0.0)
    assert cross_entropy(np.array(batch), np.array(targets)) == cross_entropy(batch, targets)


def test_a_single_class_is_certain():
    assert differentiated(cross_entropy, [3.0], 0) == (0.0, [0.0])


@pytest.mark.parametrize("target", [1.0, "1", None, 0.5, Value(1.0)])
def test_a_class_that_is_no_integer_is_refused(target):
    for loss in (lambda: cross_entropy([1.0, 2.0], target), lambda: cross_entropy([[1.0, 2.0]], [target])):
        with pytest.raises(TypeError, match=r"target(\[0\])? must be the number of a class, an integer, got"):
            loss()


@pytest.mark.parametrize("target", [-1, 2, 100])
def test_a_class_out_of_range_is_refused(target):
    for loss in (lambda: cross_entropy([1.0, 2.0], target), lambda: cross_entropy([[1.0, 2.0]], [target])):
        with pytest.raises(ValueError, match=rf"target(\[0\])? must be a class from 0 to 1, got {target}"):
            loss()


@pytest.mark.parametrize("targets", [[], [0], [0, 1, 0]])
def test_a_batch_has_a_target_for_each_row(targets):
    with pytest.raises(ValueError, match=f"a target for each row of logits, got 2 and {len(targets)}"):
        cross_entropy([[1.0, 2.0], [3.0, 4.0]], targets)
    with pytest.raises(ValueError, match="got 0 and 0"):
        cross_entropy([], [])


def test_the_single_output_of_a_network_is_no_list_of_logits_and_the_error_says_so():
    y = MLP(2, [3, 1], seed=0)([1.0, 2.0])
    for loss in (lambda: cross_entropy(y, 0), lambda: cross_entropy([y], [0])):
        with pytest.raises(TypeError, match=r"logits(\[0\])? must be a list"):
            loss()


# ---------------------------------------------------------------------------------- likelihoods and divergences of ln q


@given(rows, st.data())
def test_nll_of_log_softmax_is_the_cross_entropy(zs, data):
    k = data.draw(st.integers(0, len(zs) - 1))
    loss, gradient = differentiated(lambda values: nll_loss(log_softmax(values), k), zs)
    expected, expected_gradient = differentiated(cross_entropy, zs, k)
    assert loss == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert gradient == pytest.approx(expected_gradient, rel=1e-12, abs=1e-12)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any), st.data())
def test_kl_divergence_against_forty_digits(weights, data):
    p = [w / sum(weights) for w in weights]
    log_q = data.draw(st.lists(st.floats(-50, 0), min_size=len(p), max_size=len(p)))
    loss, gradient = differentiated(kl_div, log_q, p)
    with mpmath.workdps(40):
        exact = mpmath.fsum([x * (mpmath.log(x) - y) for x, y in zip(p, log_q) if x])
    assert loss == pytest.approx(float(exact), rel=1e-13, abs=1e-14)
    assert gradient == [-x for x in p]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_a_distribution_does_not_diverge_from_itself(weights):
    p = [w / sum(weights) for w in weights]
    assert kl_div([math.log(x) for x in p], p) == 0.0


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ([0.5, 0.6], "that sum to 1, got a sum of 1.1"),
        ([0.0, 0.0], "that sum to 1, got a sum of 0.0"),
        ([0.5, 0.500002], "that sum to 1"),
        ([1.5, -0.5], "from 0 to 1, got 1.5"),
        ([-0.25, 1.25], "from 0 to 1, got -0.25"),
        ([math.nan, 1.0], "from 0 to 1, got nan"),
    ],
)
def test_what_is_no_distribution_is_refused_by_its_row(target, problem):
    q = [-0.5, -0.9]
    with pytest.raises(ValueError, match=f"^target must hold probabilities,? {problem}"):
        kl_div(q, target)
    with pytest.raises(ValueError, match=rf"^target\[1\] must hold probabilities,? {problem}"):
        kl_div([q, q], [[0.5, 0.5], target])


def test_probabilities_may_miss_one_by_a_millionth_and_must_be_as_many_as_the_logarithms():
    assert kl_div([0.0, 0.0], [0.5, 0.5 + 9e-7]) == pytest.approx(-math.log(2), abs=1e-6)
    for log_probs, target in (([0.0, 0.0], [1.0]), ([0.0], [0.5, 0.5]), ([0.0], 1.0)):
        with pytest.raises(ValueError, match="target must be nested like log_probs"):
            kl_div(log_probs, target)
    with pytest.raises(
        TypeError, match=r"^log_probs\[0\] must be a list of Values or numbers, one for each class, got 0"
    ):
        kl_div([0.0, 0.0], [[0.5, 0.5], [0.5, 0.5]])  # two targets, and one example


@pytest.mark.parametrize(("loss", "target"), [(cross_entropy, 0), (nll_loss, 0), (kl_div, [1.0])])
def test_classes_stand_in_a_list_that_is_not_empty(loss, target):
    for outputs, targets in (([], target), (Value(1.0), target), ([[]], [target]), ([[1.0], 2.0], [target, target])):
        with pytest.raises(TypeError, match=r"^(logits|log_probs)(\[[01]\])? must be a list of Values or numbers"):
            loss(outputs, targets)
    with pytest.raises(TypeError, match=r"^target must be a list with an item for each example of the batch, got 0"):
        loss([[1.0], [2.0]], 0)


# ----------------------------------------------------------------------------------------------------------- hinge


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


@pytest.mark.parametrize("t", [0, 2, 0.5, -1.5, math.nan])
def test_a_hinge_target_is_minus_one_or_one(t):
    with pytest.raises(ValueError, match="must be -1 or 1, got"):
        hinge_loss([0.0, 1.0], [1, t])


# ---------------------------------------------------------------------------------------------- what all have in common

ELEMENTWISE = [mse_loss, l1_loss, huber_loss, binary_cross_entropy_with_logits, hinge_loss]
CALLS = [(loss, [[1.0, -2.0], [0.5, 3.0]], [[1, 1], [1, 1]]) for loss in ELEMENTWISE] + [
    (cross_entropy, [[1.0, -2.0], [0.5, 3.0]], [1, 0]),
    (nll_loss, [[1.0, -2.0], [0.5, 3.0]], [1, 0]),
    (kl_div, [[1.0, -2.0], [0.5, 3.0]], [[0.5, 0.5], [0, 1]]),
]


@pytest.mark.parametrize(("loss", "outputs", "targets"), CALLS)
def test_a_reduction_is_the_mean_the_sum_or_each_loss_in_its_place(loss, outputs, targets):
    each = loss(outputs, targets, reduction="none")
    nested = isinstance(each[0], list)
    assert nested == (loss in ELEMENTWISE)
    if nested:
        expected = [[loss(y, t) for y, t in zip(*rows)] for rows in zip(outputs, targets)]
    else:
        expected = [loss(row, t) for row, t in zip(outputs, targets)]
    assert each == expected
    losses = [x for row in each for x in row] if nested else each
    assert loss(outputs, targets, reduction="sum") == pytest.approx(math.fsum(losses), rel=1e-15, abs=0.0)
    assert loss(outputs, targets) == pytest.approx(math.fsum(losses) / len(losses), rel=1e-15, abs=0.0)


@pytest.mark.parametrize(("loss", "outputs", "targets"), CALLS)
@pytest.mark.parametrize("reduction", ["batchmean", "", None, "Mean", ["mean"]])
def test_a_reduction_that_does_not_exist_is_refused_with_the_choices(loss, outputs, targets, reduction):
    with pytest.raises(ValueError, match=r"reduction must be 'mean', 'sum' or 'none', got \[?'?(batch|M|None|m|')"):
        loss(outputs, targets, reduction=reduction)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_one_number_is_reduced_to_itself(loss):
    for reduction in ("mean", "sum", "none"):
        assert type(loss(0.5, 1, reduction=reduction)) is float
        assert loss(0.5, 1, reduction=reduction) == loss([0.5], [1])


@pytest.mark.parametrize("loss", ELEMENTWISE)
@pytest.mark.parametrize(
    ("outputs", "targets"),
    [([1.0, 2.0], [1.0]), ([1.0], [1.0, 1.0]), ([1.0], 1.0), (1.0, [1.0]), ([[1.0], [1.0]], [[1.0, 1.0]])],
)
def test_targets_must_be_nested_like_the_outputs(loss, outputs, targets):
    with pytest.raises(ValueError, match="targets must be nested like the outputs"):
        loss(outputs, targets)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_a_loss_of_nothing_is_refused(loss):
    for reduction in ("mean", "sum", "none"):
        for nothing in ([], [[], []]):
            with pytest.raises(ValueError, match="outputs must hold at least one number"):
                loss(nothing, nothing, reduction=reduction)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_a_loss_does_not_differentiate_its_targets(loss):
    with pytest.raises(TypeError, match="a target must be a plain number"):
        loss([Value(1.0)], [Value(1.0)])


@pytest.mark.parametrize("loss", ELEMENTWISE)
@given(pairs(st.sampled_from([1])))
def test_plain_numbers_give_the_same_loss_as_a_float(loss, given_pairs):
    ys, ts = zip(*given_pairs)
    of_numbers = loss(ys, ts)
    assert type(of_numbers) is float
    assert of_numbers == loss([Value(y) for y in ys], ts).data


# --------------------------------------------------------------------------------------------------------- accuracy


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=8), st.data())
def test_accuracy_counts_where_the_largest_logit_is_that_of_the_target(batch, data):
    targets = [data.draw(st.integers(0, 2)) for _ in batch]
    share = float(np.mean(np.argmax(batch, axis=1) == targets))
    assert accuracy(batch, targets) == pytest.approx(share, rel=1e-15, abs=0.0)
    assert accuracy([[Value(x) for x in row] for row in batch], targets) == accuracy(batch, targets)
    assert accuracy(np.array(batch), np.array(targets)) == accuracy(batch, targets)
    assert accuracy([np.array(row) for row in batch], targets) == accuracy(batch, targets)


@given(pairs(st.sampled_from([-1, 1])))
def test_accuracy_of_one_output_goes_by_its_sign(given_pairs):
    ys, ts = zip(*given_pairs)
    right = [(y > 0) == (t > 0) for y, t in given_pairs]
    assert accuracy(ys, ts) == sum(right) / len(right)
    assert accuracy([Value(y) for y in ys], ts) == accuracy(ys, ts)
    assert accuracy(ys, [(t + 1) // 2 for t in ts]) == accuracy(ys, ts)  # 0 for no will do, too


def test_accuracy_needs_a_target_for_each_output():
    for outputs, targets in (([], []), ([1.0], []), ([1.0], [1, -1])):
        with pytest.raises(ValueError, match=f"for each output, got {len(outputs)} and {len(targets)}"):
            accuracy(outputs, targets)


def test_accuracy_refuses_a_class_that_the_outputs_do_not_have():
    with pytest.raises(ValueError, match="target must be a class from 0 to 1, got 2"):
        accuracy([[1.0, 2.0]], [2])
    with pytest.raises(TypeError, match=r"target must be the number of a class, an integer, got 1\.0"):
        accuracy([[1.0, 2.0]], [1.0])


LOSSES = [mse_loss, l1_loss, huber_loss, binary_cross_entropy_with_logits, hinge_loss, cross_entropy, nll_loss, kl_div]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_reduction_must_be_named_and_the_rest_may_be(loss):
    kinds = {name: parameter.kind for name, parameter in inspect.signature(loss).parameters.items()}
    assert kinds.pop("reduction") is inspect.Parameter.KEYWORD_ONLY
    assert set(kinds.values()) == {inspect.Parameter.POSITIONAL_OR_KEYWORD}


@pytest.mark.parametrize("target", [[1.0, 1.0], [0.0, 0.0], [0.5, 0.5 + 3e-6]])
def test_probabilities_that_do_not_sum_to_one_are_refused(target):
    with pytest.raises(ValueError, match="must hold probabilities that sum to 1"):
        kl_div(log_softmax([0.0, 1.0]), target)


def test_a_row_that_is_nested_too_deep_is_refused():
    with pytest.raises(TypeError, match=r"log_probs\[0\] must be a list of Values or numbers"):
        nll_loss([[[-1.0, -2.0]]], [0])


def test_accuracy_needs_a_target_for_each_output_and_two_logits_or_more():
    for outputs, targets in (([1.0, -1.0], [1]), ([1.0], [1, 0]), ([], [])):
        with pytest.raises(ValueError, match="target"):
            accuracy(outputs, targets)
    with pytest.raises(ValueError, match="logit"):
        accuracy([[1.0]], [0])


def test_a_doubtful_answer_weighs_both_likelihoods():
    expected = 0.75 * math.log1p(math.exp(2.0)) + 0.25 * math.log1p(math.exp(-2.0))
    assert binary_cross_entropy_with_logits(Value(2.0), 0.25).data == pytest.approx(expected, rel=1e-15)


def test_accuracy_knows_a_thousand_classes():
    logits = [[float(i == k) for i in range(1000)] for k in (0, 256, 257, 999)]
    assert accuracy(logits, [0, 256, 257, 999]) == 1.0
    assert accuracy(logits, [1, 256, 258, 999]) == 0.5
