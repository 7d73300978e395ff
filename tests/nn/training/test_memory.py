"""Memory stays flat however long one works: nothing is held on to from step to step, and hardly any of it in cycles.

`python -m tests.nn.training.test_memory 10000` takes 10,000 steps of each kind of work and prints a
table of what they hold.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import pickle
import random
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, checkpoint, draw, explain, grad, gradient, hessian, hvp, jvp, no_grad, steps, vjp
from autograd.program import specialization

pytestmark = pytest.mark.slow

Step = Callable[[int], Any]

X = [[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6], [0.7, 0.8]]
T = [1.0, -1.0, 1.0, -1.0]
QUIET: dict[str, Any] = {"progress": False, "batch_size": 3, "epochs": 1, "validation": (X, T)}


def a_model() -> nn.Module:
    return nn.Sequential(
        nn.Layer(2, 3, "tanh", seed=0), nn.BatchNorm(3), nn.Dropout(0.2, seed=1), nn.Layer(3, 1, "linear", seed=2)
    )


# ------------------------------------------------------------------------------------------------------ kinds of work


def training() -> Step:
    model = a_model()
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    schedule = nn.Schedule(optimizer, nn.schedules.exponential(0.9999))

    def step(i: int) -> None:
        loss = autograd.mean([nn.mse_loss(y, t) for y, t in zip(model.batch(X), T)])
        optimizer.zero_grad()
        loss.backward()
        nn.clip_grad_norm(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()

    return step


def fits(compile: bool) -> Step:
    model = nn.MLP(2, [3, 1], seed=0) if compile else a_model()
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    seen: list[float] = []

    def last(_: Any, history: nn.History) -> None:
        seen[:] = history.loss

    def step(i: int) -> None:
        settings = {**QUIET, "compile": compile, "callbacks": [last]}
        nn.fit(model, nn.mse_loss, X[:3], T[:3], optimizer=optimizer, seed=i, **settings)

    return step


def sequences() -> Step:
    model = nn.GPT(5, 4, n_head=2, n_embd=4, seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.01)

    def step(i: int) -> None:
        tokens = [(i + k) % 5 for k in range(2 + i % 4)]
        optimizer.zero_grad()
        nn.cross_entropy(model(tokens[:-1]), tokens[1:]).backward()
        optimizer.step()

    return step


def evaluations() -> Step:
    model = a_model()
    return lambda i: nn.evaluate(model, nn.mse_loss, X, T)


def transforms() -> Step:
    def f(v: Any) -> Any:
        return v[0] ** 2 * v[1] + v[1].sin()

    x, e = [1.0, 2.0], [1.0, 0.0]
    return lambda i: [grad(f)(x), hessian(f)(x), jvp(f, (x,), (e,)), hvp(f, (x,), (e,)), vjp(f, x)[1](1.0)]


def again() -> Step:
    x = Value(0.5)
    f = checkpoint(lambda y: [(y * x).tanh(), y])
    return lambda i: [gradient(gradient(f(x)[0], x, create_graph=True), x), autograd.sum(f(x)).backward()]


def failures() -> Step:
    zero, large, changing = Value(0.0, "zero"), Value(1e200), Value(1.0)

    def assigned() -> None:
        y = changing * changing
        changing.data += 1.0
        y.backward()

    def inside() -> None:
        with no_grad():
            autograd.log(zero)

    failing = [
        lambda: zero.sqrt().backward(), lambda: (large * large * large).backward(), lambda: zero / zero, assigned,
        inside, lambda: grad(autograd.sqrt)(0.0), lambda: checkpoint(autograd.log)(zero),
    ]  # fmt: skip

    def step(i: int) -> None:
        for f in failing:
            with pytest.raises((ValueError, ArithmeticError, RuntimeError)):
                f()

    return step


def drawings() -> Step:
    x = Value(0.5, label="x")

    def step(i: int) -> None:
        y = (x * x + i).tanh()
        y.backward()
        _ = draw(y).svg(), str(steps(y)), str(explain(y, x))

    return step


def saving() -> Step:
    model = a_model()
    optimizer, rng = nn.Adam(model.parameters(), lr=0.01), random.Random(0)
    path = Path(tempfile.gettempdir()) / f"memory-{os.getpid()}.json"  # always the same: Python keeps names of files

    def step(i: int) -> None:
        nn.save(model, path, optimizer=optimizer, seed=rng)
        nn.load(model, path, optimizer=optimizer, seed=rng)
        path.unlink()

    return step


def copies() -> Step:
    model = a_model()
    return lambda i: [copy.deepcopy(model), pickle.loads(pickle.dumps(model))]


def new_layers() -> Step:
    model = nn.Sequential(nn.Layer(2, 2, seed=0))

    def step(i: int) -> None:
        model.extra = nn.Layer(2, 2, seed=i)
        model.load_state_dict(model.state_dict())

    return step


def batches_of_all_sizes() -> Step:
    w = Value(2.0)
    program = autograd.compile(lambda x: (w * x).tanh(), [w])

    def step(i: int) -> None:
        batch = [0.1] * (1 + i % ROUND)
        program(batch)
        program.map(batch)
        program.input_gradients(batch)
        with no_grad():
            program(batch)

    return step


def examples_of_all_shapes() -> Step:
    w = Value(2.0)
    program = autograd.compile(lambda xs: w * xs[0], [w])
    return lambda i: program([[0.1] * (1 + i % ROUND)])


def changing_conditions() -> Step:
    w, c = Value(2.0), Value(1.0)
    program = autograd.compile(lambda x: (w * x).tanh() * c.data, [w])

    def step(i: int) -> None:
        c.data = float(i)
        program([0.1, 0.2])

    return step


def new_programs() -> Step:
    def step(i: int) -> None:
        ws = [Value(1.0) for _ in range(2 + i % 5)]  # as many classes
        autograd.compile(lambda t: nn.cross_entropy([w * 1.0 for w in ws], t), ws)([0, 1])

    return step


def refused_programs() -> Step:
    w = Value(2.0)
    program = autograd.compile(lambda x: x if x > 0 else w, [w])
    undefined = autograd.compile(lambda x: autograd.log(x * w), [w])

    def step(i: int) -> None:
        for p in (program, undefined):
            with contextlib.suppress(TypeError, ValueError):
                p([0.1, -0.2])

    return step


WORK: dict[str, Callable[[], Step]] = {
    "training": training, "a GPT": sequences,
    "fit": lambda: fits(False), "fit, compiled": lambda: fits(True), "evaluate": evaluations,
    "transforms": transforms, "checkpoints, second derivatives": again,
    "failures": failures, "drawings": drawings, "saving": saving,
    "copies": copies, "new layers": new_layers,
    "batches of all sizes": batches_of_all_sizes, "examples of all shapes": examples_of_all_shapes,
    "changing conditions": changing_conditions, "new programs": new_programs, "refused programs": refused_programs,
}  # fmt: skip

CYCLES = {
    "fit, compiled", "drawings", "saving", "new programs", "changing conditions", "examples of all shapes",
    "refused programs",
}  # fmt: skip
"""Work that leaves cycles for the garbage collector: a program that was traced, a text being written, Python's json,
and an exception on its way through a context manager of Python's contextlib (3.12)."""

