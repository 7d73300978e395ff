"""Versions of the course beside the committed one: without outputs, to predict first, and a short one of notebook 1.

Cells are plain data here, as nbformat reads them. What shows where on slides is one rule for all notebooks.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

SHORT = "20 minutes"
"""The tag of the cells that a lesson of this length needs."""

QUESTION = "**Before you"
"""In a paragraph that asks for a prediction."""


def blank(notebook: Any) -> Any:
    """A copy without outputs: whoever reads on sees the questions, and not the answers.

    What is said of the outputs after a question is folded.
    """
    made = copy.deepcopy(notebook)
    asked = run = False
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            run = run or bool(cell["outputs"])
            cell["outputs"], cell["execution_count"] = [], None
        else:
            text = "".join(cell["source"])
            if asked and run and not text.startswith("<details>"):
                cell["source"] = _folded(text)
            asked, run = QUESTION in text, False
    return made


def _folded(text: str) -> str:
    """A text whose beginning, to the next heading or question, is seen when one unfolds it."""
    parts = text.split("\n\n")
    end = next((i for i, part in enumerate(parts) if part.startswith("#") or QUESTION in part), len(parts))
    if end == len(parts) > 1 and parts[-1].endswith(":"):
        end -= 1  # it leads to the next cell
    if end == 0:
        return text
    return "\n\n".join(["<details><summary>What came out</summary>", *parts[:end], "</details>", *parts[end:]])


def short(notebook: Any) -> Any:
    """A copy of the cells that are tagged for a short lesson."""
    made = copy.deepcopy(notebook)
    made["cells"] = [cell for cell in made["cells"] if SHORT in cell["metadata"].get("tags", [])]
    return made


def with_slides(notebook: Any) -> Any:
    """A copy in which each cell says where it stands on slides (RISE, `jupyter nbconvert --to slides`).

    A heading begins a slide, other text is below it, and code appears when one goes on, after the question above it.
    What is there to be filled in, and the imports, are left out.
    """
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        cell["metadata"]["slideshow"] = {"slide_type": _slide(cell)}
    return made


def _slide(cell: Any) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "code":
        open_ = source.startswith(("# your work", "# Write here", "import ")) or "raises=False" in source
        return "skip" if open_ else "fragment"
    headed = source.startswith("#") or "\n## " in source
    return "slide" if headed else "subslide"


def write(folder: Path, to: Path) -> list[Path]:
    """Write the versions without outputs of all notebooks of a folder, and the short one where cells are tagged for it.

    Args:
        folder: where the committed ones are.
        to: where the others go; links from one to the next work there, too.

    Returns:
        The paths that were written.
    """
    import nbformat

    to.mkdir(exist_ok=True)
    written = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = blank(nbformat.read(path, as_version=4))
        versions = {path.name: notebook}
        if short(notebook)["cells"]:
            versions[f"{path.stem}_in_{SHORT.replace(' ', '_')}.ipynb"] = short(notebook)
        for name, version in versions.items():
            nbformat.write(version, to / name)
            written.append(to / name)
    return written
