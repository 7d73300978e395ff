"""`fit(engine="jax")` with all its records against a `scan` of JAX written by hand: `python -m tests.benchmarks.scans`.

The networks and the data are those of programs.py: 200 points, double precision, gradient descent on all of them. The
scan by hand records the losses alone; ours what a `History` has. Times are those of the process on the CPU, which
other processes disturb less: a step of a long run, less that of a short one, so without tracing and compilation, which
have a row of their own. All take turns, and a ratio is one of the same round; what is told is the median.

Goals: at most 1.1 times the scan by hand; 4, 3 and 2 times as fast as `fit(compile=True)` on NumPy.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from threadpoolctl import threadpool_limits

import nn

from . import twins
from .programs import NETWORKS, half_squared_error, matrices, wave

ROUNDS = 3
STEPS = 60_000  # a compilation, which is in both of two times, differs by some ms from another
SCAN = 1000


def cpu_seconds(run: Callable[[], object]) -> float:
    """The time on the CPU that one call takes."""
    start = time.process_time()
    run()
    return time.process_time() - start


def compared(sizes: Sequence[int], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """For one network the seconds of a step, in each round, by who makes it; and of the start of a training."""
    x, y = wave()
    model = nn.MLP(1, sizes, "tanh", seed=0)
    by_hand = twins.jax_scan(matrices(model), x[None], y[None], SCAN)
    begun = time.process_time()
    by_hand()
    start_by_hand = time.process_time() - begun

    def fit(epochs: int, engine: Any) -> Callable[[], object]:
        optimizer = nn.SGD(model.parameters(), lr=twins.LR)
        settings: dict[str, Any] = {"optimizer": optimizer, "compile": True, "progress": False, "engine": engine}
        return lambda: nn.fit(model, half_squared_error, x, y, epochs=epochs, **settings)

    def step(steps: int, engine: str) -> float:
        once = cpu_seconds(fit(SCAN, engine))
        return (cpu_seconds(fit(SCAN + steps, engine)) - once) / steps

    found: dict[str, list[float]] = {"by hand": [], "jax": [], "numpy": []}
    for _ in range(rounds):
        found["by hand"].append(cpu_seconds(lambda: [by_hand() for _ in range(STEPS // SCAN)]) / STEPS)
        found["jax"].append(step(STEPS, "jax"))
        found["numpy"].append(step(STEPS // 10, "numpy"))
    first = cpu_seconds(fit(SCAN, "jax")) - SCAN * median(found["jax"])
    return {**found, "start of ours": [first], "start by hand": [start_by_hand]}


def main() -> None:
    """Print the table, as Markdown; with the name of a network's place, 0 to 2, of that one alone."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    networks = [NETWORKS[int(place)] for place in sys.argv[1:]] or NETWORKS
    with threadpool_limits(1):
        found = [compared(sizes) for sizes in networks]
    print("| a step on 200 points | " + " | ".join(f"`MLP(1, {sizes})`" for sizes in networks) + " |")
    print("|---" * (len(networks) + 1) + "|")
    for text, name in (
        ("JAX, a `scan` by hand, losses alone, in µs", "by hand"),
        ('`fit(engine="jax")` with all its records', "jax"),
        ("`fit(compile=True)` on NumPy", "numpy"),
    ):
        print(f"| {text} | " + " | ".join(f"{1e6 * median(times[name]):.1f}" for times in found) + " |")
    for text, mine, theirs in (
        ("ours, times the scan by hand (goal: 1.1)", "jax", "by hand"),
        ("NumPy, times ours (goals: 4, 3, 2)", "numpy", "jax"),
    ):
        ratios = [median([a / b for a, b in zip(times[mine], times[theirs])]) for times in found]
        print(f"| {text} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    for text, name in (
        ("what comes before the first step, in s of the CPU: ours", "start of ours"),
        ("the same by hand: XLA alone", "start by hand"),
    ):
        print(f"| {text} | " + " | ".join(f"{median(times[name]):.2f}" for times in found) + " |")


if __name__ == "__main__":
    main()
