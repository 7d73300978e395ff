"""The plan of the house, read from the sources with `ast`: who imports whom, across which folders, and by which names.

`python -m tests.support.house` lists what is against the plan; tests/test_house.py asserts that nothing is. It is about
the order of files, not about what they do.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.mutants import outdated

PACKAGES = ("autograd", "nn")
MOST_LINES = 350
LESSON = [Path("autograd", f"{name}.py") for name in ("rules", "graph", "value", "sweeps")]
LESSON_LINES = 600
"""From `v.backward()` to the derivative of tanh one reads so many lines at most, and the table."""

DOORS = ("__init__.py", "__main__.py")
"""Files that hand on what others define, or start a program. They may import everything."""

PUBLIC_ALL_THE_SAME = {"_replace", "_asdict", "_fields", "_make"}
"""Names with a leading underscore that Python's named tuples offer to everyone."""


BY_NAME = ("getattr", "setattr", "hasattr", "delattr")
"""Functions whose second argument is the name of an attribute."""


class Import(NamedTuple):
    """One imported name: where it is imported, and the file that defines it."""

    importer: Path
    line: int
    name: str
    source: Path

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name} of {self.source}"


class House:
    """The sources of the two packages below a folder, and the checks. Paths count from that folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        paths = sorted(path.relative_to(root) for package in PACKAGES for path in (root / package).rglob("*.py"))
        self.text = {path: (root / path).read_text(encoding="utf-8") for path in paths}
        self.tree = {path: ast.parse(text) for path, text in self.text.items()}
        self.handed_on = {path: dict(self._hands_on(path)) for path in paths if path.name == "__init__.py"}

    # Who imports whom

    @cached_property
    def imports(self) -> list[Import]:
        """All imports of one of our files by another, those in functions and under TYPE_CHECKING too."""
        found = []
        for path, tree in self.tree.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    pairs = [(alias.name, self._file(alias.name)) for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    pairs = [(alias.name, self._origin(_module(path, node), alias.name)) for alias in node.names]
                else:
                    continue
                found += [Import(path, node.lineno, name, file) for name, file in pairs if file and file != path]
        return found

    def _file(self, module: str) -> Path | None:
        """The file of a module, if it is one of ours."""
        base = Path(*module.split("."))
        return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path in self.tree), None)

    def _origin(self, module: str, name: str) -> Path | None:
        """The file that `from module import name` takes its name from, behind all doors; None if it isn't ours."""
        file = self._file(f"{module}.{name}") or self._file(module)
        if file in self.handed_on and name in self.handed_on[file]:
            return self._origin(*self.handed_on[file][name])
        return file

    def _hands_on(self, door: Path) -> Iterator[tuple[str, tuple[str, str]]]:
        """The names that a package imports to hand them on, each with the module and the name that it has there."""
        for node in ast.walk(self.tree[door]):
            if isinstance(node, ast.ImportFrom):
                module = _module(door, node)
                for alias in node.names:
                    file = self._file(module)
                    if alias.name == "*" and file:
                        yield from ((name, (module, name)) for name in _top_level(self.tree[file].body))
                    elif not self._file(f"{module}.{alias.name}"):
                        yield alias.asname or alias.name, (module, alias.name)

    @property
    def _past_doors(self) -> list[Import]:
        return [i for i in self.imports if i.importer.name not in DOORS and i.source.name not in DOORS]

    def circles_of_files(self) -> list[str]:
        """Files that import each other, directly or by way of others."""
        return [", ".join(group) for group in circles((str(i.importer), str(i.source)) for i in self._past_doors)]

    def circles_of_folders(self) -> list[str]:
        """Neighbouring folders that import each other; the files at a package's root count as one of its folders."""
        between = [(*pair, i) for i in self._past_doors if (pair := _neighbours(i.importer, i.source))]
        found = []
        for group in circles((a, b) for a, b, _ in between):
            inside = [i for a, b, i in between if a in group and b in group]
            found.append(", ".join(group) + "".join(f"\n    {i}" for i in inside))
        return found

    # Private names

    def private_names(self) -> list[str]:
        """Uses of a name with a leading underscore outside of the folder that defines it."""
        found = [str(i) for i in self.imports if _is_private(i.name) and i.importer.parent != i.source.parent]
        homes, of_modules = _folders(self.tree, _members), _folders(self.tree, lambda tree: _top_level(tree.body))
        homes = of_modules | homes  # `module._name` means the name of a module only where no class has a member of it
        for path, tree in self.tree.items():
            for line, written, name in _uses(tree):
                if _is_private(name) and path.parent not in homes.get(name, {path.parent}):
                    where = ", ".join(sorted(map(str, homes[name])))
                    found.append(f"{path}:{line} uses {written}, private to {where}")
        return found

    # Sizes, and tests

    def long_files(self) -> list[str]:
        """Files that have more lines than a file may have."""
        lengths = {path: len(text.splitlines()) for path, text in self.text.items()}
        return [f"{path} has {n} lines, {n - MOST_LINES} too many" for path, n in lengths.items() if n > MOST_LINES]

    def a_lesson_that_is_too_long(self) -> list[str]:
        """The files of the lesson, if they have more lines than can be read in one."""
        lengths = {path: len(self.text[path].splitlines()) for path in sorted(LESSON) if path in self.text}
        total = sum(lengths.values())
        return [f"{path} has {n} of {total} lines" for path, n in lengths.items() if total > LESSON_LINES]

    def names_of_files_that_are_gone(self) -> list[str]:
        """Files that a comment or a docstring speaks of, and that are nowhere any more."""
        known = {path.name for package in (*PACKAGES, "tests") for path in (self.root / package).rglob("*.py")}
        return [
            f"{path}:{number} speaks of {name}"
            for path, text in self.text.items()
            for number, line in enumerate(text.splitlines(), 1)
            for name in re.findall(r"\b\w+\.py\b", line)
            if name not in known
        ]

    def files_without_a_test(self, folder: str = "autograd/program") -> list[str]:
        """Files of a folder that have no test of their own name, in the same place below tests/."""
        under = [path for path in self.tree if path.is_relative_to(folder) and path.name not in DOORS]
        tests = {path: Path("tests") / path.with_name(f"test_{path.name}") for path in under}
        return [f"{path} has no {test}" for path, test in tests.items() if not (self.root / test).exists()]

    def folders_of_tests_that_mirror_none(self) -> list[str]:
        """Folders of tests/autograd and tests/nn that stand where the packages have none."""
        tests = self.root / "tests"
        folders = {path.parent.relative_to(tests) for p in PACKAGES for path in (tests / p).rglob("test_*.py")}
        return [f"tests/{folder}" for folder in sorted(folders) if not (self.root / folder).is_dir()]


