"""Which nodes go together: lists of other lengths, too, and a layer at all positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import autograd
from autograd import Value, ops
from autograd.edges import rule_of
from autograd.program.grouping import groups_of, laid_out
from autograd.program.tracing.following import follow
from autograd.program.tracing.trace import traced_input


def grouped(fn: Callable[..., Any], parameters: Sequence[Value], n: int) -> list[list[Value]]:
    xs = [traced_input("x") for _ in range(n)]
    _, trace = follow(fn, [xs], parameters)
    return groups_of(trace.nodes, set(xs))


def dots(w: Sequence[Value], xs: Sequence[Any]) -> list[Any]:
    return [autograd.dot(row, tuple(xs)) for row in (w[:2], w[2:])]


def test_lists_of_any_length_go_together_where_something_fills_them_up():
    found = grouped(lambda x: [autograd.logsumexp(x[: t + 1]) for t in range(4)], [], 4)
    assert [len(members) for members in found] == [4]
    means = grouped(lambda x: [autograd.mean(x[: t + 1]) for t in range(4)], [], 4)
    assert all(len(members) == 1 for members in means)


def test_a_layer_goes_together_at_all_positions_but_for_that_of_the_examples_themselves():
    w = [Value(0.1 * i) for i in range(8)]

    def fn(x: Any) -> Any:
        hidden = [[autograd.tanh(z) for z in dots(w[:4], x[i : i + 2])] for i in (0, 2, 4)]
        return [dots(w[4:], h) for h in hidden]

    found = grouped(fn, w, 6)
    layers = [len(members) for members in found if rule_of(members[0]) is ops.dot]
    assert layers == [2, 2, 2, 6]
    assert laid_out(found, w) == w


def test_a_table_that_is_tied_to_the_last_layer_stays_where_the_model_has_it():
    w = [Value(0.1 * i) for i in range(8)]
    (free, *_), table, of_layer = w[:2], [w[2:4], w[4:6]], w[6:]

    def fn(x: Any) -> Any:
        row = [autograd.tanh(z) for z in autograd.take(table, x[0])]
        return autograd.dot(of_layer, tuple(row)) * free + autograd.dot(table[0], tuple(row))

    assert laid_out(grouped(fn, w, 1), w) == w
    turned = list(zip(*table))
    found = laid_out(grouped(lambda x: autograd.take(turned, x[0]), w, 1), w)
    assert found == [*w[:2], w[2], w[4], w[3], w[5], *w[6:]]
