"""The engine that calls NumPy: its settings are its own, and its runs share nothing but the memory."""

from __future__ import annotations

import gc
import warnings
import weakref
from typing import Any

import numpy as np
import pytest

from autograd import ops
from autograd.program.builder import Builder
from autograd.program.engines import Run, Task, engine


def run_of(rule: Any, dtype: str = "float64", size: int = 2) -> Run:
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    by = engine("numpy", dtype)
    return by.prepare(Task([x], None, [builder.elementwise(rule, x)])).run_for(size, by.memory(0, 0))


def test_what_is_undefined_is_noted_and_numpy_is_left_as_it_was():
    before, run = np.geterr(), run_of(ops.log)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.load(0, [[1.0, 0.0]])
        run()
    assert (run.undefined, np.geterr(), np.geterrcall()) == (True, before, None)


def test_runs_of_different_sizes_are_apart():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    by = engine("numpy", "float64")
    ready = by.prepare(Task([x], None, [builder.apply(ops.exp, x)]))
    one, two = [ready.run_for(size, by.memory(0, 0)) for size in (1, 2)]
    one.load(0, [[0.0]])
    two.load(0, [[1.0, 2.0]])
    one()
    two()
    assert one.results[0].tolist() == [[1.0]]
    assert two.results[0].tolist() == np.exp([[1.0, 2.0]]).tolist()


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_numbers_have_the_precision_that_was_asked_for(dtype: str):
    run = run_of(ops.exp, dtype)
    run.load(0, [[1e300, 1.0]])  # more than float16 and float32 can hold: infinite, without a warning
    run()
    assert run.results[0].dtype == engine("numpy", dtype).memory(1, 0).vector.dtype == dtype
    assert run.results[0][0, 1] == np.exp(np.array(1.0, dtype))


def test_a_run_that_nobody_holds_is_freed_at_once():
    gc.disable()
    try:
        run = run_of(ops.exp)
        gone = weakref.ref(run)
        del run
        assert gone() is None
    finally:
        gc.enable()


def test_rules_of_the_same_name_are_two_functions():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    mine = ops.Unary("sin", "a", lambda a: a, lambda y, a: 1.0, latex="#1")
    by = engine("numpy", "float64")
    run = by.prepare(Task([x], None, [builder.apply(ops.sin, x), builder.apply(mine, x)])).run_for(1, by.memory(0, 0))
    run.load(0, [[2.0]])
    run()
    assert [float(rows[0, 0]) for rows in run.results] == [np.sin(2.0), 2.0]
