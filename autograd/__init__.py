"""A scalar reverse-mode automatic-differentiation engine.

>>> import autograd
>>> a, b = autograd.Value(2.0, label="a"), autograd.Value(1.0, label="b")
>>> e = (a + b) * (b + 1)
>>> e.backward()
>>> a.grad, b.grad
(2.0, 5.0)

`Value` records what is computed from it; `backward()` applies the chain rule. The functions of one or more numbers
(`exp`, `tanh`, `dot`, ...) take Values and plain numbers. `grad` and its relatives differentiate functions, `draw`
shows a graph, `gradcheck` compares with differences, `compile` runs a function as array operations.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from . import functions, ops
from .basics.documentation import Documentation
from .basics.namesake import refuse_mixed
from .basics.notebook import short_tracebacks
from .functions import *  # noqa: F403
from .functions import straight_through
from .lookup import one_hot, take
from .modes import is_grad_enabled, no_grad
from .ops import *  # noqa: F403
from .order import topological_order
from .rules import Binary, Nary, Rule, Unary
from .ternary import Ternary
from .value import Value

if TYPE_CHECKING:
    from .custom import check_rule, custom_derivative, primitive
    from .program import compile
    from .show import check_answer, draw, explain
    from .show.practice.practice import practice
    from .show.steps.steps import steps
    from .transforms import (
        checkpoint,
        grad,
        gradient,
        hessian,
        hvp,
        jacobian,
        jvp,
        value_and_grad,
        vjp,
    )
    from .transforms.gradcheck import GradcheckError, gradcheck

# imported at their first use: some need packages that the engine doesn't, and all need their time
_LATE = {"compile": "program", **dict.fromkeys(("check_answer", "draw", "explain", "practice", "steps"), "show")}
_LATE |= dict.fromkeys(("check_rule", "custom_derivative", "primitive"), "custom")
_LATE |= dict.fromkeys(("GradcheckError", "checkpoint", "grad", "gradcheck", "gradient", "hessian"), "transforms")
_LATE |= dict.fromkeys(("hvp", "jacobian", "jvp", "value_and_grad", "vjp"), "transforms")

__all__ = [
    "GradcheckError", "Value", "check_answer", "check_rule", "checkpoint", "compile", "compiled_kernel",
    "custom_derivative", "draw", "explain", "grad", "gradcheck", "gradient", "hessian", "hvp", "is_grad_enabled",
    "jacobian", "jvp", "no_grad", "one_hot", "practice", "primitive", "steps", "straight_through", "take",
    "topological_order", "value_and_grad", "vjp",
]  # fmt: skip
__all__ += functions.__all__
__all__ += ops.__all__

compiled_kernel = not isinstance(topological_order, FunctionType)
"""Whether the kernel runs as compiled C, as a wheel may have it, or as the Python that one reads."""

__version__ = "0.2.0"


def _in_words(rule: Rule, part: str = "told") -> str:
    from .notation import told  # only now: it writes formulas

    return str(getattr(told, part)(rule))


Rule.__str__ = _in_words  # type: ignore[method-assign,assignment]
for _kind in (Rule, Unary, Binary, Nary, Ternary):
    _kind.__doc__ = Documentation(_kind.__doc__, lambda rule: _in_words(rule, "slopes"))  # type: ignore[assignment]

refuse_mixed(__file__)
short_tracebacks()


if not TYPE_CHECKING:  # a type checker that sees this takes every name for one of the package

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name == "transforms":
            return import_module(f"{__name__}.{name}")  # which makes it an attribute
        if name in _LATE:
            found = globals()[name] = getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
            return found
        from .familiar import PACKAGE, missing

        raise missing(__name__, name, PACKAGE)


def __dir__() -> list[str]:
    return sorted(__all__)
