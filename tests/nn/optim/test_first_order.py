"""Optimizers where their path is known in closed form, and their refusals; PyTorch's: tests/pytorch/test_optim.py."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, SGD, Parameter
from nn.optim.first_order import Adagrad, Adam, AdamW, Lion, RMSprop

rates = st.floats(0.001, 0.5)
shares = st.floats(0.1, 0.95)
numbers = st.floats(-10, 10)
steps = st.integers(1, 20)


def close(x: float) -> object:
    return pytest.approx(x, rel=1e-12, abs=1e-12)


@given(numbers, st.floats(0.1, 2), rates, steps)
def test_on_a_parabola_each_step_shrinks_by_the_same_factor(start, curvature, lr, n):
    x = Value(start)
    optimizer = SGD([x], lr)
    for _ in range(n):
        optimizer.zero_grad()
        (curvature / 2 * x * x).backward()
        optimizer.step()
    assert x.data == close((1 - lr * curvature) ** n * start)


def moved_by_constant_gradient(gradient: float, n: int, **settings: float) -> float:
    x = Value(0.0)
    optimizer = SGD([x], **settings)
    for _ in range(n):
        x.grad = gradient
        optimizer.step()
    return x.data


@given(numbers, rates, shares, steps)
def test_momentum_adds_up_a_geometric_series(gradient, lr, mu, n):
    velocities = [gradient * (1 - mu**k) / (1 - mu) for k in range(1, n + 1)]
    assert moved_by_constant_gradient(gradient, n, lr=lr, momentum=mu) == close(-lr * math.fsum(velocities))


@given(numbers, rates, shares, steps)
def test_nesterov_is_one_velocity_ahead(gradient, lr, mu, n):
    velocities = [gradient * (1 - mu**k) / (1 - mu) for k in range(2, n + 2)]
    moved = moved_by_constant_gradient(gradient, n, lr=lr, momentum=mu, nesterov=True)
    assert moved == close(-lr * math.fsum(velocities))


@given(numbers, rates, st.floats(0.01, 1), steps)
def test_weight_decay_alone_shrinks_towards_zero(start, lr, decay, n):
    x = Value(start)
    optimizer = SGD([x], lr, weight_decay=decay)
    for _ in range(n):
        optimizer.step()
    assert x.data == close(start * (1 - lr * decay) ** n)


@given(st.lists(numbers, min_size=1, max_size=5), rates, shares)
def test_each_parameter_moves_as_if_it_were_alone(gradients, lr, mu):
    together = [Value(1.0) for _ in gradients]
    optimizer = SGD(together, lr, momentum=mu)
    for _ in range(3):
        for p, g in zip(together, gradients):
            p.grad = g
        optimizer.step()
    alone = [1.0 + moved_by_constant_gradient(g, 3, lr=lr, momentum=mu) for g in gradients]
    assert [p.data for p in together] == [close(x) for x in alone]


def test_a_step_leaves_gradients_as_they_are_and_zero_grad_clears_them():
    model = MLP(2, [2, 1], activation="tanh", seed=0)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.5)
    model([1.0, 2.0]).backward()
    before = [p.grad for p in model.parameters()]
    optimizer.step()
    assert [p.grad for p in model.parameters()] == before
    optimizer.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0] * 9


def test_a_rate_of_zero_moves_nothing():
    assert moved_by_constant_gradient(3.0, 5, lr=0.0, momentum=0.9) == 0.0


def test_the_rate_may_change_on_the_way():
    x = Value(0.0)
    optimizer = SGD([x], lr=1.0)
    x.grad = 1.0
    optimizer.step()
    optimizer.lr = 0.25
    optimizer.step()
    assert x.data == -1.25


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_not_finite_is_named_and_nothing_moves(bad):
    params = [Parameter(1.0, "first"), Parameter(2.0, "second"), Parameter(3.0)]
    undisturbed = [Parameter(1.0), Parameter(2.0), Parameter(3.0)]
    optimizer, other = SGD(params, 0.1, momentum=0.9), SGD(undisturbed, 0.1, momentum=0.9)
    for p, q in zip(params, undisturbed):
        p.grad = q.grad = 1.0
    optimizer.step()
    other.step()
    for place, name in ((1, "second"), (2, "a parameter")):
        params[place].grad = bad
        with pytest.raises(ValueError, match=f"the gradient of {name} is {bad}: no parameter was moved"):
            optimizer.step()
        assert [p.data for p in params] == [q.data for q in undisturbed]
        params[place].grad = 1.0
    optimizer.step()  # the velocity is undisturbed, too
    other.step()
    assert [p.data for p in params] == [q.data for q in undisturbed]


def test_nesterov_without_momentum_is_refused():
    with pytest.raises(ValueError, match="nesterov=True needs a momentum"):
        SGD([Value(1.0)], lr=0.1, nesterov=True)


def test_nesterov_and_momentum_can_not_be_parted_later_on_so_each_state_can_be_loaded():
    optimizer = SGD([Value(1.0)], lr=0.1, momentum=0.9, nesterov=True)
    with pytest.raises(ValueError, match="nesterov=True needs a momentum"):
        optimizer.momentum = 0.0
    assert optimizer.momentum == 0.9
    optimizer.lr = 0.0  # of the rate all this says nothing
    optimizer.nesterov = False
    optimizer.momentum = 0.0
    with pytest.raises(ValueError, match="nesterov=True needs a momentum"):
        optimizer.nesterov = True
    assert optimizer.nesterov is False
    SGD([Value(1.0)], lr=0.5).load_state_dict(optimizer.state_dict())


def test_the_spread_of_gradients_that_are_all_alike_is_refused_without_an_eps():
    x = Value(1.0)
    optimizer = RMSprop([x], lr=0.1, alpha=0.0, eps=0.0, centered=True)
    x.grad = 1.0
    with pytest.raises(ValueError, match=r"divides by zero, the size \(if centered, the spread\)"):
        optimizer.step()
    optimizer.eps = 1e-8  # the mend
    optimizer.step()
    assert x.data < 1.0


def path(optimizer_class: type, gradients: list[float], start: float = 0.0, **settings: object) -> list[float]:
    x = Value(start)
    optimizer = optimizer_class([x], **settings)
    places = []
    for g in gradients:
        x.grad = g
        optimizer.step()
        places.append(x.data)
    return places


sizes = st.floats(1e-3, 1e3)
signs = st.sampled_from([-1.0, 1.0])


@given(sizes, signs, rates, steps)
def test_of_a_constant_gradient_only_the_sign_counts(size, sign, lr, n):
    expected = {
        Adagrad: [k**-0.5 for k in range(1, n + 1)],
        RMSprop: [(1 - 0.99**k) ** -0.5 for k in range(1, n + 1)],
        Adam: [1.0] * n,
        AdamW: [1.0] * n,
    }
    for cls, moves in expected.items():
        settings = {"weight_decay": 0.0} if cls is AdamW else {}
        found = path(cls, [sign * size] * n, lr=lr, eps=0.0, **settings)[-1]
        assert found == pytest.approx(-sign * lr * math.fsum(moves), rel=1e-10)
    assert path(Lion, [sign * size] * n, lr=lr)[-1] == pytest.approx(-sign * lr * n, rel=1e-12)


@given(st.lists(st.floats(0.1, 10) | st.floats(-10, -0.1), min_size=1, max_size=10), st.integers(-20, 20))
def test_the_unit_of_the_loss_does_not_matter_to_those_that_adapt(gradients, power):
    scaled = [g * 2.0**power for g in gradients]
    for cls, settings in ((Adagrad, {"eps": 0.0}), (RMSprop, {"eps": 0.0}), (Adam, {"eps": 0.0}), (Lion, {})):
        assert path(cls, scaled, **settings) == [close(x) for x in path(cls, gradients, **settings)]


@given(numbers, rates, st.floats(0.01, 1), steps)
def test_decoupled_decay_shrinks_as_the_rate_says_whatever_the_gradients(start, lr, decay, n):
    expected = close(start * (1 - lr * decay) ** n)
    for cls in (AdamW, Lion):
        assert path(cls, [0.0] * n, start, lr=lr, weight_decay=decay)[-1] == expected
    with_gradient, without = (path(AdamW, [1.0] * n, 1.0, lr=lr, weight_decay=d) for d in (decay, 0.0))
    assert with_gradient[0] - without[0] == close(-lr * decay)


def test_lion_is_the_algorithm_of_its_paper():
    rng = np.random.default_rng(0)
    for b1, b2, decay in [(0.9, 0.99, 0.0), (0.95, 0.98, 0.1), (0.0, 0.5, 1.0)]:
        start, eta = rng.normal(size=5), 0.01
        params = [Value(x) for x in start]
        optimizer = Lion(params, lr=eta, betas=(b1, b2), weight_decay=decay)
        theta, m = start.copy(), np.zeros(5)
        for _ in range(100):
            g = rng.normal(size=5) * [1e-3, 1e-1, 1, 10, 0]
            for p, x in zip(params, g):
                p.grad = x
            optimizer.step()
            theta -= eta * (np.sign(b1 * m + (1 - b1) * g) + decay * theta)
            m = b2 * m + (1 - b2) * g
            assert np.abs(np.array([p.data for p in params]) - theta).max() <= 1e-12
            assert np.abs(np.array(optimizer.state["exp_avg"]) - m).max() <= 1e-12


def test_the_defaults_of_lion_are_those_of_its_paper():
    optimizer = Lion([Value(1.0)])
    assert optimizer.state_dict()["settings"] == {"lr": 1e-4, "betas": [0.9, 0.99], "weight_decay": 0.0}


def test_a_variance_that_rounds_to_less_than_zero_counts_as_zero():
    optimizer = RMSprop([Value(0.0)], centered=True, alpha=0.5, eps=1.0)
    below = 0
    p, s, mean, v = 0.0, 0.0, 0.0, 0.0
    for k in range(1, 500):
        g = 0.1 + 0.01 * (k // 100)
        p, s, mean, v = optimizer.update(k, p, g, s, mean, v)
        below += s - mean * mean < 0
        assert math.isfinite(p)
    assert below > 0


@pytest.mark.parametrize(
    "betas", [(0.9,), (0.9, 0.9, 0.9), 0.9, "ab", None, (0.9, 1.0), (-0.1, 0.9), (0.9, math.nan), (0.9, "0.9")]
)
def test_betas_are_two_shares(betas):
    for cls in (Adam, AdamW, Lion):
        with pytest.raises((ValueError, TypeError), match=r"^betas(\[[01]\])? must be a "):
            cls([Value(1.0)], betas=betas)
