"""Products of several matrices at once: the operation `einsum`, which is its own derivative's.

y[out] = Σ a[...] b[...] over all axes that y doesn't have. An axis is a letter with a size; of each operand a letter
counts up rows by a stride, so that heads, positions or weights are looked at where they lie. The examples of a batch
are one more axis: that of all which is wide; a result that is narrow is summed over it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .patterns import Pattern, pattern


class View(NamedTuple):
    """How an operand is looked at.

    Args:
        letters: its axes.
        start: its first row.
        strides: of each axis, how many rows apart neighbours are.
    """

    letters: str
    start: int
    strides: tuple[int, ...]


class Einsum(NamedTuple):
    """The detail of the operation.

    Args:
        views: of the two operands.
        out: the axes of the result, whose rows lie in this order, the last axis runs fastest.
        sizes: by letter, in alphabetical order.
        wide: whether the result is.
    """

    views: tuple[View, View]
    out: str
    sizes: tuple[tuple[str, int], ...]
    wide: bool

    @property
    def rows(self) -> int:
        """How many rows the result has."""
        rows = 1
        for letter in self.out:
            rows *= self.size(letter)
        return rows

    def size(self, letter: str) -> int:
        """How long an axis is."""
        return dict(self.sizes)[letter]

    @property
    def is_of_matrices(self) -> bool:
        """Whether rows meet columns; otherwise numbers are multiplied one by one."""
        left, right = [{*view.letters} & {*self.out} for view in self.views]
        return bool(left - right and right - left)

    @property
    def spec(self) -> str:
        """As `einsum` takes it: "ik,jk->ji"."""
        return f"{self.views[0].letters},{self.views[1].letters}->{self.out}"

    def pattern(self, which: int) -> Pattern:
        """The rows that the operand is looked at in."""
        letters, start, strides = self.views[which]
        return Pattern(start, tuple([self.size(x) for x in letters]), strides)

    def compact(self) -> View:
        """The result, as the operand of another."""
        strides, step = [], 1
        for letter in reversed(self.out):
            strides.append(step)
            step *= self.size(letter)
        return View(self.out, 0, tuple(strides[::-1]))


def back(y: Any, g: Any, a: Any, b: Any) -> list[tuple[Any, Any]]:
    """To each operand goes the product of the gradient and the other operand, summed over what it hasn't."""
    d: Einsum = y.detail
    g = y.builder.full(g, y)
    received = []
    for which, (arg, other) in enumerate(((a, b), (b, a))):
        view = d.views[which]
        # axes in the order in which they lie in the operand
        axes = sorted(zip(view.letters, view.strides), key=lambda x: -x[1])
        letters, strides = [x for x, _ in axes], [x for _, x in axes]
        detail = Einsum((d.compact(), d.views[1 - which]), "".join(letters), d.sizes, arg.wide)
        rows = Pattern(view.start, tuple([d.size(x) for x in letters]), tuple(strides)).rows
        part = y.builder.make("einsum", g, other, detail=detail)
        whole = rows == tuple(range(arg.rows))
        run = rows == tuple(range(rows[0], rows[0] + len(rows)))
        received.append((None if whole else range(rows[0], rows[0] + len(rows)) if run else rows, part))
    return received


def back_to_taken(y: Any, g: Any, a: Any) -> list[tuple[Any, Any]]:
    """To the rows that were taken; the sum to each that was taken regularly several times."""
    found, builder = pattern(y.detail), y.builder
    if found is None or 0 not in found.strides or len(y.detail) == 1:
        return [(y.detail, g)]
    letters = "abcd"[: len(found.sizes)]
    kept = [i for i, stride in enumerate(found.strides) if stride]
    sizes = [found.sizes[i] for i in kept]
    rows = Pattern(found.start, tuple(sizes), tuple([found.strides[i] for i in kept])).rows
    g = builder.full(g, y)
    if g.wide and not a.wide:
        g = builder.make("sum_batch", g)
    k = found.sizes[-1]
    if kept == [*range(len(letters) - 1)]:
        total = builder.segment_sum(builder.groups(builder.flat(g), k))
    else:
        ones = builder.constants([1.0] * (len(y.detail) // len(rows)))
        gone = "".join([x for i, x in enumerate(letters) if i not in kept])
        axes = tuple(zip(letters, found.sizes))
        seen = View(letters, 0, Einsum((View("", 0, ()),) * 2, letters, axes, g.wide).compact().strides)
        weights = View(gone, 0, Einsum((View("", 0, ()),) * 2, gone, axes, False).compact().strides)
        out = "".join([letters[i] for i in kept])
        total = builder.make("einsum", g, ones, detail=Einsum((seen, weights), out, axes, g.wide))
    run = range(rows[0], rows[-1] + 1)
    return [(None if rows == tuple(range(a.rows)) else run if rows == tuple(run) else rows, total)]
