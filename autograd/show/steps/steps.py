"""steps: the forward and the backward pass, one step at a time.

Nothing is computed here but the chain rule's products and sums, and no `.grad` is touched. The records of the steps are
in passes.py.
"""

from __future__ import annotations

import math
import os
from numbers import Integral
from pathlib import Path
from textwrap import fill
from typing import Any, Literal, overload

from ... import graph, kinks
from ...basics.files import checked, write_whole
from ...basics.groups import flat
from ...basics.messages import shown
from ...faults import check, check_unchanged
from ...notation.names import as_read
from ...notation.text import is_number
from ...value import Value
from .differences import comparison, why
from .orders import ORDERS, Order, taken
from .passes import ForwardStep, Pass, S, Step
from .table import WIDTH, aligned, rows
from .texts import texts


class Steps(Pass[S]):
    """The steps of a pass over a graph: a sequence, a table when printed, a player in a notebook.

    `steps` makes it. What it shows are the numbers of that moment: later changes of the graph don't reach it.

    Args:
        output: the Value that the pass leads to or, going back, begins with.
        steps: one for each computed node, in order.
        data: the number of each node, the leaves first.
        gradients: that of each node, at the end of the backward pass; empty for a forward pass.
        full_names: whether the parameters of a network have their full names.
        language: what the texts are written in.
        compared: what a wrong pass is beside the right one; None for the right one.
    """

    def html(self) -> str:
        """The player as a page of its own, which needs no network and no other file.

        Raises:
            ValueError: if the pass is too long, or the graph too large, to be played; the message says what to do.
            ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
        """
        from .player import page  # only now: it needs JSON and XML

        return page(*self._side_by_side)

    def save(self, path: str | os.PathLike[str], *, step: int | None = None, seconds: float = 2.0) -> Path:
        """Write the player, slides, a film or one step to a file, as the ending of its name says.

        Args:
            path: the file's name. .html is the player, and .slides.html a slide for each step; either is a page of its
                own. .gif and .webp are animated; .svg, .png and .pdf show one step.
            step: which one, as the player counts them: 0 is before the first. None is the last.
            seconds: how long an animated picture shows each step.

        Returns:
            The path.

        Raises:
            TypeError: if `path`, `step` or `seconds` is no path or number.
            ValueError: if the name ends otherwise, if there is no such step, if `step` or `seconds` is given for what
                has none, or if the pass is too long to be played.
            ImportError: if there is no Graphviz on the machine, or, for .gif and .webp, no Pillow.
            OSError: if the file can't be written.

        >>> import tempfile
        >>> x = Value(3.0, label="x")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     print(steps(x * x).save(f"{folder}/square.svg", step=1).name)
        square.svg
        """
        from .saving import content

        path = checked(path)
        write_whole(path, content(self._side_by_side, path.name, step, seconds))
        return path

    def __str__(self) -> str:
        return aligned(rows(self)) + (f"\n\n{fill(why(self), WIDTH)}" if self.compared else "")

    @property
    def _side_by_side(self) -> list[Pass[Any]]:
        """The pass, and beside a wrong one the right one."""
        return [self, self.compared.right] if self.compared else [self]

    def __repr__(self) -> str:
        way = "of the backward pass from" if self.gradients else "of the forward pass to"
        return f"<{len(self)} step{'s' * (len(self) != 1)} {way} {self.names[self.output]}: print() shows a table>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .player import fragment

        try:
            return {"text/plain": str(self), "text/html": fragment(*self._side_by_side, notebook=True)}
        except (ValueError, ImportError, TimeoutError) as error:  # a notebook shows the way out, not a traceback
            shorter = repr(self) if isinstance(error, ValueError) else str(self)
            return {"text/plain": f"{shorter}\n{error}"}

    def _mime_(self) -> tuple[str, str]:  # marimo: it shows one form, and runs no script but those of a frame
        from .player import frame

        try:
            return "text/html", frame(*self._side_by_side)
        except (ValueError, ImportError, TimeoutError):
            return "text/plain", self._repr_mimebundle_()["text/plain"]


@overload
def steps(
    output: Value,
    *,
    forward: Literal[False] = False,
    order: Order = "topological",
    accumulate: bool = True,
    max_nodes: int = 1000,
    full_names: bool = False,
    language: str = "en",
) -> Steps[Step]: ...


@overload
def steps(
    output: Value, *, forward: Literal[True], max_nodes: int = 1000, full_names: bool = False, language: str = "en"
) -> Steps[ForwardStep]: ...


def steps(
    output: Value,
    *,
    forward: bool = False,
    order: Order = "topological",
    accumulate: bool = True,
    max_nodes: int = 1000,
    full_names: bool = False,
    language: str = "en",
) -> Steps[Any]:
    """What `output.backward()` does, one step at a time: in its order, with its numbers, and without its effects.

    Each step names a node whose gradient is complete, and what it hands on to each of its operands. In a notebook the
    result shows itself as a player; printed, it is a table; `save("backward.html")` writes the player to a file.

    Why does the order matter, and the `+=`? Another `order`, or `accumulate=False`, plays what goes wrong without them,
    beside the right pass; the first number that differs is marked, and a sentence says why it does.

    Args:
        output: the Value to differentiate.
        forward: True for the steps of the forward pass, which computes the output from the leaves.
        order: in which the nodes hand on. "topological" is that of backward(): each after all that it flows into.
            "depth_first" and "breadth_first" let each have its turn when they first come to it; "recursive" comes to it
            once for each path, and is cut after 50 steps.
        accumulate: False for `grad = ...` in the place of `grad += ...`.
        max_nodes: how many Values the graph may have at most.
        full_names: True for the parameters of a network under their full names, `layers.0.neurons.0.w.1` for `w₁₂⁽¹⁾`.
        language: what the player and the table say things in: "en" or "de".

    Returns:
        A sequence of `Step`s, or of `ForwardStep`s, one for each computed node. Its `.gradients` are those of all nodes
        after the last step (a forward pass has none), its `.leaves` the numbers that everything was computed from. The
        `.compared` of a wrong pass has the `right` one, the `difference`, and how many `visits` each node has.

    Raises:
        TypeError: if `output` is not a Value, or `accumulate` neither True nor False.
        ValueError: if the graph has more than `max_nodes` Values, if `max_nodes` is not a number of things, if there is
            no such order, or there are no texts in the `language`; and, going back, whenever `output.backward()` raises
            it.
        RuntimeError: if the `.data` of a node was assigned to after it had been used.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> c, d = a + b, b + 1
    >>> c.label, d.label = "c", "d"
    >>> e = c * d
    >>> e.label = "e"
    >>> print(steps(e))
    step  node       gradient  to  local · gradient = product  sum so far
       1  e = c * d         1  c   2 · 1 = 2                   2
                               d   3 · 1 = 3                   3
       2  c = a + b         2  a   1 · 2 = 2                   2
                               b   1 · 2 = 2                   2
       3  d = b + 1         3  b   1 · 3 = 3                   5
    done  a                 2
          b                 5
    >>> steps(e)[-1].contributions[0].sum_so_far
    5.0
    >>> print(steps(e, accumulate=False))
    step  node       gradient  to  local · gradient = product  sum so far
       1  e = c * d         1  c   2 · 1 = 2                   2
                               d   3 · 1 = 3                   3
       2  c = a + b         2  a   1 · 2 = 2                   2
                               b   1 · 2 = 2                   2
       3  d = b + 1         3  b   1 · 3 = 3                   3 ≠ 5
    done  a                 2
          b             3 ≠ 5
    <BLANKLINE>
    Step 3 is the first that differs: = leaves b with 3, where += gives 5. What came in step 2 is
    forgotten: the gradient is the sum over all paths.
    """
    if not isinstance(output, Value):
        raise TypeError(f"output must be a Value, got {shown(output)} ({type(output).__name__})")
    if not isinstance(max_nodes, Integral) or max_nodes < 1:
        raise ValueError(f"max_nodes must be a whole number, 1 or more, got {shown(max_nodes)}")
    if not isinstance(accumulate, bool):
        raise TypeError(f"accumulate must be True or False, got {shown(accumulate)}")
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(map(repr, ORDERS))}, got {shown(order)}")
    if forward and (order != "topological" or not accumulate):
        raise ValueError("order and accumulate are those of a backward pass: leave out forward=True, or them")
    texts(language)  # refused before the work
    computed, ends = graph.walk([output])
    leaves = ends
    size = len(computed) + len(leaves)
    if size > max_nodes:
        raise ValueError(
            f"the graph has {size:,} Values, {len(computed):,} of them computed: too many to follow step by step"
            f" (max_nodes={max_nodes}). Pass a Value inside of it, nearer to the leaves, or a smaller example of the"
            f" same; max_nodes={size} gives all the steps"
        )
    read = as_read(leaves + computed)
    leaves = [x for x in read if not x.op]
    data = {node: node.data for node in leaves + computed}
    if forward:
        check_unchanged(computed, leaves)  # of no root: also a graph that isn't finite can be followed
        made = [ForwardStep(node, tuple(flat(graph.operands(node))), node.data) for node in read if node.op]
        return Steps(output, made, data, {}, full_names, language)
    check([output], computed, leaves)
    gradients: dict[Value, float] = {}
    found = taken("topological", output, computed, gradients, True)
    for leaf in ends:
        if not math.isfinite(gradients.get(leaf, 0.0)):
            raise kinks.refusal(leaf, gradients, computed, [output])
    nothing = dict.fromkeys(data, 0.0)
    right = Steps(output, found, data, nothing | gradients, full_names, language)
    if order == "topological" and accumulate:
        return right
    if not all(is_number(c.product) for step in right for c in step.contributions):
        raise ValueError(
            "only backward()'s own order leads through a checkpoint, which keeps nothing of its inside: compute the"
            " output without checkpoint() to see others"
        )
    gradients = {}
    found = taken(order, output, computed, gradients, accumulate)
    compared = comparison(order, accumulate, found, right, computed)
    return Steps(output, found, data, nothing | gradients, full_names, language, compared)
