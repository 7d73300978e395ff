"""The text of functions for a page that stands alone: ours as they are, a user's with all that they read.

A user's function may call others and read numbers; whatever else it reads, such as an object, is refused.
"""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import inspect
import math
import re
import sys
import textwrap
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from ... import compiled_kernel, floats, ops, special
from ...basics.messages import shown
from ...basics.operand import where
from ...rules import Rule

_PACKAGE = f"{__name__.partition('.')[0]}."

MODULES = ("math", "cmath", "operator", "itertools", "functools", "numpy")
"""What a page may import."""

COPIED = "FURB136, PLR0124, PLR1716, RUF100, UP034"
"""What linters are not to say of copied functions: `x != x` asks whether x is a number."""


def plain(f: Callable[..., Any]) -> str:
    """The text of one of our functions, without annotations and `out`."""
    text = re.sub(
        r": Any|, out: Any = None| -> Any|, out=out", "", inspect.getsource(f).replace(", out: Any = None", "")
    )
    return text.rstrip()


def blank_before(text: str) -> str:
    """What is between imports and a text: two lines if it begins with a function, else one."""
    first = next(line for line in text.splitlines() if not line.startswith("#"))
    return "\n\n\n" if first.startswith("def") else "\n\n"


def called_by(f: FunctionType) -> dict[str, Any]:
    """The functions of our files that one of them calls, by name."""
    names = _names(f.__code__)
    return {name: x for name, x in f.__globals__.items() if name in names and isinstance(x, FunctionType)}


class Inliner:
    """Collects the text of a user's functions.

    Args:
        taken: the names that the page has for something else.

    Attributes:
        imports: the lines that import what they need.
        texts: assignments and functions, each after what it reads.
    """

    def __init__(self, taken: set[str]) -> None:
        self.imports: set[str] = set()
        self.texts: list[str] = []
        self._taken = taken
        self._names: dict[Any, str] = {}

    def add(self, f: Any, name: str, of: str) -> str:
        """Write a function with all that it needs.

        Args:
            f: a function of numbers.
            name: what it is to be called, if that is free.
            of: whose function it is, for errors.

        Returns:
            What it is called.

        Raises:
            TypeError: if it can't be written.
        """
        f = _bare(f)
        if f is where:
            return self._where()
        named = str(getattr(f, "__name__", ""))
        if isinstance(f, Rule):
            return self.add(f.forward, name, of)
        if isinstance(f, BuiltinFunctionType) and f.__module__ in MODULES:
            self.imports.add(f"import {f.__module__}")
            return f"{f.__module__}.{named}"
        if getattr(builtins, named, None) is f:
            return named
        if isinstance(f, functools.partial) and not f.keywords:
            return self._partial(f, name, of)
        if compiled_kernel:
            f = _written(f, named)
        if not isinstance(f, FunctionType):
            _refuse(of, f"it is {shown(f)}, and not a function written in Python")
        if f not in self._names:
            self._names[f] = self._free(name)
            self._function(f, self._names[f], of)
        return self._names[f]

    @property
    def block(self) -> list[str]:
        """All of them as a part of a page, which formatters leave alone; none if there are no functions."""
        whole = "\n\n\n".join(self.texts)
        return [f"# fmt: off\n# ruff: noqa: {COPIED}\n{whole}\n# fmt: on"] if whole else []

    def _where(self) -> str:
        if where not in self._names:
            self._names[where] = name = self._free("where")
            self.texts.append(
                f"def {name}(condition, then, otherwise):\n"
                "    branch = then if condition else otherwise\n"
                "    return branch() if callable(branch) else branch"
            )
        return self._names[where]

    def _free(self, name: str) -> str:
        name = re.sub(r"\W", "_", name) if name.isascii() else "f"
        while name in self._taken or not name.isidentifier():
            name += "_"
        self._taken.add(name)
        return name

    def _partial(self, f: functools.partial[Any], name: str, of: str) -> str:
        inner = self.add(f.func, f"{name}_of", of)
        given = ", ".join([self._number(x, of, "an argument") for x in f.args])
        name = self._free(name)
        self.texts.append(f"def {name}(*numbers):\n    return {inner}({given}, *numbers)")
        return name

    def _function(self, f: FunctionType, name: str, of: str) -> None:
        tree = _tree(f, of)
        read: dict[str, str] = {}
        names = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)} & (
            _names(f.__code__) | {*f.__code__.co_freevars}
        )
        for known in sorted(names):
            read[known] = self._read(f, known, of)
        body = ast.fix_missing_locations(_Renamed(read).visit(tree))
        body.name = name
        body.args.defaults = [self._constant(x, of) for x in f.__defaults__ or ()]
        body.args.kw_defaults = [self._constant(x, of) for x in (f.__kwdefaults__ or {}).values()]
        self.texts.append(ast.unparse(body))

    def _read(self, f: FunctionType, name: str, of: str) -> str:
        """What a function reads by a name: it is written, too; returns how it is called on the page."""
        if name in f.__code__.co_freevars:
            x: Any = f.__closure__[f.__code__.co_freevars.index(name)].cell_contents  # type: ignore[index]
        elif name in f.__globals__:
            x = f.__globals__[name]
        elif hasattr(builtins, name):
            return name
        else:
            _refuse(of, f"there is no {name}")
        if isinstance(x, ModuleType):
            if x.__name__ not in MODULES:
                _refuse(of, f"it needs the module {x.__name__}")
            self.imports.add("import numpy as np" if x.__name__ == "numpy" else f"import {x.__name__}")
            return "np" if x.__name__ == "numpy" else x.__name__
        if callable(x):
            return self.add(x, name, of)
        if (name, id(x)) not in self._names:
            text = self._number(x, of, name)
            self._names[name, id(x)] = self._free(name)
            self.texts.append(f"{self._names[name, id(x)]} = {text}")
        return self._names[name, id(x)]

    def _constant(self, x: Any, of: str) -> ast.expr:
        return ast.parse(self._number(x, of, "a default"), mode="eval").body

    def _number(self, x: Any, of: str, name: str) -> str:
        if x is None or type(x) in (int, bool, str):
            return ascii(x)
        if isinstance(x, float):
            x = float(x)
            return repr(x) if math.isfinite(x) else f'float("{x!r}")'
        if type(x) in (tuple, list):
            return "(" + "".join([self._number(item, of, name) + ", " for item in x]).rstrip() + ")"
        _refuse(of, f"it reads {name}, {shown(x)}, which is neither a number nor a function")


