"""All ways to differentiate a program give the true derivatives within rounding: differences in 120 digits tell them.

Each way is held against the truth, within the bound of its rounding errors; so any two of them agree, too. Programs,
truth and bounds are in tests/support/programs.py. AUTOGRAD_PROGRAMS=20000 runs 20,000 programs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, checkpoint, grad, gradient, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.program import compile
from tests.support import examples
from tests.support.programs import (
    AT_EDGES,
    NAMES,
    Case,
    Program,
    Step,
    bounds,
    built,
    cases,
    exact,
    exact_hessian,
    resumed,
    straight,
    wild_cases,
)

many = examples.programs(settings())
First = tuple[float, list[float]]
"""A value and a gradient."""


# ---------------------------------------------------------------------------------- the ways to the first derivatives


def by_backward(f: Any, xs: list[float]) -> First:
    leaves = [Value(x) for x in xs]
    y = f(leaves)
    y.backward()
    return y.data, [x.grad for x in leaves]


def by_backward_twice(f: Any, xs: list[float]) -> First:
    """Leaves add up, computed nodes begin anew: 1 and 2 times the gradient are 3."""
    leaves = [Value(x) for x in xs]
    y = f(leaves)
    y.backward()
    y.backward(seed=2.0)
    return y.data, [x.grad / 3 for x in leaves]


def by_gradient(f: Any, xs: list[float]) -> First:
    leaves = [Value(x) for x in xs]
    y = f(leaves)
    return y.data, gradient(y, leaves)


def by_create_graph(f: Any, xs: list[float]) -> First:
    leaves = [Value(x) for x in xs]
    y = f(leaves)
    return y.data, [slope.data for slope in gradient(y, leaves, create_graph=True)]


def by_vjp(f: Any, xs: list[float]) -> First:
    y, pull = vjp(f, xs)
    return y, pull(1.0)[0]


def by_jvp(f: Any, xs: list[float]) -> First:
    pairs = [jvp(f, (xs,), (direction,)) for direction in units(len(xs))]
    return pairs[0][0], [tangent for _, tangent in pairs]


def by_jvp_of_values(f: Any, xs: list[float]) -> First:
    """Forward mode on Values, as it is computed where it will be differentiated again."""
    pairs = [jvp(f, ([Value(x) for x in xs],), (direction,)) for direction in units(len(xs))]
    return pairs[0][0].data, [tangent.data for _, tangent in pairs]


def by_jvp_transposed(f: Any, xs: list[float]) -> First:
    """A derivative in a direction is linear in it: its gradient there is that of f."""
    return f(xs), grad(lambda v: jvp(f, (xs,), (v,))[1])([1.0] * len(xs))


def by_checkpoint(f: Any, xs: list[float]) -> First:
    return by_backward(checkpoint(f), xs)


def by_two_checkpoints(f: Program, xs: list[float]) -> First:
    return by_backward(in_two(f), xs)


def by_a_checkpoint_without_arguments(f: Any, xs: list[float]) -> First:
    return by_backward(lambda leaves: checkpoint(lambda: f(leaves))(), xs)


def units(n: int) -> list[list[float]]:
    return np.eye(n).tolist()


def in_two(f: Program) -> Callable[[Sequence[Any]], Any]:
    """The two halves of a program as checkpoints, the first nested in another; all numbers go from one to the next."""
    half = len(f.steps) // 2
    first = checkpoint(checkpoint(lambda xs: resumed(f.steps[:half], [*f.constants, *xs])))
    second = checkpoint(lambda made: resumed(f.steps[half:], made)[-1])
    return lambda xs: second(first(xs))


FIRST: dict[str, Callable[[Any, list[float]], First]] = {
    "backward": by_backward,
    "backward twice": by_backward_twice,
    "gradient": by_gradient,
    "gradient with create_graph": by_create_graph,
    "value_and_grad": lambda f, xs: value_and_grad(f)(xs),
    "grad": lambda f, xs: (f(xs), grad(f)(xs)),
    "jacobian": lambda f, xs: (f(xs), jacobian(lambda xs: [f(xs)])(xs)[0]),
    "vjp": by_vjp,
    "jvp": by_jvp,
    "jvp of Values": by_jvp_of_values,
    "jvp, transposed": by_jvp_transposed,
    "checkpoint": by_checkpoint,
    "two checkpoints": by_two_checkpoints,
    "a checkpoint without arguments": by_a_checkpoint_without_arguments,
}


# --------------------------------------------------------------------------------- the ways to the second derivatives

SECOND: dict[str, Callable[[Any, list[float]], list[list[float]]]] = {
    "hessian": lambda f, xs: hessian(f)(xs),
    "hvp": lambda f, xs: [hvp(f, (xs,), (v,)) for v in units(len(xs))],
    "forward over reverse": lambda f, xs: [jvp(grad(f), (xs,), (v,))[1] for v in units(len(xs))],
    "reverse over forward": lambda f, xs: [grad(lambda z, v=v: jvp(f, (z,), (v,))[1])(xs) for v in units(len(xs))],
    "forward over forward": lambda f, xs: [
        [jvp(lambda z, v=v: jvp(f, (z,), (v,))[1], (xs,), (w,))[1] for w in units(len(xs))] for v in units(len(xs))
    ],
    "reverse over reverse": lambda f, xs: [vjp(grad(f), xs)[1](v)[0] for v in units(len(xs))],
    "backward of create_graph": lambda f, xs: by_backward_of_the_slopes(f, xs),
    "hessian of two checkpoints": lambda f, xs: hessian(in_two(f))(xs),
    "hvp of a checkpoint": lambda f, xs: [hvp(checkpoint(f), (xs,), (v,)) for v in units(len(xs))],
}


def by_backward_of_the_slopes(f: Any, xs: list[float]) -> list[list[float]]:
    leaves = [Value(x) for x in xs]
    rows = []
    for slope in gradient(f(leaves), leaves, create_graph=True):
        for leaf in leaves:
            leaf.grad = 0.0
        slope.backward()
        rows.append([leaf.grad for leaf in leaves])
    return rows


# ------------------------------------------------------------------------------------------------------- they agree


def share(got: Sequence[float], true: Sequence[Any], within: Sequence[float]) -> float:
    """The largest error, as a share of its bound."""
    return max(float(abs(a - b) / bound) for a, b, bound in zip(got, true, within, strict=True))


def flat(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [x for row in rows for x in row]


def shares_of_first(program: Program, xs: list[float]) -> dict[str, float]:
    within = bounds(program, xs)
    value, slopes = exact(program, xs)
    found = {name: way(program, xs) for name, way in FIRST.items()}
    return {name: share([y, *g], [value, *slopes], [within.value, *within.slopes]) for name, (y, g) in found.items()}


def shares_of_second(program: Program, xs: list[float]) -> dict[str, float]:
    true, within = flat(exact_hessian(program, xs)), flat(bounds(program, xs, second=True).hessian)
    return {name: share(flat(way(program, xs)), true, within) for name, way in SECOND.items()}


def shares_of_compiled(case: Case) -> dict[str, float]:
    """A compiled program, for all points that take the same course through its ifs and loops."""
    program, n = straight(case.program, case.points[0]), case.shared
    points = [xs for xs in case.points if straight(case.program, xs) == program]
    true = [exact(program, xs) for xs in points]
    within = [bounds(program, xs) for xs in points]
    parameters = [Value(x) for x in points[0][:n]]
    compiled = compile(lambda example: program([*parameters, *example]), parameters)
    batch = [xs[n:] for xs in points]

    def mean(rows: Sequence[Sequence[Any]]) -> list[Any]:
        return [sum(column) / len(rows) for column in zip(*rows)]

    value = compiled(batch)
    gradients = [p.grad for p in parameters]
    total = mean([[y, *g[:n]] for y, g in true])
    bound = mean([[b.value, *b.slopes[:n]] for b in within])
    with autograd.no_grad():
        assert compiled(batch) == value
    # a share of the mean is that of an example, divided by their number: a rounding, which is within the bound
    inputs = (compiled.input_gradients(batch) * len(batch)).tolist()
    assert [p.grad for p in parameters] == gradients
    return {
        "compiled": share([value, *gradients], total, bound),
        "compiled map": share(compiled.map(batch), [y for y, _ in true], [b.value for b in within]),
        "compiled input_gradients": max(
            share(row, g[n:], b.slopes[n:]) for row, (_, g), b in zip(inputs, true, within)
        ),
    }


def agreed(shares: dict[str, float]) -> None:
    assert {name: x for name, x in shares.items() if not x <= 1.0} == {}


@many
@given(cases())
def test_every_way_gives_the_true_value_and_gradient(case):
    event("with an if", str(any(s.otherwise for s in case.program.steps)))
    agreed(shares_of_first(case.program, case.points[0]))


@many
@given(cases(most=10))
def test_every_way_gives_the_true_hessian(case):
    agreed(shares_of_second(case.program, case.points[0]))


@many
@given(cases(rows=3))
def test_a_compiled_program_gives_the_true_means_and_gradients_of_a_batch(case):
    agreed(shares_of_compiled(case))


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_agrees_in_every_way(name):
    """What chance may leave out: each rule applied to products, and its result used twice."""
    other = "mul"
    first = ("mul", [0, 1, 0, 0, 0, 0, 0], 0, other, 0.0, 0.0)
    second = ("tanh", [1, 0, 0, 0, 0, 0, 0], 0, other, 0.0, 0.0)
    order = [1, 0] if name in ("fmod", "remainder") else [0, 1]  # the others lie too near to a multiple
    here = (name, [*order, 2, 3, 1, 0, 2], 2, other, 0.0, 0.0)
    last = ("mul", [0, 1, 0, 0, 0, 0, 0], 0, other, 0.0, 0.0)
    points = [[1.3, 0.7, 0.4], [1.3, 0.9, -0.8]]
    program = built([first, second, here, last], [0.5], points, reach=100)
    assert name in [step.rule for step in program.steps]
    agreed(shares_of_first(program, points[0]))
    agreed(shares_of_second(program, points[0]))
    agreed(shares_of_compiled(Case(program, points, 1)))


# ------------------------------------------------------------------------ where numbers overflow, or slopes don't exist

REFUSAL = re.compile(
    r"has no finite derivative there|cannot differentiate \S+: the first|the \w+ of \S+ is -?(inf|nan): "
)
MORE_REFUSALS = {"gradient with create_graph", "jvp", "jvp of Values", "jvp, transposed"}
"""Ways that may refuse a slope which is multiplied by 0 later, or a further derivative of which may yet matter."""


def outcome(way: Callable[[Any, list[float]], First], program: Program, xs: list[float]) -> First | str:
    """A value and a gradient, which are finite, or what the refusal says."""
    try:
        y, slopes = way(program, xs)
    except (ValueError, ZeroDivisionError) as cause:
        return str(cause)
    assert all(map(math.isfinite, [y, *slopes]))
    return y, slopes


def by_compiling(f: Any, xs: list[float]) -> First:
    parameters = [Value(x) for x in xs]
    program = compile(lambda _: f(parameters), parameters)
    return program([1.0]), [p.grad for p in parameters]


def by_compiling_for_inputs(f: Any, xs: list[float]) -> First:
    program = compile(f)
    return by_compiling(f, xs)[0], program.input_gradients([xs])[0].tolist()


WILD = {name: way for name, way in FIRST.items() if name != "backward twice"} | {
    "compiled": by_compiling,
    "compiled input_gradients": by_compiling_for_inputs,
}


@many
@given(wild_cases(AT_EDGES, st.sampled_from([-1.0, 0.0, 0.0, 1.0, 2.0])))
def test_at_edges_every_way_gives_the_same_numbers_or_refuses(case):
    """An infinite slope behind or before what is flat, or times a gradient of 0: the same in every way."""
    program, (xs,) = case.program, case.points
    expected = outcome(by_backward, program, xs)
    event("refused" if isinstance(expected, str) else "a gradient")
    for name, way in WILD.items():
        found = outcome(way, program, xs)
        if isinstance(expected, str) or isinstance(found, str):
            assert isinstance(found, str) == isinstance(expected, str), (name, expected, found)
        else:
            assert [found[0], *found[1]] == pytest.approx([expected[0], *expected[1]], rel=1e-12, abs=1e-12), name


STEEP_BY_OVERFLOW = Program((), (Step("abs", (1,)), Step("mean", (2, 2)), Step("pow", (0, 3)), Step("sum", (4, 0, 1))))
"""x ** inf, where the mean is what is infinite: the slope is inf · 0."""


@many
@given(wild_cases())
@example(Case(STEEP_BY_OVERFLOW, [[5e-324, -1e308]], 1))
def test_where_numbers_overflow_every_way_refuses_or_gives_finite_numbers_that_agree(case):
    program, (xs,) = case.program, case.points
    expected = outcome(by_backward, program, xs)
    found = {name: outcome(way, program, xs) for name, way in WILD.items()}
    assert [got for got in found.values() if isinstance(got, str) and not REFUSAL.search(got)] == []
    if isinstance(expected, str):  # that a slope doesn't exist is sure; whether a sum overflows depends on its order
        without = [name for name, got in found.items() if not isinstance(got, str)]
        assert without == [] or "no finite derivative" not in expected
        return
    assert [name for name, got in found.items() if isinstance(got, str) and name not in MORE_REFUSALS] == []
    try:
        within = bounds(program, xs)
    except (ValueError, ZeroDivisionError):  # the analysis needs slopes of slopes
        return
    off = [2 * b for b in (within.value, *within.slopes)]  # each of the two may be off
    for got in found.values():
        if not isinstance(got, str) and all(map(math.isfinite, off)):  # the analysis may overflow, too
            assert share([got[0], *got[1]], [expected[0], *expected[1]], off) <= 1.0
