"""The calls of NumPy that compute each array operation; in which memory, layout.py decides.

Three tables by name: what a run begins with (GIVEN), what is another look at the memory of its operand (VIEWS), and
what is computed (CALLS). Rules of numbers and comparisons are calls of a function of kernels.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...ir import Array
from ...patterns import Pattern, pattern
from ..base import Memory
from .einsum import einsum

Call = tuple[Any, ...]
"""A function, and what it is called with in each run: arrays that are already there."""

GIVEN: dict[str, Callable[[Array, Memory, int], Any]] = {
    "vector": lambda y, memory, size: memory.vector.reshape(-1, 1),
    "captured": lambda y, memory, size: memory.captured.reshape(-1, 1),
    "constants": lambda y, memory, size: np.array(y.detail, memory.vector.dtype).reshape(-1, 1),
    "batch": lambda y, memory, size: float(size),
}
"""What a run begins with, besides the inputs."""

VIEWS: dict[str, Callable[[Array, Any], Any]] = {
    "rows": lambda y, a: a[slice(*y.detail)],
    "matrix": lambda y, a: a[y.detail[0] : y.detail[0] + y.rows].reshape(y.detail[1:]),
    "groups": lambda y, a: a,
    "flat": lambda y, a: a,
    "same": lambda y, a: a,
}
"""From the operation and its operand to the view."""

THIN, MANY = 3, 1 << 14
"""A product with so few rows is computed row by row where there are so many numbers: in half the time."""


def _back(y: Array, out: Any, w: Any, g: Any) -> list[Call]:
    matrix = w.reshape(len(g), -1)[:, : y.rows].T
    return [(np.matmul if len(g) > 1 else np.dot, matrix, g, out)]  # dot copies a part; for one column it takes a third


def _outer(y: Array, out: Any, g: Any, x: Any) -> list[Call]:
    product = out.reshape(len(g), len(x))
    if len(x) <= THIN and g.size >= MANY:
        return [(np.matmul, g, row, product[:, j]) for j, row in enumerate(x)]
    return [(np.dot, g, x.T, product)]


def _stack(y: Array, out: Any, *parts: Any) -> list[Call]:
    stops = list(accumulate(map(len, parts)))
    return [(np.copyto, out[start:stop], part) for part, start, stop in zip(parts, [0, *stops], stops)]


def _assemble(y: Array, out: Any, *parts: Any) -> list[Call]:
    rows_of, _ = y.detail
    calls: list[Call] = []
    filled: set[int] = set()
    several = any(isinstance(rows, tuple) and _regular(rows) is None for rows in rows_of)
    if several or len(set().union(*rows_of)) < y.rows:
        calls.append((out.fill, 0.0))
        filled = set(range(y.rows))
    for rows, part in zip(rows_of, parts):
        calls += added(out, rows, part, filled)
        filled.update(rows)
    return calls


def added(whole: Any, rows: range | tuple[int, ...], part: Any, filled: set[int]) -> list[Call]:
    """Write a part to some rows of a whole, or add it to what is in them already.

    Args:
        whole, part: arrays; the part may be a number.
        rows: which rows; in a tuple one may occur several times.
        filled: the rows that hold something.
    """
    empty = sorted(set(rows) - filled)
    at = _regular(rows) if isinstance(rows, tuple) else None
    if at is not None and isinstance(part, np.ndarray) and len(empty) in (0, len(rows)):
        place = _looked_at(whole, at)
        given = np.broadcast_to(part, (len(rows), part.shape[1])).reshape(*at.sizes, -1)
        return [(np.copyto, place, given)] if empty else [(np.add, place, given, place)]
    if isinstance(rows, tuple):
        calls: list[Call] = [(np.add.at, whole, np.array(rows, np.intp), part)]
    else:
        place = whole[rows.start : rows.stop]
        if len(empty) == len(rows):
            return [(np.copyto, place, part)]
        calls = [(np.add, place, part, place)]
    return [(whole.__setitem__, empty, 0.0), *calls] if empty else calls


def _regular(rows: tuple[int, ...]) -> Pattern | None:
    """The pattern of rows, if they have one and none occurs twice: then they are a view."""
    found = pattern(rows)
    return found if found is not None and found.each_once and min(found.strides, default=0) >= 0 else None


def _looked_at(a: Any, at: Pattern) -> Any:
    """The rows of a pattern, along its axes."""
    return as_strided(a[at.start :], (*at.sizes, a.shape[1]), (*[x * a.strides[0] for x in at.strides], a.strides[1]))


def _take(y: Array, out: Any, a: Any) -> list[Call]:
    found = pattern(y.detail)
    if found is None:
        return [(np.take, a, np.array(y.detail, np.intp), 0, out, "clip")]  # "raise" needs a copy
    return [(np.copyto, out.reshape(*found.sizes, -1), _looked_at(a, found))]  # in a third of the time


def segment_sum(groups: Any, out: Any) -> list[Call]:
    """The calls that add up each group, given as n × k × examples; for one example as a product, in half the time."""
    if groups.shape[2] == 1:
        return [(np.dot, groups[:, :, 0], np.ones(groups.shape[1], groups.dtype), out.reshape(-1))]
    return [(np.add.reduce, groups, 1, None, out)]


def _softmax(groups: Array, out: Any, xs: Any) -> list[Call]:
    xs, powers = [x.reshape(-1, groups.group, x.shape[1]) for x in (xs, out)]
    one, each = np.empty_like(xs[:, 0]), np.empty_like(xs)  # a number for each group, and repeated
    return [
        (np.maximum.reduce, xs, 1, None, one), (np.copyto, each, one[:, None]), (np.subtract, xs, each, powers),
        (np.exp, powers, powers),
        *segment_sum(powers, one), (np.copyto, each, one[:, None]), (np.divide, powers, each, powers),
    ]  # fmt: skip


def _gather(table: Any, index: Any, out: Any, k: int, n: int) -> None:
    if table.shape[1] == 1:  # one table for all examples
        found = table.reshape(k, n).take(index.astype(np.intp), 1, None, "clip")
    else:
        found = np.take_along_axis(table.reshape(k, n, -1), _within(index, n)[None], 1)
    np.copyto(out.reshape(len(index), k, -1), found.transpose(1, 0, 2))


def _scatter(g: Any, index: Any, out: Any, k: int, n: int) -> None:
    places = _within(index, n)[:, None] + np.arange(0, n * k, n)[:, None]  # one for each number of g
    if out.shape[1] == 1:
        out[:, 0] = np.bincount(np.broadcast_to(places, (len(index), k, g.shape[1])).ravel(), g.ravel(), k * n)
    else:
        out[...] = 0.0
        np.add.at(out, (places.reshape(len(g), -1), np.arange(g.shape[1])), g)


def _within(index: Any, n: int) -> Any:
    """Places in a list of n; those that are none, at which the run is refused, are brought into it."""
    return np.minimum(np.maximum(index.astype(np.intp), 0), n - 1)


CALLS: dict[str, Callable[..., list[Call]]] = {
    "take": _take,
    "stack": _stack,
    "repeat": lambda y, out, a: [(np.copyto, out.reshape(len(a), y.detail, -1), a[:, None])],
    "segment_sum": lambda y, out, a: segment_sum(a.reshape(y.rows, y.detail, -1), out),
    "segment_max": lambda y, out, a: [(np.maximum.reduce, a.reshape(y.rows, y.detail, -1), 1, None, out)],
    "neurons": lambda y, out, w, x: [(np.dot, w, x, out)],  # on small arrays 0.4 µs faster than matmul
    "product": lambda y, out, w, x: [(np.dot, w.reshape(y.detail), x, out)],
    "outer": _outer,
    "back": _back,
    "einsum": einsum,
    "softmax": _softmax,
    "gather": lambda y, out, table, index: [(_gather, table, index, out, *y.detail[1:])],
    "scatter": lambda y, out, g, index: [(_scatter, g, index, out, *y.detail[1:3])],
    "sum_rows": lambda y, out, a: [(np.add.reduce, a, 0, None, out, True)],
    # as a matrix product it takes half the time of np.sum
    "sum_batch": lambda y, out, a: [(np.dot, a, np.ones((a.shape[1], 1), a.dtype), out)],
    "full": lambda y, out, a: [(np.copyto, out, a)],
    "assemble": _assemble,
}
"""From the operation, its memory and its operands to the calls; of a layer of neurons with a row of ones below X."""


def load(quietly: Callable[..., Any], buffer: Any, rows: Any, chosen: Sequence[int] | None) -> None:
    """Copy the numbers of an argument into a buffer, as `Run.load` says."""
    if chosen is None:
        quietly(np.copyto, buffer, rows, "unsafe")
    elif getattr(rows, "dtype", None) == buffer.dtype:
        np.take(rows, chosen, axis=1, out=buffer)
    else:  # integers, or numbers that this precision can't hold
        quietly(np.copyto, buffer, np.take(rows, chosen, axis=1), "unsafe")
