"""The table of array operations: finite differences confirm each gradient, and every reader knows each entry."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Value, ops
from autograd.program import compile
from autograd.program.builder import Builder
from autograd.program.einsum import Einsum, View
from autograd.program.engines import Task
from autograd.program.engines.numpy.calls import CALLS, GIVEN, VIEWS
from autograd.program.engines.numpy.kernels import UFUNCS
from autograd.program.ir import OF_LISTS, OF_NUMBERS, OPERATIONS, Array, Group, operation
from autograd.program.patterns import Shape
from autograd.program.transpose import total, transposed
from tests.support.list_engine import Lists

Make = Callable[[Builder, Array, Array], Array]
"""From a vector of six numbers and an input of six rows to an Array."""


def less_the_largest(b: Builder, v: Array, x: Array) -> Array:
    """What no gradient goes through is taken from numbers in a function that doesn't depend on it."""
    xs = b.groups(b.elementwise(ops.mul, x, v), 3)
    powers = b.make(ops.exp, b.elementwise(ops.sub, xs, b.segment_max(xs)))
    return b.elementwise(ops.div, powers, b.segment_sum(powers))


MADE: dict[str, Make] = {
    "rows": lambda b, v, x: b.rows(x, 1, 4),
    "take": lambda b, v, x: b.take(v, [2, 0, 2, 5]),
    "stack": lambda b, v, x: b.stack([b.rows(v, 4, 6), x, v]),
    "matrix": lambda b, v, x: b.make("matrix", v, detail=(1, 2, 2)),
    "groups": lambda b, v, x: b.elementwise(ops.mul, b.groups(x, 3), b.groups(v, 3)),
    "repeat": lambda b, v, x: b.elementwise(ops.mul, b.groups(x, 3), b.repeat(b.rows(v, 0, 2), 3)),
    "segment_sum": lambda b, v, x: b.segment_sum(b.elementwise(ops.mul, b.groups(x, 2), b.groups(v, 2))),
    "segment_max": less_the_largest,
    "softmax": lambda b, v, x: b.make("softmax", b.elementwise(ops.mul, x, v), detail=3),
    "centred": lambda b, v, x: b.make("centred", b.elementwise(ops.mul, x, v), detail=3),
    "product": lambda b, v, x: b.make("product", v, b.rows(x, 0, 2), detail=(3, 2)),
    "neurons": lambda b, v, x: b.make("neurons", b.make("matrix", v, detail=(0, 2, 3)), b.rows(x, 2, 4), detail=(2, 2)),
    "einsum": lambda b, v, x: b.stack([  # a matrix for all positions; positions with each other, of two heads
        b.make("einsum", v, x, detail=Einsum(
            (View("ik", 1, (2, 1)), View("jk", 0, (2, 1))), "ji", (("i", 2), ("j", 3), ("k", 2)), True)),
        b.make("einsum", x, b.elementwise(ops.mul, x, v), detail=Einsum(
            (View("tpk", 0, (2, 1, 1)), View("spk", 1, (2, 1, 1))), "pts",
            (("k", 1), ("p", 2), ("s", 2), ("t", 3)), True)),
    ]),
    "gather": lambda b, v, x: b.stack([
        b.make("gather", v, b.rows(x, 1, 2), detail=(1, 2, 3)),  # one table for all examples, and one for each
        b.make("gather", b.elementwise(ops.mul, x, v), b.rows(x, 1, 3), detail=(2, 3, 2)),
    ]),
    "a rule of numbers": lambda b, v, x: b.elementwise(ops.atan2, b.elementwise(ops.mul, x, b.rows(v, 0, 1)), v),
    "where": lambda b, v, x: b.elementwise("where", x > 0.1, b.elementwise(ops.mul, x, v), v),
    "a rule of lists": lambda b, v, x: b.make(
        ops.cross_entropy, b.rows(v, 0, 2), b.groups(x, 3), detail=(False, False)
    ),
}  # fmt: skip
"""An Array of each operation that a function is made of."""

BACK_ALONE = {"flat", "outer", "back", "scatter", "sum_rows", "sum_batch", "full", "assemble"}
"""What is only there for gradients; comparisons are, too."""


def begun() -> tuple[Builder, Array, Array]:
    builder = Builder()
    return builder, builder.make("vector", detail=6), builder.make("input", detail=(0, 6))


