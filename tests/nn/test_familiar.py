"""Names that people know from PyTorch's modules and optimizers, and from micrograd's neurons, say ours."""

from __future__ import annotations

import copy
import inspect
import operator
import re
import traceback

import pytest

import nn
from autograd.familiar import by_name
from nn.familiar import (
    ACTIVATIONS,
    FIT_OPTIONS,
    INIT,
    LAYER,
    LAYER_OPTIONS,
    MODULE,
    OPTIMIZER,
    OPTIMIZER_OPTIONS,
    PACKAGE,
)  # fmt: skip

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


def test_letters_in_another_order_are_the_same_name():
    with pytest.raises(AttributeError, match="did you mean 'MLP'"):
        nn.MPL  # noqa: B018


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
        (lambda: nn.Adam([], learning_rate=0.1), "Adam takes no learning_rate: write lr"),
        (lambda: nn.Adam([], beta1=0.9), "Adam takes no beta1: write betas=(0.9, 0.999)"),
        (lambda: nn.RMSprop([], rho=0.9), "RMSprop takes no rho: write alpha"),
        (lambda: nn.SGD([], 0.1, weightdecay=0.1), "SGD takes no weightdecay: did you mean weight_decay?"),
        (lambda: nn.Newton([], dampening=0.1), "Newton takes no dampening: did you mean damping?"),
        (lambda: nn.LBFGS([], history=5), "LBFGS takes no history: did you mean history_size?"),
        (lambda: nn.MLP(2, [1], activaton="tanh"), "MLP takes no activaton: did you mean activation?"),
        (lambda: nn.MLP(in_features=2, nouts=[1]), "MLP takes no in_features: write nin"),
        (lambda: nn.RNN(2, hidden_size=3), "RNN takes no hidden_size: write nhidden"),
        (lambda: nn.Linear(2, 1, random_state=0), "Linear takes no random_state: write seed"),
        (lambda: nn.LayerNorm(2, epsilom=1e-5), "unexpected keyword argument 'epsilom'"),
        (lambda: nn.fit(model, nn.mse_loss, [], [], batchsize=4), "fit takes no batchsize: did you mean batch_size?"),
        (lambda: nn.fit(model, nn.mse_loss, [], [], patience=4), "fit takes no patience: write early_stopping"),
    ],
)  # fmt: skip
def test_familiar_arguments_are_answered_with_what_to_write(call, mend):
    with pytest.raises(TypeError, match=re.escape(mend)):
        call()


@pytest.mark.parametrize("kind", [x for x in vars(nn).values() if isinstance(x, type)] + [nn.fit])
def test_what_is_said_of_an_option_names_one_that_is_there(kind):
    for table in (LAYER_OPTIONS, OPTIMIZER_OPTIONS, FIT_OPTIONS):
        for name in by_name(table):
            told = ""
            try:
                kind(**{name: None})
            except (TypeError, ValueError) as error:
                told = str(error)
            if written := re.search(rf"takes no {name}: write (.*)", told):
                assert {*re.findall(r"\w+", written[1])} & {*inspect.signature(kind).parameters}


@pytest.mark.parametrize(
    ("package", "name", "near"),
    [
        (nn, "Adma", "Adam"), (nn, "adam", "Adam"), (nn, "sgd", "SGD"), (nn, "Adamw", "AdamW"),
        (nn, "Sequental", "Sequential"), (nn, "cross_entropy_loss", "cross_entropy"), (nn.init, "zeroes", "zeros"),
        (nn.optim, "Adma", "Adam"), (nn.functional, "functionalcall", "functional_call"),
        (nn.schedules, "Cosine", "cosine"), (nn.layers, "Sequental", "Sequential"), (nn.losses, "l1loss", "l1_loss"),
        (nn.data, "moon", "moons"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_told_the_nearest_name_and_only_that(package, name, near):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}': did you mean '{near}'\?$") as error:
        getattr(package, name)
    assert near in package.__all__
    shown = "".join(traceback.format_exception(error.value))
    assert shown.lower().count("did you mean") == 1


@pytest.mark.parametrize(
    ("package", "name", "told"),
    [
        (nn.functional, "mse_loss", "it is nn.mse_loss"), (nn.functional, "relu", "it is a function of autograd"),
        (nn.optim, "lr_scheduler", "there is nn.schedules"), (nn.init, "Adam", "it is nn.Adam"),
    ],
)  # fmt: skip
def test_what_stands_in_another_room_is_told_where(package, name, told):
    with pytest.raises(AttributeError, match=rf"no attribute '{name}': {told}"):
        getattr(package, name)
    with pytest.raises(ImportError, match=rf"'{package.__name__}': {told}"):
        exec(f"from {package.__name__} import {name}")


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
