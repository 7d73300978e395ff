"""Calls of NumPy: how parts are written to some rows of a whole, or added to what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.program.engines.numpy.calls import added


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
