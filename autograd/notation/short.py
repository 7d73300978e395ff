"""Short names of a network's parameters: `w₁₂⁽¹⁾` for `layers.0.neurons.0.w.1`, as mathematics has it, counted from 1.

Below stand the places in the array: of a neuron's weight the neuron and the input. Above stand the numbers of the lists
on the way there, the layer first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ..value import Value

_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = {y: chr(x) for table in (_BELOW, _ABOVE) for x, y in table.items()}
_LETTERS = {"weight": "w", "bias": "b"}


def labels(nodes: Iterable[Value], full: bool = False) -> dict[Value, str]:
    """The labels of some nodes; those of a module's numbers are short where no other label is the same then.

    Args:
        nodes: Values.
        full: True for all labels as they are.
    """
    found = {node: node.label for node in nodes}
    if full:
        return found
    shorts = {
        node: short(label)
        for node, label in found.items()
        if "." in label and getattr(type(node), "kind", "") in ("parameter", "buffer")
    }
    if not shorts:
        return found
    count = Counter(shorts.get(node, label) for node, label in found.items())
    return found | {node: name for node, name in shorts.items() if count[name] == 1}


def short(label: str) -> str:
    """What stands for a place in a model; the label itself where it is no such place.

    >>> short("layers.0.neurons.0.w.1"), short("layers.1.neurons.2.b"), short("w.0"), short("weight_hh_l0.0.1")
    ('w₁₂⁽¹⁾', 'b₃⁽²⁾', 'w₁', 'w_hh₁₂⁽¹⁾')
    >>> short("rate"), short("layers.0.weight.11.1")
    ('rate', 'w₁₂,₂⁽¹⁾')
    """
    place = re.fullmatch(r"((?:[A-Za-z_]\w*\.(?:\d+\.)*)*?)([A-Za-z]\w*?)(?:_l(\d+))?((?:\.\d+)*)", label)
    if place is None or not re.search(r"\.\d", label):
        return label
    way, name, layer, below = place.groups()
    rows = re.search(r"neurons\.(\d+)\.$", way)
    above = [int(i) for i in re.findall(r"(?<=\.)\d+(?=\.)", f".{way[: rows.start()] if rows else way}")]
    above += [int(layer)] if layer else []
    indices = [int(i) for i in ([rows[1]] if rows else []) + below.split(".")[1:]]
    first, *rest = name.split("_")
    name = "_".join([_LETTERS.get(first, first), *rest])
    return name + _counted(indices).translate(_BELOW) + (f"⁽{_counted(above)}⁾".translate(_ABOVE) if above else "")


def _counted(indices: list[int]) -> str:
    """Indices from 1 on, in digits: with commas between where one has several."""
    written = [str(i + 1) for i in indices]
    return ("," if len(written) > 1 and max(map(len, written)) > 1 else "").join(written)


def parted(name: str) -> tuple[str, str, str] | None:
    """A short name's letters, what stands below and what above, in plain digits; None for any other name.

    >>> parted("w₁₂⁽¹⁾"), parted("w_hh₁"), parted("w1")
    (('w', '12', '(1)'), ('w', 'hh,1', ''), None)
    """
    found = re.fullmatch(r"([A-Za-z]\w*?)([₀-₉][₀-₉,]*)?(?:⁽([⁰¹²³⁴-⁹,]+)⁾)?", name)
    if found is None or not (found[2] or found[3]):
        return None
    letters, suffix = (found[1][0], found[1][2:]) if found[1][1:2] == "_" else (found[1], "")
    below = [suffix, (found[2] or "").translate(_PLAIN)]
    above = (found[3] or "").translate(_PLAIN)
    return letters, ",".join([x for x in below if x]), f"({above})" if above else ""
