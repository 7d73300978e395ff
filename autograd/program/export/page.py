"""The lines of the function on a page: forward, and backward by the chain rule; and what they need besides.

The names are those of the equations, which equations/reader.py gives. How an operation is written is decided in
expressions.py, what stands around the function in source.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from ... import ops
from ..equations.naming import layer_at
from ..equations.reader import Reader
from ..idioms import chosen, constants_of, idiom, strip
from ..ir import Array
from ..specialization import Specialization
from .chains import chain_rule, sum_of
from .expressions import constants, indexed, share_of_the_batch, times, write, write_idiom
from .identifiers import Identifiers
from .text import Notes, Text, number

WIDTH = 88
"""So long is a line at most: what formatters take for given."""

CAPTURED = "captured\n"
"""The key of numbers that are no parameters: no label is like it."""

_LONGEST = 56
"""So long is an expression at most; parts of a longer one get names."""


class Given(NamedTuple):
    """An array of parameters that the function is given.

    Args:
        name: on the page.
        places: of its numbers in the flat vector; None for numbers that are no parameters.
        shape: as a matrix.
    """

    name: str
    places: tuple[int, ...] | None
    shape: tuple[int, int]


class Page:
    """The function of a program.

    Args:
        specialization: what a function is for examples of one shape.
        arguments: the names of the function's arguments.
        identifiers: the names of the page.

    Attributes:
        inputs: the name of each argument, with its rows.
        given: by its name in the equations each array of parameters.
        gradients: the arrays that a gradient is computed for, with the name of that.
        lines: of the function, without what it returns.
        result: the name of the loss; of a program that isn't one, an expression for all that it returns.
        notes: what else must stand on the page.
    """

    def __init__(self, specialization: Specialization, arguments: Sequence[str], identifiers: Identifiers) -> None:
        self.reader = reader = Reader(specialization, arguments, 2, False)
        reader.equations()
        self.identifiers, self.notes = identifiers, Notes(identifiers)
        self.inputs = {x.serial: (identifiers(reader.names.inputs[x.serial]), x.rows) for x in reader.program.inputs}
        self.given: dict[str, Given] = {}
        self.gradients: dict[str, str] = {}
        self.lines: list[str] = []
        self._texts: dict[int, Text] = {}
        self._stored: dict[int, list[tuple[Any, Any]]] = {}
        self._sums: set[int] = set()  # of gradients: each of the terms has a line
        of_parameters = Counter([strip(g).serial for _, g in reader.stores if isinstance(g, Array)])
        stores = [(where, x) for where, g in reader.stores for x in self._terms(g, of_parameters)]
        for where, g in stores:
            if isinstance(g, Array):
                self._stored.setdefault(strip(g).serial, []).append((where, g))
        self._pass("forward", [x for x in reader.order if x.serial in reader.forward])
        self.result = self._loss() if reader.is_loss else self._returned()
        self._pass("backward, by the chain rule", [x for x in reader.order if x.serial not in reader.forward])
        for where, g in stores:
            if not isinstance(g, Array):
                self._gradient(where, g)

    def _terms(self, g: Any, of_parameters: Counter[int]) -> list[Any]:
        """What is added up to a gradient of parameters, and read for nothing else: what comes from each use of one."""
        found: list[Any] = []
        stack = [g]
        while stack:
            x = stack.pop()
            node = strip(x)
            is_sum = isinstance(node, Array) and node.op is ops.add and node.serial not in self.reader.forward
            if is_sum and of_parameters[node.serial] + len(self.reader.consumers.get(node.serial, ())) == 1:
                self._sums.add(node.serial)
                stack += node.args[::-1]
            else:
                found.append(x)
        return found

    # --------------------------------------------------------------------------------------------------- operations

    def _pass(self, heading: str, nodes: Sequence[Array]) -> None:
        if nodes:
            self.lines += [""] * bool(self.lines) + [f"# {heading}"]
        for node in nodes:
            if node.serial in self._sums:
                continue
            name = self.reader.named.get(node.serial)
            if node.op == "assemble":
                text = self._assembled(node, self.identifiers(name) if name else self.identifiers.numbered("U"))
            else:
                text = self._written(node)
            if node.op != "assemble" and (name or text.parts):
                text = self._named(node, text, self.identifiers(name) if name else self.identifiers.numbered("U"))
            self._texts[node.serial] = text
            parts = self._stored.get(node.serial, [])
            for where, g in parts:
                self._gradient(where, g)

    def _operand(self, x: Any) -> Text:
        x = strip(x)
        return self._texts[x.serial] if isinstance(x, Array) else number(x)

    def _written(self, node: Array) -> Text:
        if node.is_number and (text := share_of_the_batch(node)):
            return text
        known = self._source(node)
        if known is not None:
            return known
        if constants_of(node) is not None:
            return constants(node, self.notes)
        named = idiom(node)
        operands = [strip(x) for x in (node.args if named is None else named.operands)]
        while True:
            texts = [self._operand(x) for x in operands]
            if named is None:
                text = write(node, texts, self.notes)
            else:
                text = write_idiom(node, named, texts, self.notes)
                if named.factor is not None:
                    text = times(self._operand(named.factor), text)
            long = [x for x in operands if isinstance(x, Array) and len(self._texts[x.serial].text) > 12 and x.args]
            if len(text.text) <= _LONGEST or not long:
                return text
            longest = max(long, key=lambda x: len(self._texts[x.serial].text))
            self._texts[longest.serial] = self._named(
                longest, self._texts[longest.serial], self.identifiers.numbered("U")
            )

    def _name_of(self, serial: int) -> str:
        return self.identifiers(self.reader.named[serial])

    def _named(self, node: Array, text: Text, name: str) -> Text:
        """A line that gives a name to what an expression computes; returns how it is written from then on."""
        shape = f"  # ({node.rows}, {_columns(node)})"
        chain = chain_rule(self.reader, node, self._name_of)
        if chain:
            self.lines += [""] * (not self.lines[-1].startswith("#")) + [f"# {name} = {chain}"]
        if text.parts:
            each = [f"        {x}," for x in text.parts]
            self.lines += [f"{name} = np.vstack(", "    [", *each, "    ]", f"){shape}"]
        else:
            self._line(f"{name} = {text.text}", shape)
        return Text(name)

    def _line(self, statement: str, shape: str = "") -> None:
        if len(statement) + len(shape) > WIDTH - 4:
            self.lines += [shape.strip()] * bool(shape)
            shape = ""
        self.lines.append(statement + shape)

    def _assembled(self, node: Array, name: str) -> Text:
        """A gradient of which each part is for some rows."""
        self.lines.append(f"{name} = np.zeros(({node.rows}, {_columns(node)}))")
        for rows, part in zip(node.detail[0], node.args):
            self._added(name, tuple(rows), self._operand(part))
        return Text(name)

    def _added(self, whole: str, rows: tuple[int, ...], part: Text) -> None:
        where = indexed(rows, self.notes)
        if len(set(rows)) == len(rows):
            self._line(f"{whole}[{where}] += {part.text}")
        else:
            self._line(f"np.add.at({whole}, {where}, {part.text})")

    # -------------------------------------------------------------------------------------------- what is given

    def _source(self, node: Array) -> Text | None:
        """How an input, parameters, or other leaves are written; None for what is computed."""
        names = self.reader.names
        if node.op == "input":
            return Text(self.inputs[node.serial][0])
        source, rows = chosen(node)
        if node.op == "vector" and not self._is_read_whole(node):
            return Text("")  # parts of it are read, which have names of their own
        if source.op == "vector":
            return self._selected(rows)
        if node.op == "matrix":
            layer, w, b = next(x for x in names.letters if x[0] == layer_at(*node.detail))
            matrix = self._array(w, layer.weights, layer.shape), self._array(b, layer.biases), layer.shape[0]
            return Text("", matrix=matrix)
        if node.op == "captured":
            return Text(self._array(CAPTURED, None, (node.rows, 1)))
        return None

    def _is_read_whole(self, node: Array) -> bool:
        """Whether the vector of all parameters is read as such, and not only parts of it."""
        roots = [strip(x) for x in (*self.reader.outputs, self.reader.block)]
        consumers = self.reader.consumers.get(node.serial, [])
        return any(x is node for x in roots) or any(x.op not in ("matrix", "rows", "take") for x in consumers)

    def _array(self, name: str, places: tuple[int, ...] | None, shape: tuple[int, int] = (0, 1)) -> str:
        """The name on the page of an array of parameters."""
        rows = shape[0] or len(places or ())
        return self.given.setdefault(name, Given(self.identifiers(name.strip()), places, (rows, shape[1]))).name

    def _selected(self, indices: tuple[int, ...]) -> Text:
        """Some of the parameters."""
        names = self.reader.names
        for layer, w, b in names.letters:
            if indices == layer.weights:
                matrix = self._array(w, layer.weights, layer.shape)
                return Text(f"{matrix}.reshape(-1, 1)", matrix=(matrix, "", layer.shape[0]))
            if indices == layer.biases:
                return Text(self._array(b, layer.biases))
        label = names.shared_label(indices)
        if label:
            return Text(self._array(label, indices))
        whole = self._array(names.vector, tuple(range(len(names.labels))))
        return (
            Text(whole)
            if len(indices) == len(names.labels) and indices == tuple(range(len(indices)))
            else Text(f"{whole}[{indexed(indices, self.notes)}]")
        )

    # ------------------------------------------------------------------------------------ results and gradients

    def _loss(self) -> str:
        root = self.reader.outputs[0]
        text = self._operand(root)
        name = self.identifiers(self.reader.result)
        if not isinstance(root, Array):
            self.lines.append(f"{name} = {text.text}")
        else:
            self._line(f"{name} = np.mean({text.text})" if root.wide else f"{name} = {text.value}.item()")
        return name

    def _returned(self) -> str:
        """An expression for what the function returns, a row for each number."""
        if self.reader.block is not None and self.reader.block.wide:
            return self._operand(self.reader.block).text
        self.lines += ["rows = [", *[f"    {self._operand(x).text}," for x in self.reader.outputs], "]"]
        return "np.vstack([np.broadcast_to(row, (1, n)) for row in rows])"

    def _gradient(self, where: Any, g: Any) -> None:
        """The gradient of some parameters."""
        names = self.reader.names
        indices = tuple(range(len(names.labels)) if where is None else where)
        text = self._operand(g)
        for layer, w, b in names.letters:
            whole = layer.biases and sorted(layer.weights + layer.biases) == list(indices)
            if not whole and indices != layer.weights:
                continue
            of_w, of_b, rows = text.matrix or ("", "", 0)
            if rows != layer.shape[0]:
                m, k = layer.shape
                column = self._filled(text, g, len(indices))
                name = self.identifiers.numbered("U")
                self._line(f"{name} = {column}.reshape({m}, {k + bool(whole)})")
                of_w, of_b = (f"{name}[:, :-1]", f"{name}[:, -1:]") if whole else (name, "")
            self._sum(w, layer.weights, of_w, layer.shape, g)
            if whole:
                self._sum(b, layer.biases, of_b, (layer.shape[0], 1), g)
            return
        label = next((b for layer, w, b in names.letters if layer.biases == indices), "") or names.shared_label(indices)
        if label:
            return self._sum(label, indices, self._filled(text, g, len(indices)), (len(indices), 1), g)
        whole_vector = tuple(range(len(names.labels)))
        self._array(names.vector, whole_vector)
        if names.vector not in self.gradients:
            self.gradients[names.vector] = self.identifiers(f"d{self.given[names.vector].name}")
            self.lines.append(f"{self.gradients[names.vector]} = np.zeros(({len(whole_vector)}, 1))")
        self._added(self.gradients[names.vector], indices, text)

    def _filled(self, text: Text, g: Any, rows: int) -> str:
        """A gradient as a column: one number may be for all rows."""
        if isinstance(g, Array) and g.rows == rows and not g.is_number:
            return text.value
        return f"np.full(({rows}, 1), {text.text})"

    def _sum(self, name: str, places: tuple[int, ...], text: str, shape: tuple[int, int], g: Any) -> None:
        """A line for a gradient, which adds to what has come on other ways."""
        array = self._array(name, places, shape)
        node = strip(g)
        δ: Any = strip(node.args[0]) if isinstance(node, Array) and node.op == "outer" else None
        through = sum_of(self.reader, δ)
        before = f"{self.gradients[name]} + " if name in self.gradients else ""
        d = self.gradients.setdefault(name, self.identifiers(f"d{array}"))
        rule = (
            f"∂L/∂{array} {'+' * bool(before)}= {self._name_of(δ.serial)} ∂{self._name_of(through)}/∂{array}, "
            if through is not None
            else ""
        )
        self._line(f"{d} = {before}{text}", f"  # {rule}{shape}")


def _columns(node: Array) -> str:
    return "n" if node.wide else "1"
