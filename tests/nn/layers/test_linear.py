"""Linear: Wx + b, the same as a linear Layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import compile
from nn import SGD, Layer, Linear, Sequential, fit, init, mse_loss

sizes, seeds = st.integers(1, 4), st.integers(0, 1000)


@given(sizes, sizes, seeds)
def test_it_is_a_layer_without_an_activation(nin, nout, seed):
    layer, linear = Layer(nin, nout, "linear", seed=seed), Linear(nin, nout, seed=seed)
    x = np.random.default_rng(seed).normal(size=nin).tolist()
    ours, theirs = [y if isinstance(y, list) else [y] for y in (linear(x), layer(x))]
    assert [y.data for y in ours] == [y.data for y in theirs]
    weight, bias = [[p.data for p in row] for row in linear.weight], [p.data for p in linear.bias]
    assert [y.data for y in ours] == pytest.approx((np.array(weight) @ x + bias).tolist(), abs=1e-14)


@given(sizes, sizes, seeds)
def test_without_a_bias_there_is_none(nin, nout, seed):
    linear = Linear(nin, nout, bias=False, seed=seed)
    assert list(linear.state_dict()) == [f"weight.{i}.{j}" for i in range(nout) for j in range(nin)]
    zeros = linear([0.0] * nin)
    assert [y.data for y in (zeros if nout > 1 else [zeros])] == [0.0] * nout
    assert repr(linear) == f"Linear({nin}, {nout}, bias=False)"
    assert repr(Linear(nin, nout)) == f"Linear({nin}, {nout})"


def test_its_weights_are_drawn_as_those_of_a_layer():
    ours, layer = init.kaiming_normal(Linear(3, 2), seed=0), init.kaiming_normal(Layer(3, 2, "linear"), seed=0)
    assert [w.data for row in ours.weight for w in row] == [w.data for n in layer.neurons for w in n.w]
    assert [b.data for b in ours.bias] == [0.0, 0.0]
    init.constant(Linear(3, 2, bias=False), 1.0)


@pytest.mark.parametrize("compiled", [False, True])
def test_it_learns(compiled):
    model = Sequential(Linear(2, 3, seed=0), "tanh", Linear(3, 1, bias=False, seed=1))
    xs, ts = [[i / 10, 1 - i / 5] for i in range(10)], [i / 10 for i in range(10)]
    settings = {"optimizer": SGD(model.parameters(), lr=0.3), "epochs": 200, "progress": False, "compile": compiled}
    history = fit(model, mse_loss, xs, ts, **settings)
    assert history.loss[-1] < 1e-3 < history.loss[0]


def test_compiled_it_is_one_product_of_matrices():
    program = compile(Linear(3, 4, bias=False, seed=0))
    assert program.map([[1.0, 2.0, 3.0]]) is not None
    assert program.explain([[1.0, 2.0, 3.0]]).text.count("=") <= 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1), ValueError, "nin must be a positive integer, got 0"),
        ((1, 1.5), ValueError, "nout must be a positive integer, got 1.5"),
        ((1, 1, None), TypeError, "bias must be True or False, got None"),
        ((1, 1, True, "seed"), TypeError, "seed must be"),
    ],
)
def test_what_is_no_layer_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Linear(*arguments)
    with pytest.raises(ValueError, match=r"Linear\(2, 1\) takes 2 inputs, got 3"):
        Linear(2, 1)([1.0, 2.0, 3.0])
