"""functional_call: a model is a function of its parameters."""

from __future__ import annotations

import random
import threading
from collections import namedtuple

import numpy as np
import pytest

from autograd import Value, compile, grad, gradient, hessian, hvp, jvp
from nn import (
    MLP,
    BatchNorm,
    Buffer,
    Dropout,
    Embedding,
    GRUCell,
    Layer,
    Module,
    Parameter,
    Residual,
    Sequential,
    evaluate,
    functional_call,
    mse_loss,
    parameters_to_vector,
    with_parameters,
)

X, T = [[0.5, -1.0], [1.0, 2.0], [-0.5, 0.25]], [1.0, 0.0, -1.0]


def loss_of(model, parameters):
    return mse_loss([functional_call(model, parameters, x) for x in X], T)


MODELS = [
    MLP(2, [3, 1], "tanh", seed=0),
    Sequential(Layer(2, 2, "tanh", seed=1), Residual(Layer(2, 2, "sigmoid", seed=2)), Layer(2, 1, "linear", seed=3)),
    MLP(2, [2, 1], seed=0, feedback_alignment=True),
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_with_its_own_numbers_it_computes_what_the_model_computes(model):
    for x in X:
        assert functional_call(model, model.state_dict(), x).data == model(x).data
        assert functional_call(model, parameters_to_vector(model.parameters()), x).data == model(x).data
        assert functional_call(model, {}, x).data == model(x).data


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_its_gradients_are_those_of_backward(model):
    model.zero_grad()
    mse_loss([model(x) for x in X], T).backward()
    expected = [p.grad for p in model.parameters()]
    assert grad(lambda v: loss_of(model, v))(parameters_to_vector(model.parameters())) == expected
    by_name = grad(lambda state: loss_of(model, state))({name: p.data for name, p in model.named_parameters()})
    assert list(by_name.values()) == expected
    assert [p.grad for p in model.parameters()] == expected


def test_second_and_forward_derivatives_go_through():
    model = MODELS[0]
    f, v = (lambda v: loss_of(model, v)), parameters_to_vector(model.parameters())
    direction = [random.Random(0).uniform(-1, 1) for _ in v]
    H = np.array(hessian(f)(v))
    assert np.allclose(H, H.T, atol=1e-14)
    assert np.abs(H).max() > 0.1
    assert np.allclose(H @ direction, hvp(f, [v], [direction]), atol=1e-13)
    assert jvp(f, [v], [direction])[1] == pytest.approx(np.dot(grad(f)(v), direction), rel=1e-12)


def test_a_step_of_learning_is_differentiated_by_where_it_began():
    """MAML (Finn et al. 2017) on the loss (2w + b - 1)² of a line."""
    model = MLP(1, [1], seed=0)
    start = {"layers.0.neurons.0.w.0": 0.25, "layers.0.neurons.0.b": 0.0}

    def after_a_step(parameters):
        inner = (functional_call(model, parameters, 2.0) - 1.0) ** 2
        slopes = gradient(inner, parameters, create_graph=True)
        moved = {name: p - 0.1 * slopes[name] for name, p in parameters.items()}
        return (functional_call(model, moved, 2.0) - 1.0) ** 2

    def by_hand(w, b):
        slope = 2 * (2 * w + b - 1)
        w, b = w - 0.1 * 2 * slope, b - 0.1 * slope
        return (2 * w + b - 1) ** 2

    found = grad(after_a_step)(start)
    h = 1e-5
    assert found["layers.0.neurons.0.w.0"] == pytest.approx((by_hand(0.25 + h, 0) - by_hand(0.25 - h, 0)) / 2 / h)
    assert found["layers.0.neurons.0.b"] == pytest.approx((by_hand(0.25, h) - by_hand(0.25, -h)) / 2 / h)


def test_a_shared_parameter_is_exchanged_wherever_it_stands():
    class Tied(Module):
        def __init__(self):
            self.first = Layer(2, 2, "linear", seed=0)
            self.again = {"last": [self.first, (self.first.neurons[0].w[0], "kept")]}
            self.whole = [self]  # a part that knows the whole

        def __call__(self, x):
            layer, (w, _) = self.again["last"]
            return sum(layer(self.first(x)), 0.0) * w * self.whole[0].first.neurons[0].w[0]

    model = Tied()
    mse_loss(model(X[0]), 1.0).backward()
    found = grad(lambda v: mse_loss(functional_call(model, v, X[0]), 1.0))(parameters_to_vector(model.parameters()))
    assert found == pytest.approx([p.grad for p in model.parameters()], rel=1e-14)


def test_the_model_stays_as_it_is_even_if_the_call_fails():
    class Failing(Module):
        Pair = namedtuple("Pair", "a b")

        def __init__(self):
            self.pair, self.calls = self.Pair(Parameter(1.0), "kept"), 0

        def __call__(self, x):
            self.calls += 1
            assert self.pair.b == "kept"
            if x < 0:
                raise ArithmeticError("negative")
            return self.pair.a * x

    model = Failing()
    held, pair = dict(vars(model)), model.pair
    assert functional_call(model, [3.0], 2.0).data == 6.0
    with pytest.raises(ArithmeticError, match="negative"):
        functional_call(model, [3.0], -1.0)
    assert vars(model) == held
    assert model.pair is pair
    assert pair.a.label == "pair.0"


def test_calls_nest():
    inner, outer = MLP(1, [1], seed=0), MLP(1, [1], seed=1)

    class Both(Module):
        def __init__(self):
            self.inner, self.outer = inner, outer

        def __call__(self, x):
            zeros = dict.fromkeys(inner.state_dict(), 0.0)
            return self.outer(self.inner(x)) + functional_call(self.inner, zeros, x)

    v = [2.0, 1.0, 3.0, 0.5]
    assert functional_call(Both(), v, 1.0).data == 3.0 * (2.0 * 1.0 + 1.0) + 0.5


def test_threads_don_t_meet():
    model, found = MLP(2, [3, 1], "tanh", seed=0), {}
    n = len(model.parameters())
    expected = {k: functional_call(model, [k / 10] * n, X[0]).data for k in range(8)}

    def work(k):
        found[k] = {functional_call(model, [k / 10] * n, X[0]).data for _ in range(50)}

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: {y} for k, y in expected.items()}


