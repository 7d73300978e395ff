"""A training step of a compiled program against the same step elsewhere: `python -m tests.benchmarks.programs`.

Three networks learn y = a·cos(bx) + x·sin(cx) − d·tanh(ex) at 200 points: tanh, half the squared
error, gradient descent on all points at once. What is timed is a step: forward, backward, the update, and the loss as a
float; of ours, `session.step`. One thread each, double precision, the same weights to start from. All take turns, and
the table has the medians over the rounds.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from importlib.metadata import version
from statistics import median
from typing import Any, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

import autograd
import nn

from . import twins
from .measure import paired, seconds

NETWORKS = ([10, 1], [10, 10, 1], [10, 10, 10, 10, 10, 1])
STEPS = 100  # so many are compared, loss by loss
ROUNDS = 41
MOMENT = 0.004  # so many seconds each runs in a round, or one step
SCAN = 1000

Time: TypeAlias = tuple[float, float]
"""Seconds, and times ours."""


def wave(n: int = 200) -> tuple[Any, Any]:
    """n points from −5 to 5, and the function that is learned there."""
    x = np.linspace(-5.0, 5.0, n, endpoint=False)
    a, b, c, d, e = 0.19677237, 0.75164323, 1.1048082, 1.61985818, -0.37817787
    return x, a * np.cos(b * x) + x * np.sin(c * x) - d * np.tanh(e * x)


def half_squared_error(output: Any, target: Any) -> Any:
    """The loss of one example."""
    return 0.5 * (output - target) ** 2


def matrices(model: nn.MLP) -> twins.Weights:
    """The weights of a model: for each layer a matrix and a column of biases."""
    layers: Any = model.layers
    return [
        (
            np.array([[w.data for w in neuron.w] for neuron in layer.neurons]),
            np.array([[neuron.b.data] for neuron in layer.neurons]),
        )
        for layer in layers
    ]


def compiled(model: nn.MLP, x: Any, y: Any) -> twins.Step:
    """Ours: a step of a session, the optimizer included."""
    optimizer = nn.SGD(model.parameters(), lr=twins.LR)
    program = autograd.compile(lambda x, y: half_squared_error(model(x), y), model.parameters())
    session = program.session(optimizer)
    session.load(x.reshape(-1, 1), y)
    return session.step


def eager(model: nn.MLP, x: Any, y: Any) -> twins.Step:
    """Ours, a Value for each number."""
    optimizer = nn.SGD(model.parameters(), lr=twins.LR)
    xs, ys = x.reshape(-1, 1).tolist(), y.tolist()

    def step() -> float:
        loss = autograd.mean([half_squared_error(output, t) for output, t in zip(model.batch(xs), ys)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.data)

    return step


def in_turns(runs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, Time]:
    """The seconds of a call of each, and how many times the first one's that is, each the median over the rounds.

    In a round all of them take turns, and times are set against that of the same round: noise comes in longer waves.
    Who takes less than the moment that a turn is warms up first, for as long as a tenth of it.
    """
    often = {name: _how_often(run) for name, run in runs.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    gc.collect()
    gc.freeze()  # so that the collector, which is on, doesn't walk through all that the libraries have loaded
    for _ in range(rounds):
        for name, run in runs.items():
            n = often[name]

            def repeated(n: int, run: Callable[[], object] = run) -> None:
                for _ in range(n):
                    run()

            repeated(n // 10)
            times[name].append(seconds(lambda: repeated(n)) / n)  # noqa: B023
    first = times[next(iter(runs))]
    return {name: (median(found), median([t / f for t, f in zip(found, first)])) for name, found in times.items()}


def _how_often(run: Callable[[], object]) -> int:
    first = seconds(run)
    return max(1, round(MOMENT / min([first, *[seconds(run) for _ in range(20) if first < MOMENT]])))


def network(sizes: Sequence[int]) -> tuple[dict[str, Time], float]:
    """For one network the times of a step by who makes it, and the greatest difference of losses."""
    x, y = wave()

    def model(activation: str = "tanh") -> nn.MLP:
        return nn.MLP(1, sizes, activation, seed=0)

    weights, rows = matrices(model()), (x[None], y[None])
    steps: dict[str, twins.Step] = {
        "ours": compiled(model(), x, y),
        "textbook": twins.textbook(weights, *rows),
        "preallocated": twins.preallocated(weights, *rows),
        "jax": twins.jax_jit(weights, *rows),
        "torch": twins.pytorch(weights, *rows),
        "casadi": twins.casadi_map(weights, *rows),
        "casadi buffers": twins.casadi_buffers(weights, *rows),
    }
    losses = {name: [step() for _ in range(STEPS)] for name, step in steps.items()}
    scan = twins.jax_scan(weights, *rows, steps=SCAN)
    losses["scan"] = scan()[:STEPS]
    slow = eager(model(), x, y)
    losses["eager"] = [slow() for _ in range(3)]
    worst = max(abs(a - b) for found in losses.values() for a, b in zip(found, losses["ours"]))

    products, tanhs = twins.bare_calls(weights, *rows)
    found = in_turns({**steps, "products": products, "tanh": tanhs})
    seconds_, times_ours = in_turns({"ours": steps["ours"], "scan": scan}, 7)["scan"]
    found["scan"] = seconds_ / SCAN, times_ours / SCAN
    found["eager"] = in_turns({"ours": steps["ours"], "eager": slow}, 7)["eager"]

    random.seed(0)
    theirs = twins.micrograd_model(sizes)
    with_relu = model("relu")
    for p, q in paired(with_relu, theirs):
        p.data = q.data
    runs = {"relu": compiled(with_relu, x, y), "micrograd": twins.micrograd_step(theirs, x.tolist(), y.tolist())}
    worst = max(worst, *(abs(runs["relu"]() - runs["micrograd"]()) for _ in range(2)))
    found |= in_turns(runs, 3)
    gc.collect()
    assert worst < 1e-9, f"losses differ by {worst}"

    found["tracing"] = median([seconds(lambda: compiled(model(), x, y)) for _ in range(3)]), 0.0
    return found, worst


def experiment(sizes: Sequence[int], epochs: int = 50_000) -> float:
    """The seconds of a whole experiment by `fit`: everything that it checks and records, tracing included."""
    x, y = wave()
    model = nn.MLP(1, sizes, "tanh", seed=0)
    optimizer = nn.SGD(model.parameters(), lr=twins.LR)

    def fit() -> None:
        nn.fit(model, half_squared_error, x, y, optimizer=optimizer, epochs=epochs, compile=True, progress=False)

    return seconds(fit)


PEERS = {
    "textbook": "NumPy, the textbook's equations by hand (goal: 1)",
    "preallocated": "NumPy by hand, every array preallocated",
    "jax": "JAX `jit` of gradient and update (goal: 0.77)",
    "torch": "PyTorch, eager (goal: 4)",
    "casadi": "CasADi, the scalar graph mapped over the points (goal: 6, 15, 20)",
    "casadi buffers": "the same, called by buffers, with no conversions",
    "eager": "chainrule, not compiled",
    "scan": f"JAX, {SCAN:,} steps in one `lax.scan`, between which nothing can be looked at",
}


def table() -> tuple[list[tuple[str, ...]], float]:
    """The rows of the table, its head first; and the greatest difference of losses."""
    with threadpool_limits(1):
        found = [network(sizes) for sizes in NETWORKS]
        whole = [experiment(sizes) for sizes in NETWORKS]
    times = [t for t, _ in found]

    def row(text: str, name: str) -> tuple[str, ...]:
        return text, *[f"{_us(t[name][0])} ({_ratio(t[name][1])})" for t in times]

    def share(text: str, name: str) -> tuple[str, ...]:
        return text, *[f"{_us(t[name][0])} ({t[name][1]:.0%} of ours)" for t in times]

    return [
        ("a training step on 200 points, in µs (times ours)", *[f"`MLP(1, {sizes})`" for sizes in NETWORKS]),
        ("**chainrule, compiled**", *[f"**{_us(t['ours'][0])}**" for t in times]),
        *[row(text, name) for name, text in PEERS.items()],
        ("**chainrule, compiled, with ReLU**", *[f"**{_us(t['relu'][0])}**" for t in times]),
        row("micrograd with ReLU, 3 steps (goal: 2,000, 10,000, 10,000)", "micrograd"),
        share("the bare calls of NumPy: matrix products", "products"),
        share("the bare calls of NumPy: tanh", "tanh"),
        ("`nn.fit(..., compile=True)`, 50,000 steps", *[f"{s:.1f} s, {s / 0.05:.0f} µs a step" for s in whole]),
        ("of that, following and grouping (goal: 2 s)", *[f"{1e3 * t['tracing'][0]:.0f} ms" for t in times]),
    ], max(worst for _, worst in found)


def _us(s: float) -> str:
    return f"{1e6 * s:,.0f}" if s > 1e-4 else f"{1e6 * s:.1f}"


def _ratio(x: float) -> str:
    return f"{x:,.0f}×" if x >= 100 else f"{x:.1f}×" if x >= 10 else f"{x:.2f}×"


def main() -> None:
    """Print the table, as Markdown."""
    peers = ", ".join(f"{name} {version(name)}" for name in ("numpy", "jax", "torch", "casadi", "micrograd"))
    (head, *rows), worst = table()
    print(f"One thread each, {peers}\n")
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(f"\nThe losses of the first {STEPS} steps (not compiled 3, micrograd 2) are equal to {worst:.0e}.")


if __name__ == "__main__":
    main()
