"""What ends a training, and how it says where it was."""

from __future__ import annotations

from typing import Any

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


class stops:
    """Of an error of arithmetic inside, a TrainingError that says where the training stopped."""

    def __init__(self, where: str, number: int, history: History) -> None:
        self.where, self.number, self.history = where, number, history

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, cause: BaseException | None, traceback: Any) -> None:
        if isinstance(cause, (ValueError, ArithmeticError)):
            self.history.stopped = f"training stopped {self.where} {self.number}: {cause}"
            raise TrainingError(self.history.stopped, self.history) from cause
