"""Local derivatives that arrays can't be put through: those written for floats, with `if` or `math.cos`.

A derivative of the table is arithmetic, and arrays flow through it. That of a rule of one's own may ask its operands
for their numbers; then it is an operation itself, which an engine computes number by number with the derivative as is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from .. import ops, selection
from ..basics.arguments import number
from ..rules import Rule


class Slope(Rule):
    """∂y/∂operand of another rule, for one operand, as a rule of y and of all numbers that the other is applied to.

    Args:
        rule: the other rule.
        sizes: for each of its operands how many numbers it has, if that is a list; None for a single number.
        place: whose derivative it is: the position of the operand, and of the item in it, if that is a list.
    """

    def __init__(self, rule: Rule, sizes: tuple[int | None, ...], place: tuple[int, int]) -> None:
        self.rule, self.sizes, self.place = rule, sizes, place
        i, j = place
        wanted = [k == i for k in range(len(sizes))]

        def forward(y: float, *flat: float) -> float:
            items = iter(flat)
            operands = [next(items) if size is None else [next(items) for _ in range(size)] for size in sizes]
            try:
                found = rule.slopes(y, operands, wanted)[i]
            except OverflowError as cause:
                raise ValueError(str(cause)) from None
            return number(found if sizes[i] is None else list(found)[j], f"a slope of {rule.name}")

        self.operands = (  # type: ignore[misc]  # of this one, not of the class
            "y",
            *[f"x{k}" for k in range(sum([1 if size is None else size for size in sizes]))],
        )
        super().__init__(f"slope_{rule.name}", f"the slope of {rule.formula}", forward, latex="")


_slope = lru_cache(1000)(Slope)  # applications of one rule make one operation


def slopes_of(y: Any, operands: Sequence[Any]) -> list[Any]:
    """The slopes of an operation on arrays, nested like its operands: by arithmetic if possible, else number by number.

    Args:
        y: the Array of what a rule gave.
        operands: Arrays and floats, in lists for the groups of a rule of lists.
    """
    rule, wanted = y.op, [not isinstance(x, float) for x in operands]
    y.builder.differentiating = True
    try:
        if not _is_of_the_table(rule) and not _variables(rule)[1]:
            raise TypeError("what the derivative reads may change from run to run")
        return [
            x if isinstance(x, float) or not isinstance(x, Iterable) else list(x)
            for x in rule.slopes(y, operands, wanted)
        ]
    except TypeError:
        sizes = tuple([len(x) if isinstance(x, list) else None for x in operands])
        flat = [item for x in operands for item in (x if isinstance(x, list) else [x])]

        def slope(i: int, j: int = 0) -> Any:
            return y.builder.elementwise(_slope(rule, sizes, (i, j)), y, *flat)

        return [
            [slope(i, j) for j in range(len(x))] if isinstance(x, list) else slope(i) if wanted[i] else None
            for i, x in enumerate(operands)
        ]
    finally:
        y.builder.differentiating = False


# ------------------------------------------------------------- what a derivative reads besides what it is given


def watched(rule: Rule) -> list[Callable[[], bool]]:
    """Functions that say whether a rule of one's own is still the one of its name, with the same derivative."""
    if _is_of_the_table(rule):
        return []
    defined = ops.RULES.get(rule.name) is rule
    return [lambda: (ops.RULES.get(rule.name) is rule) is defined, *_variables(rule)[0]]


def _is_of_the_table(rule: Rule) -> bool:
    ours = rule in selection.RULES or isinstance(rule, selection.OneHot)
    return ours or (ops.RULES.get(rule.name) is rule and rule.__module__ == ops.__name__)


def _variables(rule: Rule) -> tuple[list[Callable[[], bool]], bool]:
    """The variables that the derivative of a rule reads.

    Returns:
        (functions that say of each whether it is what it was; whether all are numbers, functions and the like, and not
        objects, lists or dicts, in which something may change).
    """
    same: list[Callable[[], bool]] = []
    met: set[Any] = set()
    stack: list[Any] = [getattr(rule, name) for name in ("da", "db", "d") if hasattr(rule, name)]
    fixed = all(isinstance(f, (FunctionType, Rule)) or _compiled(f) for f in stack)
    while stack:
        f = stack.pop()
        if not isinstance(f, FunctionType) or f in met:
            continue
        met.add(f)
        ours = str(f.__globals__.get("__name__")).startswith(_PACKAGE)
        names = set() if ours else _names_in(f.__code__)  # nobody changes the variables of our own files
        reads: list[Any] = [*_cells(f), *[partial(f.__globals__.get, name) for name in names & f.__globals__.keys()]]
        for read in reads:
            module: Any = read()
            inside = names & vars(module).keys() if isinstance(module, ModuleType) else ()
            for each in [read, *[partial(getattr, module, name, None) for name in inside]]:
                x = each()
                same.append(partial(_is, each, x))
                stack.append(x)
                fixed = fixed and isinstance(x, _FIXED)
    return same, fixed


_PACKAGE = f"{__name__.partition('.')[0]}."
_FIXED = (FunctionType, BuiltinFunctionType, ModuleType, type, Rule, float, int, str, type(None))


def _compiled(f: Any) -> bool:
    """Whether it is one of our functions, compiled."""
    return not isinstance(f, FunctionType) and str(getattr(f, "__module__", "")).startswith(_PACKAGE)


def _is(read: Callable[[], Any], x: Any) -> bool:
    return read() is x


def _cells(f: FunctionType) -> list[Callable[[], Any]]:
    return [partial(_content, cell) for cell in f.__closure__ or ()]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # the variable has no value yet
        return None


def _names_in(code: CodeType) -> set[str]:
    """All names that a function asks for, besides its own variables."""
    return {*code.co_names}.union(*[_names_in(x) for x in code.co_consts if isinstance(x, CodeType)])
