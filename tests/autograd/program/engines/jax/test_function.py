"""A task as a pure function of JAX: each array operation gives the numbers of NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from autograd.program.builder import Builder  # noqa: E402
from autograd.program.engines import Task  # noqa: E402
from autograd.program.engines.jax.function import function  # noqa: E402


@pytest.mark.parametrize(
    "rows",
    [(3, 3, 3), (1, 3, 5), (0, 0, 2, 2, 4, 4), (0, 1, 0, 1), (5, 4, 3), (2,), (0, 4, 1), (1, 2, 4, 5), (4, 5, 1, 2)],
    ids=str,
)
def test_rows_with_or_without_a_pattern_are_those_of_numpy(rows):
    builder, numbers = Builder(), np.arange(12.0).reshape(6, 2)
    x = builder.make("input", detail=(0, 6))
    computed = function(Task([x], None, [builder.make("take", x, detail=rows)]), np.dtype("float32"))
    found = computed(np.zeros(0, "float32"), np.zeros(0, "float32"), numbers.astype("float32"))
    np.testing.assert_array_equal(found.results[0], numbers[[*rows]])
