"""Variants: as many as are asked for, all different, with nice numbers, and the same for the same seed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import grad
from autograd.exercises.sheet import sheets
from autograd.exercises.variants import reshaped, variants
from autograd.expression import ExpressionError, parse
from autograd.notation.text import figure

EXPRESSIONS = ["x*y + sin(x)", "log(x)*y", "x**2", "tanh(dot([w1, w2], [x1, x2], b))", "a/b - b/a", "relu(x) + sqrt(y)"]


@given(st.sampled_from(EXPRESSIONS), st.integers(1, 12), st.integers(), st.booleans())
def test_no_two_are_alike_and_the_gradients_are_the_engine_s(text, count, seed, shapes):
    made = variants(text, count, seed, shapes)
    assert len({(x.text, x.given) for x in made}) == count
    for x in made[:3]:
        f = parse(x.text)
        numbers = [x.numbers[name] for name in f.names]
        assert f(*numbers) == x.output.data
        slopes = grad(f, argnums=tuple(range(len(numbers))))(*numbers)
        assert dict(zip(f.names, slopes)) == x.gradients


def test_the_same_seed_gives_the_same_exercises_and_another_one_others():
    one, same, other = ([x.given for x in variants("x*y", 8, seed)] for seed in (7, 7, 8))
    assert one == same != other


def _given(sheet):
    return tuple((x.text, x.given) for x in sheet.exercises)


def test_a_student_s_sheet_is_the_same_whoever_joins_or_leaves_the_class():
    class_ = [f"student {i}" for i in range(40)]
    made = {sheet.student: _given(sheet) for sheet in sheets("x*y + sin(x)", 5, 7, class_)}
    joined = sheets("x*y + sin(x)", 5, 7, [class_[4], "Zoë", *class_[6:9], "Ann"])
    assert all(made.get(sheet.student, _given(sheet)) == _given(sheet) for sheet in joined)
    (alone,) = sheets("x*y + sin(x)", 5, 7)
    assert _given(alone) not in made.values()
    assert len({frozenset(given) for given in made.values()}) == 40  # no two sheets have the same exercises


def test_a_name_may_be_spaced_and_cased_otherwise():
    one, other = sheets("x*y", 5, 7, ["Ann Lee", " ann  LEE"])
    assert _given(one) == _given(other)


def test_the_first_numbers_are_nice():
    for x in variants("x*y + x", 10, seed=1):
        assert all(len(figure(abs(n))) <= 3 for n in (*x.numbers.values(), *x.gradients.values(), x.output.data))


def test_what_has_no_exercises_is_refused_in_a_sentence():
    for text in ("3", "pi * 2"):
        with pytest.raises(ExpressionError, match="has no names"):
            variants(text, 1)
    with pytest.raises(ExpressionError, match="has no value, or no derivative, at any of the numbers"):
        variants("log(-x*x)", 1)
    with pytest.raises(ExpressionError, match=r"there are only \d+ .* and 300 are needed: write an .*--vary shapes"):
        variants("x**2", 300)


def test_a_gradient_that_is_always_zero_is_no_hindrance():
    assert [x.gradients["x"] for x in variants("floor(x) + y", 2)] == [0.0, 0.0]


@given(st.sampled_from(EXPRESSIONS), st.integers())
def test_another_shape_has_the_same_names_and_is_an_expression(text, seed):
    assert set(parse(reshaped(text, random.Random(seed))).names) == set(parse(text).names)
