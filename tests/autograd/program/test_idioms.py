"""Groups of operations that have a name appear under it, and compute the gradients all the same."""

from __future__ import annotations

import autograd
import nn
from autograd import Value
from autograd.program import compile
from tests.support.equations import CLASSES, check, layers, numbers
from tests.support.pages import page_agrees


def test_cross_entropy_is_softmax_less_one_hot():
    model = nn.MLP(4, [5, 3], "relu", seed=0)
    text = check(
        lambda x, t: nn.cross_entropy(model(x), t), layers(*model.layers), numbers(20, 4), CLASSES, inputs="XT"
    )
    assert "δ2 = (softmax↓(Z2) − onehot(T)) / 20 " in text
    assert "δ1 = W2ᵀ δ2 ⊙ [Z1 > 0] " in text


def test_cross_entropy_of_log_softmax_computes_its_gradients():
    model = nn.MLP(4, [5, 3], "relu", seed=0)
    check(
        lambda x, t: nn.nll_loss(autograd.log_softmax(model(x)), t), layers(*model.layers), numbers(20, 4), CLASSES,
        inputs="XT",
    )  # fmt: skip


def test_a_factor_of_the_loss_is_one_of_its_gradient():
    model, c = nn.MLP(4, [5, 3], "relu", seed=0), Value(1.5, label="c")
    batches = numbers(20, 4), CLASSES
    named = layers(*model.layers)
    text = check(lambda x, t: c * nn.cross_entropy(model(x), t), {**named, "c": [c]}, *batches, inputs="XT")
    assert "δ2 = V1 (softmax↓(Z2) − onehot(T)) " in text
    text = check(lambda x, t: nn.cross_entropy(model(x), t, ignore_index=1), named, *batches, inputs="XT")
    assert "− onehot(T ⊙ V1)) / 20 " in text


def test_a_part_of_some_one_hot_vectors_is_none():
    w = Value(2.0)

    def loss(x, k, j):
        y = autograd.maximum(w * x, 0.3)
        return nn.cross_entropy([y, w, y], k) + nn.cross_entropy([x, y, 0.0], j)  # masks of x: 1 where j is 0

    page_agrees(compile(loss, [w]), [1.0, 2.0, 3.0], [0, 1, 2], [1, 1, 0])


def test_rows_of_one_hot_vectors_for_which_there_is_another_number_of_indices_are_none():
    w, v, table = Value(2.0), Value(-0.5), [Value(0.1 * i) for i in range(6)]

    def loss(x, ks):
        y = w * x
        z = nn.cross_entropy([w, x, y, 0.5, y, y], ks[1])
        row, _ = table[ks[0]], table[ks[1]]
        return nn.cross_entropy([z, v, z, w, x, row], ks[0])

    page_agrees(compile(loss, [w, v, *table]), [1.0, 2.0, 3.0], [[0, 1], [1, 5], [2, 2]])
