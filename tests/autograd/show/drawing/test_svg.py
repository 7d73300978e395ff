"""A picture in a page: what it says of itself, that it fits, and that it comes in one piece."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

import nn
from autograd import Value, draw
from autograd.show.drawing.rendering import render
from tests.support.pictures import SVG, lecture, svg_of


class _Image(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: dict[str, str] = {}
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.attributes = dict(attributes)


def test_the_picture_says_what_it_shows():
    _, _, e = lecture()
    e.backward()
    drawn = draw(e)
    root = svg_of(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == drawn.description
    assert root[0].tag == SVG + "title"
    assert root[0].text == "A picture of 6 nodes and 3 operations"


def test_titles_are_sentences_and_no_names_of_graphviz():
    _, _, e = lecture()
    e.backward()
    titles = [title.text for title in svg_of(draw(e, local_derivatives=True)).iter(SVG + "title")]
    assert "from b to +, local derivative 1, gradient 2" in titles
    assert "from × to e, gradient 1" in titles
    assert "input: Value(data=2.0, grad=2.0, label='a')" in titles
    assert not [title for title in titles if re.match(r"(n|op|c)\d+|%\d", title)]


def test_the_mouse_shows_the_full_name_of_a_parameter():
    y = nn.MLP(2, [2, 1], seed=0)([1.0, 2.0])
    svg = draw(y).svg()
    assert ">w₂₁⁽¹⁾</text>" in svg
    assert "layers.0.neurons.1.w.0" in svg
    assert "layers.0" not in "".join(re.findall(r"<text[^>]*>(.*?)</text>", svg))
    assert ">layers.0.neurons.1.w.0</text>" in draw(y, full_names=True).svg()


def test_one_font_is_named_to_graphviz_and_more_to_the_browser():
    drawn = draw(lecture()[2])
    assert set(re.findall(r'fontname="?([^"\s\]]*)', drawn.source)) == {"Arial"}
    assert drawn.svg().count("font-family") == 1
    assert "Arial, Helvetica," in drawn.svg()


def test_no_id_stands_twice_on_a_page():
    assert not [element for element in svg_of(draw(lecture()[2])).iter() if element.get("id")]


def test_it_is_shorter_than_what_graphviz_writes():
    drawn = draw(nn.MLP(2, [4, 4, 1], seed=0)([1.0, 2.0]))
    assert len(drawn.svg()) < 0.75 * len(render(drawn.source, "svg"))


@pytest.mark.parametrize("label", ["e", '<b> & "w"', "100 %25 #", "it's", "λ → \\"])
def test_in_a_notebook_it_is_one_image_with_its_text(label):
    y = Value(2.0, label) * 3.0
    drawn = draw(y)
    image = _Image(drawn._repr_mimebundle_()["text/html"])
    assert image.tags == ["div", "img"]
    assert image.attributes["alt"] == drawn.description
    kind, _, content = image.attributes["src"].partition(",")
    assert kind == "data:image/svg+xml"
    assert ElementTree.tostring(ElementTree.fromstring(unquote(content))) == ElementTree.tostring(svg_of(drawn))


def test_an_image_is_as_wide_as_its_cell_at_most():
    drawn = draw(nn.MLP(2, [4, 4, 1], seed=0)([1.0, 2.0]))
    wide = float(svg_of(drawn).get("width").removesuffix("pt")) * 4 / 3
    style = _Image(drawn._repr_mimebundle_()["text/html"]).attributes["style"]
    assert f"width:100%;min-width:{0.3 * wide:.0f}px;max-width:{wide:.0f}px;height:auto" in style
