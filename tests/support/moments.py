"""Ending a program at a given moment: at the k-th of all calls, by a signal or an error, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

Event = tuple[FrameType, str, Any]


def any_moment(event: Event) -> bool:
    return True


def touching_files(event: Event) -> bool:
    """Before and after each function in C that may concern a file."""
    _, kind, called = event
    owner = getattr(called, "__self__", None)
    modules = {getattr(called, "__module__", None), type(owner).__module__}
    return kind in ("c_call", "c_return") and not modules.isdisjoint(("posix", "io", "_io"))


def at(moment: int, counted: Callable[[Event], bool], end: Callable[[], Any], what: Callable[[], Any]) -> bool:
    """Do something, and in the middle of it, at the given moment, something else. Returns whether it came."""
    seen = 0

    def watch(*event: Any) -> None:
        nonlocal seen
        if counted(event):
            seen += 1
            if seen == moment + 1:
                end()

    sys.setprofile(watch)
    try:
        what()
    finally:
        sys.setprofile(None)
    return seen > moment


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    raise KeyboardInterrupt


def forked(what: Callable[[], Any]) -> int:
    """Fork a child that does something."""
    child = os.fork()
    if not child:
        try:
            what()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
        finally:
            os._exit(1)
    return child


def ended(child: int) -> int:
    """How a child ended: minus the number of the signal that killed it, 0 if all is well."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def apart(module: str, function: str, *arguments: Any) -> Any:
    """What a function of a module returns in a process of its own. The module prints it as JSON when it is run."""
    command = [sys.executable, "-m", module, function, *map(str, arguments)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
