"""Drawings: what is in the picture, read back from its DOT, and what comes out as a file."""

from __future__ import annotations

import base64
import errno
import math
import os
import re
import sys
from collections import Counter
from decimal import Decimal
from xml.etree import ElementTree

import graphviz
import pygraphviz
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, checkpoint, dot, draw, graph, no_grad, sqrt, straight_through, tanh, topological_order
from autograd.notation.text import figure
from autograd.show import Drawing
from autograd.show.drawing import drawing, looks
from autograd.show.drawing.rendering import render


class Parameter(Value):
    __slots__ = ()
    kind = "parameter"


class Picture:
    """A drawing as Graphviz reads it: boxes, operations, plain numbers, and arrows between them."""

    def __init__(self, drawn: Drawing) -> None:
        dot = pygraphviz.AGraph()
        dot.from_string(drawn.source)
        self.looks = {str(node): node.attr.to_dict() for node in dot.nodes()}
        self.boxes = {name: _cells(look["label"]) for name, look in self.looks.items() if re.fullmatch(r"n\d+", name)}
        self.stubs = {name for name in self.looks if name.endswith("cut")}
        self.constants = {name: self.looks[name]["label"] for name in self.looks if re.fullmatch(r"op\d+c\d+", name)}
        self.operations = {
            name: look["label"].replace("&lt;", "<")
            for name, look in self.looks.items()
            if re.fullmatch(r"op\d+", name)
        }
        nothing = dict.fromkeys(("label", "style", "color", "penwidth"), "")
        self.arrows = [(*map(str, edge), {**nothing, **edge.attr.to_dict()}) for edge in dot.edges()]
        dot.close()

    def named(self, label: str) -> str:
        (name,) = [name for name, cells in self.boxes.items() if cells[0] == label]
        return name

    def into(self, name: str) -> list[str]:
        return [start for start, end, _ in self.arrows if end == name]

    def arrow(self, start: str, end: str) -> dict[str, str]:
        (look,) = [look for a, b, look in self.arrows if (a, b) == (start, end)]
        return look


def _cells(label: str) -> tuple[str, str, str]:
    """Label, data and grad of a box."""
    texts = ["".join(cell.itertext()) for cell in ElementTree.fromstring(label).iter("td")]
    data, grad = (texts[i + 1] for i, text in enumerate(texts) if text in ("data", "grad") and i >= len(texts) - 4)
    return texts[0] if len(texts) == 5 else "", data, grad


def _lecture() -> tuple[Value, Value, Value]:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    e = (a + b) * (b + 1)
    e.label = "e"
    return a, b, e


@st.composite
def graphs(draw_: st.DrawFn) -> Value:
    """The end of a random graph, with shared operands and plain numbers."""
    numbers = st.floats(-2, 2)
    nodes = [Value(draw_(numbers)), Parameter(draw_(numbers))]
    for _ in range(draw_(st.integers(1, 8))):
        a, b = draw_(st.sampled_from(nodes)), draw_(st.sampled_from(nodes))
        made = [
            a + b,
            a * b,
            a - draw_(numbers),
            tanh(a),
            dot([a, b], [b, a], 0.5),
            dot([a], [b]),
            dot([a, b], [1.0, 2.0]),
        ]
        nodes.append(draw_(st.sampled_from(made)))
    return nodes[-1]


# ----------------------------------------------------------------------------------------------- what is in the picture


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
    _, _, e = _lecture()
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
    assert draw(_lecture()[2]).source == draw(_lecture()[2]).source


@given(graphs())
def test_drawing_changes_nothing(y):
    y.backward()
    nodes = topological_order(y)
    before = [(node.data, node.grad) for node in nodes]
    draw(y, expand=True, local_derivatives=True)
    assert topological_order(y) == nodes
    assert [(node.data, node.grad) for node in nodes] == before


# ---------------------------------------------------------------------------------------------- gradients on the arrows


