"""The picture of a compiled program: its equations from left to right, and back again below, in another colour.

What would be too wide for a slide stands in rows, as a text does: first what runs forward, then what runs backward.
The looks are those of all drawings; what the equations are is decided in reader.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

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
_WIDE = 2000  # points; what would be wider in one row stands in several, of longer lines
_LONGER, _SLIDE = 34, 16 / 9
_LETTER, _LEAD = 0.52, 1.2  # about: the width of a letter, and from line to line, as a part of the size of letters
_BESIDE, _BELOW = 50, 60  # points between boxes in rows, and between rows
_ONES = re.compile(r"(?<=[\w)\]ᵀ′]) 1(?![\w.])")  # a column of ones, which is no number
_EXPLAINED = ("⊙ multiplies", "Powers are", "1 behind")  # what is said of signs below the picture
_AHEAD = {**EDGE, "penwidth": "2.5", "weight": "10"}
_BACK = {**_AHEAD, **BACKWARD, "dir": "back"}
_ON = {**_AHEAD, **BACKWARD, "arrowhead": "vee"}


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
    uses = [{name for x in box for name in x.uses} for box in boxes]
    labels = _labels(found, boxes, uses, _LINE)
    ahead = [label.width for label, box in zip(labels[len(found.inputs) :], boxes) if box[0].stage != "backward"]
    in_rows = sum(ahead) > _WIDE
    spaces = {"rankdir": "TB", "nodesep": str(_BESIDE / 72), "ranksep": str(_BELOW / 72)}
    looks = spaces if in_rows else {"nodesep": "0.3", "ranksep": "0.4"}
    drawn = graphviz.Digraph(graph_attr={**GRAPH, **looks}, node_attr=NODE)
    if in_rows:
        labels = _labels(found, boxes, uses, _LONGER)
    keys = [*[f"input {name}" for name in found.inputs], *[f"box{i}" for i in range(len(boxes))]]
    for key, label in zip(keys, labels):
        is_input, is_result = key.startswith("input"), label.name == found.result
        kind = KINDS["input"] if is_input else OUTPUT if is_result else {}
        drawn.node(key, label.html, tooltip=tooltip(label.said), **kind)
    home = {x.name: i for i, box in reversed(list(enumerate(boxes))) for x in box}
    for i, box in enumerate(boxes):
        before = sorted({home[name] for name in uses[i] if name in home} - {i})
        if box[0].stage == "backward":
            for j in [j for j in before if boxes[j][0].stage == "backward"] or [home[found.result]]:
                if in_rows:
                    drawn.edge(f"box{j}", f"box{i}", tooltip="gradients flow back", **_ON)
                else:  # laid out from left to right like the others, but drawn the other way
                    drawn.edge(f"box{i}", f"box{j}", tooltip="gradients flow back", **_BACK)
        else:
            inputs = [f"input {name}" for name in sorted(uses[i].intersection(found.inputs))]
            for start in (*inputs, *[f"box{j}" for j in before]):
                drawn.edge(start, f"box{i}", tooltip="numbers flow ahead", **_AHEAD)
    signs = [line for line in found.text.splitlines() if line.startswith(_EXPLAINED)]
    if signs:
        drawn.attr(label="\n".join(signs), labelloc="b", fontsize=str(_SMALL))
    if in_rows:
        _wrap(drawn, keys, labels, len(found.inputs) + len(ahead))
    else:
        _align(drawn, home)
    said = "The equations of a program. " + " ".join(
        f"{stage.capitalize()}: {'; '.join([x.text for x in found.equations if x.stage == stage])}."
        for stage in dict.fromkeys([x.stage for x in found.equations])
    )
    return Drawing(str(drawn.source), len(found.given) + len(found.equations), len(found.equations), said)


class _Label(NamedTuple):
    """What a box says: as HTML of Graphviz, how large it will be about, in points, and in words."""

    name: str
    html: str
    width: float
    height: float
    said: str


def _align(drawn: Any, home: dict[str, int]) -> None:
    """Put the gradient of a layer's sum below the sum."""
    for name, i in home.items():
        below = home.get(f"δ{name[1:]}") if name.startswith("Z") else None
        if below is not None:
            with drawn.subgraph() as rank:
                rank.attr(rank="same")
                rank.edge(f"box{i}", f"box{below}", style="invis")


