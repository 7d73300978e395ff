"""The course's texts as they are stored: nothing is run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def texts(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def formulas_in_lines(text: str) -> list[str]:
    """What stands between $ in a paragraph; code, and formulas that are a paragraph of their own, are left out."""
    without = re.sub(r"```.*?```|`[^`\n]*`|(?:\A|\n\n)\$\$.*?\$\$", "", text, flags=re.DOTALL)
    return re.findall(r"\$+([^$]+)\$+", without)


def test_a_formula_in_a_line_is_told_from_code_and_from_one_of_its_own():
    text = "the `$HOME` of $a\n+ b$ and\n\n$$\nc\n+ d\n$$\n\n```python\ncost = '$1'\n```\nof $e$\n$$\nf\n$$"
    assert formulas_in_lines(text) == ["a\n+ b", "e", "\nf\n"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_line_within_a_formula_is_the_beginning_of_a_list_heading_or_quotation(path):
    """Markdown ends a paragraph there, and half of the formula with it."""
    for text in texts(path):
        for formula in formulas_in_lines(text):
            for line in formula.strip().split("\n")[1:]:
                assert line.strip(), formula
                assert not re.match(r"\s*(?:[-+*]\s|\d+[.)]\s|#|>|=+\s*$|-+\s*$)", line), formula
