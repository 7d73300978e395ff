"""The player of steps, as text: what is in it, that labels stay text, and what is refused. Its moves: in a browser."""

from __future__ import annotations

import html
import html.parser
import json
import math
import re
from xml.etree import ElementTree

import pytest

import autograd
import nn
from autograd import Value
from autograd.notation.text import figure
from autograd.rules import Binary, Unary
from autograd.show import steps
from autograd.show.steps import layout, player
from autograd.show.steps.positions import positions
from autograd.show.steps.table import rows
from autograd.ternary import Ternary


class Parsed(html.parser.HTMLParser):
    """What a browser finds in the page before any script runs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.cells, self.scripts = [""], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag in ("td", "th"):
            self.cells.append("")
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.tags[-1] in ("td", "th") and not data.isspace():
            self.cells[-1] += data
        if self.tags[-1] == "script":
            self.scripts[-1] += data

    @property
    def data(self):
        """What the script is given of the first pass."""
        return json.loads(re.search(r"const data = (.*);\n", self.scripts[0])[1])["passes"][0]


def _lecture() -> Value:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    e = (a + b) * (b + 1)
    e.label = "e"
    return e


def _passes():
    x = Value(-1.5, label="x")
    parameter = nn.Neuron(2, activation="relu", seed=0)
    for y in (_lecture(), (x * x).relu() - (-x).relu() ** 2, parameter([x, 2.0]) + autograd.sum([x] * 8), x):
        for forward in (False, True):
            yield steps(y, forward=forward)


passes = pytest.mark.parametrize("passed", list(_passes()), ids=repr)


def _added(states):
    """The texts in the picture at the end."""
    return {key: text for state in states for key, text in state["texts"].items()}


# ------------------------------------------------------------------------------------------------------ what is in it


@passes
def test_where_no_script_runs_there_is_the_table(passed):
    page = Parsed(player.fragment(passed))
    assert page.cells == [cell for row in rows(passed) for cell in row]
    assert not {"button", "svg", "math"} & set(page.tags)


@passes
def test_all_that_the_script_writes_to_is_in_the_picture(passed):
    data = Parsed(player.fragment(passed)).data
    picture = ElementTree.fromstring(data["svg"])
    groups = {[*g.get("class", "").split(), "", ""][1]: g for g in picture.iter("g")}
    blanks = {text.get("data-blank"): text.text or "" for text in picture.iter("text")}
    for state in data["states"]:
        for key in state["texts"]:
            assert blanks[key] == ""
            assert key.partition(".")[0] in groups
        for key in [
            *state["complete"],
            *(key for keys in state["marks"].values() for key in keys),
            *state["flights"].values(),
        ]:
            assert key in groups
        assert state["flights"].keys() <= state["texts"].keys()


def test_a_sign_has_the_colour_that_it_has_in_a_drawing():
    a, b = Value(-2.0, label="a"), Value(3.0, label="b")
    y = a * b - 1
    backward, forward = ([position.marks for position in positions(steps(y, forward=way))] for way in (False, True))
    assert [backward[2][sign] for sign in ("lit", "positive", "negative")] == [["e2_0", "e2_1"], ["e2_0"], ["e2_1"]]
    assert [forward[1][sign] for sign in ("positive", "negative")] == [["e2_1"], ["e2_0"]]
    assert [forward[2][sign] for sign in ("positive", "negative")] == [["e3_c0"], ["e3_0"]]
    zero = positions(steps(a.relu()))
    assert zero[1].marks["lit"] == ["e1_0"]
    assert not zero[1].marks["positive"] + zero[1].marks["negative"]


def test_the_last_position_shows_the_gradients_and_the_products_that_led_to_them():
    passed = steps(_lecture())
    states = Parsed(player.fragment(passed)).data["states"]
    assert len(states) == 1 + 3 + 1
    texts = _added(states)
    assert [texts[f"n{i}"] for i in range(5)] == [figure(passed.gradients[node]) for node in passed.data]
    assert sorted(text for key, text in texts.items() if key[0] == "e") == [
        "1 · 2 = 2", "1 · 2 = 2", "1 · 3 = 3", "2 · 1 = 2", "3 · 1 = 3"
    ]  # fmt: skip


def test_data_and_gradient_stand_below_each_other_at_the_left_whatever_the_title():
    drawn = ElementTree.fromstring(layout.picture(steps(_lecture()), [{f"n{i}": "2 + …" for i in range(5)}]))
    boxes = [g for g in drawn.iter("g") if g.get("class").startswith("node n")]
    for box in boxes:
        (data, number), (grad, blank) = zip(*[iter(box.findall("text")[-4:])] * 2)
        assert (data.text, grad.text) == ("data", "grad")
        assert data.get("x") == grad.get("x")
        assert number.get("x") == blank.get("x")
        assert float(number.get("x")) - float(data.get("x")) < 60  # also below the long title of e
    assert len(boxes) == 5


def test_operands_stand_in_their_order_unless_one_is_shared_and_its_arrows_would_cross_others():
    x, y = Value(2.0, label="x"), Value(1.0, label="y")
    dot = layout.written(steps(x * y + x.sin()), {})
    ordered = [line for line in dot.splitlines() if "ordering=in" in line]
    assert sorted(re.findall(r"<b>([^<]*)</b>", "".join(ordered))) == ["v1 = x * y + sin(x)"]


def test_a_gradient_is_blank_until_something_arrives_and_a_sum_until_then():
    passed = steps(_lecture())
    states = Parsed(player.fragment(passed)).data["states"]
    (b,) = (f"n{i}" for i, node in enumerate(passed.data) if node.label == "b")
    assert [_added(states[: k + 1]).get(b) for k in range(5)] == [None, None, "2 + …", "5", "5"]
    assert [any(b in state["complete"] for state in states[: k + 1]) for k in range(5)] == [0, 0, 0, 1, 1]


def test_the_formula_has_the_symbols_above_the_numbers():
    states = Parsed(player.fragment(steps(_lecture()))).data["states"]
    formula = ElementTree.fromstring(states[3]["formulas"])
    above, below = ([" ".join("".join(cell.itertext()).split()) for cell in row] for row in formula.iter("mtr"))
    assert above == ["∂e∂b", "+=", "∂(b+1)∂b", "·", "∂e∂(b+1)"]
    assert below == ["5", "=2+", "1", "·", "3"]


def test_a_gradient_that_is_no_local_derivative_has_another_sign():
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    h = w * x
    h.label = "h"
    y = h + h**2
    y.label = "y"
    states = Parsed(player.fragment(steps(y))).data["states"]
    said = ["".join("".join(ElementTree.fromstring(f"<all>{x['formulas']}</all>").itertext()).split()) for x in states]
    assert said[1].startswith("dydh+=∂y∂h·∂y∂y1=0+1·1")  # dy/dh is 13 in the end, ∂y/∂h is 1
    assert said[2] == "dydh+=∂(h2)∂h·∂y∂(h2)13=1+12·1"
    assert said[3].startswith("∂y∂w+=∂h∂w·dydh39=0+3·13")  # of y no operand: one sign will do


@pytest.mark.parametrize("rule", autograd.ops.RULES.values(), ids=lambda rule: rule.name)
def test_the_formula_of_every_operation_is_well_formed(rule):
    x, y = Value(0.5, label="x_1"), Value(-1e-9, label="a < b")
    domain = 2.0 if rule.name == "acosh" else 0.5
    x.data = domain
    operands = (x,) if isinstance(rule, Unary) else (x, y) if isinstance(rule, Binary) else None
    if isinstance(rule, Ternary) or rule.name == "xlogy":  # the logarithm is of a positive number
        operands = (y, x, 2.0)[: len(rule.operands)]
    if operands is None:
        operands = {"dot": ((x, y), (y, x), y), "cross_entropy": (x, (y, x))}.get(rule.name, ((x, y),))
    z = rule(*operands)
    for passed in (steps(z * z, forward=True), steps(z + x)):
        for state in Parsed(player.fragment(passed)).data["states"]:
            ElementTree.fromstring(f"<all>{state['formulas']}</all>")


def test_where_numbers_are_not_finite_the_forward_pass_shows_it():
    y = Value(800.0, label="x").exp()
    texts = _added(Parsed(player.fragment(steps(y, forward=True))).data["states"])
    assert math.inf in [float(text) for text in texts.values()]


# ------------------------------------------------------------------------------------ several players, no other machine


def test_the_same_steps_give_the_same_text_and_other_steps_another_name():
    name = re.compile(r'data-player="(\w+)"')
    first, same, other = (player.fragment(x) for x in (steps(_lecture()), steps(_lecture()), steps(_lecture() * 2)))
    assert first == same
    assert name.search(first)[1] != name.search(other)[1]


@passes
def test_no_part_has_an_id_that_another_player_could_have(passed):
    page = Parsed(player.fragment(passed))
    assert "id" not in dict(page.attributes)
    assert " id=" not in page.data["svg"] + "".join(state["formulas"] for state in page.data["states"])


@passes
def test_nothing_is_fetched(passed):
    page = Parsed(passed.html())
    assert "default-src 'none'" in dict(page.attributes)["content"]
    assert not {"src", "href", "srcset"} & set(dict(page.attributes))
    assert not re.search(r"https?://|@import|url\(", passed.html())


# ---------------------------------------------------------------------------------------------------------- any label


@pytest.mark.parametrize(
    "label",
    ["<script>f()</script>", "</script><b><img>", "<!--<script>", "\"'`", "a\\n&amp;", "${x}$", "\u2028", "-->", "é∂𝛿"],
)
def test_a_label_stays_text(label):
    x = Value(2.0, label=label)
    y = x * x
    y.label = f"y{label}"
    for passed in (steps(y), steps(y, forward=True)):
        page = Parsed(passed.html())
        assert page.tags.count("script") == 1
        assert {"b", "img"}.isdisjoint(page.tags)
        shown = passed.names[x]
        assert shown == (label if label.isprintable() else "\N{REPLACEMENT CHARACTER}")
        assert shown in page.cells
        data = page.data
        picture = ElementTree.fromstring(data["svg"])
        assert shown in ["".join(text.itertext()) for text in picture.iter("text")]
        assert {"script", "b", "a"}.isdisjoint(element.tag for element in picture.iter())
        for state in data["states"]:
            formulas = ElementTree.fromstring(f"<all>{state['formulas']}</all>")
            assert all(element.tag[0] == "m" or element.tag == "all" for element in formulas.iter())


# ------------------------------------------------------------------------------------------------- files and refusals


def test_the_page_can_be_saved(tmp_path):
    passed = steps(_lecture())
    assert passed.save(tmp_path / "pass.html").read_text(encoding="utf-8") == passed.html()


def _chain() -> Value:
    y = Value(1.0)
    for _ in range(61):
        y = y * 1.5
    return y


@pytest.mark.parametrize(
    ("y", "size"),
    [
        (_chain(), "61 steps, 62 Values, 61 arrows"),
        (autograd.sum([Value(1.0) for _ in range(200)]), "1 steps, 201 Values, 200 arrows"),
        (autograd.sum([Value(1.0)] * 301), "1 steps, 2 Values, 301 arrows"),
    ],
    ids=["steps", "Values", "arrows"],
)
def test_what_nobody_could_follow_is_refused_with_its_size_and_what_to_do(y, size, tmp_path):
    passed = steps(y)
    with pytest.raises(ValueError, match=rf"{size} is too long to be played .*a Value inside of it"):
        passed.save(tmp_path / "pass.html")
    assert list(tmp_path.iterdir()) == []
    shown = passed._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert size in shown["text/plain"]


def test_where_there_is_no_graphviz_a_notebook_shows_how_to_get_it(monkeypatch):
    def render(source, format):
        raise ImportError("drawing needs Graphviz: pip install pygraphviz")

    monkeypatch.setattr(layout, "render", render)
    passed = steps(_lecture())
    assert passed._repr_mimebundle_() == {"text/plain": f"{passed}\ndrawing needs Graphviz: pip install pygraphviz"}


def test_a_notebook_is_given_the_table_and_the_player():
    passed = steps(_lecture())
    assert passed._repr_mimebundle_() == {
        "text/plain": str(passed),
        "text/html": player.fragment(passed, notebook=True),
    }


def test_plain_numbers_are_in_the_picture_and_so_are_the_products_of_a_dot():
    y = nn.Neuron(2, activation="identity", seed=0)([3.0, 4.0]) - 7
    for forward in (False, True):
        passed = steps(y, forward=forward)
        data = Parsed(player.fragment(passed)).data
        picture = ElementTree.fromstring(data["svg"])
        groups = [g for g in picture.iter("g") if g.get("class")]
        assert sorted(g.find("text").text for g in groups if "plain" in g.get("class")) == ["3", "4", "7"]
        arrows = {g.get("class") for g in groups}
        assert {"edge e3_c0", "edge e3_c1", f"edge e{len(passed.data) - 1}_c0"} <= arrows
        texts = _added(data["states"]).values() if forward else [text.text or "" for text in picture.iter("text")]
        w1, w2, b = (figure(p.data) for p in next(node for node in passed.data if node.op).parents)
        factors = [f"({x})" if x.startswith("-") else x for x in (w1, w2, b)]
        assert sum(text.startswith(f"\u2007 {factors[0]} · 3 = ") for text in texts) == 1
        assert sum(text.startswith(f"+ {factors[1]} · 4 = ") for text in texts) == 1
        assert f"+ {factors[2]}" in texts
    assert data["states"][1]["marks"]["lit"] == ["e3_0", "e3_1", "e3_2", "e3_c0", "e3_c1"]


def test_marimo_is_given_a_frame_that_plays_and_one_picture():
    passed = steps(_lecture())
    kind, frame = passed._mime_()
    assert kind == "text/html"
    assert html.unescape(frame.partition('srcdoc="')[2].partition('" allow')[0]) == passed.html()
    assert steps(_chain())._mime_() == ("text/plain", steps(_chain())._repr_mimebundle_()["text/plain"])
    drawn = autograd.draw(_lecture())
    assert drawn._mime_() == ("text/html", drawn._repr_mimebundle_()["text/html"])


def test_the_numbers_of_each_step_are_told_in_words():
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    e = a * b
    e.label = "e"
    passed = steps(e)
    told = [position.numbers for position in positions(passed)]
    assert told == [
        "e has the gradient 1.",
        "It is 1. a receives 1 times 1, which is 1; so far 1. b receives 2 times 1, which is 2; so far 2.",
        "a has 1. b has 2.",
    ]


# ------------------------------------------------------------------------------------------ a wrong pass, and the right


def _residual() -> Value:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    h = w * x
    y = h + h**2
    h.label, y.label = "h", "y"
    return y


def test_beside_a_wrong_pass_the_right_one_is_played():
    y = _residual()
    wrong = steps(y, order="depth_first")
    page = Parsed(wrong.html())
    both = json.loads(re.search(r"const data = (.*);\n", page.scripts[0])[1])["passes"]
    assert [lane["title"] for lane in both] == [wrong.title, steps(y).title]
    assert wrong.title == "The backward pass from y = 42, depth first"
    assert both[1] == Parsed(steps(y).html()).data
    assert [len(lane["why"]) > 0 for lane in both] == [True, False]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("order", "accumulate"), [("depth_first", True), ("recursive", True), ("topological", False)])
def test_the_first_number_that_differs_is_marked_and_from_there_on_it_is_said_why(order, accumulate, language):
    passed = steps(_residual(), order=order, accumulate=accumulate, language=language)
    lane, difference = Parsed(passed.html()).data, passed.compared.difference
    marked = [k for k, state in enumerate(lane["states"][:-1]) if "wrong" in state["marks"]]
    assert marked == [lane["since"]] == [difference.step + 1]
    state = lane["states"][lane["since"]]
    (key,) = state["marks"]["wrong"]
    assert state["texts"][key] == f"{figure(difference.found)} ≠ {figure(difference.right)}"
    assert lane["why"] in state["numbers"]
    assert figure(difference.right) in lane["why"]


def test_the_ends_of_a_wrong_pass_stand_beside_the_right_ones():
    passed = steps(_residual(), order="breadth_first")
    end = Parsed(passed.html()).data["states"][-1]
    assert end["head"] == "Done, with wrong gradients."
    assert [end["texts"][key] for key in end["marks"]["wrong"]] == ["3 ≠ 39", "2 ≠ 26"]


def test_a_pass_that_was_cut_says_so_at_its_end():
    y = Value(1.0, label="x")
    for _ in range(20):
        y = y + y
    end = Parsed(steps(y, order="recursive").html()).data["states"][-1]
    assert end["head"] == "Cut here, after 50 of 1,048,575 steps."
