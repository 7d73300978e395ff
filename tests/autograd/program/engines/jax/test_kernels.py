"""How JAX computes the rules, where that differs from Python's arithmetic."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from autograd import ops, straight_through  # noqa: E402
from autograd.program.engines.jax.kernels import KERNELS, kernel  # noqa: E402
from autograd.program.engines.jax.run import in_double  # noqa: E402
from autograd.rules import Binary, Unary  # noqa: E402
from tests.support.rules import same_at_every_number  # noqa: E402

OF_NUMBERS = sorted([rule for rule in KERNELS if isinstance(rule, (Unary, Binary))], key=lambda rule: rule.name)


@pytest.mark.parametrize("rule", OF_NUMBERS, ids=lambda rule: rule.name)
def test_a_kernel_gives_what_the_rule_itself_gives(rule: Any):
    with in_double(), np.errstate(all="ignore"):
        same_at_every_number(rule, lambda *columns: np.asarray(KERNELS[rule](*map(np.array, columns))))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_what_python_computes_keeps_its_digits_in_a_thread_without_64_bits(dtype: str):
    """XLA runs the larger programs in a thread of its own, whose JAX hasn't the mode of ours."""
    import jax

    numbers, found = np.array([[0.1, -2.7]], dtype), []
    with in_double():
        jaxpr = jax.make_jaxpr(kernel(straight_through(lambda a: a * (1 + 2**-10))))(numbers).jaxpr
        (called,) = [x for x in jaxpr.eqns if x.primitive.name == "pure_callback"]
        sent = [np.asarray(jax.lax.bitcast_convert_type(numbers, called.invars[0].aval.dtype))]

    def call() -> None:  # as JAX does it
        (out,) = called.params["callback"](*jax.device_put(sent))
        found.append(np.asarray(jax.device_put(out)))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert found[0].dtype == called.params["result_avals"][0].dtype
    assert (
        found[0].view(dtype).ravel().tolist() == (numbers.astype(float) * (1 + 2**-10)).astype(dtype).ravel().tolist()
    )


@pytest.mark.parametrize("exponent", [-1.5, -0.5, 0.5, 1.5])
def test_powers_that_are_roots_are_those_of_c(exponent: float):
    numbers = np.array([0.0, -0.0, 1e-300, 1e-3, 0.3, 1.0, 7.0, 1e200, np.inf, -np.inf, -2.0, np.nan])
    with in_double(), np.errstate(all="ignore"):
        found = np.asarray(KERNELS[ops.pow](numbers, np.float64(exponent)))
        wanted = np.where(numbers < 0, np.nan, numbers**exponent)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    assert not np.signbit(found[:2]).any()
