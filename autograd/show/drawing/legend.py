"""The legend of a drawing: a table at the picture's lower edge that shows what each kind of box and arrow means.

It is the label of the whole graph, which Graphviz places when the layout is done; so no node moves to make room for it.
"""

from __future__ import annotations

from collections.abc import Mapping

Looks = Mapping[str, str]


def legend(kinds: Mapping[str, Looks], arrows: Mapping[str, Looks]) -> str:
    """The legend as a label of Graphviz (https://graphviz.org/doc/info/shapes.html#html).

    Args:
        kinds: for each word, the attributes of the nodes that it explains.
        arrows: for each word, the attributes of the arrows that it explains.

    >>> legend({"input": {"fillcolor": "white"}}, {"positive": {"color": "blue"}}).startswith("<<table")
    True
    """
    boxes = "".join(f"<td>{_sample(looks)}</td>{_word(word)}" for word, looks in kinds.items())
    lines = "".join(f"<td>{_line(looks)}</td>{_word(word)}" for word, looks in arrows.items())
    note = _word("width: how much gradient flows there")
    return f"<{_table(f'<tr><td>{_table(_row(boxes))}</td></tr><tr><td>{_table(_row(lines + note))}</td></tr>')}>"


def _table(rows: str) -> str:
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="4">{rows}</table>'


def _row(cells: str) -> str:
    return f"<tr>{cells}</tr>"


def _word(word: str) -> str:
    return f'<td align="left"><font point-size="16">{word}   </font></td>'


def _sample(looks: Looks) -> str:
    """A small box with the colour, corners and frame of a node."""
    rounded = ' style="rounded"' if "rounded" in looks.get("style", "") else ""
    width = 0 if looks.get("shape") == "plain" else min(int(looks.get("penwidth", "1")), 4)
    fill = looks.get("fillcolor", "white")
    box = f'<table border="{width}" cellborder="0" cellspacing="0" cellpadding="0" bgcolor="{fill}"{rounded}>'
    box += '<tr><td width="26" height="16" fixedsize="true"></td></tr></table>'
    if looks.get("peripheries") == "2":
        return f'<table border="1" cellborder="0" cellspacing="0" cellpadding="2"><tr><td>{box}</td></tr></table>'
    return box


def _line(looks: Looks) -> str:
    """A short arrow: a few strokes and a head, in the colour of the arrows that it stands for."""
    color = looks.get("color", "black")
    height = 2 if "penwidth" in looks else 4  # the thin arrows have a width of their own, the others that of a gradient
    stroke = f'<td width="7" height="{height}" fixedsize="true" bgcolor="{color}"></td>'
    gap = f'<td width="4" height="{height}" fixedsize="true"></td>'
    strokes = (stroke + gap) * 3 if looks.get("style") == "dashed" else stroke.replace('"7"', '"33"')
    shaft = f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{strokes}</tr></table>'
    head = f'<td><font color="{color}" point-size="18">▶</font></td>'
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr><td>{shaft}</td>{head}</tr></table>'
