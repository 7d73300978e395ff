"""The products of a task in JAX: of matrices, of several matrices at once, and of numbers one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...einsum import Einsum
from ...ir import Array
from ...patterns import Pattern


def matrix_product(a: Any, b: Any) -> Any:
    """A product in the full precision of its numbers, unless the user has told JAX otherwise."""
    return jnp.matmul(a, b, precision=_precision())


def _precision() -> Any:
    asked = jax.config.jax_default_matmul_precision  # type: ignore[attr-defined]
    return jax.lax.Precision.HIGHEST if asked is None else None


def as_it_is(x: Any) -> Any:
    """x, of which XLA knows no more than its numbers."""
    return jax.lax.optimization_barrier(x)  # type: ignore[no-untyped-call]


def looked_at(a: Any, at: Pattern) -> Any:
    """Rows along axes: by a reshape, slices and a transpose, if that will do, which XLA compiles best."""
    found = at.digits(len(a))
    if found is None:
        return a[np.array(at.rows).reshape(at.sizes)]
    shape, chosen, order = found
    axes = [order.index(i) for i in range(len(order))]
    return a.reshape(*shape, a.shape[1])[tuple(chosen)].transpose(*axes, len(axes))


def neurons(y: Array, size: int, w: Any, x: Any) -> Any:
    return matrix_product(w[:, :-1], x) + w[:, -1:]


def outer(y: Array, size: int, g: Any, x: Any) -> Any:
    product = matrix_product(g, x.T) if len(g) > 1 else matrix_product(x, g.T).T  # no copy of x: half of a large step
    return (jnp.concatenate([product, _row_sums(g)], 1) if y.detail[2] else product).reshape(-1, 1)


def _row_sums(g: Any) -> Any:
    """The sums over the examples; of few by a product, for which XLA has the better loop: 6 in 100 of a step."""
    few = g.shape[1] <= 4096
    return matrix_product(g, jnp.ones((g.shape[1], 1), g.dtype)) if few else g.sum(1, keepdims=True)


def back(y: Array, size: int, w: Any, g: Any) -> Any:
    return matrix_product(w.reshape(len(g), -1)[:, : y.rows].T, g)


def einsum(y: Array, size: int, a: Any, b: Any) -> Any:
    operands, letters = [], []
    for which, x in enumerate((a, b)):
        wide = y.args[which].wide
        operands.append(looked_at(x, y.detail.pattern(which))[..., slice(None) if wide else 0])
        letters.append(y.detail.views[which].letters + "Z" * wide)
    if not y.detail.is_of_matrices:
        return _multiplied(y, letters, operands).reshape(y.rows, size if y.wide else 1)
    if size == 1 and jax.default_backend() == "cpu":
        return _of_one_example(y.detail, [x[..., 0] if y.args[i].wide else x for i, x in enumerate(operands)])
    spec = f"{letters[0]},{letters[1]}->{y.detail.out}{'Z' * y.wide}"
    found = jnp.einsum(spec, *operands, precision=_precision())
    return found.reshape(y.rows, size if y.wide else 1)


def _of_one_example(d: Einsum, operands: Sequence[Any]) -> Any:
    """The product of matrices that lie as XLA's own loops want them, rows × common axes and common axes × columns.

    As einsum leaves them, XLA has the examples as axes of length 1, turns products around, or takes plain loops for
    matrices that are transposed: a step of microgpt took 36 µs, not 30.
    """
    views = [(view.letters, x) for view, x in zip(d.views, operands)]
    (a, x), (b, y) = sorted(views, key=lambda view: max(map(d.out.find, view[0])))
    both, common = [c for c in d.out if c in a and c in b], [c for c in a if c in b and c not in d.out]
    left, right = [[c for c in own if c not in both + common] for own in (a, b)]
    product = jax.lax.dot_general(
        _laid_out(d, x, a, both, left, common), _laid_out(d, y, b, both, common, right),
        (((len(both) + 1,), (len(both),)), (tuple(range(len(both))),) * 2), precision=_precision(),
    )  # fmt: skip
    found = both + left + right
    return product.reshape(*map(d.size, found)).transpose(*map(found.index, d.out)).reshape(-1, 1)


def _laid_out(d: Einsum, x: Any, letters: str, both: list[str], rows: list[str], columns: list[str]) -> Any:
    """Matrices with these rows and columns, of an operand with these axes."""
    order = [*both, *rows, *columns]
    if order != [*letters]:
        x = as_it_is(x.transpose(*map(letters.index, order)))
    return x.reshape(*map(d.size, both), *[math.prod(map(d.size, axes)) for axes in (rows, columns)])


def _multiplied(y: Array, letters: Sequence[str], operands: Sequence[Any]) -> Any:
    """The products number by number, and the sum over the axes that the result hasn't: XLA makes one loop of both."""
    out = y.detail.out + "Z" * y.wide
    axes = out + "".join(sorted({*"".join(letters)} - {*out}))
    whole: Any = 1
    for x, own in zip(operands, letters):
        there = [letter for letter in axes if letter in own]
        x = x.transpose([own.index(letter) for letter in there])
        whole = whole * x.reshape([x.shape[there.index(letter)] if letter in own else 1 for letter in axes])
    return whole.sum(range(len(out), len(axes)))
