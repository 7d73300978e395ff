"""For eyes: what stands on the graph, drawn."""

from .drawing import Drawing, draw

__all__ = ["Drawing", "draw"]
