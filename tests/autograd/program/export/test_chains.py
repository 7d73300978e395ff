"""The chain rule in comments."""

from __future__ import annotations

from autograd import Value, dot, tanh
from autograd.program import compile
from tests.support.models import CASES, X


def comments(program: object, *batches: object) -> list[str]:
    return [x.strip()[2:] for x in program.source(*batches).splitlines() if x.strip().startswith("# δ")]


def test_the_gradient_of_a_sum_comes_through_what_follows_it():
    program, batches = CASES["MLP of tanh"]()
    assert comments(program, *batches) == [
        "δ3 = ∂L/∂Z3", "δ2 = ∂L/∂Z2 = ∂L/∂Z3 ∂Z3/∂A2 ∂A2/∂Z2", "δ1 = ∂L/∂Z1 = ∂L/∂Z2 ∂Z2/∂A1 ∂A1/∂Z1",
    ]  # fmt: skip


def test_two_ways_are_added_and_many_are_told_of():
    ps = [Value(0.1 * i, label=f"w{i}") for i in range(9)]

    def loss(x: object) -> object:
        layer = [tanh(dot(ps[i : i + 2], x, ps[i + 2])) for i in (0, 3)]
        following = [tanh(dot(ps[i : i + 2], layer, ps[i + 2])) for i in (3, 6)]
        return dot(ps[:2], following, 1.0) + dot(ps[:2], layer, 1.0)

    found = comments(compile(loss, ps), X)
    assert "δ1 = ∂L/∂Z1, the sum over all ways from Z1 to L" in found or any(" + ∂L/" in x for x in found)
