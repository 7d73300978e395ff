"""Expressions on a page: numbers and brackets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd.program.export.identifiers import Identifiers
from autograd.program.export.text import ATOM, SIGN, SUM, Notes, Text, number, written


@pytest.mark.parametrize("x", [0.0, -0.0, 1.0, -2.0, 0.1, 1e300, 1e15, math.inf, -math.inf, math.nan, 5e-324])
def test_a_number_reads_back_as_itself(x: float):
    for text in (written(x), number(x).text):
        found = float(eval(text, {"np": np}))
        assert (found == x and math.copysign(1, found) == math.copysign(1, x)) or x != x


def test_what_holds_less_tightly_is_bracketed():
    assert Text("a + b", SUM).within(ATOM) == "(a + b)"
    assert Text("a + b", SUM).within(SUM) == "a + b"
    assert number(-1.0).holds == SIGN


def test_a_long_list_is_a_table_that_equal_lists_share():
    notes = Notes(Identifiers())
    assert notes.numbers([1, 2]) == "[1, 2]"
    assert notes.numbers(range(100, 130)) == notes.numbers(range(100, 130)) == "TABLE1"
