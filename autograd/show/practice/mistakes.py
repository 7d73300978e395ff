"""Known wrong numbers: for a local derivative, a product, a sum, a gradient what comes out by each usual mistake.

All of them are computed from the graph, where the engine knows what a learner may have forgotten or exchanged. What is
said about each stands in texts.py, under the mistake's kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from ... import edges, graph, kinks
from ...basics.operand import FLAT
from ...notation.names import holds
from ...notation.text import figure
from ...notation.tightness import ATOM, Part
from ...value import Value
from ..explanation.paths import Path, arrows, count, largest
from ..steps.passes import Step, sign_of_gradient
from .slips import slips

Names = dict[Value, str]
Terms = list[tuple[Value, float]]
"""What has arrived at a node: numbers, each with the node that it came from."""

_OTHERS = 6  # numbers of the graph at which a derivative may have been taken by mistake
_PATHS = 6  # of a gradient, the largest
_LONGEST = 30  # factors of a path, each of which may be wrong


class Mistake(NamedTuple):
    """A wrong number, and how one comes to it.

    Args:
        value: the number.
        kind: the mistake, by its key in the table of texts.
        words: what stands for the gaps in its sentence.
        inner: the mistake in a part that this number was computed from.
    """

    value: float
    kind: str
    words: dict[str, str] = {}  # noqa: RUF012  never changed
    inner: Mistake | None = None


def symbol(names: Names, node: Value, place: int) -> str:
    """A local derivative as it is written: `∂c/∂a`; ∂₂c/∂a for the second place where c has a twice."""
    parents = graph.parents(node)
    parent = parents[place]
    twice = sum(x is parent for x in parents) > 1
    mark = str(place + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")) if twice else ""
    return f"∂{mark}{_word(names[node])}/∂{_word(names[parent])}"


def _word(name: str) -> str:
    return Part(name, holds(name)).within(ATOM)


def total(names: Names, output: Value, node: Value) -> str:
    """A gradient as it is written: `∂e/∂a`; `de/da` where ∂e/∂a is the local derivative, along one of several paths."""
    d = sign_of_gradient(output, node, names)
    return f"{d}{_word(names[output])}/{d}{_word(names[node])}"


def of_local(names: Names, node: Value, place: int) -> list[Mistake]:
    """The mistakes in a local derivative.

    Args:
        names: of all nodes of the graph.
        node: a computed Value.
        place: which of its local derivatives, by its place in `edges.slopes(node)`.
    """
    pairs = kinks.slopes(node)
    parent, slope = pairs[place]
    words = {"node": names[node], "parent": names[parent], "symbol": symbol(names, node, place)}
    found = [Mistake(-slope, "sign", words)]
    for i, (other, neighbour) in enumerate(pairs):
        if i != place and other is not parent:
            found.append(
                Mistake(neighbour, "neighbour", words | {"that": symbol(names, node, i), "other": names[other]})
            )
    for slip in slips(node, place, names.__getitem__):
        found.append(Mistake(slip.value, slip.kind, words | {"what": slip.what}))
    found.append(Mistake(node.data, "itself", words))
    found += _elsewhere(names, node, place, words)
    if slope:
        found.append(Mistake(1 / slope, "upside_down", words))
        found.append(Mistake(0.0, "none", words))
    return found


def _elsewhere(names: Names, node: Value, place: int, words: dict[str, str]) -> Iterable[Mistake]:
    """The derivative with another number of the graph in the place of one of its operands."""
    rule: Any = edges.rule(node)
    groups = graph.operands(node)
    if any(group.__class__ is tuple for group in groups):
        return
    leaves = islice((x for x in names if not x.op), _OTHERS)
    others = list(dict.fromkeys([node, *graph.parents(node), *leaves]))
    for i, operand in enumerate(groups):
        if not isinstance(operand, Value):
            continue
        for other in others[:_OTHERS]:
            if other.data == operand.data:
                continue
            numbers = [x.data if isinstance(x, Value) else x for x in groups]
            numbers[i] = other.data
            try:
                slopes = rule.slopes(rule.compute(tuple(numbers)), numbers, [x.__class__ is not float for x in groups])
            except (ValueError, ArithmeticError, TypeError):
                continue
            value = [slope for x, slope in zip(groups, slopes) if isinstance(x, Value)][place]
            yield Mistake(
                value,
                "elsewhere",
                words
                | {"other": names[other], "number": figure(other.data)}
                | {"name": names[operand], "wanted": figure(operand.data)},
            )


def of_product(names: Names, output: Value, step: Step, place: int, local: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes in a product of a local derivative and what arrives at the node; `local` are those in the first."""
    slope, gradient = step.contributions[place].local_derivative, step.gradient
    product = slope * gradient
    words = {"local": symbol(names, step.node, place), "slope": figure(slope), "node": names[step.node],
             "gradient": total(names, output, step.node), "arrives": figure(gradient)}  # fmt: skip
    found = [
        Mistake(-product, "sign", words),
        Mistake(slope, "no_gradient", words),
        Mistake(gradient, "no_local", words),
        Mistake(slope + gradient, "added", words),
    ]
    found += [Mistake(x.value * gradient, "in_local", words, x) for x in local[1:]]
    if slope:
        found.append(Mistake(gradient / slope, "divided", words))
    return found


