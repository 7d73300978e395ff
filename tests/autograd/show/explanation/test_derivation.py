"""The chain rule written out, as it is read: text, LaTeX, names and remarks."""

from __future__ import annotations

import math
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    dot,
    logsumexp,
    ops,
    sin,
    straight_through,
    tanh,
    topological_order,
)
from autograd.expression import parse
from autograd.notation.formulas import Formula
from autograd.rules import Unary
from autograd.show import Explanation, explain, steps
from nn import MLP
from tests.support.labelled import gradient, graphs


def lecture() -> tuple[Value, Value, Value]:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    c, d = a + b, b + 1
    c.label, d.label = "c", "d"
    e = c * d
    e.label = "e"
    return a, b, e


def test_symbols_stand_first_and_numbers_below():
    _, b, e = lecture()
    lines = explain(e, b).latex.splitlines()[1:-1]
    part = r"\\frac\{\\partial (.)\}\{\\partial (.)\}"
    assert re.findall(part, lines[0]) == [tuple(pair) for pair in ("eb", "ec", "cb", "ed", "db")]
    assert [line.split("&= ")[1].removesuffix(r" \\[6pt]") for line in lines[1:]] == [
        r"d \cdot 1 + c \cdot 1", r"2 \cdot 1 + 3 \cdot 1", "2 + 3", "5",
    ]  # fmt: skip


def test_an_explanation_prints_its_text_and_shows_its_latex():
    _, b, e = lecture()
    told = explain(e, b)
    assert isinstance(told, Explanation)
    assert str(told) == told.text
    assert told._repr_latex_() == rf"$\displaystyle {told.latex}$"
    assert repr(told) == "<Explanation of a derivative of 5 by 2 paths: print() shows it>"


def test_without_a_leaf_all_leaves_are_explained_in_every_form():
    a, b, e = lecture()
    both, apart = explain(e), [explain(e, a), explain(e, b)]
    assert list(both) == apart
    assert str(both) == f"{apart[0]}\n\n{apart[1]}"
    assert both._repr_latex_() == f"{apart[0]._repr_latex_()}\n\n{apart[1]._repr_latex_()}"
    assert both._repr_html_() == f"{apart[0]._repr_html_()}\n{apart[1]._repr_html_()}"
    assert both._mime_() == ("text/html", "\n".join(f"<div>{told._mime_()[1]}</div>" for told in apart))
    assert repr(both) == "<Explanations of 2 derivatives: print() shows them>"
    assert [told.leaf for told in explain(a)] == [a]
    with pytest.raises(ValueError, match="output depends on 51 leaves, and 50 are explained at most: give one of"):
        explain(sum(Value(1.0) for _ in range(51)))
    with pytest.raises(TypeError, match="output must be a Value, got 3"):
        explain(3)


@given(graphs())
def test_the_labels_on_the_paths_are_in_the_text_and_in_the_latex(given_):
    y, x = given_
    told = explain(y, x)
    for node in {node for path in told.paths if len(path.nodes) <= 8 for node in path.nodes if node.label}:
        assert node.label in told.text
        assert Formula.name(node.label, 0.0).latex in told.latex


@given(graphs())
def test_latex_is_balanced_and_text_fits_a_terminal(given_):
    y, x = given_
    told = explain(y, x)
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", told.latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert told.latex.count(r"\left(") == told.latex.count(r"\right)")
    assert not re.search(r"(?<!\\)[$#%]", told.latex)
    assert max(map(len, told.text.splitlines())) <= 80


@given(graphs())
def test_every_line_of_numbers_says_the_same(given_):
    y, x = given_
    told = explain(y, x, max_paths=10**6)
    lines = re.split(r"\n +(?== )", told.text.split("\n\n")[-1 if "along all paths" not in told.text else -2])
    for line in lines[1:]:
        numbers = re.sub(r"\s+", " ", line.removeprefix("= ")).replace("·", "*")
        if re.fullmatch(r"[-\d.e+*() ]+", numbers):
            assert parse(numbers)() == pytest.approx(told.total, rel=0.01, abs=0.01)


def test_a_long_path_is_written_by_its_two_ends():
    x = y = Value(0.5, label="x")
    for i in range(20):
        y = sin(y)
        y.label = f"h{i}"
    assert explain(y, x).text.splitlines()[0] == (
        "∂h19/∂x = ∂h19/∂h18 · ∂h18/∂h17 · ∂h17/∂h16 · … · ∂h2/∂h1 · ∂h1/∂h0 · ∂h0/∂x"
    )


def test_a_direct_and_an_indirect_path_are_told_apart():
    x = Value(3.0, label="x")
    h = x + 1
    h.label = "h"
    y = x * h
    y.label = "y"
    assert explain(y, x).text.splitlines()[0] == "dy/dx = ∂y/∂x + ∂y/∂h · ∂h/∂x"
    y = x * x
    y.label = "y"
    assert explain(y, x).text.splitlines()[:2] == ["dy/dx = ∂₁y/∂x + ∂₂y/∂x", "      = x + x"]


