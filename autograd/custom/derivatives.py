"""custom_derivative: a whole function as one node, with a derivative that one knows.

It is how one differentiates what should not be followed step by step: a root that Newton's method finds, an integral, a
fixed point. The node has a rule of lists; it is in no table, for it goes by no name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from numbers import Real
from typing import Any, TypeVar

from ..basics.arguments import is_function
from ..basics.messages import shown
from ..basics.operand import Operand
from ..notation.latex import word
from ..rules import Nary
from ..transforms.calls import apart
from .guarded import forward_of_lists, slopes_of

F = TypeVar("F", bound=Callable[..., Any])


def custom_derivative(slopes: Callable[..., Any], *, name: str = "", latex: str = "") -> Callable[[F], F]:
    """A decorator: f becomes one operation, which computes with plain numbers and has the derivative that is given.

    Args:
        slopes: a function of (y, *arguments), y being what f returned. It returns for each argument the slope
            ∂y/∂argument, for a list a list of them; of a single argument that alone; of several, None for one that
            isn't differentiated, such as a count. If it is written with arithmetic, functions of autograd and
            transforms such as `grad`, it can be differentiated again.
        name: in drawings and messages, if not that of f.
        latex: how it is named in formulas.

    Returns:
        A decorator for a function f of numbers and lists of numbers, which returns one number. f can do whatever Python
        can, for it is given plain numbers: loop until something converges, call other libraries. Compiled code calls it
        for one example after the other.

    Raises:
        TypeError: if slopes or f is not a function, or f has parameters that go by name only. On a call, if an argument
            is neither a number nor a list of them, f doesn't return one number, or it uses Values that are not its
            arguments. By `backward` and the like, if the slopes are not as many as the arguments, or for a list not as
            many as its items; and where slopes that are for plain numbers only would be differentiated again.

    The root x(a) of F(x, a) = 0 has the derivative -∂F/∂a / ∂F/∂x, by the implicit function theorem:

    >>> from autograd import grad
    >>> def F(x, a):
    ...     return x ** 3 + a * x - 2
    >>> def slope(x, a):
    ...     of_x, of_a = grad(F, (0, 1))(x, a)
    ...     return -of_a / of_x
    >>> @custom_derivative(slope)
    ... def root(a):
    ...     x = 1.0
    ...     while abs(F(x, a)) > 1e-14:
    ...         x -= F(x, a) / grad(F)(x, a)
    ...     return x
    >>> root(1.0), grad(root)(1.0), grad(grad(root))(1.0)
    (1.0, -0.25, 0.03125)
    """
    is_function(slopes, "custom_derivative")

    def decorate(f: F) -> F:
        is_function(f, "custom_derivative")
        own = getattr(f, "__name__", type(f).__name__)
        called = name or (own if own.isidentifier() else "f")  # a lambda
        parameters = signature(f).parameters.values()
        if any(p.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD) for p in parameters):
            raise TypeError(
                f"{called} has parameters that go by name only: a derivative is for arguments in their order"
            )
        names = ", ".join([("*" * (p.kind is Parameter.VAR_POSITIONAL)) + p.name for p in parameters])
        d = slopes_of(called, slopes)

        def by_itself(*operands: Any) -> Any:
            with apart():
                return f(*operands)

        @wraps(d)
        def slopes_by_themselves(y: Any, *operands: Any) -> Any:
            if y.__class__ is not float:
                return d(y, *operands)
            with apart():
                return d(y, *operands)

        rule = Nary(
            called, f"{called}({names})", forward_of_lists(called, wraps(f)(by_itself)), slopes_by_themselves,
            latex=latex or word(called),
        )  # fmt: skip

        @wraps(f)
        def applied(*args: Any, **kwargs: Any) -> Any:
            if kwargs or len(args) != len(parameters):
                bound = signature(f).bind(*args, **kwargs)
                bound.apply_defaults()
                args = bound.args
            return rule(*[_operand(x, called) for x in args])

        applied.rule = rule  # type: ignore[attr-defined]
        return applied  # type: ignore[return-value]

    return decorate


def _operand(x: Any, name: str) -> Any:
    """An argument as an operand of a rule of lists."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    for item in x if isinstance(x, (list, tuple)) else (x,):
        if not isinstance(item, (Real, Operand)):
            raise TypeError(
                f"an argument of {name} must be a number, a Value or a list of them, got {shown(x)}: what else it needs"
                " can stand in a function around it"
            )
    return x
