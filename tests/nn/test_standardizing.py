"""Standardizer: each column less its mean over its standard deviation, those of the training data."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import Value
from nn import MLP, SGD, Standardizer, fit, mse_loss

numbers = st.floats(-1e6, 1e6)
tables = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.lists(numbers, min_size=k, max_size=k), min_size=2, max_size=8)
)


@given(tables)
def test_columns_have_mean_0_and_standard_deviation_1(table):
    array = np.array(table)
    assume((np.ptp(array, axis=0) > 1e-3 * (1 + np.abs(array).max(axis=0))).all())
    standardizer = Standardizer(table)
    found = np.array(standardizer(table))
    assert found.mean(axis=0) == pytest.approx(np.zeros(array.shape[1]), abs=1e-12)
    assert found.std(axis=0) == pytest.approx(np.ones(array.shape[1]), rel=1e-12)
    assert standardizer.mean == pytest.approx(array.mean(axis=0).tolist(), rel=1e-12, abs=1e-9)
    assert standardizer.std == pytest.approx(array.std(axis=0).tolist(), rel=1e-9)


@given(tables)
def test_the_inverse_undoes_it(table):
    standardizer = Standardizer(table)
    size = max(abs(x) for row in table for x in row) + 1.0
    for row, back in zip(table, standardizer.inverse(standardizer(table))):
        assert back == pytest.approx(row, abs=1e-14 * size)
    assert standardizer(table[0]) == standardizer(table)[0]


@given(st.lists(numbers, min_size=1, max_size=8))
def test_numbers_are_one_column(xs):
    ours, table = Standardizer(xs), Standardizer([[x] for x in xs])
    assert [[ours.mean], [ours.std]] == [table.mean, table.std]
    assert [[x] for x in ours(xs)] == table([[x] for x in xs])
    assert ours(xs[0]) == ours(xs)[0]
    exact = float(sum(map(Fraction, xs)) / len(xs))
    assert abs(ours.mean - exact) <= math.ulp(exact)  # the sum is rounded, and what it is divided to


@given(numbers, st.integers(1, 9))
def test_a_constant_column_becomes_0_and_comes_back(x, n):
    standardizer = Standardizer([[x, float(i)] for i in range(n)])
    assert standardizer([x, 0.0])[0] == 0.0
    assert standardizer.std[0] == 1.0
    assert standardizer.inverse([0.0, 0.0])[0] == x


def test_a_column_that_is_constant_up_to_rounding_is_not_blown_up():
    standardizer = Standardizer([0.1 + 0.2, 0.3])
    assert standardizer.std == 1.0
    assert abs(standardizer(0.3)) < 1e-15
    assert Standardizer([1e308, 1e308, -1e308])(1e308) == pytest.approx(math.sqrt(0.5))


def test_what_comes_later_changes_nothing():
    standardizer = Standardizer([[0.0], [2.0]])
    before = standardizer.mean, standardizer.std
    assert standardizer([[100.0], [300.0]]) == [[99.0], [299.0]]
    assert (standardizer.mean, standardizer.std) == before


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_does_the_same(copied):
    standardizer = Standardizer([[0.0, 3.0], [2.0, 4.0]])
    twin = copied(standardizer)
    assert twin([1.5, 7.0]) == standardizer([1.5, 7.0])
    assert repr(twin) == repr(standardizer) == "Standardizer(2 columns)"
    assert repr(Standardizer([1.0])) == "Standardizer(numbers)"


def test_arrays_and_values_go_in():
    array = np.array([[0, 3], [2, 5]], dtype=np.int8)
    standardizer = Standardizer(array)
    assert standardizer(array) == [[-1.0, -1.0], [1.0, 1.0]]
    x = Value(1.5)
    y = standardizer.inverse([x, 0.0])[0]
    y.backward()
    assert (y.data, x.grad) == (2.5, 1.0)


def test_a_training_with_it_and_outputs_in_their_own_units():
    xs, ts = [[1000.0 * i, 0.001 * i] for i in range(10)], [5000.0 + 300.0 * i for i in range(10)]
    inputs, targets = Standardizer(xs), Standardizer(ts)
    model = MLP(2, [1], seed=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    fit(model, mse_loss, inputs(xs), targets(ts), optimizer=optimizer, epochs=200, progress=False)
    assert targets.inverse(model(inputs([4500.0, 0.0045]))).data == pytest.approx(6350.0, rel=1e-3)


@pytest.mark.parametrize(
    ("examples", "error", "message"),
    [
        ([], ValueError, "examples must hold at least one"),
        (3.0, TypeError, "examples must be a list with an item for each example, got 3.0"),
        ([1.0, math.nan], ValueError, r"examples\[1\] must be a finite number, got nan"),
        ([[1.0], [math.inf]], ValueError, r"examples\[1\]\[0\] must be a finite number, got inf"),
        ([[1.0], [1.0, 2.0]], ValueError, r"examples must all have 1 numbers, as examples\[0\], got \[1.0, 2.0\] at 1"),
        ([["1.0"]], TypeError, r"examples\[0\]\[0\] must be a real number, got '1.0' \(str\): float\(\) makes"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(examples, error, message):
    with pytest.raises(error, match=message):
        Standardizer(examples)


def test_examples_of_other_columns_are_refused():
    standardizer = Standardizer([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(ValueError, match=r"Standardizer\(2 columns\) takes examples of 2 columns, got 1"):
        standardizer([[1.0]])
    with pytest.raises(TypeError, match=r"an example must be a list of 2 numbers, got 1\.0"):
        standardizer.inverse(1.0)
