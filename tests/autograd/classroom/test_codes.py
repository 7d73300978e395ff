"""A code to hand in: it comes back whole whatever a mail does to it, and a hostile one is refused in a sentence."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.classroom.codes import BEGINS, HandedIn, Tried, Wanted, codes, read, student, tried, wanted, written
from autograd.classroom.texts import Refused
from autograd.exercises.sheet import sheets

TRIED = st.builds(
    Tried, st.lists(st.text(max_size=100), max_size=20).map(tuple), st.integers(0, 3), st.booleans()
)  # fmt: skip
EXERCISES = st.lists(st.lists(TRIED, max_size=4).map(tuple), max_size=5).map(tuple)
NAMES = st.text(max_size=80).map(lambda name: " ".join(name.split()))


@given(EXERCISES, NAMES, st.integers(0, 10**9), st.booleans())
def test_a_code_comes_back_whole_though_a_mail_broke_and_quoted_it(done, name, seed, each):
    made = HandedIn(Wanted("x*y", 3, seed, each, not each), name, done)
    code = written(made)
    broken = "\n> ".join(code[i : i + 40] for i in range(0, len(code), 40))
    assert codes(f"Dear teacher, {broken} Yours, A.") == [code]
    assert read(code, "en") == made


def packed(content):
    return BEGINS + base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=") + "."


def test_the_page_gives_a_name_the_numbers_of_the_command():
    def numbers(sheet):
        return [x.given for x in sheet.exercises]

    _, sheet = sheets("x*y", 5, 7, ["Ben", "Ann Lee"])
    for name in ("Ann Lee", " ann  LEE"):
        assert numbers(Wanted("x*y", 5, 7, each=True).sheet(name, "en")) == numbers(sheet)
    (everybody,) = sheets("x*y", 5, 7)
    shared = Wanted("x*y", 5, 7).sheet("Ann Lee", "en")
    assert (shared.student, numbers(shared)) == ("Ann Lee", numbers(everybody))


GOOD = [["x*y", 1, 0, False, False], "Ann", [[[["1"], 0, False]]]]


@pytest.mark.parametrize(
    "code",
    [
        "", BEGINS, f"{BEGINS}.", f"{BEGINS}!!!.", packed(b"")[:-4] + ".", packed(json.dumps(GOOD).encode())[:-1],
        packed(json.dumps(GOOD).encode())[:-9] + ".", packed(b"0" * 50_000_000), packed(b"[" * 100_000),
        packed(b'["\\"", ' + b"[" * 500 + b"]" * 501),
        packed(b"null"),
        packed(b'["x", 1]'), packed(json.dumps([["x" * 501, *GOOD[0][1:]], *GOOD[1:]]).encode()),
        packed(json.dumps([["x*y", 10**6, 0, 0, 0], *GOOD[1:]]).encode()),
        packed(json.dumps([["x*y", 1, "0; import os", 0, 0], *GOOD[1:]]).encode()),
        packed(json.dumps([GOOD[0], "A" * 81, GOOD[2]]).encode()),
        packed(json.dumps([*GOOD[:2], [[[["1"], "many", False]]]]).encode()),
        packed(json.dumps([*GOOD[:2], {"a": 1}]).encode()), packed(b"\xff\xfe"),
    ],
)  # fmt: skip
def test_what_is_no_whole_code_is_refused_in_a_sentence(code):
    with pytest.raises(Refused, match=r"^This code is not whole, or was altered: .{0,30}…$"):
        read(code, "en")


def test_brackets_in_answers_make_no_code_too_deep():
    answers = [["(" * 100] * 20, 0, False]
    assert (
        read(packed(json.dumps([*GOOD[:2], [[answers] * 3]]).encode()), "en").tried[0][2].answers == ("(" * 100,) * 20
    )


def test_the_page_keeps_the_last_answers_of_many():
    done = tried([[{"answers": [str(i) * 200 for i in range(30)], "hints": 7, "result": "shown"}], None])
    assert done == ((Tried(tuple((str(i) * 200)[:100] for i in range(10, 30)), 3, True),), ())


def test_the_same_seed_and_name_give_the_same_numbers_and_others_do_not():
    sheet = Wanted("x*y + sin(x)", 3, 7, each=True)

    def numbers(sheet, name):
        return [x.given for x in sheet.sheet(name, "en").exercises]

    assert numbers(sheet, "Änne  Müller") == numbers(sheet, "änne müller")
    assert (
        numbers(sheet, "Anne Müller") != numbers(sheet, "Änne Müller") != numbers(sheet._replace(seed=8), "Änne Müller")
    )


def test_without_other_numbers_for_each_a_sheet_is_that_of_the_command():
    from autograd.exercises.sheet import sheets

    shown = Wanted("x*y", 3, 7).sheet("Ann", "de").exercises
    assert [x.given for x in shown] == [x.given for x in sheets("x*y", 3, 7)[0].exercises]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"e": "x", "count": "0"}, "Exercises must be a whole number from 1 to 20, got '0'"),
        ({"e": "x", "count": "1e9"}, "Exercises must be a whole number"),
        ({"e": "x", "seed": "-1"}, "Seed must be a whole number from 0 to 1,000,000,000"),
        ({"e": "x" * 501}, "500 characters at most"),
        ({"e": None}, "500 characters at most"),
    ],
)  # fmt: skip
def test_a_sheet_that_can_not_be_is_refused_in_a_sentence(given, sentence):
    with pytest.raises(Refused, match=sentence):
        wanted(given, "en")


def test_a_name_is_short_and_spaced_once():
    assert student("  Ann \n Lee ", "en") == "Ann Lee"
    with pytest.raises(Refused, match="80 characters at most"):
        student("A" * 81, "en")
