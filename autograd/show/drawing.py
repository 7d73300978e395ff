"""Drawing."""

from typing import Any


class Drawing:
    """To come."""


def draw(value: Any) -> Drawing:
    """To come."""
    return Drawing()
