"""grad, value_and_grad and gradient: reverse mode, from one number back to everything it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, Literal, overload

from ..basics.messages import shown
from ..value import Value
from .calls import Argnums, Function, call, named, refuse_in_a_trace, result, results, transforming
from .modes import pullback
from .tree import leaves_of


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
    refuse_in_a_trace()
    nodes = leaves_of(inputs, "inputs")
    for node in nodes:
        if not isinstance(node, Value):
            raise TypeError(f"inputs must be Values of the graph, got the plain number {shown(node)}")
    found = pullback([output], [1.0], nodes, as_values=create_graph, ends=False)
    return results(inputs, found, create_graph)


def value_and_grad(f: Function, argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns both f(...) and its gradient, from one forward pass.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments that returns (value, gradient), the gradient nested like the argument: plain
        numbers, cut off from every graph, unless an argument of the call is a Value.

    Raises:
        TypeError: on the call, if f doesn't return one number, or what it is differentiated for isn't made of numbers.

    >>> value_and_grad(lambda w: w[0] * w[1])([3.0, 4.0])
    (12.0, [4.0, 3.0])
    """

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        with transforming([args, kwargs]) as as_values:
            output, chosen, nodes = call(f, args, kwargs, argnums)
            found = pullback([_scalar(output)], [1.0], nodes, as_values=as_values)
            return result(output, as_values), results(chosen, found, as_values)

    return named(differentiated, "value_and_grad", f)


@overload
def grad(f: Function, argnums: int = 0) -> Function: ...
@overload
def grad(f: Function, argnums: Sequence[int]) -> Callable[..., tuple[Any, ...]]: ...
def grad(f: Function, argnums: Argnums = 0) -> Function:
    """The derivative of a function, as a function: reverse mode, one backward pass whatever the number of inputs.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments that returns the gradient, nested like the argument: plain numbers, cut off
        from every graph, unless an argument of the call is a Value.

    Raises:
        TypeError: as `value_and_grad`.

    >>> grad(lambda x: x ** 3)(2.0), grad(grad(lambda x: x ** 3))(2.0)
    (12.0, 12.0)
    """
    both = value_and_grad(f, argnums)
    return named(lambda *args, **kwargs: both(*args, **kwargs)[1], "grad", f)


def _scalar(output: Any) -> Any:
    if not isinstance(output, (Value, Real)):
        raise TypeError(f"the function must return one number, got {shown(output)}: jacobian takes several")
    return output
