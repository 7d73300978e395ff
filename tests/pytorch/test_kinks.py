"""PyTorch and JAX have at kinks what the table says of them; and where PyTorch's derivative is finite, ours is it."""

from __future__ import annotations

import math

import pytest

from tests.properties.kinks import KINKS, of_jax, of_ours, of_torch, table, written

every_kink = pytest.mark.parametrize(("kink", "row"), list(zip(KINKS, table())), ids=lambda x: getattr(x, "text", ""))


@every_kink
def test_pytorch_has_what_the_table_says_and_ours_is_that_where_it_is_finite(kink, row):
    pytest.importorskip("torch")
    found = of_torch(kink)
    assert [row[4], row[7]] == ["", ""] if found is None else [*map(written, found)]
    if found is None:
        return
    ours = of_ours(kink)[0]
    if ours == "refused":
        assert not all(map(math.isfinite, found[0]))
    else:
        assert [a == pytest.approx(b, rel=1e-15) for a, b in zip(ours, found[0]) if math.isfinite(b)].count(False) == 0


@every_kink
def test_jax_has_what_the_table_says(kink, row):
    pytest.importorskip("jax")
    found = of_jax(kink)
    assert [row[5], row[8]] == ["", ""] if found is None else [*map(written, found)]
