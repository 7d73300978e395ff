"""Walking a graph, from a node back to the leaves: order, operands, and what can have gone wrong on the way.

A node keeps its rule and its operands: `_a` and `_b` for one or two operands, each a Value or a float; `_a` alone, as a
tuple of groups, for the n-ary rules, where a group is a tuple of Values, a `Floats`, a Value or a float. Each walk is a
loop with its own stack, so the depth of a graph is bounded by memory only.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

from .basics.messages import shown
from .basics.operand import Operand
from .rules import Floats, Nary, Unary, flat, written

if TYPE_CHECKING:
    from .value import Value


def operands(node: Value) -> tuple[Any, ...]:
    """What the node's rule was applied to: Values and floats, in tuples for the groups of an n-ary rule."""
    if isinstance(node._rule, Nary):
        return tuple(node._a)
    return (node._a,) if node._b is None else (node._a, node._b)


def parents(node: Value) -> tuple[Value, ...]:
    """The Values that the node was computed from, in order; one that is used twice is there twice."""
    if node._rule is None:
        return ()
    return tuple([x for x in flat(operands(node)) if x.__class__ is not float])


_NO_GROUPS: list[Any] = []


def walk(roots: Iterable[Value], ends: Iterable[Value] = ()) -> tuple[list[Value], list[Value]]:
    """The nodes that the roots depend on, themselves included: the computed ones (parents first) and the leaves.

    The walk doesn't look behind the nodes in `ends`; they are listed among the leaves.
    """
    computed: list[Value] = []
    leaves = list(ends)
    seen: set[Any] = set(leaves)  # nodes that were met, and the ids of groups whose nodes have all been dealt with
    stack: list[Any] = list(roots)
    while stack:
        node = stack.pop()
        if node.__class__ is list:  # all parents of the node below this mark, and so these groups, are dealt with
            if node:
                seen.update(map(id, node))
            computed.append(stack.pop())
            continue
        if node in seen:
            continue
        seen.add(node)
        if node._rule is None:
            leaves.append(node)
            continue
        stack.append(node)
        a, b = node._a, node._b
        if a.__class__ is not tuple:
            stack.append(_NO_GROUPS)
            if a.__class__ is not float:
                stack.append(a)
            if b is not None and b.__class__ is not float:
                stack.append(b)
            continue
        # the neurons of a layer share the tuple of their inputs: only the first of them needs to look into it
        groups = [group for group in a if group.__class__ is tuple and id(group) not in seen]
        stack.append(groups)
        for group in groups:
            stack.extend(group)
        for operand in a:
            if operand.__class__ is not tuple and operand.__class__ is not float and operand.__class__ is not Floats:
                stack.append(operand)
    return computed, leaves


def topological_order(*roots: Value) -> list[Value]:
    """Every node that the roots depend on, themselves included, each one after all of its parents.

    Args:
        roots: the Values to start from.

    Returns:
        A list of Values: the leaves first, then the computed nodes.

    Raises:
        TypeError: if a root is no Value.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> [node.label or node.op for node in topological_order((a + b) * b)]
    ['b', 'a', '+', '*']
    """
    for root in roots:
        if not isinstance(root, Operand):
            mend = ": pass the Values in it one by one" if isinstance(root, (list, tuple)) else ""
            raise TypeError(f"roots must be Values, got {shown(root)}{mend}")
    computed, leaves = walk(roots)
    return leaves + computed


