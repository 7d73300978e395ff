"""An optimizer's step, per parameter, against the bare loop that one writes with micrograd."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median

import micrograd.engine

from autograd import Value
from nn import SGD, Adagrad, Adam, AdamW, Lion, RMSprop

from .measure import Row, seconds

N = 2_410  # as many as the network for the digits has


def optimizer_steps() -> list[Row]:
    """Each optimizer as `python -m nn` would use it; all of them take turns, so that noise hits them alike."""
    rng = random.Random(0)
    numbers = [(rng.gauss(0, 1), rng.gauss(0, 1)) for _ in range(N)]
    peer = [micrograd.engine.Value(x) for x, _ in numbers]
    for q, (_, g) in zip(peer, numbers):
        q.grad = g

    def params() -> list[Value]:
        made = [Value(x) for x, _ in numbers]
        for p, (_, g) in zip(made, numbers):
            p.grad = g
        return made

    def bare_loop() -> None:
        for p in peer:
            p.data -= 1e-4 * p.grad

    plain = SGD(params(), lr=1e-4)
    others = {
        "SGD with momentum": SGD(params(), lr=1e-4, momentum=0.9),
        "Adagrad": Adagrad(params(), lr=1e-4),
        "RMSprop": RMSprop(params(), lr=1e-4),
        "Adam": Adam(params(), lr=1e-4),
        "AdamW": AdamW(params(), lr=1e-4),
        "Lion": Lion(params(), lr=1e-4),
    }
    runs: dict[str, Callable[[], None]] = {"bare": bare_loop, "SGD": plain.step}
    runs |= {name: optimizer.step for name, optimizer in others.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(101):
        for name, run in runs.items():
            times[name].append(1e9 * seconds(run) / N)
    worst = max(abs(p.data - q.data) for p, q in zip(plain.params, peer))
    assert worst < 1e-12, f"plain SGD and the bare loop differ by {worst}"
    ns = {name: median(found) for name, found in times.items()}
    note = f"{ns['SGD'] / ns['bare']:.1f} times the bare `p.data -= lr * p.grad`: it checks that all stays finite"
    rows = [("a step of SGD, per parameter", f"{ns['SGD']:.0f} ns", f"{ns['bare']:.0f} ns", note)]
    for name in others:
        times_bare = f"{ns[name] / ns['bare']:.0f} times the bare loop"
        rows.append(
            (f"a step of {name}", f"{ns[name]:.0f} ns", "", f"{ns[name] / ns['SGD']:.1f} times SGD, {times_bare}")
        )
    return rows
