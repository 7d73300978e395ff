"""Parameters have the names of their layers, which are counted as they are used, or their labels."""

from __future__ import annotations

import nn
from autograd import Value
from autograd.program import compile
from autograd.program.equations.naming import layer_at
from tests.support.equations import check, numbers


def test_weights_that_serve_at_every_step_have_one_name():
    cells, head = nn.RNN(2, 3, seed=0), nn.Layer(3, 1, "linear", seed=0)
    program = compile(lambda x, y: (head(cells(x)[0][-1]) - y) ** 2, cells.parameters() + head.parameters())
    text = str(program.explain(numbers(5, 3, 2), numbers(5)))
    assert "Z2 = W1 X[2:4] + b1 + W2 A1 + b2 " in text
    assert "∇W1 = δ3 X[4:6]ᵀ + δ2 X[2:4]ᵀ + δ1 X[0:2]ᵀ " in text


def test_weights_that_are_a_row_and_a_column_have_one_name():
    ws, head = [Value(0.3), Value(-0.5)], nn.Layer(2, 3, "linear", seed=0)

    def loss(x, y):
        code = sum(w * a for w, a in zip(ws, x))
        return sum(head([sum([w * code]) for w in ws]), y)

    names = {"W1": [ws], "W3": [neuron.w for neuron in head.neurons], "b3": [neuron.b for neuron in head.neurons]}
    text = check(loss, names, numbers(5, 2), numbers(5))
    assert "Z2 = mat2×1(vec(W1)) Z1 " in text


def test_parameters_have_their_labels():
    w, b = Value(3.0, label="w"), Value(1.0, label="b")
    text = check(lambda x, y: (w * x + b - y) ** 2, {"w": [w], "b": [b]}, [1.0, 2.0, 4.0], [1.0, 3.0, 2.0])
    assert "V1 = w X + b − Y " in text


def test_another_leaf_has_its_label_and_one_without_is_c():
    w = Value(2.0, label="w")
    for leaf, name in ((Value(3.0, label="m"), "m"), (Value(3.0), "c")):
        found = compile(lambda x: x * w * leaf, [w]).explain([1.0, 2.0])  # noqa: B023
        assert found.equations[-2].text == f"L = mean({name} w X)"
        assert found.given[name] == (1, 1)


def test_a_name_that_is_taken_has_a_prime():
    label = Value(2.0, label="X")
    assert compile(lambda x: x * label, [label]).explain([1.0, 2.0]).inputs == ("X′",)


def test_a_layer_has_its_biases_behind_its_weights():
    layer = layer_at(3, 2, 3)
    assert (layer.weights, layer.biases, layer.shape) == ((3, 4, 6, 7), (5, 8), (2, 2))


def test_layers_are_counted_in_the_order_of_their_first_use():
    first, second = nn.Layer(2, 3, "tanh", seed=0), nn.Layer(3, 1, "linear", seed=1)
    program = compile(lambda x: second(first(x)), second.parameters() + first.parameters())
    assert program.explain(numbers(4, 2)).given == {
        "X": (2, 4), "W1": (3, 2), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1),
    }  # fmt: skip
