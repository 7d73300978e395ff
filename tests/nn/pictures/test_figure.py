"""The settings for a projector: known to Matplotlib, and told apart in grey."""

from __future__ import annotations

from itertools import pairwise

import matplotlib

from nn import pictures


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
