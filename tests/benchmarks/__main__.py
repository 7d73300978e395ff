"""The measured goals, side by side with the peer in one run: `python -m tests.benchmarks` prints the tables.

Machines are shared and noisy, so what counts are ratios of medians; ours and the peer's runs alternate. Each part of
the first table has a module of its own; the others are those of programs.py and written.py. growth.py draws a picture.
"""

from __future__ import annotations

import platform

from . import programs, written
from .fits import digits_epochs
from .imports import import_time
from .nodes import chains, node_size
from .optimizers import optimizer_steps
from .steps import moons_step


def main() -> None:
    """Print the tables, as Markdown: the engine against micrograd, and compiled programs against many."""
    print(f"Python {platform.python_version()}, {platform.machine()}, peer: micrograd 0.1.0\n")
    print("| what | chainrule | micrograd | |\n|---|---|---|---|")
    for part in (moons_step, digits_epochs, optimizer_steps, node_size, chains, import_time):
        for row in part():
            print("| " + " | ".join(row) + " |", flush=True)
    print()
    programs.main()
    print()
    written.main()


if __name__ == "__main__":
    main()
