"""The legend: it explains every look, and moves nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from autograd import draw
from autograd.show import Drawing
from autograd.show.drawing import looks
from autograd.show.drawing.rendering import render
from tests.support.examples import share
from tests.support.pictures import graphs, lecture


def _positions(drawn: Drawing) -> dict[str, tuple[float, float]]:
    """Where Graphviz puts each node, seen from the first."""
    lines = [line.split() for line in render(drawn.source, "plain").decode().splitlines()]
    found = {words[1]: (float(words[2]), float(words[3])) for words in lines if words[0] == "node"}
    x, y = found["n0"]
    return {name: (a - x, b - y) for name, (a, b) in found.items()}


@share(0.2)
@given(graphs())
def test_the_legend_moves_nothing(y):
    y.backward()
    without, beside = _positions(draw(y)), _positions(draw(y, legend=True))
    assert without.keys() == beside.keys()
    for name, place in without.items():
        assert beside[name] == pytest.approx(place, abs=1e-3)


def test_the_legend_explains_every_look_and_shows_it():
    a, _, e = lecture()
    (e - 2 * a).backward()
    plain, explained = draw(e).svg(), draw(e, legend=True).svg()
    words = ["input", "parameter", "computed", "output", "plain number", "positive gradient", "negative", "no gradient"]
    for word in words:
        assert re.search(f"<text[^>]*>{word}", explained)
        assert not re.search(f"<text[^>]*>{word}", plain)
    for look in (*looks.KINDS.values(), looks.POSITIVE, looks.NEGATIVE, looks.CONSTANT):
        assert look.get("fillcolor", look.get("color", "white")) in explained
