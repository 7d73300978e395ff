"""An expression with its gradient in plain Python: one line for each operation forward, and for each one backward.

The rules write it themselves: `Code` flows through a derivative of the table as a float or a Value does. Of Python it
needs the module math alone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from ... import edges, graph, ops, selection
from ...basics.operand import FLAT
from ...operators import Operators
from ...order import topological_order
from ...rules import Nary, Rule
from ...value import Value
from ..tracing.following import follow
from ..tracing.trace import traced_input
from .identifiers import Identifiers
from .inlining import Inliner, blank_before
from .text import ATOM, COMPARE, POWER, SIGN, SUM, TIMES, Text, number

_LONGEST = 52
"""So long is a part of a derivative at most; a longer one gets a name."""

_CHOICE = COMPARE - 1
_INFIX = {ops.add: ("+", SUM), ops.sub: ("-", SUM), ops.mul: ("*", TIMES), ops.div: ("/", TIMES)}
_MATH: dict[Rule, str] = {ops.exp: "math.exp", ops.expm1: "math.expm1", ops.sinh: "math.sinh", ops.cosh: "math.cosh"}
_MATH |= {ops.norm: "math.hypot"}
"""Functions of Python's that raise OverflowError where the rule gives infinity."""


def plain_source(f: Callable[..., Any], names: Sequence[str], title: str, numbers: Sequence[float] = ()) -> str:
    """The text of a module with a function that returns the value and the gradient.

    Args:
        f: a function of a number for each name.
        names: of its arguments.
        title: what it computes, in its own words; it becomes no code.
        numbers: one for each name, at which the module computes both when it is run; or none.

    Raises:
        TraceError: if the function can't be followed, as one that looks at its numbers.
        TypeError: if it calls a function that can't be written.
    """
    leaves = [traced_input(name) for name in names]
    result, _ = follow(f, leaves, [])
    page = _Page(leaves, names)
    lines = page.written(result)
    body = textwrap.indent("\n".join([x if len(x) <= 84 else f"{x}  # fmt: skip" for x in lines]), "    ")
    quoted = ascii(title)[1:-1].replace('"', "'").replace("\\", "/")
    quoted = quoted if len(quoted) <= 40 else "an expression"
    parts = [*page.inliner.block, f"def value_and_gradient({', '.join(page.arguments)}):\n{body}"]
    if numbers:
        given = ", ".join([f"{x}={y!r}" for x, y in zip(page.arguments, numbers)])
        parts.append(f'if __name__ == "__main__":\n    print(value_and_gradient({given}))')
    text = "\n\n\n".join(parts)
    imports = sorted(page.inliner.imports | ({"import math"} if "math." in text else set()))
    head = [f'"""{quoted}, and its gradient by the chain rule."""', "\n".join(imports)]
    return "\n\n".join([x for x in head if x]) + blank_before(text) + text + "\n"


