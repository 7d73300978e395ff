"""Names for the nodes of a graph, and how each was computed, written with these names: `d = b + 1`.

A label is a name already. A node without one is called by what computed it where that is short, `a + b`, and by a
number otherwise, `v1`. All is plain text of one line; markup is made of it elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .. import edges, graph, ops
from ..basics.groups import flat
from ..basics.messages import shortened
from ..rules import Rule
from ..value import Value
from .short import labels
from .text import figure
from .tightness import ATOM, OPERATORS, QUOTIENT, SUM, Part, Pattern, applied, infix

_PATTERNS = {rule: Pattern(infix(rule), row.holds, row.step) for rule, row in OPERATORS.items()}
_LONGEST = 22  # characters of a label: layers.0.neurons.1.w.0 is one
_SHORT = 11  # what computed a node is its name up to this length, such as (a + b) * c


def names(nodes: Iterable[Value], full: bool = False) -> dict[Value, str]:
    """A name for each node, no two of them the same; automatic ones count in the order in which one reads.

    Args:
        nodes: Values, each after its parents.
        full: True for the parameters of a network under their full names, `layers.0.neurons.0.w.1` for `w₁₂⁽¹⁾`.

    >>> a, b, x = Value(2.0, label="a"), Value(1.0), Value(3.0, label="a")
    >>> c = a * b
    >>> list(names([a, b, x, c, c / x]).values())
    ['a', 'v1', 'a#2', 'a * v1', 'v2']
    """
    nodes = list(nodes)
    found: dict[Value, str] = {}
    called = {node: cut(label) for node, label in labels(nodes, full).items()}
    taken = set(called.values())  # no automatic name is also a label
    used: set[str] = set()
    numbered = 0
    for node in as_read(nodes):
        name = label = called[node]
        count = 1
        while label and name in used:  # the same label again
            count += 1
            name = f"{label}#{count}"
        if not label and node.op:
            name = written(node, found.__getitem__)
        while not label and (not name or len(name) > _SHORT or name in taken or name in used):
            numbered += 1
            name = f"v{numbered}"
        used.add(name)
        found[node] = name
    return {node: found[node] for node in nodes}


def as_read(nodes: list[Value]) -> list[Value]:
    """The nodes with the first operands first: those of the first neuron before those of the second."""
    inner = {x for node in nodes for x in graph.parents(node)}
    left = dict.fromkeys(nodes)
    stack: list[Any] = [node for node in reversed(nodes) if node not in inner]
    order: list[Value] = []
    while stack:
        node = stack.pop()
        if node is None:  # the one below has all its operands in the list
            order.append(stack.pop())
        elif node in left:
            del left[node]
            stack += [node, None, *reversed(graph.parents(node))]
    return order


def written(node: Value, name: Callable[[Any], str]) -> str:
    """How a node was computed: `a + b`, `tanh(x)`, `w1 * x1 + w2 * x2 + b`.

    Args:
        node: a Value that some rule computed.
        name: what to write for an operand that is a Value; plain numbers are written in four digits.

    >>> a, b = Value(-2.0, label="a"), Value(1.0, label="b")
    >>> written((a + b) * 3, lambda x: x.label or "a + b")
    '(a + b) * 3'
    >>> written((a + b) ** 2, lambda x: figure(x.data))
    '(-1) ** 2'
    """
    rule: Any = edges.rule(node)
    if rule is ops.dot:
        return _dot(node, name)
    parts = [operand(x, name) for x in flat(graph.operands(node))]
    return applied(rule, parts, _patterns(rule, len(parts)), _call).text


def _patterns(rule: Rule, operands: int) -> Mapping[Rule, Pattern]:
    """The patterns of the operators; the one of a reader's own rule is there, too, if it has a sign of its own."""
    if operands == 2 and rule not in _PATTERNS and not re.search(r"\w", rule.symbol):
        return {rule: Pattern(f"#1 {rule.symbol} #2", SUM, (ATOM, ATOM))}
    return _PATTERNS


def _call(name: str, operands: Sequence[Part]) -> Part:
    return Part(f"{cut(name)}({', '.join(shortened([x.text for x in operands]))})")


def operand(x: Any, name: Callable[[Any], str] = figure) -> Part:
    """A number or a Value with its name, and how tightly it holds together."""
    text = figure(x) if x.__class__ is float else name(x)
    return Part(text, holds(text))


def _dot(node: Value, name: Callable[[Any], str]) -> str:
    ws, xs, bias = graph.operands(node)
    pairs = list(zip(ws, xs))
    terms = [_PATTERNS[ops.mul].filled([operand(w, name), operand(x, name)]).text for w, x in pairs[:6]]
    if len(pairs) > 6:
        terms[5:] = ["…"]
    if bias.__class__ is not float or bias != 0 or not terms:
        terms.append(operand(bias, name).within(ATOM))
    return " + ".join(terms)


def shortly(node: Value) -> str:
    """How a node was computed, where there is no room for the operands: `… + …`, `dot(…)`."""
    rule: Any = edges.rule(node)
    if len(rule.operands) == 2 and rule in (patterns := _patterns(rule, 2)):
        return patterns[rule].filled([Part("…"), Part("…")]).text
    return f"{cut(rule.name)}(…)"


def holds(text: str) -> int:
    """How tightly a text holds together: a sum, anything else with blanks in it, or a single word.

    >>> [holds(text) for text in ("a", "a + b", "-2", "max(a, b)", "a * b")] == [ATOM, SUM, SUM, ATOM, QUOTIENT]
    True
    """
    outside = text
    while (inner := re.sub(r"\([^()]*\)", "", outside)) != outside:
        outside = inner
    return SUM if text.startswith("-") or re.search(" [+-] ", outside) else QUOTIENT if " " in outside else ATOM


def cut(text: str, longest: int = _LONGEST) -> str:
    """A text in one line, without characters that can't be printed, its middle left out where it is too long.

    >>> cut("layers.10.neurons.12.weight")
    'layers.10.…s.12.weight'
    """
    if len(text) > longest:
        start = (longest - 1) // 2
        text = f"{text[:start]}…{text[start + 1 - longest :]}"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
