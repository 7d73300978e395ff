"""What all tests share: how hypothesis searches, a table without anybody's own rules, and a numerical derivative."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from autograd import compile, ops
from autograd.custom.primitives import Own, remove
from autograd.program import Program
from autograd.show.drawing import rendering
from autograd.transforms import differences
from tests.support import graphviz
from tests.support.browser import axe, browser, opened  # noqa: F401  fixtures for all

# no deadline: on a shared machine a slow example says nothing about the engine; no explaining, which traces each line
PHASES = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile(
    "default", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], phases=PHASES
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)  # for a second Python, and a third
chosen = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "default")
settings.load_profile(chosen)


def pytest_addoption(parser: pytest.Parser) -> None:
    help = "what compiled programs run on, where a test doesn't say"
    parser.addoption("--engine", choices=["numpy", "jax"], default="numpy", help=help)


ON_JAX = ["autograd/program/engines/jax", "nn/training/devices.py", "nn/training/scan.py", "nn/training/scanned.py"]
"""What can't be imported without JAX. An import that fails anywhere else is an error."""


class WithoutJax:
    """What looks for tests and for examples passes over the files that need JAX."""

    def pytest_ignore_collect(self, collection_path: Path, config: pytest.Config) -> bool | None:
        return True if any(collection_path.is_relative_to(config.rootpath / path) for path in ON_JAX) else None


def pytest_configure(config: pytest.Config) -> None:
    """Another engine takes the place of the default: the same tests run on it."""
    if find_spec("jax") is None:
        config.pluginmanager.register(WithoutJax())  # here, not as this file's own hook, which is for tests/ alone
    engine = config.getoption("--engine")
    if engine == "jax":
        config.addinivalue_line("filterwarnings", "ignore:XLA calls Python in each run")
    compile.__kwdefaults__["engine"] = engine
    Program.__init__.__defaults__ = (*Program.__init__.__defaults__[:-1], engine)  # type: ignore[index]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs on JAX, also an example in the docs, is marked so, and skipped where that is missing.

    Hostile input comes last: what watches over it slows down all that follows (tests/hostile/inputs.py).
    """
    items.sort(key=lambda item: "hostile" in item.path.parts)
    missing = find_spec("jax") is None
    for item in items:
        if isinstance(item, pytest.DoctestItem) and any("import jax" in x.source for x in item.dtest.examples):
            item.add_marker(pytest.mark.jax)
        if missing and item.get_closest_marker("jax"):
            item.add_marker(pytest.mark.skip(reason="could not import 'jax'"))


def pytest_collection_finish() -> None:
    """The collector needn't go through ten thousand tests each time: they stay."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _threads_are_not_traced() -> None:
    """Coverage would trace them, and Python can't begin to trace two threads at once: it raises in one of them."""
    threading.settrace(None)  # type: ignore[arg-type]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each test begins with the table's own rules, and with layouts in this process.

    These are hooks and no fixtures, which would take each of ten thousand tests half a millisecond. A picture takes
    5 ms in this process, and 70 in one of its own, which test_rendering.py tests.
    """
    rendering.run = graphviz.of_its_own if item.path.name == "test_rendering.py" else graphviz.in_this_process
    _forget_rules_of_others()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """And leaves them so."""
    rendering.run = graphviz.of_its_own
    _forget_rules_of_others()


def _forget_rules_of_others() -> None:
    """What another test, or an example in the docs, has defined with `primitive` is gone."""
    for name in [name for name, rule in ops.RULES.items() if isinstance(rule, Own)]:
        remove(name)


@pytest.fixture(scope="session")
def richardson() -> Callable[..., tuple[float, float]]:
    """The function `richardson(f, x, h=0.1)`, which returns (f'(x), an estimate of its error)."""

    def best(f: Callable[[float], float], x: float, h: float = 0.1) -> tuple[float, float]:
        found = min(differences.estimates(f, x, h), key=lambda estimate: estimate.error)
        return found.slope, found.error

    return best
