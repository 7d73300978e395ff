"""Functions to functions: grad, value_and_grad, jacobian, hessian, jvp, vjp, hvp.

Each of them calls the user's function on fresh nodes, which records a graph, and reads that graph as sweeps.py does:
from the outputs back to the inputs (reverse mode), or from the inputs to the outputs (forward mode).

Inputs and results are numbers, or lists and tuples of them, nested as you like; results have the structure of what
they belong to. They are plain numbers, unless an argument is a Value or another transform is at work around the call:
then they are Values, which can be differentiated further. Values that the function uses without being given them (the
parameters of a model) are constants to it in the first case: to differentiate for them, too, pass them as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from numbers import Real
from threading import local
from typing import Any, Literal, TypeAlias, overload

from .. import ops
from ..basics.arguments import is_function, number
from ..basics.messages import shown
from ..modes import current, is_grad_enabled, mode
from ..sweeps import pullback, pushforward
from ..value import Value
from .tree import as_lists, leaves_like, leaves_of, like, values_in

Function: TypeAlias = Callable[..., Any]
Argnums: TypeAlias = int | Sequence[int]

# ---------------------------------------------------------------------------------------------------- the surroundings


class _State(local):
    depth = 0  # how many transforms are at work around this line
    forward = 0  # how many of them are jvp


_state = _State()


@contextmanager
def _transforming(arguments: Iterable[Any], forward: int = 0) -> Iterator[bool]:
    """Recording is on, whatever is around it; True if the results are to be Values."""
    as_values = is_grad_enabled() and (_state.depth > 0 or any(isinstance(x, Value) for x in values_in(arguments)))
    _state.depth += 1
    _state.forward += forward
    try:
        with nullcontext() if is_grad_enabled() else mode(no_grad=False):
            yield as_values
    finally:
        _state.depth -= 1
        _state.forward -= forward


def _result(x: Any, as_values: bool) -> Any:
    if as_values:
        return x if isinstance(x, Value) else Value(x)
    return x._data if isinstance(x, Value) else number(x, "the result")


def _results(tree: Any, items: Iterable[Any], as_values: bool) -> Any:
    return like(tree, iter([_result(x, as_values) for x in items]))


def _fresh(x: Any) -> Value:
    """A node of its own for an input: a leaf for a number, and for a Value one that passes its gradient on to it."""
    if isinstance(x, Value):
        node = ops.identity(x)
        node.label = x.label
        return node
    return Value(x)


def _run(f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums) -> tuple[Any, Any, list[Value]]:
    """f on fresh nodes: what it returns, the arguments that were replaced, and the nodes that replaced them."""
    if current().trace is not None:
        raise TypeError("a function that is being compiled can't differentiate: use the program's own gradients")
    called = list(args)
    positions = (argnums,) if isinstance(argnums, int) else argnums
    if not isinstance(positions, (list, tuple)) or not all(isinstance(i, int) for i in positions):
        raise TypeError(f"argnums must be the position of an argument or a tuple of positions, got {shown(argnums)}")
    for i in positions:
        if not -len(args) <= i < len(args):
            raise ValueError(f"argnums={shown(argnums)} names an argument that is not there: got {len(args)} arguments")
    positions = [i % len(args) for i in positions]
    for i in positions:
        called[i] = as_lists(called[i])
    chosen = called[positions[0]] if isinstance(argnums, int) else tuple(called[i] for i in positions)
    fresh = {i: [_fresh(x) for x in leaves_of(called[i], f"argument {i}")] for i in positions}
    for i, nodes in fresh.items():
        called[i] = like(called[i], iter(nodes))
    return as_lists(f(*called, **kwargs)), chosen, [node for i in positions for node in fresh[i]]


def _scalar(output: Any) -> Any:
    if not isinstance(output, (Value, Real)):
        raise TypeError(f"the function must return one number, got {shown(output)}: jacobian takes several")
    return output


# ------------------------------------------------------------------------------------------------------- the transforms


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
        Floats (Values with `create_graph`) in the structure of `inputs`; 0 where the output doesn't depend on an input.

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
    if current().trace is not None:
        raise TypeError("a function that is being compiled can't differentiate: use the program's own gradients")
    nodes = leaves_of(inputs, "inputs")
    for node in nodes:
        if not isinstance(node, Value):
            raise TypeError(f"inputs must be Values of the graph, got the plain number {shown(node)}")
    found = pullback([output], [1.0], nodes, as_values=create_graph, ends=False)
    return _results(inputs, found, create_graph)


def value_and_grad(f: Function, argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns both f(...) and its gradient, from one forward pass.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments; it returns (value, gradient), the gradient with the structure of the argument:
        plain numbers, cut off from every graph, unless an argument of the call is a Value.

    Raises:
        TypeError: on the call, if f doesn't return one number, or what it is differentiated for isn't made of numbers.

    >>> value_and_grad(lambda w: w[0] * w[1])([3.0, 4.0])
    (12.0, [4.0, 3.0])
    """

    @_named(f, "value_and_grad")
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        with _transforming([args, kwargs]) as as_values:
            output, chosen, nodes = _run(f, args, kwargs, argnums)
            found = pullback([_scalar(output)], [1.0], nodes, as_values=as_values)
            return _result(output, as_values), _results(chosen, found, as_values)

    return differentiated


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
        A function of the same arguments that returns the gradient, with the structure of the argument: plain numbers,
        cut off from every graph, unless an argument of the call is a Value.

    Raises:
        TypeError: as `value_and_grad`.

    >>> grad(lambda x: x ** 3)(2.0), grad(grad(lambda x: x ** 3))(2.0)
    (12.0, 12.0)
    """
    both = value_and_grad(f, argnums)

    @_named(f, "grad")
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return differentiated


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """All first derivatives of a function with any number of outputs: one backward pass for each output.

    Args:
        f: a function that returns a number or a nested list of numbers.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments; in the structure of f's output, each number is replaced by its gradient.

    Raises:
        TypeError: as `value_and_grad`.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([3.0, 4.0])
    [[4.0, 3.0], [1.0, 1.0]]
    """

    @_named(f, "jacobian")
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        with _transforming([args, kwargs]) as as_values:
            output, chosen, nodes = _run(f, args, kwargs, argnums)
            rows = [
                _results(chosen, pullback([y], [1.0], nodes, as_values=as_values), as_values)
                for y in leaves_of(output, "the function's result")
            ]
            return like(output, iter(rows))

    return differentiated


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """All second derivatives of a function: the Jacobian of its gradient.

    Args:
        f: a function that returns one number.
        argnums: the position of the argument to differentiate for, or a tuple of positions.

    Returns:
        A function of the same arguments; for an argument that is a list of n numbers it returns n lists of n.

    Raises:
        TypeError: as `value_and_grad`.

    >>> hessian(lambda v: v[0] ** 2 * v[1])([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Forward mode: the value of f and its derivative in one direction, from one forward pass.

    Args:
        f: a function that returns a number or a nested list of numbers.
        primals: the arguments of f.
        tangents: the direction; for each argument something of the same structure.

    Returns:
        (f(*primals), Jacobian · tangents), both with the structure of f's output.

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
    with _transforming([primals, tangents], forward=1) as as_values:
        output, _, nodes = _run(f, primals, {}, tuple(range(len(primals))))
        outputs = leaves_of(output, "the function's result")
        moved = pushforward(outputs, nodes, directions, as_values=as_values)
        return _results(output, outputs, as_values), _results(output, moved, as_values)


def vjp(f: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Reverse mode, in two steps: the value of f, and a function that pulls gradients back from outputs to inputs.

    Args:
        f: a function that returns a number or a nested list of numbers.
        *primals: the arguments of f.

    Returns:
        (f(*primals), pull); `pull(cotangents)`, with cotangents in the structure of the output, returns the tuple of
        cotangentsᵀ · Jacobian, one for each argument, in its structure. It can be called any number of times.

    Raises:
        TypeError: if f is not a function of numbers.
        ValueError: by `pull`, if the cotangents are not nested like the output.

    >>> y, pull = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
    >>> y, pull([1.0, 10.0])
    ([12.0, 7.0], (14.0, 13.0))
    """
    is_function(f, "vjp")
    with _transforming(primals) as as_values:
        output, chosen, nodes = _run(f, primals, {}, tuple(range(len(primals))))
        outputs = leaves_of(output, "the function's result")
        value = _results(output, outputs, as_values)

    def pull(cotangents: Any) -> Any:
        cotangents = as_lists(cotangents)
        seeds = leaves_like(cotangents, output, ("cotangents", "the output"))
        with _transforming([cotangents]) as also_values:
            values = as_values or also_values
            return _results(chosen, pullback(outputs, seeds, nodes, as_values=values), values)

    return value, pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, without the Hessian: forward mode over reverse mode (Pearlmutter 1994).

    Args:
        f: a function that returns one number.
        primals: the arguments of f.
        tangents: the vector; for each argument something of the same structure.

    Returns:
        Hessian · tangents, in the structure of the argument; a tuple of them if there are several.

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


def _named(f: Function, transform: str) -> Callable[[Function], Function]:
    """Give the new function f's documentation, under the name `grad(f)`."""
    is_function(f, transform)

    def decorate(new: Function) -> Function:
        name = getattr(f, "__name__", type(f).__name__)
        new.__name__ = new.__qualname__ = f"{transform}({name})"
        new.__doc__ = f"The {transform} of {name}.\n\n{f.__doc__ or ''}".rstrip()
        return new

    return decorate
