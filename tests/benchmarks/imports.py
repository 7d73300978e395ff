"""How long `import autograd` takes."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

from .measure import Row, seconds


def import_time() -> list[Row]:
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