def of_sum(
    names: Names, output: Value, step: Step, place: int, before: Terms, product: Sequence[Mistake]
) -> list[Mistake]:
    """The mistakes in a sum of what has arrived at a node so far.

    Args:
        names: of all nodes of the graph.
        output: what is differentiated.
        step: that of the backward pass which hands the last term on.
        place: of the contribution in it.
        before: the terms before it, each with the node that it came from.
        product: the mistakes in the term itself.
    """
    contribution = step.contributions[place]
    had = sum(x for _, x in before)
    words = {"parent": names[contribution.parent], "had": figure(had), "came": figure(contribution.product)}
    found = [
        Mistake(contribution.product, "overwritten", words),
        Mistake(had, "path", words | {"via": names[step.node], "number": figure(contribution.product)}),
    ]
    for node, term in before if len(before) > 1 else ():
        rest = had - term + contribution.product
        found.append(Mistake(rest, "path", words | {"via": names[node], "number": figure(term)}))
    found += [
        Mistake(had - contribution.product, "subtracted", words),
        Mistake(had * contribution.product, "multiplied", words),
        Mistake(-(had + contribution.product), "sign", words),
    ]
    return found + [Mistake(had + x.value, "in_product", words, x) for x in product]


def of_gradient(names: Names, output: Value, leaf: Value) -> list[Mistake]:
    """The mistakes in a whole gradient: the sum over all paths, each a product of local derivatives.

    Args:
        names: of all nodes of the graph.
        output: what is differentiated.
        leaf: what it is differentiated with respect to.
    """
    computed, leaves = graph.walk([output])
    ways = arrows(computed, output, leaf)
    paths = largest(ways, output, leaf, _PATHS) if count(ways, output, leaf) else []
    gradients = backward(computed, output)
    gradient = gradients.get(leaf, 0.0)
    words = {"symbol": total(names, output, leaf), "leaf": names[leaf], "output": names[output]}
    found = []
    if len(paths) > 1:
        found.append(Mistake(backward(computed, output, accumulate=False).get(leaf, 0.0), "assigned", words))
        found += [Mistake(gradient - p.product, "way", words | {"path": written(names, p)}) for p in paths]
        found += [Mistake(p.product, "only", words | {"path": written(names, p)}) for p in paths]
    found.append(Mistake(-gradient, "sign", words))
    for other in leaves:
        if other is not leaf:
            found.append(Mistake(gradients.get(other, 0.0), "other", words | {"other": total(names, output, other)}))
    for path in paths:
        found += _on(names, path, gradient, words, alone=len(paths) == 1)
    found.append(Mistake(output.data, "itself", words | {"node": names[output]}))
    return found + [Mistake(0.0, "none", words | {"node": names[output], "parent": names[leaf]})] * (gradient != 0)


def _on(names: Names, path: Path, gradient: float, words: dict[str, str], alone: bool) -> Iterable[Mistake]:
    """The mistakes on one path: each changes one factor of its product."""
    if alone and len(path.derivatives) == 1:
        yield from of_local(names, path.nodes[0], path.places[0])[1:]
        return
    words = words | {"path": written(names, path)}
    if not alone:
        yield Mistake(gradient - 2 * path.product, "sign_on", words)
    if len(path.derivatives) > _LONGEST:
        return
    deep = []
    for i, slope in enumerate(path.derivatives):
        rest = gradient - path.product
        others = math.prod([x for j, x in enumerate(path.derivatives) if j != i])
        local = symbol(names, path.nodes[i], path.places[i])
        if len(path.derivatives) > 1 and slope != 1:
            yield Mistake(rest + others, "factor_on", words | {"what": f"{local} = {figure(slope)}"})
        for x in of_local(names, path.nodes[i], path.places[i])[1:]:
            deep.append(Mistake(rest + others * x.value, "on", words | {"local": local}, x))
    yield from sorted(deep, key=lambda x: x.inner is not None and x.inner.kind in ("elsewhere", "upside_down", "none"))


def written(names: Names, path: Path) -> str:
    """A path from the leaf to the output: `a → c → e`."""
    steps = [names[node] for node in reversed(path.nodes)]
    return " → ".join(steps if len(steps) <= 5 else [*steps[:2], "…", *steps[-2:]])


def backward(computed: Sequence[Value], output: Value, accumulate: bool = True) -> dict[Value, float]:
    """The gradients of all nodes; with accumulate=False, `=` stands for `+=`, and what came before is lost."""
    gradients = {output: 1.0}
    for node in reversed(computed):
        g = gradients.get(node, 0.0)
        for parent, slope in kinks.slopes(node) if g else ():
            part = 0.0 if slope is FLAT else g * slope
            gradients[parent] = part + (gradients.get(parent, 0.0) if accumulate else 0.0)
    return gradients


def told_apart(right: float, mistakes: Iterable[Mistake], margin: Callable[[float], float]) -> list[Mistake]:
    """The mistakes whose numbers can be told from the right one, and each from those before it."""
    kept: list[Mistake] = []
    taken = [(right, margin(right))]
    for x in mistakes:
        room = margin(x.value)
        if math.isfinite(x.value) and all(abs(x.value - y) > room + other for y, other in taken):
            kept.append(x)
            taken.append((x.value, room))
    return kept
