"""The builder makes each operation once, and none for what needs no computing."""

from __future__ import annotations

import math

import pytest

from autograd import ops
from autograd.program.builder import Builder


@pytest.fixture
def builder() -> Builder:
    return Builder()


def test_equal_operations_are_one_array_and_zeros_of_either_sign_are_two(builder):
    x = builder.make("input", detail=(0, 3))
    assert builder.apply(ops.tanh, x) is builder.apply(ops.tanh, x)
    assert builder.constants([0.0, 1.0]) is builder.constants([0.0, 1.0])
    assert builder.constants([0.0, 1.0]) is not builder.constants([-0.0, 1.0])
    assert builder.elementwise(ops.mul, 0.0, x) is not builder.elementwise(ops.mul, -0.0, x)


def test_what_needs_no_computing_is_not_computed(builder):
    x = builder.make("input", detail=(0, 3))
    made = len(builder.arrays)
    assert builder.apply(ops.mul, 1.0, x) is builder.apply(ops.mul, x, 1.0) is x
    assert builder.apply(ops.add, x, 0.0) is builder.apply(ops.add, 0.0, x) is builder.apply(ops.sub, x, 0.0) is x
    assert builder.apply(ops.div, x, 1.0) is builder.apply(ops.pow, x, 1.0) is x
    assert builder.apply(ops.mul, x, 0.0) == 0.0
    assert builder.apply(ops.mul, 2.0, 3.0) == 6.0
    assert builder.rows(x, 0, 3) is builder.stack([x]) is builder.flat(x) is builder.segment_sum(x) is x
    assert len(builder.arrays) == made


def test_products_with_numbers_are_joined_where_no_precision_suffers(builder):
    x = builder.make("input", detail=(0, 3))
    y = builder.apply(ops.mul, 2.0, builder.apply(ops.mul, x, 3.0))
    assert y.args == (6.0, x)
    tiny = builder.apply(ops.mul, 1e-8, builder.apply(ops.mul, x, 1e8))
    assert tiny.args[0] == 1e-8
    assert builder.apply(ops.add, x, x).args == (2.0, x)
    assert builder.apply(ops.pow, x, 2.0).args == (x, x)


def test_rows_of_rows_are_rows_of_the_first(builder):
    x = builder.make("input", detail=(0, 9))
    part = builder.rows(builder.rows(x, 2, 8), 1, 3)
    assert (part.args, part.detail) == ((x,), (3, 5))


def test_rows_that_stand_together_are_not_taken_out_first(builder):
    x = builder.make("input", detail=(0, 9))
    taken = builder.take(x, (4, 4, 5, 1))
    assert builder.rows(taken, 0, 1) is builder.rows(taken, 1, 2) is builder.rows(x, 4, 5)
    assert builder.rows(taken, 1, 3) is builder.rows(x, 4, 6)
    assert builder.rows(taken, 2, 4).args == (taken,)


def test_a_column_of_equal_numbers_is_one_number(builder):
    assert builder.column([2.5, 2.5]) == 2.5
    assert math.copysign(1.0, builder.column([-0.0, -0.0])) == -1.0
    assert builder.column([0.0, -0.0]).rows == 2


def test_a_row_beside_groups_serves_a_whole_group(builder):
    x, each = builder.make("input", detail=(0, 6)), builder.make("vector", detail=2)
    y = builder.apply(ops.mul, builder.groups(x, 3), each)
    assert (y.rows, y.group, y.args[1].op) == (6, 3, "repeat")
