"""What is true of a Value: how it is made, what it shows, and how it computes with other numbers."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value

numbers = st.floats(-1e3, 1e3)


@pytest.mark.parametrize("x", [2, 2.0, True, Fraction(1, 2), np.float64(2), np.float32(2), np.float16(2), np.int64(2)])
def test_data_is_kept_as_a_python_float(x):
    assert type(Value(x).data) is float
    assert Value(x).data == float(x)


@pytest.mark.parametrize("x", ["2", None, 2j, [2.0], np.array([2.0]), Decimal(2), Value(2.0)])
def test_data_that_is_no_real_number_is_refused_by_name(x):
    with pytest.raises(TypeError, match="data must be"):
        Value(x)


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises(OverflowError, match="data is too large"):
        Value(10**400)


def test_a_label_is_a_string():
    with pytest.raises(TypeError, match="label must be a string"):
        Value(1.0, label=3)


def test_the_repr_shows_label_data_and_grad():
    x = Value(2.0, label="x")
    (x * 3).backward()
    assert repr(x) == "Value(data=2.0, grad=3.0, label='x')"
    assert f"{x:.2f}" == "2.00"


def test_data_grad_and_label_can_be_set_and_op_and_parents_read():
    a, b = Value(2.0), Value(3.0)
    y = a * b
    y.label, a.data, a.grad = "y", 5, 1
    assert (y.label, a.data, a.grad) == ("y", 5.0, 1.0)
    assert y.op == "*"
    assert y.parents == (a, b)
    assert a.op == ""
    assert a.parents == ()
    for name in ("op", "parents"):
        with pytest.raises(AttributeError):
            setattr(a, name, None)


@pytest.mark.parametrize("attribute", ["data", "grad"])
@pytest.mark.parametrize("x", ["2", None, [1.0]])
def test_a_bad_assignment_is_refused_and_changes_nothing(attribute, x):
    v = Value(2.0)
    with pytest.raises(TypeError, match=f"{attribute} must be"):
        setattr(v, attribute, x)
    assert (v.data, v.grad) == (2.0, 0.0)


def test_a_typo_in_an_attribute_is_an_error():
    with pytest.raises(AttributeError):
        Value(1.0).lable = "x"


def test_parents_hold_the_values_of_n_ary_nodes_and_no_plain_numbers():
    w, x, b = Value(1.0), Value(2.0), Value(3.0)
    assert autograd.dot([w, w], [x, 4.0], b).parents[:3] == (w, w, x)
    assert autograd.dot([w], [2.0], 1.0).parents == (w,)
    assert (w + 1).parents == (w,)
    assert (w * w).parents == (w, w)


def test_identity_is_identity():
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert len({a, b, a}) == 2


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


# --------------------------------------------------------------------------------------------------- arithmetic


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


def test_pythons_sum_works():
    values = [Value(1.0), Value(2.0)]
    assert sum(values).data == 3.0


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: autograd.tanh([v, v]), "take its items one by one"),
        (lambda v: setattr(v, "grad", None), r"set it to 0\.0 for none"),
        (lambda v: setattr(v, "label", 3), "label must be a string"),
    ],
)
def test_what_beginners_type_is_answered_with_what_to_type_instead(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0))
