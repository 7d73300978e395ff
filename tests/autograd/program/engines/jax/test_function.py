"""A task as a pure function of JAX: each array operation gives the numbers of NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from autograd.program.builder import Builder  # noqa: E402
from autograd.program.engines import Task  # noqa: E402
from autograd.program.engines.jax.function import function  # noqa: E402


def test_products_have_full_precision_unless_the_user_tells_jax_otherwise():
    builder = Builder()
    x, w = builder.make("input", detail=(0, 2)), builder.make("vector", detail=3)
    task = Task([x], w, mean=builder.make("neurons", builder.make("matrix", w, detail=(0, 1, 3)), x, detail=(1, 2)))
    computed = function(task, np.dtype("float32"))
    given = np.zeros(3, "float32"), np.zeros(0, "float32"), np.zeros((2, 4), "float32")
    assert "HIGHEST" in str(jax.make_jaxpr(computed)(*given))
    with jax.default_matmul_precision("bfloat16"):
        assert "HIGHEST" not in str(jax.make_jaxpr(computed)(*given))
