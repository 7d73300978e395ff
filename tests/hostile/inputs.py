"""Hostile input: expressions and command lines that nobody would write by hand, and what must hold of each.

`python -m tests.hostile --inputs 100000 --seed 0` throws 100,000 of them at the package, and 100,000 files of files.py;
the tests throw a few. A generator is a function of a `random.Random`, so a seed and a number give the same input again.
"""

from __future__ import annotations

import contextlib
import io
import math
import random
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from autograd import Value
from autograd.__main__ import main as autograd_main
from autograd.expression import FUNCTIONS, ExpressionError, parse
from autograd.ops import RULES
from autograd.show.drawing import rendering

# ---------------------------------------------------------------------------------------- what no input may bring about

_RUNS = re.compile(
    r"exec|import|open|compile|code\.__new__|function\.__new__|object\.__(set|del)attr__|pickle\..*|marshal\..*|os\..*"
    r"|ctypes\..*|shutil\..*|subprocess\..*|socket\..*|urllib\..*|tempfile\..*|glob\..*|signal\..*|webbrowser\..*"
)
words = str.split  # lists of words are more legible as a text
_watch: list[Callable[[str, Any], bool]] = []


class CodeRunError(BaseException):
    """Something was opened, imported, executed or started: not an Exception, so that nobody takes it for a refusal."""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch and _RUNS.fullmatch(event) and not _watch[-1](event, arguments):
        raise CodeRunError(f"{event}{arguments!r:.200}")  # and what was to happen doesn't


@cache
def _listen() -> None:
    """Once, and when it is needed: a hook can't be taken away, and each id() after it takes ten times as long."""
    sys.addaudithook(_audit)


@contextlib.contextmanager
def nothing_runs(but: Callable[[str, Any], bool] = lambda event, arguments: False) -> Iterator[None]:
    """In this block the input can run no code and open no file: a CodeRunError says what it tried.

    Args:
        but: the audit events that are allowed (https://docs.python.org/3/library/audit_events.html).
    """
    _listen()
    _watch.append(but)
    try:
        yield
    finally:
        _watch.pop()


def parsing(event: str, arguments: tuple[Any, ...]) -> bool:
    """The one event that reading an expression brings about: Python's parser is asked for a tree."""
    return event == "compile" and arguments[1] in ("<unknown>", b"<unknown>")


def telling(event: str, arguments: tuple[Any, ...]) -> bool:
    """The events of an error that says which part of a rule's domain is meant: that part of the table is evaluated."""
    if event == "compile" and arguments[1] == "<string>":
        return any(arguments[0].decode() in rule.domain for rule in RULES.values())
    return parsing(event, arguments) or (event == "exec" and arguments[0].co_filename == "<string>")


def writing(event: str, arguments: tuple[Any, ...]) -> bool:
    """The events of drawing to a file: files and folders are looked at and written; only Graphviz is started."""
    if event == "subprocess.Popen":
        return any(arguments[1] == command for kind in ("svg", "png", "pdf") for command in rendering.commands(kind))
    of_files = re.fullmatch(r"open|tempfile\..*|os\.(?!system|exec|spawn|posix_spawn|fork|startfile|kill).*", event)
    return telling(event, arguments) or (of_files is not None)


# ---------------------------------------------------------------------------------------------------------- expressions

