"""accuracy: the share of the examples that are classified right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn.losses.accuracy import accuracy

numbers = st.floats(-100, 100)
logits = st.floats(-1000, 1000)


def pairs(targets):
    return st.lists(st.tuples(numbers, targets), min_size=1, max_size=6)


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
    with pytest.raises(TypeError, match=r"target must be the number of a class, an integer, got 1\.5"):
        accuracy([[1.0, 2.0]], [1.5])
    with pytest.raises(ValueError, match=r"a target must have a probability for each of 2 classes, got \[1, 0, 0\]"):
        accuracy([[1.0, 2.0]], [[1, 0, 0]])


def test_accuracy_takes_classes_as_data_frames_and_one_hot_lists_have_them():
    outputs = [[0.1, 2.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    for targets in ([1, 0, 0], [1.0, 0.0, 0.0], [[0, 1, 0], [1, 0, 0], [0.6, 0.2, 0.2]], np.array([1.0, 0.0, 0.0])):
        assert accuracy(outputs, targets) == 2 / 3


def test_accuracy_needs_a_target_for_each_output_and_two_logits_or_more():
    for outputs, targets in (([1.0, -1.0], [1]), ([1.0], [1, 0]), ([], [])):
        with pytest.raises(ValueError, match="target"):
            accuracy(outputs, targets)
    with pytest.raises(ValueError, match="logit"):
        accuracy([[1.0]], [0])


def test_accuracy_knows_a_thousand_classes():
    logits = [[float(i == k) for i in range(1000)] for k in (0, 256, 257, 999)]
    assert accuracy(logits, [0, 256, 257, 999]) == 1.0
    assert accuracy(logits, [1, 256, 258, 999]) == 0.5
