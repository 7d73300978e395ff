"""gradcheck: the engine against central differences. It knows no rule: it calls the function beside its inputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..basics.arguments import is_function, number
from ..modes import no_grad
from ..value import Value
from .matrices import jacobian
from .tree import as_lists, leaves_of, like, results_of


class GradcheckError(RuntimeError):
    """The engine's derivative and the numerical one differ.

    >>> from autograd import straight_through
    >>> try:
    ...     gradcheck(straight_through(abs), -2.0)
    ... except GradcheckError as error:
    ...     print(str(error).splitlines()[0])
    the derivative of output 0 with respect to input 0 (= -2.0) is wrong:
    """


def gradcheck(f: Callable[..., Any], inputs: Any, *, eps: float = 1e-5, rtol: float = 1e-6, atol: float = 1e-8) -> bool:
    """Compare the engine's derivatives of f with central differences, (f(x + h) - f(x - h)) / 2h.

    Args:
        f: a function that returns a number or a nested list of numbers.
        inputs: where to compare. A tuple holds the arguments of f; anything else (a number, a list) is its only one.
        eps: the step: h is eps, times |x| where |x| exceeds 1. The truncation error falls with h², the rounding error
            grows with 1/h; 1e-5 is near the best of both in double precision.
        rtol: the relative difference that is still allowed.
        atol: the absolute difference that is still allowed, for derivatives near 0.

    Returns:
        True.

    Raises:
        TypeError, ValueError: if f is not a function, or a setting is not a number, or negative or infinite.
        GradcheckError: if a derivative differs by more than `atol + rtol · |numeric|`; the message shows the input,
            both derivatives and their relative difference.

    >>> gradcheck(lambda x, y: x * y + x.sin(), (1.0, 2.0))
    True
    """
    is_function(f, "gradcheck")
    eps, rtol, atol = number(eps, "eps"), number(rtol, "rtol"), number(atol, "atol")
    if not 0 < eps < math.inf:
        raise ValueError(f"eps must be a finite number greater than 0, got {eps!r}")
    if not (0 <= rtol < math.inf and 0 <= atol < math.inf):
        raise ValueError(f"rtol and atol must be finite numbers, 0 or greater, got {rtol!r} and {atol!r}")
    arguments = tuple(as_lists(x) for x in inputs) if isinstance(inputs, tuple) else (as_lists(inputs),)
    point = [x.data if isinstance(x, Value) else number(x, "an input") for x in leaves_of(arguments, "inputs")]

    def outputs(at: list[float]) -> list[float]:
        with no_grad():
            values = results_of(as_lists(f(*like(arguments, iter([Value(x) for x in at])))))
        return [y.data if isinstance(y, Value) else float(y) for y in values]

    argnums = tuple(range(len(arguments)))
    analytic = jacobian(lambda *args: results_of(as_lists(f(*args))), argnums)(*like(arguments, iter(point)))
    rows = [leaves_of(row, "the derivative") for row in analytic]
    for i, x in enumerate(point):
        h = eps * max(1.0, abs(x))
        if x - h == x + h:
            raise ValueError(f"eps={eps!r} is too small a step: {x!r} + {h!r} is {x!r} as a float")
        high, low = (outputs([*point[:i], moved, *point[i + 1 :]]) for moved in (x + h, x - h))
        for j, row in enumerate(rows):
            if not (math.isfinite(high[j]) and math.isfinite(low[j])):
                beside = f"output {j} is {low[j]!r} and {high[j]!r} beside input {i} (= {x!r})"
                raise GradcheckError(f"{beside}: there is no difference to compare with, pass another eps")
            numeric = (high[j] - low[j]) / ((x + h) - (x - h))
            difference = abs(row[i] - numeric)
            if not difference <= atol + rtol * abs(numeric):
                raise GradcheckError(
                    f"the derivative of output {j} with respect to input {i} (= {x!r}) is wrong:\n"
                    f"    numeric  {numeric!r}\n"
                    f"    analytic {row[i]!r}\n"
                    f"    relative difference {difference / max(abs(numeric), abs(row[i]), 1e-300):.3g}"
                    f" (allowed: rtol={rtol:g}, atol={atol:g})"
                )
    return True
