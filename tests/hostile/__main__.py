"""Big runs: any number of hostile inputs of each kind.

`python -m tests.hostile --inputs 100000 --seed 0` throws 100,000 expressions and command lines of inputs.py at the
package, and 100,000 files of files.py.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd.__main__ import main as autograd_main
from tests.hostile.files import Files
from tests.hostile.inputs import check_command, check_expression, command, expression


def main() -> None:
    """Throw many inputs of each kind, and print what became of them; it stops at the first that breaks a promise."""
    import resource

    from tqdm import tqdm

    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=main.__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="of each kind (default: 100000)")
    parser.add_argument("--seed", type=int, default=0, help="a seed and a number make an input (default: 0)")
    parser.add_argument("--only", choices=["expressions", "commands", "files"], help="one kind alone")
    parser.add_argument("--first", type=int, default=0, help="the number to begin with (default: 0)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # some command lines write files
        files = Files(Path(folder))
        kinds: dict[str, tuple[Callable[[random.Random], Any], Callable[[Any, random.Random], str]]] = {
            "expressions": (expression, check_expression),
            "commands": (command, check_command),
            "files": (files.content, files.check),
        }
        autograd_main(["x", "x=1", "--draw=warm.svg", "--html=warm.html", "--explain"])  # imports what is imported late
        for kind, (make, check) in kinds.items():
            if options.only not in (None, kind):
                continue
            became: Counter[str] = Counter()
            slowest = (0.0, -1, "")
            start = time.perf_counter()
            for i in tqdm(range(options.first, options.first + options.inputs), desc=kind, mininterval=5):
                rng = random.Random(f"{options.seed} {kind} {i}")
                hostile = make(rng)
                signal.alarm(60)  # a hang ends the run
                begun = time.perf_counter()
                try:
                    became[check(hostile, rng)] += 1
                except BaseException:
                    print(f"{kind} {i} of seed {options.seed}: {hostile!a:.2000}", file=sys.stderr)
                    raise
                signal.alarm(0)
                slowest = max(slowest, (time.perf_counter() - begun, i, ascii(hostile)[:60]))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            seconds = time.perf_counter() - start
            print(f"{kind}: {options.inputs:,} in {seconds:.0f} s, peak memory so far {memory:.0f} MB")
            for name, n in became.most_common():
                print(f"  {n:>9,} {name}")
            print(f"  slowest: {slowest[0]:.2f} s, input {slowest[1]}: {slowest[2]}")


if __name__ == "__main__":
    main()
