"""Products of nodes, added up where these lie; and gradients of many that are set at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, bulk
from autograd.basics.addition import added_products
from autograd.basics.groups import Floats
from autograd.bulk import added_products as added_products_of_nodes
from nn.module import Parameter

numbers = st.floats(allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers), max_size=8), numbers)
def test_products_of_nodes_are_those_of_their_numbers_to_the_last_bit(pairs, start):
    ws, xs = [w for w, _ in pairs], [x for _, x in pairs]
    expected = repr(added_products(ws, xs, start))
    nodes = tuple(map(Parameter, ws))
    assert repr(added_products_of_nodes(nodes, tuple(map(Value, xs)), Value(start))) == expected
    assert repr(added_products_of_nodes(nodes, Floats(xs), start)) == expected


@pytest.mark.parametrize("xs", [(2.0, Value(3.0)), [2.0, 3.0], Floats((2.0, 3.0)), (Value(2.0), Value(3.0)), (2, True)])
def test_whatever_a_dot_is_given_beside_nodes_comes_to_the_same(xs):
    ws = (Value(0.5), Value(-1.0))
    expected = 0.5 * float(getattr(xs[0], "data", xs[0])) - float(getattr(xs[1], "data", xs[1])) + 4.0
    assert autograd.dot(ws, xs, 4).data == autograd.ops.dot(ws, xs, Value(4.0)).data == expected
    assert autograd.ops.dot(xs, ws, 4.0).data == expected


class Strict(Value):
    """Refuses a gradient above 1."""

    @property
    def grad(self):
        return self._grad

    @grad.setter
    def grad(self, grad):
        if grad > 1:
            raise ValueError
        self._grad = grad


def test_gradients_of_many_are_set_by_the_way_of_each_all_or_none():
    nodes = [Parameter(0.0), Value(0.0), Strict(0.0)]
    bulk.assign_gradients(nodes, [3.0, 2.0, 1.0])
    assert bulk.gradients(nodes) == [3.0, 2.0, 1.0]
    with pytest.raises(ValueError, match=r"^$"):
        bulk.assign_gradients(nodes, [0.5, 0.5, 2.0])
    assert bulk.gradients(nodes) == [3.0, 2.0, 1.0]
    for some in (nodes, nodes[:2]):
        bulk.zero_gradients(some)
        assert bulk.gradients(some) == [0.0] * len(some)
    bulk.assign_gradients(nodes[:2], [3.0, 2.0])
    assert [node.grad for node in nodes] == [3.0, 2.0, 0.0]
