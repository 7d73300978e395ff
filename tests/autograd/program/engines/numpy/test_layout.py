"""Where the numbers of a task lie: buffers serve again, and what need not be carried about is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.program.builder import Builder
from autograd.program.engines import Task, engine
from autograd.program.engines.numpy.layout import Layout
from autograd.program.transpose import transposed


def laid_out(task: Task, size: int = 5) -> Layout:
    return Layout(task, size, engine("numpy", "float64").memory(task.parameters.rows if task.parameters else 0, 0))


def buffers(layout: Layout) -> list[Any]:
    """The arrays that calls write to, each once."""
    written = [call[1] if call[0] is np.copyto else call[-1] for call in layout.calls]
    return list({id(x): x for x in written}.values())


def test_a_long_chain_needs_one_buffer():
    builder = Builder()
    x = builder.make("input", detail=(0, 3))
    y = x
    for _ in range(10):
        y = builder.apply(ops.sin, y)
    layout = laid_out(Task([x], None, [y]))
    assert (len(layout.calls), len(buffers(layout))) == (10, 1)
    assert layout.results[0].shape == (3, 5)


def test_a_single_number_is_not_computed_where_it_lies():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    y = builder.apply(ops.cos, builder.apply(ops.sin, builder.apply(ops.exp, x)))
    assert len(buffers(laid_out(Task([x], None, [y]), size=1))) == 2
    assert len(buffers(laid_out(Task([x], None, [y]), size=2))) == 1


def test_what_is_read_later_keeps_its_buffer():
    builder = Builder()
    x = builder.make("input", detail=(0, 3))
    y = builder.apply(ops.exp, x)
    z = builder.apply(ops.add, builder.apply(ops.sin, builder.apply(ops.cos, y)), y)
    assert len(buffers(laid_out(Task([x], None, [z])))) == 2
    kept = laid_out(Task([x], None, [z, y]))
    assert kept.results[0] is not kept.results[1]


def test_comparisons_have_buffers_of_their_own():
    builder = Builder()
    x = builder.make("input", detail=(0, 3))
    y = builder.elementwise("where", builder.elementwise(">", x, 0.0), x, builder.apply(ops.exp, x))
    kinds = [buffer.dtype for buffer in buffers(laid_out(Task([x], None, [y])))]
    assert sorted(kinds) == sorted([np.dtype(bool), np.dtype(float), np.dtype(float)])


def test_the_gradient_of_a_layer_is_computed_where_it_is_stored():
    builder = Builder()
    x, w = builder.make("input", detail=(0, 2)), builder.make("vector", detail=3)
    y = builder.make("neurons", builder.make("matrix", w, detail=(0, 1, 3)), x, detail=(1, 2))
    parts = transposed(y, builder.apply(ops.div, 1.0, builder.batch))
    task, memory = Task([x], w, [], parts[w.serial], y), engine("numpy", "float64").memory(3, 0)
    layout = Layout(task, 5, memory)
    assert any(np.shares_memory(buffer, memory.gradient) for buffer in buffers(layout))
    assert not any(call[0] in (np.add, np.copyto) and call[-1] is memory.gradient for call in layout.calls)


def test_a_mean_of_a_product_is_one_call():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    task = Task([x], None, mean=builder.apply(ops.mul, 0.5, builder.elementwise(ops.mul, x, x)))
    layout = laid_out(task)
    assert (layout.calls, layout.mean[0]) == ([], "{} * float({}.dot({})) / {}")
    assert engine("numpy", "float64").prepare(task).calls == 1


def test_numbers_are_arrays_of_the_precision_without_axes():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    ((_, one, *_),) = laid_out(Task([x], None, [builder.apply(ops.sub, 1, x)])).calls
    assert (one.shape, one.dtype) == ((), np.dtype(float))
