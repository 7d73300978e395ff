"""A pass over a graph as a record: its steps in order, the numbers of that moment, and names for the nodes.

The numbers are those of `backward()`, to the last digit. Nothing is computed or shown here: how the steps are taken is
in steps.py, what they look like in table.py, positions.py and player.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeVar, overload

from ... import graph
from ...familiar import Familiar
from ...notation import names
from ...notation.text import figure
from ...value import Value
from .texts import texts


class Contribution(NamedTuple):
    """What a node hands on to one of its operands.

    Args:
        parent: the operand.
        local_derivative: of the node with respect to this operand alone.
        product: the local derivative times the node's gradient.
        sum_so_far: all that the parent has received, this product included.
    """

    parent: Value
    local_derivative: float
    product: float
    sum_so_far: float


class Step(NamedTuple):
    """A step of the backward pass: a node whose gradient is complete, and what it hands on.

    Args:
        node: a computed Value.
        gradient: the derivative of the output with respect to it; in a wrong order, what it hands on in its place.
        contributions: one for each operand that is a Value, in order; none where the gradient is 0, because nothing
            flows on from there.
    """

    node: Value
    gradient: float
    contributions: tuple[Contribution, ...]


def sign_of_gradient(output: Value, node: Value, nodes: Iterable[Value]) -> str:
    """d or ∂, for the output's derivative with respect to a node.

    It is "d" where the node is an operand of the output and reached along another path, too: there ∂ is the local
    derivative, and another number. So `explain` has it.

    Args:
        output: what is differentiated.
        node: of its graph.
        nodes: all of the graph.
    """
    if all(parent is not node for parent in graph.parents(output)):
        return "∂"
    uses = sum([parent is node for x in nodes for parent in graph.parents(x)])
    return "d" if uses > 1 else "∂"


class ForwardStep(NamedTuple):
    """A step of the forward pass: a node is computed.

    Args:
        node: the Value.
        operands: the Values and plain numbers that it is computed from, in order.
        data: the result.
    """

    node: Value
    operands: tuple[Value | float, ...]
    data: float


Kind = Literal["unfinished", "part", "forgotten"]


class Difference(NamedTuple):
    """The first number of a backward pass that isn't that of the right one.

    Args:
        kind: "unfinished" for a gradient that is handed on before all of it has arrived, "part" for one that recursion
            hands on path by path, "forgotten" for a sum that `=` has overwritten.
        step: the place of the step that it stands in, from 0.
        contribution: the place of the contribution whose `sum_so_far` it is; None if it is the step's `gradient`.
        node: whose gradient it is.
        found: the number.
        right: the number that belongs there.
        others: the steps in which the rest arrives, too late; or the one whose contribution is forgotten.
    """

    kind: Kind
    step: int
    contribution: int | None
    node: Value
    found: float
    right: float
    others: tuple[int, ...]


class Comparison(NamedTuple):
    """A backward pass in another order than backward()'s, or with `=` for `+=`, beside the right one.

    Args:
        order: in which its nodes have their turn.
        accumulate: whether what a node receives is added to what it has.
        right: the right pass.
        difference: the first number that differs; None if none does.
        visits: how many turns each node has; with recursion this is how many paths lead to it, though only some of the
            turns are among the steps.
    """

    order: str
    accumulate: bool
    right: Pass[Step]
    difference: Difference | None
    visits: dict[Value, int]


S = TypeVar("S", Step, ForwardStep)
T = TypeVar("T")


class Listed(Familiar, Sequence[T]):
    """A sequence of what stands in `_items`, a tuple."""

    _items: tuple[T, ...]

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._items[index]


class Pass(Listed[S]):
    """The steps of a pass over a graph, and what it began and ended with. Its arguments are those of `Steps`."""

    def __init__(
        self,
        output: Value,
        steps: Iterable[S],
        data: dict[Value, float],
        gradients: dict[Value, float],
        full_names: bool = False,
        language: str = "en",
        compared: Comparison | None = None,
    ) -> None:
        self.language = language
        self.texts = texts(language)
        self.compared = compared
        self.output = output
        self.data = data
        self.gradients = gradients
        self.names = names.names(data, full_names)
        self.leaves = tuple(node for node in data if not node.op)
        self._items = tuple(steps)
        self._formulas = {step.node: names.written(step.node, self.names.__getitem__) for step in self._items}

    @property
    def title(self) -> str:
        """What the pass is, in a few words: `The backward pass from e = 6`."""
        output = f"{self.names[self.output]} = {figure(self.data[self.output])}"
        title = self.say("backward_title" if self.gradients else "forward_title", output=output)
        if self.compared is None:
            return title
        way: dict[str, bool] = {self.compared.order: self.compared.order != "topological"}
        way["overwriting"] = not self.compared.accumulate
        return ", ".join([title, *(self.texts[word] for word in way if way[word])])

    def say(self, text: str, **parts: object) -> str:
        """A text of the table in the language of the pass, with its parts put in.

        Args:
            text: its name in the table, `texts`.
            parts: what stands in its places, by their names.
        """
        return self.texts[text].format(**parts)

    def called(self, node: Value, room: int | None = None) -> str:
        """A node's name and how it was computed, `d = b + 1`; the name alone where that says it.

        Args:
            node: one of the Values in the graph.
            room: how many characters this may take before operands become dots, as in `d = … + …`.
        """
        name = self.names[node]
        formula = self._formulas.get(node, name)
        if formula == name:
            return name
        return f"{name} = {formula if room is None or len(name + formula) + 3 <= room else names.shortly(node)}"
