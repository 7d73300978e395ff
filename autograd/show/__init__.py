"""For eyes: a graph drawn, the passes over it one step at a time, and the chain rule written out."""

from ..notation.formulas import formula
from .drawing.drawing import Drawing, draw
from .explanation.explain import Explanation, explain
from .explanation.paths import Path
from .steps.passes import Contribution, ForwardStep, Step
from .steps.steps import Steps, steps

__all__ = [
    "Contribution", "Drawing", "Explanation", "ForwardStep", "Path", "Step", "Steps", "draw", "explain", "formula",
    "steps",
]  # fmt: skip