ROUND = 20
"""After so many steps everything has been there once: what is kept is complete, and if it has a limit, that is met."""

PARTS = 8
BYTES = 8
"""For each step this is the least that it takes to remember it in a list."""


# --------------------------------------------------------------------------------------------------------- the tests


def cleared() -> tuple[int, int]:
    """The bytes in use after a collection, and how many objects that found. Python's own caches are emptied, too."""
    found = gc.collect()  # and with it the objects that Python has in store
    clear = "_clear_internal_caches" if hasattr(sys, "_clear_internal_caches") else "_clear_type_cache"
    getattr(sys, clear)()  # the names by which attributes were found
    return tracemalloc.get_traced_memory()[0], found


def held(step: Step, n: int) -> tuple[int, int]:
    """What n steps without a garbage collection leave: (bytes, after a collection; objects that it then found).

    Where it seems that they hold something, n more are looked at, and more yet: Python itself keeps something now and
    then, such as the name of an attribute, but a leak is there each time.
    """
    tracemalloc.start()
    was_on = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()  # what is there already needn't be gone through each time
    try:
        for i in range(ROUND):
            step(i)
        size, _ = cleared()
        for part in range(PARTS):
            for i in range(n):
                step(ROUND + part * n + i)
            before, (size, found) = size, cleared()
            if size - before < BYTES * n:
                break
        return size - before, found
    finally:
        tracemalloc.stop()
        if was_on:
            gc.enable()