def test_some_parameters_may_be_given_and_buffers_by_name():
    class Shifted(Module):
        def __init__(self):
            self.w, self.shift = Parameter(2.0), Buffer(1.0)

        def __call__(self, x):
            return self.w * x + self.shift

    model = Shifted()
    assert functional_call(model, {"w": 5.0}, 1.0).data == 6.0
    assert functional_call(model, {"shift": 5.0}, x=1.0).data == 7.0
    assert functional_call(model, [5.0], 1.0).data == 6.0


def test_arrays_stand_for_the_names_of_their_numbers():
    table = Embedding(2, 2, seed=0)
    rows = np.arange(4.0).reshape(2, 2)
    assert [v.data for v in functional_call(table, {"weight": rows}, 1)] == [2.0, 3.0]
    assert [v.data for v in functional_call(table, np.arange(4.0), 0)] == [0.0, 1.0]


def test_a_copy_with_other_parameters_is_a_model_like_any():
    model, n = MLP(2, [3, 1], "tanh", seed=0), 13
    zeros = with_parameters(model, [0.0] * n)
    assert [y.data for y in zeros.batch(X)] == [0.0] * 3
    assert evaluate(zeros, mse_loss, X, T) == pytest.approx(2 / 3)
    assert repr(zeros) == repr(model)
    assert len(zeros.parameters()) == n
    assert zeros.train(False).training < model.training
    both = grad(lambda v: mse_loss(with_parameters(model, v).batch(X), T))(parameters_to_vector(model.parameters()))
    assert both == grad(lambda v: loss_of(model, v))(parameters_to_vector(model.parameters()))


def test_within_the_call_the_parameters_are_those_that_were_given():
    class Decayed(Module):
        def __init__(self):
            self.layer, self.shift = Layer(1, 1, "linear", seed=0), Buffer(7.0)

        def __call__(self, x):
            assert list(self.state_dict()) == ["layer.neurons.0.w.0", "layer.neurons.0.b", "shift"]
            return self.layer(x) + sum(p * p for p in self.parameters())

    model = Decayed()
    assert grad(lambda v: functional_call(model, v, 3.0))([0.5, 2.0]) == [3.0 + 1.0, 1.0 + 4.0]
    assert grad(lambda state: functional_call(model, state, 3.0))(model.state_dict())["shift"] == 0.0


def test_buffers_and_generators_are_those_of_the_model():
    class Normalized(Module):
        def __init__(self):
            self.norm = BatchNorm(1)

        def __call__(self, xs):
            return self.norm.batch(xs)

    model, before = Normalized(), Normalized().state_dict()
    functional_call(model, {"norm.weight.0": 3.0}, [[1.0], [3.0]])
    changed = {name for name, x in model.state_dict().items() if x != before[name]}
    assert changed == {"norm.running_mean.0", "norm.running_var.0", "norm.num_batches_tracked"}
    drawn = Dropout(0.5, seed=0)
    numbers = [[v.data if isinstance(v, Value) else v for v in functional_call(drawn, {}, [1.0] * 20)] for _ in "12"]
    assert numbers[0] != numbers[1]


def test_a_cell_with_a_state_takes_several_arguments():
    cell = GRUCell(1, 2, seed=0)
    state = functional_call(cell, cell.state_dict(), [1.0], [0.0, 0.5])
    assert [h.data for h in state] == [h.data for h in cell([1.0], [0.0, 0.5])]


def test_it_compiles():
    model = MODELS[0]
    v = parameters_to_vector(model.parameters())
    program = compile(lambda x, t: mse_loss(functional_call(model, v, x), t))
    assert program(X, T) == pytest.approx(loss_of(model, v).data, rel=1e-14)
    given = compile(lambda v, x, t: mse_loss(functional_call(model, v, x), t))
    assert given([v] * 3, X, T) == pytest.approx(loss_of(model, v).data, rel=1e-14)


@pytest.mark.parametrize(
    ("model", "parameters", "error", "message"),
    [
        (len, {}, TypeError, "model must be a Module"),
        (MODELS[0], {"w": 1.0}, ValueError, "parameters has 'w', and .* has no parameter or buffer of that name"),
        (MODELS[0], [1.0], ValueError, "parameters must hold 13 numbers, one for each of .*, got 1"),
        (MODELS[0], 1.0, TypeError, "parameters must be a dict by name, or a list .*, got 1.0"),
        (MODELS[0], ["a"] * 13, TypeError, "the parameter layers.0.neurons.0.w.0 must be a real number, got 'a'"),
    ],
)
def test_what_doesn_t_fit_is_refused(model, parameters, error, message):
    with pytest.raises(error, match=message):
        functional_call(model, parameters, X[0])
