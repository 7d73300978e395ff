"""Text in pictures and tables: numbers in a few digits, and any text as Graphviz takes it literally."""

from __future__ import annotations

import html
import math
import re
from typing import Any


def figure(x: Any) -> str:
    """A number in four digits, or in full where six are enough below a million; trailing zeros say that it was rounded.

    Args:
        x: a number; or what a checkpoint has in the place of a gradient, which is none.

    Returns:
        The number as text, "…" for anything else.

    >>> figure(0.5), figure(0.49999), figure(-1.2e-9), figure(-0.0), figure(12345.0), figure(12345.67)
    ('0.5', '0.5000', '-1.2e-09', '0', '12345', '12350')
    """
    if not is_number(x):
        return "…"
    x += 0.0  # no minus before a zero
    large = 1e4 <= abs(x) < 1e6  # written without a power of ten
    short = f"{x:.{6 if large else 4}g}"
    if float(short) == x or x != x:
        return short
    return f"{float(f'{x:.4g}'):.6g}" if large else f"{x:#.4g}".removesuffix(".")


def figure_of_count(count: int) -> str:
    """A number of paths: all its digits, or the first three where there are more than 40.

    >>> figure_of_count(2**100), figure_of_count(2**20_000)
    ('1,267,650,600,228,229,401,496,703,205,376', 'about 3.98e6020')
    """
    if count < 10**40:
        return f"{count:,}"
    power = math.log10(count)  # str() refuses ints with thousands of digits
    return f"about {10 ** (power % 1):.2f}e{int(power)}"


def is_number(x: Any) -> bool:
    """Whether x is a plain number."""
    return isinstance(x, (int, float))


def markup(text: str) -> str:
    """Any text, for an HTML-like label of Graphviz (https://graphviz.org/doc/info/shapes.html#html).

    >>> markup("a < b")
    'a &lt; b'
    """
    return html.escape(_visible(text)).replace("\\", r"\\").replace("\n", "<br/>")


def tooltip(text: str) -> Any:
    """Any text, for what appears when the mouse rests on a node.

    Graphviz unescapes it twice: for line ends, and then as every escString
    (https://graphviz.org/docs/attr-types/escString/).
    """
    import graphviz

    return graphviz.escape(_visible(text).replace("&", "&amp;").replace("\\", r"\\"))


def _visible(text: str) -> str:
    """Text with its control characters as the pictures of them that Unicode has, because SVG can't hold them.

    What is longer than a paragraph is cut off: Graphviz can't read labels beyond some 16,000 characters.
    """
    text = text if len(text) <= 500 else text[:499] + "…"
    text = re.sub(r"[\x00-\x09\x0b-\x1f]", lambda c: chr(0x2400 + ord(c[0])), text)
    return re.sub(r"[\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
