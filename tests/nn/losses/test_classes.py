"""Losses of classes against their definitions in 40-digit arithmetic, and where naive formulas fail."""

from __future__ import annotations

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
from nn.losses.classes import cross_entropy, kl_div, nll_loss

numbers = st.floats(-100, 100)
logits = st.floats(-1000, 1000)
rows = st.lists(logits, min_size=1, max_size=6)


def differentiated(loss, outputs, *targets):
    """The loss, and its gradient with respect to each of the outputs."""
    values = [Value(y) for y in outputs]
    result = loss(values, *targets)
    result.backward()
    return result.data, [v.grad for v in values]


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


@pytest.mark.parametrize("target", [math.nan, math.inf, "1", None, 0.5, Value(1.0)])
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


@pytest.mark.parametrize("target", [[1.0, 1.0], [0.0, 0.0], [0.5, 0.5 + 3e-6]])
def test_probabilities_that_do_not_sum_to_one_are_refused(target):
    with pytest.raises(ValueError, match="must hold probabilities that sum to 1"):
        kl_div(log_softmax([0.0, 1.0]), target)


def test_a_row_that_is_nested_too_deep_is_refused():
    with pytest.raises(TypeError, match=r"log_probs\[0\] must be a list of Values or numbers"):
        nll_loss([[[-1.0, -2.0]]], [0])


# ---------------------------------------------------------------------- weights, smoothing, and what counts for nothing


@pytest.mark.parametrize("loss", [cross_entropy, nll_loss])
def test_where_all_targets_are_ignored_loss_and_gradient_are_0(loss):
    for reduction in ("mean", "sum"):
        rows = [[Value(-1.0), Value(-0.5)], [Value(-2.0), Value(-3.0)]]
        result = loss(rows, [-1, -1.0], ignore_index=-1, reduction=reduction)
        result.backward()
        assert result.data == 0.0
        assert [z.grad for row in rows for z in row] == [0.0] * 4
    assert loss([-1.0, -0.5], -1, ignore_index=-1) == 0.0
    assert loss([[-1.0, -0.5]] * 2, [7, 0], ignore_index=7, reduction="none") == [0.0, loss([-1.0, -0.5], 0)]


@pytest.mark.parametrize("loss", [cross_entropy, nll_loss])
def test_an_example_alone_has_its_loss_times_its_weight_and_a_batch_the_weighted_mean(loss):
    a, b = [-1.0, -0.5], [-2.0, -0.25]
    alone = [loss(a, 0, weight=[3.0, 0.5]), loss(b, 1, weight=[3.0, 0.5])]
    assert alone == [3.0 * loss(a, 0), 0.5 * loss(b, 1)]
    assert loss([a, b], [0, 1], weight=[3.0, 0.5]) == pytest.approx(sum(alone) / 3.5, rel=1e-15)
    assert loss([a, b], [0, 0], weight=[0.0, 1.0]) == 0.0


@given(rows.filter(lambda zs: len(zs) > 1), st.data())
def test_a_one_hot_list_is_the_number_of_its_class_to_the_last_digit(zs, data):
    k = data.draw(st.integers(0, len(zs) - 1))
    one_hot = [float(i == k) for i in range(len(zs))]
    assert differentiated(cross_entropy, zs, one_hot) == differentiated(cross_entropy, zs, k)
    assert cross_entropy(np.array([zs]), np.array([one_hot])) == cross_entropy(zs, float(k))


@given(rows.filter(lambda zs: len(zs) > 1), st.data())
def test_smoothing_is_the_cross_entropy_of_smoothed_probabilities(zs, data):
    k, n = data.draw(st.integers(0, len(zs) - 1)), len(zs)
    smoothed = [0.1 / n + 0.9 * (i == k) for i in range(n)]
    found = differentiated(lambda values: cross_entropy(values, k, label_smoothing=0.1), zs)
    expected = differentiated(lambda values: cross_entropy(values, smoothed), zs)
    assert found[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-12)
    assert found[1] == pytest.approx(expected[1], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("settings", "target", "error", "message"),
    [
        ({"weight": [1.0]}, 0, ValueError, "weight must have a number for each of 2 classes, got 1"),
        ({"weight": [1.0, -1.0]}, 0, ValueError, r"weight\[1\] must be a finite number, 0 or greater, got -1.0"),
        ({"weight": [0.0, 0.0]}, 0, ValueError, "weight must have a number greater than 0"),
        ({"weight": 2.0}, 0, TypeError, "weight must be a list of numbers, one for each class, got 2.0"),
        ({"label_smoothing": 1.5}, 0, ValueError, "label_smoothing must be a number from 0 to 1, got 1.5"),
        ({"ignore_index": 0.5}, 0, TypeError, "ignore_index must be the number of a class, an integer, got 0.5"),
        ({"ignore_index": -1}, [0.5, 0.5], ValueError, r"ignore_index is for numbers of classes, and target is \[0.5"),
        ({}, [0.5, 0.6], ValueError, "target must hold probabilities that sum to 1, got a sum of 1.1"),
        ({}, [1.0, 0.0, 0.0], ValueError, "target must be nested like logits"),
        ({}, -100, ValueError, "target must be a class from 0 to 1, got -100$"),
        ({}, 2, ValueError, "got 2: subtract 1 where they begin with 1, or give the model more outputs$"),
        ({}, -1, ValueError, "got -1: write 0 for it$"),
        ({}, "a", TypeError, "an integer, got 'a': number such names yourself, 0 for the first of them"),
    ],
)
def test_settings_that_don_t_fit_are_refused(settings, target, error, message):
    with pytest.raises(error, match=message):
        cross_entropy([1.0, 2.0], target, **settings)
