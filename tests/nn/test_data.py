"""The data to learn from: how they are split, and that they are plain numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import data
from nn.data import padded


def points(split: data.Split) -> list[tuple[float, ...]]:
    return sorted(map(tuple, split.train_inputs + split.test_inputs))


def test_the_digits_are_split_once_for_all_into_four_fifths_and_one():
    split = data.digits(seed=0)
    assert (len(split.train_inputs), len(split.test_inputs)) == (1437, 360)
    assert {len(image) for image in split.train_inputs + split.test_inputs} == {64}
    assert min(map(min, split.train_inputs)) == 0.0
    assert max(map(max, split.train_inputs)) == 1.0
    for digit in range(10):
        share = split.test_targets.count(digit) / (split.test_targets + split.train_targets).count(digit)
        assert share == pytest.approx(0.2, abs=0.01)
    other = data.digits(seed=1)
    assert points(other) == points(split)
    assert other.test_inputs != split.test_inputs


def test_the_moons_are_two_classes_of_equal_size():
    split = data.moons(seed=0)
    assert (len(split.train_inputs), len(split.test_inputs)) == (160, 40)
    assert split.train_targets.count(1) == split.train_targets.count(-1) == 80
    assert split.test_targets.count(1) == split.test_targets.count(-1) == 20
    assert data.moons(seed=0) == split
    assert points(data.moons(seed=1)) != points(split)


def test_data_are_plain_numbers():
    for split in (data.digits(), data.moons()):
        assert {type(x) for x in split.train_inputs[0]} == {float}
        assert {type(t) for t in split.train_targets + split.test_targets} == {int}


def test_the_names_are_letters_after_their_beginning_and_the_target_is_what_comes_next():
    split = data.names(seed=0)
    inputs, targets = split.train_inputs + split.test_inputs, split.train_targets + split.test_targets
    assert (len(split.train_inputs), len(split.test_inputs)) == (4647, 516)
    assert len({tuple(x) for x in inputs}) == 5163
    for x, t in zip(inputs, targets):
        assert (x[0], t[-1], x[1:]) == (0, 0, t[:-1])
        assert all(1 <= token <= 26 for token in x[1:])
    assert {data.spelled(x) for x in inputs} >= {"mary", "james"}
    assert data.names(seed=0) == split
    other = data.names(seed=1)
    assert points(other) == points(split)
    assert other.test_inputs != split.test_inputs
    with pytest.raises(TypeError, match="seed must be an integer"):
        data.names(seed="1")  # type: ignore[arg-type]


@given(st.lists(st.lists(st.integers(0, 9)), max_size=5), st.integers(0, 3))
def test_padded_sequences_are_equally_long_and_begin_as_they_were(sequences, more):
    longest = max(map(len, sequences), default=0)
    for filled, n in (
        (padded(sequences, -1), longest),
        (padded(sequences, -1, longest + more + 1), longest + more + 1),
    ):
        assert [row[: len(sequence)] for row, sequence in zip(filled, sequences)] == sequences
        assert all(row[len(sequence) :] == [-1] * (n - len(sequence)) for row, sequence in zip(filled, sequences))


def test_a_sequence_that_is_too_long_is_not_cut():
    with pytest.raises(ValueError, match="length must be at least 3, the length of the longest sequence, got 2"):
        padded([[1, 2, 3], [1]], 0, 2)
