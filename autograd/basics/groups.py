"""Groups of operands, which the rules of lists have; and what an error says of a rule and its operands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .arguments import number
from .domains import lacking
from .messages import shortened, shown
from .operand import Operand


class Floats(tuple[float, ...]):
    """A tuple that is known to hold floats only: a group of operands that the walks need not look into."""

    __slots__ = ()


def numeric(group: Any, name: str) -> Any:
    """A group of plain numbers, as floats."""
    if isinstance(group, (tuple, list)):
        return Floats([number(x, f"an argument of {name}") for x in group])
    return number(group, f"an argument of {name}")


def single(rule: Any, a: Any, more: Any) -> float:
    """The one plain number that a rule of one is called with; a `TypeError` if there is one more."""
    if more is not None:
        raise TypeError(f"{rule.name} takes one number, got 2{_OF_MORE.get(rule.name, '')}")
    return number(a, f"the argument of {rule.name}")


_OF_MORE = {
    "relu": ": with a slope below 0 it is leaky_relu",
    "log": ": to another base b it is log(x) / log(b), or log2, log10",
    "round": ": round(10 * x) / 10 keeps a decimal",
}
"""What to write for what PyTorch or Python takes besides the number."""


def flat(groups: Iterable[Any]) -> list[Any]:
    """The operands of some groups, in order."""
    return [x for group in groups for x in (group if isinstance(group, (tuple, list)) else (group,))]


def written(rule: Any, operands: tuple[Any, ...]) -> str:
    """The application of a rule for an error message: `log(-1.0)`, `1.0 / 0.0`."""
    names = [_named(x) for x in (flat(operands) if len(rule.operands) == 1 else operands)]
    if len(names) == 2 and not rule.symbol.isidentifier():
        names = [f"({name})" if name.startswith("-") or "=" in name else name for name in names]
        return f"{names[0]} {rule.symbol} {names[1]}"
    return f"{rule.name}({', '.join(shortened(names, '...'))})"


def outside(rule: Any, cause: Exception, operands: tuple[Any, ...]) -> Exception:
    """The error for operands outside of a rule's domain, of the type that Python's arithmetic raises."""
    kind = ZeroDivisionError if isinstance(cause, ZeroDivisionError) else ValueError
    numbers = dict(zip(rule.operands, [getattr(x, "data", x) for x in operands]))
    where = f": {rule.formula} needs {lacking(rule.domain, numbers)}" if rule.domain else f" ({cause})"
    error = kind(f"{written(rule, operands)} is not defined{where}")
    error.__cause__ = None if rule.domain else cause  # what a user's function raised; ours are told by the domain
    return error


class Misuse(TypeError):
    """A function of one's own, or its derivative, is not what it should be; the message names it."""


def misfit(rule: Any, groups: tuple[Any, ...], cause: TypeError) -> TypeError:
    """The error for a list in the place of a number, or the other way round."""
    if isinstance(cause, Misuse):
        return cause
    names = ", ".join([_named_group(x) if isinstance(x, (tuple, list)) else _named(x) for x in groups])
    error = TypeError(f"{rule.name}({names}) has a list where {rule.formula} has a number, or the other way round")
    error.__cause__ = cause
    return error


def _named(operand: Any) -> str:
    return operand._written() if isinstance(operand, Operand) else shown(operand)


def _named_group(group: Iterable[Any]) -> str:
    return f"[{', '.join(shortened([_named(x) for x in group], '...'))}]"
