"""Hostile expressions and command lines: an answer or a sentence, no code run, bounded work. `tests.hostile` has more.

What is refused, and how, is in test_expression.py; here are the inputs of somebody who means harm.
"""

from __future__ import annotations

import math
import random
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.__main__ import main
from autograd.expression import MAX_LENGTH, ExpressionError, parse
from tests.hostile import inputs as hostile

pytestmark = pytest.mark.slow

seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module", autouse=True)
def in_a_folder_of_its_own(tmp_path_factory):
    """Some command lines write files. What they import late is imported here, before the watch begins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("hostile"))
        assert main(["x", "x=1", "--draw=warm.svg", "--html=warm.html", "--explain"]) == 0
        yield


@given(seeds)
def test_an_expression_of_any_kind_is_a_number_or_a_clean_error_and_runs_no_code(seed):
    rng = random.Random(seed)
    for _ in range(10):
        hostile.check_expression(hostile.expression(rng), rng)


@given(seeds)
def test_a_command_of_any_kind_is_an_answer_or_one_sentence_and_runs_no_code(seed):
    rng = random.Random(seed)
    for _ in range(3):
        hostile.check_command(hostile.command(rng))


@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_words_are_an_answer_or_one_sentence(words):
    hostile.check_command(words or ["x"])


def test_the_watch_sees_code_that_runs():
    tried: list[Any] = [
        lambda: eval("1"),
        lambda: compile("1", "elsewhere", "eval"),
        lambda: Path(__file__).read_text(),
        lambda: __import__("os").system("true"),
        lambda: __import__("subprocess").run(["true"]),
    ]
    for attempt in tried:
        with pytest.raises(hostile.CodeRunError), hostile.nothing_runs():
            attempt()


# --------------------------------------------------------------------------------------------------- names and numbers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ｘ + ｘ", "x"),
        ("ﬁ + fi", "fi"),
        ("ª + a", "a"),
        ("𝐱 + x", "x"),
        ("Ｎｏｎｅ + Ｎｏｎｅ", "None"),
        ("é + e\u0301", "é"),
    ],
)
def test_names_that_python_takes_for_one_are_one(text, name):
    f = parse(text)
    assert f.names == (name,)
    assert f(2.0) == 4.0


def test_a_name_of_python_s_machinery_is_a_number_like_any_other():
    names = ["__class__", "__dict__", "__builtins__", "_", "self", "numbers", "named", "given"]
    f = parse(" + ".join(names))
    with hostile.nothing_runs():
        assert f(**dict.fromkeys(names, 1.0)) == len(names)


def test_a_message_is_short_however_many_names_there_are_and_however_long():
    for text in ("+".join(f"a{i}" for i in range(900)), "+".join(c * 400 for c in "abcdefghijklmnopqrst")):
        with pytest.raises(ExpressionError) as caught:
            parse(text)()
        assert "more: add " in str(caught.value)
        assert len(str(caught.value)) < 1_200
    with pytest.raises(ExpressionError, match=r"there is no function s{47}\.\.\. \("):
        parse("s" * 9_000 + "(x)")


def test_a_function_cannot_be_given_another_meaning():
    assert parse("ｓｉｎ(x)")(0.0) == 0.0
    with pytest.raises(ExpressionError, match="sin is a function"):
        parse("sin + 1")
    with pytest.raises(ExpressionError, match="there is no sin"):
        parse("sin(x)")(1.0, sin=2.0)


def test_a_whole_number_too_large_for_a_float_is_refused_by_name():
    with pytest.raises(OverflowError, match="x is too large for a float"):
        parse("x + 1")(x=10**400)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308])
def test_extreme_numbers_go_through_as_they_do_in_ieee_754(x):
    f = parse("x * 2 - x")
    assert repr(f(x)) == repr(x * 2 - x) == repr(f(Value(x)).data)


# --------------------------------------------------------------------------------------------------------------- effort


def calls(f: Any, *arguments: Any) -> int:
    """How many functions are called in f, in Python and in C: work that doesn't depend on the machine."""
    count = 0

    def seen(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        f(*arguments)
    except ExpressionError:
        pass
    finally:
        sys.setprofile(before)
    return count


LONG = {
    "terms": "+".join(["x"] * 1_200),
    "a list": "sum([" + "x," * 4_900 + "])",
    "names": "+".join(f"a{i}" for i in range(900)),
    "a name": "x" * MAX_LENGTH,
    "a function": "s" * (MAX_LENGTH - 3) + "(x)",
    "a power tower": "9" + "**9" * 600,
    "brackets": "(" * 100_000 + "x" + ")" * 100_000,
    "minus signs": "-" * 100_000 + "1",
    "keywords": "elu(x, " + "alpha=1," * 1_200 + ")",
    "a text": f"gelu(x, approximate='{'n' * 9_000}')",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_the_work_is_bounded_by_the_length(text):
    """The worst is a list, whose items each take 12 calls; the message for an unknown function compares 50 names."""
    parse("x")
    assert calls(parse, text) <= 15 * min(len(text), MAX_LENGTH) + 10_000


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_the_memory_is_bounded_by_the_length(text):
    """A node of Python's tree takes less than 1 kB, a step of the machine and the stack's items less than that."""
    parse("x")
    tracemalloc.start()
    try:
        hostile.check_expression(text, random.Random(0))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 2_000 * min(len(text), MAX_LENGTH)


# -------------------------------------------------------------------------------------------------------- command lines


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "x=1\n2"],
        ["x", "x=\x1b[2J"],
        ["x", "x=1", "x=\x1b]0;title\x07"],
        ["x", "x=\u202e1"],
        ["x", "x=\ud800"],
        ["x", "x=" + "1" * 100_000],
        ["x", "y" * 100_000 + "=1"],
        ["x", "x=1", "--draw=no\nfolder/x.svg"],
        ["x", "x=1", "--html=" + "a" * 100_000 + ".html"],
    ],
    ids=lambda arguments: ascii(arguments)[:40],
)
def test_what_is_quoted_of_an_argument_is_one_short_line_without_control_characters(arguments):
    assert hostile.check_command(arguments) == "refused"


def test_the_chain_rule_is_not_written_out_for_hundreds_of_names(capsys):
    names = [f"a{i}" for i in range(51)]
    given = [f"{name}=1" for name in names]
    assert main(["+".join(names), *given, "--explain"]) == 2
    assert capsys.readouterr().err == "error: --explain is for 50 names at most, and there are 51\n"
    assert main(["+".join(names[:50]), *given[:50], "--explain"]) == 0


def test_a_file_name_with_a_line_break_is_a_file_name(tmp_path):
    path = tmp_path / "a\nb.html"
    assert main(["x", "x=1", f"--html={path}"]) == 0
    assert Path(path).is_file()


@pytest.mark.parametrize("option", ["--draw=--", "--html=--", "--draw", "--html"])
def test_an_option_without_a_file_is_refused(option):
    assert hostile.check_command(["x", "x=1", option]) in ("usage", "refused")  # argparse changed its mind in 3.13
