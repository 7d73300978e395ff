"""The tests in a browser's interpreter: those that need neither a process nor a thread, nor a package that isn't there.

A plugin of pytest, which pyodide.mjs loads in Node:

    node tests/support/pyodide.mjs node_modules project=. packages=FOLDER "from tests.support.pyodide import run; run()"
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
_NEVER = {"subprocess", "threading", "multiprocessing", "concurrent"}  # they can be imported there, and do nothing
_SAYS = ("can't start new thread", "does not support processes")


def run(*arguments: str) -> int:
    """Run tests; without arguments all but those that take seconds, notebooks and browsers.

    Returns:
        The exit status of pytest.
    """
    os.chdir(PROJECT)
    chosen = "not slow and not notebook and not browser"
    options = ["-q", "-p", "no:cacheprovider", "-m", chosen, "-W", "ignore:It looks like `register_random`"]
    return int(pytest.main([*options, *(arguments or ["tests", "autograd", "nn"])], plugins=[sys.modules[__name__]]))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Files that import what isn't there, or what is of no use there."""
    if collection_path.suffix != ".py":
        return None
    for statement in ast.parse(collection_path.read_text(encoding="utf-8")).body:
        names = [x.name for x in statement.names] if isinstance(statement, ast.Import) else []
        names += [statement.module or ""] if isinstance(statement, ast.ImportFrom) and not statement.level else []
        for name in names:
            first = name.partition(".")[0]
            if first in _NEVER or find_spec(first) is None:
                return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """What a test asks for itself and can't have there is no fault; if one of our packages asks for it, it is."""
    try:
        return (yield)
    except (ImportError, OSError, RuntimeError) as error:
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        file = Path(last.tb_frame.f_code.co_filename) if last is not None else PROJECT
        ours = any(file.is_relative_to(PROJECT / name) for name in ("autograd", "nn"))
        missing = isinstance(error, ImportError) and error.name and find_spec(error.name.partition(".")[0]) is None
        if missing or (not ours and any(said in str(error) for said in _SAYS)):
            pytest.skip(str(error))
        raise
