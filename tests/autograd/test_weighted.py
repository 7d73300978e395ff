"""What a layer adds up is what `dot` makes of the same operands, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot
from autograd.basics.groups import Floats
from autograd.value import group
from autograd.weighted import weighted_sum
from nn import Parameter
from tests.support.cost import executed

numbers = st.floats(-10.0, 10.0)


@pytest.mark.parametrize("kind", [Value, Parameter])
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), numbers, st.booleans(), st.booleans())
def test_a_weighted_sum_is_the_dot_of_its_operands_with_the_same_gradients(kind, pairs, bias, plain, fixed):
    def gradients(of):
        ws = tuple([kind(w) for w, _ in pairs])
        xs = group(tuple([x if plain else Value(x) for _, x in pairs]), "an input")
        b = bias if fixed else kind(bias)
        y = of(ws, xs, b)
        (y * y).backward()
        leaves = [*ws, *([] if plain else xs), *([] if fixed else [b])]
        return y.data, y.op, y.parents == tuple(leaves), [leaf.grad for leaf in leaves]

    assert gradients(weighted_sum) == gradients(dot)


def test_other_operands_say_themselves_what_a_weighted_sum_is():
    assert weighted_sum((Value(2.0),), (3.0,), 1).data == 7.0
    assert weighted_sum([Value(2.0)], [Value(3.0)], 1.0).data == 7.0
    assert weighted_sum((2.0,), Floats([3.0]), 1.0) == 7.0


@pytest.mark.parametrize("operand", [lambda: Floats([2.0, 3.0]), lambda: (Value(2.0), Value(3.0))])
def test_a_factor_that_is_used_twice_receives_both_of_its_gradients(operand):
    xs = operand()
    b = Value(0.5)
    y = dot(xs, xs, b)
    y.backward()
    assert (y.data, b.grad) == (13.5, 1.0)
    assert [x.grad for x in xs if isinstance(x, Value)] in ([], [4.0, 6.0])


def test_a_weighted_sum_takes_fewer_steps_than_dot():
    w, x = (Value(1.0), Value(2.0)), (Value(3.0), Value(4.0))
    assert executed(lambda: weighted_sum(w, x, 0.0)) <= executed(lambda: dot(w, x, 0.0))
