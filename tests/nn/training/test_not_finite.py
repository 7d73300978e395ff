"""One number that is not finite, or a sum that becomes so, spoils nothing that lasts and is no right answer."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, log_softmax
from nn import BatchNorm, Newton, PReLU, accuracy, kl_div

bad = st.sampled_from([math.nan, math.inf, -math.inf, 1e200, 1.7e308])  # of the last two it is the variance, or the sum


def state_of(norm: BatchNorm) -> dict[str, float]:
    return norm.state_dict()


# ------------------------------------------------------------------------------------------------------------ BatchNorm


@given(bad, st.integers(0, 2), st.integers(0, 1), st.sampled_from([0.0, 0.1, 1.0]), st.booleans())
def test_a_batch_with_a_number_that_is_not_finite_leaves_all_running_statistics_as_they_are(x, i, k, momentum, graph):
    norm = BatchNorm(2, momentum=momentum)
    norm.batch([[1.0, 2.0], [3.0, 5.0]])
    before = state_of(norm)
    rows: list[list[Any]] = [[0.5, -1.0], [2.0, 0.0], [1.0, 4.0]]
    rows[i][k] = Value(x) if graph else x
    norm.batch(rows)  # the outputs show it: what is computed from them has no gradient
    assert state_of(norm) == before
    norm.batch([[0.0, 1.0], [2.0, 3.0]])
    assert state_of(norm)["num_batches_tracked"] == 2
    assert all(map(math.isfinite, state_of(norm).values()))


def test_the_running_mean_of_huge_opposite_batches_does_not_overflow_for_good():
    norm = BatchNorm(1, momentum=1.0)
    norm.running_mean[0].data = -1.7e308
    norm.batch([1.7e308, 1.7e308])  # its distance from the mean so far is more than a float can be
    assert norm.running_mean[0].data == -1.7e308


# -------------------------------------------------------------------------------------------------- losses and accuracy


@given(st.integers(2, 5), st.data())
def test_an_answer_that_is_not_a_number_is_never_right(k, data):
    target = data.draw(st.integers(0, k - 1))
    logits = data.draw(st.lists(st.floats(-5, 5), min_size=k, max_size=k))
    logits[data.draw(st.integers(0, k - 1))] = math.nan
    assert accuracy([logits], [target]) == 0.0
    assert accuracy([[Value(x) for x in logits]], [target]) == 0.0
    assert accuracy([math.nan, Value(math.nan)], [data.draw(st.sampled_from([-1, 0, 1]))] * 2) == 0.0


def test_a_single_logit_in_a_list_is_refused_because_it_is_the_largest_whatever_it_is():
    with pytest.raises(ValueError, match=r"a logit for each class, or a number for yes/no answers, got \[2\.0\]"):
        accuracy([[-1.0, 1.0], [2.0]], [0, 0])
    assert accuracy([2.0], [0]) == 0.0


def test_a_class_that_is_impossible_in_both_distributions_adds_nothing_to_the_divergence():
    assert kl_div([0.0, -math.inf], [1.0, 0.0]) == 0.0
    logits = [Value(0.5), Value(-math.inf), Value(1.0)]
    divergence = kl_div(log_softmax(logits), [0.25, 0.0, 0.75])
    assert divergence.data == pytest.approx(kl_div(log_softmax([0.5, 1.0]), [0.25, 0.75]), rel=1e-14)
    assert kl_div([math.log(0.5), math.log(0.5)], [1.0, 0.0]) == math.log(2)


# ---------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize("init", [math.nan, math.inf, -math.inf])
def test_the_first_slope_of_a_prelu_is_finite(init):
    with pytest.raises(ValueError, match="init must be a finite number"):
        PReLU(init=init)


def test_a_hessian_that_overflows_when_it_is_scaled_is_refused_without_a_warning():
    x, y = Value(1.0), Value(1.0)
    with pytest.raises(ValueError, match="too large for floats: no parameter was moved"):
        Newton([x, y]).step(1e-200 * x * x + 1e200 * x * y + 1e-200 * y * y)
    assert [x.data, y.data] == [1.0, 1.0]
