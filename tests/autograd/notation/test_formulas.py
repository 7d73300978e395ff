"""Formulas: Values and their local derivatives as text and LaTeX, read back where that is possible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, edges, exp, log, logsumexp, mean, ops, relu, sin, tanh, topological_order
from autograd.expression import parse
from autograd.notation.formulas import Formula, derivative
from autograd.rules import Binary, Unary
from autograd.show import formula


@st.composite
def ends(draw: st.DrawFn) -> Value:
    """The end of a random graph in which the leaves have labels."""
    numbers = st.floats(0.2, 2).map(lambda x: round(x, 2))
    nodes = [Value(draw(numbers), label=f"x{i}") for i in range(3)]
    for _ in range(draw(st.integers(1, 6))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        made = [a + b, a * b, a - b, a - draw(numbers), -a, a**2, tanh(a), relu(a - 1), a / 3, 1 / (a * a + 1)]
        made += [dot([a, b], [b, a], 0.5), dot([a], [b]), mean([a, b, a]), exp(-a)]
        nodes.append(draw(st.sampled_from(made)))
    return nodes[-1]


@given(ends())
def test_a_formula_read_back_is_the_value(y):
    written = formula(y, depth=10)
    f = parse(written.text)
    leaves = {x.label: x.data for x in topological_order(y) if x.label}
    assert f(**{name: leaves[name] for name in f.names}) == pytest.approx(y.data, rel=1e-9, abs=1e-9)
    assert written.data == y.data


@pytest.mark.parametrize("name", [name for name, rule in ops.RULES.items() if isinstance(rule, (Unary, Binary))])
def test_every_local_derivative_read_back_is_the_slope(name):
    rule = ops.RULES[name]
    a, b = Value(1.25 if name == "acosh" else 0.625, label="a"), Value(1.5, label="b")
    made = rule(*(a, b)[: len(rule.operands)])
    made.label = "u"
    numbers = {"a": a.data, "b": b.data, "u": made.data}
    for place, (_, slope) in enumerate(edges.slopes(made)):
        written = derivative(made, place, lambda x: Formula.name(x.label, x.data))
        assert written is not None
        assert written.data == pytest.approx(slope, rel=1e-12)
        f = parse(written.text)
        assert f(**{n: numbers[n] for n in f.names}) == pytest.approx(slope, rel=2e-3)


def test_derivatives_are_written_as_by_hand():
    a = Value(3.0, label="a")
    made = {a**2: "2 * a", a**3: "3 * a ** 2", tanh(a): "1 - u ** 2", 1 / a: "(-u) / a", exp(a): "u"}
    for y, text in made.items():
        y.label = "u"
        found = derivative(y, 0, lambda x: Formula.name(x.label, x.data))
        assert found is not None
        assert found.text == text


def test_brackets_stand_where_they_are_needed_and_nowhere_else():
    a, b, c = (Value(x, label=label) for x, label in ((2.0, "a"), (3.0, "b"), (5.0, "c")))
    written = {
        "(a + b) * c": a + b, "a - (b + c)": None, "a * (b / c)": None, "(a / b) ** c": None, "-(a + b)": None,
    }  # fmt: skip
    made = [(a + b) * c, a - (b + c), a * (b / c), (a / b) ** c, -(a + b)]
    assert [formula(y).text for y in made] == list(written)
    assert [formula(y).latex for y in (a / (b + c), (a + b) ** (c + 1), exp(a + b), log(a * b), sin(a), (-a) ** 2)] == [
        r"\frac{a}{b + c}", r"{\left(a + b\right)}^{c + 1}", r"e^{a + b}", r"\ln \left(a \cdot b\right)", r"\sin a",
        r"{\left(-a\right)}^{2}",
    ]  # fmt: skip


def test_lists_are_shortened_to_what_matters():
    ws, xs = [Value(i, label=f"w{i}") for i in range(50)], [Value(1.0, label=f"x{i}") for i in range(50)]
    assert formula(dot(ws, xs, 2.0)).text == "w0 * x0 + w1 * x1 + … + 2"
    assert formula(dot(ws, xs), keep={ws[7], xs[9]}).text == "… + w7 * x7 + … + w9 * x9 + …"
    assert formula(mean(xs)).text == "(x0 + x1 + …) / 50"
    assert formula(logsumexp(xs[:2])).latex == r"\operatorname{logsumexp}\left([x_{0}, x_{1}]\right)"


def test_depth_and_length_of_a_formula_are_bounded():
    y = Value(1.0, label="x")
    for _ in range(40):
        y = y * y
    assert formula(y, depth=0).text == "…"
    assert formula(y, depth=1).text == "… * …"
    assert len(formula(y, depth=10).text) < 10_000
    for depth in (-1, 11, 1.5):
        with pytest.raises(ValueError, match="depth must be a whole number from 0 to 10"):
            formula(y, depth=depth)
    with pytest.raises(TypeError, match="value must be a Value, got 2"):
        formula(2)
