"""For eyes: a graph drawn, the passes over it one step at a time, and the chain rule written out."""

from .drawing import Drawing, draw
from .formulas import formula
from .paths import Explanation, Path, explain
from .steps import Contribution, ForwardStep, Step, Steps, steps

__all__ = [
    "Contribution", "Drawing", "Explanation", "ForwardStep", "Path", "Step", "Steps", "draw", "explain", "formula",
    "steps",
]  # fmt: skip
