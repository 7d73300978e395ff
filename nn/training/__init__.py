"""The training loop, step by step or compiled; evaluation; models in files."""

from .errors import TrainingError
from .evaluate import evaluate
from .fit import fit
from .history import History
from .saving import load, save

__all__ = ["History", "TrainingError", "evaluate", "fit", "load", "save"]
