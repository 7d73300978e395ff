"""Where the number of each node is: in which Array, and in which row of it; and how operands are put together.

An Array may have rows that no node asked for: of a product of all positions with all positions a causal sequence needs
half. Such rows are holes. What is in them is computed like the rest and counts for nothing; where it would (in a list
that is filled up to the length of others) it is replaced by a number that changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from .. import ops
from ..rules import Rule
from ..value import Value
from .builder import Builder
from .einsum import View
from .ir import Array
from .patterns import along

Place = tuple[Array, int]
"""Where the number of a node is: an Array, and a row of it."""


class Holes(NamedTuple):
    """What is known of an Array with holes.

    Args:
        nodes: by row, whose number is there; None in a hole.
        filling: the number in all holes; None if it is not known, but finite.
    """

    nodes: Sequence[Value | None]
    filling: float | None


class Places:
    """The Arrays that are made, and the place of each node in them."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.place: dict[Value, Place] = {}
        self.holes: dict[int, Holes] = {}
        """By the serial number of an Array that has some."""

    def source(self, name: str, values: Sequence[Value], detail: Any) -> Array:
        """An Array of what a run begins with."""
        return self.put(values, self.builder.make(name, detail=detail))

    def put(self, nodes: Sequence[Value | None], block: Array, filling: float | None = None) -> Array:
        """Note that these are the rows of an Array; None for a hole."""
        found = {node: (block, i) for i, node in enumerate(nodes) if node is not None}
        self.place.update(found)
        if len(found) < len(nodes):
            self.holes[block.serial] = Holes(nodes, filling)
        return block

    # ---------------------------------------------------------------------------------------------- operands

    def column(self, operands: Sequence[Any]) -> Any:
        """One operand of each node of a group, as an Array (or a float) whose rows are in the order of the nodes."""
        if not isinstance(operands[0], Value):
            return self.builder.column([float(x) for x in operands])
        if len(set(operands)) == 1:  # one number for all: a row that serves every row
            block, row = self.place[operands[0]]
            return self.builder.rows(block, row, row + 1)
        return self.gathered(operands)

    def gathered(self, operands: Sequence[Any]) -> Array:
        """Values and floats as the rows of an Array: a part of an Array where that will do, else put together."""
        builder = self.builder
        if not all(isinstance(x, Value) for x in operands):
            constants = builder.constants([0.0 if isinstance(x, Value) else float(x) for x in operands])
        places = [self.place[x] if isinstance(x, Value) else (constants, i) for i, x in enumerate(operands)]
        parts = []
        for _, run in groupby(places, key=lambda at: at[0].serial):
            members = list(run)
            parts.append(self.chosen(members[0][0], [row for _, row in members]))
        if len(parts) > 8:
            blocks = {block.serial: block for block, _ in places}
            if len(blocks) < len(parts) / 2:
                # many short runs out of few Arrays: those below each other, and then the rows in order
                starts = dict(zip(blocks, [0, *accumulate([block.rows for block in blocks.values()])]))
                whole = builder.stack(list(blocks.values()))
                return builder.take(whole, [starts[block.serial] + row for block, row in places])
        return builder.stack(parts)

    def chosen(self, block: Array, rows: Sequence[int]) -> Array:
        """Rows of an Array: a part of it where they follow one another."""
        run = list(rows) == list(range(rows[0], rows[0] + len(rows)))
        return self.builder.rows(block, rows[0], rows[-1] + 1) if run else self.builder.take(block, rows)

    def repeated(self, x: Array, n: int) -> Array:
        """n rows that are all the same, unless they are there already."""
        return x if x.rows == n else self.builder.take(x, [0] * n)

    def view(self, operands: Sequence[Any], letters: str, sizes: Sequence[int]) -> tuple[Array, View]:
        """Operands along some axes, as `einsum` looks at them: where they lie, if they lie there regularly."""
        places = [self.place.get(x) if isinstance(x, Value) else None for x in operands]
        blocks = {None if at is None else at[0].serial for at in places}
        if len(blocks) == 1 and places[0] is not None:
            return self._seen(places[0][0], [at[1] for at in places if at is not None], letters, sizes)
        block = self.gathered(operands)
        return self._seen(block, range(block.rows), letters, sizes)

    def _seen(self, block: Array, rows: Sequence[int], letters: str, sizes: Sequence[int]) -> tuple[Array, View]:
        found = along(rows, sizes)
        if found is None:
            block = self.chosen(block, rows)
            found = along(range(block.rows), sizes)
        assert found is not None
        start, stop = found.start, found.start + max([n * abs(s) for n, s in zip(sizes, found.strides)])
        if min(found.strides) >= 0 and max(rows) < stop <= block.rows:  # a part of it will do
            return self.builder.rows(block, start, stop), View(letters, 0, found.strides)
        return block, View(letters, start, found.strides)

    def padded_view(
        self, lists: Sequence[Sequence[Any]], k: int, letters: str, sizes: Sequence[int]
    ) -> tuple[Array, View] | None:
        """Lists as `view` has them, filled up with zeros to the length k; None where that can't be."""
        if all(len(xs) == k for xs in lists):
            return self.view([x for xs in lists for x in xs], letters, sizes)
        found = self.padded(lists, k, 0.0)
        return None if found is None else self._seen(*found, letters, sizes)

    # ------------------------------------------------------------------------------------------------- lists

    def padded(self, lists: Sequence[Sequence[Any]], k: int, filling: float) -> tuple[Array, Sequence[int]] | None:
        """Lists of several lengths, each filled up to the length k with a number.

        They must lie in one Array, in which those that are too short go on; what is there is replaced.

        Returns:
            The Array, and the rows of it that the lists are, one after the other; None where that can't be.
        """
        places = [[self.place.get(x) for x in xs] if all(isinstance(x, Value) for x in xs) else [None] for xs in lists]
        block = places[0][0][0] if places[0][0] is not None else None
        if block is None or any(at is None or at[0] is not block for each in places for at in each):
            return None
        lying = [[at[1] for at in each if at is not None] for each in places]
        step = next((rows[1] - rows[0] for rows in lying if len(rows) > 1), 1)
        whole: list[int] = []
        pads: list[int] = []  # positions in the whole
        for rows in lying:
            stride = rows[1] - rows[0] if len(rows) > 1 else step
            pads += range(len(whole) + len(rows), len(whole) + k)
            whole += rows
            whole += [rows[-1] + i * stride for i in range(1, k - len(rows) + 1)]
        if not 0 <= min(whole) <= max(whole) < block.rows:
            return None
        holes = self.holes.get(block.serial)
        if holes is not None and all(holes.nodes[whole[i]] is None for i in pads):
            return self.filled(block, filling), whole
        if holes is not None and holes.filling not in (None, 0.0):
            return None
        taken = self.chosen(block, whole)
        outside = set(pads)
        return self._covered(taken, [i in outside for i in range(len(whole))], filling), range(len(whole))

    def filled(self, block: Array, filling: float) -> Array:
        """An Array with this number in its holes; from here on it is the place of its nodes."""
        holes = self.holes[block.serial]
        if holes.filling == filling:
            return block
        return self.put(holes.nodes, self._covered(block, [x is None for x in holes.nodes], filling), filling)

    def _covered(self, block: Array, where: Sequence[bool], filling: float) -> Array:
        """An Array with another number in some rows."""
        builder = self.builder
        if filling == -math.inf:
            return builder.elementwise(ops.add, block, builder.constants([-math.inf if x else 0.0 for x in where]))
        shown = builder.constants([0.0 if x else 1.0 for x in where])
        if filling == 0:
            return builder.elementwise(ops.mul, shown, block)
        return builder.elementwise("where", builder.elementwise(">", shown, 0.5), block, filling)

    def with_holes(self, rule: Rule, members: Sequence[Value], operands: Sequence[Sequence[Any]]) -> bool:
        """Compute a rule of numbers in all rows of an operand that has holes, also there; False if it isn't to be."""
        for column in operands:
            at = self.place.get(column[0]) if isinstance(column[0], Value) else None
            if at is not None and at[0].serial in self.holes and self._covers(at[0], column):
                break
        else:
            return False
        block = at[0]
        if rule is ops.exp and self.holes[block.serial].filling is None:
            block = self.filled(block, -math.inf)
        at_row = {self.place[x][1]: n for n, x in enumerate(column)}
        order, last = [], next(iter(at_row.values()))
        for row in range(block.rows):
            last = at_row.get(row, last)
            order.append(last)
        columns, fillings = [], []
        for each in operands:
            same = all(x is y for x, y in zip(each, column))
            columns.append(block if same else self.column([each[n] for n in order]))
            fillings.append(self.holes[block.serial].filling if same else columns[-1])
        bears, filling = _filling(rule, fillings)
        if not bears:
            return False
        nodes = [members[at_row[row]] if row in at_row else None for row in range(block.rows)]
        self.put(nodes, self.builder.apply(rule, *columns), filling)
        return True

    def _covers(self, block: Array, column: Sequence[Any]) -> bool:
        """Whether the operands are most of the rows of an Array, each once."""
        places = [self.place.get(x) for x in column if isinstance(x, Value)]
        rows = {at[1] for at in places if at is not None and at[0] is block}
        return len(rows) == len(column) and 2 * len(rows) > block.rows


