"""For eyes: a graph drawn, the passes over it one step at a time, and the chain rule written out."""

from .drawing import Drawing, draw
from .formulas import formula
from .passes import Contribution, ForwardStep, Step, Steps, steps
from .paths import Explanation, Path, explain

__all__ = [
    "Contribution", "Drawing", "Explanation", "ForwardStep", "Path", "Step", "Steps", "draw", "explain", "formula",
    "steps",
]  # fmt: skip
