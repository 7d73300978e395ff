"""Do the tests notice? Each small change to the engine's source, a mutant, should make one of them fail.

`python -m tests.mutants` tries all mutants of the modules below and prints those that no test noticed;
`python -m tests.mutants autograd/graph.py` those of one module. Cosmic Ray says what the mutants are. This module runs
the tests itself: pytest and the libraries are imported once, each mutant gets a fork of that process, in which the
mutated source takes the place of the module, and nothing is written to the module's file. That takes 1 s a mutant,
where a new process each would take 4.

Not tried are the replacements by a bit operator (`<<`, `|`, `^`), which fail for every float and only make the share
look better; `==` in place of `is`, which is the same for classes, for None and for Values; and changes to annotations,
which no run can notice and the type checkers do. What is known to survive, and why no test could tell it from the
original, stands in equivalent_mutants.toml beside this file.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.util
import os
import re
import resource
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
SECONDS, BYTES = 300, 6 * 2**30
"""After these a mutant that loops, or fills the memory, counts as noticed."""

ENGINE = [
    f"tests/autograd/{name}.py"
    for name in (
        "test_value", "test_backward", "test_faults", "test_graph", "test_operators", "test_refusals", "test_modes",
        "test_rules", "test_ops", "test_tiny", "transforms/test_gradients", "transforms/test_calls",
        "transforms/test_products",
    )
]  # fmt: skip
PARTS = ("value", "graph", "sweeps", "edges", "faults", "rules", "operators", "refusals", "transforms/modes")
TESTS = {  # the quickest that know the module come first, then the rest of its package
    **{
        f"autograd/{name}.py": [
            "tests/autograd/test_ops.py",
            "tests/autograd/test_rules.py",
            "tests/properties/test_accuracy.py",
            "tests/autograd",
        ]
        for name in ("ops", "floats")
    },
    "autograd/selection.py": ["tests/autograd/test_selection.py", "tests/autograd"],
    **{f"autograd/{name}.py": [*ENGINE, "tests/autograd"] for name in PARTS},
    "nn/losses/classes.py": ["tests/nn/losses", "tests/nn"],
    "nn/losses/numbers.py": ["tests/nn/losses", "tests/nn"],
    "nn/losses/reduction.py": ["tests/nn/losses", "tests/nn"],
    "nn/losses/accuracy.py": ["tests/nn/losses", "tests/nn"],
    "nn/optim/first_order.py": ["tests/nn/optim", "tests/pytorch/test_optim.py", "tests/nn"],
    "nn/optim/optimizer.py": ["tests/nn/optim", "tests/nn"],
    "nn/optim/parameters.py": ["tests/nn/optim", "tests/nn"],
    "nn/checks.py": ["tests/nn/optim", "tests/nn"],
}
NOT_TRIED = ("RShift", "LShift", "BitOr", "BitAnd", "BitXor", "_Is_Eq", "_IsNot_NotEq")


class Mutant(NamedTuple):
    """A module's source with one small change."""

    module: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}\n    - {self.before}\n    + {self.after}"

    def words(self) -> list[str]:
        """What the tests of it are called: the names of the rule, function and class that it is in, and their parts."""
        above = (ROOT / self.module).read_text(encoding="utf-8").split("\n")[: self.line]
        found = [re.match(r"( *)(?:def|class) (\w+)|()(\w+) *= ", line) for line in reversed(above)]
        names, depth = [], 99
        for match in filter(None, found):
            indent = len(match[1] or "")
            if indent < depth:
                names.append((match[2] or match[4]).strip("_"))
                depth = indent
        parts = [part for name in names for part in name.split("_") if len(part) > 2]
        return list(dict.fromkeys([*names, *parts]))


def mutants(module: str) -> Iterator[Mutant]:
    """All different mutants of a module that a run of the program could notice."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    source = (ROOT / module).read_text(encoding="utf-8")
    seen = {_at_run_time(source)}
    for name in operator_names():
        operator_class = get_operator(name)
        if name.endswith(NOT_TRIED) or operator_class.arguments():
            continue
        operator = operator_class()
        positions = [p for node in ast_nodes(get_ast(source)) for p in operator.mutation_positions(node)]
        for occurrence, ((row, _), _) in enumerate(positions):
            mutated = mutate_code(source, operator, occurrence)
            meaning = _at_run_time(mutated)
            if meaning not in seen:
                seen.add(meaning)
                changed = [(a, b) for a, b in zip(source.split("\n"), mutated.split("\n")) if a != b]
                before, after = changed[0] if changed else (source.split("\n")[row - 1], "")
                yield Mutant(module, row, before.strip(), after.strip(), mutated)


def _at_run_time(source: str) -> str:
    """What of a source counts when it runs: its syntax tree without annotations."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(value=None)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    return ast.dump(tree)


