"""What is true of a Value: how it is made, what it shows, what may be assigned to it, and how it is detached."""

from __future__ import annotations

import sys
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.basics.moment import moment


@pytest.mark.parametrize("x", [2, 2.0, True, Fraction(1, 2), np.float64(2), np.float32(2), np.float16(2), np.int64(2)])
def test_data_is_kept_as_a_python_float(x):
    assert type(Value(x).data) is float
    assert Value(x).data == float(x)


@pytest.mark.parametrize("x", ["2", None, 2j, [2.0], np.array([2.0]), Decimal(2), Value(2.0)])
def test_data_that_is_no_real_number_is_refused_by_name(x):
    with pytest.raises(TypeError, match="data must be"):
        Value(x)


def test_what_float_takes_and_is_no_real_number_is_refused_with_the_mend():
    with pytest.raises(TypeError, match=r"got Decimal\('0.1'\) \(Decimal\): float\(\) makes a number of it"):
        Value(Decimal("0.1"))


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises(OverflowError, match="data is too large"):
        Value(10**400)


@pytest.mark.parametrize("label", [3, 0, None, b""])
def test_a_label_is_a_string(label):
    with pytest.raises(TypeError, match="label must be a string"):
        Value(1.0, label=label)


def test_the_label_of_a_subclass_goes_by_its_own_property():
    class Shouting(Value):
        @property
        def label(self) -> str:
            return self._label

        @label.setter
        def label(self, label: str) -> None:
            self._label = label.upper()

    assert Shouting(1.0, "x").label == "X"
    assert Shouting(1.0).label == ""


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


def test_a_detached_value_sends_no_gradient_back():
    x = Value(3.0, label="x")
    d = x.detach()
    (x * d).backward()
    assert (x.grad, d.grad, d.data, d.label) == (3.0, 3.0, 3.0, "x")


def test_a_detached_value_of_a_function_that_is_compiled_is_a_constant_to_it():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * w.detach() * x, [w])
    assert program([2.0]) == 18.0
    assert w.grad == 6.0
    w.data, w.grad = 4.0, 0.0
    assert program([2.0]) == 32.0
    assert w.grad == 8.0


def test_assignments_of_several_threads_are_all_counted():
    """The count has no lock: it rests on Python's switching threads at calls and jumps only."""
    leaves = [Value(0.0) for _ in range(4)]
    n, before, interval = 20_000, moment.clock, sys.getswitchinterval()

    def assign(leaf: Value) -> None:
        for i in range(n):
            leaf.data = float(i)

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=assign, args=(leaf,)) for leaf in leaves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert moment.clock - before == n * len(leaves)
