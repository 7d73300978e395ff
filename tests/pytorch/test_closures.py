"""Losses that hold derivatives of a network by its inputs, in PyTorch: the same losses, the same gradients."""

from __future__ import annotations

from typing import Any

import pytest

import autograd
import nn
from autograd import grad, hessian, hvp, jvp, vjp

torch = pytest.importorskip("torch")

POINTS = [[0.1, 0.7], [-0.4, 0.2], [0.9, -0.3]]


def penalty(model: Any, x: Any) -> Any:
    """(|∇D| - 1)² (Gulrajani et al. 2017)."""
    gx, gy = grad(model)(x)
    return ((gx * gx + gy * gy).sqrt() - 1.0) ** 2


def their_penalty(model: Any, x: Any) -> Any:
    (slope,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    return (slope.norm() - 1.0) ** 2


def equation(model: Any, x: Any) -> Any:
    """(u_xx + u_yy + u u_x)², a physics-informed residual (Raissi et al. 2019)."""
    second = hessian(model)(x)
    return (second[0][0] + second[1][1] + model(x) * grad(model)(x)[0]) ** 2


def by_products(model: Any, x: Any) -> Any:
    """The same residual by jvp, vjp and hvp."""
    laplacian = hvp(model, (x,), ([1.0, 0.0],))[0] + hvp(model, (x,), ([0.0, 1.0],))[1]
    value, slope = jvp(model, (x,), ([1.0, 0.0],))
    return (laplacian + value * slope) * (laplacian + value * vjp(model, x)[1](1.0)[0][0])


def their_equation(model: Any, x: Any) -> Any:
    u = model(x).sum()
    (slope,) = torch.autograd.grad(u, x, create_graph=True)
    second = [torch.autograd.grad(s, x, create_graph=True)[0][i] for i, s in enumerate(slope)]
    return (second[0] + second[1] + u * slope[0]) ** 2


@pytest.mark.parametrize(
    ("ours", "theirs"), [(penalty, their_penalty), (equation, their_equation), (by_products, their_equation)]
)
@pytest.mark.parametrize("activation", ["tanh", "softplus", "silu"])
def test_a_loss_of_derivatives_has_the_parameter_gradients_of_pytorch(ours, theirs, activation):
    model = nn.MLP(2, [5, 4, 1], activation=activation, seed=0)
    other = nn.to_torch(model).double()
    loss = autograd.sum([ours(model, x) for x in POINTS])
    loss.backward()
    points = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in POINTS]
    expected = sum(theirs(other, x) for x in points)
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    slopes = [
        g
        for layer in other
        if hasattr(layer, "weight")
        for row, b in zip(layer.weight.grad.tolist(), given(layer.bias))
        for g in (*row, b)
    ]
    assert [p.grad for p in model.parameters()] == pytest.approx(slopes, rel=1e-10, abs=1e-14)


def given(bias: Any) -> list[float]:
    """Its gradient; none where no derivative depends on it."""
    return [0.0] * len(bias) if bias.grad is None else bias.grad.tolist()


def test_a_number_of_a_function_is_not_compared_with_a_tensor():
    with pytest.raises(TypeError, match=r"got tensor\(2\.\): pass its \.item\(\)"):
        grad(lambda x: x * x if x == torch.tensor(2.0) else x)(2.0)
    assert grad(lambda x: x * x if x == torch.tensor(2.0).item() else x)(2.0) == 4.0
