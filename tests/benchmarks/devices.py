"""Compiled programs on the device that is there, against JAX by hand: `python -m tests.benchmarks.devices`.

One table for steps, with 200, 20,000 and 2,000,000 examples: a gradient of MLP(1, [64, 64, 1]) whose examples and
parameters are on the device already. One for the first step of scalar code, from the function to its first gradient:
`jax.jit(jax.grad(f))` of the same scalar code is given up on after twenty times our time. Medians; runs alternate.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from queue import Empty
from typing import Any

import numpy as np

import nn
from autograd import Value, compile
from autograd.program.engines.jax.run import in_double

SIZES = (200, 20_000, 2_000_000)


def by_hand(parameters: Any, x: Any, y: Any) -> Any:
    """The loss as JAX's documentation would write it, one row for each example."""
    import jax
    import jax.numpy as jnp

    a = x
    for W, b in parameters[:-1]:
        a = jax.nn.relu(jnp.dot(a, W.T, precision="highest") + b)
    W, b = parameters[-1]
    return 0.5 * jnp.mean((jnp.dot(a, W.T, precision="highest")[:, 0] + b - y) ** 2)


def gradient(size: int, dtype: Any) -> list[str]:
    """For a number of examples the time of a gradient: ours, by hand, their ratio; and with NumPy."""
    import jax
    import jax.numpy as jnp

    model, rng = nn.MLP(1, [64, 64, 1], "relu", seed=0), np.random.default_rng(0)
    X, Y = rng.normal(size=(size, 1)).astype(dtype), rng.normal(size=size).astype(dtype)
    on_jax, on_numpy = [
        compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters(), dtype=dtype, engine=engine)
        for engine in ("jax", "numpy")
    ]
    traced = on_jax.specialization([X, Y])
    ready: Any = traced.executable("step")
    with in_double():
        vector, none = jnp.array([p.data for p in traced.parameters], dtype), jnp.zeros(0, dtype)
        columns = jnp.array(X.T), jnp.array(Y[None])
        matrices = [np.array([[p.data for p in n.parameters()] for n in layer.neurons]) for layer in model.layers]
        weights = [(jnp.array(W[:, :-1], dtype), jnp.array(W[:, -1], dtype)) for W in matrices]
        by_rows, x, y = jax.jit(jax.value_and_grad(by_hand)), jnp.array(X), jnp.array(Y)
        ours, hand = alternately(
            lambda: jax.block_until_ready(ready.compiled(vector, none, *columns)),
            lambda: jax.block_until_ready(by_rows(weights, x, y)),
            repeats=31 if size < 1_000_000 else 7,
        )
    session = on_numpy.session(nn.SGD(model.parameters(), lr=0.0))
    session.load(X, Y)
    on_numpy_alone = alternately(session.backward, repeats=7)[0] if size <= 20_000 else math.nan
    return [f"{ours * 1e3:.3f}", f"{hand * 1e3:.3f}", f"{ours / hand:.2f}", f"{on_numpy_alone * 1e3:.3f}"]