def test_before_backward_all_arrows_are_alike():
    looks = [look for _, _, look in Picture(draw(_lecture()[2])).arrows]
    assert all(look == looks[0] for look in looks)


@given(graphs())
def test_an_arrow_shows_sign_and_size_of_the_gradient_that_flows_there(y):
    y.backward()
    picture = Picture(draw(y))
    flows = [slope * node.grad for node in topological_order(y) if node.parents for _, slope in graph.slopes(node)]
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
    assert picture.arrow(picture.named("x"), "op0") == picture.arrow("op0", "n1")


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


# ------------------------------------------------------------------------------------------------------ inside of a dot

integers = st.integers(-9, 9).map(float)


@given(
    st.lists(st.tuples(integers, integers), min_size=1, max_size=5), st.none() | integers.filter(bool), st.booleans()
)
def test_the_parts_of_an_expanded_dot_add_up_to_it(pairs, bias, learned):
    ws, xs = ([Value(x) for x in column] for column in zip(*pairs))
    b = 0.0 if bias is None else Value(bias) if learned else bias
    y = dot(ws, xs, b)
    z = y * 3.0
    z.backward()
    picture = Picture(draw(y, expand=True))
    assert "dot" not in picture.operations.values()
    for operation, symbol in picture.operations.items():
        operands = [
            float(picture.boxes[x][1] if x in picture.boxes else picture.constants[x]) for x in picture.into(operation)
        ]
        (result,) = (picture.boxes[end] for start, end, _ in picture.arrows if start == operation)
        assert float(result[1]) == (math.prod(operands) if symbol == "*" else sum(operands))
        assert result[2] == "3"
    assert Counter(picture.operations.values())["*"] == len(pairs)
    assert len(picture.boxes) == len(topological_order(y)) + len(picture.operations) - 1


def test_a_dot_with_plain_numbers_is_expanded_too():
    w, b = Value(2.0), Value(1.0)
    assert Counter(Picture(draw(dot([w, w], [3.0, 4.0], b), expand=True)).constants.values()) == Counter("34")
    assert Picture(draw(dot([2.0], [3.0], b), expand=True)).boxes["n1"][1] == "7"
    assert Picture(draw(dot([], [], b), expand=True)).boxes["n1"][1] == "1"


def test_a_dot_is_expanded_inside_of_no_grad():
    y = dot([Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)], Value(5.0))
    with no_grad():
        assert sorted(Picture(draw(y, expand=True)).operations.values()) == ["*", "*", "+", "sum"]


def test_drawing_in_a_checkpointed_function_leaves_no_trace_there():
    x, other = Value(2.0), dot([Value(1.0)], [Value(3.0)], 1.0)

    def f(x):
        draw(other, expand=True)
        return x * x

    (hub,) = checkpoint(f)(x).parents
    assert hub.parents == (x,)


# ------------------------------------------------------------------------------------------------ a part of the picture


def _chain(length: int) -> Value:
    y = Value(0.5)
    for _ in range(length):
        y = tanh(y)
    return y


@given(st.integers(0, 12))
def test_depth_is_the_number_of_operations_to_go_back(depth):
    picture = Picture(draw(_chain(8), depth=depth))
    assert len(picture.operations) == min(depth, 8)
    assert len(picture.stubs) == (depth < 8)


def test_depth_counts_along_the_shortest_way():
    a, b, e = _lecture()
    near = e + a
    picture = Picture(draw(near, depth=1))
    assert {cells[0] for cells in picture.boxes.values()} == {"a", "e", ""}
    assert picture.into(picture.named("e")) == [picture.named("e") + "cut"]
    assert b.label not in {cells[0] for cells in picture.boxes.values()}


def test_the_picture_does_not_look_behind_the_given_values():
    a, _, e = _lecture()
    y = tanh(e) * a
    picture = Picture(draw(y, until=[e, a]))
    assert sorted(picture.operations.values()) == ["*", "tanh"]
    assert picture.stubs == {picture.named("e") + "cut"}
    assert draw(y, until=e).source == draw(y, until=(e, e)).source