_NAMES = words("x y e pi _ __class__ __import__ self numbers ª ﬁ ｘ ｓｉｎ θ 𝐱 Ｎｏｎｅ lambda True print sum")
_NUMBERS = words(
    "0 1 2.5 1e308 1e-320 1e400 1_000 1__0 2j .5 1. 0b1 0o8 1e ١ １ None ... 1e-999999 0_0 00 07 1if 1_ 0x"
)
_NUMBERS += ["9" * 309, "9" * 5000, "0x" + "f" * 400, "0." + "0" * 400 + "1"]
_SIGNS = ["+", "-", "*", "/", "**", " and ", " or ", " is ", " in ", " not in ", " if x else ", "\\", "−", "×"]
_SIGNS += words("^ // % @ | & << < == := = , ; . ! ? $ ` -> != ~")
_WHOLE = [
    r"",
    r"x.__class__.__mro__[1].__subclasses__()",
    r"__import__('os').system('id')",
    r"exec('x=1')",
    r"lambda: 0",
    r"(x := 2)",
    r"f'{x}'",
    r"f'{x!r:{y}}'",
    r"[x for x in y]",
    r"{**x}",
    r"sum([*x])",
    r"sum(*x, **y)",
    r"dot([x], [y], bias=x, bias=y)",
    r"gelu(x, approximate='tanh')",
    r"gelu(x, approximate='\x1b[31m')",
    r"gelu(x, approximate=f'{x}')",
    r"leaky_relu(negative_slope=y, a=x)",
    r"elu(x, alpha=y)",
    r"(yield)",
    r"await x",
    r"'a' 'b'",
    r"b'\x00'",
    r"x[0:1, ...]",
    r"x if y else x",
    r"# -*- coding: utf-7 -*-",
    r"x # y",
    r"'''",
    r"rb'",
    r"\N{BULLET}",
    r"'\N{x}'",
    r"t'{x}'",
    r"match x:",
    r"import os",
    r"del x",
    r"x: int = 1",
    r"*x",
    r"**x",
    r"x=1",
    r"type X = 1",
    r"9**9**9**9",
    r"2**1e308",
    r"globals()['x']",
    r"exp(exp(exp(x)))",
    r"log(-1)",
    r"1/0",
    r"0**-1",
    r"sqrt(-x)",
    r"mean([])",
    r"dot([],[])",
][1:]
_WHOLE += [
    "\ufeffx",
    "x\0y",
    "\ud800",
    "\udcff + x",
    "x\u2028y",
    "x\x0cy",
    "x\r\ny",
    "x\u202ey",
    "x\u200by",
    "🙂",
    "e\u0301",
]
_NESTS = words(
    "( ) [ ] { } sin( ) sum([ ]) f'{ }' x[ ] - _ ( _ x** _ x+ _ x. _ a( _ ~ _ 1, _ * _ not_ _ lambda: _ await_ _"
)


