"""checkpoint: recompute instead of storing (rematerialization).

The graph of a checkpointed function is thrown away after the forward pass, and is recorded anew when a gradient comes
by. In the graph that stays there is one node for the call (the hub) and one for each of its results:

    inputs and captured Values  →  hub  →  results

The gradient of the hub is a vector, one component for each result, so that one backward pass through the recomputed
graph serves them all. It flows through the same sweep as every other gradient, because sweeps only add and multiply.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from .. import edges
from ..accumulation import sent_back
from ..basics.arguments import is_function
from ..modes import F, current, is_grad_enabled, mode
from ..rules import Nary
from ..value import Value, recorded
from .calls import fresh, given, in_forward_mode
from .modes import pullback
from .tree import leaves_of, like, mapped, values_in


def checkpoint(f: F, *more: NoReturn, **no: NoReturn) -> F:
    """f, computed again during the backward pass instead of keeping its graph in memory until then.

    Values and gradients are those of f itself, and the memory is that of its arguments and results (Griewank & Walther
    2000; Chen et al. 2016). f is called once more for each backward pass, and which Values it uses is noted: forward
    and backward together take some two and a half times as long as without.

    Args:
        f: a function of anything, with results in (nested) lists of numbers and Values. Called again with the same
            arguments it must compute the same; Values that it uses without being given them (a model's parameters)
            receive their gradients, too. A `Dropout` of nn gets the mask again that it had; other random numbers must
            be drawn before.
        more, no: nothing. What PyTorch takes here, the arguments of f, goes to the function that comes back.

    Returns:
        A function with the arguments and results of f.

    Raises:
        TypeError: if f is not a function, or not the only argument.
        RuntimeError: during the backward pass, if f computes something else than before.

    >>> x = Value(2.0)
    >>> y = checkpoint(lambda x: (x * x).exp())(x)
    >>> y.backward()
    >>> x.grad == 4 * y.data
    True
    """
    is_function(f, "checkpoint")
    if more or no:
        raise TypeError("checkpoint takes a function alone, and returns one: call that, checkpoint(f)(x)")

    @wraps(f)
    def recomputing(*args: Any, **kwargs: Any) -> Any:
        if current().trace is not None:  # a compiled program plans its memory itself
            return f(*args, **kwargs)
        if not is_grad_enabled() or in_forward_mode():  # which reads the graph at once: nothing to save
            return f(*args, **kwargs)

        def call(nodes: list[Value]) -> Any:
            items = iter(nodes)
            called = mapped((args, kwargs), lambda x: next(items) if isinstance(x, Value) else x)
            return f(*called[0], **called[1])

        inputs = values_in((args, kwargs))
        nodes = [fresh(x) for x in inputs]
        originals = dict(zip(nodes, inputs))
        noted: list[float] = []
        result, made, captured = _recorded(call, nodes, _noting(noted))
        results: list[Any] = [originals.get(y, y) for y in leaves_of(result, "the function's result")]
        wanted = [i for i, y in enumerate(results) if isinstance(y, Value) and y in made]
        expected = [results[i].data for i in wanted]

        def again(nodes: list[Value]) -> list[Value]:
            anew, _, used = _recorded(call, nodes, _repeating(noted))
            if used != captured:
                raise RuntimeError(
                    "a checkpointed function used other Values when it was computed again than in the forward pass: it"
                    " must depend on nothing but its arguments and the Values that it uses, which must be the same"
                )
            new = leaves_of(anew, "the function's result")
            outputs: list[Any] = [new[i] if i < len(new) else None for i in wanted]
            for output, before in zip(outputs, expected):
                if not isinstance(output, Value) or output.data != before:
                    raise RuntimeError(
                        f"a checkpointed function gave {before} in the forward pass and {output} when it was computed"
                        " again: it must depend on nothing but its arguments and the Values that it uses"
                    )
            return outputs

        if all(map(math.isfinite, expected)):  # otherwise the whole graph stays: it tells which operation it was
            rule = _Call(again, captured)
            hub = edges.renewed(recorded(0.0, rule, (tuple(inputs + captured),)), _Hub)
            for j, i in enumerate(wanted):
                results[i] = recorded(expected[j], _Result(j, hub, rule), (hub,))
        return like(result, iter(results))

    return recomputing  # type: ignore[return-value]


Draw = Callable[[Callable[[], float]], float]

_received: Any = Value.grad


def _noting(numbers: list[float]) -> Draw:
    """How random numbers are drawn the first time: from their source, or as a checkpoint around this one has it."""
    around = current().draw

    def draw(source: Callable[[], float]) -> float:
        numbers.append(source() if around is None else around(source))
        return numbers[-1]

    return draw


def _repeating(numbers: list[float]) -> Draw:
    """How they are drawn when the function is computed again: as they were noted."""
    left = iter(numbers)

    def draw(source: Callable[[], float]) -> float:
        for x in left:
            return x
        raise RuntimeError("a checkpointed function drew more random numbers when it was computed again")

    return draw


def _recorded(
    call: Callable[[list[Value]], Any], fresh: list[Value], draw: Draw
) -> tuple[Any, set[Value], list[Value]]:
    """What a call returns, the nodes that it made, and the Values that it used without being given them."""
    journal: list[Value] = []
    with mode(journal=journal, draw=draw), given(fresh):
        result = call(fresh)
    made = set(journal)
    return result, made, edges.outside(journal, made.union(fresh))


class _Call(Nary):
    """The rule of the hub that stands for one call: it recomputes when the gradient has come back to the hub.

    Args:
        again: computes the call once more, on other nodes.
        captured: the Values that it uses without being given them.
    """

    def __init__(self, again: Callable[[list[Value]], list[Value]], captured: list[Value]) -> None:
        received: dict[int, float] = {}  # by each result in this pass of `backward()`, by its number

        def sent(y: Any, operands: Any) -> tuple[list[float]]:
            return (_pulled(again, captured, y, operands, received, False),)

        super().__init__("checkpoint", "f(inputs)", lambda xs: 0.0, sent, latex=r"\operatorname{checkpoint}")
        self.again, self.captured, self.received = again, captured, received

    def slopes(self, y: Any, operands: Any, wanted: Any = ()) -> tuple[list[_Share]]:
        """What makes of a gradient that is a vector, `_Seeds`, what each operand receives."""
        parts: list[Any] = []

        def pulled(seeds: dict[int, Any], finite: bool) -> list[Any]:
            if not parts or finite:
                parts[:] = _pulled(self.again, self.captured, y, operands[0], seeds, finite)
            return parts

        return ([_Share(i, pulled) for i in range(len(operands[0]))],)


def _pulled(
    again: Callable[[list[Value]], list[Value]],
    captured: list[Value],
    y: Any,
    operands: Any,
    seeds: dict[int, Any],
    finite: bool,
) -> list[Any]:
    """What the operands receive: one backward pass through the graph of the call, computed again."""
    with mode(no_grad=False, again=True):
        nodes = [fresh(x) for x in operands[: len(operands) - len(captured)]]
        outputs = again(nodes)
        roots = [outputs[j] for j in seeds]
        wanted, received, as_values = nodes + captured, list(seeds.values()), isinstance(y, Value)
        quick = None if as_values or finite else sent_back(roots, received, wanted)
        if quick and all(quick):
            return quick
        # a 0 may be a number, or what got nothing at all
        return pullback(roots, received, wanted, as_values=as_values, within=True, finite=finite)


class _Result(Nary):
    """The rule that takes result j out of a hub."""

    def __init__(self, j: int, hub: Value, call: _Call) -> None:
        super().__init__("recomputed", f"result {j}", lambda a: a, lambda y, a: (_Sent(j, hub, call),), latex="#1")
        self.j = j

    def slopes(self, y: Any, operands: Any, wanted: Any = ()) -> tuple[_Seeds]:
        return (_Seeds({self.j: 1.0}),)


class _Hub(Value):
    """The node for a call. What it receives on the way back is no number."""

    __slots__ = ()

    @_received.getter  # type: ignore[untyped-decorator]
    def grad(self) -> float:
        """0.0, unless somebody has assigned to it."""
        received: float = _received.fget(self)
        return 0.0 if received == 1.0 else received

    def __repr__(self) -> str:
        return f"Value(data={self.data!r}, grad={self.grad!r})"


class _Sent:
    """The slope of a result for its hub in `backward()`: what it is multiplied with is noted; the hub receives a 1."""

    def __init__(self, j: int, hub: Value, call: _Call) -> None:
        self.j, self.hub, self.call = j, hub, call

    def __rmul__(self, g: float) -> float:
        received = self.call.received
        first = edges.gradient_of(self.hub) == 0.0  # in this pass
        if first:
            received.clear()
        received[self.j] = received.get(self.j, 0.0) + g
        return float(first)


class _Seeds:
    """The gradient of a hub: what each result of the call has received, by its number."""

    def __init__(self, received: dict[int, Any]) -> None:
        self.received = received

    def __rmul__(self, g: Any) -> _Seeds:
        return _Seeds({j: g * x for j, x in self.received.items()})

    def __add__(self, other: Any) -> _Seeds:
        if not isinstance(other, _Seeds):  # the 0.0 that every gradient starts from
            return self
        both = self.received  # in place: nobody else holds a part of a sum, and a copy for each of n results is n² work
        for j, x in other.received.items():
            both[j] = both[j] + x if j in both else x
        return self

    __radd__ = __add__

    def __mul__(self, share: _Share) -> Any:
        return share.pulled(self.received, False)[share.i]

    def __repr__(self) -> str:
        return f"{list(self.received.values())}"


class _Share:
    """The slope of a hub for its i-th operand: times the hub's gradient it is what the operand receives."""

    def __init__(self, i: int, pulled: Callable[[dict[int, Any], bool], list[Any]]) -> None:
        self.i = i
        self.pulled = pulled

    def refusal(self, g: Any) -> Exception | None:
        """The error that names the operation of the call whose slope makes it one that is not defined."""
        try:
            self.pulled(g.received, True)
        except (ValueError, ArithmeticError) as cause:
            return type(cause)(*cause.args)  # not the error, which holds frames: a cycle would keep the graph
        return None
