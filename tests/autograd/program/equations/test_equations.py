"""Printed equations: they read as in a textbook, and whoever computes what they say gets the gradients."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

import autograd
import nn
from autograd.program import compile
from tests.support.equations import check, layers, numbers


def test_the_equations_of_a_network_read_as_in_a_textbook():
    model = nn.MLP(1, [10, 10, 1], "tanh", seed=0)
    program = compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters())
    program(numbers(200), numbers(200))
    assert (
        str(program.explain())
        == """\
200 examples at once: 19 calls of NumPy
given X (1×200), Y (1×200), W1 (10×1), b1 (10×1), W2 (10×10), b2 (10×1),
  W3 (1×10), b3 (1×1)

forward
  Z1 = W1 X + b1           (10×200)
  A1 = tanh(Z1)            (10×200)
  Z2 = W2 A1 + b2          (10×200)
  A2 = tanh(Z2)            (10×200)
  Z3 = W3 A2 + b3          (1×200)
  L = mean(½ (Z3 − Y)²)    (1×1)

backward
  δ3 = (Z3 − Y) / 200      (1×200)
  ∇W3 = δ3 A2ᵀ             (1×10)
  ∇b3 = δ3 1               (1×1)
  δ2 = W3ᵀ δ3 ⊙ (1 − A2²)  (10×200)
  ∇W2 = δ2 A1ᵀ             (10×10)
  ∇b2 = δ2 1               (10×1)
  δ1 = W2ᵀ δ2 ⊙ (1 − A1²)  (10×200)
  ∇W1 = δ1 Xᵀ              (10×1)
  ∇b1 = δ1 1               (10×1)

⊙ multiplies number by number.
Powers are number by number, too: A² is A ⊙ A.
1 behind a matrix is a column of ones: it adds up the columns.
mean is over the examples."""
    )
    assert str(program.explain().equations[0]) == "Z1 = W1 X + b1 (10×200)"


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus", "sin", "silu"])
def test_the_equations_of_a_network_compute_its_gradients(activation):
    model = nn.MLP(2, [5, 4, 1], activation, seed=1)
    check(lambda x, y: 0.5 * (model(x) - y) ** 2, layers(*model.layers), numbers(20, 2), numbers(20))


@pytest.mark.parametrize("loss", [nn.mse_loss, nn.huber_loss, nn.l1_loss, nn.binary_cross_entropy_with_logits])
def test_the_equations_of_a_loss_compute_its_gradients(loss):
    model = nn.MLP(2, [3, 1], "tanh", seed=2)
    check(lambda x, y: loss(model(x), y), layers(*model.layers), numbers(7, 2), [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_the_equations_of_a_recurrent_network_compute_its_gradients(kind):
    cells, head = kind(2, 2, seed=0), nn.Layer(2, 1, "linear", seed=0)
    names = {
        "W1": cells.weight_ih_l0, "b1": cells.bias_ih_l0, "W2": cells.weight_hh_l0, "b2": cells.bias_hh_l0,
        "W3": [head.neurons[0].w], "b3": [head.neurons[0].b],
    }  # fmt: skip
    check(lambda x, y: (head(cells(x)[0][-1]) - y) ** 2, names, numbers(5, 2, 2), numbers(5))


def test_the_equations_of_layer_norm_compute_its_gradients():
    norm, layer = nn.LayerNorm(4), nn.Layer(4, 4, "tanh", seed=3)
    named = {
        **layers(layer),
        **{name: [p for p in norm.parameters() if p.label.startswith(name)] for name in ("weight", "bias")},
    }
    check(lambda x, y: (autograd.mean(norm(layer(x))) - y) ** 2, named, numbers(5, 4), numbers(5))


def test_without_a_batch_or_a_call_there_are_no_shapes():
    program = compile(lambda x: x * x)
    with pytest.raises(ValueError, match="the program has not run yet"):
        program.explain()


def test_a_notebook_shows_mathematics():
    model = nn.MLP(1, [3, 1], "tanh", seed=0)
    found = compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters()).explain(numbers(5), numbers(5))
    latex = found._repr_latex_()
    assert repr(found) == f"<{len(found.equations)} equations, {found.calls} calls of NumPy: print() shows them>"
    assert r"\delta _{1} &= W_{2}^{\top} \delta _{2} \odot \left(1 - A_{1}^{2}\right) && (3 \times 5)" in latex
    assert latex.count("{") == latex.count("}")
    rows = list(ElementTree.fromstring(found._mime_()[1]).iter("mtr"))  # where no MathJax runs
    assert len(rows) == latex.count("\n") - 1
    assert "".join(rows[2].itertext()).split("=")[0] == "Z1"
    assert found.text.split("\n")[0] in found._repr_html_()
