"""What a player shows at each position of a pass: which numbers are new there, what is marked, and the formula.

The numbers go into the parts of the picture, by the keys that layout.py gives them; `n3.0` is the first product of a
`dot`. player.js adds up what the positions say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ... import graph
from ...notation.mathml import Markup, computed, derivative, formula, name, number, sign
from ...notation.text import figure, figure_of_count, is_number
from ...notation.tightness import PRODUCT, SUM
from ...value import Value
from ..drawing.extent import Number, operands
from .differences import is_cut, turns, why
from .layout import arrow, keys, plain_arrows
from .passes import Contribution, ForwardStep, Pass, Step, sign_of_gradient
from .products import products
from .table import computation, product


@dataclass
class Position:
    """A position in the pass, under the names by which the script reads it.

    Args:
        head: what happens, in a sentence.
        count: which step it is, `step 2 / 3`, or that it is before the first or after the last.
        numbers: its numbers in words, for those who hear the page.
        formulas: the same in MathML.
        texts: what is written into the parts of the picture, from here on.
        complete: the nodes whose number doesn't change any more.
        marks: the parts that are marked here: the one node that is `active`, those `receiving`, and the `lit` arrows,
            each `positive` or `negative` by the number that flows there.
        flights: the arrows whose numbers fly in, and the node that each comes from.
    """

    head: str
    count: str = ""
    numbers: str = ""
    formulas: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    complete: list[str] = field(default_factory=list)
    marks: dict[str, list[str]] = field(default_factory=dict)
    flights: dict[str, str] = field(default_factory=dict)


def positions(passed: Pass[Any]) -> list[Position]:
    """All of a player's positions.

    Args:
        passed: the steps of a pass.

    Returns:
        A position before the first step, one for each step, and in a backward pass one for the leaves at the end.
    """
    named = keys(passed)
    found = _backward(passed, named) if passed.gradients else _forward(passed, named)
    for i, position in enumerate(found):
        place = "count" if 0 < i <= len(passed) else "row_done" if i else "count_start"
        position.count = passed.say(place, i=i, n=len(passed))
    return found


def _symbols(passed: Pass[Any]) -> dict[Value, Markup]:
    """For each node its name in formulas; one that is called by what computed it is set as a formula."""
    found: dict[Value, Markup] = {}
    for node in passed.data:
        automatic = not node.label and graph.parents(node) and passed.called(node) == passed.names[node]
        found[node] = computed(node, lambda x: found.get(x) or number(x)) if automatic else name(passed.names[node])
    return found


def _backward(passed: Pass[Step], keys: dict[Value, str]) -> list[Position]:
    symbols = _symbols(passed)
    totals = {
        x: derivative(symbols[passed.output], symbols[x], sign_of_gradient(passed.output, x, symbols)) for x in symbols
    }
    last = {c.parent: i for i, step in enumerate(passed) for c in step.contributions}
    sums = {**dict.fromkeys(passed.data, 0.0), passed.output: 1.0}
    compared = passed.compared
    adds = compared is None or compared.accumulate
    more = " + …" if adds else ""
    start = Position(passed.say("backward_begins", output=passed.names[passed.output]))
    start.formulas = _equation(totals[passed.output], 1.0)
    start.numbers = passed.say("has_gradient", node=passed.names[passed.output], number=figure(1.0))
    start.texts[keys[passed.output]] = figure(1.0)
    start.complete = start.marks["receiving"] = [keys[passed.output]]
    found = [start]
    for i, step in enumerate(passed):
        key = keys[step.node]
        said = {"i": i + 1, "n": len(passed), "node": passed.called(step.node, room=60)}
        here = Position(passed.say("hands_on" if compared else "complete", number=figure(step.gradient), **said))
        if not step.contributions:
            here.head += " " + passed.say("zero")
        here.numbers = " ".join(
            [passed.say("it_is", number=figure(step.gradient)), *(_heard(passed, step, c) for c in step.contributions)]
        )
        late = last.get(step.node, -1) > i  # only in a wrong pass
        here.texts[key] = figure(sums[step.node]) + (more if late else "")
        here.complete += [] if late else [key]
        here.marks["active"] = [key]
        for j, c in enumerate(step.contributions):
            here.texts[arrow(key, j)] = product(step, c)
            here.flights[arrow(key, j)] = key
            here.texts[keys[c.parent]] = figure(c.sum_so_far) + (more if last[c.parent] > i else "")
            before = sums[c.parent] if adds else None
            here.formulas += _contribution(step, c, before, symbols, totals)
            sums[c.parent] = c.sum_so_far
        parents = list(dict.fromkeys(c.parent for c in step.contributions))
        here.complete += [keys[parent] for parent in parents if last[parent] == i]
        here.marks["receiving"] = [keys[parent] for parent in parents]
        here.marks |= _lit({arrow(key, j): c.product for j, c in enumerate(step.contributions)})
        if compared and compared.difference and compared.difference.step == i:
            _mark(here, keys[compared.difference.node], compared.difference.found, compared.difference.right)
            here.numbers += " " + why(passed)
        found.append(here)
    return [*found, _end(passed, totals, keys)]


def _lit(flows: dict[str, Any]) -> dict[str, list[str]]:
    """The marks of arrows by the numbers that flow there."""
    found = {"lit": list(flows), "positive": [], "negative": []}
    for key, flow in flows.items():
        if is_number(flow) and flow:
            found["positive" if flow > 0 else "negative"].append(key)
    return found


def _mark(position: Position, key: str, found: float, right: float) -> None:
    """A number that isn't the right one, and the right one beside it: `3 ≠ 5`."""
    position.texts[key] = f"{figure(found)} ≠ {figure(right)}"
    position.marks["wrong"] = [*position.marks.get("wrong", []), key]


