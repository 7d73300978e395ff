"""Two commits side by side: `python -m tests.benchmarks.compare OLD [NEW]`. NEW is the working tree if it isn't given.

Each commit is unpacked into a temporary folder and does the cases of cases.py in a process of its own. Machines are
shared and noisy, so the two take short turns, and only the processor's time counts. Each round gives a ratio of the two
times; the table has the median of the ratios, with the quartiles beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).with_name("cases.py")
MOMENT = 0.05
"""Seconds that one turn takes, if a single repetition doesn't take longer."""


class Worker:
    """A process that does the cases with the packages of one commit."""

    def __init__(self, tree: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, str(CASES), str(tree)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=tree,
        )

    def seconds(self, case: str, n: int) -> float:
        """The seconds of one of n repetitions of a case.

        Raises:
            RuntimeError: if this commit can't do the case; the message says why.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([case, n]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a process ended; what it said stands above")
        answer = json.loads(line)
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return float(answer)

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def tree(commit: str | None) -> Iterator[Path]:
    """A folder with the packages as they are in a commit, or the working tree."""
    if commit is None:
        yield ROOT
        return
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        packed = subprocess.run(["git", "archive", commit, "autograd", "nn"], cwd=ROOT, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder)
        yield Path(folder)


def compared(case: str, old: Worker, new: Worker, rounds: int) -> tuple[float, float, list[float]]:
    """The median seconds of the old and of the new, and of each round how many times as fast the new one is."""
    first = max(old.seconds(case, 1), new.seconds(case, 1))  # which prepares it, too
    n = max(1, round(MOMENT / min(first, old.seconds(case, 1))))
    times: dict[Worker, list[float]] = {old: [], new: []}
    for i in range(rounds):
        for worker in (old, new) if i % 2 else (new, old):
            times[worker].append(worker.seconds(case, n))
    return median(times[old]), median(times[new]), [a / b for a, b in zip(times[old], times[new])]


def shown(case: str, seconds: float) -> str:
    """A time in the unit that suits it; of a case that counts bytes, those."""
    if case.startswith("bytes "):
        return f"{seconds:.0f}"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def rows(chosen: list[str], old: Worker, new: Worker, rounds: int) -> Iterator[tuple[Any, ...]]:
    """The rows of the table, one for each case."""
    for case in chosen:
        try:
            before, after, ratios = compared(case, old, new, rounds)
        except RuntimeError as error:
            yield case, "", "", f"failed: {error}"
            continue
        low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
        yield case, shown(case, before), shown(case, after), f"**{median(ratios):.2f}** ({low:.2f} to {high:.2f})"


def main() -> None:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.compare", description=__doc__.partition("\n\n")[0]
    )
    parser.add_argument("old", metavar="OLD", help="a commit")
    parser.add_argument("new", metavar="NEW", nargs="?", help="a commit; the working tree if it isn't given")
    parser.add_argument("--rounds", type=int, default=21, help="how often each commit does each case (default 21)")
    parser.add_argument(
        "--only", metavar="TEXT", action="append", default=[], help="only cases with this in their name"
    )
    given = parser.parse_args()
    from .cases import CASES as known
    from .cases import PEERS

    chosen = [name for name in known if not name.startswith(PEERS)]
    chosen = [name for name in chosen if not given.only or any(text in name for text in given.only)]
    with tree(given.old) as before, tree(given.new) as after:
        old, new = Worker(before), Worker(after)
        try:
            print(f"| Python {sys.version.split()[0]} | {given.old} | {given.new or 'working tree'} | times as fast |")
            print("|---|---|---|---|")
            for row in rows(chosen, old, new, given.rounds):
                print("| " + " | ".join(row) + " |", flush=True)
        finally:
            old.close()
            new.close()


if __name__ == "__main__":
    main()
