"""For eyes: drawings of graphs."""

from .drawing import Drawing, draw

__all__ = ["Drawing", "draw"]
