"""nn.gradcheck: every parameter of a model, against differences of its loss; the model stays as it is."""

from __future__ import annotations

import pytest

import nn
from autograd import GradcheckError, straight_through

XS, TS = [[0.5, -1.0], [2.0, 0.3], [-0.7, 0.9]], [1.0, -1.0, 0.5]


def squared(model):
    return nn.mse_loss(model.batch(XS), TS)


MODELS = {
    "MLP": lambda: nn.MLP(2, [3, 1], activation="tanh", seed=0),
    "normalized": lambda: nn.Sequential(nn.Linear(2, 3, seed=0), nn.LayerNorm(3), nn.MLP(3, [1], "tanh", seed=1)),
    "batch norm": lambda: nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm(3), nn.MLP(3, [1], "tanh", seed=1)),
    "residual": lambda: nn.Sequential(nn.Residual(nn.MLP(2, [2], "tanh", seed=0)), nn.MLP(2, [1], "linear", seed=1)),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_every_parameter_of_a_model_is_checked_and_stays_as_it_is(make):
    model = make()
    before, parameters = model.state_dict(), model.parameters()
    labels = [p.label for p in parameters]
    assert nn.gradcheck(model, squared) is True
    assert model.state_dict() == before
    assert all(p is q for p, q in zip(parameters, model.parameters()))
    assert [p.label for p in parameters] == labels
    assert [p.grad for p in parameters] == [0.0] * len(parameters)


def test_a_wrong_gradient_names_its_parameter():
    class Wrong(nn.Module):
        def __init__(self):
            self.right, self.wrong = nn.Parameter(2.0), nn.Parameter(3.0)

        def forward(self, x):
            return self.right * x + straight_through(lambda a: a * a)(self.wrong)

    with pytest.raises(GradcheckError, match=r"\(wrong=3\.0\) is wrong"):
        nn.gradcheck(Wrong(), lambda model: model(1.0))


def test_a_loss_that_ignores_the_model_that_it_is_given_is_refused():
    model = MODELS["MLP"]()
    with pytest.raises(ValueError, match="ignores its arguments"):
        nn.gradcheck(model, lambda copied: squared(model))


def test_a_loss_that_is_another_each_time_is_refused():
    model = nn.Sequential(nn.Linear(2, 8, seed=0), nn.Dropout(0.5, seed=0), nn.MLP(8, [1], "tanh", seed=1))
    with pytest.raises(GradcheckError, match="for the same inputs: it must be exact"):
        nn.gradcheck(model, squared)
    assert nn.gradcheck(model.eval(), squared)


@pytest.mark.parametrize("wrong", [3.0, None, "model"])
def test_what_is_no_model_or_no_loss_is_refused(wrong):
    with pytest.raises(TypeError):
        nn.gradcheck(wrong, squared)
    with pytest.raises(TypeError, match="gradcheck takes a function"):
        nn.gradcheck(MODELS["MLP"](), wrong)
