"""The rules are exact to the last digits, over all that a float can be; accuracy.py says how that is measured."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import Value, gradient
from autograd.ops import RULES
from autograd.rules import Unary
from tests.properties import accuracy
from tests.properties.accuracy import (
    BOUND,
    BOUND_BY_XLA,
    COUNTED_IN,
    MAX,
    TABLE,
    by_formulas,
    errors,
    notes,
    points,
    table,
    ulps,
    worst_by_xla,
)
from tests.support.examples import share
from tests.support.oracles import ORACLES, count, inside, mp_exp_of_negative

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
SLOW = {"digamma", "lgamma", "erfinv"}  # in mpmath
WITH_THE_SLOW = [pytest.param(r, id=n, marks=[pytest.mark.slow] if n in SLOW else []) for n, r in RULES.items()]


@pytest.mark.parametrize("rule", WITH_THE_SLOW)
def test_value_and_derivatives_are_right_to_the_last_digits_at_the_edges_and_in_between(rule):
    found = [error for flat in points(rule, 10) for error in errors(rule, flat)]
    assert {error.order for error in found} == {0, 1, 2}
    assert [error for error in found if not error.ulps <= BOUND[error.order]] == []


@every_rule
@share(0.2)
@given(data=st.data())
def test_value_and_derivatives_are_right_to_the_last_digits_at_any_number(rule, data):
    n = count(rule, data.draw(st.integers(1, 3)))
    numbers = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-30, 30) | st.floats(0, 1)
    numbers = numbers | st.integers(-3, 3).map(float)
    flat = [x + 0.0 for x in data.draw(st.lists(numbers, min_size=n, max_size=n))]  # mpmath has no -0.0
    assume(inside(rule, flat))
    assert [error for error in errors(rule, flat) if not error.ulps <= BOUND[error.order]] == []


def test_the_table_names_every_rule_and_its_bounds():
    rows = table(TABLE.read_text(encoding="utf-8"))
    named = [row[0].strip("`") for row in rows]
    for name in RULES:
        assert name in named, f"python -m tests.properties.accuracy {name} measures and writes its row"
    assert named == list(RULES)
    for rule, row in zip(RULES.values(), rows):
        assert row[5:] == [notes(rule)]
        assert all(0 <= float(worst) <= bound for worst, bound in zip(row[1:4], BOUND))
        assert row[4], f"python -m tests.properties.accuracy --engine jax --points 200 {rule.name} fills a cell"
        assert all(0 <= float(worst) <= BOUND_BY_XLA for worst in row[4].split(", "))


@pytest.mark.jax
@pytest.mark.parametrize("name", ["log1p", "atanh", "tanh", "sinh", "erfc", "gelu", "logsumexp"])
def test_by_xla_value_and_slopes_have_the_digits_that_the_table_says(name):
    assert [x for x in worst_by_xla(RULES[name], points(RULES[name], 10)) if not x.ulps <= BOUND_BY_XLA] == []


def test_an_error_is_counted_in_units_in_the_last_place():
    assert ulps(1.0, 1.0, 0.0) == 0.0
    assert ulps(math.nextafter(1.0, 2), 1.0, 0.0) == 1.0
    assert ulps(3.0, 3.0 + 2 * math.ulp(3.0), 0.0) == 2.0
    assert ulps(0.0, 1e-16, 1.0) < 1 < ulps(0.0, 1e-16, 0.0)
    assert ulps(math.inf, 1.0, 0.0) == math.inf
    assert (ulps(math.nan, MAX * 2, MAX * 4), ulps(math.nan, 1.0, 2.0)) == (0.0, math.inf)
    assert set(COUNTED_IN) <= {(name, order) for name in RULES for order in range(3)}


def measured(monkeypatch, tmp_path, capsys, rule):
    """What the measuring of a new rule says, and whether it writes a row."""
    page = tmp_path / "exactness.md"
    page.write_text(TABLE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setitem(RULES, rule.name, rule)
    monkeypatch.setattr(accuracy, "TABLE", page)
    with pytest.raises(SystemExit) as end:
        accuracy.main([rule.name, "--points", "1"])
    return f"{end.value}{capsys.readouterr().err}", f"`{rule.name}`" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        (lambda y, a: -2 * a * y * (1 + 1e-13), r"a first derivative at .* ulp off, where 4 are allowed"),
        (lambda y, a: -2 * a / (1 / y), r"a first derivative at .* inf ulp off"),
    ],
)
def test_what_is_off_or_refused_without_need_is_said_and_not_written(monkeypatch, tmp_path, capsys, slope, said):
    rule = Unary("gaussian", "e ** -a²", lambda a: math.exp(-a * a), slope, latex="#1")
    monkeypatch.setitem(ORACLES, "gaussian", lambda a: mp_exp_of_negative(-a * a))
    text, written = measured(monkeypatch, tmp_path, capsys, rule)
    assert re.search(said, text)
    assert not written


def test_a_rule_without_a_true_function_is_told_where_to_write_it(monkeypatch, tmp_path, capsys):
    rule = Unary("gaussian", "e ** -a²", lambda a: math.exp(-a * a), lambda y, a: -2 * a * y, latex="#1")
    text, written = measured(monkeypatch, tmp_path, capsys, rule)
    assert "mpmath has no function gaussian: write it with those that it has into ORACLES" in text
    assert not written


# ------------------------------------------------------------------------------------------------ what this uncovered


@pytest.mark.parametrize("b", [2.0**53, 2.0**53 + 2, -(2.0**53), 1e100, -1e100])
def test_the_slope_of_a_huge_power_of_minus_one_has_the_right_sign(b):
    # b is even and b - 1 odd, but as a float b - 1 is b
    a = Value(-1.0)
    assert gradient(a**b, a) == -b


@pytest.mark.parametrize(
    ("name", "flat"),
    [
        ("pow", [-1.0000000000000822, -(2.0**53) - 2]),  # the power in the slope has seven bits, and the slope all
        ("pow", [4.9792233684969345e-276, 0.8805174961295502]),  # what is counted in is larger than any float
        ("elu", [-1000.0, 1.7976931348623157e308]),  # the exponential in the slope is 0, and the slope 9e-127
        ("mean", [-1.7976931348623157e308, -1e308]),  # their sum is too large for a float
        ("dot", [1e200, -1e250, 1e200, 1e300, 1.0]),  # and so are these products, of both signs
        ("digamma", [-3732813325533.352]),  # from which mpmath would count up to 0
    ],
)
def test_what_many_points_found_is_right_by_the_true_function_and_by_formulas_in_many_digits(name, flat):
    rule = RULES[name]
    for true in (None, by_formulas(rule, flat)):
        found = list(errors(rule, flat, true=true))
        assert {error.order for error in found} in ({0}, {0, 1, 2})
        assert [error for error in found if not error.ulps <= BOUND[error.order]] == []
