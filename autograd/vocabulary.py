"""What may stand in an expression, and what is said of the rest: what was wrong, in a line, and what to write instead.

How an expression is read and computed is in expression.py.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import math
import re
from collections.abc import Callable, Collection, Iterable
from keyword import iskeyword
from typing import Any

from . import functions, ops

_NO_NUMBERS = ("softmax", "log_softmax", "where")
FUNCTIONS: dict[str, Callable[..., Any]] = {name: getattr(ops, name) for name in ops.__all__}
FUNCTIONS |= {name: getattr(functions, name) for name in functions.__all__ if name not in _NO_NUMBERS}
"""What may be called: the functions of the package whose arguments and result are numbers, or lists of them."""

_TABLE = frozenset(ops.RULES)  # without operations of one's own

CONSTANTS = {"e": math.e, "pi": math.pi}
"""Names that have a number of their own, unless the caller gives another."""

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div, ast.Pow: ops.pow, ast.USub: ops.neg,
    ast.Mod: ops.remainder,
}  # fmt: skip
_ALLOWED = "an expression is made of numbers, names, + - * / ** %, brackets and the functions of autograd"
MOST_NAMED = 8  # of the names in a message
_OTHER_NAMES = {"max": "maximum", "min": "minimum", "power": "pow", "lg": "log10", "ld": "log2", "tg": "tan"}


def spelled(text: str) -> str:
    """An expression in the package's names: `log` for `ln`, as schools write it.

    >>> spelled("ln(x) * ln")
    'log(x) * ln'
    """
    return text if "ln" in FUNCTIONS else re.sub(r"\bln(?= ?\()", "log", text)  # there may be an ln of one's own


def mend(error: Exception, text: str) -> str:
    """What to do about text that Python can't parse, in terms of expressions rather than of Python programs."""
    if "\0" in text or not isinstance(error, SyntaxError):
        return "there is a character in it that is not text"
    at = error.offset or 0
    where = f"at character {at}" if 0 < at <= len(text) else "at its end"
    if text[at - 1 : at] == "=" or "'='" in error.msg:
        return "there is no = in an expression; numbers for its names are given beside it"
    if "integer string conversion" in error.msg:
        return "a number in it has too many digits"
    if "decimal literal" in error.msg:
        return f"an operator is missing after the number {where} (to multiply, write *, as in 2*x)"
    if text.count("|") > 1:
        return "an absolute value is written abs(x)"
    if re.search(r"[\w)]!(?!=)", text):
        return "x! is written exp(lgamma(x + 1))"
    gap = re.search(r"\b([^\W\d]\w*) (\w+)", text) if error.msg.startswith("invalid syntax") else None
    if gap and gap[1] in FUNCTIONS:
        return f"{gap[1]} is called with brackets, as in {gap[1]}({gap[2]})"
    if gap and not iskeyword(gap[1]) and not iskeyword(gap[2]):
        return f"an operator is missing between {short(gap[1])} and {short(gap[2])} (to multiply, write *)"
    return f"{re.split('[.;] ', error.msg)[0]}, {where}"  # what follows are guesses about programs


def reason(node: ast.expr) -> str:
    """Why a node is refused, and what to write instead."""
    match node:
        case ast.BinOp(op=ast.BitXor()):
            return "powers are written with **, as in x**2"
        case ast.BinOp(op=ast.FloorDiv()):
            return "// is written floor(x / y), and its derivative is zero"
        case ast.BinOp(op=ast.BitOr()):
            return "an absolute value is written abs(x)"
        case ast.Compare() | ast.BoolOp() | ast.IfExp() | ast.Call(func=ast.Name(id="where")):
            return "an expression has no conditions: clip, maximum and relu choose by size"
        case ast.Call(func=ast.Name(id=name)) if name in functions.__all__:
            return f"{name} gives a list, and an expression is a single number"
        case ast.Call(func=ast.Name(id=name)) if name in ops.RULES.keys() - _TABLE - FUNCTIONS.keys():
            return f"{name} may stand in expressions if it is defined by primitive(..., expression=True)"
        case ast.Call(func=ast.Name(id=name)):
            nearest = [_OTHER_NAMES[name]] if name in _OTHER_NAMES else difflib.get_close_matches(name, FUNCTIONS, 1)
            meant = f"did you mean {usage(nearest[0])}?" if nearest else f"the functions are {', '.join(FUNCTIONS)}"
            return f"there is no function {short(name)} (to multiply, write *); {meant}"
        case ast.Call(func=ast.Attribute()):
            return "a function is called by its bare name, as in tanh(x), not math.tanh(x) or x.tanh()"
        case ast.Call():
            return "to multiply, write *"
        case ast.Tuple():
            return "there is a comma between numbers; decimals are written with a point, as in 1.5"
        case ast.List():
            return "a list can only be an argument of " + series(
                [name for name in FUNCTIONS if any(map(is_list, _parameters(name)))]
            )
        case ast.Constant(value=complex()):
            return "only real numbers have a place here"
    return _ALLOWED


def _parameters(name: str) -> Collection[inspect.Parameter]:
    return inspect.signature(FUNCTIONS[name]).parameters.values()


def is_list(parameter: inspect.Parameter) -> bool:
    if parameter.kind is parameter.POSITIONAL_ONLY:  # of a rule, which may be the user's
        return str(parameter.annotation).startswith("Iterable")
    return parameter.name in ("values", "ws", "xs")  # a compiled function doesn't keep its annotations


def usage(name: str) -> str:
    """How a function is called: `atan2(a, b)`, `dot([ws, ...], [xs, ...], bias=0.0)`."""
    parts = []
    for parameter in _parameters(name):
        part = f"[{parameter.name}, ...]" if is_list(parameter) else parameter.name
        parts.append(part if parameter.default is parameter.empty else f"{part}={parameter.default!r}")
    return f"{name}({', '.join(parts)})"


def series(names: Iterable[str]) -> str:
    """`x`, `x and y`, `x, y and z`; of many, the first."""
    shown = [short(name) for name in names]
    if len(shown) > MOST_NAMED:
        shown[MOST_NAMED:] = [f"{len(shown) - MOST_NAMED:,} more"]
    *most, last = shown
    return f"{', '.join(most)} and {last}" if most else last


def quoted(text: str, node: ast.expr | None = None) -> str:
    """The text, or the node's part of it, in quotes: on one line, and not longer than a line."""
    return repr(short(text if node is None else ast.get_source_segment(text, node) or text))


def short(text: str) -> str:
    return text if len(text) <= 50 else text[:47] + "..."
