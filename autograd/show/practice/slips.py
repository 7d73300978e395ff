"""A local derivative with something forgotten in it: a factor, a term, an exponent. The rule table itself is read.

A `Careless` number flows through the formula of a derivative as a float does. It takes along what would have come out
with one part of the formula left out, and which part that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ... import edges, graph, ops
from ...notation.formulas import Formula
from ...operators import Operators
from ...rules import Nary, Rule
from ...value import Value

_MOST = 12  # of one derivative; those of a long formula are no slips that anybody would recognize
_FORGOTTEN: dict[Rule, tuple[str, str]] = {
    ops.mul: ("factor", "factor"), ops.div: ("", "divisor"), ops.add: ("term", "term"), ops.sub: ("term", "term"),
    ops.pow: ("", "exponent"),
}  # fmt: skip
"""What the operands are called when they are left out; the empty ones can't be."""


class Slip(NamedTuple):
    """What comes out when a part of a formula is forgotten.

    Args:
        value: the wrong number.
        kind: what was forgotten, a "factor", "divisor", "term" or "exponent".
        what: that part, as it is written.
    """

    value: float
    kind: str
    what: str


class Careless(Operators):
    """A number, how it is written, and the numbers that come out when a part of the formula is forgotten.

    >>> x = Careless(Formula.name("x", 3.0))
    >>> (2 * x).slips
    [Slip(value=3.0, kind='factor', what='2'), Slip(value=2.0, kind='factor', what='x')]
    """

    __slots__ = ("formula", "slips")

    def __init__(self, formula: Formula, slips: Sequence[Slip] = ()) -> None:
        self.formula = formula
        self.slips = list(slips[:_MOST])

    @property
    def data(self) -> float:
        """The number."""
        return self.formula.data

    def _apply(self, rule: Rule, operands: tuple[Any, ...]) -> Careless:
        formula = rule(*_each(operands, lambda x: x.formula if isinstance(x, Careless) else x))
        if isinstance(rule, Nary):
            return Careless(formula)
        numbers = [x.data if isinstance(x, Careless) else float(x) for x in operands]
        slips = []
        for i, (x, kind) in enumerate(zip(operands, _FORGOTTEN.get(rule, ("", "")))):
            if kind and numbers[i] != (0.0 if kind == "term" else 1.0):
                rest = numbers[1 - i] * (-1 if rule is ops.sub and i == 0 else 1)
                slips.append(Slip(rest, kind, x.formula.text if isinstance(x, Careless) else Formula.number(x).text))
        for i, x in enumerate(operands):
            for slip in x.slips if isinstance(x, Careless) else ():
                try:
                    slips.append(slip._replace(value=rule.compute((*numbers[:i], slip.value, *numbers[i + 1 :]))))
                except (ValueError, ArithmeticError):
                    continue
        return Careless(formula, slips)

    # the rules choose their branches by the numbers
    def __lt__(self, other: Any) -> bool:
        return self.data < _number(other)

    def __le__(self, other: Any) -> bool:
        return self.data <= _number(other)

    def __gt__(self, other: Any) -> bool:
        return self.data > _number(other)

    def __ge__(self, other: Any) -> bool:
        return self.data >= _number(other)


def slips(node: Value, place: int, name: Any) -> list[Slip]:
    """What comes out for a local derivative when a part of its formula is forgotten.

    Args:
        node: a Value that some rule computed.
        place: which of its local derivatives, by its place in `edges.slopes(node)`.
        name: from a Value to its name.

    >>> x = Value(2.0, label="x")
    >>> slips(x**3, 0, lambda v: v.label or "y")  # doctest: +ELLIPSIS
    [Slip(value=4.0, kind='factor', what='3'), Slip(value=3.0, kind='factor', what='x ** 2'), ...]
    """
    found = careless(node, place, name)
    return found.slips if isinstance(found, Careless) else []


def careless(node: Value, place: int, name: Any) -> Any:
    """The local derivative as a `Careless` number, or a plain one where it has no formula."""
    rule: Any = edges.rule(node)
    operands = graph.operands(node)

    def write(x: Any) -> Any:
        return Careless(Formula.name(name(x), x.data)) if isinstance(x, Value) else x

    try:
        found = rule.slopes(write(node), list(_each(operands, write)), ())
    except (
        ValueError,
        ArithmeticError,
        TypeError,
        AttributeError,
    ):  # a rule of the reader's own may be for floats only
        return None
    slopes: list[Any] = []
    for operand, slope in zip(operands, found):
        if operand.__class__ is tuple:
            slopes += slope
        elif isinstance(operand, Value):
            slopes.append(slope)
    return slopes[place]


def _each(groups: Sequence[Any], change: Any) -> tuple[Any, ...]:
    return tuple([list(map(change, x)) if isinstance(x, (tuple, list)) else change(x) for x in groups])


def _number(x: Any) -> float:
    return x.data if isinstance(x, Careless) else float(x)
