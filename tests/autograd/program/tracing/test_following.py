"""What a function keeps for its next call: it is followed twice, and refused if no call is like another."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, dot, edges, graph
from autograd.basics.moment import moment
from autograd.graph import Node
from autograd.modes import current
from autograd.program import TraceError, compile
from autograd.program.tracing import following
from autograd.program.tracing.trace import traced_input


def counted(f: Any) -> Any:
    """The function, with `times`: how often it ran. Nobody looks at that."""

    @functools.wraps(f)
    def g(x: Any) -> Any:
        g.times += 1  # type: ignore[attr-defined]
        return f(x)

    g.times = 0  # type: ignore[attr-defined]
    return g


def test_a_function_that_changes_nothing_is_followed_once():
    w = Value(2.0)
    f = counted(lambda x: w * x)
    program = compile(f, [w])
    assert [program([1.0]), program([2.0]), f.times] == [2.0, 4.0, 1]


def test_what_is_made_at_the_first_call_and_kept_is_there_at_the_second():
    w, kept = Value(2.0), {}

    def f(x: Any) -> Any:
        if "table" not in kept:
            kept["table"] = [1.0, 2.0]
        return w * x * kept["table"][1]

    f = counted(f)
    program = compile(f, [w])
    assert [program([1.0]), program([2.0]), f.times] == [4.0, 8.0, 2]
    kept["table"][1] = 3.0
    assert program([1.0]) == 6.0


def test_what_is_set_anew_in_each_call_may_be_looked_at():
    class Layer:
        h, n = None, 0

    w = Value(2.0)

    def f(x: Any) -> Any:
        Layer.n = 0
        for _ in range(3):
            Layer.n += 1
        Layer.h = w * x
        return Layer.h * Layer.n

    program = compile(f, [w])
    assert program.map([1.0, 2.0]) == [6.0, 12.0]


@pytest.mark.parametrize("start", [0.0, Value(0.0)], ids=["number", "Value"])
def test_a_state_that_goes_on_from_call_to_call_is_refused(start: Any):
    class Cell:
        h = start

    def f(x: Any) -> Any:
        Cell.h = autograd.tanh(0.5 * Cell.h + x)
        return Cell.h

    with pytest.raises(TraceError, match="argument"):
        compile(f)([1.0])


def test_what_is_kept_of_each_layer_to_be_shown_is_no_reason_to_refuse():
    w, shown, by_name = Value(2.0), [], {}

    def f(x: Any) -> Any:
        y = w * x
        shown.append(y)
        by_name["y"] = y
        return y

    program = compile(f, [w])
    assert [program([1.0]), program([2.0]), len(shown)] == [2.0, 4.0, 1]
    with pytest.raises(TypeError, match="kept from a function"):
        float(by_name["y"])


def test_a_function_that_uses_up_a_list_is_refused_where_it_begins():
    rest = [1.0, 2.0, 3.0, 4.0]

    def f(x: Any) -> Any:
        return rest.pop() * x

    with pytest.raises(TraceError, match=r"rest\[.*each call does something else; pass it as an argument") as refusal:
        compile(f)([1.0])
    assert str(refusal.value).startswith(f"{__file__}:{f.__code__.co_firstlineno}: ")


def test_a_first_call_that_is_unlike_the_next_is_refused():
    seen = {1.0}

    def f(x: Any) -> Any:
        y = sum(seen) * x
        seen.add(2.0)
        return y

    with pytest.raises(TraceError, match="each call does something else"):
        compile(f)([1.0])


def test_an_array_that_the_function_changes_and_looks_at_is_refused():
    held, table = np.array([1.0, 2.0]), {"a": [1.0]}

    def by_array(x: Any) -> Any:
        held[1] += 1.0
        return float(held[0]) * x

    def by_list(x: Any) -> Any:
        table["a"][0] += 1.0
        return table["a"][0] * x

    for f in (by_array, by_list):
        with pytest.raises(TraceError, match="each call does something else"):
            compile(f)([1.0])


def test_random_numbers_of_a_layer_are_drawn_in_each_run_though_the_function_keeps_something():
    drop, w = nn.Dropout(0.5, seed=0), Value(2.0)

    class Kept:
        out: Any = None

    def f(x: Any) -> Any:
        Kept.out = drop([w * x])
        return Kept.out

    program = compile(f, [w])
    assert {round(x, 9) for x in program.map([1.0] * 40)} == {0.0, 4.0}


def test_what_a_caught_refusal_leads_to_is_told_as_the_refusal():
    def f(x: Any) -> Any:
        try:
            found = float(x)
        except TypeError:
            found = None
        return x * len(found)

    with pytest.raises(TraceError, match=r"float.* of it is asked for while the function is being compiled") as caught:
        compile(f)([1.0])
    assert "NoneType" in str(caught.value.__cause__)


@pytest.mark.parametrize("name", ["mode", "watching", "Hearing"])
@pytest.mark.parametrize("when", ["before it is left", "after it was entered"])
def test_ctrl_c_at_the_edge_of_a_trace_leaves_nothing_of_it(name: str, when: str, monkeypatch: pytest.MonkeyPatch):
    kind, struck = getattr(following, name), []

    class Struck(kind):
        def __enter__(self) -> Any:
            super().__enter__()
            self.strike("after it was entered")
            return self

        def __exit__(self, *exception: object) -> None:
            self.strike("before it is left")
            super().__exit__(*exception)

        def strike(self, moment: str) -> None:
            if moment == when and not struck:
                struck.append(1)
                raise KeyboardInterrupt

    before = sys.getprofile(), moment.modes, Node.data, getattr
    monkeypatch.setattr(following, name, Struck)
    w = Value(2.0)
    with pytest.raises(KeyboardInterrupt):
        compile(lambda x: w * x, [w])([1.0])
    assert (sys.getprofile(), moment.modes, Node.data, getattr) == before
    assert (current().trace, (w * w).data) == (None, 4.0)


def test_what_counts_is_kept_and_lists_of_the_same_operands_are_one():
    ws = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    other = Value(5.0)

    def fn(x: Any) -> Any:
        _ = other * x[0]
        return [dot(w, list(x)) for w in ws]

    x = [traced_input("x") for _ in range(2)]
    output, trace = following.follow(fn, [x], [w for row in ws for w in row])
    used, leaves = edges.reached(trace.nodes, output)
    (_, xs, _), (_, again, _) = map(graph.operands, used)
    assert used == output
    assert xs is again
    assert set(leaves) == {*x, *ws[0], *ws[1]}
