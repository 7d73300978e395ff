"""Products of several matrices by matmul on views, against NumPy's own einsum."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.program.einsum import Einsum, View

np = pytest.importorskip("numpy")

SPECS = [
    "ik,jk->ji",
    "ji,jk->ik",
    "jk,ik->ij",
    "pik,pjk->ipj",
    "ipj,pjk->pik",
    "jpi,pik->jpk",
    "tik,tjk->ij",
    "ik,j->kij",
    "ab,ab->ab",
    "b,ab->ab",
    "ab,ab->a",
    "ab,ba->b",
    "abc,ac->b",
]


def strides(letters: str, sizes: dict[str, int], order: str) -> tuple[tuple[int, ...], int]:
    found, step = {}, 1
    for letter in reversed(order):
        found[letter] = step
        step *= sizes[letter]
    return tuple(found[x] for x in letters), step


@given(st.data())
def test_it_is_the_sum_over_all_axes_that_the_result_has_not(data: Any):
    from autograd.program.engines.numpy.einsum import einsum

    spec = data.draw(st.sampled_from(SPECS))
    a, b, out = spec.replace("->", ",").split(",")
    sizes = {x: data.draw(st.integers(1, 3)) for x in sorted({*a, *b})}
    size = data.draw(st.integers(1, 3))
    wide = [data.draw(st.booleans()) for _ in range(2)]
    narrow = all(wide) and data.draw(st.booleans())
    rng = np.random.default_rng(0)
    views, arrays, tensors = [], [], []
    for letters, each in ((a, wide[0]), (b, wide[1])):
        steps, rows = strides(letters, sizes, "".join(data.draw(st.permutations(letters))))
        start = data.draw(st.integers(0, 2))
        views.append(View(letters, start, steps))
        arrays.append(rng.normal(size=(start + rows, size if each else 1)))
        order = sorted(range(len(letters)), key=lambda i: (-steps[i], sizes[letters[i]] > 1))
        shaped = arrays[-1][start:].reshape(*[sizes[letters[i]] for i in order], -1)
        tensors.append(np.moveaxis(shaped, range(len(order)), order))
    detail = Einsum((views[0], views[1]), out, tuple(sorted(sizes.items())), any(wide) and not narrow)
    result = np.empty((detail.rows, size if detail.wide else 1))
    for call, *args in einsum(SimpleNamespace(detail=detail), result, *arrays):  # type: ignore[arg-type]
        call(*args)
    letters = [x + "Z" * w for x, w in zip((a, b), wide)]
    given = [x if w else x[..., 0] for x, w in zip(tensors, wide)]
    expected = np.einsum(f"{letters[0]},{letters[1]}->{out}{'Z' * detail.wide}", *given)
    assert np.allclose(result, expected.reshape(result.shape), rtol=1e-13, atol=1e-13)
