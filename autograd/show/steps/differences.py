"""Where a pass in another order, or with `=` in the place of `+=`, first differs from the right one, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ... import kinks
from ...basics.messages import shortened
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
    """What is wrong with a pass, in a few sentences; "" for the right one."""
    compared = passed.compared
    if compared is None:
        return ""
    d = compared.difference
    if d is None:
        return passed.say("same")
    all_steps, once = map(figure_of_count, turns(compared))
    said = passed.say(
        d.kind,
        i=d.step + 1,
        node=passed.names[d.node],
        found=figure(d.found),
        right=figure(d.right),
        others=passed.texts["and"].join(shortened([str(i + 1) for i in d.others])),
        visits=figure_of_count(compared.visits[d.node]),
        all=all_steps,
        once=once,
    )
    return f"{said} {passed.say('cut', n=len(passed))}" if is_cut(passed) else said


def turns(compared: Comparison) -> tuple[int, int]:
    """How many steps the whole pass has, and how many the right one."""
    return sum(n for node, n in compared.visits.items() if node.op), len(compared.right)


def is_cut(passed: Pass[Any]) -> bool:
    """Whether only the first steps of the pass are there."""
    return passed.compared is not None and turns(passed.compared)[0] > len(passed)
