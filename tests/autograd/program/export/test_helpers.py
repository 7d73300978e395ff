"""Functions that pages have: what a reader knows by name."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from autograd import ops
from autograd.program.engines.numpy import functions
from autograd.program.export import helpers
from autograd.program.export.inlining import plain

LOGITS = np.array([[1.0, 2.0], [0.5, -800.0], [-3.0, 2.5]])


def test_softmax_and_its_loss_are_those_of_the_formula():
    shares = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=0)
    index = np.array([[2.0, 0.0]])
    assert helpers.softmax(LOGITS) == pytest.approx(shares, rel=1e-15)
    assert helpers.cross_entropy_of(index, LOGITS)[0] == pytest.approx([-np.log(shares[2, 0]), -np.log(shares[0, 1])])


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("logits", [[1.0, 0.5, -3.0], [2.0, -800.0, 2.5], [40.0, 0.0, -5.0], [-800.0, 3.0, 800.0]])
def test_the_gradient_by_the_logits_is_that_of_the_table(logits, index):
    z, others = logits[index], logits[:index] + logits[index + 1 :]
    slope, slopes = ops.cross_entropy.slopes(ops.cross_entropy(z, others), (z, others))
    expected = [*slopes[:index], slope, *slopes[index:]]
    found = helpers.softmax_minus_onehot(np.array([[float(index)]]), np.array([logits]).T)
    assert found[:, 0] == pytest.approx(expected, rel=1e-14, abs=0.0)


def test_an_index_that_is_none_gives_no_number_or_an_error():
    assert np.isnan(helpers.onehot(np.array([[3.0, 0.5]]), 3)).all()
    with pytest.raises(IndexError, match="an index must be a whole number from 0 to 2"):
        helpers.rows_of(LOGITS, np.array([[-1.0]]))


def test_what_was_looked_up_is_brought_back():
    table, index = np.array([[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]), np.array([[2.0, 0.0], [2.0, 1.0]])
    found = helpers.rows_of(table, index)
    assert found.tolist() == [[2.0, 0.0], [5.0, 3.0], [2.0, 1.0], [5.0, 4.0]]
    assert helpers.back_into(np.ones((4, 2)), index, 2, 3).tolist() == [[1.0] * 2, [1.0] * 2, [2.0] * 2]
    each = np.stack([table.reshape(6), -table.reshape(6)], axis=1)
    assert helpers.rows_of_each(each, index, 2).tolist() == [[2.0, 0.0], [5.0, -3.0], [2.0, -1.0], [5.0, -4.0]]
    assert helpers.back_into_each(np.ones((4, 2)), index, 2, 3)[:, 0].tolist() == [0.0, 0.0, 0.0, 0.0, 2.0, 2.0]


@pytest.mark.parametrize("module", [functions, helpers])
def test_the_text_of_a_function_is_narrow_and_bare(module: object):
    for f in vars(module).values():
        if inspect.isfunction(f) and f.__module__ == module.__name__:
            text = plain(f)
            assert max(map(len, text.splitlines())) <= 88, f
            assert "Any" not in text
            assert "out" not in text.replace("without", "")
