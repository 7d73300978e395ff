"""Domains of rules: Python conditions on the operands, such as "a > 0", and which part of one some numbers fail."""

from __future__ import annotations

import math
from collections.abc import Mapping


def within(domain: str, numbers: Mapping[str, float]) -> bool:
    """What a rule's domain says about some numbers."""
    return not domain or bool(eval(domain, {"__builtins__": {}, "inf": math.inf, "abs": abs}, dict(numbers)))


def lacking(domain: str, numbers: Mapping[str, float]) -> str:
    """The part of a domain that some numbers outside of it fail; of several cases that whose first condition they meet.

    >>> power = "a > 0 or a == 0 and b >= 0 or a < 0 and b % 1 == 0"
    >>> lacking(power, {"a": 0.0, "b": -1.0}), lacking(power, {"a": -8.0, "b": 0.5}), lacking("a > 0", {"a": 0.0})
    ('b >= 0 where a == 0', 'b % 1 == 0 where a < 0', 'a > 0')
    """
    import ast  # only now, for an error

    whole = ast.parse(domain, mode="eval").body
    for case in whole.values if isinstance(whole, ast.BoolOp) and isinstance(whole.op, ast.Or) else [whole]:
        parts = case.values if isinstance(case, ast.BoolOp) and isinstance(case.op, ast.And) else [case]
        first, *rest = [ast.unparse(part) for part in parts]
        if rest and within(first, numbers):
            return f"{' and '.join(rest)} where {first}"
    return domain
