"""Products of several matrices at once: where their gradients go."""

from __future__ import annotations

from autograd.program.builder import Builder
from autograd.program.einsum import Einsum, View
from autograd.program.transpose import transposed


def test_it_is_written_as_numpy_writes_it():
    detail = Einsum((View("ik", 0, (2, 1)), View("jk", 0, (2, 1))), "ji", (("i", 4), ("j", 3), ("k", 2)), True)
    assert detail.spec == "ik,jk->ji"
    assert detail.rows == 12
    assert detail.compact() == View("ji", 0, (4, 1))


def test_the_gradient_goes_to_the_rows_that_were_looked_at():
    builder = Builder()
    x, w = builder.make("input", detail=(0, 12)), builder.make("vector", detail=8)
    detail = Einsum((View("ik", 0, (2, 1)), View("jk", 2, (4, 1))), "ji", (("i", 4), ("j", 3), ("k", 2)), True)
    y = builder.make("einsum", w, x, detail=detail)
    parts = transposed(y, builder.make("input", detail=(1, 12)))
    ((of_w, g),) = parts[w.serial]
    assert of_w is None
    assert (g.op, g.rows, g.wide) == ("einsum", 8, False)
    ((of_x, g),) = parts[x.serial]
    assert of_x == (2, 3, 6, 7, 10, 11)
    assert (g.rows, g.wide) == (6, True)
