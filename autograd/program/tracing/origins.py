"""Whose code it is that runs: the user's, Python's own, a library's, or this package's."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


def _folders(*paths: Any) -> tuple[str, ...]:
    """How the names of all files in these begin: with the separator, for a script beside `nn` may be named alike."""
    return tuple([f"{path}{os.sep}" for path in paths])


OURS = _folders(Path(__file__).parents[2], Path(__file__).parents[3] / "nn")
_PATHS = sysconfig.get_paths()
_LIBRARIES = _folders(_PATHS["purelib"], _PATHS["platlib"])
_PYTHON = ("<frozen", *_folders(_PATHS["stdlib"], _PATHS["platstdlib"]))
_AROUND = {
    "numpy",
    "IPython",
    "ipykernel",
    "zmq",
    "_pytest",
    "pytest",
    "pluggy",
    "tqdm",
    "debugpy",
    "pydevd",
    "coverage",
}
"""Libraries that give the same for the same, or that only show and log: nobody looks into them."""
_DISPATCH = "<__array_function__ internals>"  # what stands between NumPy and its callers, before its 1.25


@cache
def of_file(name: str) -> str:
    """Whose file it is: "ours", "python", "around" or "user", which is also what the user has installed."""
    if name.startswith(OURS):
        return "ours"
    if name == _DISPATCH:
        return "around"
    for place in _LIBRARIES:
        if name.startswith(place):
            return "around" if Path(name[len(place) :]).parts[0] in _AROUND else "user"
    return "python" if name.startswith(_PYTHON) else "user"


def of_code(code: CodeType) -> str:
    """As `of_file`, for the file that the code stands in."""
    return of_file(code.co_filename)


def of_class(kind: type[Any]) -> str:
    """As `of_file`, for the module that a class comes from."""
    return of_module(kind.__module__)


def of_module(name: Any) -> str:
    """As `of_file`, for a module by its name."""
    file = getattr(sys.modules.get(name), "__file__", None) if isinstance(name, str) else None
    if file:
        return of_file(file)
    return "python" if name in sys.builtin_module_names or name in _FROZEN else "user"


_FROZEN = set(getattr(sys, "stdlib_module_names", ())) - {"__main__"}


def frames(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame and those that called it, the innermost first, without this package's."""
    while frame is not None:
        if of_code(frame.f_code) != "ours":
            yield frame
        frame = frame.f_back


def users_line(frame: FrameType | None) -> str:
    """The innermost line that the user wrote, as the beginning of a message: "file:line: `text`: "."""
    found = list(frames(frame))
    if not found:
        return ""
    libraries = (*_LIBRARIES, *_PYTHON, _DISPATCH)
    frame = next((x for x in found if not x.f_code.co_filename.startswith(libraries)), found[0])
    name, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, line).strip()
    return f"{name}:{line}: `{text}`: " if text else f"{name}:{line}: "