def _filling(rule: Rule, operands: Sequence[Any]) -> tuple[bool, float | None]:
    """What a rule makes of the number in a hole.

    Args:
        rule: of numbers.
        operands: numbers; None for one that isn't known, but finite; an Array for numbers of nodes.

    Returns:
        (whether it, and its slopes, are defined there; the result, None if it is not known).
    """
    known = [x for x in operands if isinstance(x, float)]
    infinite = not all(map(math.isfinite, known))
    if rule is ops.exp:
        return bool(known), math.exp(known[0]) if known else None
    if rule is ops.neg:
        return True, -known[0] if known else None
    if rule in (ops.add, ops.sub):
        if len(known) == 2:
            y = rule.forward(*known)
            return not math.isnan(y), y
        return True, (rule.forward(*[x if isinstance(x, float) else 0.0 for x in operands]) if infinite else None)
    if rule is ops.mul:
        if len(known) == 2:
            return 0.0 not in known or not infinite, known[0] * known[1]
        return not infinite, 0.0 if 0.0 in known else None
    if rule is ops.div and (isinstance(operands[1], Array) or operands[1]):
        if len(known) == 2:
            return math.isfinite(known[1]), known[0] / known[1]
        return not infinite, 0.0 if known and operands[0] == 0.0 else None
    return False, None