CHECKS = (
    House.circles_of_files,
    House.circles_of_folders,
    House.private_names,
    House.long_files,
    House.a_lesson_that_is_too_long,
    House.names_of_files_that_are_gone,
    House.files_without_a_test,
    House.folders_of_tests_that_mirror_none,
)


def circles(edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The groups of names that all reach each other along the edges."""
    after: dict[str, set[str]] = {}
    for a, b in edges:
        after.setdefault(a, set()).add(b)
    reached = {start: _reached(start, after) for start in after}
    groups = {tuple(sorted(b for b in reached[a] if a in reached.get(b, ()))) for a in reached}
    return sorted(list(group) for group in groups if group)


def _reached(start: str, after: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(after[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += after.get(name, ())
    return seen


def _neighbours(a: Path, b: Path) -> tuple[str, str] | None:
    """The folders in which two files' paths part; None if one of the files stands at the fork, below a package's root.

    A room's own files may import the folders within it, and these the room's own files.
    """
    here, there = a.parent.parts, b.parent.parts
    if here == there:
        return None
    fork = next((n for n, (x, y) in enumerate(zip(here, there)) if x != y), min(len(here), len(there)))
    if fork > 1 and fork in (len(here), len(there)):
        return None
    return "/".join(here[: fork + 1]), "/".join(there[: fork + 1])


def _folders(trees: dict[Path, ast.Module], names: Callable[[ast.Module], Iterator[str]]) -> dict[str, set[Path]]:
    """For each name, the folders of the files that define it."""
    folders: dict[str, set[Path]] = {}
    for path, tree in trees.items():
        for name in names(tree):
            folders.setdefault(name, set()).add(path.parent)
    return folders


def _module(path: Path, node: ast.ImportFrom) -> str:
    """The full name of the module that a `from ... import` names."""
    if not node.level:
        return node.module or ""
    above = path.parent.parts[: len(path.parent.parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _top_level(body: list[ast.stmt]) -> Iterator[str]:
    """The names that the statements of a file or a class bind, but not those within them."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))


def _is_private(name: str) -> bool:
    dunder = name.startswith("__") and name.endswith("__")
    asked_for_by_ipython = name.startswith("_repr_") and name.endswith("_")
    return name.startswith("_") and name not in {"_", *PUBLIC_ALL_THE_SAME} and not dunder and not asked_for_by_ipython


def _members(tree: ast.Module) -> Iterator[str]:
    """The names of a file's members of classes: methods, slots, fields, and what is assigned to `self` or `cls`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.Assign) and any(
                    isinstance(t, ast.Name) and t.id == "__slots__" for t in inner.targets
                ):
                    yield from (n.value for n in ast.walk(inner.value) if isinstance(n, ast.Constant))
            yield from _top_level(node.body)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            yield node.attr


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _uses(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """The attributes that a file reads or sets, by a dot or by name: the line, how it is written, and the attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node), node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_NAME:
            named = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
            yield from ((node.lineno, ast.unparse(node), name) for name in named if isinstance(name, str))


def main() -> int:
    """List all that is against the plan, check by check."""
    house = House(Path.cwd())
    count = 0
    for check in CHECKS:
        found = check(house)
        count += len(found)
        print(f"{check.__name__}: {len(found) or 'none'}")
        for line in sorted(found):
            print(f"  {line}")
    print(f"{len(house.text)} files, {sum(len(text.splitlines()) for text in house.text.values()):,} lines")
    found = outdated()
    print(f"equivalent mutants that are outdated: {len(found) or 'none'}")
    for line in found:
        print(f"  {line}")
    return int(count + len(found) > 0)


if __name__ == "__main__":
    sys.exit(main())