class _Page:
    def __init__(self, leaves: Sequence[Value], names: Sequence[str]) -> None:
        self.identifiers = Identifiers({"math", "value_and_gradient", "operator", "functools", "itertools"})
        self.arguments = [self.identifiers(name) for name in names]
        self.inliner = Inliner(self.identifiers.taken)
        self.lines: list[str] = []
        self.codes: dict[Value, Code] = {x: Code(self, Text(y)) for x, y in zip(leaves, self.arguments)}
        self.choosing = 0
        """In how many branches of a choice the lines stand that are written now."""
        self._known: dict[str, Code] = {}

    def written(self, result: Any) -> list[str]:
        """The lines of the function."""
        leaves = dict(self.codes)
        if not isinstance(result, Value):
            return [f"return {result!r}, {self._returned({}, leaves)}"]
        nodes = [x for x in topological_order(result) if x.parents]
        if not nodes:
            return [f"return {leaves[result].text.text}, {self._returned({result: '1.0'}, leaves)}"]
        self.lines.append("# forward")
        for i, node in enumerate(nodes):
            code = self._forward(node)
            name = self.identifiers.free("f") if i == len(nodes) - 1 else self.identifiers.numbered("v")
            self.lines.append(f"{name} = {code.text.text}")
            self.codes[node] = Code(self, Text(name))
        end = self.codes[result].text.text
        self.lines += ["", f"# backward, by the chain rule: dx is d{end}/dx"]
        slopes: dict[Value, str] = {}
        for node in reversed(nodes):
            if node is result or node in slopes:
                self._backward(node, slopes, None if node is result else slopes[node])
        returned = self._returned(slopes, leaves)
        return [*_needed(self.lines, returned), "", f"return {end}, {returned}"]

    def _returned(self, slopes: dict[Value, str], leaves: dict[Value, Code]) -> str:
        pairs = [f'"{code.text.text}": {slopes.get(x, "0.0")}' for x, code in leaves.items()]
        whole = f"{{{', '.join(pairs)}}}"
        if len(whole) <= 60:
            return whole
        return "\n".join(["{", *[f"    {pair}," for pair in pairs], "}"])

    def _operand(self, x: Any) -> Any:
        if isinstance(x, (tuple, list)):
            return [self._operand(item) for item in x]
        if not isinstance(x, Value):
            return x
        if x in self.codes:
            return self.codes[x]
        return x.data  # a leaf that is no name is a number

    def _forward(self, node: Value) -> Code:
        rule = edges.rule_of(node)
        return self.applied(rule, [self._operand(x) for x in graph.operands(node)])

    def _backward(self, node: Value, slopes: dict[Value, str], g: str | None) -> None:
        """The lines that hand the gradient of a node on to each of its operands; g is None for that of the result."""
        operands = graph.operands(node)
        given = [self._operand(x) for x in operands]
        for operand, slope in zip(operands, self._slopes(node, given)):
            pairs = zip(operand, slope) if isinstance(operand, (tuple, list)) else [(operand, slope)]
            for x, s in pairs:
                if not isinstance(x, Value) or x not in self.codes or s is FLAT:
                    continue
                text = self._times(g, s)
                if x in slopes:
                    self.lines.append(f"{slopes[x]} += {text}")
                else:
                    slopes[x] = self.identifiers.free(f"d{self.codes[x].text.text}")
                    self.lines.append(f"{slopes[x]} = {text}")

    def _slopes(self, node: Value, given: Sequence[Any]) -> Any:
        rule, y = edges.rule_of(node), self.codes[node]
        wanted = [not isinstance(x, float) for x in given]
        try:
            return [list(x) if isinstance(x, (tuple, list)) else x for x in rule.slopes(y, given, wanted)]
        except TypeError:  # it looks at numbers
            called = []
            for i, d in enumerate([getattr(rule, name) for name in ("da", "db", "d") if hasattr(rule, name)]):
                name = self.inliner.add(d, f"slope{i + 1}_of_{rule.name}", rule.name)
                called.append(f"{name}({', '.join([_listed(x) for x in (y, *given)])})")
            if not isinstance(rule, Nary):
                return [Code(self, Text(x)) for x in called]
            self.lines.append(f"{(name := self.identifiers.numbered('slopes'))} = {called[0]}")
            several = len(given) > 1
            each = [f"{name}[{i}]" if several else name for i in range(len(given))]
            return [
                [Code(self, Text(f"{s}[{j}]")) for j in range(len(x))] if isinstance(x, list) else Code(self, Text(s))
                for s, x in zip(each, given)
            ]

    def _times(self, g: str | None, slope: Any) -> str:
        if isinstance(slope, Code) and slope.branches:
            condition, then, otherwise = slope.branches
            first, second = ["0.0" if x is FLAT else self._times(g, x) for x in (then, otherwise)]
            first = f"({first})" if isinstance(then, Code) and then.branches else first
            return f"{first} if {condition} else {second}"
        text = _text(slope)
        if g is None:
            return f"{text.text}.0" if text.text.lstrip("-").isdigit() else text.text
        if text.text in ("1", "-1"):
            return g if text.text == "1" else f"-{g}"
        return f"{g} * {text.within(SIGN)}"

    def applied(self, rule: Rule, operands: Sequence[Any]) -> Code:
        """A rule of numbers, written."""
        texts = [_text(x) if not isinstance(x, (list, tuple)) else [_text(y) for y in x] for x in operands]
        return Code(self, self._written(rule, texts))

    def _written(self, rule: Rule, texts: list[Any]) -> Any:
        if rule in _INFIX:
            sign, holds = _INFIX[rule]
            if rule is ops.mul and texts[0].text == texts[1].text:
                return _power(texts[0], "2")
            return Text(f"{texts[0].within(holds)} {sign} {texts[1].within(holds + 1)}", holds)
        if rule is ops.neg:
            return Text(f"-{texts[0].text}" if texts[0].holds == ATOM else f"-({texts[0].text})", SIGN)
        if rule in (ops.identity, selection.detached):
            return texts[0]
        if rule is ops.square:
            return _power(texts[0], "2")
        if rule is ops.pow:
            if texts[1].text == "1":
                return texts[0]
            whole = texts[1].text.isdigit()  # any other power of a negative number would be complex
            return _power(texts[0], texts[1].text) if whole else _call("math.pow", texts)
        if rule is ops.dot:
            products = [f"{w.within(TIMES)} * {x.within(SIGN)}" for w, x in zip(texts[0], texts[1])]
            return Text(" + ".join([*products, *([texts[2].within(TIMES)] if texts[2].text != "0" else [])]), SUM)
        if rule is ops.sum:
            return Text(" + ".join([x.within(TIMES) for x in texts[0]]) or "0.0", SUM)
        if rule is ops.mean:
            return Text(f"({' + '.join([x.within(TIMES) for x in texts[0]])}) / {len(texts[0])}", TIMES)
        if rule is ops.norm:
            texts = texts[0]
        return _call(_MATH.get(rule) or self.inliner.add(rule.forward, rule.name, rule.name), texts)

    def shortened(self, code: Any, longest: int = _LONGEST) -> Any:
        """A part of a derivative; if it is long a line gives it a name."""
        if not isinstance(code, Code) or len(code.text.text) <= longest or code.branches or self.choosing:
            return code
        if code.text.text not in self._known:
            name = self.identifiers.numbered("t")
            self.lines.append(f"{name} = {code.text.text}")
            self._known[code.text.text] = Code(self, Text(name))
        return self._known[code.text.text]


