"""Functions on top of the rules against PyTorch: choices, moments, norms, with their first and second derivatives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient

torch = pytest.importorskip("torch")

from tests.pytorch.test_ops import close, tensors  # noqa: E402  it asks for torch, too
from tests.support.examples import share  # noqa: E402

FUNCTIONS: dict[str, Any] = {
    "where": (lambda x: autograd.where(x[0] > x[1], x[0] * x[1], x[2] ** 3),
              lambda x: torch.where(x[0] > x[1], x[0] * x[1], x[2] ** 3)),
    "clip": (lambda x: autograd.clip(x[0], x[1], x[2]) * x[0], lambda x: torch.clamp(x[0], x[1], x[2]) * x[0]),
    "clip from below": (lambda x: x[0].clamp(min=0.5) ** 3, lambda x: x[0].clamp(min=0.5) ** 3),
    "hardtanh": (lambda x: autograd.hardtanh(x[0], -0.5, 2.0) ** 2,
                 lambda x: torch.nn.functional.hardtanh(x[0], -0.5, 2.0) ** 2),
    "logaddexp": (lambda x: x[0].logaddexp(x[1]), lambda x: torch.logaddexp(x[0], x[1])),
    "prod": (autograd.prod, lambda x: torch.prod(torch.stack(x))),
    "norm": (autograd.norm, lambda x: torch.linalg.vector_norm(torch.stack(x))),
    "var": (autograd.var, lambda x: torch.var(torch.stack(x))),
    "var of all": (lambda x: autograd.var(x, correction=0), lambda x: torch.var(torch.stack(x), correction=0)),
    "std": (autograd.std, lambda x: torch.std(torch.stack(x))),
    "remainder": (lambda x: x[0] % (x[1] * x[1] + 0.5), lambda x: x[0] % (x[1] * x[1] + 0.5)),
}  # fmt: skip

every_function = pytest.mark.parametrize(("ours", "theirs"), FUNCTIONS.values(), ids=FUNCTIONS)
numbers = st.lists(st.floats(-3, 3).map(lambda x: round(x, 3)), min_size=3, max_size=3, unique_by=abs)


@every_function
@share(0.4)
@given(numbers)
def test_a_function_has_the_value_and_the_derivatives_of_pytorch(ours: Any, theirs: Any, xs: list[float]) -> None:
    assume(min(map(abs, xs)) > 1e-3)
    values, others = [Value(x) for x in xs], tensors(xs)
    y, z = ours(values), theirs(others)
    assert close([y.data], [z.item()])
    slopes = gradient(y, values, create_graph=True)
    their_slopes = torch.autograd.grad(z, others, create_graph=True, allow_unused=True, materialize_grads=True)
    assert close([x.data for x in slopes], [x.item() for x in their_slopes], 10.0)
    for slope, their_slope in zip(slopes, their_slopes):
        if their_slope.requires_grad:
            found = torch.autograd.grad(
                their_slope, others, retain_graph=True, allow_unused=True, materialize_grads=True
            )
            assert close(gradient(slope, values), [x.item() for x in found], 100.0)


@pytest.mark.parametrize("name", ["norm", "std", "prod", "var", "clip", "hardtanh"])
@pytest.mark.parametrize("xs", [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 2.0], [-0.5, 1.0, 1.0], [2.0, 0.0, 2.0]])
def test_at_a_kink_the_derivative_is_the_one_that_pytorch_takes(name: str, xs: list[float]) -> None:
    ours, theirs = FUNCTIONS[name]
    values, others = [Value(x) for x in xs], tensors(xs)
    y, z = ours(values), theirs(others)
    y.backward()
    z.backward()
    assert y.data == pytest.approx(z.item(), rel=1e-15)
    assert [x.grad for x in values] == pytest.approx([0.0 if x.grad is None else x.grad.item() for x in others])


def test_a_branch_that_is_not_taken_gets_nothing_where_pytorch_gives_nan():
    x = Value(0.0)
    autograd.where(x > 0, x.sqrt(), 2 * x).backward()
    (t,) = tensors([0.0])
    torch.where(t > 0, t.sqrt(), 2 * t).backward()
    assert x.grad == 2.0
    assert t.grad.isnan()
