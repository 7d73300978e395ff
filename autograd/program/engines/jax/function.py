"""A task as a pure function of JAX: every array operation of the table, and the derivatives that are among them.

JAX differentiates nothing here. The function may stand in anybody's jit, scan, vmap or sharded computation. Its arrays
are rows × examples, as those of the table are: on a CPU a step of the networks of tests/benchmarks/scans.py takes 1.2
to 1.5 times as long the other way round, one of wide layers as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from .... import ops
from ....rules import Rule
from ....ternary import takes_lists
from ...ir import Array
from ...patterns import Pattern, pattern
from ..base import Task
from .kernels import kernel
from .products import as_it_is, back, einsum, looked_at, matrix_product, neurons, outer
from .undefined import watched

FEW = 512
"""To so many places gradients are added by a product."""


class Outcome(NamedTuple):
    """What the function returns.

    Args:
        mean: a number, or None.
        gradient: of all parameters, a vector; None where nothing is differentiated for them.
        results: the rows of each result.
        undefined: whether a number was computed that isn't defined (base.py).
    """

    mean: Any
    gradient: Any
    results: tuple[Any, ...]
    undefined: Any


def function(task: Task, dtype: Any) -> Callable[..., Outcome]:
    """The function of a task.

    Args:
        task: what is to be computed.
        dtype: of NumPy, what all numbers are.

    Returns:
        A function of (vector, captured, *inputs): the parameters, the other leaves, and for each argument an array
        with a row for each number of an example and a column for each example.
    """
    order = task.operations
    watch = watched(order, task.derivatives)

    def computed(vector: Any, captured: Any, *inputs: Any) -> Outcome:
        size = inputs[0].shape[1]
        given: dict[Any, Callable[[Array], Any]] = {
            "input": lambda y: inputs[y.detail[0]],
            "vector": lambda y: vector[:, None],
            "captured": lambda y: captured[:, None],
            "constants": lambda y: np.array([*map(float, y.detail)], dtype)[:, None],
            "batch": lambda y: float(size),
        }
        found: dict[int, Any] = {}

        def of(x: Any) -> Any:
            """An array, or a number of the dtype."""
            x = found[x.serial] if isinstance(x, Array) else x
            return dtype.type(x) if isinstance(x, float) else x

        undefined: Any = False
        with np.errstate(all="ignore"):  # in float16 a constant may be infinite
            for y in order:
                if y.op in given:
                    found[y.serial] = given[y.op](y)
                elif y.is_number:
                    found[y.serial] = y.op.forward(*[found[x.serial] if isinstance(x, Array) else x for x in y.args])
                else:
                    args = [as_it_is(of(x)) if _would_join(y, x) else of(x) for x in y.args]
                    found[y.serial] = _computed(y, size, args)
                    if y.serial in watch:
                        undefined = undefined | watch[y.serial](found[y.serial], args)
            parts = [(rows, of(g)) for rows, g in task.gradient]
            results = tuple([of(x) for x in task.results])
            mean = None if task.mean is None else _mean(of(task.mean))
        n = len(vector)
        gradient = _on_vector(n, [(range(n) if rows is None else rows, g) for rows, g in parts], dtype)
        return Outcome(mean, gradient, results, undefined)

    return computed


def _would_join(y: Array, x: Any) -> bool:
    """Whether XLA would make one number of two: of (x c) d it makes x (c d), be that infinite, and so of sums."""
    return isinstance(x, Array) and not x.is_number and _with_a_number(y) and _with_a_number(x)


def _with_a_number(y: Array) -> bool:
    if y.op not in (ops.add, ops.sub, ops.mul, ops.div):
        return False
    return any(not isinstance(x, Array) or x.is_number or x.op == "constants" for x in y.args)


def _computed(y: Array, size: int, args: Sequence[Any]) -> Any:
    """The result of an operation."""
    if not isinstance(y.op, Rule):
        return OPERATIONS[y.op](y, size, *args)
    if not takes_lists(y.op):
        return kernel(y.op)(*args)
    lists = iter([a.reshape(y.rows, x.group, -1) if x.group else a for x, a in zip(y.args, args)])
    return kernel(y.op)(*[None if empty else next(lists) for empty in y.detail])


def _mean(x: Any) -> Any:
    """The mean over the batch; in float32 at least, for the number of examples alone may be infinite in float16."""
    return jnp.mean(jnp.asarray(x), dtype=jnp.promote_types(jnp.float32, x.dtype))


def _full(y: Array, size: int, a: Any) -> Any:
    return jnp.broadcast_to(a, (y.rows, size if y.wide else 1))


def _stack(y: Array, size: int, *parts: Any) -> Any:
    return jnp.concatenate([jnp.broadcast_to(x, (len(x), size if y.wide else 1)) for x in parts])


def _take(y: Array, size: int, a: Any) -> Any:
    """Rows by their numbers; where these have a pattern, without a list of them, which XLA compiles to less."""
    at = pattern(y.detail)
    if at is None:
        return jnp.asarray(a).at[np.array(y.detail)].get(mode="promise_in_bounds")
    once = Pattern(at.start, *[tuple([x for x, s in zip(xs, at.strides) if s]) for xs in (at.sizes, at.strides)])
    shape = [n if s else 1 for n, s in zip(at.sizes, at.strides)]
    found = looked_at(a, once).reshape(*shape, -1)
    return jnp.broadcast_to(found, (*at.sizes, found.shape[-1])).reshape(len(y.detail), -1)


def _repeat(y: Array, size: int, a: Any) -> Any:
    return jnp.broadcast_to(a[:, None], (len(a), y.detail, a.shape[1])).reshape(-1, a.shape[1])


def _segments(y: Array, a: Any) -> Any:
    return a.reshape(y.rows, y.detail, -1)


def _softmax(y: Array, size: int, a: Any) -> Any:
    groups = a.reshape(-1, y.detail, a.shape[1])
    powers = jnp.exp(groups - groups.max(1, keepdims=True))
    return (powers / powers.sum(1, keepdims=True)).reshape(a.shape)


def _centred(y: Array, size: int, a: Any) -> Any:
    groups = a.reshape(-1, y.detail, a.shape[1])
    return (groups - groups.mean(1, keepdims=True)).reshape(a.shape)


def _gather(y: Array, size: int, table: Any, index: Any) -> Any:
    m, k, n = y.detail
    places = _within(index, n)
    if table.shape[1] == 1:  # one table for all examples
        found = jnp.take(table.reshape(n, k), places, axis=0).transpose(0, 2, 1)
    else:
        found = jnp.take_along_axis(table.reshape(n, k, -1), places[:, None], axis=0)
    return found.reshape(m * k, -1)


def _scatter(y: Array, size: int, g: Any, index: Any) -> Any:
    m, k, n, wide = y.detail
    places = jnp.broadcast_to(_within(index, n), (m, g.shape[1]))
    parts = g.reshape(m, k, -1).transpose(0, 2, 1)
    if not wide and n <= FEW:  # as a product, for XLA adds to places one by one
        chosen = (places.ravel()[:, None] == np.arange(n)).astype(g.dtype)
        return matrix_product(chosen.T, parts.reshape(-1, k)).reshape(-1, 1)
    if not wide:
        return jnp.zeros((n, k), g.dtype).at[places].add(parts).reshape(-1, 1)
    examples = np.arange(g.shape[1])
    return jnp.zeros((n, g.shape[1], k), g.dtype).at[places, examples].add(parts).transpose(0, 2, 1).reshape(n * k, -1)


def _within(index: Any, n: int) -> Any:
    """Places in a list of n; those that are none, at which the run is refused, are brought into it."""
    return jnp.clip(jnp.nan_to_num(index), 0, n - 1).astype(int)


def _assemble(y: Array, size: int, *parts: Any) -> Any:
    return _assembled(y.rows, size if y.wide else 1, list(zip(y.detail[0], parts)), parts[0].dtype)


def _on_vector(n: int, parts: Sequence[Any], dtype: Any) -> Any:
    """The gradient of n parameters, on a CPU each part where it stays: to put them together takes XLA a slow loop."""
    parts = sorted(parts, key=lambda part: part[0][0])
    ranges = [rows for rows, _ in parts if isinstance(rows, range)]
    apart = len(ranges) == len(parts) and all(a.stop <= b.start for a, b in pairwise(ranges))
    if not apart or jax.default_backend() != "cpu":
        return _assembled(n, 1, parts, dtype).reshape(-1)
    whole = jnp.zeros(n, dtype)
    for rows, g in parts:
        whole = jax.lax.dynamic_update_slice(whole, jnp.broadcast_to(g, (len(rows), 1)).reshape(-1), (rows.start,))
    return whole


def _assembled(n: int, size: int, parts: Sequence[Any], dtype: Any) -> Any:
    """n rows of parts that add up: one below the other where each is in one of them, as the layers of a network are."""
    pieces = []
    filled = 0
    for rows, g in sorted(parts, key=lambda part: part[0][0]):
        if not isinstance(rows, range) or rows.start < filled:
            break
        pieces += [jnp.zeros((rows.start - filled, size), dtype), jnp.broadcast_to(g, (len(rows), size))]
        filled = rows.stop
    else:
        return jnp.concatenate([*pieces, jnp.zeros((n - filled, size), dtype)])
    return _added(
        n, np.concatenate([[*rows] for rows, _ in parts]), [jnp.broadcast_to(g, (len(rows), size)) for rows, g in parts]
    )


def _added(n: int, places: Any, parts: Sequence[Any]) -> Any:
    """n rows, each the sum of the rows of the parts that have its number: on a CPU XLA adds to places one by one."""
    counts = np.bincount(places, minlength=n)
    most, order = int(counts.max()), np.argsort(places, kind="stable")
    whole = jnp.concatenate(parts)
    if n * most > 2 * len(places):
        return jnp.zeros((n, whole.shape[1]), whole.dtype).at[places].add(whole)
    chosen = np.full((n, most), len(places))  # a row of zeros
    chosen[places[order], np.arange(len(order)) - (np.cumsum(counts) - counts)[places[order]]] = order
    if chosen.size > len(places):
        whole = jnp.concatenate([whole, jnp.zeros((1, whole.shape[1]), whole.dtype)])
    if not np.array_equal(chosen.ravel(), np.arange(len(whole))):
        whole = whole.at[chosen.ravel()].get(mode="promise_in_bounds")
    return whole.reshape(n, most, -1).sum(1)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "matrix": lambda y, size, a: a[y.detail[0] : y.detail[0] + y.rows].reshape(y.detail[1:]),
    "rows": lambda y, size, a: a[slice(*y.detail)],
    "groups": lambda y, size, a: a,
    "flat": lambda y, size, a: a,
    "take": _take,
    "stack": _stack,
    "repeat": _repeat,
    "segment_sum": lambda y, size, a: _segments(y, a).sum(1),
    "segment_max": lambda y, size, a: _segments(y, a).max(1),
    "neurons": neurons,
    "product": lambda y, size, w, x: matrix_product(w.reshape(y.detail), x),
    "outer": outer,
    "back": back,
    "einsum": einsum,
    "softmax": _softmax,
    "centred": _centred,
    "gather": _gather,
    "scatter": _scatter,
    "sum_rows": lambda y, size, a: a.sum(0, keepdims=True),
    "sum_batch": lambda y, size, a: a.sum(1, keepdims=True),
    "full": _full,
    "assemble": _assemble,
    "<": lambda y, size, a, b: jnp.less(a, b),
    "<=": lambda y, size, a, b: jnp.less_equal(a, b),
    ">": lambda y, size, a, b: jnp.greater(a, b),
    ">=": lambda y, size, a, b: jnp.greater_equal(a, b),
    "&": lambda y, size, a, b: jnp.logical_and(a, b),
    "|": lambda y, size, a, b: jnp.logical_or(a, b),
    "where": lambda y, size, condition, a, b: jnp.where(jnp.asarray(condition, bool), a, b),
}
"""From the operation, the number of examples and the operands to the result."""
