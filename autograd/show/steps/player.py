"""The player: the steps of a pass as a piece of a page that plays itself, with no network and no Python behind it.

The piece holds the table of the steps, for places where scripts don't run, and what the script puts in its place: the
graph, laid out once (layout.py), and for each position what is added to it (positions.py). How it moves is in
player.js, what it shares with other pieces in ../page/.
"""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import Any

from ... import graph
from ..page import document
from .differences import why
from .layout import picture
from .passes import Pass
from .positions import positions
from .table import rows

_HIGH = 640  # pixels of a frame
_MOST = {"steps": 60, "Values": 150, "arrows": 300}  # that can be followed; a browser could bear more


def fragment(*passes: Pass[Any], notebook: bool = False) -> str:
    """The player as a piece of a page, in HTML.

    Args:
        passes: the steps of a pass; or of several, which are played side by side.
        notebook: True for a short script, and the sentence that a run cell plays, seen where no script runs.

    Returns:
        The same text for the same steps. Any number of players can stand on one page.

    Raises:
        ValueError: if there are too many steps, Values or arrows to be followed; the message says how many.
        ImportError: if there is no Graphviz on the machine; the message names the command that installs it.
    """
    for passed in passes:
        refuse_if_too_large(passed)
    first = passes[0]
    data = {
        "title": first.title,
        "language": first.language,
        "words": first.texts,
        "passes": [_played(passed) for passed in passes],
    }
    said = f"<p>{html.escape(first.say('alive'))}</p>" if notebook else ""
    fallback = said + "".join(map(table, passes))
    return document.fragment(
        "play", data, fallback, [f"{__package__}/player.js"], [f"{__package__}/player.css"], notebook
    )


def page(*passes: Pass[Any]) -> str:
    """The player as a page of its own."""
    return document.document(passes[0].title, fragment(*passes), passes[0].language)


def frame(*passes: Pass[Any]) -> str:
    """The player in a frame, for front ends that run no script elsewhere."""
    return document.framed(passes[0].title, page(*passes), _HIGH)


def _played(passed: Pass[Any]) -> dict[str, Any]:
    found = positions(passed)
    difference = passed.compared and passed.compared.difference
    return {
        "title": passed.title,
        "legend": passed.say("legend", active=passed.say("violet" if passed.gradients else "violet_forward")),
        "why": why(passed),
        "since": difference.step + 1 if difference else len(passed) + 1,
        "svg": picture(passed, [position.texts for position in found]),
        "states": [asdict(position) for position in found],
    }


def refuse_if_too_large(passed: Pass[Any]) -> None:
    """A `ValueError` if nobody could follow the pass: it says how long it is, and what to do."""
    arrows = sum(len(graph.parents(step.node)) for step in passed)
    sizes = {"steps": len(passed), "Values": len(passed.data), "arrows": arrows}
    if any(size > _MOST[name] for name, size in sizes.items()):
        found = ", ".join(f"{size:,} {name}" for name, size in sizes.items())
        raise ValueError(
            f"a pass of {found} is too long to be played (at most {', '.join(f'{n} {x}' for x, n in _MOST.items())}):"
            " pass a Value inside of it, nearer to the leaves, or print() the steps for a table of them all"
        )


def table(passed: Pass[Any]) -> str:
    """The table of the steps, in HTML."""
    heads, *body = [[html.escape(cell) for cell in row] for row in rows(passed)]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body)
    caption = f"<caption>{html.escape(passed.title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
