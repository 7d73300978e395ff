"""A piece of a page that a script brings to life: data as JSON, style, scripts, and a table for where none of them run.

What is in it is not decided here: the player of steps is one (../steps/player.py). The script makes a room of its own
inside the piece (a shadow tree, stage.js), so that no style of the page around it reaches in, and none of its own out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

STAGE = ("autograd.show.page/stage.js", "autograd.show.page/picture.js")
"""The scripts that all pieces share: the room with its tools, and a picture with blanks."""
STYLE = "autograd.show.page/page.css"


def fragment(
    name: str,
    data: Mapping[str, Any],
    fallback: str,
    scripts: Iterable[str],
    styles: Iterable[str] = (),
    packed: bool = False,
) -> str:
    """A piece of a page in HTML. Any number of them can stand on one page.

    Args:
        name: the function of the scripts that brings it to life: called with the element and the data.
        data: what the script is given, as JSON can write it.
        fallback: what stands there where no script runs, in HTML.
        scripts: where the scripts are that it needs besides `STAGE`, as `package/file`.
        styles: where its styles are besides `STYLE`.
        packed: True for a script a quarter as long, which browsers unpack: for notebooks, which keep it, and for what
            is made of them.

    Returns:
        The same text for the same arguments.
    """
    style = "\n".join(map(asset, (STYLE, *styles)))
    # as JSON in a script: the only way out of it would be a tag, so none can stand there
    written = json.dumps({**data, "style": style}, ensure_ascii=False).translate(_ESCAPES)
    key = hashlib.sha256(written.encode(errors="replace")).hexdigest()[:12]
    code = f"""(function () {{
"use strict";
const data = {written};
{"".join(map(asset, (*STAGE, *scripts)))}
for (const host of document.querySelectorAll('.chainrule-player[data-player="{key}"]'))
  if (!host.dataset.ready) {name}(host, data);
}})();"""
    # Jupyter: no key is taken from the player, and no $ in a label is taken for a formula
    return f"""\
<div class="chainrule-player tex2jax_ignore mathjax_ignore" data-player="{key}" data-lm-suppress-shortcuts="true">
<div class="chainrule-fallback" style="overflow-x: auto" tabindex="0">{fallback}</div>
<script>{_packed(code) if packed else code}</script>
</div>
"""


def _packed(code: str) -> str:
    """A script that unpacks another and has it run: as an element, which needs no right to evaluate text."""
    text = base64.b64encode(zlib.compress(code.encode(), 9)).decode()
    return (
        f'(async()=>{{const b=Uint8Array.from(atob("{text}"),c=>c.charCodeAt()),s=document.createElement("script"),'
        'u=new Blob([b]).stream().pipeThrough(new DecompressionStream("deflate"));'
        "s.textContent=await new Response(u).text();document.head.append(s);s.remove()})()"
    )


# in JSON, these are the same characters: no tag, no comment, and no line end that a script wouldn't have in a string
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"} | {x: f"\\u{x:04x}" for x in range(0xD800, 0xE000)}


def document(title: str, piece: str, language: str = "en") -> str:
    """A page of its own for one piece, which fills the window; it may fetch nothing, so it needs no network."""
    title = html.escape(title)
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
    return f"""\
<!DOCTYPE html>
<html lang="{language}" style="color-scheme: light dark">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
</head>
<body style="margin: 0">
<main data-whole-page>
<h1 style="position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%)">{title}</h1>
{piece}</main>
</body>
</html>
"""


def framed(title: str, page: str, height: int) -> str:
    """A page inside of another, for front ends that run no script in the HTML that they are given.

    Args:
        title: what the page is, in words.
        page: a whole document.
        height: of the frame, in pixels.
    """
    return (
        f'<iframe title="{html.escape(title)}" srcdoc="{html.escape(page)}" allow="fullscreen" '
        f'style="width: 100%; height: {height}px; border: 0"></iframe>'
    )


@cache
def asset(place: str) -> str:
    """The text of a file that lies beside a module, named as `package/file`."""
    package, _, name = place.partition("/")
    return files(package).joinpath(name).read_text(encoding="utf-8")
