"""Text to Value, safely: "x**2 * sin(y)" as a function of x and y.

Python's own parser turns the text into a syntax tree, and that is all that Python does with it. The tree is compared,
node by node, with what vocabulary.py allows, and written down as steps for a machine with one stack. Nothing is
evaluated as Python, and no name is looked up anywhere else. The command line, which reads expressions from a terminal,
is in __main__.py.
"""

from __future__ import annotations

import ast
import inspect
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from .basics.arguments import number
from .basics.nesting import depth
from .basics.operand import Operand
from .vocabulary import (
    CONSTANTS,
    FUNCTIONS,
    MOST_NAMED,
    OPERATORS,
    is_list,
    mend,
    quoted,
    reason,
    series,
    short,
    spelled,
    usage,
)  # fmt: skip

__all__ = ["CONSTANTS", "FUNCTIONS", "MAX_DEPTH", "MAX_LENGTH", "Expression", "ExpressionError", "parse"]

MAX_LENGTH = 10_000
"""How many characters an expression may have: a few milliseconds' work."""

MAX_DEPTH = 1_000
"""How deep its operations may nest. Python's parser reads some 2,000 in a browser, and more would end the page."""


class ExpressionError(ValueError):
    """The text is not an expression of this kind, or the numbers given don't fit its names.

    >>> try:
    ...     parse("x**2")()
    ... except ExpressionError as error:
    ...     print(error)
    no number was given for x: add x=NUMBER
    """


class Name(NamedTuple):
    """A step: put the number that was given for a name on the stack."""

    id: str


class Call(NamedTuple):
    """A step: take the last `operands` items from the stack and put the function's result there."""

    function: Callable[..., Any]
    operands: int


Step: TypeAlias = Name | Call | float | str
"""What the machine does: besides the two above, a number (or the text of an option) goes on the stack as it is."""


@dataclass(frozen=True)
class Expression:
    """An expression as a function of its names, called like any function: with Values to get a Value, or with numbers.

    Args:
        text: as it was written, with single spaces.
        names: the names that need a number, in the order of their first appearance.
        constants: those of `CONSTANTS` that appear; a number can be given for them, too.
        steps: the program that computes it.

    >>> f = parse("x**2 * y")
    >>> f.names, f.letter
    (('x', 'y'), 'f')
    >>> f(3.0, 2.0), f(y=2.0, x=3.0)
    (18.0, 18.0)
    >>> from autograd import grad
    >>> grad(f, argnums=(0, 1))(3.0, 2.0)
    (12.0, 9.0)
    """

    text: str
    names: tuple[str, ...]
    constants: tuple[str, ...]
    steps: tuple[Step, ...] = field(repr=False)

    def __call__(self, /, *numbers: Any, **named: Any) -> Any:
        """Compute the expression.

        Args:
            numbers: a Value or a number for each of the first names, in the order of `names`.
            named: a Value or a number for each of the other names.

        Returns:
            A Value if one was given, else a float.

        Raises:
            ExpressionError: if a name got no number or two, if the expression doesn't have a name, or has one where a
                function has a setting.
            TypeError: if something given is not a number.
            OverflowError: if a whole number is too large for a float.
            ValueError, ZeroDivisionError: if an operation is outside its domain.
        """
        given = self._bound(numbers, named)
        stack: list[Any] = []
        for step in self.steps:
            if isinstance(step, Name):
                stack.append(given[step.id])
            elif isinstance(step, Call):
                start = len(stack) - step.operands
                operands = stack[start:]
                del stack[start:]
                try:
                    stack.append(step.function(*operands))
                except TypeError as error:  # a name where a function has a setting
                    what, _, _ = str(error).partition(", got")
                    raise ExpressionError(f"{quoted(self.text)} is not understood: {what}") from None
            else:
                stack.append(step)
        return stack.pop()

    @property
    def letter(self) -> str:
        """A name for its value that is none of its own names; "" where they have all that are usual."""
        return next((letter for letter in "yfzgqr" if letter not in self.names), "")

    def _bound(self, numbers: Sequence[Any], named: dict[str, Any]) -> dict[str, Any]:
        """What each name stands for; an error unless everything that was given is used, and nothing is missing."""
        if len(numbers) > len(self.names):
            raise ExpressionError(f"{len(numbers)} numbers were given, but {self._has()}")
        given = dict(zip(self.names, numbers))
        for name in named:
            if name in given:
                raise ExpressionError(f"{short(name)} was given twice")
            if name not in self.names + self.constants:
                raise ExpressionError(f"there is no {short(name)} in {quoted(self.text)}: {self._has()}")
        given |= named
        missing = [name for name in self.names if name not in given]
        if missing:
            add = " ".join(f"{short(name)}=NUMBER" for name in missing[:MOST_NAMED])
            raise ExpressionError(f"no number was given for {series(missing)}: add {add}")
        checked = {name: x if isinstance(x, Operand) else number(x, name) for name, x in given.items()}
        return {name: CONSTANTS[name] for name in self.constants} | checked

    def _has(self) -> str:
        names = self.names + self.constants
        if not names:
            return "the expression has no names"
        return f"its {'names are' if len(names) > 1 else 'only name is'} {series(names)}"


