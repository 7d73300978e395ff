"""What linters and formatters say of a text that the package wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def nothing_to_say(texts: Iterable[str], folder: Path) -> None:
    """Assert that ruff's linter and its formatter leave each text as it is.

    Args:
        texts: Python modules.
        folder: an empty one, where they are written.
    """
    for i, text in enumerate(texts):
        (folder / f"page{i}.py").write_text(text, encoding="utf-8")
    for command in (["check", "--extend-select", "I"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)]
        run = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout
