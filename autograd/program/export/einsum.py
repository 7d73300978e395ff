"""How products of several matrices at once are written on a page: as NumPy's einsum."""

from __future__ import annotations

from ..ir import Array
from .text import Notes, Text, called


def einsum(node: Array, notes: Notes, *args: Text) -> Text:
    """A call of np.einsum, of operands that are reshaped and sliced to their axes; the examples are the axis n.

    Args:
        node: the operation.
        notes: to which is added what the expression needs.
        *args: how the operands are written.
    """
    letters, texts = [], []
    for which, (x, text) in enumerate(zip(node.args, args)):
        at, axes = node.detail.pattern(which), node.detail.views[which].letters
        wide, found = isinstance(x, Array) and x.wide, at.digits(x.rows)
        last = ["-1"] * wide
        if found is None:
            source = f"{text.value}[{notes.numbers(at.rows)}].reshape({', '.join([*map(str, at.sizes), *last])})"
        else:
            shape, chosen, order = found
            axes = "".join([axes[i] for i in order])
            whole = [(0, n) for n in shape]
            places = [(c.start, c.stop) if isinstance(c, slice) else (c, None) for c in chosen]
            source = f"{text.value}.reshape({', '.join([*map(str, shape), *last])})"
            if text.matrix and [at.sizes[i] for i in order] == shape and shape[:-1] == [text.matrix[2]]:
                source = text.matrix[0]
            if places != whole:
                each = [str(a) if b is None else ":" if (a, b) == w else f"{a}:{b}" for (a, b), w in zip(places, whole)]
                source += f"[{', '.join(each)}]"
        texts.append(source)
        letters.append(axes + "n" * wide)
    spec = f'"{letters[0]},{letters[1]}->{node.detail.out}{"n" * node.wide}"'
    product = called("np.einsum", spec, *texts)
    return Text(f"{product.text}.reshape({node.rows}, {-1 if node.wide else 1})")
