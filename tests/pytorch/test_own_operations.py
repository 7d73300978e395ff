"""Operations of one's own beside PyTorch's: the same function with the same derivative, there a `Function`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import custom_derivative, grad, hessian, jvp, primitive, sigmoid

torch = pytest.importorskip("torch")


def newton(a: float, b: float) -> float:
    x = 1.0
    for _ in range(60):
        x -= (x**3 + a * x - b) / (3 * x**2 + a)
    return x


class Root(torch.autograd.Function):
    """The root x of x³ + a x - b, with the derivatives of the implicit function theorem."""

    @staticmethod
    def forward(ctx: Any, a: Any, b: Any) -> Any:
        x = torch.tensor(newton(a.item(), b.item()), dtype=torch.float64)
        ctx.save_for_backward(x, a)
        return x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, a = ctx.saved_tensors
        return -g * x / (3 * x**2 + a), g / (3 * x**2 + a)


@custom_derivative(lambda x, a, b: (-x / (3 * x**2 + a), 1 / (3 * x**2 + a)))
def root(a: Any, b: Any) -> Any:
    return newton(a, b)


@given(st.floats(0.3, 3.0), st.floats(0.5, 3.0))
def test_a_function_with_its_own_derivative_has_the_first_and_second_of_pytorch(a, b):
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b)]
    y = Root.apply(*tensors) * tensors[0]
    firsts = torch.autograd.grad(y, tensors, create_graph=True)
    seconds = [torch.autograd.grad(first, tensors, retain_graph=True) for first in firsts]

    def ours(a: Any, b: Any) -> Any:
        return root(a, b) * a

    close = {"rel": 1e-12, "abs": 1e-13}
    assert ours(a, b) == pytest.approx(y.item(), **close)
    assert grad(ours, (0, 1))(a, b) == pytest.approx([x.item() for x in firsts], **close)
    for row, expected in zip(hessian(lambda v: ours(*v))([a, b]), seconds):
        assert row == pytest.approx([x.item() for x in expected], **close)
    along = 0.5 * firsts[0].item() - 2.0 * firsts[1].item()
    assert jvp(ours, (a, b), (0.5, -2.0))[1] == pytest.approx(along, **close)


@given(st.floats(-5.0, 5.0))
def test_a_primitive_has_the_numbers_of_pytorch(x):
    swish = primitive("torch_swish", lambda a: a * sigmoid(a), lambda y, a: sigmoid(a) + y * (1 - sigmoid(a)))
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = torch.nn.functional.silu(t)
    (first,) = torch.autograd.grad(y, t, create_graph=True)
    (second,) = torch.autograd.grad(first, t)
    found = (swish(x), grad(swish)(x), grad(grad(swish))(x))
    assert found == pytest.approx((y.item(), first.item(), second.item()), rel=1e-12, abs=1e-14)
