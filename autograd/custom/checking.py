"""check_rule: the tester of rules, for those of the table and for one's own."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from math import isclose, isfinite
from typing import Any

from .. import ops
from ..basics.messages import shown
from ..modes import mode
from ..rules import Binary, Nary, Rule, Unary
from ..transforms import GradcheckError, grad, gradcheck, gradient
from ..transforms.tree import leaves_of, like
from ..value import Value
from .points import drawn, given

_CLOSE = {"rel_tol": 1e-9, "abs_tol": 1e-12}
"""How close arrays are to scalar code: they may add in another order."""


def check_rule(rule: Any, points: Iterable[Any] | None = None) -> bool:
    """Test a rule as the rules of the table are tested: its numbers, its derivatives, how it is written and copied.

    At each point the value must be finite; the derivatives must be those of differences (`gradcheck`), the second ones,
    too, if the derivative can be differentiated; every way to a derivative must give the same; and compiled code must
    give the numbers of scalar code (if NumPy is there).

    Args:
        rule: a rule: what `primitive` returns, a function of the table, or a function with a `custom_derivative`.
        points: where to test it. For a rule of one operand numbers, for others tuples of the operands, where a list
            stands for a list. None for some points inside of its domain.

    Returns:
        True.

    Raises:
        TypeError: if it is no rule.
        ValueError: if a point doesn't fit the rule, or none can be found.
        GradcheckError: if a derivative differs from the differences.
        AssertionError: if anything else is not as it should be. Every message names the rule, and the point.

    >>> from autograd import tanh
    >>> check_rule(tanh), check_rule(tanh, points=[0.5, -20.0])
    (True, True)
    """
    rule = getattr(rule, "rule", rule)
    if not isinstance(rule, (Unary, Binary, Nary)):
        raise TypeError(
            f"check_rule takes a rule, such as autograd.tanh or what primitive() returns, got {shown(rule)}"
        )
    chosen = drawn(rule) if points is None else given(rule, points)
    check_written(rule)
    check_copied(rule)
    for point in chosen:
        check_derivatives(rule, point)
    check_compiled(rule, chosen)
    return True


def check_written(rule: Rule) -> None:
    """An AssertionError unless the rule says how it is written."""
    _assert(rule.name.isidentifier(), f"the name of a rule must be a name in Python, got {shown(rule.name)}")
    _assert(bool(rule.formula and rule.symbol), f"{rule.name} must have a formula and a symbol")
    mistake = mistake_in_latex(rule.latex, 0 if isinstance(rule, Nary) else len(rule.operands))
    _assert(not mistake, f"the latex of {rule.name} {mistake}, got {shown(rule.latex)}")


def mistake_in_latex(latex: str, operands: int) -> str:
    """What is wrong with a pattern for so many operands (0 for any), empty if nothing is."""
    if not latex.isprintable():
        return r"has a control character in it: write it as a raw string, r'\frac{#1}{2}'"
    if latex.count("{") != latex.count("}"):
        return "must have as many { as }"
    if operands and any((f"#{i}" in latex) != (i <= operands) for i in range(1, 4)):
        places = " and ".join([f"#{i}" for i in range(1, operands + 1)])
        return f"must have {places} in the place of the operands"
    return ""


def check_copied(rule: Rule) -> None:
    """An AssertionError unless a rule of the table is itself after pickling."""
    if ops.RULES.get(rule.name) is rule:
        _assert(pickle.loads(pickle.dumps(rule)) is rule, f"{rule.name} is another rule after pickling")


def check_derivatives(rule: Any, point: Sequence[Any]) -> None:
    """The checks that need no arrays, at one point."""
    with mode(no_grad=False):  # whatever is around
        _check_derivatives(rule, point)


def _check_derivatives(rule: Any, point: Sequence[Any]) -> None:
    at = f"{rule.name}({', '.join(map(shown, point))})"
    y = rule(*point)
    _assert(y.__class__ is float and isfinite(y), f"{at} must be a finite number, got {shown(y)}")
    _gradcheck(rule, point, f"the derivative at {at}")
    leaves = [Value(x) for x in leaves_of(point, "a point")]
    if not leaves:  # an empty list
        return
    root = rule(*like(list(point), iter(leaves)))
    _assert(isinstance(root, Value) and root.data == y, f"{at} gives {y!r} for numbers and {root!r} for Values")
    root.backward()
    slopes = gradient(root, leaves)
    _assert([x.grad for x in leaves] == slopes, f"at {at} backward() and gradient() differ")
    try:
        again = gradient(root, leaves, create_graph=True)
    except TypeError:
        return  # a derivative that is for plain numbers only
    for number, x in zip(slopes, again):
        differ = f"the derivative at {at} is {number!r} for numbers and {x.data!r} for Values"
        hint = "(if it compares by ==: that asks of Values whether they are the same)"
        _assert(isclose(x.data, number, **_CLOSE), f"{differ} {hint}")  # Python's sum adds floats in a way of its own
    everything = tuple(range(len(point)))
    _gradcheck(lambda *args: grad(rule, everything)(*args), point, f"the second derivative at {at}")


def _gradcheck(f: Callable[..., Any], point: Sequence[Any], what: str) -> None:
    try:
        gradcheck(f, tuple(point))
    except GradcheckError as error:
        raise GradcheckError(f"{what}: {' '.join(str(error).split())}") from None


def check_compiled(rule: Any, points: Sequence[Sequence[Any]], engine: Any = "numpy") -> None:
    """An AssertionError unless compiled code gives the numbers of scalar code, where there is such an engine."""
    try:
        import_module(engine)
    except ImportError:
        return
    from ..program import compile

    program = compile(lambda *args: rule(*args), engine=engine)
    for point in points:
        at = f"{rule.name}({', '.join(map(shown, point))})"
        batches = [[x] for x in point]
        y, compiled = rule(*point), program(*batches)
        _assert(isclose(compiled, y, **_CLOSE), f"compiled, {at} is {compiled!r}, and not {y!r}")
        expected = grad(rule, tuple(range(len(point))))(*point)
        for i, slopes in enumerate(expected):
            found = program.input_gradients(*batches, argnums=i).ravel().tolist()
            same = all(isclose(a, b, **_CLOSE) for a, b in zip(found, leaves_of(slopes, "slopes")))
            _assert(same, f"compiled, the derivative at {at} for operand {i} is {found}, and not {shown(slopes)}")


def _assert(holds: bool, sentence: str) -> None:
    if not holds:
        raise AssertionError(sentence)
