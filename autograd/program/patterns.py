"""Rows that are chosen by a regular pattern: numbers that count up evenly along each of a few axes.

Positions, heads and items of a list lie in an Array like the digits of a number. What is chosen of them (all keys of
one head, each sum once for every item of its list) mostly counts up along these axes: then an engine needs no list of
numbers, but reshapes and transposes, or looks at the same memory with other strides.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

MOST = 4
"""So many axes a pattern has at most."""


class Shape(NamedTuple):
    """The shape of an Array.

    Args:
        rows: how many rows it has.
        wide: whether each of them has a number for every example.
        group: how many rows that follow one another make a group; 0 if there are no groups.
    """

    rows: int
    wide: bool
    group: int = 0


class Pattern(NamedTuple):
    """Rows start + Σ i_j · strides_j, for 0 ≤ i_j < sizes_j: the last axis runs fastest.

    Args:
        start: the first row.
        sizes: how long each axis is.
        strides: how many rows apart neighbours along it are; 0 where all are the same row.
    """

    start: int
    sizes: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows in their order."""
        found = [self.start]
        for size, stride in zip(self.sizes, self.strides):
            found = [row + i * stride for row in found for i in range(size)]
        return tuple(found)

    @property
    def each_once(self) -> bool:
        """Whether no row is chosen twice: along each axis neighbours are further apart than all before them reach."""
        reach = 0
        for stride, size in sorted([(abs(s), n) for s, n in zip(self.strides, self.sizes) if n > 1]):
            if stride <= reach:
                return False
            reach += stride * (size - 1)
        return True

    def digits(self, rows: int) -> tuple[list[int], list[slice | int], list[int]] | None:
        """How the rows are found by a reshape: as digits of their numbers, each in a range; None if they aren't so.

        Args:
            rows: how many rows there are.

        Returns:
            (the shape; along each axis of it which places; for each axis of the result which axis of the pattern it is,
            those that run slowest come first).
        """
        order = sorted(range(len(self.sizes)), key=lambda i: -self.strides[i])
        shape: list[int] = []
        chosen: list[slice | int] = []
        left, start = rows, self.start
        for i in order:
            stride, size = self.strides[i], self.sizes[i]
            if stride <= 0 or left % stride or start // stride + size > left // stride:
                return None
            shape.append(left // stride)
            chosen.append(slice(start // stride, start // stride + size))
            left, start = stride, start % stride
        return ([*shape, left], [*chosen, start], order) if left > 1 else (shape, chosen, order)


@lru_cache(4096)
def pattern(rows: tuple[int, ...]) -> Pattern | None:
    """The pattern of these rows, with as few axes as it can have; None if they have none."""
    sizes: list[int] = []
    strides: list[int] = []
    left: Sequence[int] = rows
    while len(left) > 1:
        stride = left[1] - left[0]
        size = next((i for i in range(2, len(left)) if left[i] - left[i - 1] != stride), len(left))
        if len(left) % size:
            return None
        heads = left[::size]
        if len(sizes) == MOST or any([*left[i::size]] != [x + i * stride for x in heads] for i in range(1, size)):
            return None
        sizes.append(size)
        strides.append(stride)
        left = heads
    return Pattern(rows[0], tuple(sizes[::-1]), tuple(strides[::-1]))


def along(rows: Sequence[int], sizes: Sequence[int]) -> Pattern | None:
    """The pattern of these rows along axes of given sizes; None if they don't count up evenly along each."""
    strides = []
    step = len(rows)
    for size in sizes:
        step //= size
        strides.append(rows[step] - rows[0] if size > 1 else 0)
    found = Pattern(rows[0], tuple(sizes), tuple(strides))
    return found if found.rows == tuple(rows) else None
