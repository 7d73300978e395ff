"""Which equations a program has: it reads the operations that run, and decides what gets an equation of its own.

A layer's weighted sum is named Z, its activation A, the gradient of the sum δ, and what is needed more than once V; all
else is written where it is used. The names of inputs and parameters are decided in naming.py, how an operation is
written in writing.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import ops
from ...notation.formulas import Formula
from ...notation.matrices import Written, column, form, symbol
from ...notation.tightness import ATOM, SUM
from ...rules import Unary
from ..engines.base import needed
from ..idioms import Idiom, constants_of, idiom, operands_of, spread, strip
from ..ir import Array, Part
from ..transpose import total
from .naming import Names, both, layers_of
from .products import arithmetic_of, columns_of, of_weights, parts_of, spread_out, values_of
from .writing import constants, is_lone, times, write

if TYPE_CHECKING:
    from ..specialization import Specialization

_CHEAP, _LONGEST = 2, 10  # operations that are rather written twice than named; that are written in one equation
_CHEAP_TO_EACH = 4  # the same of a sequence, where γ ⊙ centred↓(X) ⊙ r + β is done to each position
_SOURCES = {"input", "vector", "captured", "constants", "batch", "matrix"}
STAGES = ["once", "forward", "backward"]  # what runs once whatever the examples, and the two passes


class Equation(NamedTuple):
    """An equation: `Z1 = W1 X + b1 (10×200)`.

    Args:
        name: what it computes.
        text: all of it, without the shape.
        latex: the same in LaTeX, with an & before the sign.
        shape: the number of rows and of columns; a column for each example, or one.
        stage: "once" for what no example has a part in, "forward" or "backward".
        uses: the names on its right-hand side.
    """

    name: str
    text: str
    latex: str
    shape: tuple[int, int]
    stage: str
    uses: frozenset[str]

    def __str__(self) -> str:
        return f"{self.text} ({'×'.join(map(str, self.shape))})"


class Reader:
    """Reads the operations of a program in the order of their making, and writes the equations.

    Args:
        specialization: what a function is for examples of one shape.
        arguments: the names of the function's arguments.
        size: the number of examples.
        several: whether what is done to each position of a sequence is written as what is done to a matrix, in which
            each is a column.
    """

    def __init__(
        self, specialization: Specialization, arguments: Sequence[str], size: int, several: bool = True
    ) -> None:
        self.same: dict[Any, Array] = {}
        self.program, self.size, self.loss_scale = specialization.operations, size, specialization.loss_scale
        places = self.program.outputs
        self.is_loss = len(places) == 1 and not isinstance(specialization.output, (list, tuple, dict))
        self.executable = specialization.executable("step" if self.is_loss else "map")
        self.outputs = [x if isinstance(x, float) else x[0].builder.rows(x[0], x[1], x[1] + 1) for x in places]
        blocks = [] if self.is_loss else [x[0] for x in places if not isinstance(x, float)]
        whole = [(block, i) for block in blocks[:1] for i in range(block.rows)]
        self.block = blocks[0] if blocks and places == whole else None  # all that is returned, if that is an Array
        parts = specialization.backward(self.outputs[0]) if self.is_loss else {}
        self.stores = parts.get(self.program.vector.serial, []) if self.program.vector is not None else []
        roots = [x for x in [*self.outputs, *blocks] if isinstance(x, Array)]
        stored = [g for _, g in self.stores if isinstance(g, Array)]
        several = several and any(x.op == "einsum" and x.detail.is_of_matrices for x in needed([*roots, *stored]))
        self.several = several
        self.forward = _reached(roots, several)
        nodes = _reached([*roots, *stored], several)
        self.order = [nodes[i] for i in sorted(nodes)]
        self.consumers: dict[int, list[Array]] = {}
        self.varied: set[int] = set()  # what depends on the examples; a sum over them does, though it is narrow
        for node in self.order:
            operands = {x.serial for x in operands_of(node, several)}
            if node.op == "input" or not operands.isdisjoint(self.varied):
                self.varied.add(node.serial)
            for serial in operands:
                self.consumers.setdefault(serial, []).append(node)
        self.names = Names(self.program, arguments, layers_of(self.order), size)
        self.sums = _sums_of(self.order, self.consumers, several)
        self.gradients: dict[int, int] = {}
        for serial, number in self.sums.items():
            g = strip(total(nodes[serial], parts[serial])) if serial in parts else None
            if isinstance(g, Array) and not g.is_number:
                self.gradients.setdefault(g.serial, number)
        self.heads: dict[int, list[tuple[int, int, str]]] = {}
        """Layers that are keys, values and queries at once: which rows are what."""
        self.given_names: dict[int, str] = {}
        self.short: dict[str, Formula] = {}  # of parts of what has a name, and of the whole, how they are written
        if several:
            self._find_heads(parts)
        self.columns = columns_of(self.order, several) if several else {}
        for x in self.program.inputs:
            n = self.columns.get(x.serial, 1)
            self.names.given[self.names.inputs[x.serial]] = x.rows // n, n * size
        self.written: dict[int, Written] = {}
        self.named: dict[int, str] = {}  # by serial number
        self.drafts: list[tuple[Formula, Equation, tuple[int, ...]]] = []
        self.result = ""

    def _find_heads(self, parts: dict[int, list[Part]]) -> None:
        """Name what belongs to attention: K, V and Q, the scores S, their softmax A, and the gradients of these."""
        softmaxes = [(x, strip(x.args[0])) for x in self.order if x.op == "softmax"]
        for node in self.order:
            rows = parts_of(node)
            block = strip(node.args[0]) if rows else None
            if not isinstance(block, Array) or block.serial not in self.sums or block.serial in self.heads:
                continue
            n = self.sums[block.serial]
            values = {found for x in self.order if x.serial in self.forward and (found := values_of(x, block))}
            self.heads[block.serial] = sorted({*rows, *values})
            for softmax, scores in softmaxes:
                if node in arithmetic_of(scores) and softmax.serial in self.forward:
                    self.given_names |= {scores.serial: f"S{n}", softmax.serial: f"A{n}"}
                    for x in (scores, softmax):
                        g = strip(total(x, parts[x.serial])) if x.serial in parts else None
                        if isinstance(g, Array):
                            self.given_names.setdefault(g.serial, f"δ{self.given_names[x.serial]}")
                    break

    def equations(self) -> list[Equation]:
        """All equations, in order."""
        stored: dict[int, list[Part]] = {}
        for where, g in self.stores:
            if isinstance(g, Array):
                stored.setdefault(strip(g).serial, []).append((where, g))
        number = 0
        root = self.outputs[0] if self.is_loss else None
        for node in self.order:
            written = self._write(node)
            name = self._name_of(node, written)
            if name == "V":
                number += 1
                name = self.names.free(f"{'H' if self.heads else 'V'}{number}")  # V is for values there
            if name:
                n = self.columns.get(node.serial, 1)
                left = self._heads_of(node, name) or symbol(name)
                self._equation(left, written, (node.rows // n, n * (self.size if node.wide else 1)), self._stage(node))
                written = Written.name(name)
                self.named[node.serial] = name
            self.written[node.serial] = written
            if node is root:
                self._loss(written, node.wide)
            parts = stored.get(node.serial, [])
            for i, (where, g) in enumerate(parts):
                if (where, g) not in parts[:i]:
                    self._gradient(where, g, parts.count((where, g)))
        if isinstance(root, float):
            self._loss(Written.number(root), False)
        for where, g in self.stores:
            if not isinstance(g, Array):
                self._gradient(where, g)
        if not self.is_loss:
            self._returned()
        return self._in_order()

    def _heads_of(self, node: Array, name: str) -> Formula | None:
        """[K1; V1; Q1], where a layer, or its gradient, is these."""
        prefix = "δ" if node.serial in self.gradients else ""
        number = self.gradients.get(node.serial, self.sums.get(node.serial))
        block = next((serial for serial, n in self.sums.items() if n == number), None)
        rows = self.heads.get(block, []) if block is not None else []
        if not rows or (prefix and node.op != "assemble"):
            return None
        letters = [f"{prefix}{letter}{number}" for _, _, letter in rows]
        for (start, stop, _), letter in zip(rows, letters):
            self.short[f"{name}[{start}:{stop}]"] = symbol(letter)
        self.short[name] = whole = column([symbol(x) for x in letters], "[#]")
        return whole

    # ------------------------------------------------------------------------------------------ what is written, named

    def _write(self, node: Array) -> Written:
        if node.op == "batch":
            return Written(None, batches=1, size=self.size)
        source = self.names.source(node)
        if source is not None:
            return source
        numbers = constants_of(node)
        if numbers is not None:
            return constants(numbers)
        known = idiom(node, self.several)
        if known and self.several:
            first = self.same.setdefault((known.text, *[x.serial for x in known.operands], str(known.factor)), node)
            if first is not node:
                return self.written[first.serial]
        if not known and self.several and (base := spread(node)) and len(base) == 1 and node.op != "vector":
            return self._operand(base[0])._replace(cost=0)
        if known:
            return self._known(known)
        args = [self._operand(x) for x in node.args]
        return write(node, args if self.several else spread_out(node, args))

    def _operand(self, x: Any) -> Written:
        x = strip(x)
        return self.written[x.serial] if isinstance(x, Array) else Written.number(x)

    def _known(self, known: Idiom) -> Written:
        args = [self.written[x.serial] for x in known.operands]
        minus = known.text.startswith("−")
        core = form(known.text[minus:], SUM if " − " in known.text else ATOM, *[(x.full, 0) for x in args])
        found = Written(core, -1.0 if minus else 1.0, cost=1, uses=_uses(args))
        if known.factor is None:
            return found
        factor = self._operand(known.factor)
        return times(factor, found, [is_lone(known.factor), False])._replace(uses=found.uses | factor.uses)

    def _name_of(self, node: Array, written: Written) -> str:
        """The name of what is to have one: "V" for one with a number, empty for what is written where it is used."""
        if node.op in _SOURCES or written.core is None or constants_of(node) is not None:
            return ""
        if node.serial in self.given_names:
            return self.names.free(self.given_names[node.serial])
        if node.serial in self.sums:
            return self.names.free(f"Z{self.sums[node.serial]}")
        if node.serial in self.gradients:
            return self.names.free(f"δ{self.gradients[node.serial]}")
        before = strip(node.args[0]) if node.args else None
        activation = isinstance(node.op, Unary) and node.op.name not in ("neg", "detach")
        activation = activation or node.op in (ops.leaky_relu, ops.elu)
        if activation and isinstance(before, Array) and before.serial in self.sums and node.serial in self.forward:
            name = f"A{self.sums[before.serial]}"
            if name not in self.names.taken:
                return self.names.free(name)
        consumers = self.consumers.get(node.serial, [])
        if not consumers or node.op in ("<", "<=", ">", ">="):
            return ""
        once = node.serial not in self.varied and any(x.serial in self.varied for x in consumers)
        if once and written.cost and node.op not in ("rows", "take"):
            return "V"
        several = (len(consumers) - 1) * written.cost > (_CHEAP_TO_EACH if self.several else _CHEAP)
        return "V" if several or written.cost > _LONGEST or node.op == "full" else ""

    # ---------------------------------------------------------------------------------------------------- equations

    def _stage(self, node: Array) -> str:
        if self.varied and node.serial not in self.varied:
            return "once"
        return "forward" if node.serial in self.forward else "backward"

    def _equation(
        self, left: Formula, right: Written, shape: tuple[int, int], stage: str, gradient_of: tuple[int, ...] = ()
    ) -> None:
        """Note an equation; whether a gradient is the first for its parameters is known when all are in order."""
        text, latex = right.full.text, right.full.latex
        for name, part in self.short.items():
            stem, bracket, rest = name.partition("[")
            after = "" if bracket else r"(?![\w\[])"
            text = re.sub(re.escape(name) + after.replace(r"\w", "0-9A-Za-z"), part.text, text)
            latex = re.sub(re.escape(symbol(stem).latex + bracket + rest) + after, lambda _: part.latex, latex)  # noqa: B023
        uses = frozenset([self.short[x].text if x in self.short else x for x in right.uses])
        draft = Equation(left.text, text, latex, shape, stage, uses)
        self.drafts.append((left, draft, gradient_of))

    def _in_order(self) -> list[Equation]:
        found = []
        filled: set[int] = set()
        for left, x, indices in sorted(self.drafts, key=lambda x: STAGES.index(x[1].stage)):  # and else as they were
            sign, tex = ("=", "=") if filled.isdisjoint(indices) else ("+=", r"\mathrel{+}=")
            filled.update(indices)
            found.append(x._replace(text=f"{left.text} {sign} {x.text}", latex=f"{left.latex} &{tex} {x.latex}"))
        return found

    def _loss(self, written: Written, wide: bool) -> None:
        if wide:
            written = Written(form("mean(#1)", ATOM, (written.full, 0)), uses=written.uses)
        self.result = self.names.free("L")
        self._equation(symbol(self.result), written, (1, 1), "forward")

    def _returned(self) -> None:
        """What the function returns for each example."""
        shown = [self._operand(x) for x in ([self.block] if self.block is not None else self.outputs)]
        texts = [x.full for x in shown]
        core = texts[0] if len(texts) == 1 else column(texts, "[#]")
        wide = any(isinstance(x, Array) and x.wide for x in self.outputs)
        self.result = self.names.free("output")
        shape = len(self.outputs), self.size if wide else 1
        self._equation(symbol(self.result), Written(core, uses=_uses(shown)), shape, "forward")

    def _gradient(self, where: Any, g: Any, times: int = 1) -> None:
        """The gradient of some parameters; of a square, the same is added twice."""
        indices = tuple(range(len(self.names.labels)) if where is None else where)
        written = self._operand(g).times(Written(None, times / self.loss_scale))
        stage = "once" if isinstance(g, Array) and self._stage(strip(g)) == "once" else "backward"

        def equation(of: Formula, core: Formula | None, shape: tuple[int, int], part: tuple[int, ...]) -> None:
            left = form("∇#1", ATOM, (of, ATOM))
            self._equation(left, written._replace(core=core), shape, stage, part)

        for layer, w, b in self.names.letters:
            whole = layer.biases and sorted(layer.weights + layer.biases) == list(indices)
            if written.halves and (whole or (indices == layer.weights and indices not in self.names.tied)):
                equation(symbol(w), written.halves[0], layer.shape, layer.weights)
                if whole:
                    equation(symbol(b), written.halves[1], (layer.shape[0], 1), layer.biases)
                return
            if whole:
                return equation(both(w, b), written.core, (len(indices), 1), indices)
        equation(self.names.selected(indices).bare, written.core, (len(indices), 1), indices)


def _uses(args: Sequence[Written]) -> frozenset[str]:
    return frozenset[str]().union(*[x.uses for x in args])


def _reached(roots: Sequence[Array], several: bool) -> dict[int, Array]:
    """What is written of all that the roots depend on, by serial number."""
    found: dict[int, Array] = {}
    stack = [strip(x) for x in roots]
    while stack:
        node = stack.pop()
        if node.serial not in found:
            found[node.serial] = node
            stack.extend(operands_of(node, several))
    return found


def _sums_of(order: Sequence[Array], consumers: dict[int, list[Array]], several: bool) -> dict[int, int]:
    """The weighted sums of layers, numbered: products, and what is added to them before all else is done with them."""
    linear = {node.serial for node in order if node.op in ("neurons", "product") or of_weights(node)}
    folded: set[int] = set()
    for node in order:
        if node.op is ops.add:
            into = [
                x.serial for x in operands_of(node, several) if x.serial in linear and len(consumers[x.serial]) == 1
            ]
            if into:
                linear.add(node.serial)
                folded.update(into)
    return {serial: i for i, serial in enumerate(sorted(linear - folded), 1)}
