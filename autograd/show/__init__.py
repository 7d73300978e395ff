"""For eyes: a graph drawn, the passes over it one step at a time, and the chain rule written out."""

from ..notation.formulas import formula
from .drawing.drawing import Drawing, draw
from .explanation.explain import Explanation, Explanations, explain
from .explanation.paths import Path
from .practice.answers import Answer, WrongAnswer, check_answer
from .practice.practice import Practice, practice
from .steps.passes import Contribution, ForwardStep, Step
from .steps.steps import Steps, steps

__all__ = [
    "Answer", "Contribution", "Drawing", "Explanation", "Explanations", "ForwardStep", "Path", "Practice", "Step",
    "Steps", "WrongAnswer", "check_answer", "draw", "explain", "formula", "practice", "steps",
]  # fmt: skip
