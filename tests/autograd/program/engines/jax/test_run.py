"""The engine that runs on JAX: numbers go to the device and back, and the user's own JAX is left as it was."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, compile, ops
from autograd.program.builder import Builder
from autograd.program.engines import Run, Task, engine

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax


def run_of(rule: Any, dtype: str = "float64", size: int = 2) -> Run:
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    by = engine("jax", dtype)
    return by.prepare(Task([x], None, [builder.elementwise(rule, *[x] * len(rule.operands))])).run_for(
        size, by.memory(0, 0)
    )


def test_only_our_calls_have_64_bits_and_only_in_the_thread_that_makes_them():
    inside: list[str] = []

    def looking(a: Any) -> Any:
        other = threading.Thread(target=lambda: inside.append(jax.numpy.arange(2.0).dtype.name))
        other.start()
        other.join()
        return a

    rule = autograd.primitive("looking", lambda a: a, lambda y, a: 1.0, kernels={"jax": looking}, points=())
    inside.clear()
    before = jax.jit(lambda x: x / 3)(1.0)
    w = Value(1 / 3)
    assert compile(lambda x: rule(w) * x, [w], engine="jax")([1.0]) == 1 / 3
    assert inside  # the function was followed while another thread looked
    assert {*inside, before.dtype.name, jax.numpy.arange(2.0).dtype.name} == {"float32"}
    assert jax.jit(lambda x: x / 3)(1.0).dtype == "float32"


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_numbers_have_the_precision_that_was_asked_for(dtype: str):
    run = run_of(ops.maximum, dtype)
    run.load(0, [[1e300, 1.0]])  # more than all but float64 can hold: infinite, without a warning
    run()
    assert run.results[0].dtype == engine("jax", dtype).memory(1, 0).vector.dtype == dtype
    assert run.results[0][0, 1] == 1.0
    assert np.isinf(run.results[0][0, 0]) == (dtype != "float64")


def test_what_is_loaded_is_copied():
    run, numbers = run_of(ops.identity, size=1000), np.ones((1, 1000))
    run.load(0, numbers)
    numbers[:] = 5.0
    run()
    assert run.results[0].max() == 1.0


def test_an_operation_of_ones_own_is_called_back_with_a_warning_or_has_a_kernel():
    slow = autograd.primitive("slow", lambda a: a**3, lambda y, a: 3 * a * a)
    quick = autograd.primitive("quick", lambda a: a**3, lambda y, a: 3 * a * a, kernels={"jax": lambda a: a * a * a})
    for rule, calls in ((slow, ", and for each number of slow a call of Python"), (quick, "")):
        w = Value(1 / 3)
        program = compile(lambda x, w=w, rule=rule: rule(w) * x, [w], engine="jax")
        if calls:
            with pytest.warns(
                UserWarning, match="XLA calls Python in each run, for each number of slow: where that is"
            ):
                assert program([1.0, 3.0]) == pytest.approx(2 / 27, rel=1e-15)
        assert program([1.0, 3.0]) == pytest.approx(2 / 27, rel=1e-15)
        assert f"operations of XLA{calls}\n" in program.explain([1.0, 3.0]).text
        assert w.grad == pytest.approx((2 if calls else 1) * 2 / 3, rel=1e-14)


def test_a_kernel_that_computes_something_else_is_refused():
    with pytest.raises(AssertionError, match=r"compiled, wrong\(0.37\) is"):
        autograd.primitive("wrong", lambda a: a, lambda y, a: 1.0, kernels={"jax": lambda a: a + 1e-6})
