"""One attribute of many objects is set: of all of them, or of none."""

from __future__ import annotations

import pytest

from autograd import Value
from autograd.basics.setting import assign


def test_all_are_set() -> None:
    leaves = [Value(1.0), Value(2.0)]
    assign(leaves, "data", [3.0, 4.0])
    assign(leaves, "grad", [5.0, 6.0])
    assert [(leaf.data, leaf.grad) for leaf in leaves] == [(3.0, 5.0), (4.0, 6.0)]


def test_if_one_cannot_be_set_none_is() -> None:
    leaves = [Value(1.0), Value(2.0)]
    with pytest.raises(TypeError):
        assign(leaves, "data", [3.0, "four"])  # type: ignore[list-item]
    assert [leaf.data for leaf in leaves] == [1.0, 2.0]