def parse(text: str) -> Expression:
    """Read an expression: numbers, names, + - * / ** %, brackets, and calls of the functions in `FUNCTIONS`.

    Args:
        text: at most `MAX_LENGTH` characters. Lists stand only where a function takes one, as in `mean([x, y])`; `pi`
            and `e` are the constants, and `ln(x)` is `log(x)`.

    Returns:
        An `Expression`, which knows its names and is called with their numbers.

    Raises:
        ExpressionError: if there is anything else in the text; the message shows the part, and what to write instead.
        TypeError: if text is not a string.

    >>> parse("log(x) / x")(1.0)
    0.0
    >>> parse("x^2")
    Traceback (most recent call last):
    autograd.expression.ExpressionError: 'x^2' is not understood: powers are written with **, as in x**2
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression must be a string, got {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text):,} characters: {MAX_LENGTH:,} are the most")
    text = " ".join(text.split())
    if not text:
        raise ExpressionError('the expression is empty: write one such as "x**2 + 1"')
    if "#" in text:  # on a single line, a comment would swallow the rest
        raise ExpressionError(f"{quoted(text)} is not understood: there are no comments in an expression")
    text = spelled(text)
    steps: list[Step] = []
    rest: list[ast.expr | Step] = [_tree(text)]
    while rest:  # a loop with its own stack: the tree may be deeper than Python can recurse
        item = rest.pop()
        if isinstance(item, ast.expr):
            rest.extend(reversed(_expanded(item, text)))
        else:
            steps.append(item)
    found = dict.fromkeys(step.id for step in steps if isinstance(step, Name))
    names, constants = ([name for name in found if (name in CONSTANTS) is known] for known in (False, True))
    return Expression(text, tuple(names), tuple(constants), tuple(steps))


def _tree(text: str) -> ast.expr:
    try:
        if depth(text) > MAX_DEPTH:
            raise RecursionError
        with warnings.catch_warnings():  # the parser has opinions on what is refused below anyway, such as "\d"
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (RecursionError, MemoryError):  # MemoryError is what the parser says when its stack is full
        raise ExpressionError(
            f"{quoted(text)} is nested too deeply, or has too many terms (at most {MAX_DEPTH:,}): a long sum can be"
            " written sum([x, y, ...])"
        ) from None
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(f"{quoted(text)} is not understood: {mend(error, text)}") from None


def _expanded(node: ast.expr, text: str) -> Sequence[ast.expr | Step]:
    """A node of the tree as what has to be done for it, in order: the nodes below it, and steps of the machine."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return [_finite(value, node, text)]
        case ast.Name(id=name) if name in FUNCTIONS:
            raise ExpressionError(f"{name} is a function: call it, as in {usage(name)}")
        case ast.Name(id=name):
            return [Name(name)]
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return [operand]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return [operand, Call(OPERATORS[type(op)], 1)]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return [left, right, Call(OPERATORS[type(op)], 2)]
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            return _expanded_call(node, name, text)
    raise ExpressionError(f"{quoted(text, node)} is not understood: {reason(node)}")


def _expanded_call(node: ast.Call, name: str, text: str) -> Sequence[ast.expr | Step]:
    """A call: its arguments in the order of the function's parameters, defaults included, and the call itself."""
    signature = inspect.signature(FUNCTIONS[name])

    def misuse() -> ExpressionError:
        return ExpressionError(f"{quoted(text, node)} is not understood: {name} is called as in {usage(name)}")

    named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
    if len(named) < len(node.keywords):  # **names, or a name twice
        raise misuse()
    try:
        bound = signature.bind(*node.args, **named)
    except TypeError:
        raise misuse() from None
    bound.apply_defaults()
    work: list[ast.expr | Step] = []
    for parameter, argument in zip(signature.parameters.values(), bound.args):
        if not isinstance(argument, ast.expr):  # a default
            work.append(argument)
        elif isinstance(parameter.default, str):
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                raise misuse()
            work.append(argument.value)
        elif is_list(parameter):
            if not isinstance(argument, ast.List):
                raise misuse()
            work += [*argument.elts, Call(_pack, len(argument.elts))]
        elif isinstance(argument, ast.List):
            raise misuse()
        else:
            work.append(argument)
    return [*work, Call(FUNCTIONS[name], len(bound.args))]


def _pack(*items: Any) -> list[Any]:
    return list(items)


def _finite(value: float, node: ast.expr, text: str) -> float:
    try:
        if math.isfinite(value := float(value)):
            return value
    except OverflowError:  # an int with more than 308 digits
        pass
    raise ExpressionError(f"{quoted(text, node)} is too large for a number (more than 1.8e308)")
