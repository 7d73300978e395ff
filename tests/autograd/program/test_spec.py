"""What is asked of a program, and what it is given: specs that are no specs, batches that are no batches."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.program.spec import all_finite, arrays_of, chosen, columns_of, handed_again, rows_of, spec

w = Value(2.0, label="w")


def fn(x: Any) -> Any:
    return w * x


def test_a_spec_keeps_what_it_was_made_of() -> None:
    made = spec(fn, iter([w]), "float32", 8)
    assert (made.fn, made.parameters, made.dtype, made.loss_scale) == (fn, [w], "float32", 8.0)


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (TypeError, "fn must be a function of one example, got 3", (3, [w], "float64", 1.0)),
        (TypeError, "parameters must be a list of leaves, such as", (fn, w, "float64", 1.0)),
        (TypeError, "parameters must be leaves to differentiate for, got 1.0", (fn, [1.0], "float64", 1.0)),
        (TypeError, "parameters must be leaves to differentiate for", (fn, [w * w], "float64", 1.0)),
        (ValueError, "parameters holds .* more than once", (fn, [w, w], "float64", 1.0)),
        (ValueError, "dtype must be 'float64', 'float32', 'float16' or 'bfloat16', got 'int8'", (fn, [w], "int8", 1.0)),
        (ValueError, "loss_scale must be a positive number, got 0", (fn, [w], "float64", 0)),
        (TypeError, "loss_scale must be a real number", (fn, [w], "float64", "1")),
    ],
)
def test_what_can_t_be_a_spec_is_refused(error: Any, message: str, arguments: Any) -> None:
    with pytest.raises(error, match=message):
        spec(*arguments)


@pytest.mark.parametrize(
    ("error", "message", "batches"),
    [
        (TypeError, "a program needs a batch of examples for each argument, got none", []),
        (ValueError, "argument 1 must have examples of the same shape", [[1.0], [[1.0], [1.0, 2.0]]]),
        (TypeError, "argument 0 must be an array of real numbers", [["a"]]),
        (TypeError, "argument 0 must be an array of real numbers", [np.ma.array([1.0], mask=[True])]),
        (TypeError, "argument 0 must be a batch, a list of examples, got the number 1.0", [1.0]),
        (ValueError, "as many examples each, got 1 and 2", [[1.0], [1.0, 2.0]]),
        (ValueError, "at least one example, got none", [[]]),
    ],
)
def test_what_can_t_be_batches_is_refused(error: Any, message: str, batches: Any) -> None:
    with pytest.raises(error, match=message):
        arrays_of(batches)


def test_whatever_is_a_real_number_is_taken_as_a_float() -> None:
    (found, nested) = arrays_of([[Fraction(1, 3), 10**20], np.array([[Fraction(1, 2), 1], [True, 2.5]], object)])
    assert (found.dtype, found.tolist(), nested.tolist()) == (float, [1 / 3, 1e20], [[0.5, 1.0], [1.0, 2.5]])
    with pytest.raises(OverflowError, match="a number of argument 0 is too large for a float"):
        arrays_of([[10**400]])
    for none in (None, 1j, w, Decimal(1)):
        with pytest.raises(TypeError, match="argument 0 must be an array of real numbers"):
            arrays_of([[Fraction(1, 2), none]])


def test_batches_are_arrays_and_their_rows_are_plain_numbers_and_lists() -> None:
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    first, second = arrays_of([array, [True, False]])
    assert first is array
    assert second.tolist() == [True, False]
    assert rows_of([array, (5, 6)]) == [([1.0, 2.0], 5), ([3.0, 4.0], 6)]
    assert type(rows_of([array])[0][0]) is list


def test_numbers_are_finite_however_large() -> None:
    assert all_finite(np.array([1e308, -1e308, 0.0]))
    assert not all_finite(np.array([1.0, np.inf]))
    assert not all_finite(np.array([np.nan]))


def test_examples_are_chosen_as_they_were_given_unless_they_have_changed() -> None:
    given = [[0, 0.5], [1, 2.5], [2, 4.0]]
    array = np.array(given)
    assert str(chosen(given, array, [2, 0])) == "[[2, 4.0], [0, 0.5]]"
    assert chosen(given, array, None) is given
    given[2] = [7, 7]
    assert chosen(given, array, [2, 0]).tolist() == [[2.0, 4.0], [0.0, 0.5]]
    given[2] = [7]
    assert chosen(given, array, None) is array
    assert chosen(array, array, range(1)).tolist() == [[0.0, 0.5]]


@pytest.mark.filterwarnings("ignore:Setting the shape")  # deprecated in NumPy 2.5, and still possible
def test_arrays_are_known_again_only_where_their_columns_are_views() -> None:
    array, scattered = np.arange(6.0).reshape(3, 2), np.arange(12.0).reshape(2, 2, 3).transpose(2, 1, 0)
    (column,), viewed = columns_of([array], [array])
    assert column.tolist() == [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]]
    assert handed_again([array], viewed)
    assert not handed_again([array.copy()], viewed)
    array.shape = (2, 3)
    assert not handed_again([array], viewed)
    (column,), viewed = columns_of([scattered], [scattered])
    assert (column[:, 1].tolist(), viewed) == ([1.0, 7.0, 4.0, 10.0], [])
