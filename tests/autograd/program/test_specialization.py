"""What a program keeps for the shape of its examples and the size of its batch, and which numbers it reads anew."""

from __future__ import annotations

import gc
import math
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import compile
from tests.support.alive import counting
from tests.support.compiled import agree, leaf

RNG = np.random.default_rng(0)


def test_one_program_serves_batches_of_many_sizes_more_than_it_keeps_buffers_for() -> None:
    model = nn.MLP(4, [5, 1], "tanh", seed=0)

    def loss(x: Any, y: Any) -> Any:
        return (model(x) - y) ** 2

    program = compile(loss, model.parameters())
    for size in [*range(1, 12), 3, 1]:
        agree(loss, model.parameters(), RNG.normal(size=(size, 4)), RNG.normal(size=size), program=program)


def test_the_numbers_of_parameters_and_of_other_leaves_are_those_of_the_call() -> None:
    w, c = leaf(2.0), leaf(3.0, "c")
    program = compile(lambda x: w * c * x, [w])
    assert program([1.0]) == 6.0
    w.data, c.data = 5.0, 7.0
    assert program([1.0]) == 35.0
    assert (w.grad, c.grad) == (3.0 + 7.0, 0.0)


def test_a_leaf_whose_number_decides_what_is_done_is_looked_at_in_each_call() -> None:
    w, switch = leaf(2.0), leaf(1.0, "switch")
    program = compile(lambda x: w * x if switch > 0 else w, [w])
    assert program([3.0]) == 6.0
    switch.data = -1.0
    assert program([3.0]) == 2.0
    switch.data = 1.0
    assert program([3.0]) == 6.0


def test_the_running_statistics_of_a_batch_norm_are_those_of_the_call() -> None:
    norm, w = nn.BatchNorm(2).eval(), leaf()
    program = compile(lambda x: w * norm(x)[0], [w])
    for mean in (0.0, 5.0):
        norm.running_mean[0].data = mean
        assert program([[1.0, 2.0]]) == pytest.approx(0.7 * (1.0 - mean) / math.sqrt(1 + 1e-5), rel=1e-12)


def swapped(x: Any) -> Any:
    x[0], x[1] = x[1], x[0]
    return x[0] - 2 * x[1]


def reversed_(x: Any) -> Any:
    x.reverse()
    return x[0]


def doubled(x: Any) -> Any:
    x[1] = x[0]
    return x[0] * x[1]


def longer(x: Any) -> Any:
    x.append(1.0)
    x[0] = 2.0
    return autograd.sum(x)


@pytest.mark.parametrize("f", [swapped, reversed_, doubled, longer])
def test_a_function_may_change_the_list_that_it_is_given(f):
    rows = [[1.0, 10.0], [4.0, 3.0]]
    assert compile(f).map(rows) == [f(list(row)) for row in rows]
    leaves = [[Value(x) for x in row] for row in rows]
    for row in leaves:
        f(list(row)).backward()
    found = compile(f).input_gradients(rows).tolist()
    assert [[2 * x for x in row] for row in found] == [[v.grad for v in row] for row in leaves]  # the mean of two


def test_nothing_of_the_scalar_graph_stays_alive_once_it_is_lowered() -> None:
    w = [Value(1.0), Value(2.0)]

    def outputs(x: Any, i: Any) -> Any:
        y = [a * b for a, b in zip(w, x)]
        return {"sum": sum(y), "one": autograd.take(y, i)}

    compile(outputs, w).map([[3.0, 4.0]], [1])  # what this leaves behind is for all programs
    with counting() as alive:
        program = compile(outputs, w)
        program.map([[3.0, 4.0]], [1])
        gc.collect()
        assert alive() == 1  # the class itself, among the names of this file that the program watches


def test_letters_of_a_text_are_looked_at_together_and_an_error_names_the_first_wrong_one() -> None:
    table = [leaf(0.5), leaf(0.25)]
    program = compile(lambda letters: autograd.sum([autograd.take(table, i) for i in letters]), table)
    assert program([[0, 1, 1]]) == 1.0
    assert len(program.specialization([np.zeros((1, 3))]).row_guards) == 1
    with pytest.raises(ValueError, match="row 1: index must be from 0 to 1, got 7"):
        program([[0, 1, 1], [0, 1, 7], [9, 0, 0]])
