"""How a transform calls a function: on nodes of its own, while all is recorded, for results that are numbers or Values.

Arguments and results are numbers, or lists, tuples, dicts and NumPy arrays of them, nested as you like. What a
transform makes of the recorded graph is not here, but in gradients.py, matrices.py and products.py.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from numbers import Number
from os.path import abspath, dirname, join
from typing import Any, NamedTuple, TypeAlias

from .. import edges, graph, ops
from ..basics.arguments import foreign, is_function, number
from ..basics.messages import shown
from ..basics.misshapen import mend
from ..basics.moment import moment
from ..modes import is_followed, is_grad_enabled, mode, nesting
from ..value import Value
from .tree import arranged, leaves_of, like, results_of, values_in

Function: TypeAlias = Callable[..., Any]
Argnums: TypeAlias = int | Sequence[int]


_ROOT = dirname(dirname(dirname(abspath(__file__))))
PACKAGES = (join(_ROOT, "autograd", ""), join(_ROOT, "nn", ""))
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


class _Number(Value):
    """What the leaf for a number becomes when the function has run: quick in sets and dicts again, and a constant."""

    __slots__ = ()


class _Passing(Value):
    """What the node for a Value becomes then, which passes its gradient on to it."""

    __slots__ = ()


Given.__name__ = _Number.__name__ = _Passing.__name__ = "Value"  # as which they show themselves


def _equal(a: Value, b: object) -> Any:
    """What a == b means in a function that is being differentiated.

    With a number it compares. Two Values are equal if they are the same, or have the same number and both come from
    nothing but numbers that were given: without the transform they were two numbers.
    """
    moment.compared = True
    if isinstance(b, Value):
        return a.data == b.data and (a is b or (_from_numbers(a) and _from_numbers(b)))
    return a.data == b if isinstance(b, Number) else foreign(b)  # type: ignore[comparison-overlap]


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
def transforming(forward: int = 0) -> Iterator[bool]:
    """While a transform is at work: recording is on, whatever is around it; True if it was on before."""
    recorded = is_grad_enabled()
    nesting.equal = _equal
    nesting.depth += 1
    nesting.forward += forward
    nesting.count += 1
    try:
        with nullcontext() if recorded else mode(no_grad=False):
            yield recorded
    finally:
        nesting.depth -= 1
        nesting.forward -= forward


class Recording(NamedTuple):
    """What a call has left: its result, and the graph from there back to the nodes that it was given."""

    output: Any  # nested as the function returned it
    outputs: list[Any]  # the numbers and Values in it
    chosen: Any  # the arguments that were replaced, nested as they were given
    nodes: list[Value]  # what the numbers and Values in these were replaced by
    order: tuple[list[Any], list[Any]]  # what the outputs depend on, as graph.walk gives it
    as_values: bool  # whether the results are to be Values
    around: list[Value]  # leaves that were there before the call: the function found them around it, or as arguments


def call(
    f: Function,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    argnums: Argnums,
    recorded: bool,
    taken: Callable[[Any], list[Any]] = results_of,
    strict: bool = False,
) -> Recording:
    """f on fresh nodes.

    The results are numbers unless an argument is a Value, the function has found one around it (the parameters of a
    model), or another transform is at work around this one; and always if nothing was recorded.

    Args:
        f, args, kwargs: the function, and what it is called with.
        argnums: which of the arguments to replace.
        recorded: what `transforming` says.
        taken: what takes the numbers and Values out of the result.
        strict: whether a function that ignores its arguments is an error in any case.
    """
    positions = _positions(argnums, len(args))
    called = [arranged(x) if i in positions else x for i, x in enumerate(args)]
    chosen = called[positions[0]] if isinstance(argnums, int) else tuple(called[i] for i in positions)
    nodes = {i: [fresh(x) for x in leaves_of(called[i], f"argument {i}")] for i in positions}
    for i in nodes:
        called[i] = like(called[i], iter(nodes[i]))
    replaced = [node for i in positions for node in nodes[i]]
    moment.clock += 1.0  # whatever leaf has an earlier time was there before
    start, count, moment.compared = moment.clock, nesting.count, False
    with given(replaced):
        try:
            output = arranged(f(*called, **kwargs))
        except TypeError as error:
            _mend(error, args, positions)
            raise
    outputs = taken(output)
    order = graph.walk([y for y in outputs if isinstance(y, Value)], replaced)
    found = order[1][len(replaced) :]
    around = [leaf for leaf in found if edges.assigned_at(leaf) < start and leaf.__class__ is not _Number]
    as_values = recorded and (
        is_followed() or nesting.depth > 1 or bool(around) or any(map(values_in, (*args, *kwargs.values())))
    )
    run = Recording(output, outputs, chosen, replaced, order, as_values, around)
    if nesting.count == count and ignores_its_arguments(run):  # of a derivative that is no fault
        others = [[x for i, x in enumerate(args) if i not in positions], kwargs]
        if around:
            _tell(run, values_in(chosen), values_in(others), strict)
        elif not strict and not moment.compared and _is_cut_off(run, others):
            _warn(
                "the function ignores its arguments, so its derivative is 0: compute with them, not with what is cut"
                " off from them (x.data, x.detach())"
            )
    return run


def _is_cut_off(run: Recording, others: list[Any]) -> bool:
    """Whether a result without the arguments can't be meant: not so where it was made of the other arguments."""
    return bool(run.nodes and run.outputs) and (bool(run.order[0]) or others == [[], {}])


