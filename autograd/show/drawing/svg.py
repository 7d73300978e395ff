"""What Graphviz writes as SVG, for a page: it says what it shows, in words; it fits; and it is half as long.

Graphviz calls each part by its name in DOT, "n0->op0", which a screen reader then reads and a mouse then shows. Here
the tooltips take their place. (https://www.w3.org/TR/SVG2/struct.html#TitleElement)
"""

from __future__ import annotations

import html
from xml.etree import ElementTree

from .looks import FONT

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_FONTS = f"{FONT}, Helvetica, 'Liberation Sans', sans-serif"  # of the same widths, for whoever hasn't the first
_LEAST = 0.3  # a wide picture shrinks so far; from there on one scrolls


def titled(svg: bytes, title: str, description: str) -> str:
    """An SVG of Graphviz with titles that say something.

    Args:
        svg: what Graphviz wrote.
        title: what the picture is, in a few words.
        description: what it shows, for those who can't see it.
    """
    ElementTree.register_namespace("", _SVG[1:-1])
    root = ElementTree.fromstring(svg)
    for element in list(root.iter()):
        element.tail = None
        for name in ("id", "{http://www.w3.org/XML/1998/namespace}space", "font-family"):
            element.attrib.pop(name, None)
        if element.tag != _SVG + "text":
            element.text = element.text if element.tag == _SVG + "title" else None
        if element.tag == _SVG + "g":
            _name(element)
    root.set("font-family", _FONTS)
    root.set("role", "img")
    root.set("aria-label", description)
    first = ElementTree.Element(_SVG + "title")
    first.text = title
    root.insert(0, first)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _name(group: ElementTree.Element) -> None:
    """Give a group its tooltip for a title; without one it has none."""
    titles = group.findall(_SVG + "title")
    said = ""
    for inner in group.findall(_SVG + "g"):
        link = inner.find(_SVG + "a")
        if link is not None:
            said = said or link.get(_LINK + "title", "")
            at = list(group).index(inner)
            group.remove(inner)
            for shape in reversed(link):
                group.insert(at, shape)
    for title in titles:
        if said:
            title.text = said
        else:
            group.remove(title)


def page_part(svg: str, description: str) -> str:
    """A picture as HTML: an image that is as wide as its place at most.

    Where a notebook is trusted, the image turns into what it is made of, and says what the mouse points at. Where it
    isn't, as in one that somebody else has run, it stays an image.
    """
    wide = float(svg.partition('width="')[2].partition("pt")[0]) * 4 / 3
    text = svg.strip().replace("%", "%25").replace("#", "%23").replace("&", "%26")
    style = f"display:block;width:100%;min-width:{_LEAST * wide:.0f}px;max-width:{wide:.0f}px;height:auto"
    # an attribute, which runs in all front ends that run anything; a script doesn't where HTML is put in as text
    live = (
        "const s=new DOMParser().parseFromString(decodeURIComponent(this.src.slice(this.src.indexOf(',')+1)),"
        "'image/svg+xml').documentElement;s.style.cssText=this.style.cssText;this.replaceWith(s)"
    )
    return (
        f'<div style="overflow-x:auto" tabindex="0"><img alt="{html.escape(description)}" style="{style}" '
        f'onload="{live}" src="data:image/svg+xml,{html.escape(text)}"></div>'
    )
