"""The tests in a browser's interpreter: those that need neither a process nor a thread, nor a package that isn't there.

A plugin of pytest, which pyodide.mjs loads in Node:

    node tests/support/pyodide.mjs node_modules project=. packages=FOLDER "from tests.support.pyodide import run; run()"
"""

from __future__ import annotations

import ast
import os
import sys
import traceback
from collections.abc import Generator, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
_NEVER = {"subprocess", "threading", "multiprocessing", "concurrent"}  # they can be imported there, and do nothing
_SAYS = ("can't start new thread", "does not support processes")


def run(*arguments: str) -> int:
    """Run tests; without arguments those of the two packages that take no seconds, and the examples in them.

    Returns:
        The exit status of pytest.
    """
    os.chdir(PROJECT)
    chosen = "not slow and not notebook and not browser"
    options = ["-q", "-p", "no:cacheprovider", "-m", chosen, "-W", "ignore:It looks like `register_random`"]
    options.append("--assert=plain")  # unless an argument asks for `--assert=rewrite`, which takes ten seconds
    return int(
        pytest.main(
            [*options, *(arguments or ["tests/autograd", "tests/nn", "tests/hostile", "autograd", "nn"])],
            plugins=[sys.modules[__name__]],
        )
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Files that import what isn't there, or what is of no use there, themselves or by a file that they import."""
    if collection_path.suffix != ".py":
        return None
    todo = [collection_path]
    for path in todo:  # which grows
        for name in _imported(path):
            first = name.partition(".")[0]
            if first in ("autograd", "nn", "tests"):
                todo += [file for file in _files(name) if file not in todo]
            elif (path == collection_path and first in _NEVER) or not _is_there(first):
                return True
    return None


@cache
def _imported(path: Path) -> list[str]:
    """The modules that a file imports as it is imported, by their whole names; and what it takes from these."""
    package, names = path.relative_to(PROJECT).parts[:-1], []
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Import):
            names += [x.name for x in statement.names]
        if isinstance(statement, ast.ImportFrom):
            around = package[: len(package) + 1 - statement.level] if statement.level else ()
            module = ".".join([*around, *([statement.module] if statement.module else [])])
            names += [module, *[f"{module}.{x.name}" for x in statement.names]]
    return names


def _files(name: str) -> list[Path]:
    """The file of one of our modules; none for the name of something else."""
    place = PROJECT.joinpath(*name.split("."))
    return [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]


@cache
def _is_there(package: str) -> bool:
    return find_spec(package) is not None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """What a test can't have there is no fault: a package, or a process or thread that it asks for itself."""
    try:
        return (yield)
    except BaseException as error:
        for cause in _causes(error):
            if isinstance(cause, ImportError) and cause.name and not _is_there(cause.name.partition(".")[0]):
                pytest.skip(str(cause))
            if any(said in str(cause) for said in _SAYS) and not _ours(cause):
                pytest.skip(str(cause))
        raise


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what an example in the docs raised, and what they were raised in the wake of."""
    while error is not None:
        yield error
        for failure in [error, *getattr(error, "failures", [])]:
            yield from _causes(getattr(failure, "exc_info", [None, None])[1])
        error = error.__cause__ or error.__context__


def _ours(error: BaseException) -> bool:
    """Whether one of our packages asked for what isn't there, which is a fault."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return any(Path(file).is_relative_to(PROJECT / name) for file in files for name in ("autograd", "nn"))
