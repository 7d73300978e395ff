"""What ends a training, and how it says where it was."""

from __future__ import annotations

from typing import NoReturn

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


def stop(where: str, number: int, cause: BaseException, history: History, besides: str = "") -> NoReturn:
    """Raise the error that a training ends with: of one of arithmetic a TrainingError that says where, else itself."""
    if not isinstance(cause, (ValueError, ArithmeticError)):
        raise cause
    history.stopped = f"training stopped {where} {number}: {cause}{besides}"
    raise TrainingError(history.stopped, history) from cause
