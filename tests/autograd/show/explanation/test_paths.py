"""The chain rule written out: paths against brute force, totals against backward(), and what can be read."""

from __future__ import annotations

import math
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    Value,
    checkpoint,
    dot,
    exp,
    graph,
    logsumexp,
    mean,
    ops,
    relu,
    sin,
    sqrt,
    straight_through,
    tanh,
    topological_order,
)
from autograd.expression import parse
from autograd.notation.formulas import Formula
from autograd.rules import Unary
from autograd.show import Explanation, Path, explain, steps
from autograd.show.explanation.derivation import figure_of_count
from nn import MLP

Way = tuple[tuple[Value, ...], float]
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


def every_way(output: Value, leaf: Value) -> list[Way]:
    """All paths, one after the other."""
    if output is leaf:
        return [((leaf,), 1.0)]
    steps = graph.slopes(output) if output.parents else []
    return [((output, *nodes), s * product) for x, s in steps for nodes, product in every_way(x, leaf)]


def gradient(output: Value, leaf: Value) -> float:
    leaf.grad = 0.0
    output.backward()
    return leaf.grad


# -------------------------------------------------------------------------------------------------- paths and their sum


@given(graphs())
def test_the_total_is_the_gradient_and_the_sum_over_the_paths(given_):
    y, x = given_
    told = explain(y, x, max_paths=10**6)
    assert told.total == gradient(y, x)
    assert math.fsum(path.product for path in told.paths) == pytest.approx(told.total, rel=1e-12, abs=1e-12)


@given(graphs())
def test_paths_are_counted_as_if_they_were_followed_one_by_one(given_):
    y, x = given_
    ways = every_way(y, x)
    told = explain(y, x, max_paths=10**6)
    assert told.count == len(told.paths) == len(ways)
    assert sorted(map(_key, ((path.nodes, 0.0) for path in told.paths))) == sorted(map(_key, ways))


def _key(way: Way) -> list[int]:
    return [id(node) for node in way[0]]


@given(graphs(), st.integers(1, 6))
def test_the_paths_shown_are_those_with_the_largest_products(given_, k):
    y, x = given_
    best = sorted((abs(product) for _, product in every_way(y, x)), reverse=True)[:k]
    told = explain(y, x, max_paths=k)
    assert [abs(path.product) for path in told.paths] == pytest.approx(best, rel=1e-12)
    assert len({(path.nodes, path.places) for path in told.paths}) == len(told.paths)


@given(graphs())
def test_a_path_goes_from_the_output_to_the_leaf_along_the_slopes(given_):
    y, x = given_
    for path in explain(y, x).paths:
        assert (path.nodes[0], path.nodes[-1]) == (y, x)
        for node, parent, slope, place in zip(path.nodes, path.nodes[1:], path.derivatives, path.places):
            assert graph.slopes(node)[place] == (parent, slope)
        assert path.product == pytest.approx(math.prod(path.derivatives), rel=1e-12)


def test_a_value_used_twice_by_an_operation_makes_two_paths():
    x = Value(3.0, label="x")
    y = x * x
    assert explain(y, x).paths == (Path((y, x), (3.0,), 3.0, (0,)), Path((y, x), (3.0,), 3.0, (1,)))


def test_paths_to_a_computed_node_can_be_asked_for():
    a = Value(2.0)
    c = a * 3
    assert explain(c * c + c, c).total == 13.0
    assert explain(c * c + c, c).count == 3


def test_of_a_chain_of_doublings_the_count_is_exact():
    x = y = Value(1.0, label="x")
    for _ in range(100):
        y = y + y
    told = explain(y, x)
    assert (told.count, told.total, len(told.paths)) == (2**100, 2.0**100, 8)
    assert "1,267,650,600,228,229,401,496,703,205,376 paths" in told.text
    assert "1,267,650,600,228,229,401,496,703,205,376 paths" in told.latex


def test_an_mlp_of_three_layers_has_a_path_for_each_choice_of_neurons():
    model = MLP(2, [7, 11, 13, 1])
    inputs = [Value(0.3), Value(-0.2)]
    y = model(inputs)
    told = explain(y, inputs[0])
    assert (told.count, len(told.paths)) == (7 * 11 * 13, 8)
    assert told.total == gradient(y, inputs[0])
    best = sorted((abs(product) for _, product in every_way(y, inputs[0])), reverse=True)[:8]
    assert [abs(path.product) for path in told.paths] == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("step", [lambda y: (y + y) * 0.5, tanh])
