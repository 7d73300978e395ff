"""What the boxes and arrows of all drawings look like, in the words of Graphviz.

The attributes are listed at https://graphviz.org/doc/info/attrs.html. What is drawn is decided elsewhere.
"""

from __future__ import annotations

FONT = "Arial"  # one name: of a list some renderers measure the letters of another font, and texts leave their boxes
GRAPH = {"rankdir": "LR", "nodesep": "0.2", "ranksep": "0.45", "pad": "0.1", "bgcolor": "white", "fontname": FONT}
DOWN = {"rankdir": "TB", "ranksep": "0.25"}
NODE = {"fontname": FONT, "fontsize": "22", "shape": "box", "style": "filled", "fillcolor": "white",
        "margin": "0.06,0.04", "height": "0", "width": "0"}  # fmt: skip
EDGE = {"fontname": FONT, "fontsize": "22", "color": "#757575", "penwidth": "1.5", "arrowsize": "0.7"}

# Shapes and frames tell the kinds apart where colours don't: in print, and for the colour-blind.
KINDS = {
    "input": {"style": "filled,rounded", "fillcolor": "#cfe8fc"},
    "parameter": {"peripheries": "2", "fillcolor": "#ffd966"},
    "computed": {},
}
OUTPUT = {"penwidth": "4"}
CONSTANT = {"shape": "plain", "fillcolor": "#dddddd", "fontsize": "20"}
DARK = "#333333"
OPERATION = {"shape": "ellipse", "fillcolor": DARK, "fontcolor": "white", "fontsize": "28", "margin": "0.02,0",
             "width": "0.55", "height": "0.55"}  # fmt: skip
ORDERED = {"shape": "plain", "style": "", "fontcolor": "white", "fontsize": "28"}  # the table inside is the shape
STUB = {"style": "dotted", "shape": "ellipse", "fontsize": "24", "margin": "0.04,0"}

# blue and vermilion of the palette of Okabe & Ito (2008), which the colour-blind tell apart
POSITIVE = {"color": "#0072b2"}
NEGATIVE = {"color": "#d55e00", "style": "dashed"}
# its bluish green, darker, where the direction is meant and no sign; the heads differ where colours don't
BACKWARD = {"color": "#00785a", "penwidth": "4", "arrowtail": "vee"}

FADED = {"color": "#bbbbbb", "fontcolor": "#949494", "fillcolor": "#f4f4f4"}
"""What is not on the path that is to be seen."""
