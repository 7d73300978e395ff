"""What all losses have in common: their reduction, and targets that are nested like the outputs."""

from __future__ import annotations

import inspect
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn.losses.classes import cross_entropy, kl_div, nll_loss
from nn.losses.numbers import binary_cross_entropy_with_logits, hinge_loss, huber_loss, l1_loss, mse_loss

numbers = st.floats(-100, 100)
logits = st.floats(-1000, 1000)
rows = st.lists(logits, min_size=1, max_size=6)


def pairs(targets):
    return st.lists(st.tuples(numbers, targets), min_size=1, max_size=6)


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


LOSSES = [mse_loss, l1_loss, huber_loss, binary_cross_entropy_with_logits, hinge_loss, cross_entropy, nll_loss, kl_div]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_reduction_and_the_weights_must_be_named_and_the_rest_may_be(loss):
    kinds = {name: parameter.kind for name, parameter in inspect.signature(loss).parameters.items()}
    settings = kinds.keys() & {"reduction", "weight", "ignore_index", "label_smoothing", "pos_weight"}
    assert "reduction" in settings
    assert {kinds.pop(name) for name in settings} == {inspect.Parameter.KEYWORD_ONLY}
    assert set(kinds.values()) == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
