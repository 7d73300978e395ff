"""Large batches against an older commit: `python -m tests.benchmarks.blocks OLD`, each on all the cores that it takes.

A training step of MLP(1, [64, 64, 1]), in processes that take turns. Threads wait for one another, so it is the clock
that counts: on a machine with other work a step says little. Beside the ratio of the fastest steps, which is that of a
free machine where there are such moments, stands that of the medians.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from .compare import ROOT, tree

SIZES = (200, 2_000, 20_000, 200_000)
"""So many examples: the first two are left whole."""

ROUNDS = 7


def steps(size: int) -> list[float]:
    """The seconds of some steps, in this process."""
    import numpy as np

    import autograd
    import nn

    random.seed(0)
    net = nn.MLP(1, [64, 64, 1])
    xs = np.random.default_rng(0).permutation(np.linspace(-1, 1, size))  # in no order: where one is, choices are cheap
    program = autograd.compile(lambda x, y: (net(x) - y) ** 2, net.parameters())
    found = []
    with program.session(nn.SGD(net.parameters(), lr=1e-3)) as session:
        session.load(xs[:, None], np.sin(xs))
        for _ in range(3 + max(3, 200_000 // size)):
            start = time.perf_counter()
            session.step()
            found.append(time.perf_counter() - start)
    return found[3:]


def timed(packages: Path, size: int) -> list[float]:
    """The same in a process with the packages of a commit."""
    code = f"import sys; sys.path[:0] = [{str(packages)!r}]; sys.path.append({str(ROOT)!r})\n"
    code += f"from tests.benchmarks.blocks import steps; print(*steps({size}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=packages)
    return [float(x) for x in done.stdout.split()]


def main() -> None:
    """Print the table, as Markdown."""
    print(f"| examples | {sys.argv[1]} | working tree | times as fast | by the medians |\n|---|---|---|---|---|")
    with tree(sys.argv[1]) as before:
        for size in SIZES:
            old: list[float] = []
            new: list[float] = []
            for _ in range(ROUNDS):
                old += timed(before, size)
                new += timed(ROOT, size)
            fastest = [f"{1e3 * min(x):.2f} ms" for x in (old, new)]
            ratios = f"{min(old) / min(new):.2f} | {median(old) / median(new):.2f}"
            print(f"| {size:,} | {' | '.join(fastest)} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
