"""The boundary of a classifier on given axes: where it is, and what it leaves alone."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from nn import Dropout, Neuron, Sequential, pictures

POINTS = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]


@pytest.fixture
def axes():
    return Figure().subplots()


def neuron(w1: float, w2: float, b: float) -> Neuron:
    made = Neuron(2, activation="linear", seed=0)
    for parameter, number in zip(made.parameters(), (w1, w2, b)):
        parameter.data = number
    return made


def test_the_line_is_where_the_output_changes_sign(axes):
    pictures.boundary(axes, neuron(1.0, 2.0, -1.5), POINTS, [-1, -1, 1, 1])
    line = axes.collections[-3]  # before the two kinds of points
    corners = [corner for path in line.get_paths() for corner in path.vertices]
    assert len(corners) > 2
    for x, y in corners:
        assert x + 2 * y == pytest.approx(1.5)


def test_each_kind_of_points_has_its_place_and_label(axes):
    pictures.boundary(axes, neuron(1.0, 2.0, -1.5), POINTS, [0, 1, 1, 1])
    no, yes = axes.collections[-2:]
    assert no.get_offsets().tolist() == POINTS[:1]
    assert yes.get_offsets().tolist() == POINTS[1:]
    assert [no.get_label(), yes.get_label()] == ["target 0", "target 1"]


def test_an_output_that_never_changes_sign_has_no_line_and_raises_no_warning(axes):
    pictures.boundary(axes, neuron(0.0, 0.0, 1.0), POINTS, [1, 1, 1, 1])
    _shades, points = axes.collections
    assert points.get_offsets().tolist() == POINTS


def test_drawing_leaves_the_gradients_alone(axes):
    model = neuron(1.0, 2.0, -1.5)
    model.b.grad = 7.0
    pictures.boundary(axes, model, POINTS, [-1, -1, 1, 1])
    assert [p.grad for p in model.parameters()] == [0.0, 0.0, 7.0]


def test_a_network_with_dropout_is_drawn_without_it_and_its_noise_goes_on_where_it_was(axes):
    drop = Dropout(0.5, seed=0)
    model = Sequential(neuron(1.0, 2.0, -1.5), drop)
    state = drop.random.getstate()
    pictures.boundary(axes, model, POINTS, [-1, -1, 1, 1])
    line = axes.collections[-3]
    for x, y in [corner for path in line.get_paths() for corner in path.vertices]:
        assert x + 2 * y == pytest.approx(1.5)
    assert model.training
    assert drop.training
    assert drop.random.getstate() == state
