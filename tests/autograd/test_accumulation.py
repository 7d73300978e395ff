"""Gradients from elsewhere are added to those of leaves: to all of them, or to none."""

from __future__ import annotations

import pytest

from autograd import Value
from autograd.accumulation import accumulate, received


def test_gradients_add_up_in_the_leaves() -> None:
    x, y = Value(1.0), Value(2.0)
    accumulate([x, y], [3.0, 4.0])
    accumulate([y, x], [0.5, 0.25])
    assert (x.grad, y.grad) == (3.25, 4.5)


def test_a_sum_that_is_not_finite_changes_none_of_them() -> None:
    x, y = Value(1.0), Value(2.0, label="y")
    x.grad, y.grad = 1.0, 1e308
    with pytest.raises(ValueError, match="y"):
        accumulate([x, y], [1.0, 1e308])
    assert (x.grad, y.grad) == (1.0, 1e308)


def test_sums_that_are_finite_though_all_of_them_together_are_not_are_added() -> None:
    leaves = [Value(0.0), Value(0.0)]
    accumulate(leaves, [1e308, 1e308])
    assert [leaf.grad for leaf in leaves] == [1e308, 1e308]


def test_what_a_leaf_receives_is_found_without_a_change() -> None:
    x, y = Value(3.0), Value(2.0)
    x.grad = 5.0
    assert dict(received(x * x * y)) == {x: 12.0, y: 9.0}
    assert (x.grad, y.grad) == (5.0, 0.0)
