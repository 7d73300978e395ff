"""How pictures are arranged: layers in their order, long chains downwards, recurrent networks by time."""

from __future__ import annotations

import re

import pytest

import nn
from autograd import Value, draw, explain, sin, tanh
from tests.support.pictures import Picture, lecture


def _size(svg: str) -> tuple[float, float]:
    width, height = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg).groups()
    return float(width), float(height)


@pytest.mark.parametrize("sizes", [[3, 1], [4, 4, 1], [5, 3, 2]])
def test_layers_are_drawn_in_their_order(sizes):
    model = nn.MLP(2, sizes, activation="tanh", seed=0)
    svg = draw(model([1.0, -2.0])).svg()
    placed = {name: float(y) for y, name in re.findall(r'<text[^>]* y="([-\d.]+)"[^>]*>([wb]₁?[^<]*⁽.⁾)</text>', svg)}
    for i, n in enumerate(sizes):
        below = "₀₁₂₃₄₅₆"
        above = f"⁽{'¹²³'[i]}⁾"
        column = [placed[f"b{below[k + 1]}{above}"] for k in range(n)]
        assert column == sorted(column)  # neurons
        for k in range(n):
            row = [placed[f"w{below[k + 1]}{below[j + 1]}{above}"] for j in range(([2, *sizes])[i])]
            assert [*row, column[k]] == sorted([*row, column[k]])  # the weights of one, and its bias


def test_the_numbers_of_an_example_are_drawn_once_for_all_neurons():
    model = nn.MLP(2, [3, 1], seed=0)
    assert list(Picture(draw(model([1.0, -2.0]))).constants.values()) == ["1", "-2"]
    expanded = Picture(draw(model([1.0, -2.0]), expand=True))
    assert list(expanded.constants.values()) == ["1", "-2"]


def test_a_long_chain_runs_down_and_fits_a_page():
    y = Value(0.5, "x")
    for _ in range(30):
        y = sin(y)
    width, height = _size(draw(y).svg())
    assert width < 400 < height
    assert _size(draw(y, direction="right").svg())[0] > 4000


def test_a_short_or_a_wide_graph_runs_to_the_right():
    for y in (lecture()[2], nn.MLP(2, [4, 4, 1], seed=0)([1.0, -2.0])):
        assert "rankdir=LR" in draw(y).source
        assert "rankdir=TB" in draw(y, direction="down").source


def test_a_recurrent_network_has_its_parameters_in_each_column_of_time():
    model = nn.RNN(1, 2, seed=0)
    _, state = model([[0.5], [1.0], [-1.0]])
    drawn = draw(state)
    places = re.findall(r"^\t(n\d+)at(\d+) \[", drawn.source, re.M)
    columns = {}
    for name, time in places:
        columns.setdefault(name, []).append(time)
    assert len(columns) == len(model.parameters())
    assert all(len(times) == 3 for times in columns.values())
    boxes = re.findall(r"^\tn\d+(?:at\d+)? \[", drawn.source, re.M)
    numbers = re.findall(r"^\tc\d+ \[", drawn.source, re.M)
    assert drawn.nodes == len(boxes) + len(numbers)
    assert "at" not in re.findall(r"n\d+(\w*) ->", draw(state, shared=True).source)
    # what goes from one column to the next is the state alone
    texts = re.findall(r'<text[^>]* x="([-\d.]+)"[^>]*>(w_ih₁₁⁽¹⁾|tanh)</text>', drawn.svg())
    order = [text for _, text in sorted(texts, key=lambda text: float(text[0]))]
    assert order == ["w_ih₁₁⁽¹⁾", "tanh", "tanh"] * 3


def test_several_examples_of_one_network_are_no_time():
    model = nn.MLP(1, [2, 1], seed=0)
    assert "at" not in re.findall(r"^\tn\d+(\w*) \[", draw([model(x) for x in (0.5, 1.0)]).source, re.M)


def test_leaves_can_be_drawn_beside_each_of_their_uses():
    _, _, e = lecture()
    source = draw(e, shared=False).source
    assert len(re.findall(r"^\tn\d+at\d+ \[", source, re.M)) == 3  # a once, b twice
    assert draw(e, shared=False).nodes == draw(e).nodes + 1


def test_data_or_gradients_can_be_shown_alone():
    _, _, e = lecture()
    e.backward()
    whole, data, grad = (draw(e, show=word).source for word in ("both", "data", "grad"))
    assert [">data<" in source for source in (whole, data, grad)] == [True, True, False]
    assert [">grad<" in source for source in (whole, data, grad)] == [True, False, True]
    assert "#0072b2" not in data
    with pytest.raises(ValueError, match="show must be one of 'both', 'data', 'grad', got 'gradients'"):
        draw(e, show="gradients")
    with pytest.raises(ValueError, match="direction must be one of 'auto', 'right', 'down', got 'LR'"):
        draw(e, direction="LR")


def test_a_path_can_be_highlighted():
    _, b, e = lecture()
    e.backward()
    grey = "#bbbbbb"
    for path in explain(e, b).paths:
        picture = Picture(draw(e, highlight=path))
        names = dict(zip(("a", "b", "left", "right", "e"), picture.boxes))
        on_it = names["left" if path.nodes[1].data == 3 else "right"]
        for name in (names["b"], names["e"], on_it):
            assert picture.looks[name]["color"] != grey
        for name in {*names.values()} - {names["b"], names["e"], on_it}:
            assert picture.looks[name]["color"] == grey
        lit = [(start, end) for start, end, look in picture.arrows if look["color"] != grey]
        assert len(lit) == 4  # from b to +, to its result, to ×, to e
    everything = Picture(draw(e, highlight=explain(e, b)))
    assert [name for name, look in everything.looks.items() if look["color"] == grey] == [everything.named("a"), "c0"]
    assert Picture(draw(e, highlight=[e])).looks[names["a"]]["color"] == grey
    with pytest.raises(TypeError, match="highlight must be"):
        draw(e, highlight=3.0)


def test_of_two_arrows_between_the_same_boxes_the_one_on_the_path_is_highlighted():
    x = Value(3.0, "x")
    y = x - tanh(x) * x
    (direct,) = [path for path in explain(y, x).paths if len(path.nodes) == 2]
    lit = [(start, end) for start, end, look in Picture(draw(y, highlight=direct)).arrows if look["color"] != "#bbbbbb"]
    assert [start for start, _ in lit] == [Picture(draw(y)).named("x"), lit[0][1]]


def test_what_is_highlighted_is_in_the_graph():
    a, b, e = lecture()
    older = explain(e, b)
    b = Value(1.0, label="b")  # its cell is run again
    for stray in ([b], b, [a, b]):
        with pytest.raises(ValueError, match=r"b=1\.0 is not in it: if its cell was run again, compute value again"):
            draw(e, highlight=stray)
    for stray in (older, older.paths[0]):
        with pytest.raises(ValueError, match="highlight must hold Values of the graph that is drawn"):
            draw((a + b) * (b + 1), highlight=stray)
    assert draw(e, highlight=explain(e, b)).nodes == 6  # no path leads there: the output alone
