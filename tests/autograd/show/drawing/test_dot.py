"""What is in a picture, read back from its DOT: boxes, operations, arrows, and any text as it stands."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, checkpoint, dot, draw, edges, sqrt, straight_through, tanh, topological_order
from autograd.notation.text import figure
from tests.support.pictures import SVG, Parameter, Picture, graphs, lecture, svg_of


@given(graphs())
def test_every_value_and_every_operation_is_drawn_once(y):
    y.backward()
    drawn = draw(y)
    picture = Picture(drawn)
    nodes = topological_order(y)
    made = [node for node in nodes if node.parents]
    assert Counter(cells[1:] for cells in picture.boxes.values()) == Counter(
        (figure(node.data), figure(node.grad)) for node in nodes
    )
    assert Counter(picture.operations.values()) == Counter(node.op for node in made)
    assert drawn.nodes == len(picture.boxes) + len(picture.constants)
    assert drawn.operations == len(picture.operations) == len(made)
    assert repr(drawn).startswith("<Drawing of ")


@given(graphs())
def test_arrows_lead_from_the_operands_to_the_operation_and_from_there_to_its_result(y):
    picture = Picture(draw(y))
    results = {start: end for start, end, _ in picture.arrows if start in picture.operations}
    assert results.keys() == picture.operations.keys()
    found = Counter()
    for operation, result in results.items():
        operands = Counter(picture.boxes[x][1] for x in picture.into(operation) if x in picture.boxes)
        found[picture.operations[operation], picture.boxes[result][1], frozenset(operands.items())] += 1
    assert found == Counter(
        (node.op, figure(node.data), frozenset(Counter(figure(x.data) for x in node.parents).items()))
        for node in topological_order(y)
        if node.parents
    )


def test_a_box_shows_label_data_and_gradient_and_operands_come_first():
    _, _, e = lecture()
    e.backward()
    boxes = list(Picture(draw(e)).boxes.values())
    assert boxes == [("a", "2", "2"), ("b", "1", "5"), ("", "3", "2"), ("", "2", "3"), ("e", "6", "1")]


def test_a_value_that_an_operation_uses_twice_has_two_arrows():
    x = Value(3.0, "x")
    picture = Picture(draw(x * x))
    assert picture.into("op0") == [picture.named("x")] * 2


def test_a_plain_number_is_drawn_at_each_of_its_uses():
    x = Value(3.0)
    assert list(Picture(draw(x * 2 + 2)).constants.values()) == ["2", "2"]


def test_a_dot_without_bias_shows_none():
    x = Value(3.0)
    assert not Picture(draw(dot([x], [x]))).constants
    assert list(Picture(draw(dot([x], [x], 0.25))).constants.values()) == ["0.25"]


def test_several_outputs_share_one_picture():
    x = Value(0.5, "x")
    drawn = draw([tanh(x), x * x, x])
    assert (drawn.nodes, drawn.operations) == (3, 2)


def test_the_kinds_of_values_are_told_apart_without_colour():
    y = Value(1.0, "input") * Parameter(2.0, "parameter") + 7.0
    y.label = "output"
    picture = Picture(draw(y))
    shapes = [
        tuple(picture.looks[name][key] for key in ("shape", "style", "peripheries", "penwidth"))
        for name in [*picture.boxes, *picture.constants, "op0"]
    ]
    assert len(set(shapes)) == len(shapes) == 6


def test_the_same_graph_gives_the_same_source():
    assert draw(lecture()[2]).source == draw(lecture()[2]).source


@given(graphs())
def test_drawing_changes_nothing(y):
    y.backward()
    nodes = topological_order(y)
    before = [(node.data, node.grad) for node in nodes]
    draw(y, expand=True, local_derivatives=True)
    assert topological_order(y) == nodes
    assert [(node.data, node.grad) for node in nodes] == before


def test_before_backward_all_arrows_are_alike():
    looks = [{**look, "tooltip": ""} for _, _, look in Picture(draw(lecture()[2])).arrows]
    assert all(look == looks[0] for look in looks)


@given(graphs())
def test_an_arrow_shows_sign_and_size_of_the_gradient_that_flows_there(y):
    y.backward()
    picture = Picture(draw(y))
    flows = [slope * node.grad for node in topological_order(y) if node.parents for _, slope in edges.slopes(node)]
    flows += [node.grad for node in topological_order(y) if node.parents]
    most = max((abs(flow) for flow in flows), default=0.0)

    def width(flow):
        return f"{1.5 + 5 * abs(flow) / most:.2f}"

    dashed = Counter(look["penwidth"] for _, _, look in picture.arrows if look["style"] == "dashed")
    assert dashed == Counter(width(flow) for flow in flows if flow < 0)
    blue = Counter(look["penwidth"] for _, _, look in picture.arrows if look["color"] == "#0072b2")
    assert blue == Counter(width(flow) for flow in flows if flow > 0)


def test_the_arrow_from_a_shared_value_shows_the_part_that_flows_there():
    x = Value(3.0, "x")
    y = 4 * x - x
    y.backward()
    picture = Picture(draw(y))
    widths = {picture.operations[end]: look for start, end, look in picture.arrows if start == picture.named("x")}
    assert float(widths["*"]["penwidth"]) > float(widths["-"]["penwidth"])
    assert (widths["*"]["style"], widths["-"]["style"]) == ("", "dashed")


def test_local_derivatives_are_written_on_request():
    x, y = Value(3.0, "x"), Value(5.0, "y")
    z = x * y
    picture = Picture(draw(z, local_derivatives=True))
    assert picture.arrow(picture.named("x"), "op0")["label"].strip() == "∂ 5"
    assert picture.arrow(picture.named("y"), "op0")["label"].strip() == "∂ 3"
    assert not any(look["label"] for _, _, look in Picture(draw(z)).arrows)


def test_where_a_function_has_no_slope_the_arrow_is_neutral():
    x = Value(0.0, "x")
    picture = Picture(draw(sqrt(x), local_derivatives=True))
    into, out = picture.arrow(picture.named("x"), "op0"), picture.arrow("op0", "n1")
    assert {**into, "tooltip": ""} == {**out, "tooltip": ""}


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_not_finite_are_drawn(bad):
    y = Value(bad, "x") * 2.0
    z = y + 1.0
    y.grad, z.grad = bad, 1.0
    picture = Picture(draw(z, local_derivatives=True))
    assert picture.boxes[picture.into("op1")[0]][1:] == (figure(bad), figure(bad))
    assert all(float(look["penwidth"] or 1.5) <= 6.5 for _, _, look in picture.arrows)
    assert picture.arrow("op1", "n2")["penwidth"] == "6.50"


def test_a_checkpoint_is_drawn_after_its_backward_too():
    x = Value(2.0, "x")
    y = checkpoint(lambda x: (x * x).exp())(x)
    y.backward()
    assert "checkpoint" in Picture(draw(y, local_derivatives=True)).operations.values()


hard = st.text(st.sampled_from('<>&"{}|\\NGEnlrT;#92 é∂\n')) | st.text()


@given(hard)
@example("\\N \\n \\\\ &lt; <b> {x|y}")
def test_any_label_is_shown_literally(label):
    picture = svg_of(draw(Value(1.5, label)))
    texts = "".join(text.text or "" for text in picture.iter(SVG + "text")).removesuffix("data1.5grad")
    seen = re.sub(r"[\x00-\x09\x0b-\x1f]", lambda c: chr(0x2400 + ord(c[0])), label)
    seen = re.sub(r"[\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", seen)
    assert texts.replace("\xa0", " ") == seen.replace("\n", "").replace("\xa0", " ")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]) | st.sampled_from('<>&"\\NGEnlrT;#'), max_size=200)
)
@example("\\N \\n \\\\ &lt; <b>")
def test_a_tooltip_tells_the_exact_number(label):
    value = Value(1 / 3, label)
    _, title = svg_of(draw(value)).iter(SVG + "title")
    # Graphviz keeps spaces that follow one another apart by making them non-breaking
    assert title.text.replace("\xa0", " ") == f"input: {value!r}".replace("\xa0", " ")


def test_no_gradient_is_written_before_backward():
    a = Value(2.0, "a")
    y = a * 0.0
    before = [text.text for text in svg_of(draw(y)).iter(SVG + "text")]
    y.backward()
    after = [text.text for text in svg_of(draw(y)).iter(SVG + "text")]
    assert before[before.index("a") :][:4] == ["a", "data", "2", "grad"]
    assert len(after) == len(before) + 2
    assert after[after.index("a") :][:5] == ["a", "data", "2", "grad", "0"]


def test_operands_stand_in_their_order_from_top_to_bottom():
    ws, xs = ([Value(float(i), f"{name}{i}") for i in range(3)] for name in "wx")
    texts = svg_of(draw(tanh(dot(ws, xs, Value(1.0, "b"))), expand=True)).iter(SVG + "text")
    heights = {text.text: float(text.get("y")) for text in texts}
    assert sorted([w.label for w in ws + xs], key=heights.get) == ["w0", "x0", "w1", "x1", "w2", "x2"]


@given(graphs(), st.booleans())
def test_every_graph_can_be_laid_out(y, expand):
    svg_of(draw([y, tanh(y)], expand=expand, local_derivatives=True))


def test_a_label_of_any_length_can_be_drawn():
    assert "x" * 400 in draw(Value(1.0, "x" * 100_000)).svg()


def test_the_symbol_of_an_operation_is_shown_literally():
    y = straight_through(lambda x: round(x))(Value(2.7))
    assert "<lambda>" in [text.text for text in svg_of(draw(y)).iter(SVG + "text")]
