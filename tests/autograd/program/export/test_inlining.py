"""Functions that are copied to a page, with what they read; and those that can't be."""

from __future__ import annotations

import builtins
import functools
import math
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.program import compile
from autograd.program.export.inlining import Inliner

LIMIT = 2.5


def copied(f: Any, name: str = "f", taken: set[str] | None = None) -> tuple[Any, str]:
    """The function, as a page has it."""
    inliner = Inliner(taken or set())
    called = inliner.add(f, name, "f")
    text = "\n\n\n".join([*sorted(inliner.imports), *inliner.texts])
    module: dict[str, Any] = {}
    exec(text, module)
    return eval(called, module), text


def helped(a: float) -> float:
    return min(a, LIMIT)


@functools.lru_cache
def remembered(a: float) -> float:
    """It has a memory around it."""
    b: float = helped(a) + 1
    return b


def test_what_a_function_calls_and_reads_is_copied_too():
    f, text = copied(lambda a, k=LIMIT: remembered(a) * k)
    assert f(2.0) == 7.5
    assert f(9.0) == 8.75
    assert "It has a memory" not in text


def test_a_closure_brings_its_numbers_and_names_that_are_taken_are_changed():
    def made(k: float) -> Any:
        return lambda a: k * math.exp(a)

    f, text = copied(made(3.0), taken={"k", "f"})
    assert f(0.0) == 3.0
    assert "k_ = 3.0" in text


def test_functions_that_call_each_other_are_copied_once():
    def even(n: int) -> bool:
        return n == 0 or odd(n - 1)

    def odd(n: int) -> bool:
        return n != 0 and even(n - 1)

    f, text = copied(even)
    assert f(10)
    assert text.count("def ") == 2


def test_numbers_that_python_writes_as_names_are_written_as_calls():
    f, _ = copied(lambda a, top=math.inf: min(a, top))
    assert f(3.0) == 3.0


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (eval(builtins.compile("lambda a: a", "<nowhere>", "eval")), "its text can't be found"),
        (lambda a: open, "^$"),
        (lambda a: pytest.approx(a), "it needs the module pytest"),
        (object(), "it is <object"),
    ],
)
def test_what_cannot_be_copied_is_refused_in_a_sentence(f: Any, why: str):
    if why == "^$":
        assert copied(f)[0](1.0) is open
        return
    with pytest.raises(TypeError, match=f"f can't be written to a file that stands alone: {why}"):
        copied(f)


def test_two_lambdas_of_one_line_are_told_apart_or_refused():
    one, other = (lambda a: a + 1.0), (lambda a: a + 2.0)
    assert copied(one)[0](1.0) == 2.0
    assert copied(other)[0](1.0) == 3.0


def test_a_function_that_reads_an_object_is_refused_in_a_sentence():
    memory = {"calls": 0}

    def counted(a: float) -> float:
        memory["calls"] += 1
        return a * a

    square = autograd.custom_derivative(lambda y, a: 2 * a)(counted)
    w = Value(0.5)
    program = compile(lambda x: square(w * x), [w])
    with pytest.raises(TypeError, match=r"counted can't be written to a file that stands alone: it reads memory, \{"):
        program.source([1.0, 2.0])
