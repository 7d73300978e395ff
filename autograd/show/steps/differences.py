"""Where a pass in another order, or with `=` in the place of `+=`, first differs from the right one, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ... import kinks
from ...notation.text import figure, figure_of_count, is_number
from ...value import Value
from .orders import Order, visits
from .passes import Comparison, Difference, Pass, Step

_ROUNDING = 1e-12
"""Sums that are added in another order differ by less than this, times the sum of the sizes of all paths."""


def comparison(
    order: Order, accumulate: bool, steps: Sequence[Step], right: Pass[Step], computed: Sequence[Value]
) -> Comparison:
    """A pass beside the right one.

    Args:
        order: that of the pass.
        accumulate: whether it adds.
        steps: those of the pass.
        right: the right pass from the same output.
        computed: the nodes that it was computed from, each after its parents; itself the last.
    """
    counts = visits(order, computed, right.leaves)
    difference = _first(steps, accumulate, counts, right.gradients, computed)
    return Comparison(order, accumulate, right, difference, counts)


def _first(
    steps: Sequence[Step],
    accumulate: bool,
    counts: Mapping[Value, int],
    right: Mapping[Value, float],
    computed: Sequence[Value],
) -> Difference | None:
    sizes = _sizes(computed)
    received: dict[Value, tuple[float, int]] = {}  # what `=` would overwrite, and the step it came in

    def differs(node: Value, a: float, b: float) -> bool:
        return abs(a - b) > _ROUNDING * sizes[node] or math.isfinite(a) != math.isfinite(b)

    for i, step in enumerate(steps):
        node = step.node
        if counts[node] > 1 or differs(node, step.gradient, right[node]):
            late = tuple(j for j in range(i, len(steps)) if any(c.parent is node for c in steps[j].contributions))
            return Difference(
                "part" if counts[node] > 1 else "unfinished", i, None, node, step.gradient, right[node], late
            )
        for place, c in enumerate(step.contributions):
            if not accumulate and c.parent in received:
                before, when = received[c.parent]
                if differs(c.parent, c.sum_so_far, before + c.product):
                    return Difference("forgotten", i, place, c.parent, c.sum_so_far, before + c.product, (when,))
            received[c.parent] = (c.sum_so_far, i)
    return None


def _sizes(computed: Sequence[Value]) -> dict[Value, float]:
    """For each node the sum over all paths to it of the absolute products: what rounding is to be measured by."""
    sizes = dict.fromkeys(computed[-1:], 1.0)
    for node in reversed(computed):
        for parent, slope in kinks.slopes(node):
            if is_number(slope):
                sizes[parent] = sizes.get(parent, 0.0) + abs(slope) * sizes.get(node, 0.0)
    return sizes


def why(passed: Pass[Any]) -> str:
    """What is wrong with a pass, in a sentence or two."""
    compared = passed.compared
    assert compared is not None
    d = compared.difference
    if d is None:
        return _TEXTS["same"]
    others = " and ".join(str(i + 1) for i in d.others)
    parts = {"i": d.step + 1, "node": passed.names[d.node], "found": figure(d.found), "right": figure(d.right)}
    turns = {node: n for node, n in compared.visits.items() if node.op}
    counts = {"n": compared.visits[d.node], "all": sum(turns.values()), "once": len(turns)}
    said = _TEXTS[d.kind].format(others=others, **parts, **{k: figure_of_count(n) for k, n in counts.items()})
    return said + (_TEXTS["cut"].format(shown=len(passed)) if counts["all"] > len(passed) else "")


_TEXTS = {
    "same": "All numbers are those of the right pass: in this graph it makes no difference.",
    "unfinished": "Step {i} is the first that differs: {node} hands on {found}, but its gradient is {right}. The rest"
    " arrives in step {others}, too late: a node may have its turn only after all that was computed from it.",
    "part": "Step {i} is the first that differs: {node} hands on {found}, which came along one path, where its gradient"
    " is {right}. Recursion comes to {node} {n} times, once for each path to it: the sums are right in the end, but it"
    " takes {all} steps in place of {once}.",
    "forgotten": "Step {i} is the first that differs: = leaves {node} with {found}, where += gives {right}. What came"
    " in step {others} is forgotten: the gradient is the sum over all paths.",
    "cut": " It is cut here after {shown}, so the sums are not there yet.",
}
