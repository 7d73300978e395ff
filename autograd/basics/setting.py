"""One attribute of many objects is set: of all of them, or of none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def assign(items: Sequence[Any], attribute: str, numbers: Sequence[float]) -> None:
    """Set the `data` or `grad` of all parameters; however it ends, by Ctrl-C too, either all are set or none."""
    before = [getattr(item, attribute) for item in items]
    try:
        for item, x in zip(items, numbers):
            setattr(item, attribute, x)
    except BaseException:
        for item, x in zip(items, before):
            setattr(item, attribute, x)
        raise