def slopes(node: Value, as_values: bool = False, wanted: Container[Value] | None = None) -> list[tuple[Value, Any]]:
    """The local derivatives of a computed node: pairs (parent, ∂node/∂parent), one for each operand that is a Value.

    This reads the rules in general; the sweep of `backward()` in value.py does so for floats, in place and faster.

    Args:
        node: a Value that some rule computed.
        as_values: False for slopes that are floats; True to compute them on the graph, so that they can be
            differentiated again.
        wanted: the parents that matter, None for all; of the others only slopes that come for free are in the list.

    Raises:
        ValueError, ZeroDivisionError: if a local derivative doesn't exist at these operands.
    """
    rule: Any = node._rule
    numbers = [read(operand, as_values) for operand in operands(node)]
    y = node if as_values else node._data
    found: tuple[Any, ...]
    try:
        if isinstance(rule, Nary):
            found = rule.d(y, *numbers)
        elif isinstance(rule, Unary):
            found = (rule.da(y, *numbers),)
        else:
            found = tuple(
                None if x.__class__ is float or (wanted is not None and x not in wanted) else d(y, *numbers)
                for x, d in zip(operands(node), (rule.da, rule.db))
            )
    except (ValueError, ArithmeticError) as cause:
        raise no_slope(node, cause) from None
    pairs: list[tuple[Value, Any]] = []
    for operand, slope in zip(operands(node), found):
        if operand.__class__ is tuple:
            pairs.extend(zip(operand, slope))
        elif operand.__class__ is not float and operand.__class__ is not Floats and slope is not None:
            pairs.append((operand, slope))
    return pairs


def read(operand: Any, as_values: bool = False) -> Any:
    """An operand as a rule wants it: the number in it, or itself."""
    if as_values or operand.__class__ is float or operand.__class__ is Floats:
        return operand
    if operand.__class__ is tuple:
        return [x._data for x in operand]
    return operand._data


def describe(node: Value) -> str:
    """How a node came to be, for an error message: `exp(a=1000.0)`, or for a leaf `the leaf a=nan`."""
    if node._rule is None:
        return f"the leaf {node._written()}"
    return written(node._rule, operands(node))


def first_nonfinite(*roots: Value) -> Value | None:
    """The first node, parents before children, whose data is infinite or not a number; None if all are finite."""
    for node in topological_order(*roots):
        if not math.isfinite(node._data):
            return node
    return None


def not_finite(node: Value, gradient: float, roots: Iterable[Value], before: float = 0.0) -> Exception:
    """The error for a gradient that is infinite or not a number, by itself or added to the one before."""
    if math.isfinite(gradient):
        return ValueError(
            f"the gradient of {node._written()} adds up to {before + gradient}: it was {before} before this call;"
            " set it to 0.0, as zero_grad() does"
        )
    return ValueError(f"the gradient of {node._written()} is {gradient}{culprit(*roots)}")


def culprit(*roots: Value, way: str = "on the way back") -> str:
    """The end of an error message: where the first number that isn't finite comes from."""
    node = first_nonfinite(*roots)
    if node is None:
        return f": it overflowed {way}"
    return f": the first number that is not finite is {describe(node)}" + (f" = {node._data}" if node._rule else "")


def no_slope(node: Value, cause: Exception) -> Exception:
    """The error for a local derivative that doesn't exist, of the type that Python's arithmetic raises."""
    kind = ZeroDivisionError if isinstance(cause, ZeroDivisionError) else ValueError
    return kind(f"{describe(node)} has no finite derivative there ({cause})")


def check(roots: Iterable[Value], computed: list[Value], leaves: list[Value]) -> None:
    """Refuse a graph without gradients: one that isn't finite, or that doesn't hold the numbers it was made with."""
    for root in roots:
        if not math.isfinite(root._data):
            raise ValueError(f"cannot differentiate {root._written()}{culprit(root)}")
    check_unchanged(computed, leaves)  # once, however many roots there are: it looks at every node


def check_unchanged(computed: list[Value], leaves: list[Value]) -> None:
    """Refuse a graph that doesn't hold the numbers it was made with.

    A node reads its operands on the way back, so an operand that was assigned to in the meantime would give a wrong
    gradient. Each node knows the time of its making, each leaf the time of its last assignment.
    """
    times = [node._time for node in computed]
    if max([leaf._time for leaf in leaves], default=0) <= min(times, default=0) and math.inf not in times:
        return  # nearly always: no leaf was assigned to since the first of these nodes was made
    for node in computed:
        if node._time == math.inf:
            raise RuntimeError(
                f"{node._written()} is the result of an operation ({node.op}) that was then assigned to, so its"
                " operands don't explain it any more: assign to leaves only, or detach() it first"
            )
        for parent in parents(node):
            if parent._time > node._time:
                raise RuntimeError(
                    f"{parent._written()} was assigned to after {node.op} had used it, so the gradient would mix old"
                    " and new numbers: compute the output again, then call backward()"
                )
