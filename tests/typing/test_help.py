"""help(): every public name shows a signature, one sentence, its arguments, what it returns, and an example that runs.

It is read as a student reads it, through `pydoc` and `inspect`. What IPython shows of the same names, and what its
completer offers, is tested in tests/notebooks/test_help_in_ipython.py.
"""

from __future__ import annotations

import doctest
import inspect
import pydoc
import re
import rlcompleter
from types import FunctionType, GenericAlias, ModuleType
from typing import Any

import pytest

import autograd
import autograd.expression
import nn
from autograd import Value
from autograd.program import Program, TraceError
from autograd.program.equations.equations import Equations
from autograd.rules import Rule
from autograd.show import Contribution, Drawing, Explanation, ForwardStep, Path, Step, Steps

RESULTS = [Contribution, Drawing, Equations, Explanation, ForwardStep, Path, Program, Step, Steps, TraceError]
"""What public functions return or raise, and has no name in the packages themselves."""


def _public(module: ModuleType) -> dict[str, Any]:
    """The public functions, rules and classes of a module by their full names."""
    listed = getattr(module, "__all__", None)
    names = listed or [name for name, x in vars(module).items() if getattr(x, "__module__", "") == module.__name__]
    found = {f"{module.__name__}.{name}": getattr(module, name) for name in names if not name.startswith("_")}
    found = {name: x for name, x in found.items() if not isinstance(x, GenericAlias)}  # a class, before Python 3.11
    return {name: x for name, x in found.items() if inspect.isroutine(x) or inspect.isclass(x) or isinstance(x, Rule)}


MODULES = [autograd, autograd.expression, nn, nn.data, nn.diagnostics, nn.init, nn.pictures, nn.schedules]
NAMES = {name: x for module in MODULES for name, x in _public(module).items()}
NAMES |= {f"{x.__module__}.{x.__name__}": x for x in RESULTS}
CLASSES = {x for x in NAMES.values() if inspect.isclass(x)}


def _members() -> dict[str, tuple[str, Any, list[type]]]:
    """Public methods and properties: each with its name, itself as its class has it, and the public classes with it."""
    found: dict[str, tuple[str, Any, list[type]]] = {}
    for cls in sorted(CLASSES, key=lambda cls: cls.__qualname__):
        for name in dir(cls):
            owner = next((base for base in cls.__mro__ if name in vars(base)), cls)
            if not name.startswith("_") and owner.__module__.partition(".")[0] in ("autograd", "nn"):
                x = vars(owner).get(name)
                if isinstance(x, (FunctionType, property, Rule)):
                    found.setdefault(f"{owner.__name__}.{name}", (name, x, []))[2].append(cls)
    return found


MEMBERS = _members()
ALL = {**NAMES, **{place: x for place, (_, x, _) in MEMBERS.items()}}


def _parameters(x: Any) -> list[inspect.Parameter]:
    """The parameters that a caller sees."""
    if isinstance(x, property) or (inspect.isclass(x) and issubclass(x, Exception) and "__init__" not in vars(x)):
        return []  # an exception without a constructor of its own takes a message, as all do
    return [p for p in inspect.signature(x).parameters.values() if p.name != "self"]


def _section(doc: str, name: str) -> str:
    """What stands under `Args:` and the like."""
    match = re.search(rf"^{name}:\n((?:(?: .*)?\n)*)", doc + "\n", re.MULTILINE)
    return match.group(1) if match else ""


def _overrides(name: str, x: Any, classes: list[type]) -> bool:
    """Whether a method is one that a base class explains, and so need not explain its arguments again."""
    return any(name in vars(base) and vars(base)[name] is not x for cls in classes for base in cls.__mro__)


@pytest.mark.parametrize("name", ALL)
def test_help_begins_with_a_signature_and_one_sentence(name):
    x = ALL[name]
    doc = inspect.getdoc(x) or ""
    first = doc.split("\n\n")[0].replace("\n", " ")
    assert first.endswith((".", ":")), f"{name} has no sentence: {first!r}"
    shown = pydoc.plain(pydoc.render_doc(x, renderer=pydoc.plaintext))
    assert doc.splitlines()[0] in shown
    if parameters := _parameters(x):
        pattern = rf"\b{x.__name__}\([\s|]*(self\b[^,]*,\s*(/,\s*)?)?\*?{parameters[0].name}\b"
        assert re.search(pattern, shown), f"{name} shows no signature"


