"""Products of a task in JAX give the numbers of NumPy's, in full precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

import autograd  # noqa: E402
from autograd import Value  # noqa: E402
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


@pytest.mark.parametrize("examples", [1, 5])
def test_products_of_all_heads_and_positions_at_once_are_those_of_numpy(examples):
    rng = np.random.default_rng(0)
    queries, keys, values = [[[Value(x) for x in row] for row in rng.normal(size=(8, 8))] for _ in range(3)]

    def attention(xs: Any) -> Any:
        qs, ks, vs = [[[autograd.dot(w, x) for w in matrix] for x in xs] for matrix in (queries, keys, values)]
        out = []
        for q in qs:
            for head in (slice(0, 4), slice(4, 8)):
                share = autograd.softmax([autograd.dot(q[head], k[head]) for k in ks])
                out += [autograd.dot(share, column) for column in zip(*[v[head] for v in vs])]
        return autograd.mean([y * y for y in out])

    parameters = [w for m in (queries, keys, values) for row in m for w in row]
    batch = rng.normal(size=(examples, 3, 8))
    found = []
    for engine in ("numpy", "jax"):
        program = autograd.compile(attention, parameters, engine=engine)
        assert "einsum" in [y.op for y in program.specialization([batch]).task("step").operations]
        for p in parameters:
            p.grad = 0.0
        found.append([program(batch), *[p.grad for p in parameters]])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12, atol=1e-15)
