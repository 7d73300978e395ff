"""What a picture shows, in sentences: for those who can't see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...notation.formulas import Formula, formula
from ...notation.names import cut
from ...notation.short import labels
from ...notation.text import figure, is_number
from ...value import Value
from .extent import Number, Operation, gradients

_MOST = 8  # numbers that are listed one by one
_DEEP = 4  # operations that are written out in a formula


def sentences(numbers: Sequence[Value], operations: Sequence[Operation], outputs: Sequence[Value]) -> str:
    """Values, gradients and structure of a graph.

    Args:
        numbers: the Values in the picture.
        operations: those between them.
        outputs: what the graph leads to.

    >>> a, b = Value(2.0, label="a"), Value(1.0, label="b")
    >>> y = a * b
    >>> y.backward()
    >>> sentences([a, b, y], [Operation(y, y, [a, b])], [y])
    'A graph of 1 operation (*) that computes 2 (gradient 1) as a * b, from a = 2 (gradient 1), b = 1 (gradient 2).'
    """
    called, received = labels(numbers), gradients(numbers)
    inner = {operation.result for operation in operations}
    leaves = [x for x in numbers if x not in inner]
    plain = list(dict.fromkeys(x for operation in operations for x in operation.operands if isinstance(x, Number)))
    ends = _series([_number(called[x], x.data, received[x]) for x in outputs])
    kinds = Counter(operation.made.op for operation in operations)
    listed = ", ".join(cut(sign) if n == 1 else f"{n} times {cut(sign)}" for sign, n in kinds.most_common(_MOST))
    if len(kinds) > _MOST:
        listed += f" and {len(kinds) - _MOST} other kinds"
    n = len(operations)
    if not n:
        return f"A graph without operations: {ends}."
    said = f"A graph of {n:,} operation{'s' * (n != 1)} ({listed}) that computes {ends}"
    if len(outputs) == 1 and n <= _DEEP and outputs[0].op:
        names = {x: Formula.name(name, x.data) for x, name in called.items() if name}
        said += f" as {formula(outputs[0], _DEEP + 1, names).text}"
        named = [x.result for x in reversed(operations) if called[x.result] and x.result is not outputs[0]]
        said += "".join([f", {called[x]} = {formula(x, _DEEP + 1, names).text}" for x in named])
    if len(leaves) <= _MOST:
        inputs = [_number(called[x], x.data, received[x]) for x in leaves]
    else:
        counted = Counter("part that is not drawn" if x.op else getattr(type(x), "kind", "input") for x in leaves)
        inputs = [f"{k:,} {kind}{'s' * (k != 1)}" for kind, k in counted.items()]
    if len(plain) <= _MOST:
        inputs += [f"the number {figure(x.number)}" for x in plain]
    elif plain:
        inputs.append(f"{len(plain):,} plain numbers")
    return f"{said}, from {', '.join(inputs)}."


def _number(label: str, data: float, grad: Any) -> str:
    """`a = 2 (gradient 3)`."""
    received = f" (gradient {figure(grad)})" if is_number(grad) else ""
    return f"{f'{cut(label)} = ' if label else ''}{figure(data)}{received}"


def _series(parts: Sequence[str]) -> str:
    parts = [*parts[:_MOST], f"{len(parts) - _MOST} more"] if len(parts) > _MOST else parts
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