@pytest.mark.parametrize("name", ALL)
def test_no_signature_hides_its_parameters(name):
    anything = [p.name for p in _parameters(ALL[name]) if p.name in ("args", "kwargs")]
    assert not anything, f"{name} shows {anything}: name what it takes"


@pytest.mark.parametrize("name", ALL)
def test_each_argument_is_explained_under_its_name(name):
    x = ALL[name]
    if name in MEMBERS and _overrides(MEMBERS[name][0], x, MEMBERS[name][2]):
        return
    wanted = [p.name for p in _parameters(x)]
    explained = _section(inspect.getdoc(x) or "", "Args")
    missing = [p for p in wanted if not re.search(rf"^    [\w, *]*\b{p}\b[\w, ]*:", explained, re.MULTILINE)]
    assert not missing, f"{name} doesn't explain {missing}"


@pytest.mark.parametrize("name", [name for name, x in NAMES.items() if not inspect.isclass(x)])
def test_a_function_says_what_it_returns(name):
    if inspect.signature(NAMES[name]).return_annotation not in (None, "None"):
        assert _section(inspect.getdoc(NAMES[name]) or "", "Returns"), f"{name} doesn't say what it returns"


@pytest.mark.parametrize("name", NAMES)
def test_there_is_an_example(name):
    x = NAMES[name]
    if x in RESULTS or x.__module__.startswith("nn.pictures."):
        return  # those are made by others, whose examples show them; what draws for the course is shown there
    doc = inspect.getdoc(x) or ""
    assert ">>> " in doc or "An example (it needs PyTorch):" in doc, f"{name} has no example"


@pytest.mark.parametrize("place", MEMBERS)
def test_a_method_is_used_in_an_example_of_its_own_or_of_its_class(place):
    name, x, classes = MEMBERS[place]
    if not set(classes).isdisjoint(RESULTS) or _overrides(name, x, classes):
        return
    docs = [inspect.getdoc(x) or "", *(inspect.getdoc(base) or "" for cls in classes for base in cls.__mro__)]
    used = any(re.search(rf"(>>>|\.\.\.) .*\b{name}\b", doc) for doc in docs)
    assert used, f"no example uses {place}"


@pytest.mark.parametrize("name", [name for name, x in NAMES.items() if isinstance(x, Rule)])
def test_the_example_of_a_rule_gives_what_it_says(name):
    # those of functions and classes are found by pytest's own collection of doctests
    tests = doctest.DocTestParser().get_doctest(NAMES[name].__doc__, dict(vars(autograd)), name, None, None)
    runner = doctest.DocTestRunner(verbose=False)
    assert tests.examples
    assert runner.run(tests).failed == 0


def test_what_is_loaded_late_is_listed_from_the_start():
    assert {"compile", "draw", "explain", "steps"} <= set(dir(autograd))
    assert dir(autograd) == sorted(autograd.__all__)
    assert set(nn.__all__) <= set(dir(nn))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("autograd.dr", "autograd.draw("),
        ("autograd.comp", "autograd.compile("),
        ("autograd.value_", "autograd.value_and_grad("),
        ("v.ta", "v.tanh("),
        ("v.gr", "v.grad"),
        ("nn.schedules.cos", "nn.schedules.cosine("),
        ("nn.ML", "nn.MLP("),
        ("model.para", "model.parameters("),
    ],
)
def test_the_terminal_completes(text, expected):
    namespace = {"autograd": autograd, "nn": nn, "v": Value(2.0), "model": nn.MLP(1, [1])}
    completer = rlcompleter.Completer(namespace)
    found = [completer.complete(text, i) for i in range(5)]
    assert any((x or "").removesuffix("()").rstrip("()") == expected.rstrip("(") for x in found), found
