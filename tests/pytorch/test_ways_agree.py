"""Random programs in PyTorch: the same values, gradients of all nodes, and second derivatives, within rounding.

Skipped where PyTorch is not installed; the continuous integration installs it. Its functions for the rules are those of
test_ops.py but for a few; the programs and the bounds are those of tests/support/programs.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given

from autograd import Value, gradient
from tests.properties.test_ways_agree import many, share
from tests.support.programs import NAMES, ROUNDING, Case, cases, grouped, resumed, rounding, straight

torch = pytest.importorskip("torch")

from tests.pytorch.test_ops import WITHOUT_COUNTERPART, counterpart  # noqa: E402  it asks for torch, too

SHARED = [name for name in NAMES if name not in WITHOUT_COUNTERPART | {"digamma", "lgamma", "sinc"}]
"""The derivatives of the last three have nine digits in PyTorch, those of sinc near 0; test_ops.py compares them."""


def cross_entropy(z: Any, xs: list[Any]) -> Any:
    return torch.nn.functional.softplus(torch.logsumexp(torch.stack(xs), 0) - z, threshold=1e3) if xs else z * 0.0


WITH_ALL_DIGITS = {
    "cross_entropy": cross_entropy,
    "dot": lambda ws, xs, b: counterpart("dot")(ws, xs, b) if ws else b.clone(),
    "gelu": lambda a: a * torch.erfc(a * -math.sqrt(0.5)) / 2,
    "hardsigmoid": lambda a: torch.nn.functional.relu6(a + 3) / 6,
    "hardtanh": lambda a, b, c: torch.clamp(a, b, c),
    "gelu_tanh": lambda a: a * torch.sigmoid(math.sqrt(8 / math.pi) * (a + 0.044715 * a**3)),
}
"""Where PyTorch's own cancels: logsumexp - z for a small loss, 1 + erf and 1 + tanh for a negative number; or where it
has a 1/6 of float32, and bounds that are plain numbers.

Its gelu_tanh(-4.1) is off by 2e-12, 27 times the bound; test_ops.py compares with the originals. The rest
is for lists of nothing, which it does not stack.
"""


def on_tensors(name: str, items: Sequence[Any]) -> Any:
    groups = [list(group) if isinstance(group, tuple) else group for group in grouped(name, items)]
    return WITH_ALL_DIGITS.get(name, counterpart(name))(*groups)


def run(case: Case) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Our inputs and theirs, and all that a program makes of them here and there."""
    program, xs = case.program, case.points[0]
    ours = [Value(x) for x in xs]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
    constants = [torch.tensor(c, dtype=torch.float64) for c in program.constants]
    here = resumed(program.steps, [*program.constants, *ours])[len(constants) :]
    there = resumed(program.steps, [*constants, *theirs], on_tensors)[len(constants) :]
    return ours, theirs, here, there


def items(tensors: Sequence[Any]) -> list[float]:
    return [0.0 if x is None else x.item() for x in tensors]


def shares_of_first(case: Case) -> dict[str, float]:
    """How far they are apart, as a share of both bounds: values and gradients of all nodes, and a second pass."""
    ours, theirs, here, there = run(case)
    one = Value(1.0)
    slopes = gradient(here[-1] * one, here, create_graph=True)
    off = rounding([here[-1] * one, *here, *slopes], {one: ROUNDING})
    within = [2 * off[x] for x in slopes]
    for x in there:
        x.retain_grad()
    here[-1].backward()
    there[-1].backward(retain_graph=True)
    n = len(ours)
    nodes = share([x.grad for x in here], items([x.grad for x in there]), within)
    # leaves accumulate in both; computed nodes, which PyTorch would accumulate too, begin anew
    for x in theirs:  # stack().sum() gives all its operands one and the same tensor, and PyTorch adds in place
        x.grad = None if x.grad is None else x.grad.clone()
    here[-1].backward(seed=2.0)
    there[-1].backward(torch.tensor(2.0, dtype=torch.float64))
    return {
        "values": share([x.data for x in here], items(there), [2 * off[x] for x in here]),
        "gradients of all nodes": nodes,
        "a second pass": share([x.grad for x in ours], items([x.grad for x in theirs]), [3 * b for b in within[:n]]),
    }


def shares_of_second(case: Case) -> dict[str, float]:
    """The same of the Hessian."""
    ours, theirs, here, there = run(case)
    one = Value(1.0)
    bounded = gradient(here[-1] * one, ours, create_graph=True)
    rows = [gradient(slope, ours, create_graph=True) for slope in bounded]
    off = rounding([x for row in rows for x in row], {one: ROUNDING})
    slopes = gradient(here[-1], ours, create_graph=True)
    found = torch.autograd.grad(there[-1], theirs, create_graph=True, allow_unused=True)
    worst = 0.0
    for slope, other, row in zip(slopes, found, rows):
        second = [None] * len(theirs)
        if other is not None and other.requires_grad:
            second = torch.autograd.grad(other, theirs, retain_graph=True, allow_unused=True)
        worst = max(worst, share(gradient(slope, ours), items(second), [2 * off[x] for x in row]))
    return {"hessian": worst}


def shares(case: Case) -> dict[str, float]:
    return shares_of_first(case) | ({} if masked(case) else shares_of_second(case))


def masked(case: Case) -> bool:
    """Whether there is a power with exponent 0, where PyTorch takes b·aᵇ⁻¹ for 0, and so its derivative in b, too.

    The true one is 1/a there; tests/autograd/test_ops.py has that point.
    """
    program = straight(case.program, case.points[0])
    made = resumed(program.steps, [*program.constants, *case.points[0]])
    return any(step.rule == "pow" and made[step.operands[1]] == 0 for step in program.steps)


@many
@given(cases(SHARED))
def test_a_random_program_has_the_values_and_all_gradients_of_pytorch(case):
    assert all(x <= 1.0 for x in shares_of_first(case).values())


@many
@given(cases(SHARED))
def test_a_random_program_has_the_second_derivatives_of_pytorch(case):
    assume(not masked(case))
    assert all(x <= 1.0 for x in shares_of_second(case).values())
