"""Names that people know from PyTorch's modules and optimizers, and from micrograd's neurons, say ours."""

from __future__ import annotations

import copy
import operator
import re

import pytest

import nn
from autograd.familiar import by_name
from nn.familiar import ACTIVATIONS, INIT, LAYER, MODULE, OPTIMIZER, PACKAGE

model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
THINGS = [(model, MODULE), (model.layers[0], LAYER), (nn.SGD(model.parameters(), lr=0.1), OPTIMIZER), (nn, PACKAGE)]


@pytest.mark.parametrize(("thing", "name"), [(thing, name) for thing, table in THINGS for name in by_name(table)])
def test_a_familiar_name_says_ours_and_is_still_no_attribute(thing, name):
    with pytest.raises(AttributeError, match=f"(has no {name}|has no attribute '{name}'): ."):
        getattr(thing, name)
    assert not hasattr(thing, name)
    assert name not in dir(thing) or name in vars(nn.Optimizer)


@pytest.mark.parametrize(
    ("package", "name"), [(nn, name) for name in by_name(PACKAGE)] + [(nn.init, name) for name in by_name(INIT)]
)
def test_what_is_said_of_the_package_exists(package, name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}': .") as error:
        getattr(package, name)
    for found in re.findall(r"\bnn\.(init\.\w+|\w+)", str(error.value).partition(": ")[2]):
        assert operator.attrgetter(found)(nn)


def test_schemes_go_by_both_names_of_their_author():
    assert nn.init.he_normal is nn.init.kaiming_normal
    assert nn.init.he_uniform is nn.init.kaiming_uniform
    assert nn.init.glorot_normal is nn.init.xavier_normal
    assert nn.init.glorot_uniform is nn.init.xavier_uniform


@pytest.mark.parametrize(("name", "ours"), [*by_name(ACTIVATIONS).items(), ("Swish", "silu"), ("ReLU", "relu")])
def test_an_activation_by_another_name_is_told_ours(name, ours):
    with pytest.raises(ValueError, match=f"no activation '{name}': try '{ours}', or"):
        nn.Neuron(1, activation=name)
    nn.Neuron(1, activation=ours)


@pytest.mark.parametrize(
    ("call", "mend"),
    [
        (lambda: nn.Neuron(2, nonlin=False), "Neuron takes no nonlin: write activation='linear'"),
        (lambda: nn.Layer(2, 3, nonlin=True), "Layer takes no nonlin"),
        (lambda: nn.MLP(2, [3], nonlin=False), "MLP takes no nonlin"),
        (lambda: THINGS[2][0].zero_grad(set_to_none=True), "zero_grad takes no set_to_none: a gradient is"),
        (lambda: model.zero_grad(set_to_none=True), "zero_grad takes no set_to_none"),
    ],
)  # fmt: skip
def test_familiar_arguments_are_answered_with_what_to_write(call, mend):
    with pytest.raises(TypeError, match=re.escape(mend)):
        call()


def test_a_name_that_nobody_knows_is_python_s_own_error():
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        nn.nonsense  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        model.nonsense  # noqa: B018


def test_a_module_of_one_s_own_may_have_these_names():
    class Mine(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter(2.0)
            self.children = [nn.Neuron(1, seed=0)]

        def apply(self, x):
            return self.weight * x

    mine = Mine()
    assert mine.apply(3.0).data == 6.0
    assert copy.deepcopy(mine).children[0].nin == 1
    assert [name for name, _ in mine.named_parameters()] == ["weight", "children.0.w.0", "children.0.b"]
    assert {"weight", "children", "apply"} <= set(dir(mine))