def alternately(*functions: Callable[[], Any], repeats: int) -> list[float]:
    """The median time of each, in seconds."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats + 1):
        for function, found in zip(functions, times):
            start = time.perf_counter()
            function()
            found.append(time.perf_counter() - start)
    return [statistics.median(found[1:]) for found in times]


# ------------------------------------------------------------------------------------------------------ the first step


class Network:
    """The loss of a network as scalar code over (parameters, tanh), for one example and for all; and its numbers."""

    def __init__(self, widths: Sequence[int], examples: int) -> None:
        rng, self.widths = np.random.default_rng(0), [1, *widths]
        self.xs, self.ys = rng.normal(size=(2, examples)).tolist()
        self.size = sum([(k + 1) * m for k, m in pairwise(self.widths)])
        self.numbers: list[float] = (0.3 * rng.normal(size=self.size)).tolist()

    def loss(self, p: Any, tanh: Any, x: Any, y: Any) -> Any:
        row, at = [x], 0
        for k, m in pairwise(self.widths):
            made = []
            for _ in range(m):
                z = p[at + k]
                for i in range(k):
                    z = z + p[at + i] * row[i]
                made.append(z)
                at += k + 1
            row = made if at == self.size else [tanh(z) for z in made]
        return (row[0] - y) ** 2

    def mean(self, p: Any, tanh: Any) -> Any:
        total: Any = 0.0
        for x, y in zip(self.xs, self.ys):
            total = total + self.loss(p, tanh, x, y)
        return total / len(self.xs)


CASES = {
    "MLP(1, [10, 1]), 200 points": ([10, 1], 200),
    "MLP(1, [10, 10, 1]), 200 points": ([10, 10, 1], 200),
    "MLP(1, [10, 10, 10, 10, 10, 1]), 200 points": ([10, 10, 10, 10, 10, 1], 200),
    "the last on 1 point as one function of 1,000 nodes": ([10, 10, 10, 10, 10, 1], 1),
    "on 2 points, 2,000 nodes, as one function": ([10, 10, 10, 10, 10, 1], 2),
    "on 50 points, 50,000 nodes, as one function": ([10, 10, 10, 10, 10, 1], 50),
}


def our_first_step(case: str, queue: Any) -> None:
    """The seconds from a function of Values to the first gradient, JAX being imported and started."""
    import autograd

    compile(lambda x: x, engine="jax").map([1.0])
    of = Network(*CASES[case])
    parameters = [Value(x) for x in of.numbers]
    queue.put("ready")
    start = time.perf_counter()
    if "one function" in case:
        compile(lambda x: of.mean(parameters, autograd.tanh), parameters, engine="jax")([0.0])
    else:
        compile(lambda x, y: of.loss(parameters, autograd.tanh, x, y), parameters, engine="jax")(of.xs, of.ys)
    queue.put((time.perf_counter() - start, [p.grad for p in parameters]))


def their_first_step(case: str, queue: Any) -> None:
    """The like of `jax.jit(jax.grad(...))`."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.jit(lambda x: x)(1.0)
    of = Network(*CASES[case])
    queue.put("ready")
    start = time.perf_counter()
    gradient = jax.block_until_ready(jax.jit(jax.grad(lambda p: of.mean(p, jax.numpy.tanh)))(of.numbers))
    queue.put((time.perf_counter() - start, [float(g) for g in gradient]))


def first_steps(chosen: Iterable[str] = CASES) -> list[list[str]]:
    """For each case our time, theirs, and their ratio; at least so many times ours where theirs was given up on."""
    rows = []
    for case in chosen:
        ours, gradient = in_a_process(our_first_step, case, math.inf) or (math.nan, [])
        theirs = in_a_process(their_first_step, case, 20 * ours)
        if theirs:
            assert np.allclose(gradient, theirs[1], rtol=1e-9, atol=1e-12)
            rows.append([case, f"{ours:.2f}", f"{theirs[0]:.2f}", f"{theirs[0] / ours:.1f}"])
        else:
            rows.append([case, f"{ours:.2f}", f"more than {20 * ours:.0f}", "more than 20"])
    return rows


def in_a_process(target: Callable[..., None], case: str, seconds: float) -> Any:
    """What a function puts in its queue, in a process of its own; None if that takes longer once it is ready."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    process = context.Process(target=target, args=(case, queue))
    process.start()
    try:
        queue.get()
        return queue.get(timeout=None if math.isinf(seconds) else seconds)
    except Empty:
        return None
    finally:
        process.terminate()
        process.join()


def main() -> None:
    """Print the tables for the first device of JAX."""
    import jax

    device = jax.devices()[0]
    print(f"JAX {jax.__version__} on {device.device_kind} ({device.platform}), {os.cpu_count()} cores\n")
    print("| a gradient of MLP(1, [64, 64, 1]), ms | ours | JAX by hand | ratio | NumPy |\n|---|---|---|---|---|")
    for dtype in ("float64", "float32"):
        for size in SIZES:
            print(f"| {size:,} examples, {dtype} | {' | '.join(gradient(size, dtype))} |", flush=True)
    print("\n| the first gradient of scalar code, s | ours | `jax.jit(jax.grad(f))` | ratio |\n|---|---|---|---|")
    for row in first_steps():
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
