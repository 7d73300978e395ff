"""Practice in headless Chromium, with the network off: what a learner types, hears, is told, and can save."""

from __future__ import annotations

import csv
import random

import pytest

from autograd import Value, practice
from autograd.expression import parse
from autograd.notation.text import figure
from autograd.show.page.document import asset
from autograd.show.practice.answers import read
from autograd.show.practice.page import fragment
from autograd.show.practice.texts import PAGE, TEXTS, sentence, words

pytestmark = pytest.mark.browser

JUDGE = asset("autograd.show.practice/arithmetic.js")
PARTS = ["x", "y", "2", "0.5", "3e-1", ".5", "pi", "e", "1", "-2", "q"]


def lecture() -> Value:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    c, d = a + b, b + 1
    c.label, d.label = "c", "d"
    e = (c * d).tanh() + b**3
    e.label = "e"
    return e


def written(chance: random.Random, depth: int = 3) -> str:
    """An answer as somebody may write it, now and then one that can't be read."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(PARTS)
    one, other = (written(chance, depth - 1) for _ in range(2))
    kind = chance.randrange(8)
    if kind < 4:
        return f"{one}{chance.choice([' + ', '-', '*', ' / ', ' · ', '^', '**', '%'])}{other}"
    if kind == 4:
        return f"{chance.choice('-+−')}{one}"
    if kind == 5:
        return f"{chance.choice(['sin', 'exp', 'tanh', 'sqrt', 'sigmoid', 'square', 'log'])}({one})"
    return f"({one})" if kind == 6 else f"({one})*({other})"


def test_the_page_reads_an_answer_as_python_does(opened):
    chance, numbers = random.Random(0), {"x": 1.5, "y": -2.0}
    answers = [written(chance) for _ in range(600)] + [
        "", "1 +", "2x", "(1", "1)", "sin", "sin(1, 2)", "0,5", "= 3", "1/0", "1..2", "½", "a.b", "atan2(1, 2)",
        "1e400", "2**-1", "-2**2", "2**3**2", "-7 % 3", "[1]", "'1'", "x y", "__import__('os')", "hypot(x, y)", "1,5",
        "ln(2)", "2*ln (x)",
    ]  # fmt: skip
    script = """([answers, numbers, words]) => answers.map((x) => {
      try { return readAnswer(x, numbers, words) }
      catch (error) { return error.constructor === Error ? null : String(error) }
    })"""
    page = opened("<!DOCTYPE html>")
    page.add_script_tag(content=JUDGE)
    found = page.evaluate(script, [answers, numbers, words("en")])
    read_by_both = 0
    for answer, in_page in zip(answers, found):
        try:
            expected = read(answer, numbers)
        except (ValueError, ArithmeticError):
            expected = None
        if expected is None:
            assert in_page is None, answer
        else:
            assert in_page == pytest.approx(expected, rel=1e-12, abs=1e-12), answer
            read_by_both += 1
    assert read_by_both > 300


@pytest.mark.parametrize("language", TEXTS)
def test_each_known_wrong_number_gets_its_sentence(opened, language):
    asked = practice(lecture(), language=language)
    page = opened(asked.html())
    box, verdict = page.locator("input.answer"), page.get_by_role("status")
    for blank in asked:
        for mistake in blank.key.mistakes[:2]:
            box.fill(repr(mistake.value))
            box.press("Enter")
            assert verdict.inner_text() == sentence(mistake, language), blank.formula
        page.get_by_role("button", name=PAGE[language]["next_blank"]).click()


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("answer", ["a/2", "a/a"])
def test_a_formula_that_is_right_by_chance_is_told_as_in_python(opened, answer, language):
    asked = practice(lecture(), language=language)
    page = opened(asked.html())
    page.locator("input.answer").fill(answer)
    page.locator("input.answer").press("Enter")
    assert page.get_by_role("status").inner_text() == asked.check(0, answer).said


def test_all_is_done_with_the_keyboard_alone_and_the_table_can_be_saved(opened, tmp_path):
    asked = practice(lecture())
    page = opened(asked.html(), accept_downloads=True)
    page.locator("input.answer").focus()
    for i, blank in enumerate(asked):
        box = page.locator("input.answer")
        assert box.evaluate("x => x.getRootNode().activeElement === x")
        assert blank.asked in page.locator(".asked").inner_text()
        assert page.get_by_role("textbox", name=f"{blank.formula} = : {blank.asked}").is_visible()
        if i == 0:
            page.keyboard.type("7")
            page.keyboard.press("Enter")
            assert "there the backward pass begins" in page.get_by_role("status").inner_text()
            box.fill("")
        if i == 2:
            page.keyboard.type("12345")
            page.keyboard.press("Enter")
            assert "Not right" in page.get_by_role("status").inner_text()
            page.keyboard.press("Tab")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            assert page.locator(".hints li").all_inner_texts() == [blank.hints[0]]
            box.focus()
            box.select_text()
        page.keyboard.type(repr(blank.key.right))
        page.keyboard.press("Enter")
        assert page.get_by_role("status").inner_text() == f"Right: {figure(blank.key.right)}."
        last = i == len(asked) - 1  # nothing is next, and each node has its whole gradient
        assert page.get_by_role("button", name=PAGE["en"]["results"]).count() == last
        assert ("…" in page.locator(".picture").text_content()) <= (not last)
        page.keyboard.press("Enter")
    n = len(asked)
    assert page.locator(".asked").inner_text() == f"Done: {n} of {n} right, {n - 2} of them at once."
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "saved.csv")
    title, head, *rows = csv.reader((tmp_path / "saved.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (title, head) == ([asked.title], ["blank", "answers", "hints", "result"])
    assert [row[0].removesuffix(", so far") for row in rows] == [blank.formula for blank in asked]
    assert {row[3] for row in rows} == {"right"}
    assert rows[2][1:3] == [f"12345; {asked[2].key.right!r}", "1"]


def test_after_three_hints_the_answer_is_shown(opened):
    asked = practice(lecture())
    page = opened(asked.html())
    show = page.get_by_role("button", name="show it")
    assert show.is_disabled()
    for n in (1, 2, 3):
        page.get_by_role("button", name=f"hint {n}").click()
    assert page.locator(".hints li").all_inner_texts() == list(asked[0].hints)
    show.click()
    assert page.get_by_role("status").inner_text() == "The answer is 1."
    assert page.locator("tbody tr").first.locator("td").all_text_contents() == ["∂e/∂e", "", "3", "shown"]


def test_the_picture_fills_with_what_is_known(opened):
    asked = practice(lecture())
    page = opened(asked.html())

    def gradients():
        return page.eval_on_selector_all(".node .blank", "all => all.map(x => x.textContent).filter(x => x)")

    assert gradients() == []
    known = []
    for blank in asked:
        page.locator("input.answer").fill(repr(blank.key.right))
        page.locator("input.answer").press("Enter")
        known.append(len(gradients()))
        page.get_by_role("button", name="next blank").click()
    assert known == sorted(known)
    f = lecture()
    f.backward()
    ends = {figure(node.grad) for node in (*f.parents[0].parents, f)}
    assert ends <= set(gradients())


def test_where_scripts_do_not_run_the_questions_are_there(opened):
    asked = practice(lecture())
    page = opened(asked.html(), java_script_enabled=False)
    assert page.locator("li").all_inner_texts() == [f"{x.formula} = ? ({x.asked})" for x in asked]


def test_several_stand_on_one_page_and_labels_stay_text(opened):
    x = Value(2.0, label="<img src=x onerror=alert(1)>")
    y = x * x
    y.label = "</script><b>"
    page = opened("<!DOCTYPE html><meta charset='utf-8'>" + fragment(practice(y)) + fragment(practice(lecture())))
    boxes = page.locator("input.answer")
    assert boxes.count() == 2
    boxes.nth(1).fill("1")
    boxes.nth(1).press("Enter")
    assert page.locator(".count").all_inner_texts() == ["0 of 6 right", f"1 of {len(practice(lecture()))} right"]
    for _ in range(5):
        page.get_by_role("button", name="next blank").first.click()
    assert page.locator("b, img").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_cut_off(opened, width):
    page = opened(practice(lecture()).html(), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in ("input.answer", ".asked", "form button[type=submit]"):
        box = page.locator(part).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 800


def test_an_exercise_is_seen_whole_on_a_narrow_phone(opened):
    f = parse("x*y + sin(x)")(x=Value(2.0, label="x"), y=Value(1.0, label="y"))
    page = opened(practice(f).html(), viewport={"width": 340, "height": 700})
    assert page.locator(".picture").evaluate("frame => frame.scrollWidth <= frame.clientWidth")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_violation(opened, axe, scheme, width):
    form = practice(lecture(), language="de" if scheme == "dark" else "en").html()
    page = opened(form, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.locator("input.answer").fill("7")
    page.locator("input.answer").press("Enter")
    page.locator("form button").nth(1).click()
    page.locator("summary").click()
    assert axe(page) == []