def _wrap(drawn: Any, keys: Sequence[str], labels: Sequence[_Label], turn: int) -> None:
    """Put boxes into rows of about the shape of a slide; a new one begins with what runs backward."""
    tries = []
    for width in range(_WIDE // 2, 10 * _WIDE, 100):
        rows = [*_rows(labels, range(turn), width), *_rows(labels, range(turn, len(labels)), width)]
        across = max([sum([labels[i].width + _BESIDE for i in row]) for row in rows])
        down = sum([max([labels[i].height for i in row]) + _BELOW for row in rows])
        tries.append((max(across / _SLIDE, down), rows))
    _, rows = min(tries)
    for row in rows:
        with drawn.subgraph() as rank:
            rank.attr(rank="same")
            for i, j in pairwise(row):
                rank.edge(keys[i], keys[j], style="invis")
    for row, following in pairwise(rows):
        drawn.edge(keys[row[0]], keys[following[0]], style="invis", weight="100")


def _rows(labels: Sequence[_Label], which: Sequence[int], width: float) -> list[list[int]]:
    rows: list[list[int]] = []
    left = 0.0
    for i in which:
        left -= labels[i].width + _BESIDE
        if left < 0 or not rows:
            rows.append([])
            left = width - labels[i].width - _BESIDE
        rows[-1].append(i)
    return rows


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


def _labels(
    found: Equations, boxes: Sequence[Sequence[Equation]], uses: Sequence[set[str]], longest: int
) -> list[_Label]:
    """Of the inputs, then of the boxes, each of which has the parameters that come first in it above."""
    shown = set(found.inputs)
    labels = []
    for name in found.inputs:
        shape = found.given[name]
        labels.append(_label(name, [(name, shape)], [], longest, f"input {name}, {_size(shape)}"))
    for box, names in zip(boxes, uses):
        fresh = [(name, shape) for name, shape in found.given.items() if name in names - shown]
        shown |= names
        said = "; ".join([f"{x.text}, {_size(x.shape)}" for x in box])
        labels.append(_label(box[0].name, [(x.text, x.shape) for x in box], fresh, longest, said))
    return labels


def _label(
    name: str, rows: Sequence[tuple[str, Shape]], parameters: Sequence[tuple[str, Shape]], longest: int, said: str
) -> _Label:
    """A box: the parameters, then the equations, each with its shape."""
    lines = []
    extents = []
    if parameters:
        colour = KINDS["parameter"]["fillcolor"]
        named = " ".join([f"{name}\N{NO-BREAK SPACE}{m}×{n}" for name, (m, n) in parameters])
        lines.append(f'<tr><td bgcolor="{colour}">{_sized(markup(named), _SMALL)}</td></tr>')
        extents.append((len(named), _SMALL))
    for text, shape in rows:
        *before, last = _broken(text, longest)
        size = _size(shape)
        before, last = (before, last) if len(last + size) < longest - 2 else ([*before, last], "")
        written = "".join([f'{_ONES.sub(" <b>1</b>", markup(line))}<br align="left"/>' for line in before])
        written += f'{_ONES.sub(" <b>1</b>", markup(last))}{_INDENT}{_sized(size, _SMALL)}<br align="left"/>'
        lines.append(f'<tr><td align="left" balign="left">{_sized(written, _LARGE)}</td></tr>')
        extents += [(len(line), _LARGE) for line in [*before, last + size]]
    html = f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{"".join(lines)}</table>>'
    width = max([n * points for n, points in extents]) * _LETTER
    return _Label(name, html, width, sum([points for _, points in extents]) * _LEAD, said)


def _sized(text: str, points: int) -> str:
    return f'<font point-size="{points}">{text}</font>'


def _broken(text: str, longest: int) -> list[str]:
    """An equation in lines, broken before signs that stand outside of brackets.

    >>> _broken("δ1 = W2ᵀ δ2 ⊙ (1 − A1²)", 18)
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
        lines[-1:] = [longer] if len(longer) <= longest else [lines[-1], f"{_INDENT}{piece}"]
    return lines
