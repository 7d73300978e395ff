"""Rows that count up evenly along axes are found again from their numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.program.patterns import Pattern, along, pattern

AXES = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 12)), min_size=1, max_size=4)


@given(st.integers(0, 5), AXES)
def test_what_counts_up_along_axes_has_a_pattern_of_the_same_rows(start: int, axes: Any):
    made = Pattern(start, tuple(n for n, _ in axes), tuple(s for _, s in axes))
    found = along(made.rows, made.sizes)
    assert found is not None
    assert found.rows == made.rows
    if (shorter := pattern(made.rows)) is not None:
        assert shorter.rows == made.rows


def test_every_head_of_every_position_is_two_axes():
    rows = tuple(t * 12 + 4 + d for t in range(3) for d in range(4))
    assert pattern(rows) == Pattern(4, (3, 4), (12, 1))
    assert pattern((0, 1, 3, 4, 7, 8)) is None
    assert along(rows, (4, 3)) is None


@given(st.integers(0, 5), AXES, st.integers(0, 3))
def test_digits_choose_the_same_rows_by_a_reshape(start: int, axes: Any, more: int):
    np = pytest.importorskip("numpy")
    made = Pattern(start, tuple(n for n, _ in axes), tuple(s for _, s in axes))
    n = max(made.rows) + 1 + more
    found = made.digits(n)
    if found is not None:
        shape, chosen, order = found
        block = np.arange(n).reshape(shape)[tuple(chosen)]
        assert block.transpose([order.index(i) for i in range(len(order))]).ravel().tolist() == list(made.rows)


def test_a_part_of_each_position_is_found_by_digits():
    assert Pattern(16, (3, 2, 4), (24, 4, 1)).digits(72) == (
        [3, 6, 4],
        [slice(0, 3), slice(4, 6), slice(0, 4)],
        [0, 1, 2],
    )
    assert Pattern(0, (3,), (0,)).digits(9) is None
