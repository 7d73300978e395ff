"""Examples of several shapes, such as sequences of several lengths, as arrays: one pair for each shape.

Imported only when a training is compiled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from autograd.basics.messages import shown
from autograd.program.spec import array_of

from .preflight import Examples


class Group(NamedTuple):
    """Examples of one shape.

    Args:
        numbers: which of the examples they are.
        arrays: their inputs and their targets.
    """

    numbers: list[int]
    arrays: tuple[Any, ...]


def grouped(examples: Examples) -> list[Group]:
    """The examples by the shapes of input and target, in the order in which the shapes first come up.

    Raises:
        TypeError: if an example is not made of numbers alone.
        ValueError: if an example has no shape: its lists are of several lengths.
    """
    columns = {"inputs": examples.inputs, "targets": examples.targets}
    try:
        groups = [Group([*range(len(examples))], tuple([array_of(xs, name) for name, xs in columns.items()]))]
    except ValueError:  # of several shapes
        places: dict[Any, list[int]] = {}
        for i, example in enumerate(zip(*columns.values())):
            shapes = tuple([_shape(x, f"{examples.name}{name}[{i}]") for name, x in zip(columns, example)])
            places.setdefault(shapes, []).append(i)
        groups = [
            Group(n, tuple([array_of([xs[i] for i in n], name) for name, xs in columns.items()]))
            for n in places.values()
        ]
    for (i, *_), arrays in groups:
        for (name, column), array in zip(columns.items(), arrays):
            if array.dtype.kind not in "fiub":
                raise TypeError(
                    f"compile=True needs numbers, and {examples.name}{name}[{i}] is {shown(column[i])}:"
                    " make lists of numbers of it, or leave compile out"
                )
    return groups


class Batches:
    """Picks out of groups what belongs to a batch.

    Args:
        groups: all examples.
        in_order: whether the order of the examples counts, because random numbers are drawn for one after the other.
    """

    def __init__(self, groups: Sequence[Group], in_order: bool) -> None:
        self._groups, self._in_order = groups, in_order
        self._at = {i: (g, place) for g, group in enumerate(groups) for place, i in enumerate(group.numbers)}

    def of(self, batch: Sequence[int]) -> Iterator[tuple[float, list[Any]]]:
        """For each shape in it the share of the examples that have it, and their inputs and targets."""
        at = [self._at[i] for i in batch]
        for g, members in groupby(at if self._in_order else sorted(at, key=lambda x: x[0]), key=lambda x: x[0]):
            rows = [place for _, place in members]
            yield len(rows) / len(batch), [array[rows] for array in self._groups[g].arrays]


def _shape(item: Any, place: str) -> tuple[int, ...]:
    import numpy as np

    try:
        return np.shape(item)
    except ValueError:
        raise ValueError(
            f"compile=True needs arrays, and {place} has lists of several lengths: pad them, or leave compile out"
        ) from None
