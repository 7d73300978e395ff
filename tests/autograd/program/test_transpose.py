"""The way back over the table: gradients in parts, which add up, and nothing where no gradient flows."""

from __future__ import annotations

import pytest

from autograd import ops, selection
from autograd.program.builder import Builder
from autograd.program.transpose import total, transposed


def test_the_parts_of_a_gradient_say_which_rows_they_are_for():
    builder = Builder()
    x = builder.make("input", detail=(0, 5))
    y = builder.apply(ops.mul, builder.rows(x, 0, 2), builder.rows(x, 3, 5))
    parts = transposed(y, 1.0)[x.serial]
    assert [rows for rows, _ in parts] == [range(3, 5), range(2)]
    whole = total(x, parts)
    assert (whole.op, whole.rows, whole.wide, whole.detail[0]) == ("assemble", 5, True, (range(3, 5), range(2)))


def test_parts_for_all_rows_are_added():
    builder = Builder()
    x = builder.make("input", detail=(0, 2))
    y = builder.apply(ops.mul, builder.apply(ops.sin, x), builder.apply(ops.cos, x))
    parts = transposed(y, 1.0)[x.serial]
    assert [rows for rows, _ in parts] == [None, None]
    assert total(x, parts).op is ops.add


def test_where_no_gradient_flows_nothing_is_made():
    builder = Builder()
    x, y = builder.make("input", detail=(0, 2)), builder.make("input", detail=(1, 2))
    z = builder.apply(ops.add, x, builder.apply(selection.detached, builder.apply(ops.exp, y)))
    parts = transposed(z, 1.0)
    assert parts[x.serial] == [(None, 1.0)]
    assert y.serial not in parts


def test_a_gradient_of_0_goes_on_for_it_may_meet_a_slope_that_is_infinite():
    builder = Builder()
    x = builder.make("input", detail=(0, 2))
    doubled = builder.apply(ops.exp, x)
    ((rows, zero),) = transposed(builder.apply(ops.sub, doubled, doubled), 1.0)[x.serial]
    assert (rows, zero.op, zero.args[0]) == (None, ops.mul, 0.0)


def test_what_only_gradients_need_has_no_way_back():
    builder = Builder()
    x = builder.make("input", detail=(0, 2))
    with pytest.raises(TypeError, match=r"<sum_rows 1: 1 × batch> has no way back"):
        transposed(builder.make("sum_rows", x), 1.0)
