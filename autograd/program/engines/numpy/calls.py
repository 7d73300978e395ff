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

from .... import ops
from ...idioms import GRADIENT, LOSS
from ...ir import Array
from ...patterns import Pattern, pattern
from ..base import Memory
from .einsum import einsum
from .kernels import MANY as MANY_CHOSEN
from .kernels import kernel

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
    """The calls that add up each group, given as n × k × examples; for one example as a product, in half the time.

    For some examples a product is quicker, too, but adds in another order: then a sum has other digits than outside.
    """
    if groups.shape[2] == 1:
        return [(np.dot, groups[:, :, 0], np.ones(groups.shape[1], groups.dtype), out.reshape(-1))]
    return [(np.add.reduce, groups, 1, None, out)]


def segment_max(groups: Any, out: Any) -> list[Call]:
    """The calls that find the largest of each group; for one example by its place, in half the time."""
    n, k, size = groups.shape
    if size > 1:
        return [(np.maximum.reduce, groups, 1, None, out)]
    places, starts = np.empty(n, np.intp), np.arange(0, n * k, k)
    return [
        (np.argmax, groups[:, :, 0], 1, places), (np.add, places, starts, places),
        (np.take, groups.reshape(-1), places, 0, out.reshape(-1), "clip"),
    ]  # fmt: skip


def _softmax(y: Array, out: Any, xs: Any) -> list[Call]:
    xs, powers = [x.reshape(-1, y.detail, x.shape[1]) for x in (xs, out)]
    one, each = np.empty_like(xs[:, 0]), np.empty_like(xs)  # a number for each group, and repeated
    return [
        *segment_max(xs, one), (np.copyto, each, one[:, None]), (np.subtract, xs, each, powers),
        (np.exp, powers, powers),
        *segment_sum(powers, one), (np.copyto, each, one[:, None]), (np.divide, powers, each, powers),
    ]  # fmt: skip


def _centred(y: Array, out: Any, xs: Any) -> list[Call]:
    xs, less = [x.reshape(-1, y.detail, x.shape[1]) for x in (xs, out)]
    one = np.empty_like(xs[:, 0])
    return [
        *segment_sum(xs, one), (np.divide, one, np.array(y.detail, one.dtype), one),
        (np.subtract, xs, one[:, None], less),
    ]  # fmt: skip


def _gather(y: Array, out: Any, table: Any, index: Any) -> list[Call]:
    """Places that are none, at which the run is refused, are brought into the table, by "clip" too."""
    m, k, n = y.detail
    places, found = np.empty(index.shape, np.intp), out.reshape(m, k, -1)
    known = np.copyto, places, index, "unsafe"
    if table.shape[1] == 1:
        rows = table.reshape(n, k)
        if out.shape[1] == 1:
            return [known, (np.take, rows, places[:, 0], 0, found[:, :, 0], "clip")]
        return [known, (lambda: np.copyto(found, rows.take(places, 0, None, "clip").transpose(0, 2, 1)),)]
    rows = table.reshape(n, k, -1)

    def of_each_example() -> None:
        np.clip(places, 0, n - 1, places)
        np.copyto(found, np.take_along_axis(rows, places[:, None], 0))

    return [known, (of_each_example,)]


def _scatter(y: Array, out: Any, g: Any, index: Any) -> list[Call]:
    m, k, n, _ = y.detail
    size = g.shape[1]
    places = np.empty((m, size), np.intp)
    numbers = np.empty((m, size, k), np.intp)  # that of the table which each of g is added to
    table, parts = np.arange(n * k).reshape(n, k), g.reshape(m, k, size).transpose(0, 2, 1)
    known = [(np.copyto, places, index, "unsafe"), (np.take, table, places, 0, numbers, "clip")]

    def to_one_table() -> None:
        out[:, 0] = np.bincount(numbers.ravel(), parts.ravel(), n * k)

    def to_each_example() -> None:
        out[...] = 0.0
        np.add.at(out, (numbers, np.arange(size)[:, None]), parts)

    return [*known, (to_one_table if out.shape[1] == 1 else to_each_example,)]


def _where(y: Array, out: Any, condition: Any, *branches: Any) -> list[Call]:
    then, otherwise = [x if isinstance(x, np.ndarray) else np.array(x, out.dtype) for x in branches]
    if condition.dtype != bool or out.size >= MANY_CHOSEN:
        return [(kernel("where"), condition, then, otherwise, out)]
    return [(np.copyto, out, otherwise), (np.copyto, out, then, "same_kind", condition)]


def _sum(y: Array, out: Any, *groups: Any) -> list[Call]:
    """The sum of each group, or its mean."""
    if not groups or out.dtype == np.float16:  # the sum for a mean may be infinite
        return [(kernel(y.op), *([x.reshape(y.rows, -1, x.shape[1]) for x in groups] or [None]), out)]
    (xs,) = [x.reshape(y.rows, -1, x.shape[1]) for x in groups]
    if y.op is not ops.mean:
        return segment_sum(xs, out)
    total = np.empty_like(out) if out.size == 1 else out  # a single number isn't divided in place in half the time
    return [*segment_sum(xs, total), (np.divide, total, np.array(xs.shape[1], out.dtype), out)]


CALLS: dict[Any, Callable[..., list[Call]]] = {
    "take": _take,
    "stack": _stack,
    "repeat": lambda y, out, a: [(np.copyto, out.reshape(len(a), y.detail, -1), a[:, None])],
    "segment_sum": lambda y, out, a: segment_sum(a.reshape(y.rows, y.detail, -1), out),
    "segment_max": lambda y, out, a: segment_max(a.reshape(y.rows, y.detail, -1), out),
    "neurons": lambda y, out, w, x: [(np.dot, w, x, out)],  # on small arrays 0.4 µs faster than matmul
    "product": lambda y, out, w, x: [(np.dot, w.reshape(y.detail), x, out)],
    "outer": _outer,
    "back": _back,
    "einsum": einsum,
    "softmax": _softmax,
    "centred": _centred,
    LOSS: lambda of, out, index, logits: of.loss(out, index, logits),
    GRADIENT: lambda of, out, loss, factor: of.gradient(out, loss, factor),
    "gather": _gather,
    "scatter": _scatter,
    "sum_rows": lambda y, out, a: [(np.add.reduce, a, 0, None, out, True)],
    # as a matrix product it takes half the time of np.sum
    "sum_batch": lambda y, out, a: [(np.dot, a, np.ones((a.shape[1], 1), a.dtype), out)],
    "where": _where,
    ops.sum: _sum,
    ops.mean: _sum,
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
