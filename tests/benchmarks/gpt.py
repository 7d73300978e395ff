"""microgpt's training step side by side: `python -m tests.benchmarks.gpt` prints the table.

The script of microgpt.py, with its initial numbers and order of names, on a plain scalar engine, on our Values,
compiled by both engines, by hand in NumPy and in PyTorch: first that all have the same losses, then the times of a
step, the mean over some names. What is told is the processor's time, one thread each, medians of turns; ratios are of
the same turn. The compiled kernel takes a C compiler and a minute: `--interpreted` leaves it out, `--compiled FOLDER`
has it already.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import platform
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import autograd
import nn

from . import gpt_twins, kernel, microgpt
from .cases import NAMES
from .compare import ROOT, Worker

STEPS = 100  # so many are compared, loss by loss
BATCH = 32
SCANNED = 1000  # steps of an epoch on JAX; the first, which is compiled, isn't timed
WRITTEN, BY_DOT = "microgpt step, products written out", "microgpt step, products by `dot`"
PLAIN = "plain engine: the microgpt step"

Step = Callable[[Sequence[int]], float]


class Net(nn.Module):
    """The script's model with our `dot`, softmax and loss: a call takes the tokens of a name, or of one filled up."""

    def __init__(self, first: Sequence[float]) -> None:
        self.weights = tuple([nn.Parameter(x) for x in first])
        self.script = microgpt.Script(self.weights, autograd.dot, autograd.softmax, loss, autograd.take)

    def __call__(self, tokens: Any) -> Any:
        """The scores of all letters after each of these."""
        return self.script.logits(tokens)

    def adam(self) -> nn.Adam:
        """The optimizer with the script's settings."""
        return nn.Adam(self.weights, lr=microgpt.LR, betas=microgpt.BETAS, eps=microgpt.EPS)


loss = partial(nn.cross_entropy, ignore_index=-1)


class InOrder(random.Random):
    """Shuffles nothing: names come in the script's order."""

    def shuffle(self, x: Any) -> None:
        """Leave it as it is."""


def eager(first: Sequence[float]) -> Step:
    """Our Values, one graph for each name."""
    net = Net(first)
    optimizer = net.adam()

    def step(tokens: Sequence[int]) -> float:
        optimizer.zero_grad()
        cost = nn.cross_entropy(net(tokens[:-1]), list(tokens[1:]))
        cost.backward()
        optimizer.step()
        return float(cost.data)

    return step


def session(first: Sequence[float]) -> Step:
    """Our scalar code compiled for NumPy, one program for each length; the optimizer included."""
    net = Net(first)
    program = autograd.compile(lambda x, t: nn.cross_entropy(net(x), t), net.weights)
    running = program.session(net.adam())
    return lambda tokens: running.step([tokens[:-1]], [tokens[1:]])


def scanned(
    first: Sequence[float], names: Sequence[Sequence[int]], epochs: int, batch: int = 1
) -> tuple[list[float], float]:
    """Our scalar code compiled for JAX, steps in one scan, all names equally long.

    Returns the epochs' losses, and the least processor time of an epoch after the first.
    """
    net, ends = Net(first), [0.0]
    history = nn.fit(
        net, loss, nn.data.padded([x[:-1] for x in names], 0), nn.data.padded([x[1:] for x in names], -1),
        optimizer=net.adam(), epochs=epochs, batch_size=batch, seed=InOrder(), compile=True, engine="jax",
        progress=False, callbacks=[lambda model, history: ends.append(time.process_time())],
    )  # fmt: skip
    return history.loss, min([b - a for a, b in pairwise(ends[1:])], default=0.0)


