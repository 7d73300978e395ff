"""Numbers in a few digits."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.notation.text import figure, figure_of_count


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_figure_is_exact_or_shows_that_it_was_rounded(x):
    text = figure(x)
    assert len(text) <= 11
    if float(text) != x:
        assert abs(Decimal(text) - Decimal(x)) <= abs(Decimal(x)) * Decimal("5.001e-4")
        assert len(re.sub(r"e.*|\D", "", text).lstrip("0")) >= 4


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"), (0.99999, "1.000"), (0.46211715, "0.4621"),
        (-1.2e-9, "-1.2e-09"),
        (1000.0, "1000"), (12345.0, "12345"), (12345.67, "12350"), (-123456.7, "-123500"), (12345.6, "12345.6"),
        (999999.7, "1e+06"), (1e6, "1e+06"),
        (math.inf, "inf"), (math.nan, "nan"),
    ],
)  # fmt: skip
def test_figures_are_what_one_would_write_on_a_board(x, text):
    assert figure(x) == text


def test_counts_with_thousands_of_digits_are_rounded():
    assert [figure_of_count(n) for n in (1, 10**6, 2**200, 2**100_000)] == [
        "1",
        "1,000,000",
        "about 1.61e60",
        "about 9.99e30102",
    ]
