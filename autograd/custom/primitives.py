"""primitive: a rule of one's own, which enters the table and is then as good as any other.

What a rule is stands in rules.py, and what the table's rules are in ops.py. Here a function and its derivative are made
one, looked over, and put in all the places where rules are found by name: only when nothing is wrong with them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, Signature, signature
from keyword import iskeyword
from pickle import PicklingError, UnpicklingError
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import autograd

from .. import ops, vocabulary
from ..basics.arguments import is_function, unwrapped
from ..basics.domains import within
from ..basics.messages import shown
from ..notation.latex import word
from ..operators import METHODS, Operators
from ..rules import Binary, Nary, Rule, Unary
from ..value import Value
from .checking import check_compiled, check_derivatives, mistake_in_latex
from .guarded import forward_of, forward_of_lists, slope_of, slopes_of
from .points import are_lists, drawn, given, names_of

if TYPE_CHECKING:
    from typing_extensions import TypedDict, Unpack

    class _Options(TypedDict, total=False):
        formula: str
        latex: str
        symbol: str
        domain: str
        kernels: dict[str, Function] | None
        points: Iterable[Any] | None
        expression: bool


Function: TypeAlias = Callable[..., Any]
OfOne: TypeAlias = Callable[[float], float]
OfTwo: TypeAlias = Callable[[float, float], float]
Slope: TypeAlias = Callable[[Any, Any], Any]
Pair: TypeAlias = tuple[Callable[[Any, Any, Any], Any], Callable[[Any, Any, Any], Any]]

ENGINES = ("numpy", "jax")
"""The engines of compiled code that a kernel can be for."""


class Own(Rule):
    """What rules of one's own have besides: they are pickled by their name and that of the module that made them."""

    kernels: dict[str, Function]

    def __reduce__(self) -> Any:
        if ops.RULES.get(self.name) is not self:
            raise PicklingError(
                f"this {self.name} can't be pickled, for a pickle names it, and by that name the table has"
                f" {'another rule, defined later' if self.name in ops.RULES else 'no rule any more'}: pickle that one,"
                " or define it under a name of its own"
            )
        return found, (self.name, self.__module__)

    def __copy__(self) -> Own:
        return self

    def __deepcopy__(self, memo: Any) -> Own:
        return self


class _Unary(Own, Unary):
    pass


class _Binary(Own, Binary):
    pass


class _Nary(Own, Nary):
    def __call__(self, *groups: Any) -> Any:
        return super().__call__(*[unwrapped(x) for x in groups])