def test_values_that_are_not_on_the_way_change_nothing():
    _, _, e = _lecture()
    assert draw(e, until=[Value(1.0)]).source == draw(e).source


def test_an_expanded_dot_has_the_depth_of_one_operation():
    h = tanh(Value(0.5, "x"))
    picture = Picture(draw(dot([h], [Value(2.0)], 1.0), expand=True, depth=1))
    assert sorted(picture.operations.values()) == ["*", "+"]
    assert len(picture.stubs) == 1


def test_a_large_graph_is_refused_with_its_size_and_a_part_that_can_be_drawn():
    y = _chain(1_000_000)
    with pytest.raises(ValueError, match="1,000,001 Values, 0 plain numbers and 1,000,000 operations") as refusal:
        draw(y)
    depth = int(re.search(r"depth=(\d+)", str(refusal.value))[1])
    assert draw(y, depth=depth).operations == depth


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 40), st.booleans())
def test_a_refusal_counts_right_and_proposes_a_depth_that_is_not_refused(width, layers, max_nodes, expand):
    xs = [Value(1.0) for _ in range(width)]
    for _ in range(layers):
        xs = [dot([Value(0.5) for _ in xs], xs, 1.0) for _ in xs]
    whole = draw(xs[0], max_nodes=10_000, expand=expand)
    picture = Picture(whole)
    assert whole.nodes == len(picture.boxes) + len(picture.constants)
    if whole.nodes <= max_nodes:
        assert draw(xs[0], max_nodes=max_nodes, expand=expand).source == whole.source
        return
    with pytest.raises(ValueError, match=rf"max_nodes={max_nodes}\).* max_nodes={whole.nodes} ") as refusal:
        draw(xs[0], max_nodes=max_nodes, expand=expand)
    values, plain, operations = map(int, re.findall(r"(\d+) [VPpo]", str(refusal.value))[:3])
    assert (values, plain, operations) == (len(picture.boxes), len(picture.constants), whole.operations)
    proposed = re.search(r"depth=(\d+)", str(refusal.value))
    if proposed:
        assert draw(xs[0], max_nodes=max_nodes, expand=expand, depth=int(proposed[1])).nodes <= max_nodes
    else:
        with pytest.raises(ValueError, match="one operand alone"):
            draw(xs[0], max_nodes=max_nodes, expand=expand, depth=1)


def test_the_size_limit_counts_plain_numbers():
    y = Value(1.0) + 1 + 1 + 1
    assert draw(y, max_nodes=7).nodes == 7
    with pytest.raises(ValueError, match="4 Values, 3 plain numbers and 3 operations"):
        draw(y, max_nodes=6)


@pytest.mark.parametrize("wrong", [3.0, "x", None, Value, {}])
def test_anything_but_values_is_refused_by_name(wrong):
    with pytest.raises(TypeError, match=f"value must be a Value .* got {re.escape(repr(wrong))}"):
        draw(wrong)
    with pytest.raises(TypeError, match=f"value must hold Values only, got {re.escape(repr(wrong))}"):
        draw([Value(1.0), wrong])
    with pytest.raises(TypeError, match="until must hold"):
        draw(Value(1.0), until=[wrong])


def test_numbers_that_make_no_sense_are_refused_by_name():
    with pytest.raises(ValueError, match="empty list"):
        draw([])
    for name, wrong in (("depth", -1), ("depth", 1.5), ("depth", "3"), ("max_nodes", 0), ("max_nodes", None)):
        with pytest.raises(ValueError, match=f"{name} must be a whole number"):
            draw(Value(1.0), **{name: wrong})


