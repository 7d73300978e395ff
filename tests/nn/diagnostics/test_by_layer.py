"""The plots of diagnostics: what is drawn is what was found, and can be read, for 1 layer and for 50."""

from __future__ import annotations

import copy
import math
import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure

from nn import MLP, diagnostics, mse_loss
from nn.diagnostics.by_layer import ByLayer
from tests.support.examples import share

X, T = [[0.5, -1.0], [2.0, 0.1], [-0.3, 0.4]], [1.0, -1.0, 0.5]


def layers(ys: list[float], share: bool = False) -> ByLayer:
    return ByLayer({f"layers.{i}": y for i, y in enumerate(ys)}, "Title", "quantity", share)


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("name", ["gradient_norms", "gradient_variance", "signal_variance"])
def test_a_diagnosis_plots_itself_with_a_title_and_names_on_its_axes(name):
    model = MLP(2, [3, 3, 1], "tanh", seed=0)
    given = (mse_loss, X, T) if name.startswith("gradient") else (X,)
    found = getattr(diagnostics, name)(model, *given)
    (axes,) = found.plot().axes
    assert axes.get_lines()[0].get_ydata().tolist() == list(found.values())
    assert [label.get_text() for label in axes.get_xticklabels()] == list(found)
    assert axes.get_title() == found.title
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("layer, the first to the last", found.quantity)


@pytest.mark.parametrize("f", [diagnostics.saturated_share, diagnostics.dead_share])
def test_shares_are_drawn_in_per_cent_from_none_to_all(f):
    figure = f(MLP(2, [3, 3, 1], "relu", seed=0), X).plot()
    figure.draw_without_rendering()
    (axes,) = figure.axes
    low, high = axes.get_ylim()
    shown = [t.get_text() for y, t in zip(axes.get_yticks(), axes.get_yticklabels()) if low <= y <= high]
    assert (shown[0], shown[-1], texts(axes)) == ("0%", "100%", [])


def test_a_share_of_none_is_a_point_like_the_others():
    (axes,) = layers([0.0, 1.0, 0.5], share=True).plot().axes
    assert axes.get_lines()[0].get_ydata().tolist() == [0.0, 1.0, 0.5]
    assert (texts(axes), axes.get_yscale()) == ([], "linear")


extremes = st.sampled_from([0.0, 5e-324, 1e-300, 1e-149, 1e149, 1e300, 1.7e308, math.inf, math.nan])


@share(0.2)
@given(st.lists(st.floats(1e-20, 1e20) | extremes, min_size=1, max_size=50))
def test_every_number_is_drawn_or_written(ys):
    figure = layers(ys).plot()
    figure.draw_without_rendering()
    (axes,) = figure.axes
    drawn = [y for y in axes.get_lines()[0].get_ydata() if not math.isnan(y)]
    assert texts(axes) == [f"{y:.0g}" for y in ys if not 1e-150 < y < 1e150]
    assert drawn == [y for y in ys if 1e-150 < y < 1e150]
    low, high = axes.get_ylim()
    assert all(low <= y <= high for y in drawn)
    assert axes.get_yscale() == ("log" if drawn and max(drawn) > 10 * min(drawn) else "linear")


@pytest.mark.parametrize("n", [1, 2, 8, 9, 50, 200])
def test_the_names_of_the_layers_stay_apart_however_many_there_are(n):
    figure = layers([10.0 ** (-i / 3) for i in range(n)]).plot()
    figure.draw_without_rendering()
    (axes,) = figure.axes
    told = [label for label in axes.get_xticklabels() if label.get_text()]
    assert told[0].get_text() == "layers.0"
    assert told[-1].get_text() == f"layers.{n - 1}"
    ends = [label.get_window_extent() for label in told]
    slanted = told[0].get_rotation() > 0
    for left, right in pairwise(ends):
        gap = right.x1 - left.x1 if slanted else right.x0 - left.x1  # slanted ones pass under one another
        assert gap > 10


def test_a_notebook_shows_the_figure_once_whether_pyplot_is_at_work_or_not():
    before = pyplot.get_fignums()
    figure = layers([1.0, 2.0]).plot()
    assert isinstance(figure, Figure)
    assert figure._repr_mimebundle_()[1]["image/png"]["alt"].startswith("A plot. ")
    assert pyplot.get_fignums() == before  # those of pyplot are shown at the end of the cell anyway


def test_several_models_can_be_compared_on_the_same_axes():
    axes = Figure().subplots()
    assert layers([1.0, 0.1]).plot(axes, label="sigmoid") is None
    layers([1.0, 0.0, 0.5, 0.2]).plot(axes, label="tanh")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["sigmoid", "tanh"]
    assert len({line.get_linestyle() for line in axes.get_lines()}) == 2
    assert axes.get_xlim() == (0.5, 4.5)


def test_a_diagnosis_is_a_dict_that_can_be_copied_and_pickled():
    found = layers([1.0, 2.0], share=True)
    for again in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert again == found == {"layers.0": 1.0, "layers.1": 2.0}
        assert vars(again) == vars(found)