def equal(steps: int) -> Iterator[tuple[str, float]]:
    """Who makes the step, and how far off its losses are, relative to those of the plain engine."""
    names, first = microgpt.start()
    names = names[:steps]
    step = microgpt.plain()
    wanted = [step(name) for name in names]
    script = microgpt.Script(map(autograd.Value, first))
    written = microgpt.stepper(script, microgpt.own_adam(script.parameters))
    torch = gpt_twins.pytorch(first)
    others: dict[str, Callable[[str], float]] = {
        "products as sums": written,
        **{
            kind: lambda name, step=step: step(microgpt.tokens_of(name))  # type: ignore[misc]
            for kind, step in (
                ("products by dot", eager(first)),
                ("compiled for NumPy", session(first)),
                ("NumPy by hand", gpt_twins.by_hand(first)),
                ("PyTorch", lambda tokens: torch([tokens])),
            )
        },
    }
    for kind, other in others.items():
        yield kind, max(abs(other(name) - a) / a for name, a in zip(names, wanted))
    tokens = [microgpt.tokens_of(name) for name in names]
    alone = gpt_twins.jax_scan(first, tokens)()
    yield "JAX by hand", max(abs(a - b) / b for a, b in zip(alone, wanted))
    found = scanned(first, tokens, 1)[0][0] * len(names)
    yield "compiled for JAX, the sum", abs(found - sum(wanted)) / sum(wanted)


def cpu_seconds(run: Callable[[], object]) -> float:
    """The time on the processor that one call takes."""
    start = time.process_time()
    run()
    return time.process_time() - start


def each(step: Callable[[Any], object], names: Sequence[Any]) -> float:
    """The mean seconds of a step, over these."""
    return cpu_seconds(lambda: [step(name) for name in names]) / len(names)


def first_calls(first: Sequence[float], names: Sequence[Sequence[int]]) -> tuple[list[float], float]:
    """The seconds of the first step: of each length on NumPy, and of a training on JAX."""
    by_length = {len(name): name for name in names}
    warm, step = session(first), session(first)
    warm([0, 1, 0])
    numpy = [cpu_seconds(lambda: step(by_length[n])) for n in sorted(by_length)]  # noqa: B023
    return numpy, cpu_seconds(lambda: scanned(first, names[:2], 1))


def kept(first: Sequence[float], names: Sequence[Sequence[int]], steps: int = 2000) -> tuple[float, float]:
    """By how many MB the process has grown after so many steps: of a session, and one by one on Values."""
    found = []
    for step in (session(first), eager(first)):
        following = itertools.cycle(names)
        for _ in range(len(names)):
            step(next(following))
        before = _resident()
        for _ in range(steps):
            step(next(following))
        found.append((_resident() - before) / 1e6)
    return found[0], found[1]


def _resident() -> float:
    """The bytes that the process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def scalar(packages: Path | None, rounds: int) -> tuple[float, list[str]]:
    """The plain engine's seconds with the collector on, and the rows of what runs node by node."""
    names = {"the plain engine": PLAIN, "the same, the collector off": f"{PLAIN}, the collector off"}
    names |= {"products as sums, our `Value` in its place": WRITTEN}
    names |= {"products by `dot`, our softmax and loss, `nn.Adam`": BY_DOT}
    workers = {(text, ""): (Worker(ROOT), case) for text, case in names.items()}
    if packages is not None:
        for text in list(names)[2:]:
            workers[text, ", compiled kernel"] = Worker(packages), names[text]
    goals = {(WRITTEN, ""): "2", (WRITTEN, ", compiled kernel"): "5", (BY_DOT, ""): "6"}
    goals |= {(BY_DOT, ", compiled kernel"): "20"}
    times: dict[Any, list[float]] = {key: [] for key in workers}
    try:
        for _ in range(rounds):
            for key, (worker, case) in workers.items():
                times[key].append(worker.seconds(case, NAMES))
    finally:
        for worker, _ in workers.values():
            worker.close()
    on, off = list(times.values())[:2]
    rows = []
    for (text, kernel_), found in times.items():
        ratio = median(a / b for a, b in zip(on, found))
        quiet = median(a / b for a, b in zip(off, found))
        goal = goals.get((names[text], kernel_), "")
        rows.append(f"| {text}{kernel_} | {1e3 * median(found):.3g} ms | {ratio:.1f} | {quiet:.1f} | {goal} |")
    return median(on), rows