# ----------------------------------------------------------------------------------------------------------------- text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_figure_is_exact_or_shows_that_it_was_rounded(x):
    text = figure(x)
    assert len(text) <= 11
    if float(text) != x:
        assert abs(Decimal(text) - Decimal(x)) <= abs(Decimal(x)) * Decimal("5.001e-4")
        assert len(re.sub(r"e.*|\D", "", text).lstrip("0")) >= 4


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"), (0.99999, "1.000"), (0.46211715, "0.4621"),
        (-1.2e-9, "-1.2e-09"),
        (1000.0, "1000"), (12345.0, "12345"), (12345.67, "12345.7"), (123456.7, "123457"), (1e6, "1e+06"),
        (math.inf, "inf"), (math.nan, "nan"),
    ],
)  # fmt: skip
def test_figures_are_what_one_would_write_on_a_board(x, text):
    assert figure(x) == text


def _svg(drawn: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(drawn.svg())


SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
hard = st.text(st.sampled_from('<>&"{}|\\NGEnlrT;#92 é∂\n')) | st.text()


@given(hard)
@example("\\N \\n \\\\ &lt; <b> {x|y}")
def test_any_label_is_shown_literally(label):
    picture = _svg(draw(Value(1.5, label)))
    texts = "".join(text.text or "" for text in picture.iter(SVG + "text")).removesuffix("data1.5grad0")
    seen = re.sub(r"[\x00-\x09\x0b-\x1f]", lambda c: chr(0x2400 + ord(c[0])), label)
    seen = re.sub(r"[\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", seen)
    assert texts.replace("\xa0", " ") == seen.replace("\n", "").replace("\xa0", " ")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]) | st.sampled_from('<>&"\\NGEnlrT;#'), max_size=200)
)
@example("\\N \\n \\\\ &lt; <b>")
def test_a_tooltip_tells_the_exact_number(label):
    value = Value(1 / 3, label)
    (anchor,) = _svg(draw(value)).iter(SVG + "a")
    # Graphviz keeps spaces that follow one another apart by making them non-breaking
    assert anchor.get(XLINK + "title").replace("\xa0", " ") == f"input: {value!r}".replace("\xa0", " ")


def test_operands_stand_in_their_order_from_top_to_bottom():
    ws, xs = ([Value(float(i), f"{name}{i}") for i in range(3)] for name in "wx")
    texts = _svg(draw(tanh(dot(ws, xs, Value(1.0, "b"))), expand=True)).iter(SVG + "text")
    heights = {text.text: float(text.get("y")) for text in texts}
    assert sorted([w.label for w in ws + xs], key=heights.get) == ["w0", "x0", "w1", "x1", "w2", "x2"]


@given(graphs(), st.booleans())
def test_every_graph_can_be_laid_out(y, expand):
    _svg(draw([y, tanh(y)], expand=expand, local_derivatives=True))


def test_a_label_of_any_length_can_be_drawn():
    assert "x" * 400 in draw(Value(1.0, "x" * 100_000)).svg()


def test_the_symbol_of_an_operation_is_shown_literally():
    y = straight_through(lambda x: round(x))(Value(2.7))
    assert "<lambda>" in [text.text for text in _svg(draw(y)).iter(SVG + "text")]


# -------------------------------------------------------------------------------------------------- files and notebooks


def test_svg_is_well_formed_and_contains_the_labels():
    texts = [text.text for text in _svg(draw(_lecture()[2])).iter(SVG + "text")]
    assert {"a", "b", "e", "+", "*", "6"} <= set(texts)


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("PNG", b"\x89PNG")]
)
def test_the_ending_says_what_is_written(tmp_path, ending, start):
    path = tmp_path / f"graph.{ending}"
    assert draw(_lecture()[2]).save(str(path)) == path
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["dot", "gv"])
def test_the_source_is_a_file_too(tmp_path, ending):
    drawn = draw(Value(1.0, "∂"))
    assert drawn.save(tmp_path / f"graph.{ending}").read_text(encoding="utf-8") == drawn.source


