"""A number given for a list, and a list of one number for a number, are told with the argument and the mend."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograd import Value, compile, grad, hessian, jacobian, jvp

product = lambda v: v[0] * v[1]  # noqa: E731
ITEMS = "argument 0 is one number, and the function asks for its items: give a list, such as [3.0, 4.0]"


def unpacked(v):
    a, b = v
    return a * b


@pytest.mark.parametrize("f", [product, unpacked, lambda v: len(v) * 2.0, lambda v: next(x * x for x in v)])
@pytest.mark.parametrize(
    "differentiate",
    [grad, hessian, jacobian, lambda f: lambda x: jvp(f, (x,), (1.0,)), lambda f: lambda x: grad(f)(Value(x))],
)
def test_a_number_for_a_list_is_told(differentiate, f):
    with pytest.raises(TypeError, match=f"^{re.escape(ITEMS)}$"):
        differentiate(f)(3.0)


def test_a_list_of_one_number_for_a_number_is_told():
    with pytest.raises(TypeError, match=r"^argument 1 is a list of one number, .*: give the number alone, 5\.0$"):
        grad(lambda x, y: (2.0 - y) * x, (0, 1))(3.0, [5])


@pytest.mark.parametrize("column", [[[1.0], [2.0]], np.array([[1.0], [2.0]])])
@pytest.mark.parametrize(
    "f",
    [
        lambda w, x, y: (w * x - y) ** 2,
        lambda w, x, y: y + w * x,
        lambda w, x, y: abs(y) * w,
        lambda w, x, y: w * (y > 0),
    ],
)
def test_a_compiled_function_tells_which_argument_is_a_column(f, column):
    w = Value(3.0)
    program = compile(lambda x, y: f(w, x, y), [w])
    with pytest.raises(TypeError, match=r"^argument 1 of each example is a list of one number") as error:
        program([1.0, 2.0], column)
    assert "[x for (x,) in batch], or batch[:, 0] of an array" in str(error.value)
    assert w.grad == 0.0
    assert program([1.0, 2.0], [x for (x,) in column]) == program([1.0, 2.0], np.array(column)[:, 0])


def test_a_compiled_function_tells_which_argument_is_no_list():
    with pytest.raises(TypeError, match=r"^argument 0 of each example is one number, .*\[\[1\.0, 2\.0\], \[3\.0, 4"):
        compile(product)([3.0, 4.0])


@pytest.mark.parametrize("x", [3.0, [3.0], [3.0, 4.0]])
def test_other_errors_are_left_as_they_are(x):
    nothing = None
    with pytest.raises(TypeError, match=r"^unsupported operand type\(s\) for -: 'str' and 'int'$"):
        grad(lambda v: "3" - 1)(x)
    with pytest.raises(TypeError, match=r"^'NoneType' object is not subscriptable$"):
        grad(lambda v: nothing[0])(x)


def test_the_traceback_ends_at_the_line_of_the_function():
    with pytest.raises(TypeError) as error:
        grad(unpacked)(3.0)
    assert error.traceback[-1].name == "unpacked"
