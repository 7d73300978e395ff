"""Following a function: it runs once on Values without a number, with a watch on what it finds around it.

A function that keeps something for its next call runs twice: if the second run finds something to look at that the
first has changed, and changes it again, no call would be like another, and it is refused.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType
from typing import Any

from ... import edges, graph
from ...modes import current, mode
from ...transforms.tree import as_lists, leaves_of, mapped, results_of
from ...value import Value
from .guards import Environment
from .hearing import Hearing
from .indices import Unlike, followed_for_each
from .origins import of_code
from .trace import Trace, TracedNode, TracedValue, TraceError
from .watching import watching


def follow(fn: Callable[..., Any], arguments: Sequence[Any], parameters: Sequence[Value]) -> tuple[Any, Trace]:
    """Run a function on one example without numbers.

    Args:
        fn: the function.
        arguments: for each of its arguments a traced leaf or nested lists of them.
        parameters: what it is to be differentiated for.

    Returns:
        (what it returned, the Trace, with guards for all that the function found around it).

    Raises:
        TraceError: if the function can't be followed.
    """
    output, trace, changes = _watched(fn, arguments, parameters)
    if changes:  # perhaps it keeps something for later calls: those would do the same then
        first = _written(output, trace)
        output, trace, changes = _watched(fn, arguments, parameters, again=True)
        if not changes and _written(output, trace) != first:
            changes = [f"{_line_of(fn)}what the function finds is changed by it"]
    if changes:
        raise TraceError(f"{changes[0]}: each call does something else; pass it as an argument")
    wanted = [*leaves_of(output, "the result"), *[node for node, _ in trace.row_guards]]
    trace.nodes[:], found = edges.reached(trace.nodes, [x for x in wanted if isinstance(x, Value)])
    for node in found:
        if edges.rule_of(node) is not None:
            raise TraceError(
                f"{node!r}, which the function uses, was computed before: compute it inside of the function, or"
                " detach() it"
            )
    return output, trace


def _watched(
    fn: Callable[..., Any], arguments: Sequence[Any], parameters: Sequence[Value], again: bool = False
) -> tuple[Any, Trace, list[str]]:
    """What the function returned, its Trace, and what it looks at and has changed itself, in words."""
    environment = Environment(fn)
    hearing = Hearing(environment.enter, environment.ask_attribute)
    leaves = leaves_of(arguments, "an argument")
    traces: list[Trace] = []
    entered: list[Any] = []

    def once(numbers: Mapping[Value, int]) -> tuple[Any, Trace]:
        trace = Trace(parameters, numbers, hearing)
        traces.append(trace)
        tracing, reading = mode(trace=trace, no_grad=False, journal=None), watching()
        entered[:] = hearing, tracing, reading
        for leaf in leaves:
            leaf.__class__ = TracedValue
        try:
            with reading, tracing:
                trace.now = current()
                given = mapped(list(arguments), lambda x: x)  # in lists of its own, which it may change
                with hearing:
                    returned = fn(*given)
                output = as_lists(returned)
                results_of(output, "what the function returns")
        except Exception as error:
            if hearing.failed in (None, error):
                raise
            raise hearing.failed from error  # it has caught a refusal, and stumbled over what came of that
        finally:
            trace.now = None  # which holds the trace
            _end([*leaves, *[leaf for leaf, _ in trace.draws], *trace.nodes])
        return output, trace

    for leaf in leaves:
        edges.give_number(leaf, math.nan)
    try:
        output, trace = once({})
        if trace.asked:
            output, trace = followed_for_each(once, (output, trace))
    except (Unlike, LookupError) as cause:
        if not traces[-1].asked:
            raise
        why = cause if isinstance(cause, Unlike) else "there is no item 0"
        raise TraceError(
            f"{next(iter(traces[-1].asked.values()))}an integer is asked for while the function is being compiled, and"
            f" {why}; an item of a list is taken by autograd.take(table, i), for which the function is followed once"
        ) from None
    finally:
        for around in entered:  # Ctrl-C may have come where one was about to be left
            around.__exit__()
        nodes = {*leaves, *[node for x in traces for node in (*[leaf for leaf, _ in x.draws], *x.nodes)]}
        _end(nodes)
        edges.take_numbers(nodes)
    line = _line_of(fn, *environment.ran)
    changes = [f"{line}{change}" for change in environment.close(hearing.reflecting, again)]
    if hearing.failed is not None:
        raise hearing.failed
    for refusal in [*hearing.refusals, *[f"{line}{x}" for x in environment.refusals]]:
        raise TraceError(refusal)
    trace.guards.append(environment.is_unchanged)
    return output, trace, changes


def _written(output: Any, trace: Trace) -> Any:
    """All that a trace computes, as something that can be compared."""
    place = {node: i for i, node in enumerate([*trace.nodes, *[leaf for leaf, _ in trace.draws]])}

    def read(x: Any) -> Any:
        if isinstance(x, tuple):
            return tuple(map(read, x))
        return place.get(x, id(x)) if isinstance(x, Value) else repr(x)

    return [(id(edges.rule_of(x)), read(graph.operands(x))) for x in trace.nodes], mapped(output, read)


def _end(nodes: Iterable[Value]) -> None:
    for node in nodes:
        if isinstance(node, TracedValue):  # not one that joins the traces of several indices: nobody has that
            node.__class__ = TracedNode


def _line_of(fn: Callable[..., Any], *ran: CodeType) -> str:
    """Where a function begins, as the beginning of a message; if it is this package's, the first other that ran."""
    code = getattr(inspect.unwrap(fn), "__code__", None)
    code = next((x for x in (code, *ran) if x is not None and of_code(x) != "ours"), code)
    return f"{code.co_filename}:{code.co_firstlineno}: " if code else ""
