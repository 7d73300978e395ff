"""How a training shows where it is: a bar where tqdm is installed, a line of plain text elsewhere.

In a notebook it is one line, too, which is written anew: what goes to stderr there is red, and a line for each moment.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from autograd.basics.letting_go import in_webassembly

Show = Callable[..., None]
"""show(epoch, losses of the steps made since, validation loss if it is known, the mean of an epoch that has ended)"""

_PAUSE = 0.1  # seconds from one line to the next


@contextmanager
def progress(steps: int, wanted: bool) -> Iterator[Show]:
    """What a training calls to show where it is, until it is done.

    Args:
        steps: how many there will be.
        wanted: False to show nothing.
    """
    if not wanted:
        yield lambda *numbers, **more: None
        return
    line = _Line(steps, _writer(steps))
    try:
        yield line.show
    finally:
        line.end()


class _Line:
    """Steps, epoch and losses in words; the loss is a mean in which the last twenty steps count most, and at the end of
    an epoch, or of several, the mean of the last one.

    Args:
        steps: how many there will be.
        writer: takes the text, how many steps are new, and whether it is the last one.
    """

    def __init__(self, steps: int, writer: Any) -> None:
        self.steps, self.made, self._new = steps, 0, 0
        self._writer, self._text = writer, ""
        self._running: float | None = None
        self._loss: float | None = None
        self._validated = ""
        self._start = self._last = time.perf_counter()

    def show(
        self, epoch: int, losses: Sequence[float], validation: float | None = None, mean: float | None = None
    ) -> None:
        for loss in losses:
            self._running = loss if self._running is None else 0.95 * self._running + 0.05 * loss
        if losses:
            self._loss = self._running if mean is None else mean
        if validation is not None:
            self._validated = f", validation loss {validation:.4g}"
        self.made += len(losses)
        self._new += len(losses)
        self._text = f"epoch {epoch}, loss {self._loss:.4g}{self._validated}"
        now = time.perf_counter()
        if now - self._last >= _PAUSE:
            self._last = now
            self._write(False)

    def end(self) -> None:
        if self._text:
            self._write(True)
        self._writer.close()

    def _write(self, last: bool) -> None:
        seconds = time.perf_counter() - self._start
        self._writer.write(f"step {self.made:,} of {self.steps:,} ({seconds:.1f} s): ", self._text, self._new, last)
        self._new = 0


def _writer(steps: int) -> Any:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and hasattr(shell, "kernel"):
        return _Cell()
    try:
        from tqdm import tqdm
    except ImportError:
        return _Terminal()
    if in_webassembly:
        tqdm.monitor_interval = 0  # seconds of a thread that looks after slow bars: there are no threads
    return _Bar(tqdm(total=steps, unit="step", dynamic_ncols=True))


class _Cell:
    """One line below the cell of a notebook."""

    def __init__(self) -> None:
        self._handle: Any = None

    def write(self, place: str, text: str, new: int, last: bool) -> None:
        display: Any = import_module("IPython.display").display
        shown = {"text/plain": place + text}
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)

    def close(self) -> None:
        pass


class _Terminal:
    """A line on stderr, which is written over; in a file, only the last."""

    def __init__(self) -> None:
        self._width = 0

    def write(self, place: str, text: str, new: int, last: bool) -> None:
        line = place + text
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line:{self._width}}{chr(10) * last}")
        elif last:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        self._width = len(line)

    def close(self) -> None:
        pass


class _Bar:
    """The bar of tqdm, which says the place itself."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def write(self, place: str, text: str, new: int, last: bool) -> None:
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update(new)

    def close(self) -> None:
        self._bar.close()