def _end(passed: Pass[Step], totals: dict[Value, str], keys: dict[Value, str]) -> Position:
    """After the last step: the gradients of the leaves."""
    done = Position(passed.say("done"))
    for leaf in passed.leaves:
        done.texts[keys[leaf]] = figure(passed.gradients[leaf])
        done.formulas += _equation(totals[leaf], passed.gradients[leaf])
    done.numbers = " ".join(
        [passed.say("has", node=passed.names[x], number=figure(passed.gradients[x])) for x in passed.leaves]
    )
    done.complete = done.marks["receiving"] = list(done.texts)
    compared = passed.compared
    if compared and compared.difference:
        for leaf in passed.leaves:
            if done.texts[keys[leaf]] != figure(compared.right.gradients[leaf]):
                _mark(done, keys[leaf], passed.gradients[leaf], compared.right.gradients[leaf])
    if compared and is_cut(passed):
        done.head = passed.say("cut_end", n=len(passed), all=figure_of_count(turns(compared)[0]))
    elif "wrong" in done.marks:
        done.head = passed.say("wrong_end")
    return done


def _heard(passed: Pass[Step], step: Step, c: Contribution) -> str:
    """`b receives 1 times 3, which is 3; so far 5.`"""
    numbers = {"slope": c.local_derivative, "gradient": step.gradient, "product": c.product, "sum": c.sum_so_far}
    return passed.say("receives", node=passed.names[c.parent], **{name: figure(x) for name, x in numbers.items()})


def _contribution(
    step: Step, c: Contribution, before: float | None, symbols: dict[Value, Markup], totals: dict[Value, str]
) -> str:
    """∂e/∂b += ∂d/∂b · ∂e/∂d, and below it the numbers; without what was there before, `=` in the place of `+=`."""
    slope, gradient = derivative(symbols[step.node], symbols[c.parent]), totals[step.node]
    numbers = [number(x).within(PRODUCT) for x in (c.local_derivative, step.gradient)]
    sum_before = sign("=") if before is None else f"{sign('=')}{number(before).within(SUM)}{sign('+')}"
    return formula(
        [totals[c.parent], sign("=" if before is None else "+="), slope, sign("·"), gradient],
        [number(c.sum_so_far).within(SUM), sum_before, numbers[0], sign("·"), numbers[1]],
    )


def _equation(left: str, right: float) -> str:
    return formula([left, sign("="), number(right).within(SUM)])


def _forward(passed: Pass[ForwardStep], keys: dict[Value, str]) -> list[Position]:
    symbols = _symbols(passed)
    given = Position(passed.say("forward_begins"))
    for leaf in passed.leaves:
        given.texts[keys[leaf]] = figure(passed.data[leaf])
        given.formulas += _equation(name(passed.names[leaf]).within(SUM), passed.data[leaf])
    given.numbers = " ".join(
        [passed.say("is", node=passed.names[x], number=figure(passed.data[x])) for x in passed.leaves]
    )
    given.complete = given.marks["receiving"] = list(given.texts)
    found = [given]
    for i, step in enumerate(passed, 1):
        key = keys[step.node]
        numbers = computation(passed, step)
        here = Position(passed.say("computed", i=i, n=len(passed), node=passed.called(step.node), numbers=numbers))
        flows = {arrow(key, j): passed.data[parent] for j, parent in enumerate(graph.parents(step.node))}
        for j, parent in enumerate(graph.parents(step.node)):
            here.texts[arrow(key, j)] = figure(passed.data[parent])
            here.flights[arrow(key, j)] = keys[parent]
        here.texts |= {f"{key}.{j}": line for j, line in enumerate(products(passed, step.node))}
        here.texts[key] = figure(step.data)
        here.complete.append(key)
        plain = [x.number for x in operands(step.node) if isinstance(x, Number)]
        here.marks = {"active": [key], **_lit(flows | dict(zip(plain_arrows(key, step.node), plain)))}
        here.formulas = _computation(passed, step, symbols)
        found.append(here)
    return found


def _computation(passed: Pass[ForwardStep], step: ForwardStep, symbols: dict[Value, Markup]) -> str:
    """c = a + b, and below it the numbers."""
    node = step.node
    named = passed.called(node) != passed.names[node]
    return formula(
        [
            symbols[node].within(SUM) if named else "",
            sign("=") if named else "",
            computed(node, lambda x: symbols.get(x) or number(x)).within(SUM),
        ],
        [
            number(step.data).within(SUM),
            sign("="),
            computed(node, lambda x: number(passed.data.get(x, x))).within(SUM),
        ],
    )
