"""The blanks of a backward pass: what is asked at each step, what is right, and three hints that come ever nearer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from typing import Any, NamedTuple

from ... import edges, graph
from ...notation.formulas import Formula, derivative
from ...notation.mathml import bracketed, name, number, sign
from ...notation.mathml import derivative as fraction
from ...notation.names import cut
from ...notation.text import figure
from ...notation.tightness import PRODUCT
from ...notation.told import slopes
from ...rules import Rule
from ...value import Value
from ..steps.passes import Contribution, Listed, Pass, Step, sign_of_gradient
from ..steps.steps import steps
from .answers import Key, key, named
from .elsewhere import Place, elsewhere
from .mistakes import Mistake, Names, Terms, of_local, of_product, of_sum, symbol, total
from .texts import text

PARTS = ("local", "product", "sum")
"""What can be asked at a step, besides the gradient that the pass begins with."""

_LONG = 60  # characters of a formula in a hint


class Blank(NamedTuple):
    """A number that is asked for.

    Args:
        part: "seed" for the gradient that the pass begins with, "local", "product" or "sum".
        step: which step of the pass it belongs to, counted from 0; -1 for the seed.
        place: which contribution of the step.
        asked: what is asked for, in words.
        formula: the same as text: `∂e/∂c`.
        mathml: the same in MathML.
        key: what an answer is compared with.
        hints: three sentences, each nearer to the answer.
    """

    part: str
    step: int
    place: int
    asked: str
    formula: str
    mathml: str
    key: Key
    hints: tuple[str, ...]


class Questions(Listed[Blank]):
    """The blanks of a backward pass as a record; its arguments are those of `Practice`."""

    def __init__(self, passed: Pass[Any], blanks: Iterable[Blank], tolerance: float, language: str) -> None:
        self.passed = passed
        self.tolerance = tolerance
        self.language = language
        self.numbers = named(passed.names)
        self._items = tuple(blanks)

    @property
    def title(self) -> str:
        """What it is, in a line."""
        output = self.passed.output
        number = figure(self.passed.data[output])
        return text("title", self.language, output=self.passed.names[output], number=number)

    @cached_property
    def elsewhere(self) -> list[tuple[Place, list[float]]]:
        """The graph at other numbers, and what is right there at each blank: a formula is told from a mere number."""
        found = []
        for place in elsewhere(self.passed.names, self.passed.output):
            with suppress(
                ValueError, ArithmeticError, RuntimeError, IndexError
            ):  # it has no gradient there, or it is 0
                passed = steps(place.node[self.passed.output], max_nodes=len(place.node))
                right = [_right(passed, blank) for blank in self]
                if all(map(math.isfinite, right)):
                    found.append((place, right))
        return found


def _right(passed: Pass[Step], blank: Blank) -> float:
    """What is right at a blank in another pass over the same graph."""
    if blank.part == "seed":
        return 1.0
    c = passed[blank.step].contributions[blank.place]
    return {"local": c.local_derivative, "product": c.product, "sum": c.sum_so_far}[blank.part]


def blanks(passed: Pass[Step], parts: tuple[str, ...], tolerance: float, language: str) -> Iterator[Blank]:
    """All blanks of a backward pass, in its order; where a number isn't finite, nobody is asked for it.

    Args:
        passed: the steps.
        parts: what is asked for, of `PARTS`.
        tolerance: the share of a number by which an answer may differ from it.
        language: of all that is said.
    """
    names, output = passed.names, passed.output
    mistakes = [Mistake(0.0, "none", {"node": names[output], "parent": names[output]})]
    mistakes.append(Mistake(output.data, "itself", {"node": names[output]}))
    mistakes.append(Mistake(-1.0, "sign"))
    hints = tuple(text(f"hint_seed_{i}", language, output=names[output]) for i in (1, 2, 3))
    itself, markup = total(names, output, output), name(names[output])
    asked = text("ask_seed", language)
    seed = key(1.0, mistakes, (), tolerance)._replace(wrong="wrong_seed")
    yield Blank("seed", -1, 0, asked, itself, fraction(markup, markup), seed, hints)
    arrived: dict[Value, Terms] = {}
    for i, step in enumerate(passed):
        for place, c in enumerate(step.contributions):
            before = arrived.setdefault(c.parent, [])
            for part, known in _keys(passed, step, place, before, tolerance).items():
                if part in parts and math.isfinite(known.right):
                    yield _blank(passed, i, place, part, before, known, language)
            before.append((step.node, c.product))


def _keys(passed: Pass[Step], step: Step, place: int, before: Terms, tolerance: float) -> dict[str, Key]:
    """What the answers to the parts of a contribution are compared with; its sum is asked for where there is one."""
    names, output, c = passed.names, passed.output, step.contributions[place]
    local = of_local(names, step.node, place)
    product = of_product(names, output, step, place, local)
    keys = {"local": key(c.local_derivative, local, (), tolerance), "product": key(c.product, product, (), tolerance)}
    if before:
        wrong = of_sum(names, output, step, place, before, product)
        keys["sum"] = key(c.sum_so_far, wrong, [*[x for _, x in before], c.product], tolerance)
    return keys


def _blank(passed: Pass[Step], i: int, place: int, part: str, before: Terms, known: Key, language: str) -> Blank:
    names, output, step = passed.names, passed.output, passed[i]
    c = step.contributions[place]
    words = {
        "node": names[step.node], "called": passed.called(step.node), "parent": names[c.parent],
        "symbol": symbol(names, step.node, place), "gradient": total(names, output, step.node),
        "slope": _factor(c.local_derivative), "arrives": _factor(step.gradient),
        "had": figure(sum(x for _, x in before)), "came": _factor(c.product),
    }  # fmt: skip
    if part == "local":
        words |= _derived(names, step.node, place, language)
    formula = {
        "local": words["symbol"],
        "product": f"{words['symbol']} · {words['gradient']}",
        "sum": total(names, output, c.parent),
    }[part]
    hints = tuple(text(f"hint_{part}_{n}", language, **words) for n in (1, 2, 3))
    asked = text(f"ask_{part}", language, **words)
    return Blank(part, i, place, asked, formula, _markup(passed, step, place, part, before), known, hints)


def _factor(x: float) -> str:
    return f"({figure(x)})" if x < 0 else figure(x)


def _derived(names: Names, node: Value, place: int, language: str) -> dict[str, str]:
    """The words for the hints to a local derivative: the rule, and its formula with the names of this graph."""
    used = [node, *dict.fromkeys(graph.parents(node))]
    passed: list[Value] = []

    def write(x: Value) -> Formula:
        passed.append(x)
        return Formula.name(names[x], x.data)

    formula = derivative(node, place, write)
    written = "?" if formula is None else cut(formula.text, _LONG)
    inside = [x for x in used if names[x] in written]
    numbers = ", ".join(f"{names[x]} = {figure(x.data)}" for x in inside)
    return {
        "rule": _told(edges.rule_of(node)),
        "formula": written,
        "numbers": text("with", language, numbers=numbers) if numbers else "",
    }


@cache
def _told(rule: Rule) -> str:
    lines = [line.strip() for line in slopes(rule).splitlines()[:-1]]
    return f"y = {rule.formula}: {', '.join(lines)}" if lines else f"y = {rule.formula}"


def _gradient(passed: Pass[Step], node: Value) -> str:
    """The output's derivative with respect to a node, in MathML."""
    output, x = (name(passed.names[x]) for x in (passed.output, node))
    return fraction(output, x, sign_of_gradient(passed.output, node, passed.names))


def _markup(passed: Pass[Step], step: Step, place: int, part: str, before: Terms) -> str:
    """What is asked for, in MathML, up to the place of the blank."""
    c: Contribution = step.contributions[place]
    slope = fraction(name(passed.names[step.node]), name(passed.names[c.parent]))
    gradient, whole = (_gradient(passed, x) for x in (step.node, c.parent))
    if part == "local":
        return slope
    if part == "product":
        numbers = [number(x).within(PRODUCT) for x in (c.local_derivative, step.gradient)]
        return f"{slope}{sign('·')}{gradient}{sign('=')}{numbers[0]}{sign('·')}{numbers[1]}"
    had = number(sum(x for _, x in before))
    return f"{whole}{sign('=')}{had.text}{sign('+')}{bracketed(number(c.product).text, c.product < 0)}"
