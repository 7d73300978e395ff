"""Practise in headless Chromium: a teacher's link, a student who answers and hands in, and the teacher who reads it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograd import Value
from autograd.classroom.codes import Wanted, read
from autograd.classroom.texts import TEXTS
from autograd.show import practice

pytestmark = pytest.mark.browser
SHEET = Wanted("x*y", 2, 7, each=True)
LINK = "sheet=x*y&count=2&seed=7&each=1&lang=en"


@pytest.fixture
def begun(room):
    """The page at a sheet that Ann has begun; its first form."""
    room.follow(LINK)
    room.page.evaluate("localStorage.clear()")
    room.page.fill("#student", "Ann")
    room.page.click("#beginning button")
    room.settled()
    yield room.page.locator("#exercise-forms section").first
    room.follow("e=x*y&lang=en")


def test_the_expression_of_the_moment_is_practised_and_its_link_says_so(room):
    room.asked("x*x", x="3")
    room.page.click("#to-practise")
    room.page.click("#kinds [value=one]")
    room.settled()
    assert "y = x*x at x = 3" in room.page.inner_text("#one-said")
    assert room.page.locator("#one-form .answer").count()
    assert room.link().startswith("#practise&e=x*x&view=rule&n.x=3")
    x = Value(3.0)
    blanks, answer = len(practice(x * x)), room.page.locator("#one-form .answer")
    answer.fill("1")
    answer.press("Enter")
    room.page.click("#to-explore")
    room.page.click("#to-practise")
    room.page.select_option("#language", "de")
    room.settled()
    assert room.page.locator("#one-form").get_by_text(f"1 von {blanks} richtig").count()
    link = "practise&products=1&e=a*b%2Bc&view=graph&n.a=2&n.b=-3&n.c=10&lang=en"
    room.follow(link)
    assert room.link() == f"#{link}"
    assert room.page.locator("#one-form").get_by_text("0 of 5 right").count()
    room.follow("practise&e=x%2B&lang=en")
    assert "is not understood" in room.page.inner_text("#unsheeted")
    assert room.page.locator("#one-form *").count() == 0


def test_a_student_answers_leaves_comes_back_and_hands_in_and_the_teacher_reads_it(room, begun):
    page, form = room.page, practice(SHEET.sheet("Ann", "en").exercises[0].output)
    begun.locator(".answer").fill("99")
    begun.locator(".answer").press("Enter")
    begun.locator(".answer").fill("1")
    begun.locator(".answer").press("Enter")
    assert page.inner_text("#exercises [aria-pressed=true]") == f"1 · 1/{len(form)}"

    page.select_option("#language", "de")  # all is shown anew, and nothing is lost
    room.settled()
    assert begun.get_by_text(f"1 von {len(form)} richtig").count()
    page.select_option("#language", "en")
    room.follow("e=x*y&lang=en")
    page.evaluate("practising.sheet = null")
    room.follow(LINK)
    page.fill("#student", "ann")
    page.click("#beginning button")
    room.settled()
    assert begun.get_by_text(f"1 of {len(form)} right").count()

    page.click("#hand-in")
    room.settled()
    code = page.input_value("#code")
    assert read(code, "en").tried[0][0].answers == ("99", "1")
    assert "no proof against cheating" in page.inner_text("#handed")
    with page.expect_download() as saved:
        page.click("#save-code")
    assert saved.value.suggested_filename == "sheet-ann.txt"

    page.click("#kinds [value=teacher]")
    page.fill("#pasted-codes", f"hello\nfrom Ann: {code}\nand chainrule1.broken")
    page.set_input_files("#code-files", saved.value.path())
    page.click("#checking button")
    room.settled()
    rows = page.locator("#students tr").all_inner_texts()
    assert [row.split("\t")[:4] for row in (rows[0], rows[2])] == [["ann", f"1/{2 * len(form)}", "0", "0"]] * 2
    assert "not whole, or was altered" in rows[1]
    assert page.inner_text("#others") == "Lines without a code: 'hello'"
    with page.expect_download() as table:
        page.click("#save-table")
    head, *saved_rows = csv.reader(Path(table.value.path()).read_text(encoding="utf-8-sig").splitlines())
    assert head[-1] == "problem"
    assert [(row[0], bool(row[-1])) for row in saved_rows] == [("ann", False), ("", True), ("ann", False)]
    assert page.locator("#answers tbody tr").nth(0).locator("td").all_text_contents()[2:4] == ["99; 1", "right"]


def test_who_has_answered_the_last_blank_is_led_to_handing_in(room, begun):
    forms = [practice(x.output) for x in SHEET.sheet("Ann", "en").exercises]
    for i, form in enumerate(forms):
        room.page.locator("#exercises button").nth(i).click()
        room.settled()
        place = room.page.locator("#exercise-forms section").nth(i)
        for blank in form:
            assert room.page.evaluate("document.activeElement.id") != "hand-in"
            place.locator(".answer").fill(repr(blank.key.right))
            place.locator(".answer").press("Enter")
            if (i, blank) != (len(forms) - 1, form[-1]):
                place.locator("[type=submit]").click()
    assert room.page.evaluate("document.activeElement.id") == "hand-in"


def test_a_teacher_makes_a_link_that_is_the_sheet(room):
    page = room.page
    room.follow("practise=teacher&lang=en")
    page.fill("#making [name=e]", "sin(x) + x")
    page.fill("#making [name=count]", "3")
    page.check("#making [name=products]")
    page.click("#making button")
    room.settled()
    link = page.input_value("#made-link")  # without the file, which is the teacher's
    assert link == "#sheet=sin%28x%29%20%2B%20x&count=3&seed=0&each=1&products=1&lang=en"
    assert "paste it there" in page.inner_text("#stick")
    page.fill("#making [name=e]", "1 + 1")
    page.click("#making button")
    room.settled()
    assert "has no names" in page.inner_text("#unsheeted")
    assert not page.is_visible("#made")


def test_a_link_is_pasted_where_the_page_is_a_file(room):
    page = room.page
    room.follow("practise=sheet&lang=en")
    page.fill("#pasted", "https://example.org/")
    page.click("#pasting button")
    assert "no link to a sheet" in page.inner_text("#unsheeted")
    page.fill("#pasted", f"https://school.example/room/#{LINK}")
    page.click("#pasting button")
    room.settled()
    assert page.is_visible("#student")
    assert page.inner_text("#sheet-title") == "x*y"


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("sheet=<img src=x onerror=alert(1)>", "is not understood"),
        ("sheet=__import__('os').system('true')", "is not understood"),
        ("sheet=x*y&count=<script>alert(1)</script>", "Exercises must be a whole number from 1 to 20"),
        ("sheet=x*y&count=99999999999999999999999", "Exercises must be a whole number"),
        ("sheet=x*y&seed=__proto__", "Seed must be a whole number"),
        ("sheet=" + "x+" * 400 + "x", "500 characters at most"),
        ("sheet=", "the expression is empty"),
    ],
)
def test_hostile_sheets_are_refused_in_a_sentence_and_run_no_code(room, link, sentence):
    room.follow(f"{link}&lang=en")
    room.page.fill("#student", "<b onclick=alert(1)>Ann</b>")
    room.page.click("#beginning button")
    room.settled()
    assert sentence in room.page.inner_text("#unsheeted")
    assert room.page.locator("#unsheeted *, #sheet-title *").count() == 0
    assert not room.page.is_visible("#begun")
    room.follow("e=x&lang=en")


@pytest.mark.parametrize("link", ["practise=teacher", "practise&e=x*y", LINK])
def test_axe_finds_no_violation_and_a_phone_shows_all(room, everywhere, begun, link):
    room.follow(link)
    if "sheet" in link:
        room.page.click("#hand-in")
        room.settled()
    everywhere()


def test_the_tabs_are_used_by_keys_and_a_link_carries_the_language(room):
    page = room.page
    room.asked("x*x", "rule", x="3")
    page.focus("#to-explore")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "to-practise"
    assert page.is_visible("#practise")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.is_visible("#explore")
    page.select_option("#language", "de")
    room.settled()
    assert page.evaluate("document.documentElement.lang") == "de"
    assert room.link().endswith("&lang=de")
    room.follow("e=x*x&n.x=3&view=rule&lang=en")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_in_german_nothing_is_said_in_english(room):
    english = [
        said for key, said in TEXTS["en"].items() if said != TEXTS["de"][key] and len(said) > 7 and "{" not in said
    ]
    for link in (
        "e=x*x&view=graph",
        "e=x*x&view=modes",
        "practise&e=x*x",
        "practise=teacher",
        "practise=sheet",
        "train",
    ):
        room.follow(f"{link}&lang=de")
        said = room.page.inner_text("body")
        assert [sentence for sentence in english if sentence in said] == []
    room.follow("e=x&lang=en")
