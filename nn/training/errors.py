"""What ends a training, and how it says where it was."""

from __future__ import annotations

from .history import History


class TrainingError(ValueError):
    """A training that can't go on: the message says at which step, and the first operation that went wrong there.

    Args:
        message: that sentence.
        history: what happened in the epochs before; the attribute `history` keeps it.

    >>> TrainingError("training stopped at step 1: log(-1.0) is not defined").history
    History(0 epochs)
    """

    def __init__(self, message: str, history: History | None = None) -> None:
        super().__init__(message)
        self.history = History() if history is None else history


STOPPING = (ValueError, ArithmeticError)
"""The errors of a step that end a training as a TrainingError; others, such as a TypeError, stay what they are."""


def stopped(where: str, number: int, cause: Exception, history: History) -> TrainingError:
    """The TrainingError that says where the training stopped, and why."""
    history.stopped = f"training stopped {where} {number}: {cause}"
    return TrainingError(history.stopped, history)
