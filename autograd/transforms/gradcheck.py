"""gradcheck: the engine against differences. It knows no rule: it calls the function beside its inputs."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

from .. import edges
from ..basics.arguments import is_function, number
from ..basics.messages import shown
from ..modes import no_grad
from ..value import Value
from .calls import Recording, call, fresh, given, result, transforming
from .differences import compared, kink
from .directions import derivatives
from .tree import arranged, leaves_of, like, results_of


class GradcheckError(RuntimeError):
    """The engine's derivative and the numerical one differ.

    >>> from autograd import straight_through
    >>> try:
    ...     gradcheck(straight_through(abs), -2.0)
    ... except GradcheckError as error:
    ...     print(str(error).splitlines()[0])
    the derivative of output 0 with respect to input 0 (= -2.0) is wrong:
    """


def gradcheck(
    f: Callable[..., Any], inputs: Any, *, eps: float | None = None, rtol: float = 1e-6, atol: float = 0.0
) -> bool:
    """Compare the engine's derivatives of f with differences of its values, extrapolated to a step of 0 (Ridders 1982).

    Steps of many sizes are tried, so that the size of the inputs and how fast f changes make no difference. A
    derivative that is too small to be seen in the digits of f passes if the differences allow it.

    Args:
        f: a function that returns a number or a nested list of numbers.
        inputs: where to compare. A tuple holds the arguments of f; anything else (a number, a list) is its only one.
        eps: the largest step; None for 1/64 of the input, or of 1 where that is more.
        rtol: the relative difference that is still allowed.
        atol: the absolute difference that is still allowed, for functions that are not exact themselves.

    Returns:
        True.

    Raises:
        TypeError, ValueError: if f is not a function, or a setting is not a number, or negative or infinite.
        ValueError: if f ignores its inputs and uses Values around it: `nn.gradcheck(model, loss)` checks a model.
        GradcheckError: if a derivative differs by more than `atol + rtol · |numeric|`, and what the differences
            themselves may be off; the message shows the input, both derivatives and their relative difference. At a
            kink it shows the slopes on both sides. If f gives different results for the same inputs.

    >>> gradcheck(lambda x, y: x * y + x.sin(), (1.0, 2.0)), gradcheck(lambda x: x.log(), 1e-8)
    (True, True)
    """
    is_function(f, "gradcheck")
    rtol, atol = number(rtol, "rtol"), number(atol, "atol")
    if eps is not None and not 0 < number(eps, "eps") < math.inf:
        raise ValueError(f"eps must be a finite number greater than 0, got {eps!r}")
    if not (0 <= rtol < math.inf and 0 <= atol < math.inf):
        raise ValueError(f"rtol and atol must be finite numbers, 0 or greater, got {rtol!r} and {atol!r}")
    arguments = tuple(arranged(x) for x in inputs) if isinstance(inputs, tuple) else (arranged(inputs),)
    items = leaves_of(arguments, "inputs")
    point = [x.data if isinstance(x, Value) else number(x, "an input") for x in items]
    values, rows, run = _derivatives(f, like(arguments, iter(point)))
    for i, x in enumerate(point):
        outputs = _along(f, arguments, point, i)
        if not _same(outputs(x), values):
            raise GradcheckError(
                f"f gives {shown(outputs(x))} where it gave {shown(values)} for the same inputs: it must be exact to be"
                " checked, without random numbers"
            )
        name = f"input {i} ({edges.named(items[i]) if getattr(items[i], 'label', '') else f'= {x!r}'})"
        if eps is not None and x + eps == x:
            raise ValueError(f"eps={eps!r} is too small a step: {x!r} + {eps!r} is {x!r} as a float")
        for j, row in enumerate(rows):

            def output(t: float, j: int = j, outputs: Callable[[float], list[float]] = outputs) -> float:
                found = outputs(t)
                return found[j] if j < len(found) else math.nan

            found = compared(output, x, row[i], rtol=rtol, atol=atol, widest=eps)
            sides = kink(output, x, found)
            if sides is not None:
                raise GradcheckError(
                    f"output {j} has a kink at {name}: its slope is {sides[0]:.9g} to the left and {sides[1]:.9g} to"
                    f" the right, the derivative {row[i]!r}: check beside it"
                )
            if not (found.agrees or abs(row[i] - found.slope) <= _rest(run, j, i)):
                raise GradcheckError(
                    _difference(f"output {j} with respect to {name}", row[i], found.slope, found.error)
                    + f" (allowed: rtol={rtol:g}, atol={atol:g})"
                )
    return True


def _derivatives(f: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[list[float], list[list[float]], Recording]:
    """The outputs of f, for each the engine's derivatives for all numbers of the arguments, and the graph."""
    with transforming():
        run = call(f, arguments, {}, tuple(range(len(arguments))), recorded=False, strict=True)
        rows = derivatives(run.outputs, run.nodes, as_values=False, order=run.order)
    return [result(y, as_values=False) for y in run.outputs], rows, run


def _rest(run: Recording, j: int, i: int) -> float:
    """What rounding may leave of a derivative where the products along its paths cancel: 64 ulp of their sizes' sum."""
    sizes: defaultdict[Any, float] = defaultdict(float, {run.outputs[j]: 1.0})
    for node in reversed(run.order[0]):
        for parent, slope in edges.slopes(node) if node in sizes else ():
            if isinstance(slope, (int, float)):  # that of a checkpoint is a graph of its own
                sizes[parent] += sizes[node] * abs(slope)
    return 64 * sys.float_info.epsilon * sizes[run.nodes[i]]


def _along(f: Callable[..., Any], arguments: Any, point: list[float], i: int) -> Callable[[float], list[float]]:
    """The outputs of f as its i-th number moves; none where it is not defined."""

    @cache
    def outputs(t: float) -> list[float]:
        with transforming(), no_grad():
            nodes = [fresh(x) for x in (*point[:i], t, *point[i + 1 :])]
            try:
                with given(nodes):
                    values = results_of(arranged(f(*like(arguments, iter(nodes)))))
            except (ValueError, ArithmeticError):
                return []
        return [result(y, as_values=False) for y in values]

    return outputs


def _same(xs: list[float], ys: list[float]) -> bool:
    """Whether results are the same but for rounding: Python 3.12 adds floats in another way than what is recorded."""
    most = 1e-12 * max(map(abs, ys), default=0.0)
    return len(xs) == len(ys) and all(x == y or abs(x - y) <= most for x, y in zip(xs, ys))


def _difference(what: str, analytic: float, numeric: float, error: float) -> str:
    difference = abs(analytic - numeric)
    if not error <= min(difference, 1e-3 * max(abs(numeric), abs(analytic))):
        return (
            f"nothing can be said of the derivative of {what}, {analytic!r}: the differences don't settle ({numeric!r},"
            f" off by up to {error:.3g}), because f is not smooth there, not defined beside it, or not exact"
        )
    return (
        f"the derivative of {what} is wrong:\n"
        f"    numeric  {numeric!r}\n"
        f"    analytic {analytic!r}\n"
        f"    relative difference {difference / max(abs(numeric), abs(analytic), 1e-300):.3g}"
    )
