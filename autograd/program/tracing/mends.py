"""What to write instead: for each way to ask a traced number for its number, the function of autograd that doesn't."""

from __future__ import annotations

from types import BuiltinFunctionType, FrameType
from typing import Any

from ... import ops
from .origins import of_code

CHOICE = (
    "write the choice as autograd.where(condition, a, b), with & and | in it, or as autograd.maximum, minimum or clip"
)
EQUAL = "write autograd.where((x >= y) & (x <= y), a, b), and for a table that is looked up autograd.take(table, x)"
ASKED = {
    "__float__": "leave float() out, and write autograd.exp(x) for math.exp(x)",
    "__complex__": "there are real numbers only",
    "__int__": "write autograd.trunc(x)",
    "__round__": "write autograd.round(x)",
    "__floor__": "write autograd.floor(x)",
    "__ceil__": "write autograd.ceil(x)",
    "__trunc__": "write autograd.trunc(x)",
    "__floordiv__": "write autograd.floor(a / b)",
    "__rfloordiv__": "write autograd.floor(a / b)",
    "__divmod__": "write autograd.floor(a / b) and a - b * autograd.floor(a / b)",
    "__rdivmod__": "write autograd.floor(a / b) and a - b * autograd.floor(a / b)",
}
"""The methods by which Python asks for a number."""

_OF_PYTHON = {
    "max": "autograd.maximum(a, b), and of a list functools.reduce(autograd.maximum, xs)"
           "; a softmax is autograd.softmax(xs)",
    "min": "autograd.minimum(a, b), and of a list functools.reduce(autograd.minimum, xs)", "round": "autograd.round(x)",
    "any": "autograd.where with a | b", "all": "autograd.where with a & b", "divmod": "autograd.floor(a / b)",
}  # fmt: skip
_OF_MATH = {
    "fabs": "autograd.abs(x)", "pow": "a ** b", "fsum": "autograd.sum(xs)", "sumprod": "autograd.dot(xs, ys)",
    "isnan": "autograd.where with comparisons", "isinf": "autograd.where with comparisons",
    "isfinite": "autograd.where with comparisons", "dist": "autograd.norm([a - b for a, b in zip(xs, ys)])",
    "gamma": "autograd.exp(autograd.lgamma(x))", "degrees": "x * 180 / math.pi", "radians": "x * math.pi / 180",
}  # fmt: skip
_SORTED = "the order can't depend on numbers: sort outside, or write autograd.maximum, minimum or logsumexp"
_NUMPY = "NumPy compares numbers: write autograd.maximum, minimum, sum, mean, norm, softmax or where"


def mend_for(asking: tuple[FrameType, Any] | None, frame: FrameType | None) -> str:
    """The mend that the function of C which asks for a number has; "" if there is none.

    Args:
        asking: that function, and the frame that calls it.
        frame: the innermost frame that is not this package's.
    """
    if frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "numpy":
        return _NUMPY
    if asking is None or asking[0] is not frame or not isinstance(asking[1], BuiltinFunctionType):
        return ""
    name, module = asking[1].__name__, asking[1].__module__
    if name in ("sorted", "sort") and module in ("builtins", None):
        return _SORTED
    if module == "builtins" and name in _OF_PYTHON:
        return f"write {_OF_PYTHON[name]}"
    if module == "math" and (name in _OF_MATH or name in ops.__all__):
        return f"write {_OF_MATH.get(name, f'autograd.{name}(x)')}"
    return ""


def mend_of_reading(frame: FrameType | None) -> str:
    """The mend where a number is read by this package: by a comparison, by `.data`, or by one of its functions.

    Args:
        frame: the innermost.
    """
    name = ""
    while frame is not None and of_code(frame.f_code) == "ours":
        name, frame = frame.f_code.co_name, frame.f_back
    if name in ("ask", "compare", "truth", "__bool__"):
        return CHOICE
    if name in ("_read", "_number"):
        return "leave .data out, or .detach() what is to have no gradient; a softmax is autograd.softmax(xs)"
    return f"{name}() looks at numbers: call it outside" if name.isidentifier() else ""
