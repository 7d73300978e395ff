"""Copies and pickles of Values: the number goes along, the history stays behind."""

from __future__ import annotations

import copy
import pickle

import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_keeps_number_grad_and_label_and_leaves_its_history_behind(copied):
    x = Value(2.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    for v in (x, y):
        c = copied(v)
        assert c is not v
        assert (type(c), c.data, c.grad, c.label, c.op, c.parents) == (Value, v.data, v.grad, v.label, "", ())


def test_a_pickle_of_an_earlier_version_is_read():
    written = (
        b"\x80\x04\x95G\x00\x00\x00\x00\x00\x00\x00\x8c\x0eautograd.value\x94\x8c\t_restored\x94\x93\x94(h\x00\x8c\x05Value\x94\x93\x94G@"
        b"\x00\x00\x00\x00\x00\x00\x00G\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94t\x94R\x94."
    )
    v = pickle.loads(written)
    assert (type(v), v.data, v.grad, v.label) == (Value, 2.0, 0.0, "a")


class Positive(Value):
    """A subclass that makes its number of another one, and keeps more than a Value does."""

    def __init__(self, logarithm: float, unit: str) -> None:
        super().__init__(autograd.exp(logarithm))
        self.unit = unit


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_of_a_subclass_has_its_number_and_its_attributes(copied):
    x = Positive(1.0, unit="m")
    c = copied(x)
    assert (type(c), c.data, c.unit) == (Positive, x.data, "m")


def test_a_deepcopy_of_several_values_keeps_what_they_share():
    x = Value(2.0)
    a, b = copy.deepcopy([x, x])
    assert a is b
