"""Random graphs to be followed step by step, and what came of a call."""

from __future__ import annotations

import math

from hypothesis import strategies as st

import autograd
from autograd import Value

ordinary = st.floats(-2, 2)


extreme = st.sampled_from([0.0, -0.0, 1.0, -3.0, 1e-300, 1e200, -1e308, math.inf, math.nan])


@st.composite
def graphs(draw: st.DrawFn, numbers: st.SearchStrategy[float] = ordinary) -> Value:
    """The end of a random graph, with shared operands, plain numbers, and relus that are off."""
    nodes = [Value(draw(numbers), label="x"), Value(draw(numbers))]
    for _ in range(draw(st.integers(1, 8))):
        a, b, x = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes)), draw(numbers)
        make = draw(
            st.sampled_from(
                [
                    lambda a, b, x: a + b,
                    lambda a, b, x: a * b,
                    lambda a, b, x: a - x,
                    lambda a, b, x: x * a,
                    lambda a, b, x: a.relu(),
                    lambda a, b, x: a / b,
                    lambda a, b, x: a.sqrt(),
                    lambda a, b, x: a.exp(),
                    lambda a, b, x: autograd.dot([a, b], [b, x], a),
                    lambda a, b, x: autograd.logsumexp([a, x, b]),
                    lambda a, b, x: autograd.maximum(a, b),
                    lambda a, b, x: Value(x),
                ]
            )
        )
        try:
            nodes.append(make(a, b, x))
        except (ValueError, ArithmeticError):  # outside the domain
            nodes.append(Value(x, label=draw(st.sampled_from(["x", "y", ""]))))
    return nodes[-1]


def outcome(f):
    """What a function returned, or how it failed."""
    try:
        return f(), None
    except Exception as error:
        return None, (type(error), str(error))
