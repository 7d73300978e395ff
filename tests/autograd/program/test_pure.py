"""A program as a pure function of JAX: in the user's own jit, scan and vmap it is the program."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, compile

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.jax

from autograd.program.engines.jax.run import in_double  # noqa: E402

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=5)


def test_in_the_users_scan_and_vmap_it_is_the_program_with_parameters_in_their_order():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    parameters = model.parameters()[::-1]
    program = compile(lambda x, y: (model(x) - y) ** 2, parameters, loss_scale=4.0)
    loss = program(X, Y)
    with in_double():
        f, start = program.as_jax(), jax.numpy.array([p.data for p in parameters])
        losses, gradients = jax.jit(jax.vmap(f, (0, None, None)))(jax.numpy.stack([start, start + 0.5]), X, Y)
        end, path = jax.jit(lambda v: jax.lax.scan(lambda v, _: (v - 0.1 * f(v, X, Y)[1], f(v, X, Y)[0]), v, length=3))(
            start
        )
    assert float(losses[0]) == pytest.approx(loss, rel=1e-14)
    assert gradients[0].tolist() == pytest.approx([p.grad for p in parameters], rel=1e-12)
    with program.session(nn.SGD(parameters, lr=0.1)) as session:
        assert path.tolist() == pytest.approx([session.step(X, Y) for _ in range(3)], rel=1e-12)
    assert end.tolist() == pytest.approx([p.data for p in parameters], rel=1e-12)
    with in_double():
        assert float(losses[1]) == pytest.approx(float(f(start + 0.5, X, Y)[0]), rel=1e-14)


def test_where_a_call_would_raise_an_error_the_loss_is_not_a_number():
    w = Value(1.0)
    hidden = compile(lambda x: autograd.tanh(w / x), [w], dtype="float32").as_jax()
    assert [bool(jax.numpy.isnan(jax.jit(hidden)([1.0], [x])[0])) for x in (0.0, 1.0)] == [True, False]
    table = compile(lambda i: autograd.take([w, 2.0, 3.0], i), [w], dtype="float32").as_jax()
    found = [float(jax.jit(table)([1.0], [i])[0]) for i in (0, 2, 3)]
    assert found == pytest.approx([1.0, 3.0, float("nan")], nan_ok=True)


def test_what_would_quietly_be_another_function_is_refused():
    w = Value(1.0)
    double = compile(lambda x: w * x, [w]).as_jax()
    with pytest.raises(TypeError, match="dtype float64, got float32: turn JAX's 64-bit mode on"):
        double([1.0], [2.0])
    single = compile(lambda x: w * x, [w], dtype="float32").as_jax()
    with pytest.raises(ValueError, match=r"a number for each of 1 parameters, got \(2,\)"):
        single([1.0, 2.0], [2.0])
    noisy = nn.Sequential(nn.Dropout(0.5))
    with pytest.raises(TypeError, match="draws random numbers"):
        compile(lambda x: w * autograd.sum(noisy([x, x])), [w], dtype="float32").as_jax()([1.0], [2.0])
