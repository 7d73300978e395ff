"""What fit looks at before it begins: what can't be trained on is refused by name, and then nothing has changed."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, is_grad_enabled, mean, no_grad
from nn.layers.containers import Sequential
from nn.layers.embedding import Embedding
from nn.layers.neuron import MLP, Layer, Neuron
from nn.layers.noise import Dropout
from nn.layers.normalization import BatchNorm
from nn.losses.classes import cross_entropy
from nn.losses.numbers import hinge_loss, mse_loss
from nn.module import Buffer, Module, Parameter
from nn.optim.first_order import SGD
from nn.optim.second_order import GaussNewton, Newton
from nn.schedules import Schedule, constant
from nn.training.errors import TrainingError
from nn.training.fit import fit

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(12)]
T = [math.sin(a) + 0.5 * b for a, b in X]


def stateful(outputs: int = 1) -> Module:
    """A model with all that could change: parameters, buffers, and a random generator."""
    return Sequential(Layer(2, 4, "tanh", seed=0), BatchNorm(4), Dropout(0.5, seed=1), Layer(4, outputs, seed=2))


def everything(model: Any, optimizer: Any) -> Any:
    random_states = [m.random.getstate() for m in model.modules() if isinstance(m, Dropout)]
    modes = [m.training for m in model.modules()]
    return model.state_dict(), [p.grad for p in model.parameters()], random_states, modes, optimizer.state_dict()


def refused(error: type[Exception], match: str, *, loss: Any = mse_loss, model: Any = None, **settings: Any) -> None:
    """fit refuses these settings before any step, and has changed nothing."""
    model = stateful() if model is None else model
    for p in model.parameters():
        p.grad = 2.0
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9)
    rng = random.Random(0)
    before = everything(model, optimizer), rng.getstate(), random.getstate()
    arguments: dict[str, Any] = {"inputs": X, "targets": T, "epochs": 2, "seed": rng, "progress": False}
    arguments |= {"optimizer": optimizer} | settings
    steps = []

    def noted(y: Any, t: Any) -> Any:
        if is_grad_enabled():
            steps.append(t)
        return loss(y, t)

    with pytest.raises(error, match=match) as refusal:
        fit(model, noted, arguments.pop("inputs"), arguments.pop("targets"), **arguments)
    assert not isinstance(refusal.value, TrainingError)
    assert steps == []
    assert (everything(model, optimizer), rng.getstate(), random.getstate()) == before


# ---------------------------------------------------------------------------------------------------------- the number


def test_as_many_targets_as_inputs_are_needed():
    refused(ValueError, "got 12 inputs and 11 targets", targets=T[:-1])
    refused(ValueError, "got 0 inputs and 12 targets", inputs=[])
    refused(ValueError, "got 0 inputs and 0 targets", inputs=[], targets=[])
    refused(ValueError, "got 2 validation inputs and 1 validation targets", validation=(X[:2], T[:1]))
    refused(ValueError, "got 0 validation inputs and 0 validation targets", validation=([], []))


@pytest.mark.parametrize("bad", ["abc", {1: 2}, 3.0, None, iter([1.0])])
def test_examples_are_lists(bad):
    refused(TypeError, "^inputs must be a list with an item for each example, got", inputs=bad)
    refused(TypeError, "^targets must be a list", targets=bad)
    refused(TypeError, "^validation inputs must be a list", validation=(bad, T))


@pytest.mark.parametrize("bad", [X, X[:1], (X,), "ab c", 3])
def test_validation_is_a_pair(bad):
    refused(ValueError, r"validation must be a pair \(inputs, targets\), got", validation=bad)


@pytest.mark.parametrize("n", [0, -1, 1.5, 2.0, True, "3", math.nan])
def test_sizes_are_positive_integers(n):
    refused(ValueError, "epochs must be a positive integer, got", epochs=n)
    refused(ValueError, "batch_size must be a positive integer, got", batch_size=n)
    refused(ValueError, "early_stopping must be a positive integer, got", early_stopping=n, validation=(X, T))


def test_epochs_must_be_said():
    refused(ValueError, "epochs must be a positive integer, got None", epochs=None)


@given(st.integers(2, 30), st.integers(1, 35))
def test_a_batch_that_is_too_small_for_a_layer_is_refused_with_a_size_that_would_do(n, batch_size):
    model = Sequential(Layer(1, 2, seed=0), BatchNorm(2), Layer(2, 1, "linear", seed=0))
    xs = [float(i) for i in range(n)]

    def run(size: int) -> None:
        optimizer = SGD(model.parameters(), 1e-6)
        fit(model, mse_loss, xs, xs, optimizer=optimizer, epochs=1, batch_size=size, progress=False)

    if n % min(batch_size, n) == 1 or batch_size == 1:
        says = (
            rf"BatchNorm\(2\) \(layers.1\) learns from batches of 2 .* and {n} inputs with batch_size={batch_size} make"
        )
        with pytest.raises(ValueError, match=says) as refusal:
            run(batch_size)
        run(int(str(refusal.value).rpartition("batch_size=")[2].partition(" ")[0]))
    else:
        run(batch_size)


def test_one_example_alone_is_too_few_for_a_layer_that_needs_two():
    refused(ValueError, "1 inputs with batch_size=1 make one of 1: add examples", inputs=X[:1], targets=T[:1])


# --------------------------------------------------------------------------------------------------------- the numbers


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float64("nan"), Value(math.nan), 10**400])
@pytest.mark.parametrize("place", [(0, 0), (7, 1), (11, 0)])
def test_an_input_that_is_not_finite_is_refused_with_its_place(bad, place):
    i, j = place
    inputs = [list(x) for x in X]
    inputs[i][j] = bad
    refused(ValueError, rf"^inputs\[{i}\]\[{j}\] is ", inputs=inputs)
    refused(ValueError, rf"^validation inputs\[{i}\]\[{j}\] is ", validation=(inputs, T))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_target_that_is_not_finite_is_refused_with_its_place(bad):
    targets = [*T[:4], bad, *T[5:]]
    refused(ValueError, rf"^targets\[4\] is {bad}", targets=targets)
    refused(ValueError, rf"^targets\[4\] is {bad}", targets=np.array(targets))
    refused(ValueError, rf"^validation targets\[4\] is {bad}", validation=(X, targets))
    refused(ValueError, r"^targets\[1\]\[2\]\['a'\]\[0\] is nan", targets=[1, [0, 0, {"a": [math.nan]}], *T[2:]])
    refused(ValueError, r"^inputs\[1\]\[0\]\[1\] is inf", inputs=[X[0], np.array([[1, math.inf]]), *X[2:]])


def test_large_numbers_whose_sum_is_infinite_are_fine():
    model = Neuron(2, activation="linear", seed=0)
    model.w[0].data = model.w[1].data = 0.0
    fit(
        model,
        lambda y, t: y * 1e-300,
        [[1.7e308, 1.7e308]],
        [0],
        optimizer=SGD(model.parameters(), 0.0),
        epochs=1,
        progress=False,
    )


# ----------------------------------------------------------------------------------------------------- what doesn't fit


def test_an_input_of_another_width_is_refused_with_its_place():
    refused(ValueError, r"^inputs\[5\]: .*takes 2 inputs, got 3", inputs=[*X[:5], [1.0, 2.0, 3.0], *X[6:]])
    refused(ValueError, r"^validation inputs\[1\]: .*takes 2 inputs, got 1", validation=([X[0], [1.0]], T[:2]))
    refused(TypeError, r"^inputs\[0\]: an input must be a real number, got 'a'", inputs=[["a", "b"]] * 12)


def test_a_word_that_the_model_does_not_know_is_refused_with_its_place():
    model = Sequential(Embedding(5, 2, seed=0), Layer(2, 1, seed=0))
    refused(ValueError, r"^inputs\[0\]: index must be a word from 0 to 4, got 7", model=model, inputs=[7] * 12)


@pytest.mark.parametrize("place", [0, 7, 11])
def test_a_target_that_the_loss_does_not_take_is_refused_with_its_place(place):
    def but(bad: Any, good: Any) -> list[Any]:
        return [bad if i == place else good for i in range(12)]

    targets = rf"^targets\[{place}\]: "
    classes = {"model": stateful(10), "loss": cross_entropy}
    refused(ValueError, targets + "target must be a class from 0 to 9, got 12", targets=but(12, 3), **classes)
    refused(TypeError, targets + "target must be the number of a class", targets=but(1.5, 1), **classes)
    refused(ValueError, targets + "targets must be -1 or 1", targets=but(0, 1), loss=hinge_loss)
    refused(ValueError, targets + "targets must be nested like", targets=but([1.0], 1.0))
    refused(ValueError, "^validation " + targets[1:], validation=(X, but(-1, 0)), targets=[0] * 12, **classes)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda ys, ts: mean([(y - t) ** 2 for y, t in zip(ys, ts)]), "is not iterable; fit calls loss"),
        (lambda y, t: (y.ravel() - t) ** 2, "no attribute 'ravel'; fit calls loss"),
        (lambda y, t: [(y - t) ** 2], r"must return one number for one example, got \[Value"),
        (lambda y, t: None, "must return one number for one example, got None"),
    ],
)
def test_a_loss_that_is_not_one_of_one_example_is_refused(loss: Any, message: str):
    refused(TypeError, rf"^targets\[0\]: .*{message}", loss=loss)


def test_a_target_is_tried_with_the_output_for_its_own_input_before_it_is_refused():
    def loss(y: Any, t: float) -> Any:
        if abs(getattr(y, "data", y) - t) > 1e-9:
            raise ValueError("not its own output")
        return y * 1.0

    model = Neuron(1, activation="linear", seed=0)
    with no_grad():
        targets = [model(float(i)).data for i in range(5)]
    optimizer = SGD(model.parameters(), 0.0)
    fit(model, loss, [float(i) for i in range(5)], targets, optimizer=optimizer, epochs=1, progress=False)


def test_the_model_is_tried_once_for_each_shape_and_the_loss_once_for_each_target():
    model = Embedded()
    tried = []

    def loss(y: Any, t: Any) -> Any:
        if not is_grad_enabled():
            tried.append(t)
        return mse_loss(y, float(t))

    words = [[1], [2, 3], [0], [4, 1], [1, 1, 1], [3]]
    targets = [1, 1, 1.0, 0, 1, 0]
    fit(model, loss, words, targets, optimizer=SGD(model.parameters(), 0.1), epochs=1, progress=False)
    assert model.tried == [[1], [2, 3], [1, 1, 1]]
    assert list(map(repr, tried)) == ["1", "1", "1.0", "0", "1", "0"]


class Embedded(Module):
    """The sum of the embeddings of some words, of which there may be more or fewer."""

    def __init__(self) -> None:
        self.words = Embedding(5, 1, seed=0)
        self.tried: list[Any] = []

    def __call__(self, x: Any) -> Any:
        if not is_grad_enabled():
            self.tried.append(x)
        return sum(self.words(x), start=0.0)


class Drawing(Module):
    """A model that draws a number and counts, in evaluation mode, too."""

    def __init__(self) -> None:
        self.w, self.calls, self.random = Parameter(1.0), Buffer(0.0), random.Random(0)

    def __call__(self, x: Any) -> Any:
        self.calls.data += 1
        return self.w * self.random.random()


def test_random_numbers_and_buffers_are_not_used_up_by_the_trial():
    model = Drawing()
    losses = []
    optimizer = SGD(model.parameters(), 0.0)
    for epochs in (1, 2):
        losses += fit(
            model, lambda y, t: y * 1.0, [0.0], [0.0], optimizer=optimizer, epochs=epochs, progress=False
        ).loss
    rng = random.Random(0)
    assert losses == [rng.random() for _ in range(3)]
    assert model.calls.data == 3
    model.random.random()
    before = model.calls.data, model.random.getstate()
    with pytest.raises(TypeError, match=r"^targets\[0\]: "):
        fit(model, cross_entropy, [0.0], [[1, 2]], optimizer=optimizer, epochs=1, progress=False)
    assert (model.calls.data, model.random.getstate()) == before


# --------------------------------------------------------------------------------------------------- the other settings


@pytest.mark.parametrize("seed", [1.5, "0"])
def test_a_seed_is_an_integer_or_a_generator(seed):
    refused(TypeError, "seed must be an integer", seed=seed)


@pytest.mark.parametrize("bad", [0, -1.0, math.nan, math.inf])
def test_a_bound_for_clipping_is_positive(bad):
    refused(ValueError, "clip_norm must be", clip_norm=bad)
    refused(ValueError, "clip_value must be", clip_value=bad)


def test_early_stopping_needs_validation():
    refused(ValueError, r"early_stopping goes by the validation loss: give fit validation=", early_stopping=3)


def test_callbacks_are_functions():
    refused(TypeError, r"callbacks\[1\] must be a function of \(model, history\), got 3", callbacks=[print, 3])


def test_a_schedule_is_one_of_this_optimizer_or_a_function():
    other = SGD(MLP(1, [1]).parameters(), 0.1)
    refused(ValueError, "the schedule sets the lr of another optimizer", schedule=Schedule(other, constant()))
    refused(TypeError, "function", schedule=0.5)
    refused(ValueError, r"factor\(0\) must be a finite number, 0 or greater, got -1", schedule=lambda step: -1.0)


def test_an_optimizer_of_another_model_is_refused():
    other = SGD(MLP(1, [1]).parameters(), lr=0.1)
    refused(ValueError, "no parameter of this model", optimizer=other)
    refused(TypeError, "optimizer must be an Optimizer such as SGD", optimizer=0.1)


@pytest.mark.parametrize(("method", "argument"), [(Newton, "loss"), (GaussNewton, "residuals")])
def test_a_second_order_method_is_refused_with_what_to_write(method, argument):
    model = stateful()
    says = rf"{method.__name__} needs more .*write the loop yourself, and in it optimizer.step\({argument}\)"
    refused(TypeError, says, model=model, optimizer=method(model.parameters()))


def test_compiled_training_without_numpy_is_refused_with_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)
    refused(ImportError, r"compile=True needs NumPy, .*: pip install .*\[compile\]'", compile=True)


def test_a_loss_without_a_graph_stops_at_the_first_step():
    model = MLP(1, [1], seed=0)
    settings: dict[str, Any] = {"optimizer": SGD(model.parameters(), lr=0.1), "epochs": 1, "progress": False}
    with pytest.raises(TrainingError, match="step 1: the loss depends on no parameter"):
        fit(model, lambda y, t: 1.0, [[1.0]], [1.0], **settings)
    with pytest.raises(TrainingError, match="no_grad"), no_grad():
        fit(model, mse_loss, [[1.0]], [1.0], **settings)


# ----------------------------------------------------------------------------------------------- things of another kind


@pytest.mark.parametrize("callbacks", [None, 3])
def test_callbacks_that_are_no_list_are_refused_with_the_mend(callbacks):
    refused(
        TypeError, r"callbacks must be a list of functions of \(model, history\), \[\] for none", callbacks=callbacks
    )


def test_a_loss_that_is_no_function_is_refused_by_name():
    model = stateful()
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises(TypeError, match=r"loss must be a function of \(output, target\) such as mse_loss, got None"):
        fit(model, None, X, T, optimizer=optimizer, epochs=1, progress=False)


def test_a_model_that_is_no_module_is_refused_by_name():
    optimizer = SGD(MLP(2, [1]).parameters(), lr=0.1)
    with pytest.raises(TypeError, match="model must be a Module such as"):
        fit(lambda x: x, mse_loss, X, T, optimizer=optimizer, epochs=1, progress=False)


def test_pytorchs_mean_over_all_batches_is_refused_by_its_name():
    with pytest.raises(TypeError, match="None, PyTorch's mean over all batches, is not here"):
        BatchNorm(2, momentum=None)


def test_a_batch_norm_in_training_is_not_compiled_and_says_so():
    model = stateful()
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match=r"it can't be trained compiled, or model.eval\(\)"):
        fit(model, mse_loss, X, T, optimizer=optimizer, epochs=1, progress=False, compile=True)
