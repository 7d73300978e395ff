"""The compiled kernel beside the same files interpreted: `python -m tests.benchmarks.kernel` prints the table.

It builds a wheel of the working tree, which takes a C compiler and a minute, and unpacks it into a temporary folder.
The processes with the two, and the peers, take short turns, as in compare.py, whose cases these are.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .compare import MOMENT, ROOT, Worker, shown


class Row(NamedTuple):
    """A piece of work: its case, how many times as fast it should be, and the cases of peers with their goals."""

    case: str
    goal: str
    peers: tuple[tuple[str, str], ...] = ()


MICROGRAD, PLAIN = "micrograd: the moons step", "plain engine: the microgpt step"
ROWS = [
    Row("perceptron, products written out: forward and backward", "4"),
    Row("attention, products written out: forward and backward", "4"),
    Row(
        "moons step, MLP(2, 16, 16, 1) on 100 points", "5", ((MICROGRAD, ""), (f"{MICROGRAD}, the collector off", "20"))
    ),
    Row("microgpt step, products written out", "", ((PLAIN, "5"), (f"{PLAIN}, the collector off", ""))),
    Row("microgpt step, products by `dot`", "", ((PLAIN, "20"), (f"{PLAIN}, the collector off", ""))),
    Row("Adam: the step alone over 4,192 parameters", "5"),
    Row("`p.data -= lr * p.grad` over 4,192 parameters", ""),
    Row("a chain of 1,000,000: forward, freed", "4"),
    Row("a chain of 1,000,000: backward", "4"),
    Row("bytes of `a * b`, its number included", "at most 96"),
]


@contextlib.contextmanager
def compiled() -> Iterator[Path]:
    """A folder with the packages of a wheel of the working tree, the kernel compiled."""
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        environment = {**os.environ, "CHAINRULE_KERNEL": "compiled"}
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, str(ROOT)]
        subprocess.run(build, env=environment, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        packages = Path(folder) / "packages"
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(packages)
        yield packages


def lines(row: Row, fast: Worker, others: list[Worker], rounds: int) -> Iterator[str]:
    """The lines of the table for one piece of work: against the interpreted kernel, and against each peer."""
    rivals = [("interpreted", row.case, row.goal), *((name, name, goal) for name, goal in row.peers)]
    kept = row.case.startswith("bytes ")
    n = 1 if kept else max(1, round(MOMENT / max(fast.seconds(row.case, 1), fast.seconds(row.case, 1))))
    ours: list[float] = []
    theirs: list[list[float]] = [[] for _ in rivals]
    for _ in range(1 if kept else rounds):
        ours.append(fast.seconds(row.case, n))
        for times, worker, (_, case, _) in zip(theirs, others, rivals):
            times.append(worker.seconds(case, max(1, n // 4)))
    for times, (name, _, goal) in zip(theirs, rivals):
        ratio = median([b / a for a, b in zip(ours, times)])
        mine, other = shown(row.case, median(ours)), shown(row.case, median(times))
        yield f"| {row.case} | {mine} | {name} | {other} | **{ratio:.2f}** | {goal} |"


def main() -> None:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.kernel", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--compiled", metavar="FOLDER", help="packages that are compiled already; it builds none then")
    parser.add_argument("--rounds", type=int, default=11, help="how often each does each piece of work (default 11)")
    parser.add_argument("--only", metavar="TEXT", action="append", default=[], help="only work with this in its name")
    given = parser.parse_args()
    chosen = [row for row in ROWS if not given.only or any(text in row.case for text in given.only)]
    with contextlib.nullcontext(Path(given.compiled)) if given.compiled else compiled() as packages:
        fast, others = Worker(packages), [Worker(ROOT) for _ in range(3)]
        try:
            print(f"| Python {sys.version.split()[0]} | compiled | beside it | takes | times as fast | goal |")
            print("|---|---|---|---|---|---|")
            for row in chosen:
                for line in lines(row, fast, others, given.rounds):
                    print(line, flush=True)
        finally:
            for worker in (fast, *others):
                worker.close()


if __name__ == "__main__":
    main()
