"""How a transform calls a function: on nodes of its own, while all is recorded, for results that are numbers or Values.

Arguments and results are numbers, or lists, tuples and dicts of them, nested as you like. What a transform makes of the
recorded graph is not here, but in gradients.py, matrices.py and products.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from numbers import Number
from os.path import abspath, dirname, join
from typing import Any, TypeAlias

from .. import graph, ops
from ..basics.arguments import is_function, number
from ..basics.messages import shown
from ..modes import is_followed, is_grad_enabled, mode, nesting
from ..value import Value
from .tree import as_lists, leaves_of, like, values_in

Function: TypeAlias = Callable[..., Any]
Argnums: TypeAlias = int | Sequence[int]


_ROOT = dirname(dirname(dirname(abspath(__file__))))
PACKAGES = (join(_ROOT, "autograd"), join(_ROOT, "nn"))
"""Where our own files are; what runs elsewhere is the user's, or a library's."""


class Given(Value):
    """A node for a number that a transform was given, as long as its function runs: to that it is the number.

    So `==` compares it, and a dict or set that would look for the object is refused.
    """

    __slots__ = ()
    __eq__ = Value.__eq__

    def __hash__(self) -> int:
        if not sys._getframe(1).f_code.co_filename.startswith(PACKAGES):
            raise TypeError(
                f"{self!r} is looked up in a set or dict, or put into one, by a function that is being differentiated:"
                " there a Value is found as the object that it is, not as its number: compare by ==, or take x.data"
            )
        return object.__hash__(self)


Given.__name__ = "Value"  # as which it shows itself


def _equal(a: Value, b: object) -> Any:
    """What a == b means in a function that is being differentiated.

    With a number it compares. Two Values are equal if they are the same, or have the same number and both come from
    nothing but numbers that were given: without the transform they were two numbers.
    """
    if isinstance(b, Value):
        return a.data == b.data and (a is b or (_from_numbers(a) and _from_numbers(b)))
    return a.data == b if isinstance(b, Number) else NotImplemented  # type: ignore[comparison-overlap]


def _from_numbers(node: Value) -> bool:
    return all(isinstance(leaf, Given) for leaf in graph.walk([node])[1])


def in_forward_mode() -> bool:
    """Whether a jvp is at work around this line."""
    return nesting.forward > 0


@contextmanager
def apart() -> Iterator[None]:
    """A function of plain numbers runs as if no transform were at work around it: `grad` in it gives numbers."""
    before = nesting.depth, nesting.forward
    nesting.depth = nesting.forward = 0
    try:
        yield
    finally:
        nesting.depth, nesting.forward = before


@contextmanager
def transforming(arguments: Iterable[Any], forward: int = 0) -> Iterator[bool]:
    """While a transform is at work: recording is on, whatever is around it; True if the results are to be Values.

    They are numbers unless an argument is a Value, or another transform is at work around this one. So Values that a
    function uses without being given them, such as the parameters of a model, are constants to it in the first case.
    """
    as_values = is_grad_enabled() and (
        is_followed() or nesting.depth > 0 or any(isinstance(x, Value) for x in values_in(arguments))
    )
    nesting.equal = _equal
    nesting.depth += 1
    nesting.forward += forward
    try:
        with nullcontext() if is_grad_enabled() else mode(no_grad=False):
            yield as_values
    finally:
        nesting.depth -= 1
        nesting.forward -= forward


def call(f: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums) -> tuple[Any, Any, list[Value]]:
    """f on fresh nodes: what it returns, the arguments that were replaced, and the nodes that replaced them."""
    positions = _positions(argnums, len(args))
    called = [as_lists(x) if i in positions else x for i, x in enumerate(args)]
    chosen = called[positions[0]] if isinstance(argnums, int) else tuple(called[i] for i in positions)
    nodes = {i: [fresh(x) for x in leaves_of(called[i], f"argument {i}")] for i in positions}
    for i in nodes:
        called[i] = like(called[i], iter(nodes[i]))
    replaced = [node for i in positions for node in nodes[i]]
    with given(replaced):
        return as_lists(f(*called, **kwargs)), chosen, replaced


@contextmanager
def given(nodes: Iterable[Value]) -> Iterator[None]:
    """While a function runs on fresh nodes; after it those that stand for numbers are leaves like any other."""
    try:
        yield
    finally:
        for node in nodes:
            if node.__class__ is Given:
                node.__class__ = Value  # type: ignore[assignment]


def _positions(argnums: Argnums, n: int) -> list[int]:
    """The positions of the arguments to differentiate for, among n."""
    positions = (argnums,) if isinstance(argnums, int) else argnums
    if not isinstance(positions, (list, tuple)) or not all(isinstance(i, int) for i in positions):
        raise TypeError(f"argnums must be the position of an argument or a tuple of positions, got {shown(argnums)}")
    if any(not -n <= i < n for i in positions):
        raise ValueError(f"argnums={shown(argnums)} names an argument that is not there: got {n} arguments")
    return [i % n for i in positions]


def fresh(x: Any) -> Value:
    """A node of its own for an input: a leaf for a number, and for a Value one that passes its gradient on to it."""
    if isinstance(x, Value):
        node = ops.identity(x)
        node.label = x.label
    else:
        node = Value(x)
    if nesting.depth and node.__class__ is Value:  # not in a function that is being compiled, which has its own
        node.__class__ = Given
    return node


def result(x: Any, as_values: bool) -> Any:
    """A result as a Value, or as a number."""
    if as_values:
        return x if isinstance(x, Value) else Value(x)
    return x.data if isinstance(x, Value) else number(x, "the result")


def results(tree: Any, items: Iterable[Any], as_values: bool) -> Any:
    """Results as Values, or as numbers, nested like `tree`."""
    return like(tree, iter([result(x, as_values) for x in items]))


def named(new: Function, transform: str, f: Function) -> Function:
    """The new function with the documentation of f, under the name `grad(f)`."""
    is_function(f, transform)
    name = getattr(f, "__name__", type(f).__name__)
    new.__name__ = new.__qualname__ = f"{transform}({name})"
    new.__doc__ = f"The {transform} of {name}.\n\n{f.__doc__ or ''}".rstrip()
    return new
