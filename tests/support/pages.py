"""Pages of NumPy that programs were written to, run alone, against the engine."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.program import Program

TOLERANCE = 1e-12
"""What a page and the engine may differ by, as a share of the largest gradient (of 0.001, where all are smaller)."""


def module_of(page: str) -> dict[str, Any]:
    """The module, as if its file were imported where nothing of ours is."""
    lines = [line.strip() for line in page.splitlines() if line.strip().startswith(("import ", "from "))]
    assert set(lines) <= {"import math", "import numpy as np", "import operator", "import itertools"}, lines
    module: dict[str, Any] = {"__name__": "page"}
    exec(builtins.compile(page, "page.py", "exec"), module)
    return module


def gradients(program: Program, *batches: Any) -> tuple[float, list[float]]:
    for p in program.parameters:
        p.grad = 0.0
    loss = program(*batches)
    found = [p.grad for p in program.parameters]
    for p in program.parameters:
        p.grad = 0.0
    return loss, found


def close(found: Sequence[float], expected: Sequence[float], tolerance: float = TOLERANCE) -> bool:
    scale = max([1e-3, *map(abs, expected)])
    return len(found) == len(expected) and all(abs(a - b) <= tolerance * scale for a, b in zip(found, expected))


def page_agrees(program: Program, *batches: Any) -> str:
    """The page of a program, which gives the loss and the gradients of the program; for another size of batch, too."""
    page = program.source(*batches)
    module = module_of(page)
    with np.errstate(all="ignore"):
        for n in (len(batches[0]), 1):
            given = [np.asarray(batch)[:n] for batch in batches]
            loss, expected = gradients(program, *given)
            value, found = module["loss_and_gradient"]([p.data for p in program.parameters], *given)
            assert abs(value - loss) <= TOLERANCE * max(1.0, abs(loss))
            assert close(found.tolist(), expected)
    return page
