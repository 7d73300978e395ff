"""What runs while a function is followed: Python says so, by `sys.setprofile`.

Each function that runs is looked at (guards.py) before its first line. What asks for something that is different each
time, such as the time of day or a file, is refused.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import CodeType, FrameType
from typing import Any

from .closed import Closed
from .origins import frames, of_code, users_line

_TIMES = {
    "time",
    "time_ns",
    "perf_counter",
    "perf_counter_ns",
    "monotonic",
    "monotonic_ns",
    "process_time",
    "localtime",
}
_TIMES |= {"process_time_ns", "thread_time", "gmtime", "ctime", "now", "utcnow", "today"}
_FILES = {"open", "read", "readline", "readlines", "listdir", "scandir", "stat", "getcwd", "input"}
_SYSTEM = {"urandom", "getrandom"}
_ASKED = {"globals", *_TIMES, *_FILES, *_SYSTEM}
_REFLECTING = {"getattr", "hasattr", "vars", "dir", "eval", "exec", "locals"}
_MODULES = {"time", "datetime", "posix", "nt", "io", "_io", "builtins"}
_exchange = threading.RLock()
"""Before Python 3.12 no two threads may exchange their profilers at once: an audit hook lets the second in."""
_LOGGING = {"logging", "warnings", "linecache", "tokenize", "traceback", "threading", "importlib", "inspect"}


class Hearing:
    """For the length of a `with` block, in this thread, it hears what runs.

    Args:
        entered: called for the first run of each function that is not this package's, with its frame.
        asked: called with what getattr or hasattr is asked for: an item, and the name of an attribute.
    """

    def __init__(self, entered: Callable[[FrameType], None], asked: Callable[[Any, str], None]) -> None:
        self.refusals: list[str] = []
        """Sentences on what can't be followed, each with its line."""
        self.reflecting = False
        """Whether attributes were asked for by names that can't be known."""
        self.asking: tuple[FrameType, Any] | None = None
        """The function of C that runs at this moment, called by that frame."""
        self.failed: BaseException | None = None
        self._on = False
        self._entered, self._asked = entered, asked
        self._known: dict[int, CodeType] = {}
        self._ours: set[int] = set()
        self._closed, self._deaf, self._thread = Closed(), False, 0

    def __enter__(self) -> Hearing:
        self._before = sys.getprofile()
        self._on, self._deaf, self._thread = True, False, threading.get_ident()
        with _exchange:
            sys.setprofile(self._hear)
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._on:
            return
        again = getattr(self._before, "enable", None)  # cProfile's, until Python 3.11
        with _exchange:
            sys.setprofile(None if again else self._before)
            if again:
                again()
        self._on = False

    def _hear(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "return" or id(frame.f_code) in self._ours:
            return
        code = frame.f_code
        if event == "call":
            if id(code) not in self._known:
                self._first(frame, code)
        elif event == "c_call":
            self.asking = frame, arg
            name = getattr(arg, "__name__", "")
            if name in _REFLECTING:
                self.reflecting = True
            elif name in _ASKED:
                self._ask(frame, name, arg)
        else:
            self.asking = None

    def unheard(self, *things: Any) -> AbstractContextManager[Any]:
        """For a `with` block, which calls a function of this package with these, to hear nothing.

        It still hears all, where a function of a user's may run in it. To hear each call of ours takes three quarters
        of the time.
        """
        if not self._on or self._deaf or threading.get_ident() != self._thread:
            return _NOTHING
        self.listen(False)  # to the question, too
        closed = False
        try:
            closed = self._closed(*things)
        finally:
            self.listen(not closed)
        return _Deaf(self) if closed else _NOTHING

    def listen(self, hears: bool) -> None:
        """Hear what runs, or nothing for a while."""
        if self._on:
            self._deaf = not hears
            with _exchange:
                sys.setprofile(self._hear if hears else None)

    def ask_attribute(self, item: Any, name: str) -> None:
        """An attribute of an item is asked for by this name."""
        try:
            self._asked(item, name)
        except BaseException as error:  # not in the function, which may catch it
            self.failed = self.failed or error

    def _first(self, frame: FrameType, code: CodeType) -> None:
        origin = of_code(code)
        if origin != "ours" and _collecting(frame):
            return
        self._known[id(code)] = code  # kept, so that no other gets its id
        if origin == "ours":
            self._ours.add(id(code))
            return
        if code.co_filename == "<frozen abc>":  # isinstance with an abstract class, which looks at no variables
            return
        try:
            caller = frame.f_back
            if origin == "user" or (origin == "python" and caller is not None and of_code(caller.f_code) == "user"):
                self._entered(frame)
            if code.co_name == "seed" and frame.f_globals.get("__name__") == "random" and _seeds_anew(frame):
                self.refuse(frame, "random numbers are drawn from a generator without a seed")
        except BaseException as error:  # an error in here would only end the hearing
            self.failed = self.failed or error

    def _ask(self, frame: FrameType, name: str, arg: Any) -> None:
        owner = getattr(arg, "__self__", None)
        module = getattr(arg, "__module__", None) or type(owner).__module__
        if isinstance(owner, type):
            module = owner.__module__
        if module not in _MODULES or str(frame.f_globals.get("__name__")).partition(".")[0] in _LOGGING:
            return
        if frame.f_code.co_filename.startswith("<frozen importlib") or _collecting(frame):
            return
        if next((of_code(x.f_code) for x in frames(frame) if of_code(x.f_code) != "python"), "") == "around":
            return
        if name == "globals":
            self.refuse(frame, "globals() is asked for", "name the variable")
        elif name in _SYSTEM:
            self.refuse(frame, "random numbers are drawn")
        else:
            self.refuse(frame, f"{name}() is called, which may return something else each time")

    def refuse(self, frame: FrameType | None, what: str, mend: str = "pass what it gives as an argument") -> None:
        """Keep the sentence for when the function has returned."""
        self.refusals.append(f"{users_line(frame)}{what} while the function is being compiled; {mend}")


class _Deaf:
    """A `with` block at whose end it is heard again what runs."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    def __enter__(self) -> None:
        """Nothing is heard already."""

    def __exit__(self, *exception: object) -> None:
        self._hearing.listen(True)


_NOTHING = nullcontext()


def _collecting(frame: FrameType | None) -> bool:
    """Whether the garbage collector runs, which calls functions of whoever asked for it, at any time."""
    codes = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while codes and frame is not None:
        if frame.f_code in codes:
            return True
        frame = frame.f_back
    return False


def _seeds_anew(frame: FrameType) -> bool:
    """Whether a generator is made without a seed, and not by this package, which draws from it in each run."""
    own = [x for x in frames(frame) if of_code(x.f_code) == "user"]
    caller = frame.f_back
    while caller is not None and of_code(caller.f_code) == "python":
        caller = caller.f_back
    return frame.f_locals.get("a") is None and caller is not None and bool(own) and caller is own[0]
