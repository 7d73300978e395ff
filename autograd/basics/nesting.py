"""How deep a text is nested, looked at before a parser reads it: too deep a recursion may end the machine."""

from __future__ import annotations

import re

_TOKENS = re.compile(
    r"[)\]}]\s*[(\[{]|[()\[\]{},]|\*\*|\.(?=\s*[^\W\d])|[^\w\s.'\"\\]|(?<![^\W\d])(?:not|and|or|if|in|is|lambda|await|yield)\b"
)


def depth(text: str) -> int:
    """How deep the tree of a text may be, which is JSON or an expression of Python. It isn't deeper.

    Args:
        text: anything. What stands in quotes counts as if it stood outside.

    >>> depth("x"), depth("-1.5"), depth("x + y * z"), depth("sum([-x, -y, -z])"), depth("f(x)(y)(z)")
    (0, 1, 2, 3, 3)
    """
    around: list[tuple[int, int, int]] = []
    operators = inside = others = 0  # since the last comma, in the brackets since then, and before that comma
    for token in _TOKENS.findall(text):
        if token == ",":
            others, operators, inside = max(others, operators + inside), 0, 0
            continue
        if token[0] in ")]}":
            found = 1 + max(others, operators + inside)
            operators, inside, others = around.pop() if around else (0, 0, 0)
            inside = max(inside, found)
            operators += len(token) > 1  # f(x), which is called itself
        if token[-1] in "([{":
            around.append((operators, inside, others))
            operators = inside = others = 0
        elif token[0] not in ")]}":
            operators += 1
    return len(around) + sum([max(c, a + b) for a, b, c in [*around, (operators, inside, others)]])
