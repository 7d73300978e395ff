"""The parameters of a model as one flat list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import value_and_grad
from nn import MLP, functional_call, mse_loss, parameters_to_vector, vector_to_parameters


@given(st.lists(st.floats(-10, 10), min_size=13, max_size=13))
def test_a_vector_comes_back_as_it_was_given(numbers):
    model = MLP(2, [3, 1], seed=0)
    for vector in (numbers, tuple(numbers), np.array(numbers)):
        vector_to_parameters(vector, model.parameters())
        assert parameters_to_vector(model.parameters()) == numbers


@pytest.mark.parametrize(
    ("vector", "error", "message"),
    [
        ([1.0], ValueError, "vector must hold 13 numbers, one for each parameter, got 1"),
        ([1.0] * 12 + [float("nan")], ValueError, r"vector\[12\] must be a finite number, got nan"),
        ([1.0] * 12 + ["1"], TypeError, r"vector\[12\] must be a real number"),
        (1.0, TypeError, "vector must be a list with a number for each parameter, got 1.0"),
    ],
)
def test_a_vector_that_doesn_t_fit_changes_nothing(vector, error, message):
    model = MLP(2, [3, 1], seed=0)
    before = model.state_dict()
    with pytest.raises(error, match=message):
        vector_to_parameters(vector, model.parameters())
    assert model.state_dict() == before
    with pytest.raises(TypeError, match="pass its parameters"):
        vector_to_parameters([1.0] * 13, model)


def test_scipy_trains_a_model():
    optimize = pytest.importorskip("scipy.optimize")
    model = MLP(1, [4, 1], "tanh", seed=0)
    xs = [i / 5 for i in range(-10, 11)]
    fun = value_and_grad(lambda v: mse_loss([functional_call(model, v, x) for x in xs], [x * x for x in xs]))
    found = optimize.minimize(fun, parameters_to_vector(model.parameters()), jac=True, options={"maxiter": 200})
    vector_to_parameters(found.x, model.parameters())
    assert mse_loss([model(x) for x in xs], [x * x for x in xs]) < 1e-4
