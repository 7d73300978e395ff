"""The settings for a projector: known to Matplotlib, and told apart in grey."""

from __future__ import annotations

import base64
import io
from itertools import pairwise

import matplotlib
from PIL import Image, ImageChops

from nn import pictures
from nn.pictures import figure


def test_the_settings_for_a_projector_are_ones_that_matplotlib_knows():
    with matplotlib.rc_context(pictures.PROJECTOR):
        assert matplotlib.rcParams["font.size"] >= 16
        assert matplotlib.rcParams["lines.linewidth"] >= 3
        looks = list(matplotlib.rcParams["axes.prop_cycle"])
    assert len({look["linestyle"] for look in looks}) == len(looks)


def test_the_lines_for_a_projector_differ_in_grey():
    with matplotlib.rc_context(pictures.PROJECTOR):
        colours = [matplotlib.colors.to_rgb(look["color"]) for look in matplotlib.rcParams["axes.prop_cycle"]]
    greys = sorted(0.299 * r + 0.587 * g + 0.114 * b for r, g, b in colours)
    assert all(darker + 0.1 < lighter for darker, lighter in pairwise(greys))


def _plot():
    made = figure.new_figure(8, 4)
    axes = made.subplots()
    axes.plot([3.0, 2.0, 1.5], label="training")
    axes.plot([1.0, 1.0, 1.0])
    axes.set(title="Loss", xlabel="epoch")
    return made


def test_a_plot_says_in_words_what_it_shows():
    assert figure.in_words(_plot()) == "A plot. Loss; across: epoch; training from 3 to 1.5."


def test_a_notebook_gets_a_small_picture_with_these_words():
    made = _plot()
    shown, metadata = made._repr_mimebundle_()
    assert metadata == {"image/png": {"alt": figure.in_words(made)}}
    picture = Image.open(io.BytesIO(base64.b64decode(shown["image/png"])))
    assert (picture.mode, picture.size) == ("P", (8 * 72, 4 * 72))
    whole = io.BytesIO()
    made.savefig(whole, format="png", dpi=72)
    assert len(shown["image/png"]) * 3 // 4 < 0.6 * len(whole.getvalue())


def test_a_small_picture_looks_the_same():
    whole = io.BytesIO()
    _plot().savefig(whole, format="png", dpi=72)
    one, other = (Image.open(io.BytesIO(x)).convert("RGB") for x in (whole.getvalue(), figure.small(whole.getvalue())))
    assert max(most for _, most in ImageChops.difference(one, other).getextrema()) <= 32
    assert other.getpixel((0, 0)) == (255, 255, 255)
