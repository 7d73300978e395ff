"""The operators of Python between Values and numbers: arithmetic, comparisons, truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value

numbers = st.floats(-1e3, 1e3)


@given(numbers, numbers)
def test_values_and_numbers_mix_on_either_side(x, y):
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        assert (left + right).data == x + y
        assert (left - right).data == x - y
        assert (left * right).data == x * y
        if y:
            assert (left / right).data == x / y
    assert (-Value(x)).data == -x
    assert abs(Value(x)).data == abs(x)
    assert (+Value(x)).data == x


@given(st.floats(0.01, 10), st.floats(-5, 5))
def test_powers_work_with_values_and_numbers_on_either_side(x, y):
    expected = pytest.approx(x**y, rel=1e-14)
    assert (Value(x) ** Value(y)).data == expected
    assert (Value(x) ** y).data == expected
    assert (x ** Value(y)).data == expected


@pytest.mark.parametrize("scalar", [np.float64(3), np.float32(3), np.int64(3), True])
def test_numpy_scalars_mix_with_values_on_either_side(scalar):
    x = Value(2.0)
    for y in (scalar * x, x * scalar):
        assert isinstance(y, Value)
        assert y.data == 2.0 * float(scalar)


@pytest.mark.parametrize("other", ["a", None, [1.0], np.array([1.0, 2.0]), 1j])
def test_arithmetic_with_anything_else_is_a_type_error(other):
    for operation in (lambda v: v * other, lambda v: other - v, lambda v: v**other):
        with pytest.raises(TypeError):
            operation(Value(2.0))
    with pytest.raises(TypeError, match="maximum"):
        autograd.maximum(Value(2.0), other)


def test_numpys_scalars_and_arrays_of_one_number_become_values_in_place():
    for x in (np.float64(3.0), np.array(3.0)):
        v = Value(1.0)
        x += v
        assert isinstance(x, Value)
        assert (x.data, x.parents) == (4.0, (v,))


def test_another_class_may_answer_an_operator_that_value_does_not_know():
    class Other:
        def __radd__(self, value):
            return "answered"

    assert Value(1.0) + Other() == "answered"


@given(st.floats(), st.floats(allow_nan=False).filter(bool))
def test_an_operator_records_what_its_function_records(x, y):
    class Parameter(Value):
        pass

    for a, b in ((Value(x), Value(y)), (Parameter(x), Value(y)), (Value(x), Parameter(y))):
        for infix, named in (
            (a + b, autograd.add(a, b)), (a - b, autograd.sub(a, b)),
            (a * b, autograd.mul(a, b)), (a / b, autograd.div(a, b)),
        ):  # fmt: skip
            assert type(infix) is type(named) is Value
            assert (repr(infix), infix.op, infix.parents) == (repr(named), named.op, named.parents)
            assert (infix.label, infix.grad, infix.parents) == ("", 0.0, (a, b))
        with autograd.no_grad():
            assert (a + b).parents == (a * b).parents == ()


def test_an_integer_that_is_too_large_for_a_float_is_refused():
    for operation in (lambda v, n: v + n, lambda v, n: n * v, lambda v, n: v / n):
        with pytest.raises(OverflowError, match=r"an operand of [+*/] is too large for a float"):
            operation(Value(2.0), 10**400)


def test_pythons_sum_works():
    values = [Value(1.0), Value(2.0)]
    assert sum(values).data == 3.0


@given(numbers, numbers)
def test_comparisons_are_by_data(x, y):
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        assert (left < right, left <= right, left > right, left >= right) == (x < y, x <= y, x > y, x >= y)


def test_a_value_is_true_unless_it_is_zero():
    assert Value(0.1)
    assert not Value(0.0)


def test_a_negative_value_is_true_and_only_zero_is_false():
    assert bool(Value(-1.0))
    assert bool(Value(math.nan))
    assert not Value(0.0)
    assert not Value(-0.0)


def test_comparing_with_something_else_is_an_error():
    with pytest.raises(TypeError, match="compared"):
        Value(1.0) < "a"  # noqa: B015
