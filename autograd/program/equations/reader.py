"""What is given a name in the equations of a program, and which equations there are.

A name is given to what is a layer's weighted sum (Z), its activation (A) or the gradient of the sum (δ), and to what is
needed more than once (V); all else is written where it is used. All of it is read off the operations that run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import ops
from ...notation.formulas import Formula
from ...notation.matrices import ATOM, SUM, Written, form, listed, places, symbol, word
from ...notation.names import cut
from ...rules import Unary
from ..ir import Array, Part
from ..transpose import total
from .idioms import Idiom, idiom, strip
from .layers import Layer, constants_of, layer_at, layers_of, operands_of, reached, sums_of, varied
from .writing import Writer

if TYPE_CHECKING:
    from ..specialization import Traced as Specialization

_CHEAP, _LONGEST = 2, 10  # operations that are rather written twice than named; that are written in one equation
_SOURCES = {"input", "vector", "captured", "constants", "batch", "matrix"}
STAGES = ["once", "forward", "backward"]
"""What runs once whatever the examples, and the two passes."""


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
    """Reads the operations of a program in the order of their making, and writes the equations."""

    def __init__(self, traced: Specialization, arguments: Sequence[str], size: int) -> None:
        program = traced.operations
        self.size, self.traced, self.program = size, traced, program
        self.notation = Writer(size)
        self.drafts: list[tuple[Equation, Formula, Formula, tuple[int, ...]]] = []
        self.given: dict[str, tuple[int, int]] = {}
        self.written: dict[int, Written] = {}
        self.labels = [cut(p.label, 60) for p in traced.parameters]
        self.stems = [re.sub(r"\.\d+$", "", label) for label in self.labels]
        self.taken = {x for stem in self.stems for x in (stem, stem.rpartition(".")[2])}.union(self.labels)
        several = isinstance(traced.output, (list, tuple, dict))
        self.kind = "map" if several or len(program.outputs) != 1 else "step"
        self.calls = traced.executable(self.kind).calls
        self.outputs = [x if isinstance(x, float) else x[0].builder.rows(x[0], x[1], x[1] + 1) for x in program.outputs]
        self.places = [x for x in program.outputs if not isinstance(x, float)]
        self.blocks = [block for block, _ in self.places]
        parts = traced.backward(self.outputs[0]) if self.kind == "step" else {}
        self.stores = parts.get(program.vector.serial, []) if program.vector else []
        roots = [x for x in [*self.outputs, *(self.blocks if self.kind == "map" else [])] if isinstance(x, Array)]
        self.forward = reached(roots)
        self.nodes = reached([*roots, *[g for _, g in self.stores if isinstance(g, Array)]])
        self.order = [self.nodes[i] for i in sorted(self.nodes)]
        self.consumers: dict[int, list[Array]] = {}
        for node in self.order:
            for arg in {x.serial: x for x in operands_of(node)}.values():
                self.consumers.setdefault(arg.serial, []).append(node)
        self.varied = varied(self.order)
        self.layers = layers_of(self.order)
        self.gradients: dict[int, Any] = {}
        self.linear = sums_of(self.order, self.consumers)
        self._names(arguments)
        for node in self.order:
            if node.serial in self.linear and node.serial in parts:
                g = strip(total(node, parts[node.serial]))
                if isinstance(g, Array) and not g.is_number:
                    self.gradients.setdefault(g.serial, self.sums[node.serial])

    # -------------------------------------------------------------------------------------------------- names

    def _names(self, arguments: Sequence[str]) -> None:
        """Names for the inputs, and the numbers of the layers' sums."""
        self.inputs: dict[int, str] = {}
        for i, x in enumerate(self.program.inputs):
            name = arguments[i] if i < len(arguments) and "*" not in arguments[i] else f"x{i + 1}"
            name = name.upper() if len(name) == 1 and name.upper() not in "LΔ" else name
            self.inputs[x.serial] = self._free(name)
            self.given[self.inputs[x.serial]] = (x.rows, self.size)
        linear = [node for node in self.order if node.serial in self.linear]
        self.sums: dict[int, int] = {node.serial: i + 1 for i, node in enumerate(linear)}
        self.letters: list[tuple[Layer, str, str]] = []
        for i, layer in enumerate(self.layers):
            w, b = self._free(f"W{i + 1}"), self._free(f"b{i + 1}") if layer.biases else ""
            self.letters.append((layer, w, b))
            self.given[w] = layer.shape
            if b:
                self.given[b] = (layer.shape[0], 1)
        self.vector = self._free("θ")

    def _free(self, name: str) -> str:
        while name in self.taken:
            name += "′"
        self.taken.add(name)
        return name

    def _selected(self, indices: tuple[int, ...]) -> Written:
        """Some of the parameters, by the name that they have together."""
        for layer, w, b in self.letters:
            if indices == layer.weights:
                name = symbol(w)
                vec = form("vec(#1)", rf"{word('vec')}(#1)", ATOM, (name, 0))
                return Written(vec, uses=frozenset([w]), halves=(name, None))
            if indices == layer.biases:
                return Written(symbol(b), uses=frozenset([b]))
        label = self._stem(indices)
        if label:
            self.given.setdefault(label, (len(indices), 1))
            return Written(symbol(label), uses=frozenset([label]))
        self.given.setdefault(self.vector, (len(self.labels), 1))
        if indices == tuple(range(len(self.labels))):
            return Written(symbol(self.vector), uses=frozenset([self.vector]))
        which = places(indices)
        chosen = form(f"#1[{which}]", f"#1[{which}]", ATOM, (symbol(self.vector), ATOM))
        return Written(chosen, uses=frozenset([self.vector]))

    def _stem(self, indices: tuple[int, ...]) -> str:
        """The label that these parameters, and no others, have but for a number at its end; empty if there is none."""
        labels, stems = self.labels, self.stems
        if not labels[indices[0]]:
            return ""
        if len(indices) == 1 and labels.count(labels[indices[0]]) == 1:
            return labels[indices[0]]
        stem = stems[indices[0]]
        if tuple([i for i, x in enumerate(stems) if x == stem]) != indices:
            return ""
        last = stem.rpartition(".")[2]
        alone = len({x for x in stems if x.rpartition(".")[2] == last}) == 1
        return last if alone and not last.isdigit() else stem

    # ---------------------------------------------------------------------------------------------- equations

    def equations(self) -> list[Equation]:
        """All equations, in order."""
        stored: dict[int, list[Part]] = {}
        for where, g in self.stores:
            if isinstance(g, Array):
                stored.setdefault(strip(g).serial, []).append((where, g))
        number = 0
        root = self.outputs[0] if self.kind == "step" else None
        for node in self.order:
            written = self._write(node)
            name = self._name_of(node, written)
            if name == "V":
                number += 1
                name = self._free(f"V{number}")
            if name:
                self._equation(symbol(name), written, (node.rows, self._columns(node)), self._stage(node))
                written = Written(symbol(name), uses=frozenset([name]))
            self.written[node.serial] = written
            if node is root:
                self._loss(node, written)
            parts = stored.get(node.serial, [])
            for i, (where, g) in enumerate(parts):
                if (where, g) not in parts[:i]:
                    self._store(where, g, parts.count((where, g)))
        if isinstance(root, float):
            self._loss(None, self.notation.number(root))
        for where, g in self.stores:
            if not isinstance(g, Array):
                self._store(where, g)
        if self.kind == "map":
            self._outputs()
        return self._in_order()

    def _write(self, node: Array) -> Written:
        if node.op == "input":
            name = self.inputs[node.serial]
            return Written(symbol(name), uses=frozenset([name]))
        if node.op == "vector" or (node.op in ("rows", "take") and strip(node.args[0]).op == "vector"):
            if node.op == "vector":
                return self._selected(tuple(range(node.rows)))
            return self._selected(tuple(range(*node.detail) if node.op == "rows" else node.detail))
        if node.op == "matrix":
            start, m, width = node.detail
            _, w, b = next(x for x in self.letters if x[0] == layer_at(start, m, width))
            both = form("vec([#1 #2])", rf"{word('vec')}([#1\ #2])", ATOM, (symbol(w), 0), (symbol(b), 0))
            return Written(both, uses=frozenset([w, b]), halves=(symbol(w), symbol(b)))
        if node.op == "captured":
            labels = [cut(x.label, 60) for x in self.program.captured]
            name = labels[0] if len(labels) == 1 and labels[0] else self._free("c")
            self.given[name] = (node.rows, 1)
            return Written(symbol(name), uses=frozenset([name]))
        constants = constants_of(node)
        if constants is not None:
            return self.notation.column(constants)
        known = idiom(node)
        if known:
            return self._known(known)
        return self.notation.write(node, [self._operand(x) for x in node.args])

    def _operand(self, x: Any) -> Written:
        x = strip(x)
        return self.written[x.serial] if isinstance(x, Array) else self.notation.number(x)

    def _known(self, known: Idiom) -> Written:
        args = [self.written[x.serial] for x in known.operands]
        core = form(known.text, known.latex, ATOM if known.atomic else SUM, *[(self.notation.full(x), 0) for x in args])
        uses = frozenset().union(*[x.uses for x in args])
        found = Written(core, cost=1, uses=uses)
        if core.text.startswith("−"):
            core = form(known.text[1:], known.latex[1:], ATOM, *[(self.notation.full(x), 0) for x in args])
            found = found._replace(core=core, factor=-1.0)
        return found if known.factor is None else self.notation.scaled(found, self._operand(known.factor))

    def _name_of(self, node: Array, written: Written) -> str:
        """The name of what is to have one: "V" for one with a number, empty for what is written where it is used."""
        if node.op in _SOURCES or written.core is None or constants_of(node) is not None:
            return ""
        if node.serial in self.sums:
            return self._free(f"Z{self.sums[node.serial]}")
        if node.serial in self.gradients:
            return self._free(f"δ{self.gradients[node.serial]}")
        before = strip(node.args[0]) if node.args else None
        activation = isinstance(node.op, Unary) and node.op.name not in ("neg", "detach")
        activation = activation or node.op in (ops.leaky_relu, ops.elu)
        if activation and isinstance(before, Array) and before.serial in self.sums and node.serial in self.forward:
            name = f"A{self.sums[before.serial]}"
            if name not in self.taken:
                return self._free(name)
        consumers = self.consumers.get(node.serial, [])
        if not consumers or node.op in ("<", "<=", ">", ">="):
            return ""
        once = node.serial not in self.varied and any(x.serial in self.varied for x in consumers)
        if once and written.cost and node.op not in ("rows", "take"):
            return "V"
        several = (len(consumers) - 1) * written.cost > _CHEAP
        return "V" if several or written.cost > _LONGEST or node.op == "full" else ""

    def _columns(self, node: Any) -> int:
        return self.size if isinstance(node, Array) and node.wide else 1

    def _stage(self, node: Array | None) -> str:
        if node is not None and node.serial not in self.varied and any(x.serial in self.varied for x in self.order):
            return "once"
        return "forward" if node is None or node.serial in self.forward else "backward"

    def _equation(
        self,
        left: Formula,
        right: Written,
        shape: tuple[int, int],
        stage: str,
        gradient_of: tuple[int, ...] = (),
    ) -> None:
        """Note an equation; whether a gradient is the first for its parameters is known when all are in order."""
        draft = Equation(left.text, "", "", shape, stage, right.uses)
        self.drafts.append((draft, left, self.notation.full(right), gradient_of))

    def _in_order(self) -> list[Equation]:
        found = []
        filled: set[int] = set()
        drafts = sorted(self.drafts, key=lambda x: STAGES.index(x[0].stage))  # and else as they were
        for draft, left, right, indices in drafts:
            sign, tex = ("=", "=") if filled.isdisjoint(indices) else ("+=", r"\mathrel{+}=")
            filled.update(indices)
            text, latex = f"{left.text} {sign} {right.text}", f"{left.latex} &{tex} {right.latex}"
            found.append(draft._replace(text=text, latex=latex))
        return found

    def _loss(self, root: Array | None, written: Written) -> None:
        if root is not None and root.wide:
            inside = self.notation.full(written)
            mean = form("mean(#1)", r"\operatorname{mean}(#1)", ATOM, (inside, 0))
            written = Written(mean, uses=written.uses)
        self.result = self._free("L")
        self._equation(symbol(self.result), written, (1, 1), "forward")

    def _outputs(self) -> None:
        """What the function returns for each example, where that isn't a named Array."""
        shown = [self._operand(x) if isinstance(x, Array) else self.notation.number(x) for x in self.outputs]
        whole = [(block.serial, i) for block in self.blocks[:1] for i in range(block.rows)]
        if [(block.serial, row) for block, row in self.places] == whole and len(whole) == len(shown):
            shown = [self._operand(self.blocks[0])]
        uses = frozenset().union(*[x.uses for x in shown])
        core = self.notation.full(shown[0])
        if len(shown) > 1:
            texts = [self.notation.full(x) for x in shown]
            text, latex = (listed([getattr(x, side) for x in texts], "; ") for side in ("text", "latex"))
            core = Formula(math.nan, f"[{latex}]", f"[{text}]")
        wide = any(isinstance(x, Array) and x.wide for x in self.outputs)
        shape = (len(self.outputs), self.size if wide else 1)
        self.result = self._free("output")
        self._equation(symbol(self.result), Written(core, uses=uses), shape, "forward")

    def _store(self, where: Any, g: Any, times: int = 1) -> None:
        """The gradients of some parameters; of a square, the same is added twice."""
        indices = tuple(range(len(self.labels)) if where is None else where)
        written = self.notation.scaled(self._operand(g), Written(None, times / self.traced.loss_scale))
        node = strip(g) if isinstance(g, Array) else None
        stage = "once" if node is not None and self._stage(node) == "once" else "backward"

        def gradient(name: Formula, right: Written, shape: tuple[int, int], part: tuple[int, ...] = indices) -> None:
            left = form("∇#1", r"\nabla #1", ATOM, (name, ATOM))
            self._equation(left, right, shape, stage, part)

        for layer, w, b in self.letters:
            both = layer.biases and sorted(layer.weights + layer.biases) == list(indices)
            if written.halves and both:
                first, second = written.halves
                gradient(symbol(w), written._replace(core=first), layer.shape, layer.weights)
                gradient(symbol(b), written._replace(core=second), (layer.shape[0], 1), layer.biases)
                return
            if written.halves and indices == layer.weights:
                return gradient(symbol(w), written._replace(core=written.halves[0]), layer.shape)
            if both:
                name = form("vec([#1 #2])", rf"{word('vec')}([#1\ #2])", ATOM, (symbol(w), 0), (symbol(b), 0))
                return gradient(name, written, (len(indices), 1))
        name = self._selected(indices).core or symbol(self.vector)
        gradient(name, written, (len(indices), 1))