class _Mutated(SourceFileLoader):
    """Finds and loads one module, from a text in place of its file."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module.removesuffix(".py").replace("/", "."), str(ROOT / mutant.module))
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.mutant.source, self.path, "exec")


def _start(mutant: Mutant, tests: list[str], *options: str) -> int:
    """Fork a process that runs the tests with this mutant, and exits with 0 if they all pass."""
    child = os.fork()
    if child:
        return child
    code = 1
    with contextlib.suppress(BaseException):
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        signal.alarm(SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        os.environ["HYPOTHESIS_PROFILE"] = "ci" if tests == TESTS[mutant.module] else "quick"
        sys.meta_path.insert(0, _Mutated(mutant))
        import pytest

        already = "ignore::pytest.PytestAssertRewriteWarning"  # hypothesis is imported, as intended
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", already, *options, *tests]))
        code = 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code
    os._exit(code)


def unnoticed(candidates: list[Mutant], tests: list[str], jobs: int, named: bool = False) -> list[Mutant]:
    """Those of the mutants with which all tests pass, or all that are named after what is changed."""
    from tqdm import tqdm

    left, running = [], {}
    for mutant in tqdm([*candidates, *[None] * jobs], " ".join(tests)):  # the last rounds only wait
        if len(running) == jobs or (mutant is None and running):
            child, status = os.wait()
            done = running.pop(child)
            if status == 0:
                left.append(done)
                tqdm.write(f"passed {' '.join(tests)}: {done}", file=sys.stderr)
        if mutant is not None:
            marks = "not notebook and not browser" + " and not slow" * (tests != TESTS[mutant.module])
            names = ["-k", " or ".join(mutant.words())] if named and mutant.words() else []
            running[_start(mutant, tests, "-m", marks, *names)] = mutant
    return left


def survivors(module: str, jobs: int, quick: bool) -> tuple[int, int, list[Mutant]]:
    """How many mutants of a module there are, how many are known to be equivalent, and which others no test notices.

    A mutant first meets those of the module's own tests that are named after what is changed, with few examples, then
    all of the module's own tests. If it survives these and isn't known to be equivalent, it meets all the tests of its
    package.
    """
    own, everything = TESTS[module][:-1], TESTS[module]
    if not unnoticed([Mutant(module, 0, "", "", (ROOT / module).read_text(encoding="utf-8"))], own, 1):
        raise SystemExit(f"the tests of {module} fail without any change to it")
    found = list(mutants(module))
    left = unnoticed(unnoticed(found, own, jobs, named=True), own, jobs)
    known = equivalent(module)
    new = [mutant for mutant in left if (mutant.before, mutant.after) not in known]
    same = len(left) - len(new)
    return len(found), same, new if quick else unnoticed(new, everything, jobs)


def equivalent(module: str) -> set[tuple[str, str]]:
    """The lines before and after the change, of a module's mutants that are known to do what the original does."""
    return {(entry["before"], entry["after"]) for entry in _known().get(module, [])}


def outdated() -> list[str]:
    """The entries of equivalent_mutants.toml that speak of a line that its module doesn't have."""
    found = []
    for module, entries in _known().items():
        path = ROOT / module
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        found += [f"{module} has no line {entry['before']!r}" for entry in entries if entry["before"] not in lines]
    return list(dict.fromkeys(found))


def _known() -> dict[str, list[dict[str, str]]]:
    if sys.version_info < (3, 11):
        sys.exit("error: equivalent_mutants.toml can't be read: Python has a reader of TOML from 3.11 on")
    import tomllib

    return tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))


def main() -> int:
    """Try the mutants, and print those that survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=list(TESTS), help="such as autograd/ops.py; all if none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at once")
    parser.add_argument("--quick", action="store_true", help="only the module's own tests")
    chosen = parser.parse_args()
    os.chdir(ROOT)
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    sys.dont_write_bytecode = False
    import hypothesis  # noqa: F401  # once, for all forks; nothing of the project itself
    import mpmath  # noqa: F401
    import numpy  # noqa: F401
    import pytest  # noqa: F401

    with contextlib.suppress(ImportError):
        import torch  # noqa: F401
    lines, survived = [], 0
    for module in chosen.modules:
        tried, same, left = survivors(module, chosen.jobs, chosen.quick)
        print(*left, sep="\n", flush=True)
        survived += len(left)
        noticed = tried - same - len(left)
        share = f"{noticed} of {tried} noticed ({noticed / tried:.1%})"
        lines.append(f"{module}: {share}, {same} equivalent, {len(left)} left")
    print(*lines, sep="\n")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
