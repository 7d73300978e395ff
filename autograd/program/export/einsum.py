"""How products along several axes are written on a page: as NumPy's einsum; number by number with a sign."""

from __future__ import annotations

from ..ir import Array
from ..patterns import Pattern
from .text import SIGN, TIMES, Notes, Text, called


def einsum(node: Array, notes: Notes, *args: Text) -> Text:
    """A call of np.einsum, of operands that are reshaped and sliced to their axes; the examples are the axis n.

    Args:
        node: the operation.
        notes: to which is added what the expression needs.
        *args: how the operands are written.
    """
    d = node.detail
    in_order = d.out == "".join([letter for letter, _ in d.sizes if letter in d.out])
    spread = len(d.out) == len(d.sizes) or all(len(view.letters) == len(d.sizes) for view in d.views)
    if in_order and spread and not d.is_of_matrices:
        return _sum(node, _product(node, notes, *args))
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


def _product(node: Array, notes: Notes, *args: Text) -> Text:
    """The products, of rows that are repeated as often as they are factors."""
    d = node.detail
    factors = []
    for view, x, text in zip(d.views, node.args, args):
        strides = dict(zip(view.letters, view.strides))
        rows = Pattern(view.start, tuple([n for _, n in d.sizes]), tuple([strides.get(a, 0) for a, _ in d.sizes])).rows
        k = d.sizes[-1][1]
        if rows == tuple(range(x.rows)):
            factors.append(text)
        elif rows == tuple([i for i in range(x.rows) for _ in range(k)]):
            factors.append(called("np.repeat", text, k, "axis=0"))
        else:
            factors.append(Text(f"{text.value}[{notes.numbers(rows)}]"))
    return Text(f"{factors[0].within(TIMES)} * {factors[1].within(SIGN)}", TIMES)


def _sum(node: Array, product: Text) -> Text:
    """Their sums over the axes that the result hasn't."""
    d = node.detail
    gone = [i for i, (letter, _) in enumerate(d.sizes) if letter not in d.out]
    gone += [len(d.sizes)] * (any(x.wide for x in node.args) and not node.wide)
    if not gone:
        return product
    axis = gone[0] if len(gone) == 1 else tuple(gone)
    shaped = f"{product.value}.reshape({', '.join([str(n) for _, n in d.sizes])}, -1)"
    columns = "" if node.wide else f".reshape({node.rows}, 1)"
    return Text(f"{shaped}.sum(axis={axis}){columns}")
