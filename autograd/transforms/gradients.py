"""grad, value_and_grad and gradient: reverse mode, from one number back to everything it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, Literal, overload

from .. import graph
from ..basics.arguments import is_function
from ..basics.messages import shown
from ..modes import is_followed
from ..value import Value
from .calls import Argnums, Function, call, named, result, results, transforming
from .modes import pullback
from .tree import leaves_of, mapped


@overload
def gradient(output: Value, inputs: Value, create_graph: Literal[False] = False) -> float: ...
@overload
def gradient(output: Value, inputs: Value, create_graph: Literal[True]) -> Value: ...
@overload
def gradient(output: Value, inputs: Any, create_graph: bool = False) -> Any: ...
def gradient(output: Value, inputs: Any, create_graph: bool = False) -> Any:
    """The derivatives of a Value with respect to others of its graph, leaving every `.grad` alone.

    Args:
        output: the Value to differentiate.
        inputs: a Value or a (nested) list of them, leaves or computed nodes.
        create_graph: True to get Values that can be differentiated again.

    Returns:
        Floats (Values with `create_graph`), nested like `inputs`; 0 where the output doesn't depend on an input.

    Raises:
        TypeError: if `output` or an input is not a Value.
        ValueError, RuntimeError: as in `Value.backward`.

    >>> x = Value(3.0)
    >>> slope = gradient(x ** 3, x, create_graph=True)
    >>> slope.data, gradient(slope, x)
    (27.0, 18.0)
    """
    if not isinstance(output, Value):
        raise TypeError(f"output must be a Value, got {shown(output)}")
    nodes = leaves_of(inputs, "inputs")
    for node in nodes:
        if not isinstance(node, Value):
            raise TypeError(f"inputs must be Values of the graph, got the plain number {shown(node)}")
    followed = is_followed()  # by a compiler: then the result is a Value all the same, without a graph if so wished
    found = pullback([output], [1.0], nodes, as_values=create_graph or followed, order=graph.walk([output]))
    if followed and not create_graph:
        found = [g.detach() if isinstance(g, Value) else g for g in found]
    return results(inputs, found, create_graph or followed)


def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., tuple[Any, Any]]:
    """A function that returns both f(...) and its gradient, from one forward pass.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.
        has_aux: whether f returns a pair (number, aux) instead, with anything in aux: predictions, a new state.

    Returns:
        A function of the same arguments that returns (value, gradient), the gradient nested like the argument; NumPy
        arrays reach f as arrays of Values and come back as arrays of floats. With has_aux it returns ((value, aux),
        gradient); where the value is a plain number, so are the Values in aux's lists, tuples, dicts and arrays.

    The results are plain numbers, cut off from every graph, unless an argument of the call is a Value, or f uses one
    that it finds around it, such as a parameter of a model: then they are Values, through which a loss sends its
    gradient on to those. That takes about twice the time, and keeps the graph as long as the results;
    `with no_grad():` around the call leaves it at numbers, `w.detach()` or `w.data` in f makes w a constant.

    Raises:
        TypeError: on the call, if f doesn't return one number (a comparison is none), or with has_aux no pair, or if
            what it is differentiated for isn't made of numbers.
        ValueError: if f ignores its arguments and uses the Values themselves that it was given. If it ignores them
            otherwise, a warning says so, for its derivative is 0.

    >>> value_and_grad(lambda w: w[0] * w[1])([3.0, 4.0])
    (12.0, [4.0, 3.0])
    >>> value_and_grad(lambda x: (x * x, {"cube": x ** 3}), has_aux=True)(2.0)
    ((4.0, {'cube': 8.0}), 4.0)
    """

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        aside: list[Any] = []
        with transforming() as recorded:
            run = call(_setting_aside(f, aside) if has_aux else f, args, kwargs, argnums, recorded, _scalar)
            found = pullback(run.outputs, [1.0], run.nodes, as_values=run.as_values, order=run.order)
            value: Any = result(run.output, run.as_values)
            if has_aux:
                value = value, mapped(aside[0], lambda x: result(x, run.as_values) if isinstance(x, Value) else x)
            return value, results(run.chosen, found, run.as_values)

    return named(differentiated, "value_and_grad", f)


@overload
def grad(f: Function, argnums: int = 0, has_aux: Literal[False] = False) -> Function: ...
@overload
def grad(f: Function, argnums: Sequence[int], has_aux: Literal[False] = False) -> Callable[..., tuple[Any, ...]]: ...
@overload
def grad(f: Function, argnums: Argnums = 0, *, has_aux: bool) -> Callable[..., tuple[Any, Any]]: ...
def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The derivative of a function, as a function: reverse mode, one backward pass whatever the number of inputs.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.
        has_aux: whether f returns a pair (number, aux) instead; see `value_and_grad`.

    Returns:
        A function of the same arguments that returns the gradient, nested like the argument, of plain numbers or
        Values as for `value_and_grad`. With has_aux it returns (gradient, aux).

    Raises:
        TypeError, ValueError: as `value_and_grad`.

    >>> grad(lambda x: x ** 3)(2.0), grad(grad(lambda x: x ** 3))(2.0)
    (12.0, 12.0)
    >>> w = Value(3.0)
    >>> slope = grad(lambda x: w * x ** 2)(2.0)
    >>> slope.data, gradient(slope, w)
    (12.0, 4.0)
    """
    is_function(f, "grad")
    both = value_and_grad(f, argnums, has_aux)

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return named(differentiated, "grad", f)


def _scalar(output: Any) -> list[Any]:
    if isinstance(output, bool):
        raise TypeError(f"the function must return one number, got {output}: what a comparison says is none")
    if not isinstance(output, (Value, Real)):
        mend = "is its return missing?" if output is None else "jacobian takes several"
        raise TypeError(f"the function must return one number, got {shown(output)}: {mend}")
    return [output]


def _setting_aside(f: Function, aside: list[Any]) -> Function:
    """f without the second half of what it returns, which is left in `aside`."""

    def first(*args: Any, **kwargs: Any) -> Any:
        returned = f(*args, **kwargs)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise TypeError(f"with has_aux=True the function must return a pair (number, aux), got {shown(returned)}")
        aside.append(returned[1])
        return returned[0]

    return first