def _needed(lines: Sequence[str], returned: str) -> list[str]:
    """The lines without those that compute what no other line reads."""
    read, kept = set(re.findall(r"\w+", returned)), []
    for line in reversed(lines):
        name, _, text = line.partition(" ")
        backward = re.match(r"(d|t)", name) and line[:1] not in ("#", "")
        if not backward or name in read:
            read.update(re.findall(r"\w+", text))
            kept.append(line)
    return kept[::-1]


class Code(Operators):
    """A number of the page, by the text that computes it.

    Args:
        page: to which lines are added.
        text: the text.
        branches: of a choice the condition and the two branches.
    """

    __slots__ = ("branches", "page", "text")

    def __init__(self, page: _Page, text: Text, branches: tuple[str, Any, Any] | None = None) -> None:
        self.page, self.text, self.branches = page, text, branches

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Any:
        numbers = [not isinstance(x, (Code, list, tuple)) for x in operands]
        if rule is ops.mul and any(numbers):
            factor, other = operands if numbers[0] else operands[::-1]
            if factor in (1.0, -1.0):
                return other if factor == 1 else self._apply(ops.neg, (other,))
        whole = self.page.applied(rule, operands)
        if len(whole.text.text) > _LONGEST:
            whole = self.page.applied(rule, [self.page.shortened(x, 20) for x in operands])
        return self.page.shortened(whole)

    def _compared(self, sign: str, other: Any) -> Code:
        return Code(self.page, Text(f"{self.text.within(SUM)} {sign} {_text(other).within(SUM)}", COMPARE))

    def __lt__(self, other: Any) -> Any:
        return self._compared("<", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(">", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(">=", other)

    def __and__(self, other: Any) -> Any:
        return self._joined("and", other) if isinstance(other, Code) else other and self

    def __or__(self, other: Any) -> Any:
        return self._joined("or", other) if isinstance(other, Code) else other or self

    __rand__, __ror__ = __and__, __or__

    def _joined(self, word: str, other: Code) -> Code:
        return Code(self.page, Text(f"{self.text.within(COMPARE)} {word} {other.text.within(COMPARE)}", _CHOICE))

    def __bool__(self) -> bool:
        raise TypeError("a number of a page has no value that `if` could ask for")

    def _where(self, then: Any, otherwise: Any) -> Any:
        self.page.choosing += 1  # a line for a part of a branch would be run, too, where the other one is taken
        then, otherwise = [branch() if callable(branch) else branch for branch in (then, otherwise)]
        self.page.choosing -= 1
        text = f"{_text(then).within(SUM)} if {self.text.text} else {_text(otherwise).within(SUM)}"
        return Code(self.page, Text(text, _CHOICE), (self.text.text, then, otherwise))

    def _largest(self, operands: Sequence[Any]) -> Any:
        page = next(x.page for x in operands if isinstance(x, Code))
        texts = [_text(x) for x in operands]
        return page.shortened(Code(page, _call("max", texts) if len(texts) > 1 else texts[0]))


def _text(x: Any) -> Text:
    if isinstance(x, Code):
        return x.text
    text = number(x)
    return text._replace(text=text.text.replace("np.", "math."))  # infinity, of a bound that clip hasn't


def _listed(x: Any) -> str:
    return f"[{', '.join([_text(y).text for y in x])}]" if isinstance(x, list) else _text(x).text


def _power(a: Text, b: str) -> Text:
    return Text(f"{a.within(ATOM)}{'**' if a.text.isidentifier() or a.text.isdigit() else ' ** '}{b}", POWER)


def _call(name: str, texts: Sequence[Any]) -> Text:
    each = [x.text if isinstance(x, Text) else f"[{', '.join([y.text for y in x])}]" for x in texts]
    return Text(f"{name}({', '.join(each)})")