@overload
def primitive(name: str, forward: OfTwo, derivative: Pair, **options: Unpack[_Options]) -> Binary: ...
@overload
def primitive(
    name: str, forward: Function, derivative: Function, *, lists: Literal[True], **options: Unpack[_Options]
) -> Nary: ...
@overload
def primitive(name: str, forward: OfOne, derivative: Slope, **options: Unpack[_Options]) -> Unary: ...
@overload
def primitive(name: str, *, derivative: Pair, **options: Unpack[_Options]) -> Callable[[OfTwo], Binary]: ...
@overload
def primitive(
    name: str, *, derivative: Function, lists: Literal[True], **options: Unpack[_Options]
) -> Callable[[Function], Nary]: ...
@overload
def primitive(name: str, *, derivative: Slope, **options: Unpack[_Options]) -> Callable[[OfOne], Unary]: ...
def primitive(
    name: str,
    forward: Function | None = None,
    derivative: Any = None,
    *,
    lists: bool = False,
    formula: str = "",
    latex: str = "",
    symbol: str = "",
    domain: str = "",
    kernels: dict[str, Function] | None = None,
    points: Iterable[Any] | None = None,
    expression: bool = False,
) -> Any:
    """Define an operation of one's own, which then is as good as those of the package.

    It is a function, `autograd.NAME`, and a method of Values; an activation by its name in `nn`; it is drawn,
    explained, compiled, and copied and pickled with the models that hold it. Only `to_onnx` refuses it. Defined again
    by the same module, as when a cell of a notebook runs again, it takes the place of the former; nodes that were made
    before keep their rule.

    Args:
        name: of the function; the package must not have it already.
        forward: from numbers to a number; it raises ValueError where it isn't defined. With `lists`, of lists and
            numbers. Without it, `primitive` is a decorator.
        derivative: for one operand a function of (y, a), y being the result, that returns dy/da. For two a pair of such
            functions of (y, a, b), dy/da and dy/db. With `lists` one function of (y, *operands) that returns the slope
            for each operand, for a list a list of them. What is written with arithmetic and functions of autograd
            (`autograd.cos`, not `math.cos`; `autograd.where`, not `if`) can be differentiated again.
        lists: True for a function of lists.
        formula: y in terms of the operands a and b, for messages and `help`.
        latex: how it is written, with #1 and #2 for the operands.
        symbol: what stands in drawings, if not the name.
        domain: where it is defined, a Python condition on a and b such as "a > 0".
        kernels: by the name of an engine, "numpy" or "jax", a function from arrays to an array, for compiled code;
            with `lists` an array has the shape (n, k, examples) for n lists of k numbers, and the result (n, examples).
            Without it the numbers are computed one by one, for "jax" by a call back to Python in each run.
        points: where the derivative is compared with differences: numbers, or tuples of the operands. None for some
            points in the domain, () for none: for what is not to be the derivative, as that of a step.
        expression: whether it may stand in expressions, for `parse` and the command line.

    Returns:
        The rule, a function of numbers and Values.

    Raises:
        TypeError, ValueError: if an argument is not what it should be, or the name is taken.
        GradcheckError: if the derivative is wrong, or the one of that.
        AssertionError: if it is another for Values than for numbers, or a kernel gives other numbers than forward. In
            each case nothing has been defined.

    >>> cube = primitive("cube", lambda a: a ** 3, lambda y, a: 3 * a * a, latex="{#1}^3")
    >>> x = Value(2.0)
    >>> y = x.cube() + cube(x)
    >>> y.backward()
    >>> y.data, x.grad, autograd.grad(autograd.grad(cube))(2.0)
    (16.0, 24.0, 12.0)
    """
    home = str(sys._getframe(1).f_globals.get("__name__"))
    with _one_at_a_time:  # not while another thread defines it
        _check_name(name, home, expression)
    for what, text in {"formula": formula, "latex": latex, "symbol": symbol, "domain": domain}.items():
        if not isinstance(text, str):
            raise TypeError(f"{what} must be a string, got {shown(text)}")

    def defined(f: Function) -> Any:
        is_function(f, "primitive")
        rule = _made(name, f, derivative, lists)
        rule.__module__ = home
        names = names_of(f) if lists else list(rule.operands)
        called = f"{name}({', '.join(names)})"
        rule.formula, rule.symbol, rule.domain = formula or called, symbol or name, domain
        places = ["#1", "#2"][: len(rule.operands)]
        rule.latex = latex or (word(name) if lists else f"{word(name)}({', '.join(places)})")
        rule.kernels = kernels or {}
        rule.__doc__ = f"y = {rule.formula}.\n\n{f.__doc__ or ''}".rstrip()
        _check(rule, points)
        if expression and not names:
            raise ValueError(f"{name} can't stand in expressions: its function has no names for its operands")
        kinds = ["Iterable" if many else Parameter.empty for many in are_lists(rule)]
        rule.__signature__ = Signature(
            [Parameter(x, Parameter.POSITIONAL_ONLY, annotation=kind) for x, kind in zip(names, kinds)]
        )
        _register(rule, expression)
        return rule

    return defined if forward is None else defined(forward)


def found(name: str, module: str) -> Rule:
    """The rule that a pickle or a copy names.

    Raises:
        UnpicklingError: if it isn't defined here.
    """
    if name not in ops.RULES and module not in sys.modules:
        try:
            import_module(module)
        except ImportError as cause:
            raise UnpicklingError(
                f"{name} is an operation that {module} defines, and that can't be imported here ({cause}):"
                f" run its autograd.primitive({name!r}, ...) first"
            ) from None
    rule = ops.RULES.get(name)
    if rule is None:
        raise UnpicklingError(
            f"{name} is an operation that {module} defined, and that isn't defined here: run its"
            f" autograd.primitive({name!r}, ...) first"
        )
    if rule.__module__ != module and "__main__" not in (rule.__module__, module):
        raise UnpicklingError(f"{name} was defined by {module}, and is defined here by {rule.__module__}")
    return rule


# -------------------------------------------------------------------------------------------- what is looked at first


def _check_name(name: Any, home: str, expression: bool) -> None:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name) or name.startswith("_"):
        raise ValueError(f"name must be a name for a function, such as 'cube', got {shown(name)}")
    known = ops.RULES.get(name)
    if isinstance(known, Own):
        if known.__module__ != home:
            raise ValueError(f"{name!r} is taken: {known.__module__} has defined {known!r}; choose another name")
        return
    owners = {
        "autograd": hasattr(autograd, name) or find_spec(f"autograd.{name}") or known,
        "a Value": hasattr(Value, name),
    }
    owners |= {"nn": name == "linear", "an expression": expression and name in vocabulary.CONSTANTS}
    for owner, has in owners.items():
        if has:
            raise ValueError(f"{name!r} is taken: {owner} has something of that name; choose another one")


