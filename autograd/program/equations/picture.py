"""The picture of a compiled program: its equations from left to right, and back again below, in another colour.

The looks are those of all drawings; what the equations are is decided in reader.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...notation.text import markup, tooltip
from ...show.drawing.drawing import Drawing
from ...show.drawing.looks import BACKWARD, EDGE, GRAPH, KINDS, NODE, OUTPUT
from .equations import Equations
from .reader import Equation

Shape = tuple[int, int]

_MOST = 60  # equations in a picture
_LINE = 18  # characters; what is longer is broken before a sign
_INDENT = 2 * "\N{NO-BREAK SPACE}"
_LARGE, _SMALL = 26, 18  # points: an equation, and its shape
_AHEAD = {**EDGE, "penwidth": "2.5", "weight": "10"}
_BACK = {**_AHEAD, **BACKWARD, "dir": "back"}


def picture(found: Equations) -> Drawing:
    """Draw equations: those of a layer in one box, with its parameters; those of its gradients in the box below.

    Args:
        found: the equations of a program.

    Raises:
        ValueError: if there are more of them than can be read in a picture.
    """
    import graphviz

    if len(found.equations) > _MOST:
        raise ValueError(
            f"the program has {len(found.equations)} equations, too many to read in a picture (at most {_MOST}):"
            " print(program.explain()) lists them"
        )
    boxes = _boxes(found.equations)
    home = {x.name: i for i, box in reversed(list(enumerate(boxes))) for x in box}
    drawn = graphviz.Digraph(graph_attr={**GRAPH, "ranksep": "0.4", "nodesep": "0.3"}, node_attr=NODE)
    for name in found.inputs:
        said = f"input {name}, {_size(found.given[name])}"
        drawn.node(f"input {name}", _label([(name, found.given[name])]), tooltip=tooltip(said), **KINDS["input"])
    shown = set(found.inputs)
    for i, box in enumerate(boxes):
        uses = {name for x in box for name in x.uses}
        before = sorted({home[name] for name in uses if name in home} - {i})
        fresh = [(name, shape) for name, shape in found.given.items() if name in uses - shown]
        shown.update(name for name, _ in fresh)
        looks = OUTPUT if box[0].name == found.result else {}
        said = "; ".join([f"{x.text}, {_size(x.shape)}" for x in box])
        drawn.node(f"box{i}", _label([(x.text, x.shape) for x in box], fresh), tooltip=tooltip(said), **looks)
        if box[0].stage == "backward":
            # laid out from left to right like the others, but drawn the other way
            after = [j for j in before if boxes[j][0].stage == "backward"] or [home[found.result]]
            for j in after:
                drawn.edge(f"box{i}", f"box{j}", tooltip="gradients flow back", **_BACK)
        else:
            inputs = [f"input {name}" for name in sorted(uses.intersection(found.inputs))]
            for start in (*inputs, *[f"box{j}" for j in before]):
                drawn.edge(start, f"box{i}", tooltip="numbers flow ahead", **_AHEAD)
    for name, i in home.items():  # the gradient of a layer's sum stands below the sum
        below = home.get(f"δ{name[1:]}") if name.startswith("Z") else None
        if below is not None:
            with drawn.subgraph() as rank:
                rank.attr(rank="same")
                rank.edge(f"box{i}", f"box{below}", style="invis")
    said = "The equations of a program. " + " ".join(
        f"{stage.capitalize()}: {'; '.join([x.text for x in found.equations if x.stage == stage])}."
        for stage in dict.fromkeys([x.stage for x in found.equations])
    )
    return Drawing(str(drawn.source), len(found.given) + len(found.equations), len(found.equations), said)


def _size(shape: Shape) -> str:
    return f"{shape[0]}×{shape[1]}"


def _boxes(equations: Sequence[Equation]) -> list[list[Equation]]:
    """The equations that stand in one box: an activation with its sum, gradients with the last δ in them."""
    boxes: list[list[Equation]] = []
    home: dict[str, list[Equation]] = {}
    for x in equations:
        box = home.get(f"Z{x.name[1:]}") if x.name.startswith("A") else None
        if x.name.startswith("∇"):
            box = next((b for b in reversed(boxes) if b[0].stage == x.stage and b[0].name in x.uses), None)
        if box is None:
            box = []
            boxes.append(box)
        box.append(x)
        home[x.name] = box
    return boxes


def _label(rows: Sequence[tuple[str, Shape]], parameters: Sequence[tuple[str, Shape]] = ()) -> str:
    """The inside of a box: the parameters, then the equations, each with its shape."""
    lines = []
    if parameters:
        colour = KINDS["parameter"]["fillcolor"]
        named = " ".join([f"{name}\N{NO-BREAK SPACE}{m}×{n}" for name, (m, n) in parameters])
        lines.append(f'<tr><td bgcolor="{colour}">{_sized(markup(named), _SMALL)}</td></tr>')
    for text, (m, n) in rows:
        *before, last = _broken(text)
        shape = f"{m}×{n}"
        before, last = (before, last) if len(last + shape) < _LINE - 2 else ([*before, last], "")
        written = "".join([f'{markup(line)}<br align="left"/>' for line in before])
        written += f'{markup(last)}{_INDENT}{_sized(shape, _SMALL)}<br align="left"/>'
        lines.append(f'<tr><td align="left" balign="left">{_sized(written, _LARGE)}</td></tr>')
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{"".join(lines)}</table>>'


def _sized(text: str, points: int) -> str:
    return f'<font point-size="{points}">{text}</font>'


def _broken(text: str) -> list[str]:
    """An equation in lines, broken before signs that stand outside of brackets.

    >>> _broken("δ1 = W2ᵀ δ2 ⊙ (1 − A1²)")
    ['δ1 = W2ᵀ δ2', '\\xa0\\xa0⊙ (1 − A1²)']
    """
    first, *words = text.split(" ")
    pieces = [first]
    for word in words:
        is_open = sum([(c in "([") - (c in ")]") for c in pieces[-1]])
        if word in ("⊙", "+", "−") and not is_open:
            pieces.append(word)
        else:
            pieces[-1] += f" {word}"
    lines = pieces[:1]
    for piece in pieces[1:]:
        longer = f"{lines[-1]} {piece}"
        lines[-1:] = [longer] if len(longer) <= _LINE else [lines[-1], f"{_INDENT}{piece}"]
    return lines
