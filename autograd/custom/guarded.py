"""What is between the engine and a function of one's own: numbers go in, numbers come out, and errors name it.

The table's own rules need none of this: they are tested.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from numbers import Real
from typing import Any, NoReturn

from ..basics.arguments import number
from ..basics.groups import Misuse, flat
from ..basics.messages import shown
from ..basics.operand import Operand


def forward_of(name: str, f: Callable[..., Any]) -> Callable[..., float]:
    """f as the `forward` of a rule of one or two operands.

    What is not a number gives nothing but that, so that no loop in f waits for it to converge, and a function that is
    being compiled, where no number is known yet, doesn't call f at all.
    """

    @wraps(f)
    def forward(*operands: float) -> float:
        for x in operands:
            if x != x:
                return math.nan
        try:
            y = f(*operands)
        except (OverflowError, TypeError) as cause:
            raise _told(name, cause) from cause
        return y if y.__class__ is float else _result(name, y)

    return forward


def forward_of_lists(name: str, f: Callable[..., Any]) -> Callable[..., float]:
    """The same for a rule of lists."""

    @wraps(f)
    def forward(*groups: Any) -> float:
        given = [x if x.__class__ is float else list(x) for x in groups]
        if any(x != x for x in flat(given)):
            return math.nan
        try:
            y = f(*given)
        except (OverflowError, TypeError) as cause:
            raise _told(name, cause) from cause
        return y if y.__class__ is float else _result(name, y)

    return forward


def _told(name: str, cause: Exception) -> Exception:
    if isinstance(cause, OverflowError):
        return ValueError("the result is too large for a float")
    return Misuse(f"{name}: {cause}")


def _result(name: str, y: Any) -> float:
    """What a function returned, as a float."""
    if isinstance(y, Operand):
        raise Misuse(f"{name} uses Values that are not its arguments, and would lose their gradients: pass them to it")
    if isinstance(y, (list, tuple)):
        raise Misuse(f"{name} must return one number, got {shown(y)}: make a function of each of them")
    return _number(y, f"the result of {name}")  # type: ignore[no-any-return]


def slope_of(name: str, d: Callable[..., Any]) -> Callable[..., Any]:
    """d as the local derivative of a rule of one or two operands."""
    what = f"the derivative of {name}"

    @wraps(d)
    def slope(y: Any, *operands: Any) -> Any:
        found = d(y, *operands)
        return found if found.__class__ is float or isinstance(found, Operand) else _number(found, what)

    return slope


def slopes_of(name: str, d: Callable[..., Any]) -> Callable[..., tuple[Any, ...]]:
    """d as the local derivatives of a rule of lists, which come back nested as the operands are."""

    @wraps(d)
    def slopes(y: Any, *groups: Any) -> tuple[Any, ...]:
        given = [list(x) if isinstance(x, (list, tuple)) else x for x in groups]
        return _arranged(name, _listed(d(y, *given)), given)

    return slopes


def _arranged(name: str, found: Any, groups: Sequence[Any]) -> tuple[Any, ...]:
    """What a derivative returned, as a tuple with the slopes for each group."""
    if len(groups) == 1 and not (isinstance(found, list) and len(found) == 1 and _is_like(found[0], groups[0])):
        found = [found]  # of one operand its slopes alone will do
    if not isinstance(found, list):
        _refuse(name, f"{len(groups)} slopes, one for each argument", f"the single {shown(found)}")
    if len(found) != len(groups):
        _refuse(name, f"{len(groups)} slopes, one for each argument", f"{len(found)}")
    arranged = []
    for i, (slope, group) in enumerate(zip(found, groups)):
        what, slope = f"the slope of {name} for argument {i}", _listed(slope)
        if slope is None and len(groups) > 1:
            none = _None(what)
            arranged.append([none] * len(group) if isinstance(group, list) else none)
            continue
        if not isinstance(group, list):
            arranged.append(_number(slope, what))
            continue
        if not isinstance(slope, list):
            _refuse(name, f"a list of slopes for argument {i}, which is a list", shown(slope))
        if len(slope) != len(group):
            _refuse(name, f"{len(group)} slopes for argument {i}, as many as it has items", f"{len(slope)}")
        arranged.append([_number(s, f"{what}[{j}]") for j, s in enumerate(slope)])
    return tuple(arranged)


class _None(float):
    """The slope for an argument that isn't differentiated: nan, and where it is multiplied after all, an error."""

    what: str

    def __new__(cls, what: str) -> _None:
        self = super().__new__(cls, math.nan)
        self.what = what
        return self

    def __float__(self) -> float:
        raise Misuse(f"{self.what} must be a real number, got None, which is for an argument that is a plain number")

    def __rmul__(self, g: Any) -> Any:
        return g * float(self)


def _is_like(found: Any, group: Any) -> bool:
    return isinstance(_listed(found), list) == isinstance(group, list)


def _listed(found: Any) -> Any:
    """Tuples, generators and arrays as lists; a number as it is."""
    if isinstance(found, (Real, Operand)):
        return found
    return list(found) if hasattr(found, "__iter__") and not isinstance(found, (str, dict)) else found


def _number(x: Any, what: str) -> Any:
    if x.__class__ is float or isinstance(x, Operand):
        return x
    try:
        return number(x, what)
    except TypeError as cause:
        raise Misuse(str(cause)) from None


def _refuse(name: str, expected: str, got: str) -> NoReturn:
    raise Misuse(f"the derivative of {name} must give {expected}, got {got}")
