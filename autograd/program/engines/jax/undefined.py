"""Where a number may be computed that isn't defined, and how a compiled function tells: XLA raises no flags.

Whatever isn't a number stays so, up to the end, where it is seen, but for a few operations that may make a number of
it: a choice, a comparison, a power. So a function without these looks at the poles alone, such as 1/0 and log(0), and
costs nothing where there is none; before these every operation that may make nan of numbers is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp

from .... import ops
from ....conditions import COMPARISONS
from ....rules import Rule
from ...ir import Array
from ..base import needed

_HIDES: set[Any] = {"where", "<", "<=", ">", ">=", "&", "|", ops.pow, ops.hypot, *COMPARISONS.values()}
"""What may make a number of one that is none."""

_MAY_CREATE: set[Any] = {
    ops.add, ops.sub, ops.mul, ops.square, "segment_sum", "neurons", "product", "einsum", "softmax", "centred",
    ops.sum, ops.mean, ops.norm, ops.logsumexp, ops.cross_entropy,
}  # fmt: skip
"""What makes nan of infinite numbers, though it is defined for all."""

Look = Callable[[Any, Sequence[Any]], Any]
"""From the rows of an operation and of its operands to whether something isn't defined."""


def watched(order: Sequence[Array], derivatives: int | None) -> dict[int, Look]:
    """By the serial number of an operation, how it is looked at: those of them that have to be.

    Args:
        order: the operations of a task.
        derivatives: the serial number from which on they are derivatives, which aren't looked at.
    """
    forward = [y for y in order if not y.is_number and (derivatives is None or y.serial < derivatives)]
    hiding = [x for y in forward if _hides(y) for x in y.args if isinstance(x, Array)]
    before = {x.serial for x in needed(hiding)}
    found: dict[int, Look] = {}
    for y in forward:
        if isinstance(y.op, Rule) and _has_edges(y):
            found[y.serial] = _beyond_the_edge
        elif y.serial in before and y.op in _MAY_CREATE:
            found[y.serial] = _of_infinities
    return found


def _hides(y: Array) -> bool:
    """Whether an operation may make a number of nan; a power with a fixed exponent does so where that is 0."""
    return y.op in _HIDES and not (y.op is ops.pow and isinstance(y.args[1], float) and y.args[1] != 0)


def _has_edges(y: Array) -> bool:
    """Whether a rule isn't defined everywhere; one of the user's may do anything."""
    if y.op is ops.div:
        return isinstance(y.args[1], Array) or y.args[1] == 0
    if y.op is ops.pow and isinstance(y.args[1], float):
        return y.args[1] < 0 or y.args[1] % 1 != 0
    return bool(y.op.domain) or (ops.RULES.get(y.op.name) is not y.op and y.op.name not in _ALWAYS)


_ALWAYS = {"where", "entered", "detach", "masked", "one_hot", *COMPARISONS}
"""Rules outside of the table that need no look."""


def _beyond_the_edge(y: Any, args: Sequence[Any]) -> Any:
    """Something that is not finite, of numbers that are."""
    if any(jnp.shape(a)[0] not in (1, jnp.shape(y)[0]) for a in args if jnp.ndim(a)):
        return jnp.isnan(y).any() & ~jnp.stack([jnp.isnan(a).any() for a in args]).any()
    finite: Any = True
    for a in args:
        finite = finite & jnp.isfinite(a)
    return (~jnp.isfinite(y) & finite).any() | (jnp.isnan(y) & ~_some_nan(args)).any()


def _some_nan(args: Sequence[Any]) -> Any:
    found: Any = False
    for a in args:
        found = found | jnp.isnan(a)
    return found


def _of_infinities(y: Any, args: Sequence[Any]) -> Any:
    """Not a number, of infinite numbers; or of none that was nan before."""
    nan = jnp.isnan(y).any()
    infinite, before = [jnp.stack([test(a).any() for a in args]).any() for test in (jnp.isinf, jnp.isnan)]
    return nan & (infinite | ~before)