def test_values_of_the_same_label_get_different_names():
    x = y = Value(0.5, label="x")
    for _ in range(3):
        y = sin(y)
        y.label = "h"
    assert explain(y, x).text.startswith("∂h#3/∂x = ∂h#3/∂h#2 · ∂h#2/∂h · ∂h/∂x\n")


def test_values_without_labels_are_called_as_in_the_steps():
    xs = [Value(0.1 * i, label=f"x{i}") for i in range(4)]
    y = tanh(dot(xs, xs)) * tanh(dot(xs, xs[::-1])) + 1
    called = steps(y).names
    numbered = {called[node] for node in topological_order(y)[4:] if re.fullmatch(r"v\d+", called[node])}
    assert len(numbered) > 2
    assert set(re.findall(r"v\d+", explain(y, xs[0]).text)) == numbered


def test_one_leaf_alone_has_names_without_holes_and_all_together_have_those_of_the_steps():
    x1, x2, v1 = (Value(0.5, label=label) for label in ("x1", "x2", "v1"))
    hidden = [tanh(dot([x1, x2], [float(i), 2.0])) for i in range(3)]
    y = dot(hidden, [0.1, 0.2, 0.3]) * v1
    called, inner = steps(y).names, hidden[2].parents[0]
    alone = str(explain(y, inner))
    assert called[inner] not in ("v1", "v2", "v3")
    assert alone.startswith("v2 = x1 * 2 + x2 * 2 = 2\nv3 = ")  # v1 is a label
    assert set(re.findall(r"v\d+", alone)) == {"v1", "v2", "v3"}
    for told in explain(y):
        assert set(re.findall(r"v\d+", str(told))) <= set(called.values())
        if told.leaf is x1:
            assert f"\n{called[inner]} = x1 * 2 + x2 * 2 = 2\n" in str(told)
            assert sorted(defined := re.findall(r"^v\d+", str(told), re.MULTILINE)) == defined


def test_leaves_are_explained_in_the_order_of_the_expression():
    a, b, c = (Value(2.0, label=label) for label in "abc")
    assert [told.leaf.label for told in explain(a * b + c)] == ["a", "b", "c"]
    assert [told.leaf.label for told in explain(c + a * b)] == ["c", "a", "b"]


def test_what_no_path_passes_is_a_constant():
    x, w = Value(0.5, label="x"), Value(0.25)
    assert explain(x * w, x).text == "∂(x * 0.25)/∂x = 0.25"


def test_losses_and_rules_of_the_reader_s_own_are_explained():
    xs = [Value(x, label=f"x{i}") for i, x in enumerate((0.5, -1.0, 2.0))]
    loss = ops.cross_entropy(xs[1], (xs[0], xs[2])) + straight_through(round)(xs[0]) * logsumexp(xs)
    for x in xs:
        assert explain(loss, x).total == gradient(loss, x)
    tilted = Unary("tilted", "sin a", math.sin, lambda y, a: math.cos(a), latex=r"\operatorname{tilted} #1")
    y = tilted(xs[0])
    assert explain(y, xs[0]).text == "∂tilted(x0)/∂x0 = 0.8776"


@given(st.integers(0, 2**32))
def test_the_sum_of_those_shown_and_of_all_is_said(seed):
    model = MLP(1, [4, 4, 1])
    numbers = random.Random(seed)
    for p in model.parameters():
        p.data = numbers.uniform(0.1, 1)
    x = Value(1.0, label="x")
    told = explain(model(x), x, max_paths=3)
    part = math.fsum(path.product for path in told.paths)
    assert f"There are 16 paths. Only those that carry most are written, 3 of them: together {part:#.4g}" in " ".join(
        told.text.split()
    )


def test_swapped_arguments_are_said_to_be_swapped():
    a = Value(2.0, "a")
    e = a * a
    e.label = "e"
    with pytest.raises(ValueError, match=r"how e=4\.0 depends on a=2\.0, exchange the arguments"):
        explain(a, e)
    assert explain(e, Value(3.0)).total == 0.0


def test_what_is_said_in_words_is_said_in_german_too():
    x = Value(2.0, label="x")
    y = x * x * x + x
    y.label = "y"
    told, least = explain(y, x, language="de"), explain(y, x, max_paths=2, language="de")
    assert told.text.endswith("d ist entlang aller Pfade, ∂ von einer Operation allein.")
    assert r"\mathrm{d}\text{ ist entlang aller Pfade, }\partial\text{ von einer" in told.latex
    assert "(alle anderen)" in least.text
    assert "Es gibt 4 Pfade." in least.text
    assert told.total == explain(y, x).total == 13
    with pytest.raises(ValueError, match="language must be one of 'en', 'de', got 'fr'"):
        explain(y, x, language="fr")
