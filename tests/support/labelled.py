"""Random graphs whose Values have labels, strange ones too."""

from __future__ import annotations

from hypothesis import strategies as st

from autograd import (
    Value,
    dot,
    mean,
    relu,
    tanh,
)

LABELS = ["a", "w1", "my_x", "layers.0.w.1", "50%", "a^b", "{c}", "\\frac", "a&b", "$x", "#1", "it's", "a b", "θ", "~"]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Value, Value]:
    """A random graph with labels, shared operands and plain numbers: its end, and one of its leaves."""
    numbers = st.floats(0.2, 2).map(lambda x: round(x, 2))
    labels = draw(st.permutations(LABELS))
    nodes = [Value(draw(numbers), label=label) for label in labels[:3]]
    leaves = list(nodes)
    for label in labels[3 : draw(st.integers(4, 10))]:
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        made = [a + b, a * b, a - draw(numbers), tanh(a), relu(a - 1), a / 3, dot([a, b], [b, a], 0.5), mean([a, b, a])]
        nodes.append(draw(st.sampled_from(made)))
        nodes[-1].label = draw(st.sampled_from([label, ""]))
    return nodes[-1], draw(st.sampled_from(leaves))


def gradient(output: Value, leaf: Value) -> float:
    """The gradient by backward()."""
    leaf.grad = 0.0
    output.backward()
    return leaf.grad