def test_a_long_chain_is_explained_without_recursion_or_overflow(step):
    x = y = Value(1e-9, label="x")
    for _ in range(50_000):
        y = step(y)
    told = explain(y, x, max_paths=2)
    assert told.total == gradient(y, x)
    assert told.count == (1 if step is tanh else 2**50_000)
    assert len(told.text) < 3_000


def test_sizes_are_compared_where_products_vanish():
    x = Value(1.0, label="x")
    sizes = {"c": 1e-300, "a": 1e-200, "b": 1e-250}
    parts = []
    for label, size in sizes.items():
        parts.append(x * 1e-200 * size)
        parts[-1].label = label
    told = explain(parts[0] + parts[1] + parts[2], x, max_paths=3)
    assert [path.product for path in told.paths] == [0.0, 0.0, 0.0]
    assert [next(node.label for node in path.nodes if node.label) for path in told.paths] == ["a", "b", "c"]


# ----------------------------------------------------------------------------------------------------- zero, and errors


def test_where_the_output_does_not_depend_on_the_leaf_the_total_is_zero_and_it_says_so():
    a, q = Value(2.0, label="a"), Value(3.0, label="q")
    told = explain(a * 2, q)
    assert (told.paths, told.count, told.total) == ((), 0, 0.0)
    assert told.text == "∂(a * 2)/∂q = 0\n\nThere is no path: the output does not depend on it."
    assert "There is no path" in told.latex
    assert explain(a, a * 2).count == 0


def test_of_the_output_itself_the_only_path_is_empty():
    x = Value(2.0, label="x")
    for y in (x, tanh(x)):
        told = explain(y, y)
        assert (told.paths, told.count, told.total) == ((Path((y,), (), 1.0, ()),), 1, 1.0)
        assert told.text.endswith(" = 1\n\nIt is the output itself: the only path is empty.")


def test_behind_a_zero_a_derivative_need_not_exist():
    x = Value(0.0, label="x")
    y = relu(sqrt(x) - 1)
    told = explain(y, x)
    assert told.total == gradient(y, x) == told.paths[0].product == 0.0
    with pytest.raises(ZeroDivisionError, match=r"sqrt\(x=0.0\) has no finite derivative"):
        explain(sqrt(x), x)


def test_paths_that_cancel_are_shown():
    x = Value(3.0, label="x")
    told = explain(x * 2 - x * 2, x)
    assert (told.total, [path.product for path in told.paths]) == (0.0, [2.0, -2.0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((2.0, Value(1.0)), TypeError, r"output must be a Value, got 2.0 \(float\)"),
        ((Value(1.0), "x"), TypeError, r"leaf must be a Value, got 'x' \(str\)"),
        (([Value(1.0)], Value(1.0)), TypeError, r"output must be a Value, got \["),
        ((exp(Value(1e3, label="x")), Value(1.0)), ValueError, r"exp\(x=1000.0\) = inf"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        explain(*arguments)


@pytest.mark.parametrize("k", [0, -1, 2.5, "all"])
def test_a_number_of_paths_that_is_none_is_refused(k):
    with pytest.raises(ValueError, match="max_paths must be a whole number, 1 or more, got "):
        explain(Value(1.0), Value(1.0), max_paths=k)


def test_a_graph_that_was_changed_is_refused():
    x = Value(2.0, label="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(RuntimeError, match=r"x=3\.0 was assigned to after"):
        explain(y, x)


def test_a_gradient_that_overflows_is_refused():
    x = Value(1e-300, label="x")
    with pytest.raises(ValueError, match="the gradient of x=1e-300 is inf"):
        explain(x * 1e200 * 1e200, x)


def test_the_inside_of_a_checkpoint_is_said_to_be_lost():
    x = Value(2.0, label="x")
    y = checkpoint(lambda x: x * x)(x)
    with pytest.raises(ValueError, match="leads through a checkpoint"):
        explain(y, x)
    assert explain(y * 3, y).total == 3.0


# --------------------------------------------------------------------------------------------------------- what is read


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


def test_what_no_path_passes_is_a_constant():
    x, w = Value(0.5, label="x"), Value(0.25)
    assert explain(x * w, x).text == "∂(x * 0.25)/∂x = 0.25"


def test_counts_with_thousands_of_digits_are_rounded():
    assert [figure_of_count(n) for n in (1, 10**6, 2**200, 2**100_000)] == [
        "1",
        "1,000,000",
        "about 1.61e60",
        "about 9.99e30102",
    ]


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
