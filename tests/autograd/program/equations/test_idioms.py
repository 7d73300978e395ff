"""Groups of operations that have a name appear under it, and compute the gradients all the same."""

from __future__ import annotations

import autograd
import nn
from tests.support.equations import CLASSES, check, layers, numbers


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
