"""Calls of NumPy: how parts are written to some rows of a whole, or added to what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.program.engines.numpy.calls import added, segment_max, segment_sum


@pytest.mark.parametrize(
    ("rows", "filled", "expected"),
    [
        (range(1, 3), set(), [9, 1, 2, 9]),  # nothing there: it is overwritten
        (range(1, 3), {0, 1, 2}, [9, 10, 11, 9]),
        (range(1, 3), {1}, [9, 10, 2, 9]),  # half of it is there
        ((3, 3), set(), [9, 9, 9, 3]),  # a row may occur twice
        ((0, 3), {3}, [1, 9, 9, 11]),
    ],
)
def test_a_part_is_written_or_added(rows: Any, filled: set[int], expected: list[float]):
    whole, part = np.full((4, 1), 9.0), np.array([[1.0], [2.0]])
    for function, *args in added(whole, rows, part, filled):
        function(*args)
    assert whole.ravel().tolist() == expected


@pytest.mark.parametrize("size", [1, 3])
def test_the_largest_of_each_group_is_found(size: int):
    groups = np.array([[2.0, 5.0, 5.0], [-np.inf, -1.0, -3.0], [1.0, np.nan, 7.0]])[:, :, None] + np.zeros(size)
    out = np.empty((3, size))
    for function, *args in segment_max(groups, out):
        function(*args)
    assert np.array_equal(out, groups.max(axis=1), equal_nan=True)


@pytest.mark.parametrize("size", [1, 3, 257])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_each_group_is_added_up(size: int, dtype: str):
    groups = (np.arange(6.0 * size).reshape(2, 3, size) % 7).astype(dtype)
    out = np.empty((2, size), dtype)
    for function, *args in segment_sum(groups, out):
        function(*args)
    assert np.array_equal(out, groups.sum(axis=1))
