"""The steps of a pass as a table: its cells, and its columns in a terminal. The player's page shows the cells, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...notation.names import cut, operand, written
from ...notation.text import figure
from ...notation.tightness import ATOM
from .passes import Comparison, Contribution, ForwardStep, Pass, Step

WIDTH = 100  # columns of a terminal; a wider table loses the middle of its names
_GRADIENT, _SUM = 2, 5  # the columns of a backward pass that can differ from the right one


def rows(passed: Pass[Any]) -> list[tuple[str, ...]]:
    """The cells of the table, row by row, the headings first; a cell is empty where it would repeat the one above."""
    texts = passed.texts
    if not passed.gradients:
        three = ("column_step", "column_node", "column_numbers")
        given = [(texts["row_given"], passed.names[leaf], figure(passed.data[leaf])) for leaf in passed.leaves]
        made = [(str(i), passed.called(step.node), computation(passed, step)) for i, step in enumerate(passed, 1)]
        return [tuple(texts[head] for head in three), *_once(given), *made]
    heads = ("column_step", "column_node", "column_gradient", "column_to", "column_product", "column_sum")
    found = [tuple(texts[head] for head in heads)]
    for i, step in enumerate(passed, 1):
        head = (str(i), passed.called(step.node), figure(step.gradient))
        for contribution in step.contributions:
            name = passed.names[contribution.parent]
            found.append((*head, name, product(step, contribution), figure(contribution.sum_so_far)))
            head = ("", "", "")
        if not step.contributions:
            found.append((*head, "", texts["row_nothing"], ""))
    done = [
        (texts["row_done"], passed.names[leaf], figure(passed.gradients[leaf]), "", "", "") for leaf in passed.leaves
    ]
    found += _once(done)
    if passed.compared:
        _beside_the_right(passed, passed.compared, found)
    return found


def _beside_the_right(passed: Pass[Step], compared: Comparison, found: list[tuple[str, ...]]) -> None:
    """Mark in the rows of a wrong pass the first number that differs, and those that differ at the end: `3 ≠ 5`."""
    difference = compared.difference
    if difference is None:
        return

    def mark(row: int, column: int, right: float) -> None:
        cells = found[row]
        if cells[column] != figure(right):
            found[row] = (*cells[:column], f"{cells[column]} ≠ {figure(right)}", *cells[column + 1 :])

    before = sum(len(step.contributions) or 1 for step in passed[: difference.step])
    place = difference.contribution
    mark(1 + before + (place or 0), _GRADIENT if place is None else _SUM, difference.right)
    for row, leaf in enumerate(passed.leaves, len(found) - len(passed.leaves)):
        mark(row, _GRADIENT, compared.right.gradients[leaf])


def product(step: Step, contribution: Contribution) -> str:
    """A contribution in numbers: `0.5 · 3 = 1.5`."""
    factors = (contribution.local_derivative, step.gradient)
    return f"{' · '.join(operand(x).within(ATOM) for x in factors)} = {figure(contribution.product)}"


def computation(passed: Pass[Any], step: ForwardStep) -> str:
    """A step of the forward pass in numbers: `2 + 1 = 3`."""
    return f"{written(step.node, lambda x: figure(passed.data[x]))} = {figure(step.data)}"


def aligned(cells: list[tuple[str, ...]]) -> str:
    """Rows as the lines of a table in a terminal, the first row above the others."""
    columns = [list(column) for column in zip(*cells)]
    widths = [max(map(len, column)) for column in columns]
    names, numbers = ((1, 2), (0,)) if len(columns) == 3 else ((1, 3), (0, 2))
    while sum(widths) + 2 * len(widths) - 2 > WIDTH:
        longest = max(names, key=widths.__getitem__)
        widths[longest] -= 1
    for i, (column, width) in enumerate(zip(columns, widths)):
        align = str.rjust if i in numbers else str.ljust
        column[:] = [align(cut(cell, width), width) for cell in column]
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns))


def _once(found: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows, with what stands in front of them in the first only."""
    return [row if i == 0 else ("", *row[1:]) for i, row in enumerate(found)]
