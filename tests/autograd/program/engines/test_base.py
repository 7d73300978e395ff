"""What an engine is given: a task with the operations that it needs, in order, and no others."""

from __future__ import annotations

import pytest

from autograd import ops
from autograd.program.builder import Builder
from autograd.program.engines import Engine, Executable, Run, Task, engine
from tests.support.engines import EVERY_ENGINE
from tests.support.list_engine import Lists


def test_a_task_has_what_it_needs_each_operation_after_its_operands():
    builder = Builder()
    x = builder.make("input", detail=(0, 2))
    y = builder.apply(ops.tanh, builder.rows(x, 0, 1))
    builder.apply(ops.exp, x)  # nothing depends on it
    work = Task([x], None, mean=builder.apply(ops.mul, y, y))
    assert [node.op for node in work.operations] == ["input", "rows", ops.tanh, ops.mul]
    assert (work.inputs, work.parameters, work.results, work.gradient) == ([x], None, (), ())


def test_an_input_that_nothing_depends_on_is_still_loaded():
    builder = Builder()
    x = builder.make("input", detail=(0, 2))
    assert Task([x], None, [1.5]).operations == [x]


@pytest.mark.parametrize("kind", [Engine, Executable, Run])
def test_who_leaves_something_out_is_no_engine(kind: type):
    with pytest.raises(TypeError, match="abstract"):
        kind()


@pytest.mark.parametrize("by", [*EVERY_ENGINE, Lists()])
def test_a_run_reads_the_memory_and_some_of_the_examples(by: Engine | str):
    by = engine(by, "float64") if isinstance(by, str) else by
    builder = Builder()
    x, w, c = builder.make("input", detail=(0, 2)), builder.make("vector", detail=2), builder.make("captured", detail=1)
    product = builder.apply(ops.mul, w, builder.apply(ops.add, x, c))
    first = builder.rows(product, 0, 1)
    work = Task(
        [x], w, [builder.rows(product, 1, 2), 2.5], [(range(1, 2), 3.0), ((0, 0), builder.rows(w, 1, 2))], first
    )
    memory = by.memory(2, 1)
    run = by.prepare(work).run_for(2, memory)
    run.load(0, [[1.0, 2.0, 4.0], [10.0, 20.0, 40.0]], [2, 0])
    memory.vector[:], memory.captured[:] = [2.0, 3.0], [1.0]
    assert run() == 2 * (5 + 2) / 2
    assert [list(row) for row in run.results[0]] == [[3 * 41, 3 * 11]]
    assert run.results[1] == 2.5
    assert list(memory.gradient) == [6.0, 3.0]
    memory.vector[:] = [1.0, 3.0]
    assert run() == (5 + 2) / 2
    assert not run.undefined
    memory.captured[:] = [float("nan")]
    assert run() != run()


@pytest.mark.parametrize("by", [*EVERY_ENGINE, Lists()])
def test_a_run_says_whether_something_undefined_was_computed_although_the_end_is_finite(by: Engine | str):
    by = engine(by, "float64") if isinstance(by, str) else by
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    y = builder.elementwise("where", builder.elementwise("<", x, 0.0), 1.0, builder.apply(ops.log, x))
    run = by.prepare(Task([x], None, mean=y)).run_for(1, by.memory(0, 0))
    for number, undefined in ((1.0, False), (-1.0, True), (1.0, False)):
        run.load(0, [[number]])
        run()
        assert run.undefined is undefined