def arrays(plain: float, rounds: int) -> Iterator[str]:
    """The rows of what runs by arrays."""
    texts, first = microgpt.start()
    names = [microgpt.tokens_of(name) for name in texts]
    some = names[:NAMES]
    torch = gpt_twins.pytorch(first)
    steps: dict[str, Callable[[Any], object]] = {
        "NumPy, the backward by hand": gpt_twins.by_hand(first),
        "PyTorch, eager": lambda tokens: torch([tokens]),
        "compiled, NumPy engine": session(first),
    }
    batches = [names[i : i + BATCH] for i in range(0, 20 * BATCH, BATCH)]
    for step in steps.values():
        each(step, some)  # every length is new once
    times: dict[str, list[float]] = {key: [] for key in [*steps, "jax by hand", "jax", "torch batch", "jax batch"]}
    rows = (some * (SCANNED // NAMES + 1))[:SCANNED]
    jax_by_hand = gpt_twins.jax_scan(first, rows)
    jax_by_hand()

    for _ in range(rounds):
        for key, step in steps.items():
            times[key].append(each(step, some * 5))
        times["jax by hand"].append(cpu_seconds(jax_by_hand) / len(rows))
        times["jax"].append(scanned(first, rows, 4)[1] / len(rows))
        times["torch batch"].append(each(torch, batches))
        times["jax batch"].append(scanned(first, rows[: 31 * BATCH], 4, BATCH)[1] / 31)
    hand = times["NumPy, the backward by hand"]
    goals = {
        "compiled, NumPy engine": "300; by hand at most 1.2 times as fast",
        "jax": "3,000; 8 times as fast as by hand",
    }
    texts_of = {"jax by hand": "JAX, a scan by hand", "jax": "compiled, JAX engine, steps in one scan"}
    for key in [*steps, *texts_of]:
        text = texts_of.get(key, key)
        against = median(a / b for a, b in zip(hand, times[key]))
        shown = f"{1e6 * median(times[key]):.0f} µs | {plain / median(times[key]):,.0f} | by hand: {against:.2f}"
        yield f"| {text} | {shown} | {goals.get(key, '')} |"
    ratio = median(a / b for a, b in zip(times["torch batch"], times["jax batch"]))
    yield f"| a batch of {BATCH}: PyTorch, eager | {1e6 * median(times['torch batch']):.0f} µs | | | |"
    yield f"| the same: compiled, JAX engine | {1e6 * median(times['jax batch']):.0f} µs | | PyTorch: {ratio:.2f} | 2 |"
    numpy, jax = first_calls(first, names[:500])
    spread = f"{min(numpy):.2f} to {max(numpy):.2f} s, {mean(numpy):.2f} on average"
    yield f"| first call of a new length, NumPy engine | {spread} | | | 0.15 s |"
    yield f"| first call for all lengths, JAX engine | {jax:.1f} s | | | 2 s |"


def main() -> None:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpt", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--compiled", metavar="FOLDER", help="packages that are compiled already; it builds none then")
    parser.add_argument("--interpreted", action="store_true", help="leave the compiled kernel out")
    parser.add_argument("--rounds", type=int, default=5, help="how many turns each has (default 5)")
    parser.add_argument("--memory", action="store_true", help="also make 2,000 steps twice, and tell what is kept")
    given = parser.parse_args()
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), contextlib.ExitStack() as stack:
        for kind, error in equal(STEPS):
            print(f"{kind}: losses of {STEPS} steps equal to {error:.1e}", flush=True)
        packages = Path(given.compiled) if given.compiled else None
        if packages is None and not given.interpreted:
            packages = stack.enter_context(kernel.compiled())
        plain, rows = scalar(packages, given.rounds)
        what = f"Python {platform.python_version()}, a step, mean over names"
        print(f"\n| {what} | takes | times as fast as the plain engine | its collector off | goal |\n{5 * '|---'}|")
        for row in itertools.chain(rows, arrays(plain, given.rounds)):
            print(row, flush=True)
        if given.memory:
            texts, first = microgpt.start()
            grown = kept(first, [microgpt.tokens_of(name) for name in texts[:NAMES]])
            print(f"\n2,000 steps keep {grown[0]:.1f} MB compiled and {grown[1]:.1f} MB on Values")


if __name__ == "__main__":
    main()
