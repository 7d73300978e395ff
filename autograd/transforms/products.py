"""jvp, vjp and hvp: products of a Jacobian or a Hessian with a vector, without the matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

from ..basics.arguments import is_function
from ..basics.messages import shown
from ..modes import is_followed, nesting
from .calls import Function, call, results, transforming
from .gradients import grad
from .modes import pullback, pushforward
from .tree import arranged, leaves_like, leaves_of, values_in


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Forward mode: the value of f and its derivative in one direction, from one forward pass.

    Args:
        f: a function that returns a number or a nested list of numbers.
        primals: the arguments of f.
        tangents: the direction; for each argument something that is nested like it.

    Returns:
        (f(*primals), Jacobian · tangents), both nested like f's output. Numbers, or Values as for `value_and_grad`.

    Raises:
        TypeError: if f is not a function, or primals and tangents are not tuples of its arguments.
        ValueError: if a tangent is not nested like its primal.
        ValueError, ZeroDivisionError: if a tangent isn't defined, as that of `sqrt` at 0; unless the output doesn't
            depend on it, as behind a relu that is off.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    is_function(f, "jvp")
    primals, tangents = _arguments(primals, "primals"), _arguments(tangents, "tangents")
    leaves_of(primals, "primals")
    directions = leaves_like(tangents, primals, ("tangents", "primals"))
    with transforming(forward=1) as recorded:
        try:
            run = call(f, primals, {}, tuple(range(len(primals))), recorded)
        except TypeError:
            _check_number(f, primals)
            raise
        values = run.as_values or (recorded and bool(values_in(tangents)))
        moved = pushforward(run.outputs, run.nodes, directions, as_values=values, order=run.order)
        return results(run.output, run.outputs, values), results(run.output, moved, values)


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Reverse mode, in two steps: the value of f, and a function that pulls gradients back from outputs to inputs.

    Args:
        f: a function that returns a number or a nested list of numbers.
        *primals: the arguments of f.

    Returns:
        (f(*primals), pull); `pull(cotangents)`, with cotangents nested like the output, returns the tuple of
        cotangentsᵀ · Jacobian, one for each argument and nested like it. It can be called any number of times. Numbers,
        or Values as for `value_and_grad`.

    Raises:
        TypeError: if f is not a function of numbers.
        ValueError: by `pull`, if the cotangents are not nested like the output.

    >>> y, pull = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
    >>> y, pull([1.0, 10.0])
    ([12.0, 7.0], (14.0, 13.0))
    """
    is_function(f, "vjp")
    with transforming() as recorded:
        run = call(f, primals, {}, tuple(range(len(primals))), recorded)
        value = results(run.output, run.outputs, run.as_values)

    def pull(cotangents: Any) -> Any:
        cotangents = arranged(cotangents)
        seeds = leaves_like(cotangents, run.output, ("cotangents", "the output"))
        with transforming() as recorded:
            values = recorded and (is_followed() or run.as_values or nesting.depth > 1 or bool(values_in(cotangents)))
            found = pullback(run.outputs, seeds, run.nodes, as_values=values, order=run.order)
            return results(run.chosen, found, values)

    return value, pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, without the Hessian: forward mode over reverse mode (Pearlmutter 1994).

    Args:
        f: a function that returns one number.
        primals: the arguments of f.
        tangents: the vector; for each argument something that is nested like it.

    Returns:
        Hessian · tangents, nested like the argument, so that an array gives what SciPy's `hessp` wants; a tuple of them
        if there are several. Numbers, or Values as for `value_and_grad`.

    Raises:
        TypeError: if primals and tangents are not tuples of the arguments of f.
        ValueError: if a tangent is not nested like its primal.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 4.0],), ([1.0, 0.0],))
    [8.0, 6.0]
    """
    is_function(f, "hvp")
    primals = _arguments(primals, "primals")
    try:
        return jvp(grad(f, 0 if len(primals) == 1 else tuple(range(len(primals)))), primals, tangents)[1]
    except TypeError:
        _check_number(f, primals)
        raise


def _arguments(given: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"{name} must be a tuple with one item for each argument of the function, got {shown(given)}")
    return tuple(arranged(x) for x in given)


def _check_number(f: Function, primals: tuple[Any, ...]) -> None:
    """A TypeError that shows how they are written, if f doesn't take so many arguments."""
    try:
        signature(f).bind(*primals)
    except ValueError:  # some functions written in C have no signature
        return
    except TypeError:
        raise TypeError(
            f"primals must be a tuple with one item for each argument of the function, got {len(primals)} items for"
            f" {signature(f)}: of a list alone it is ([1.0, 2.0],), and so are the tangents"
        ) from None
