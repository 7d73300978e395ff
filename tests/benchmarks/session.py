"""What a user calls against what runs beneath it: `python -m tests.benchmarks.session`.

A step of a session, the optimizer included, is set against the bare run of the compiled operations: forward and
backward alone (goal: at most 1.25 times). A step of `fit`, with all that it records, is set against the textbook's
equations written by hand in NumPy (goal: at most 0.8 times), and so is a call of the program. The networks and the data
are those of programs.py.

All take turns, and a ratio is one of the same round; what is told is the median over the rounds. Times are those of the
thread on the CPU, so that other processes disturb them less.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from threadpoolctl import threadpool_limits

import autograd
import nn
from autograd.program.specialization import Runs

from . import twins
from .programs import NETWORKS, half_squared_error, matrices, wave

ROUNDS = 41
STEPS = 200


def cpu_seconds(run: Callable[[], object]) -> float:
    """The time on the CPU that one call takes."""
    start = time.thread_time()
    run()
    return time.thread_time() - start


def compared(sizes: Sequence[int], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """For one network the seconds of a step, in each round, by who makes it."""
    x, y = wave()
    inputs = x.reshape(-1, 1)

    def model_and_program() -> tuple[nn.MLP, Any]:
        model = nn.MLP(1, sizes, "tanh", seed=0)
        return model, autograd.compile(lambda x, y: half_squared_error(model(x), y), model.parameters())

    def optimizer(model: nn.MLP) -> nn.SGD:
        return nn.SGD(model.parameters(), lr=twins.LR)

    _, program = model_and_program()
    runs = Runs(program.specialization([inputs, y]))
    _, bare = runs.run("step", [inputs, y])
    model, stepped = model_and_program()
    session = stepped.session(optimizer(model))
    session.load(inputs, y)
    model, handed = model_and_program()
    other = handed.session(optimizer(model))
    fitted, _ = model_and_program()
    moved = optimizer(fitted)

    def fit(epochs: int) -> None:
        nn.fit(fitted, half_squared_error, x, y, optimizer=moved, epochs=epochs, compile=True, progress=False)

    steps: dict[str, Callable[[], object]] = {
        "bare": bare.__call__,
        "textbook": twins.textbook(matrices(fitted), x[None], y[None]),
        "session": session.step,
        "session(xs, ys)": lambda: other.step(inputs, y),
        "call": lambda: program(inputs, y),
    }
    found: dict[str, list[float]] = {name: [] for name in [*steps, "fit"]}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, step in steps.items():
            found[name].append(cpu_seconds(lambda: [step() for _ in range(STEPS)]) / STEPS)  # noqa: B023
        once = cpu_seconds(lambda: fit(1))  # following the model, which a long training does once
        found["fit"].append((cpu_seconds(lambda: fit(STEPS + 1)) - once) / STEPS)
    return found


RATIOS = (
    ("a step of a session, times the bare run (goal: 1.25)", "session", "bare"),
    ("the same with arrays handed over each time", "session(xs, ys)", "bare"),
    ("a call of the program", "call", "bare"),
    ("a step of `fit` with all its records, times NumPy by hand (goal: 0.8)", "fit", "textbook"),
    ("a step of a session, times NumPy by hand", "session", "textbook"),
)


def main() -> None:
    """Print the table, as Markdown."""
    with threadpool_limits(1):
        found = [compared(sizes) for sizes in NETWORKS]
    print("| a step on 200 points | " + " | ".join(f"`MLP(1, {sizes})`" for sizes in NETWORKS) + " |")
    print("|---" * (len(NETWORKS) + 1) + "|")
    for text, mine, theirs in RATIOS:
        ratios = [median([a / b for a, b in zip(times[mine], times[theirs])]) for times in found]
        print(f"| {text} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    print("| µs of the bare run | " + " | ".join(f"{1e6 * median(times['bare']):.1f}" for times in found) + " |")


if __name__ == "__main__":
    main()