@pytest.mark.parametrize("name", ["graph", "graph.jpeg", "graph.svg.txt"])
def test_another_ending_is_refused_with_those_that_are_possible(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot or \.gv"):
        draw(Value(1.0)).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "graph.svg"
    path.write_text("old")

    def fails(source, format):
        raise RuntimeError("no ink")

    monkeypatch.setattr(drawing, "render", fails)
    with pytest.raises(RuntimeError, match="no ink"):
        draw(Value(1.0)).save(path)
    monkeypatch.setattr(drawing, "render", lambda source, format: b"half of it")

    def is_full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", is_full)
    with pytest.raises(OSError, match=r"No space left on device: '.*/graph\.svg'"):
        draw(Value(1.0)).save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named_by_the_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"'.*/nowhere/graph\.svg'"):
        draw(Value(1.0)).save(tmp_path / "nowhere" / "graph.svg")


def test_a_notebook_shows_the_picture():
    shown, metadata = draw(_lecture()[2])._repr_mimebundle_()
    assert shown["text/plain"] == "<Drawing of 6 nodes and 3 operations>"
    svg = ElementTree.fromstring(shown["image/svg+xml"])
    assert svg.tag == SVG + "svg"
    assert base64.b64decode(shown["image/png"]).startswith(b"\x89PNG")
    points = float(svg.get("width").removesuffix("pt"))
    assert metadata["image/png"]["width"] == pytest.approx(points * 96 / 72, abs=2)  # both are of one size


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_the_error_says_the_one_command_that_mends_it(tmp_path):
    drawn = draw(_lecture()[2])
    for attempt in (drawn.svg, lambda: drawn.save(tmp_path / "graph.png")):
        with pytest.raises(ImportError) as error:
            attempt()
        assert str(error.value).count("pip install pygraphviz") == str(error.value).count("install pygraphviz") == 1
    assert drawn.save(tmp_path / "graph.dot").read_text() == drawn.source
    assert list(tmp_path.iterdir()) == [tmp_path / "graph.dot"]


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_a_notebook_shows_the_command_instead_of_a_traceback():
    shown, _ = draw(_lecture()[2])._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert "<Drawing of 6 nodes and 3 operations>" in shown["text/plain"]
    assert "pip install pygraphviz" in shown["text/plain"]


def test_a_dot_on_the_path_serves_where_pygraphviz_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr(graphviz.Source, "pipe", lambda self, format, quiet: f"{format}: {self.source}".encode())
    assert render("digraph { a }", "svg") == b"svg: digraph { a }\n"


@pytest.mark.parametrize(("source", "format"), [("digraph { a -> }", "svg"), ("digraph { a }", "nonsense")])
def test_what_graphviz_complains_about_is_in_the_error_and_not_on_the_terminal(source, format, capfd):
    with pytest.raises(ValueError, match=r"could not draw this graph as \w+: Error: \w+"):
        render(source, format)
    assert capfd.readouterr() == ("", "")


# --------------------------------------------------------------------------------------------------------------- legend


def _positions(drawn: Drawing) -> dict[str, tuple[float, float]]:
    """Where Graphviz puts each node, seen from the first."""
    lines = [line.split() for line in render(drawn.source, "plain").decode().splitlines()]
    found = {words[1]: (float(words[2]), float(words[3])) for words in lines if words[0] == "node"}
    x, y = found["n0"]
    return {name: (a - x, b - y) for name, (a, b) in found.items()}


@given(graphs())
def test_the_legend_moves_nothing(y):
    y.backward()
    without, beside = _positions(draw(y)), _positions(draw(y, legend=True))
    assert without.keys() == beside.keys()
    for name, place in without.items():
        assert beside[name] == pytest.approx(place, abs=1e-3)


def test_the_legend_explains_every_look_and_shows_it():
    a, _, e = _lecture()
    (e - 2 * a).backward()
    plain, explained = draw(e).svg(), draw(e, legend=True).svg()
    words = ["input", "parameter", "computed", "output", "plain number", "positive gradient", "negative", "no gradient"]
    for word in words:
        assert f">{word}" in explained
        assert f">{word}" not in plain
    for look in (*looks.KINDS.values(), looks.POSITIVE, looks.NEGATIVE, looks.CONSTANT):
        assert look.get("fillcolor", look.get("color", "white")) in explained