@pytest.mark.parametrize("name", WORK)
def test_steps_leave_nothing_behind(name, monkeypatch):
    monkeypatch.setattr(specialization, "SHAPES", ROUND // 2)
    left, found = held(WORK[name](), ROUND)
    if sys.version_info >= (3, 11):  # 3.10 keeps a frame for each function, now a longer and now a shorter one
        assert left < BYTES * ROUND
    if name not in CYCLES:
        assert found == 0  # what a step makes is freed the moment it ends, without the collector


@pytest.mark.jax
def test_two_thousand_steps_on_jax_leave_no_array_and_a_process_that_is_as_large():
    """In 500 scans of 4 steps, of which each makes four arrays of a parameter's size."""
    jax = pytest.importorskip("jax")
    model = nn.MLP(2, [300, 1], "tanh", seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    found: list[tuple[int, int]] = []

    def look(_: Any, history: nn.History) -> None:
        if len(history.loss) in (100, 300, 500):
            gc.collect()
            found.append((sum(x.nbytes for x in jax.live_arrays()), _resident()))

    xs = [[i / 20, -i / 20] for i in range(20)]
    settings: dict[str, Any] = {"epochs": 500, "batch_size": 5, "callbacks": [look], "progress": False}
    nn.fit(model, nn.mse_loss, xs, [0.0] * 20, optimizer=optimizer, seed=0, compile=True, engine="jax", **settings)
    assert optimizer.steps == 2000
    assert len({arrays for arrays, _ in found}) == 1
    vector = 8 * len(model.parameters())
    assert found[-1][1] - found[0][1] < 100 * vector  # one in each scan would be 400


@pytest.mark.parametrize("compile", [False, True])
def test_a_fit_grows_by_its_records_only(compile):
    model = nn.MLP(2, [3, 1], seed=0)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    sizes: dict[int, int] = {}

    def measure(_: Any, history: nn.History) -> None:
        if len(history.loss) in (10, 40):
            sizes[len(history.loss)], _ = cleared()

    tracemalloc.start()
    try:
        settings = {**QUIET, "epochs": 40, "compile": compile, "callbacks": [measure]}
        history = nn.fit(model, nn.mse_loss, X, T, optimizer=optimizer, seed=0, **settings)
    finally:
        tracemalloc.stop()
    layers = len(history.gradient_norm)
    numbers = 4 + 2 * layers  # loss, validation loss, rate, seconds; for each layer a norm and a ratio
    # a float has 24 bytes, its place in a list 8; a list has an eighth of its places in reserve, and six at first
    assert sizes[40] - sizes[10] < numbers * (30 * (24 + 9) + 6 * 8) + 2048


def test_a_program_keeps_the_sizes_and_shapes_that_were_used_last():
    program = autograd.compile(lambda xs: autograd.sum(xs))
    batch = [np.array([[1.0, 2.0]])]
    often = program.specialization(batch)
    for n in range(1, 3 * specialization.SHAPES):
        program([[1.0] * n])
        assert program.specialization(batch) is often
    assert len(program._runs) == specialization.SHAPES
    runs = specialization.Runs(often)
    run = runs.of("value", 1)
    for size in range(2, 5 * specialization.KEPT):
        runs.of("value", size)
        assert runs.of("value", 1) is run
    assert len(runs._of) == specialization.KEPT


# ---------------------------------------------------------------------------------------------------------- by hand


def _resident() -> int:
    """The memory of this process that is in use, in bytes; 0 where the system doesn't tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def main(n: int, names: list[str]) -> None:
    """Print what n steps of each kind of work hold."""
    specialization.SHAPES = ROUND // 2
    print(f"{n} steps: bytes held | process grown, collector on | off | in cycles a step")
    for name in names or WORK:
        grown = []
        for on in (True, False):
            step = WORK[name]()
            for i in range(2 * ROUND):
                step(i)
            gc.collect()
            before = _resident()
            if not on:
                gc.disable()
            for i in range(n):
                step(i)
            grown.append(_resident() - before)
            gc.enable()
        left, found = held(WORK[name](), n // ROUND * ROUND)
        print(f"{name:32}{left:12,}{grown[0]:16,}{grown[1]:16,}{found / n:12.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