def _mend(error: TypeError, args: Sequence[Any], positions: Sequence[int]) -> None:
    """Let a TypeError say it if a number was given for a list, or a list of one number for a number."""
    numbers, columns = {}, {}
    for i in positions:
        x = args[i]
        alone = x[0] if isinstance(x, (list, tuple)) and len(x) == 1 else x
        if isinstance(alone, (Value, int, float)):
            n = 3.0 if isinstance(alone, Value) else float(alone)
            if alone is x:
                numbers[f"argument {i}"] = f"give a list, such as [{n}, {n + 1}]"
            else:
                columns[f"argument {i}"] = f"give the number alone, {n}"
    mend(error, numbers, columns)


def ignores_its_arguments(run: Recording) -> bool:
    """Whether no output was computed from what a function was given."""
    nodes = set(run.nodes)
    for node in run.order[0]:  # nearly always the first uses one
        if not nodes.isdisjoint(graph.parents(node)):
            return False
    return nodes.isdisjoint(run.outputs)


def _tell(run: Recording, replaced: list[Value], kept: list[Value], strict: bool) -> None:
    """Say that a function has ignored its arguments: an error if it uses the Values themselves that it was given."""
    used = {*run.order[0], *run.order[1][len(run.nodes) :]}
    if not used.isdisjoint(kept):
        return
    computed, leaves = graph.walk(replaced)
    itself = next((x for x in computed + leaves if x in used), None)
    what = edges.named(run.around[0]) + (f" and {len(run.around) - 1} others" if len(run.around) > 1 else "")
    mend = "compute with the arguments (those of a model by nn.with_parameters(model, parameters))"
    if itself is not None:
        raise ValueError(
            f"the function ignores its arguments and uses {edges.named(itself)} itself, which they are or come from:"
            f" the derivative would be 0; {mend}"
        )
    told = (
        f"the function ignores its arguments, so its derivative is 0; it uses {what}, which it finds around it: {mend}"
    )
    if strict:
        raise ValueError(told)
    _warn(told)


def _warn(told: str) -> None:
    """A warning about the line that has called a transform."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGES):
        level, frame = level + 1, frame.f_back
    warnings.warn(told, stacklevel=level)


@contextmanager
def given(nodes: Iterable[Value]) -> Iterator[None]:
    """While a function runs on fresh nodes, `==` compares these as numbers."""
    try:
        yield
    finally:
        for node in nodes:
            if node.__class__ is Given:
                node.__class__ = _Passing if graph.parents(node) else _Number  # type: ignore[assignment]


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
        return edges.renewed(node, Given)
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
