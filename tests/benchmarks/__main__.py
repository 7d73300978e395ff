"""The measured goals, side by side with the peer in one run: `python -m tests.benchmarks` prints the table.

Machines are shared and noisy, so what counts are ratios of medians; ours and the peer's runs alternate.
"""

from __future__ import annotations

import gc
import os
import platform
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median

import micrograd.engine
import micrograd.nn
from sklearn.datasets import make_moons

import nn
from autograd import Value, mean, relu


def seconds(run: Callable[[], object]) -> float:
    """The time that one run takes, in seconds."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def moons_step() -> list[tuple[str, str, str, str]]:
    """One training step of the MLP (2, 16, 16, 1) on 100 points: hinge loss, gradients, gradient descent."""
    points, labels = make_moons(100, noise=0.1, random_state=1)
    xs, ts = points.tolist(), (2 * labels - 1).tolist()
    random.seed(1)
    theirs = micrograd.nn.MLP(2, [16, 16, 1])
    ours = nn.MLP(2, [16, 16, 1], seed=1)
    their_neurons = [neuron for layer in theirs.layers for neuron in layer.neurons]
    our_neurons = [neuron for layer in ours.layers for neuron in layer.neurons]
    for a, b in zip(our_neurons, their_neurons):
        for p, q in zip([*a.w, a.b], [*b.w, b.b]):
            p.data = q.data
    optimizer = nn.SGD(ours.parameters(), lr=0.1)

    def our_forward() -> Value:
        loss: Value = mean([relu(1 - t * ours(x)) for x, t in zip(xs, ts)])
        return loss

    def our_step() -> float:
        loss = our_forward()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    def their_step() -> float:
        scores = [theirs([micrograd.engine.Value(v) for v in x]) for x in xs]
        losses = [(1 + -t * s).relu() for s, t in zip(scores, ts)]
        loss = sum(losses) * (1.0 / len(losses))
        theirs.zero_grad()
        loss.backward()
        for p in theirs.parameters():
            p.data -= 0.1 * p.grad
        return loss.data

    our_times, their_times, worst = [], [], 0.0
    for _ in range(7):
        losses: list[float] = []
        our_times.append(seconds(lambda: losses.append(our_step())))  # noqa: B023
        their_times.append(seconds(lambda: losses.append(their_step())))  # noqa: B023
        worst = max(worst, abs(losses[0] - losses[1]))
        for a, b in zip(our_neurons, their_neurons):
            worst = max(worst, *(abs(p.grad - q.grad) for p, q in zip([*a.w, a.b], [*b.w, b.b])))
    for _ in range(40):  # ours alone is quick enough for more
        our_times.append(seconds(our_step))
    assert worst < 1e-9, f"losses or gradients differ by {worst}"

    forwards, totals = [], []
    for _ in range(40):
        forwards.append(seconds(our_forward))
        totals.append(seconds(lambda: our_forward().backward()))
    mine, peer = median(our_times), median(their_times)
    return [
        (
            "training step of MLP(2, 16, 16, 1) on 100 points",
            f"{1e3 * mine:.1f} ms",
            f"{1e3 * peer:.0f} ms",
            f"{peer / mine:.0f} times faster (goal: 50); losses and gradients equal to {worst:.0e}",
        ),
        (
            "its gradient, forward pass included",
            f"{1e3 * median(totals):.1f} ms",
            "",
            f"{median(totals) / median(forwards):.2f} times the forward pass alone (goal: at most 3)",
        ),
    ]


def node_size() -> list[tuple[str, str, str, str]]:
    """The memory of a node with two operands, its number included."""

    def size(a: object, b: object) -> float:
        nodes = [None] * 10_000
        before = tracemalloc.get_traced_memory()[0]
        for i in range(len(nodes)):
            nodes[i] = a * b  # type: ignore[operator]
        return (tracemalloc.get_traced_memory()[0] - before) / len(nodes)

    tracemalloc.start()
    mine = size(Value(1.5), Value(2.5))
    peer = size(micrograd.engine.Value(1.5), micrograd.engine.Value(2.5))
    tracemalloc.stop()
    return [("a node with two operands", f"{mine:.0f} bytes", f"{peer:.0f} bytes", "goal: at most 112 bytes")]


def chains() -> list[tuple[str, str, str, str]]:
    """Chains of additions, forward, back, and freed again with the collector off."""
    rows = []
    gc.collect()
    gc.disable()
    for n in (10_000, 100_000, 1_000_000):
        forward, backward, free = [], [], []
        for _ in range(3):
            x = Value(1.0)

            def grow(x: Value = x) -> Value:
                y = x
                for _ in range(n):  # noqa: B023
                    y = y + x
                return y

            kept: list[Value] = []
            forward.append(seconds(lambda: kept.append(grow())))  # noqa: B023
            backward.append(seconds(lambda: kept[0].backward()))  # noqa: B023
            free.append(seconds(kept.clear))
            assert x.grad == n + 1
        per_node = [1e9 * median(times) / n for times in (forward, backward, free)]
        rows.append(
            (
                f"a chain of {n:,} nodes",
                f"{sum(map(median, (forward, backward, free))):.3f} s",
                "",
                "{:.0f} ns a node forward, {:.0f} back, {:.0f} to free".format(*per_node),
            )
        )
    x = Value(1.0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    y = x
    for _ in range(1_000_000):
        y = y + x
    held = tracemalloc.get_traced_memory()[0] - before
    del y
    left = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    gc.enable()
    note = f"{left / 1e6:.1f} MB left when it is let go, with the collector off"
    rows.append(("memory of the longest chain", f"{held / 1e6:.0f} MB", "", note))
    return rows


def import_time() -> list[tuple[str, str, str, str]]:
    """`import autograd` over bare Python, from bytecode, as it is after an installation or a first import."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def start(program: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, "-c", program], check=True, env=environment))

    start("import autograd")
    bare, ours = [], []
    for _ in range(21):
        bare.append(start("pass"))
        ours.append(start("import autograd"))
    extra = 1e3 * (median(ours) - median(bare))
    return [("import autograd", f"{extra:.0f} ms", "", "over bare Python (goal: at most 30 ms)")]


def main() -> None:
    """Print the table, as Markdown."""
    print(f"Python {platform.python_version()}, {platform.machine()}, peer: micrograd 0.1.0\n")
    print("| what | chainrule | micrograd | |\n|---|---|---|---|")
    for part in (moons_step, node_size, chains, import_time):
        for row in part():
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