def test_there_is_an_example_of_every_operation_with_a_gradient():
    with_gradient = {entry.name for entry in (*OPERATIONS.values(), OF_NUMBERS, OF_LISTS) if entry.gradient}
    assert with_gradient == set(MADE)
    given = {"input", "vector", "captured", "constants", "batch"}
    assert set(OPERATIONS) == (with_gradient & set(OPERATIONS)) | given | BACK_ALONE | {
        "<", "<=", ">", ">=", "&", "|",
    }  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_the_gradient_of_an_operation_is_that_of_finite_differences(name: str):
    builder, v, x = begun()
    y = MADE[name](builder, v, x)
    assert name in {operation(node.op).name for node in builder.arrays}
    seed = builder.constants([0.5 + 0.3 * i for i in range(y.rows)])
    parts = transposed(y, builder.groups(seed, y.group) if y.group else seed)
    given = [x], v
    backward = Task(*given, [total(x, parts[x.serial])] if x.serial in parts else [], parts.get(v.serial, []))
    vector = [0.4, -1.1, 0.7, 1.3, -0.6, 0.9]
    columns = [[0.3, -0.8], [1.2, 0.5], [-0.4, 0.1], [0.6, -1.5], [0.2, 0.8], [1.1, -0.7]]

    def ran(work: Any) -> tuple[Any, list[float]]:
        engine = Lists()
        memory = engine.memory(6, 0)
        memory.vector[:] = vector
        run = engine.prepare(work).run_for(2, memory)
        run.load(0, columns)
        run()
        return run.results, memory.gradient

    def weighted() -> float:
        ((rows, *_), _) = ran(Task(*given, [y]))
        return sum((0.5 + 0.3 * i) * number for i, row in enumerate(rows) for number in row)

    def slope(numbers: list[float], i: int, h: float = 1e-5) -> float:
        before, sides = numbers[i], []
        for step in (h, -h):
            numbers[i] = before + step
            sides.append(weighted())
        numbers[i] = before
        return (sides[0] - sides[1]) / (2 * h)

    results, gradient = ran(backward)
    assert gradient == pytest.approx([slope(vector, i) for i in range(6)], abs=1e-8)
    if results:
        wide = [[row[j if len(row) > 1 else 0] for j in range(2)] for row in results[0]]
        assert [*wide[0], *wide[-1]] == pytest.approx([slope(columns[i], j) for i in (0, 5) for j in (0, 1)], abs=1e-8)


@pytest.mark.parametrize("name", OPERATIONS)
def test_numpy_computes_every_operation_in_one_way(name: str):
    tables: tuple[Any, ...] = (GIVEN, VIEWS, CALLS, UFUNCS, {"input"})
    assert sum([name in table for table in tables]) == 1


def test_one_row_serves_many_and_one_number_all_examples():
    builder, v, x = begun()
    first = builder.rows(v, 0, 1)
    assert Shape(*[getattr(builder.apply(ops.add, first, x), name) for name in Shape._fields]) == Shape(6, True, 0)
    assert builder.apply(ops.add, first, v).wide is False


def test_a_group_is_met_once_and_counts_for_all():
    builder, _, x = begun()
    group = Group(builder.groups(x, 3))
    assert (len(group), list(group)) == (3, [builder.groups(x, 3)])
    assert repr(builder.groups(x, 3)) == "<groups 2: 6 × batch>"


def test_what_no_example_changes_is_a_number_that_python_knows():
    builder, v, _ = begun()
    twice = builder.apply(ops.mul, 2.0, builder.batch)
    assert (twice.is_number, twice.number) == (True, 2.0)
    assert not v.is_number
    assert math.isnan(builder.elementwise(ops.log, builder.apply(ops.neg, twice)).number)


def test_a_derivative_may_apply_a_rule_of_lists_to_a_whole_list():
    def slopes(y: Any, xs: Any) -> Any:
        return ([ops.exp(x - ops.logsumexp(tuple(xs))) for x in xs],)

    mine = ops.Nary("mine", "ln Σ eˣ", ops.logsumexp.forward, slopes, latex="#1")
    w = Value(0.5)
    program = compile(lambda x: mine((w * x[0], x[1], w)), [w])
    program([[1.0, 2.0], [-0.5, 0.25]])
    found = w.grad
    w.grad = 0.0
    autograd.mean([autograd.logsumexp([w * a, b, w]) for a, b in ((1.0, 2.0), (-0.5, 0.25))]).backward()
    assert found == pytest.approx(w.grad, rel=1e-14)


def test_a_derivative_may_apply_a_rule_of_lists_to_several_lists():
    _, v, x = begun()
    assert ops.sum((x, x)).op is ops.mul
    found = ops.logsumexp((x, 2.0, v))
    assert (found.op, found.rows, found.wide) == (ops.logsumexp, 6, True)
    assert found.args[0].group == 3
