"""The table of kinks says what is computed, and what is decided about infinite slopes holds in every way to derive."""

from __future__ import annotations

import pytest

from autograd import grad, gradient, jvp
from tests.properties.kinks import KINKS, named, of_compiled, of_ours, table, written
from tests.support.oracles import fresh

every_kink = pytest.mark.parametrize(("kink", "row"), list(zip(KINKS, table())), ids=lambda x: getattr(x, "text", ""))


def test_the_table_has_a_row_for_each_kink():
    assert [(row[0], row[1], row[-1]) for row in table()] == [(*named(kink), kink.mathematics) for kink in KINKS]


@every_kink
def test_ours_is_what_the_table_says_compiled_or_not(kink, row):
    first, second = of_ours(kink)
    assert [written(first), written(of_compiled(kink)), written(second)] == [row[2], row[3], row[6]]
    assert row[2] == row[3]


@every_kink
def test_every_way_to_derive_says_the_same(kink, row):
    import autograd

    def f(*xs):
        return kink.ours(autograd, *xs)

    n = len(kink.at)
    ways = {
        "grad": lambda: list(grad(f, tuple(range(n)))(*kink.at)),
        "jvp": lambda: [jvp(f, tuple(kink.at), tuple(float(i == k) for i in range(n)))[1] for k in range(n)],
        "create_graph": lambda: [
            slope.data for xs in [fresh(list(kink.at))] for slope in gradient(f(*xs), xs, create_graph=True)
        ],
    }
    for way in ways.values():
        try:
            found = written(way())
        except (ValueError, ZeroDivisionError):
            found = "refused"
        assert found == row[2]
