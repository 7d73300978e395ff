"""Nothing leaves the graph silently: what would is an error that says what to type instead."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize(
    "leave",
    [
        math.exp, float, int, round, math.floor, math.ceil, math.trunc, complex,
        lambda v: v // 2, lambda v: 2 // v, lambda v: divmod(v, 2), lambda v: divmod(2, v),
        lambda v: np.array([v], dtype=float), lambda v: round(v, 2),
    ],
)  # fmt: skip
def test_nothing_leaves_the_graph_silently(leave):
    with pytest.raises(TypeError, match=r"v\.data"):
        leave(Value(2.5, label="v"))


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: np.exp(v), r"use autograd\.exp\(v\), or v\.data"),
        (lambda v: np.maximum(v, 0), r"use autograd\.maximum\(v, w\), or v\.data"),
        (lambda v: np.floor(v), r"v\.data"),
        (lambda v: np.add.reduce(v), r"v\.data"),
        (lambda v: v * np.ones(2), "one number, not an array"),
        (lambda v: np.ones(2) * v, "one number, not an array"),
        (lambda v: np.complex128(1 + 2j) * v, "an operand must be a real number"),
        (lambda v: v + np.array("3"), "an operand must be a real number"),
        (lambda v: np.add(1.0, v, where=False), "takes no where"),
        (lambda v: np.add(1.0, v, out=np.zeros(())), "takes no out"),
    ],
)
def test_numpy_functions_do_not_swallow_a_value(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0, label="v"))


@pytest.mark.parametrize(
    ("operation", "mend"),
    [
        (lambda v: autograd.tanh([v, v]), "take its items one by one"),
        (lambda v: setattr(v, "grad", None), r"set it to 0\.0 for none"),
        (lambda v: v.backward(None), r"^seed must .*got None \(NoneType\): leave it out for 1\.0$"),
        (lambda v: Value(None), "^data must .*: a function without return gives None; of data, leave out the examples"),
        (lambda v: v > None, "^what a Value is compared with must .*: a function without return gives None"),
        (lambda v: autograd.tanh(None), "^the argument of tanh must .*: a function without return gives None"),
        (lambda v: autograd.dot([v], ["0.5"]), r"got '0\.5' \(str\): float\(\) makes a number of it$"),
        (lambda v: autograd.dot([v], ["a"]), r"got 'a' \(str\): number such names yourself, 0 for the first of them"),
        (lambda v: setattr(v, "label", 3), "label must be a string"),
    ],
)
def test_what_beginners_type_is_answered_with_what_to_type_instead(operation, mend):
    with pytest.raises(TypeError, match=mend):
        operation(Value(1.0))


def test_what_has_no_derivative_leaves_the_graph_as_a_number():
    v, vs = Value(2.0), [Value(1.0), Value(-2.0), Value(3.0)]
    assert (1.0 * (v > 0), sum(x > 0 for x in vs)) == (1.0, 2)
    assert (np.argmax(vs), np.argmin(vs), np.count_nonzero(vs), np.searchsorted([0.0, 1.5], v)) == (2, 1, 3, 2)
    assert (np.argsort(vs).tolist(), np.sign(vs).tolist()) == ([1, 0, 2], [1, -1, 1])


@pytest.mark.parametrize(
    ("of", "gradient"),
    [
        (max, [0.0, 0.0, 1.0]),
        (np.max, [0.0, 0.0, 1.0]),
        (lambda vs: np.sort(vs)[0], [0.0, 1.0, 0.0]),
        (lambda vs: sorted(vs)[1], [1.0, 0.0, 0.0]),
        (np.sum, [1.0, 1.0, 1.0]),
        (np.mean, [1 / 3, 1 / 3, 1 / 3]),
        (np.median, [1.0, 0.0, 0.0]),
        (np.prod, [-6.0, 3.0, -2.0]),
        (np.ptp, [0.0, -1.0, 1.0]),
        (lambda vs: np.dot(vs, vs), [2.0, -4.0, 6.0]),
        (lambda vs: np.cumsum(vs)[1], [1.0, 1.0, 0.0]),
        (lambda vs: np.sum(np.abs(vs)), [1.0, -1.0, 1.0]),
        (lambda vs: np.sum(np.square(vs)), [2.0, -4.0, 6.0]),
    ],
)
def test_what_numpy_makes_of_a_list_of_values_is_a_value_with_its_gradients(of, gradient):
    vs = [Value(1.0), Value(-2.0), Value(3.0)]
    of(vs).backward()
    assert [v.grad for v in vs] == pytest.approx(gradient)


@pytest.mark.parametrize(
    "leave", [np.std, np.isfinite, np.round, np.floor, np.ceil, np.rint, np.histogram, np.heaviside, np.isnan]
)
def test_what_numpy_can_not_make_of_a_list_of_values_is_an_error(leave):
    vs = [Value(1.0), Value(-2.0), Value(3.0)]
    with pytest.raises((TypeError, AttributeError)):
        leave(vs, 0.5) if leave is np.heaviside else leave(vs)


def test_the_operators_have_names_in_numpy_that_take_plain_numbers():
    v = Value(5.0)
    assert (np.mod(v, 3.0).data, np.power(v, 2).data, np.subtract(1, v).data, np.add(v, np.float64(1.0)).data) == (
        2,
        25,
        -4,
        6,
    )
    assert np.less(v, 6.0)
    with pytest.raises(TypeError, match="an operand must be a real number, got '3'"):
        np.multiply(v, "3")
