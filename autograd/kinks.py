"""What becomes of a gradient where a slope is infinite, or doesn't exist: decided here once, for every way to derive.

- A slope that is FLAT (basics/operand.py) hands nothing on, whatever it is multiplied with: the result doesn't depend
  on that operand nearby. So `sqrt(relu(x))` at -1 has the gradient 0, though the slope of the root is infinite; and so
  has what loses in a `maximum`. The same holds for an input that doesn't move in forward mode, and for an output that
  isn't asked for in reverse mode.
- Any other slope takes part in the product, in either order. An infinite one makes an infinite gradient, or with a
  gradient of 0, which is but a number, one that is not defined: `sqrt(x) ** 2` at 0 is 0 · ∞. One that doesn't exist
  makes one that is not defined. Computed nodes may have such a gradient in their `.grad`; where it arrives at what is
  asked for, it is an error that names the operation with that slope.

`backward()` asks for all this only where what it has computed, quickly, is not finite (sweeps.py).
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import Any

from . import edges
from .basics.operand import FLAT, where
from .faults import culprit, not_finite
from .graph import Node, parents
from .modes import flat_choices

Gradients = dict[Any, Any]
"""For each node that some gradient, or tangent, has come to: what it is."""


def slopes(node: Node, as_values: bool = False, wanted: Container[Any] | None = None) -> list[tuple[Any, Any]]:
    """As `edges.slopes`, with nan where there is none."""
    try:
        return edges.slopes(node, as_values, wanted)
    except (ValueError, ArithmeticError):
        found: list[tuple[Any, Any]] = []
        for parent in dict.fromkeys(parents(node)):
            try:
                found += [(x, slope) for x, slope in edges.slopes(node, as_values, {parent}) if x is parent]
            except (ValueError, ArithmeticError):
                found.append((parent, math.nan))
        return found


def back(computed: Sequence[Any], gradients: Gradients, needed: Container[Any], as_values: bool = False) -> None:
    """The chain rule from the last node to the first: each hands its gradient on to those operands that are needed.

    Args:
        computed: the nodes, each after its parents.
        gradients: those of the outputs; the others are added to them.
        needed: the nodes that lead to what is asked for.
        as_values: whether the gradients are to be differentiated again.
    """
    choices = flat_choices()
    for node in reversed(computed):
        g = gradients.get(node)
        if g is None:
            continue
        for parent, slope in slopes(node, as_values, needed):
            if parent in needed and slope is not FLAT:
                if slope.__class__ is float and slope == 1.0:
                    part = g
                else:
                    part = g * slope if choices is None else times(g, slope, choices)
                if part is not FLAT:  # as a function that is computed anew may say
                    gradients[parent] = gradients[parent] + part if parent in gradients else part


def forth(computed: Sequence[Any], tangents: Gradients, as_values: bool = False) -> None:
    """The chain rule from the first node to the last; the tangents of the inputs are given, the others added ."""
    choices = flat_choices()
    for node in computed:
        if tangents.keys().isdisjoint(parents(node)):
            continue
        for parent, slope in slopes(node, as_values, tangents):
            if parent in tangents and slope is not FLAT:
                t = tangents[parent]
                part = slope * t if choices is None else times(slope, t, choices)
                tangents[node] = tangents[node] + part if node in tangents else part


def times(a: Any, b: Any, choices: dict[Any, tuple[Any, ...]]) -> Any:
    """The product of a slope and a gradient or tangent while a function is compiled: a choice of FLAT stays one.

    Args:
        a, b: the two, in either order.
        choices: those of FLAT, as `modes.flat_choices` gives them.
    """
    for chosen, other in ((a, b), (b, a)):
        if isinstance(chosen, Node) and chosen in choices:
            condition, *branches = choices[chosen]
            return where(condition, *[x if x is FLAT else times(x, other, choices) for x in branches])
    return a * b


def chain_rule(root: Node, seed: float, computed: Sequence[Any], leaves: Sequence[Any]) -> None:
    """As that of sweeps.py, with an error for the gradient of a leaf that is not finite."""
    gradients = {root: seed} if seed else {}
    back(computed, gradients, {*computed, *leaves})
    for node in (*leaves, *computed):
        g = gradients.get(node, 0.0)
        node._grad = g if isinstance(g, float) else 0.0  # that of a checkpoint is no number
    for leaf in leaves:
        if not math.isfinite(leaf._grad):
            raise refusal(leaf, gradients, computed, [root]) from None


def refusal(
    x: Node, found: Gradients, computed: Sequence[Any], roots: Sequence[Any], what: str = "gradient"
) -> Exception:
    """The error for a gradient, or a "tangent", of x that is not finite: it names the operation whose slope made it so.

    Args:
        x: the node.
        found: the gradients, or the tangents, of all nodes.
        computed: the nodes, each after its parents.
        roots: what is differentiated.
        what: which of the two it is.
    """
    blamed: dict[Any, Exception] = {}
    for node in reversed(computed) if what == "gradient" else computed:
        for parent, slope in slopes(node):
            start, end = (node, parent) if what == "gradient" else (parent, node)
            if start not in found or end in blamed or slope is FLAT:
                continue
            cause = blamed.get(start) or _cause(node, parent, slope, number(found[start]), what)
            if cause is not None:
                blamed[end] = cause
    if x in blamed:
        return blamed[x]
    if what == "gradient":
        return not_finite(x, number(found[x]), roots)
    return ValueError(f"the tangent of {edges.named(x)} is {number(found[x])}{culprit(*roots, way='on the way')}")


def _cause(node: Node, parent: Node, slope: Any, g: Any, what: str) -> Exception | None:
    """The error for a slope that makes a gradient g one that is not defined; None if it doesn't."""
    if slope.__class__ is not float:
        return slope.refusal(g) if hasattr(slope, "refusal") else None  # of a function that is computed anew
    if math.isfinite(slope) or (math.isinf(slope) and g != 0):  # an infinite one makes an infinite gradient
        return None
    if math.isnan(slope) and not all(math.isfinite(x._data) for x in parents(node)):
        return None  # what made an operand infinite is to blame, and is found as such
    kind: type[Exception] = ValueError
    what_slope = "no finite derivative there" if math.isnan(slope) else "a derivative that is too large for a float"
    why = f"{edges.describe(node)} has {what_slope}"
    try:
        edges.slopes(node, wanted={parent})
    except (ValueError, ArithmeticError) as error:
        kind, why = type(error), str(error)  # not the error, which holds this frame: a cycle would keep the graph
    times = f", and a {what} of 0 times it is not defined: choose with where(), relu() or maximum() what is to count"
    return kind(f"{why}{times if g == 0 else ''}")


def number(x: Any) -> Any:
    """The number of a gradient, which may be a Value."""
    return x.data if isinstance(x, Node) else x
