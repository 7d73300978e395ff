"""Where numbers are: rows that no node asked for, and what lists are filled up with."""

from __future__ import annotations

import math
from typing import Any

import autograd
from autograd import Value, compile, ops
from autograd.program.patterns import Pattern
from autograd.program.places import Holes, Places


def begun(n: int) -> tuple[Places, list[Value], Any]:
    places, nodes = Places(), [Value(0.0) for _ in range(n)]
    return places, nodes, places.source("input", nodes, (0, n))


def test_a_list_that_goes_on_is_filled_up_there():
    places, x, block = begun(4)
    found = places.padded([tuple(x[:1]), tuple(x[:2]), tuple(x[:3])], 3, 0.0)
    assert found is not None
    array, rows = found
    assert (array.op, list(rows)) == (ops.mul, [*range(9)])
    assert array.args[0].detail == (1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0)
    assert places.padded([tuple(x[:4]), tuple(x[2:])], 4, 0.0) is None  # it ends before
    assert block.rows == 4


def test_what_fills_holes_is_done_once_and_is_the_place_of_the_nodes_from_then_on():
    places, x, block = begun(4)
    places.holes[block.serial] = Holes([x[0], None, x[2], x[3]], None)
    filled = places.filled(block, -math.inf)
    assert filled.op is ops.add
    assert places.place[x[2]] == (filled, 2)
    assert places.filled(filled, -math.inf) is filled
    assert places.filled(filled, 1.0).op == "where"


def test_operands_are_looked_at_where_they_lie():
    places, x, block = begun(12)
    array, view = places.view([x[4 * i + j] for i in range(3) for j in (2, 3)], "ij", (3, 2))
    assert (array, view.start, view.strides) == (block, 2, (4, 1))
    array, view = places.view([x[i] for i in (0, 5, 1, 7)], "ij", (2, 2))
    assert (array.op, view.strides) == ("take", (2, 1))
    assert Pattern(view.start, (2, 2), view.strides).rows == (0, 1, 2, 3)


def test_what_no_filling_bears_is_computed_without_the_holes():
    def fn(x: Any) -> Any:  # the logarithm of weights, of which those that no position has are 0
        weights = [
            autograd.softmax([autograd.dot(x[2 * s : 2 * s + 2], x[2 * t : 2 * t + 2]) for s in range(t + 1)])
            for t in range(3)
        ]
        return sum(-a * autograd.log(a) for each in weights for a in each)

    x = [0.3, -1.0, 0.5, 0.7, -0.2, 0.4]
    program = compile(fn)
    assert abs(program([x]) - autograd.mean([fn(x)])) < 1e-14
    found = program.input_gradients([x])[0]
    assert max(abs(a - b) for a, b in zip(found, autograd.grad(fn)(x))) < 1e-14
