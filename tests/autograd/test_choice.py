"""A choice by a number: plain Python eagerly, arithmetic for each example in a compiled function."""

from __future__ import annotations

import math

import pytest

from autograd import Value, compile
from autograd.choice import chosen, is_unknown, others, required


def test_eagerly_a_choice_is_that_of_python():
    xs = (Value(1.0), 2.0, 3.0)
    assert chosen(0, xs) is xs[0]
    assert others(1, xs) == (xs[0], 3.0)
    assert not is_unknown(1)
    assert not is_unknown(xs[0])


def test_a_compiled_function_chooses_for_each_example():
    w = [Value(2.0), Value(3.0), Value(5.0)]
    program = compile(lambda x, k: x * chosen(k, w), w)
    assert program.map([1.0, 10.0, 100.0], [2, 0, 1]) == [5.0, 20.0, 300.0]
    program([1.0, 10.0, 100.0, 1000.0], [2, 0, 1, 1])
    assert [v.grad for v in w] == [2.5, 275.0, 0.25]


def test_what_was_chosen_is_minus_infinity_among_the_others():
    w = [Value(2.0), Value(3.0)]
    assert compile(lambda k: list(others(k, w)), w).map([0, 1]) == [[-math.inf, 3.0], [2.0, -math.inf]]


def test_an_index_that_there_isnt_chooses_no_number():
    def choice(k):
        if not is_unknown(k) and k not in (0, 1):
            raise ValueError("no such item")
        return chosen(k, (1.0, 2.0))

    assert [math.isnan(x) for x in compile(choice).map([0, 2, -1, 0.5])] == [False, True, True, True]


def test_a_number_that_is_not_allowed_is_left_to_the_function():
    def share(x):
        required(x, lambda x: (x >= 0) & (x <= 1))
        if not is_unknown(x) and not 0 <= x <= 1:
            raise ValueError("no share")
        return 2 * x

    assert compile(share).map([0.0, 0.5]) == [0.0, 1.0]
    for run in (compile(share), compile(share).map):
        with pytest.raises(ValueError, match="row 1: no share"):
            run([0.5, 1.5])
