"""The chain rule in a comment: ∂L/∂Z1 = ∂L/∂Z2 ∂Z2/∂A1 ∂A1/∂Z1, along the ways on which the loss needs Z1."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ..equations.reader import Reader
from ..ir import Array

_FARTHEST, _LONGEST = 5, 72  # how many steps a way has at most, and how long the whole may be


def sum_of(reader: Reader, g: Any) -> int | None:
    """The serial number of the weighted sum that an Array is the gradient of; None if it is none of one."""
    number = reader.gradients.get(g.serial) if isinstance(g, Array) else None
    return next((s for s, i in reader.sums.items() if i == number and s in reader.named), None)


def chain_rule(reader: Reader, g: Array, name: Callable[[int], str]) -> str:
    """How the gradient of a weighted sum comes from those further on; empty if the Array is none of one.

    Args:
        reader: of the program.
        g: the gradient.
        name: from the serial number of a named Array to its name on the page.
    """
    of = sum_of(reader, g)
    if of is None:
        return ""
    whole = f"∂L/∂{name(of)}"
    ways = _ways(reader, of)
    terms = []
    for way in ways:
        names = ["L", *[name(s) for s in reversed(way)], name(of)]
        terms.append(" ".join([f"∂{a}/∂{b}" for a, b in pairwise(names)]))
    text = f"{whole} = {' + '.join(terms)}"
    if not 0 < len(terms) <= 2 or len(text) > _LONGEST:
        return f"{whole}, the sum over all ways from {name(of)} to L"
    return whole if terms == [whole] else text


def _ways(reader: Reader, of: int) -> list[list[int]]:
    """The ways from a node through named ones, up to those that have a gradient of their own; none if it is far."""
    found: list[list[int]] = []
    stack: list[list[int]] = [[of]]
    while stack:
        way = stack.pop()
        if len(way) > _FARTHEST or len(found) > 2:
            return []
        for following in sorted(_next(reader, way[-1])):
            if following < 0 or following in reader.sums:
                found.append([*way[1:], *([following] if following >= 0 else [])])
            else:
                stack.append([*way, following])
    return sorted(found)


def _next(reader: Reader, serial: int) -> set[int]:
    """The nearest named nodes that need this one; -1 for the loss."""
    found: set[int] = set()
    seen: set[int] = set()
    stack = [serial]
    while stack:
        here = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        consumers = [x for x in reader.consumers.get(here, []) if x.serial in reader.forward]
        found |= {x.serial for x in consumers if x.serial in reader.named} | ({-1} if not consumers else set())
        stack += [x.serial for x in consumers if x.serial not in reader.named]
    return found
