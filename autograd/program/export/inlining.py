"""The text of functions for a page that stands alone: ours as they are, a user's with all that they read.

A user's function may call others and read numbers; whatever else it reads, such as an object, is refused.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import math
import re
import sys
import textwrap
from collections.abc import Callable
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

from ...basics.messages import shown
from ...rules import Rule

MODULES = ("math", "cmath", "operator", "itertools", "functools", "numpy")
"""What a page may import."""


def plain(f: Callable[..., Any]) -> str:
    """The text of one of our functions, without annotations and `out`."""
    text = re.sub(r": Any|, out: Any = None| -> Any|, out=out", "", inspect.getsource(f).replace(", out: Any = None", ""))
    return text.rstrip()


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
        if isinstance(f, Rule):
            return self.add(f.forward, name, of)
        if isinstance(f, BuiltinFunctionType) and f.__module__ in MODULES:
            self.imports.add(f"import {f.__module__}")
            return f"{f.__module__}.{f.__name__}"
        if isinstance(f, (type, BuiltinFunctionType)) and getattr(builtins, f.__name__, None) is f:
            return f.__name__
        if isinstance(f, functools.partial) and not f.keywords:
            return self._partial(f, name, of)
        if not isinstance(f, FunctionType):
            _refuse(of, f"it is {shown(f)}, and not a function written in Python")
        if f not in self._names:
            self._names[f] = self._free(name)
            self._function(f, self._names[f], of)
        return self._names[f]

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
        names = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)} & (_names(f.__code__) | {*f.__code__.co_freevars})
        for known in sorted(names):
            read[known] = self._read(f, known, of)
        body = ast.fix_missing_locations(_Renamed(read).visit(tree))
        body.name = name
        body.args.defaults = [self._constant(x, of) for x in f.__defaults__ or ()]
        body.args.kw_defaults = [self._constant(x, of) for x in (f.__kwdefaults__ or {}).values()]
        self.texts.append("# fmt: off\n" + ast.unparse(body) + "\n# fmt: on")

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
            self.texts.append(f"# fmt: off\n{self._names[name, id(x)]} = {text}\n# fmt: on")
        return self._names[name, id(x)]

    def _constant(self, x: Any, of: str) -> ast.expr:
        return ast.parse(self._number(x, of, "a default"), mode="eval").body

    def _number(self, x: Any, of: str, name: str) -> str:
        if x is None or type(x) in (int, bool, str):
            return ascii(x)
        if type(x) is float:
            return repr(x) if math.isfinite(x) else f'float("{x!r}")'
        if type(x) is tuple:
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
        or str(getattr(f, "__globals__", {}).get("__name__")).startswith(f"{__name__.partition('.')[0]}.")
    ):
        f = f.__wrapped__
    return f


def _tree(f: FunctionType, of: str) -> Any:
    """The function as Python reads its text; a lambda as a function that returns the same."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(f)))
    except (OSError, TypeError, SyntaxError):
        try:  # a part of a line, or of several, that can't be read without the rest
            tree = ast.parse(inspect.getsource(sys.modules[f.__module__]))
        except (OSError, TypeError, SyntaxError, KeyError):
            _refuse(of, "its text can't be found")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == f.__name__:
            return node
    alike = {ast.dump(x): x for x in ast.walk(tree) if isinstance(x, ast.Lambda) and _same(x, f.__code__)}
    if len(alike) != 1:
        _refuse(of, "its text can't be told from that of others beside it: write it with def")
    found = next(iter(alike.values()))
    body: list[ast.stmt] = [ast.Return(found.body)]
    return ast.FunctionDef("f", found.args, body, [], lineno=1)


def _same(x: ast.Lambda, code: CodeType) -> bool:
    made = next(c for c in compile(ast.Expression(x), "", "eval").co_consts if isinstance(c, CodeType))
    return made.co_varnames == code.co_varnames and [c for c in made.co_consts if not isinstance(c, CodeType)] == [
        c for c in code.co_consts if not isinstance(c, CodeType)
    ] and {*made.co_names} <= {*code.co_names, *code.co_freevars}  # fmt: skip


def _names(code: CodeType) -> set[str]:
    """All names that a function asks for, besides its own variables."""
    return {*code.co_names}.union(*[_names(x) for x in code.co_consts if isinstance(x, CodeType)])


def _refuse(of: str, why: str) -> NoReturn:
    raise TypeError(f"{of} can't be written to a file that stands alone: {why}")
