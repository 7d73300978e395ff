"""A model drawn: its layers with their shapes, and the neurons in them."""

from __future__ import annotations

import re

import pytest

import nn
from autograd import Value, draw
from autograd.show.drawing.model import stages


def _texts(drawn) -> list[str]:
    return re.findall(r"<text[^>]*>(.*?)</text>", drawn.svg())


def test_layers_are_drawn_with_the_shapes_of_their_parameters():
    drawn = draw(nn.MLP(2, [4, 3, 1], activation="tanh", seed=0))
    texts = _texts(drawn)
    assert [text for text in texts if "×" in text] == ["4×2", "3×4", "1×3"]
    assert texts.count("Layer") == 3
    assert {"2 inputs", "1 output"} <= {*texts}
    assert drawn.description == (
        "A model, MLP, of 31 parameters: Layer with w 4×2, b 4 and tanh, then Layer with w 3×4, b 3 and tanh,"
        " then Layer with w 1×3, b 1; it takes 2."
    )
    assert repr(drawn) == "<Drawing of 5 nodes and 3 operations: display() shows it>"


def test_a_model_is_drawn_with_all_that_stands_in_it():
    model = nn.Sequential(
        nn.Linear(2, 8), "tanh", nn.Dropout(0.1), nn.BatchNorm(8), nn.Residual(nn.Layer(8, 8)), nn.RNN(8, 3)
    )
    texts = _texts(draw(model))
    for text in ("Linear", "tanh", "Dropout", "BatchNorm", "Residual", "RNN", "weight_hh_l0", "3×3"):
        assert text in texts


@pytest.mark.parametrize(
    "model",
    [nn.Neuron(2), nn.Linear(2, 1, bias=False), nn.LSTM(1, 2), nn.Embedding(5, 2), nn.PReLU(), nn.Dropout(0.5)],
    ids=repr,
)
def test_any_module_can_be_drawn_and_counts_its_parameters(model):
    for expand in (False, True):
        assert type(model).__name__ in draw(model, expand=expand).description
    assert sum(stage.parameters for stage in stages(model)) == len(model.parameters())
    assert draw(model, direction="down").svg()


def test_it_opens_into_neurons_with_a_line_for_each_weight():
    model = nn.MLP(2, [4, 3, 1], activation="tanh", seed=0)
    svg = draw(model, expand=True).svg()
    named = dict(model.named_parameters())
    lines = re.findall(r"<title>(w\S+) = \S+, gradient \S+</title>", svg)
    assert len(lines) == len([name for name in named if ".w." in name])
    assert (svg.count(">tanh</text>"), svg.count(">Σ</text>")) == (7, 1)


def test_lines_are_as_wide_as_the_gradients_of_their_weights():
    model = nn.MLP(1, [2, 1], activation="tanh", seed=0)
    assert "#0072b2" not in draw(model, expand=True).source
    nn.mse_loss(model(1.0), 3.0).backward()
    source = draw(model, expand=True).source
    grads = [p.grad for name, p in model.named_parameters() if ".w." in name]
    assert source.count("style=dashed") == sum(grad < 0 for grad in grads)
    assert source.count("#0072b2") == sum(grad > 0 for grad in grads)
    assert source.count("penwidth=6.50") == 1


def test_an_activation_between_two_layers_is_one_of_the_neurons_before_it():
    model = nn.Sequential(nn.Linear(2, 3), "tanh", nn.Linear(3, 1))
    assert _texts(draw(model, expand=True)) == ["x1", "x2", "tanh", "tanh", "tanh", "Σ"]


def test_too_many_neurons_are_refused_with_their_number():
    model = nn.MLP(64, [32, 10], seed=0)
    with pytest.raises(
        ValueError, match=r"106 inputs and neurons with 2,368 weights .* draw\(model\) shows its layers"
    ):
        draw(model, expand=True)
    assert draw(model).nodes == 4


def test_anything_else_is_still_refused():
    with pytest.raises(TypeError, match="value must be a Value"):
        draw(nn.MLP)
    assert draw(Value(1.0)).nodes == 1
