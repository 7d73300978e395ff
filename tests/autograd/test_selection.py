"""Rules that only a compiled function needs: what they give, and what hands no gradient on."""

from __future__ import annotations

import math
from math import inf, nan

from autograd.ops import RULES
from autograd.selection import OneHot, detached, item, masked


def test_they_are_no_part_of_the_table():
    assert not {rule.name for rule in (OneHot(3), detached, item, masked)} & RULES.keys()


def test_an_index_is_one_hot_where_it_is_equal_and_no_number_where_it_is_no_index():
    rule = OneHot(3)
    assert [rule(2.0, float(k)) for k in range(3)] == [0.0, 0.0, 1.0]
    assert [rule(0.0, float(k)) for k in range(3)] == [1.0, 0.0, 0.0]
    assert [rule(1.0, float(k)) for k in range(3)] == [0.0, 1.0, 0.0]
    for no_index in (-1.0, 3.0, 4.0, 0.5, nan):
        assert math.isnan(rule(no_index, 1.0))
    assert (rule.da(1.0, 2.0, 2.0), rule.db(1.0, 2.0, 2.0)) == (0.0, 0.0)


def test_masked_takes_minus_infinity_in_place_of_a_number():
    assert (masked(2.0, 0.0), masked(2.0, 1.0)) == (2.0, -inf)
    assert (masked.da(2.0, 2.0, 0.0), masked.da(-inf, 2.0, 1.0), masked.db(2.0, 2.0, 0.0)) == (1.0, 0.0, 0.0)
