"""A second engine, of plain lists, has nothing to touch but its own file: the same tasks give the same numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

import autograd
from autograd.program import compile, specialization
from autograd.program.engines import Engine, engine
from tests.properties.test_compiled_programs import TOLERANCE, Tie, batches_of, compare, number, programs, run
from tests.support import examples
from tests.support.examples import share
from tests.support.list_engine import Lists


@given(programs())
@share(0.4)
def test_an_engine_of_plain_lists_gives_the_numbers_of_numpy_for_every_task(drawn: tuple[Any, ...]) -> None:
    same_as_on_numpy(Lists(), drawn, sizes=(3, 1))


@pytest.mark.jax
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:XLA calls Python in each run")
@given(programs())
@examples.programs(settings(max_examples=8))
def test_jax_gives_the_numbers_of_numpy_for_every_task(drawn: tuple[Any, ...]) -> None:
    same_as_on_numpy(engine("jax", "float64"), drawn, sizes=(3,))


def same_as_on_numpy(other: Engine, drawn: tuple[Any, ...], sizes: tuple[int, ...]) -> None:
    steps, parameters, captured, shapes, entropy, decay = drawn
    rng = np.random.default_rng(entropy)

    def made(*example: Any) -> list[Any]:
        return run(steps, parameters, captured, list(example[:-1]), example[-1])

    def loss(*example: Any) -> Any:
        y = autograd.sum([(1 - 0.3 * i) * x for i, x in enumerate(made(*example)[:3])])
        return y + 0.01 * autograd.sum([p * p for p in parameters]) if decay else y

    kinds = ["value", "step", f"inputs {entropy % len(shapes)}"]
    for size in sizes:
        batches = batches_of(shapes, size, rng)
        try:
            outputs = [number(x) for row in zip(*[batch.tolist() for batch in batches]) for x in made(*row)]
        except Tie:
            assume(False)
        assert all(map(math.isfinite, outputs))
        for program, of in ((compile(loss, parameters), kinds), (compile(made, parameters), ["map"])):
            traced = program.specialization(batches)
            for kind in of:
                expected, got = [everything(e, traced, kind, batches) for e in (engine("numpy", "float64"), other)]
                scale = max([1e-3, *map(abs, expected)])
                assert len(got) == len(expected)
                assert all(abs(a - b) <= TOLERANCE * scale for a, b in zip(got, expected)), (kind, got, expected)


@given(programs())
@share(0.4)
def test_programs_that_run_on_lists_agree_with_the_engine_of_values(drawn: tuple[Any, ...]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specialization, "engine", lambda name, dtype: Lists())
        try:
            compare(*drawn)
        except Tie:
            assume(False)


def everything(by: Engine, traced: Any, kind: str, batches: list[Any]) -> list[float]:
    """All numbers that a run leaves: the mean, the gradient, the results."""
    operations, size = traced.operations, len(batches[0])
    memory = by.memory(len(traced.parameters), len(operations.captured))
    memory.vector[:] = [p.data for p in traced.parameters]
    memory.captured[:] = [c.data for c in operations.captured]
    run = by.prepare(traced.task(kind)).run_for(size, memory)
    for i, batch in enumerate(batches):
        run.load(i, batch.reshape(size, -1).T)
    mean = run()
    assert not run.undefined
    assert (mean is None) == (kind == "map")
    results = [x for rows in run.results for x in np.ravel(rows).tolist()]
    return [0.0 if mean is None else mean, *map(float, memory.gradient), *results]
