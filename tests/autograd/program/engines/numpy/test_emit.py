"""The text of a program: buffers serve again, and what is only carried about is left out."""

from __future__ import annotations

from autograd import ops
from autograd.program.builder import Builder
from autograd.program.engines import Task
from autograd.program.engines.numpy.emit import Emitter
from autograd.program.transpose import transposed


def test_a_long_chain_needs_one_buffer():
    builder = Builder()
    x = builder.make("input", detail=(0, 3))
    y = x
    for _ in range(10):
        y = builder.apply(ops.sin, y)
    text = Emitter(Task([x], None, [y]))
    assert len([line for line in text.setup if "= empty(" in line]) == 1
    assert text.calls == 10


def test_what_is_read_later_keeps_its_buffer():
    builder = Builder()
    x = builder.make("input", detail=(0, 3))
    y = builder.apply(ops.exp, x)
    z = builder.apply(ops.add, builder.apply(ops.sin, builder.apply(ops.cos, y)), y)
    assert len([line for line in Emitter(Task([x], None, [z])).setup if "= empty(" in line]) == 2
    assert len([line for line in Emitter(Task([x], None, [z, y])).setup if "= empty(" in line]) == 2


def test_comparisons_have_buffers_of_their_own():
    builder = Builder()
    x = builder.make("input", detail=(0, 3))
    y = builder.elementwise("where", builder.elementwise(">", x, 0.0), x, builder.apply(ops.exp, x))
    assert len([line for line in Emitter(Task([x], None, [y])).setup if line.endswith(", bool)")]) == 1


def test_the_gradient_of_a_layer_is_computed_where_it_is_stored():
    builder = Builder()
    x, w = builder.make("input", detail=(0, 2)), builder.make("vector", detail=3)
    y = builder.make("neurons", builder.make("matrix", w, detail=(0, 1, 3)), x, detail=(1, 2))
    parts = transposed(y, builder.apply(ops.div, 1.0, builder.batch))
    text = Emitter(Task([x], w, [], parts[w.serial], y))
    assert any(line.endswith("= G[0:3].reshape(-1, 1)") for line in text.setup)
    assert not any("add" in line for line in text.run)


def test_a_mean_of_a_product_is_one_call():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    text = Emitter(Task([x], None, mean=builder.apply(ops.mul, 0.5, builder.elementwise(ops.mul, x, x))))
    assert text.run == ["return 0.5 * float(dot(mean_a, mean_b)) / B"]
    assert text.calls == 1


def test_rules_of_the_same_name_are_called_by_different_names():
    builder = Builder()
    x = builder.make("input", detail=(0, 1))
    mine = ops.Unary("sin", "a", lambda a: a, lambda y, a: 1.0, latex="#1")
    text = Emitter(Task([x], None, [builder.apply(ops.sin, x), builder.apply(mine, x)]))
    assert set(text.given) == {"f_sin", "f_sin_"}
