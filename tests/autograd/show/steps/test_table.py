"""The table of a pass: its numbers, its width, and labels that can't break it."""

from __future__ import annotations

import pytest
from hypothesis import given

import nn
from autograd import Value
from autograd.notation.text import figure
from autograd.show import steps
from tests.support.passes import graphs, outcome


@given(graphs())
def test_the_table_shows_the_numbers_of_the_steps(y):
    y = y + 0.0
    taken = outcome(lambda: steps(y))[0]
    if taken is not None:
        lines = str(taken).splitlines()[1:]
        for step in taken:
            for c in step.contributions or (None,):
                line = lines.pop(0)
                if c is None:
                    assert line.endswith("nothing flows on")
                    continue
                assert line.split()[-1] == figure(c.sum_so_far)
                assert line.split(" = ")[-1].split()[0] == figure(c.product)
        for leaf, line in zip(taken.leaves, lines, strict=True):
            assert line.split()[-2:] == [taken.names[leaf], figure(taken.gradients[leaf])]


def test_the_table_fits_a_terminal_however_long_the_labels():
    mlp = nn.MLP(8, [3, 1], seed=0)
    y = (mlp([0.1] * 8) - 1) ** 2
    y.label = "the loss on the first example of the validation set"
    for taken in (steps(y), steps(y, forward=True)):
        assert max(map(len, str(taken).splitlines())) <= 100


@pytest.mark.parametrize("label", ["two\nlines", "\x1b[31mred", "\ud800", "tab\t"])
def test_a_label_cannot_break_the_table(label):
    a = Value(1.0, label=label)
    table = str(steps(a * 2))
    assert len(table.splitlines()) == 3
    assert table.replace("\n", "").isprintable()
