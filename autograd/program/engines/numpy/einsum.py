"""How NumPy computes `einsum`: as one call of matmul, for which the operands are looked at with other strides.

Axes of one role (of the first operand and the result, of both operands alone, ...) become one axis where they lie in
memory like one. Axes that don't are looped over by matmul; where these are summed over a sum follows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...ir import Array

BATCH = "Z"
"""The axis of the examples."""

THIN = 3
"""A row of so few numbers is multiplied by one number as it is; longer ones by as many that are the same."""


class _Axes(NamedTuple):
    """An array along named axes: their strides, in bytes; it has a stride of 0 along all others."""

    array: Any
    strides: dict[str, int]

    def along(self, axes: list[tuple[int, str]]) -> Any:
        """A view with these axes, each a size and its last letter."""
        return as_strided(self.array, [n for n, _ in axes], [self.strides.get(x, 0) for _, x in axes])


def einsum(y: Array, out: Any, a: Any, b: Any) -> list[tuple[Any, ...]]:
    """The calls that compute it.

    Args:
        y: the operation.
        out: memory for the result.
        a, b: the operands.
    """
    sizes = {**dict(y.detail.sizes), BATCH: max(a.shape[1], b.shape[1])}
    sizes = {x: n for x, n in sizes.items() if n > 1}
    left, right = [_axes(x, view.letters, view.start, view.strides) for x, view in zip((a, b), y.detail.views)]
    compact = y.detail.compact()
    result = _axes(out, compact.letters, 0, compact.strides)

    def role(letter: str) -> str:
        return "".join(name for name, x in (("a", left), ("b", right), ("y", result)) if letter in x.strides)

    roles: dict[str, list[str]] = {}
    for letter in sizes:
        roles.setdefault(role(letter), []).append(letter)
    by_number = not y.detail.is_of_matrices
    if by_number and "ab" not in roles:  # nothing is summed over
        axes = [(sizes[x], x) for x in [*compact.letters, BATCH] if x in sizes]
        a, b, product = [x.along(axes) for x in (left, right, result)]
        for one, other in ((a, b), (b, a)):
            if one.strides[-1:] == (0,) and one.shape[-1] > THIN:  # in place, in two thirds of the time
                return [(np.copyto, product, one), (np.multiply, product, other, product)]
        return [(np.multiply, a, b, product)]
    if by_number and BATCH not in sizes:
        order, gone = [x for x in sizes if x in left.strides or x in right.strides], roles["ab"]
        if gone in (order[: len(gone)], order[-len(gone) :]):
            a, b = [x.along([(sizes[letter], letter) for letter in order]) for x in (left, right)]
            return _summed(out, a, b, order[-1] in gone)
    if BATCH in roles.get("aby", []) or by_number:  # along the batch, which NumPy does fast
        shapes = [[(sizes[x], x) for x in sizes if x in each.strides] for each in (left, right, result)]
        letters = ["".join(x for _, x in shape) for shape in shapes]
        spec = f"{letters[0]},{letters[1]}->{letters[2]}"
        return [(_einsum_of(spec), *[x.along(shape) for x, shape in zip((left, right, result), shapes)])]
    loops = roles.get("aby", [])
    summed: list[str] = []
    axis: dict[str, tuple[int, str]] = {}
    for kind, both in (("ay", (left, result)), ("by", (right, result)), ("ab", (left, right))):
        one, rest = _merged(roles.get(kind, []), sizes, both)
        axis[kind] = one
        (summed if kind == "ab" else loops).extend(rest)
    for kind, x in (("a", left), ("b", right)):
        assert not roles.get(kind), (kind, x)
    outer = [(sizes[x], x) for x in [*summed, *loops]]
    matrices = [
        left.along([*outer, axis["ay"], axis["ab"]]),
        right.along([*outer, axis["ab"], axis["by"]]),
    ]
    inner = [axis["ay"], axis["by"]]
    target = result.along([*[(sizes[x], x) for x in loops], *inner])
    if not summed:
        if not loops and _for_dot(target, *matrices):
            return [(np.dot, *matrices, target)]
        if not loops and _for_dot(target.T, *matrices):
            return [(np.dot, matrices[1].T, matrices[0].T, target.T)]
        return [(np.matmul, *matrices, target)]
    parts = np.empty([n for n, _ in [*outer, *inner]], out.dtype)
    return [(np.matmul, *matrices, parts), (np.add.reduce, parts, tuple(range(len(summed))), None, target)]


def _summed(out: Any, a: Any, b: Any, last: bool) -> list[tuple[Any, ...]]:
    """Products number by number, summed along the last axes or the first: in half the time that np.einsum takes."""
    products = np.empty(a.shape, out.dtype)
    flat = products.reshape((out.size, -1) if last else (-1, out.size))
    ones = np.ones(products.size // out.size, out.dtype)
    return [(np.multiply, a, b, products), (np.dot, *((flat, ones) if last else (ones, flat)), out.reshape(-1))]


def _for_dot(target: Any, *matrices: Any) -> bool:
    """Whether np.dot will do, which is faster than matmul on small matrices."""
    return bool(target.flags.c_contiguous) and all(x.flags.c_contiguous or x.T.flags.c_contiguous for x in matrices)


def _einsum_of(spec: str) -> Callable[..., Any]:
    def compute(a: Any, b: Any, out: Any) -> None:
        np.einsum(spec, a, b, out=out)

    return compute


def _axes(x: Any, letters: str, start: int, strides: tuple[int, ...]) -> _Axes:
    row = x.strides[0]
    found = {letter: row * stride for letter, stride in zip(letters, strides)}
    return _Axes(x[start:], found | ({BATCH: x.strides[1]} if x.shape[1] > 1 else {}))


def _merged(
    letters: list[str], sizes: dict[str, int], arrays: tuple[_Axes, _Axes]
) -> tuple[tuple[int, str], list[str]]:
    """One axis (its size, its last letter) of these that lie one in the other in both arrays, and those that don't."""
    if not letters:
        return (1, ""), []
    letters = sorted(letters, key=lambda x: [-each.strides[x] for each in arrays])
    last = letters.pop()
    size, inner = sizes[last], last
    while letters and all(each.strides[letters[-1]] == each.strides[inner] * sizes[inner] for each in arrays):
        inner = letters.pop()
        size *= sizes[inner]
    return (size, last), letters
