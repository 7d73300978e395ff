"""jvp, vjp and hvp: products of a Jacobian or a Hessian with a vector, without the matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..basics.arguments import is_function
from ..basics.messages import shown
from .calls import Function, call, results, transforming
from .gradients import grad
from .modes import pullback, pushforward
from .tree import as_lists, leaves_like, leaves_of, results_of


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Forward mode: the value of f and its derivative in one direction, from one forward pass.

    Args:
        f: a function that returns a number or a nested list of numbers.
        primals: the arguments of f.
        tangents: the direction; for each argument something that is nested like it.

    Returns:
        (f(*primals), Jacobian · tangents), both nested like f's output.

    Raises:
        TypeError: if f is not a function, or primals and tangents are not tuples of numbers.
        ValueError: if a tangent is not nested like its primal.
        ValueError, ZeroDivisionError: where a local derivative on the way is not finite, even if a factor of 0 follows:
            reverse mode, from the other end, meets the 0 first.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    is_function(f, "jvp")
    primals, tangents = _arguments(primals, "primals"), _arguments(tangents, "tangents")
    leaves_of(primals, "primals")
    directions = leaves_like(tangents, primals, ("tangents", "primals"))
    with transforming([primals, tangents], forward=1) as as_values:
        output, _, nodes = call(f, primals, {}, tuple(range(len(primals))))
        outputs = results_of(output)
        moved = pushforward(outputs, nodes, directions, as_values=as_values)
        return results(output, outputs, as_values), results(output, moved, as_values)


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Reverse mode, in two steps: the value of f, and a function that pulls gradients back from outputs to inputs.

    Args:
        f: a function that returns a number or a nested list of numbers.
        *primals: the arguments of f.

    Returns:
        (f(*primals), pull); `pull(cotangents)`, with cotangents nested like the output, returns the tuple of
        cotangentsᵀ · Jacobian, one for each argument and nested like it. It can be called any number of times.

    Raises:
        TypeError: if f is not a function of numbers.
        ValueError: by `pull`, if the cotangents are not nested like the output.

    >>> y, pull = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
    >>> y, pull([1.0, 10.0])
    ([12.0, 7.0], (14.0, 13.0))
    """
    is_function(f, "vjp")
    with transforming(primals) as as_values:
        output, chosen, nodes = call(f, primals, {}, tuple(range(len(primals))))
        outputs = results_of(output)
        value = results(output, outputs, as_values)

    def pull(cotangents: Any) -> Any:
        cotangents = as_lists(cotangents)
        seeds = leaves_like(cotangents, output, ("cotangents", "the output"))
        with transforming([cotangents]) as also_values:
            values = as_values or also_values
            return results(chosen, pullback(outputs, seeds, nodes, as_values=values), values)

    return value, pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, without the Hessian: forward mode over reverse mode (Pearlmutter 1994).

    Args:
        f: a function that returns one number.
        primals: the arguments of f.
        tangents: the vector; for each argument something that is nested like it.

    Returns:
        Hessian · tangents, nested like the argument; a tuple of them if there are several.

    Raises:
        ValueError: if a tangent is not nested like its primal.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([3.0, 4.0],), ([1.0, 0.0],))
    [8.0, 6.0]
    """
    primals = _arguments(primals, "primals")
    return jvp(grad(f, 0 if len(primals) == 1 else tuple(range(len(primals)))), primals, tangents)[1]


def _arguments(given: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"{name} must be a tuple with one item for each argument of the function, got {shown(given)}")
    return tuple(as_lists(x) for x in given)