def _made(name: str, f: Function, derivative: Any, lists: bool) -> Any:
    """The rule, with what it computes and its derivatives."""
    functions = [derivative] if callable(derivative) else derivative
    most = 1 if lists else 2
    if not isinstance(functions, (tuple, list)) or not 0 < len(functions) <= most or not all(map(callable, functions)):
        pair = "one function" if lists else "a function, or a pair of them for two operands"
        raise TypeError(f"derivative must be {pair}, got {shown(derivative)}")
    operands = ("a", "b")[: len(functions)]
    if not lists and len(functions) == 1 and _takes(f, "ab") and not _takes(f, "a"):
        raise TypeError("derivative must be a pair for a function of two operands: functions of (y, a, b), for a and b")
    if not lists:
        for function in functions:
            _check_arity(function, ("y", *operands), "derivative")
        _check_arity(f, operands, "forward")
    if lists:
        return _Nary(name, "y", forward_of_lists(name, f), slopes_of(name, *functions), latex="")
    kind: Any = _Unary if len(functions) == 1 else _Binary
    return kind(name, "y", forward_of(name, f), *[slope_of(name, d) for d in functions], latex="")


def _check_arity(function: Function, operands: Sequence[str], what: str) -> None:
    if not _takes(function, operands):
        raise TypeError(f"{what} must be a function of ({', '.join(operands)}), got one of {signature(function)}")


def _takes(function: Function, operands: Sequence[str]) -> bool:
    """Whether it can be called with so many operands, as far as its signature says."""
    try:
        parameters = signature(function)
    except (TypeError, ValueError):  # some functions written in C
        return True
    try:
        parameters.bind(*operands)
    except TypeError:
        return False
    return True


def _check(rule: Any, points: Iterable[Any] | None) -> None:
    """All that could be wrong with a rule, before it enters the table."""
    mistake = mistake_in_latex(rule.latex, 0 if isinstance(rule, Nary) else len(rule.operands))
    if mistake:
        raise ValueError(f"latex {mistake}, got {shown(rule.latex)}")
    if not isinstance(rule.kernels, dict) or not all(x in ENGINES and callable(f) for x, f in rule.kernels.items()):
        raise ValueError(f"kernels must be a dict with functions for 'numpy' or 'jax', got {shown(rule.kernels)}")
    if not isinstance(rule, Nary):
        try:
            within(rule.domain, dict.fromkeys(rule.operands, 0.5))
        except Exception as cause:
            condition = f"a condition on {' and '.join(rule.operands)}, such as 'a > 0'"
            raise ValueError(f"domain must be {condition}, got {shown(rule.domain)} ({cause})") from None
    chosen = drawn(rule) if points is None else given(rule, points)
    for point in chosen:
        check_derivatives(rule, point)
    for engine in rule.kernels:
        try:
            check_compiled(rule, chosen, engine)
        except (ValueError, TypeError, ArithmeticError) as cause:
            raise ValueError(f"the kernel of {rule.name} for {engine!r} fails: {cause}") from cause


# ------------------------------------------------------------------------------------- where rules are found by name


_one_at_a_time = threading.RLock()


def _register(rule: Any, expression: bool) -> None:
    """Put a rule in all the places; nothing in here can fail."""
    name = rule.name
    with _one_at_a_time:
        remove(name)
        ops.RULES[name] = rule
        setattr(autograd, name, rule)
        autograd.__all__.append(name)
        if not isinstance(rule, Nary):
            setattr(Operators, name, rule)
        if isinstance(rule, Unary):
            METHODS[name] = rule
        if expression:
            vocabulary.FUNCTIONS[name] = rule


def remove(name: str) -> None:
    """Take a rule of one's own out of the table, if it is there; nodes that it made keep it."""
    with _one_at_a_time:
        rule = ops.RULES.get(name)
        if isinstance(rule, Own):
            del ops.RULES[name]
            delattr(autograd, name)
            autograd.__all__.remove(name)
            if not isinstance(rule, Nary):
                delattr(Operators, name)
            METHODS.pop(name, None)
            vocabulary.FUNCTIONS.pop(name, None)