def expression(rng: random.Random) -> str:
    """Text of one of six kinds: by a grammar, a heap of tokens, with some changes, nested, long, any characters."""
    kind = rng.random()
    if kind < 0.45:
        return _grown(rng, rng.randrange(1, 7))
    if kind < 0.6:
        pool = [*_NAMES, *_SIGNS, *_WHOLE, *_NUMBERS, *"()[]{} \n\t", "sin(", "sum(["]
        return "".join(rng.choices(pool, k=rng.randrange(1, 20)))
    if kind < 0.8:
        return str(mutated(rng, _grown(rng, 5), _WHOLE + _SIGNS))
    if kind < 0.87:
        i, n = 2 * rng.randrange(len(_NESTS) // 2), int(10 ** rng.uniform(0, 5))
        opened, closed = (part.replace("_", " ") for part in _NESTS[i : i + 2])
        return opened * n + "x" + closed * n
    if kind < 0.9:
        return rng.choice([*"xª9(' é🙂_+", "\ud800", "\0", "\\"]) * int(10 ** rng.uniform(0, 6))
    limits = [128, 128, 0x300, 0x10000, 0x110000]
    return "".join(chr(rng.randrange(rng.choice(limits))) for _ in range(rng.randrange(40)))


def _grown(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.15:
        pools = (["x", "y", "z"], ["1", "2.5", "0.5"], _NAMES, _NUMBERS, _WHOLE)
        return rng.choice(rng.choices(pools, (8, 6, 1, 1, 1))[0])
    inner = [_grown(rng, depth - 1) for _ in range(rng.randrange(1, 4))]
    sign = rng.choice(_SIGNS[:5] if rng.random() < 0.9 else _SIGNS)
    name = rng.choice([*FUNCTIONS] if rng.random() < 0.95 else [*_NAMES, "math.sin", "softmax", "eval"])
    several = ", ".join(inner)
    forms = [sign.join(inner), f"({inner[0]})", f"-{inner[0]}", f"{name}({inner[0]})", f"{name}({several})"]
    return rng.choice([*forms, f"{name}([{several}])", f"dot([{several}], [{several}], {inner[0]})"])


def mutated(rng: random.Random, text: Any, pool: list[Any]) -> Any:
    """Text, or bytes, with up to three changes: a piece cut out, doubled or replaced by one from elsewhere."""
    for _ in range(rng.randrange(1, 4)):
        i, k = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
        j = i + rng.choice([0, 0, 1, 2, 10, 10_000])
        text = text[:i] + rng.choice([text[:0], text[i:j] * 2, text[k : k + 20], rng.choice(pool)]) + text[j:]
    return text


_POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan, 710.0, 3.7, -2.2]


def check_expression(text: str, rng: random.Random) -> str:
    """Read the text and compute it, with floats or Values: a number or a documented error results. Returns which."""
    try:
        with nothing_runs(but=parsing):
            f = parse(text)
    except ExpressionError as error:
        refusal = str(error)
    else:
        return _computed(f, rng)
    assert refusal.isprintable(), "a message of one line"
    assert len(refusal) < 1_000
    return "refused"


def _computed(f: Any, rng: random.Random) -> str:
    kind = rng.choice([float, Value])
    names = [*f.names, *(f.constants if rng.random() < 0.5 else ())]
    given = {name: kind(rng.choice(_POINTS)) for name in names}
    try:
        with nothing_runs(but=telling):
            result = f(**given)
            if isinstance(result, Value):
                result.backward()
    except ExpressionError:
        raise AssertionError("all names were given") from None
    except (ValueError, ZeroDivisionError) as error:
        return f"not defined: {type(error).__name__}"
    assert isinstance(result, Value if kind is Value and given else float)
    return "computed"


# -------------------------------------------------------------------------------------------------------- command lines

_WRITTEN = ["", " ", "\n", "1\n2", "\x1b[31m", "9" * 5000, "\0", "\ud800", "\udcff", "-" * 100, "\u2028", "\u202e"]
_WRITTEN += words("1 -0.5 1e-3 nan inf -inf 1e400 １２ 1_0 x 0x10 1j 1=2 -- %s 1,5 ² True ٣ 1e-999999")
_OPTIONS = [
    "--draw=\0.svg",
    "--html=a\nb.html",
    "--draw=" + "a" * 300 + ".svg",
    "--html=\ud800.html",
    "--draw=\x1b/x.svg",
]
_OPTIONS += words("--explain --draw --html --draw= --html=x -h --help -- --expl -x --draw=x.exe --explain=1 --unknown")
_OPTIONS += words("@file - --- --draw=missing/%s.svg --html=/dev/null/x.html --draw=-- --html=--")


def command(rng: random.Random) -> list[str]:
    """Arguments for `python -m autograd`."""
    text = _grown(rng, rng.randrange(1, 5)) if rng.random() < 0.7 else expression(rng)
    names = ("x", "y", "z")
    with contextlib.suppress(ExpressionError):
        names = parse(text).names
    arguments = [text]
    for name in names:
        number = rng.choice(["1", "2.5", "-0.5"] if rng.random() < 0.85 else _WRITTEN)
        arguments += [f"{name}={number}"] * (rng.random() < 0.95)
    if rng.random() < 0.1:
        arguments.append(f"{rng.choice([*_NAMES, '', '1', 'x y'])}={rng.choice(_WRITTEN)}")
    if rng.random() < 0.2:
        arguments.append(rng.choice(_OPTIONS))
    if rng.random() < 0.1:
        rng.shuffle(arguments)
    return arguments


def check_command(arguments: list[str], rng: random.Random | None = None) -> str:
    """Run it: the status is 0, or 2 with one sentence on stderr (argparse puts the usage in front of its own)."""
    out, err = io.StringIO(), io.StringIO()
    writes = any(word.startswith(("--draw", "--html")) for word in arguments)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            with nothing_runs(but=writing if writes else telling):
                status: Any = autograd_main(arguments)
        except SystemExit as stop:
            status = f"exit {stop.code}"
    said = err.getvalue()
    assert "Traceback" not in said
    if isinstance(status, str):
        assert status == "exit 0" or (status == "exit 2" and "python -m autograd: error: " in said)
        return "usage"
    if status == 0:
        assert said == ""
        return "computed"
    assert status == 2
    assert re.fullmatch(r"error: [^\n]+\n", said), ascii(said)
    assert said[:-1].isprintable(), ascii(said)
    assert len(said) < 1_100
    return "refused"