class _Renamed(ast.NodeTransformer):
    """Other names, and no annotations and decorators: what they do the function at hand has behind it."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        found = self.names.get(node.id)
        if found is None:
            return node
        return ast.parse(found, mode="eval").body if "." in found else ast.Name(found, node.ctx)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list, node.returns = [], None
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return self.generic_visit(ast.Assign([node.target], node.value)) if node.value else ast.Pass()

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def _bare(f: Any) -> Any:
    """The function itself, without what stands around it: our guards, and a memory of what it gave."""
    while hasattr(f, "__wrapped__") and (
        isinstance(f, functools._lru_cache_wrapper)
        or str(getattr(f, "__globals__", {}).get("__name__")).startswith(_PACKAGE)
    ):
        f = f.__wrapped__
    return f


def _written(f: Any, name: str) -> Any:
    """The function as Python, if it is one of ours that was compiled, and has no text then."""
    module = str(getattr(f, "__module__", ""))
    if id(f) in _texts() or not name or not module.startswith(_PACKAGE) or module not in sys.modules:
        return _bare(_texts().get(id(f), f))
    return _bare(getattr(_as_written(module), name, f))


@functools.cache
def _texts() -> dict[int, FunctionType]:
    """The functions of our calculus as Python, those in its rules, too, by the id of what was compiled from them."""
    found: dict[int, Any] = {}
    for module in (ops, special, floats):
        twin = _as_written(module.__name__)
        for name, x in vars(module).items():
            y = getattr(twin, name)
            parts = ("forward", "da", "db") if isinstance(x, Rule) else ()
            pairs = [(x, y), *[(getattr(x, part, None), getattr(y, part, None)) for part in parts]]
            found.update({id(a): b for a, b in pairs if isinstance(_bare(b), FunctionType)})
    return found


@functools.cache
def _as_written(module: str) -> ModuleType:
    """A module of ours as Python runs its source."""
    path = Path(str(sys.modules[module].__file__)).with_name(f"{module.rpartition('.')[2]}.py")
    spec = spec_from_file_location(module, path)
    assert spec is not None
    assert spec.loader is not None
    twin = module_from_spec(spec)
    spec.loader.exec_module(twin)
    return twin


def _tree(f: FunctionType, of: str) -> Any:
    """The function as Python reads its text; a lambda as a function that returns the same."""
    try:
        text = inspect.getsource(f)
        try:
            tree = ast.parse(textwrap.dedent(text))
        except SyntaxError:  # a part of a line, or of several, that can't be read without the rest
            tree = ast.parse("".join(inspect.findsource(f)[0]))
    except (OSError, TypeError, SyntaxError, KeyError):
        _refuse(of, "its text can't be found")
    functions = [x for x in ast.walk(tree) if isinstance(x, ast.FunctionDef) and x.name == f.__name__]
    lambdas = [
        ast.FunctionDef("f", x.args, [ast.Return(x.body)], [], lineno=1)
        for x in ast.walk(tree)
        if isinstance(x, ast.Lambda) and f.__name__ == "<lambda>"
    ]
    alike = {ast.dump(x): x for x in (*functions, *lambdas) if _same(x, f.__code__)}
    if len(alike) != 1:
        _refuse(of, "its text can't be told from that of others beside it: write it with def")
    return next(iter(alike.values()))


def _same(x: ast.FunctionDef, code: CodeType) -> bool:
    """Whether a function may be the one whose code this is: by its variables, numbers and names."""
    alone = ast.FunctionDef(x.name, x.args, x.body, [], lineno=1)
    module = compile(ast.fix_missing_locations(ast.Module([alone], [])), "", "exec")
    made = next(c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == x.name)

    def known(code: CodeType) -> tuple[Any, ...]:
        numbers = [repr(c) for c in code.co_consts if not isinstance(c, (CodeType, str))]  # a docstring is dedented
        return code.co_argcount, {*code.co_varnames, *code.co_cellvars}, {*numbers} - {"None"}

    return known(made) == known(code) and _names(made) <= {*_names(code), *code.co_names}


def _names(code: CodeType) -> set[str]:
    """All variables around a function that it reads."""
    here = {x.argval for x in dis.get_instructions(code) if x.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF")}
    return here.union(*[_names(x) for x in code.co_consts if isinstance(x, CodeType)]) - {*code.co_cellvars}


def _refuse(of: str, why: str) -> NoReturn:
    raise TypeError(f"{of} can't be written to a file that stands alone: {why}")
