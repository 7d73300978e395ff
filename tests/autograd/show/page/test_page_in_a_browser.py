"""Pages of the player in headless Chromium: they fit every window, keys move them, and axe finds no fault."""

from __future__ import annotations

import pytest

import nn
from autograd import Value
from autograd.show import steps
from autograd.show.page import document
from autograd.show.steps import player
from autograd.show.steps.slides import slides
from tests.support.pictures import lecture

pytestmark = pytest.mark.browser

PHONE, LAPTOP, SCREEN, ZOOMED = (390, 780), (1280, 720), (1920, 1080), (640, 360)  # the last: a laptop at 200 %
NEURON = nn.Neuron(2, activation="tanh", seed=0)


def _neuron() -> Value:
    return NEURON([Value(0.5, label="x1"), Value(-1.0, label="x2")])


def _mlp() -> Value:
    return (nn.MLP(2, [4, 4, 1], seed=0)([0.5, -1.0]) - 1) ** 2


def _at(size):
    return {"viewport": {"width": size[0], "height": size[1]}}


def _boxes(page, selector):
    return page.eval_on_selector_all(
        selector, "all => all.map(x => x.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
    )


@pytest.mark.parametrize("size", [PHONE, LAPTOP, SCREEN, ZOOMED], ids=["phone", "laptop", "screen", "zoomed"])
@pytest.mark.parametrize("y", [lecture()[2], _neuron(), _mlp()], ids=["lecture", "neuron", "mlp"])
def test_all_of_the_player_is_in_the_window_and_what_is_larger_scrolls_in_its_box(opened, y, size):
    page = opened(steps(y).html(), at="#2", **_at(size))
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(size)
    for selector in ("button:visible", ".head", ".picture", ".formulas"):
        for left, top, right, bottom in _boxes(page, selector):
            assert 0 <= left < right <= size[0], selector
            assert 0 <= top < bottom <= size[1], selector
    if size != ZOOMED:
        assert not page.evaluate(CLIPPED.replace("SELECTOR", ".stage"))
    ((left, *_),) = _boxes(page, ".formulas")
    page.eval_on_selector(".formulas", "x => { x.scrollLeft = 0; }")
    assert min(box[0] for box in _boxes(page, ".formulas math")) >= left - 1  # the left part can be reached


CLIPPED = """(() => { const x = document.querySelector('.chainrule-player').shadowRoot.querySelector('SELECTOR');
return x.scrollHeight > x.clientHeight + 1 || x.scrollWidth > x.clientWidth + 1; })()"""


def test_a_small_graph_uses_the_screen_and_a_large_one_can_be_seen_whole(opened):
    page = opened(steps(lecture()[2]).html(), **_at(SCREEN))
    ((left, _, right, _),) = _boxes(page, ".picture svg")
    assert right - left > 0.7 * SCREEN[0]
    page = opened(steps(_mlp()).html(), **_at(SCREEN))
    page.get_by_role("button", name="all of the picture").click()
    assert not page.evaluate(CLIPPED.replace("SELECTOR", ".picture"))
    for name, grows in (("larger picture", True), ("smaller picture", False)):
        before = _boxes(page, ".picture svg")[0][2] - _boxes(page, ".picture svg")[0][0]
        page.get_by_role("button", name=name).click()
        after = _boxes(page, ".picture svg")[0][2] - _boxes(page, ".picture svg")[0][0]
        assert (after > before) == grows


def test_text_grows_and_the_window_is_filled(opened):
    page = opened("<!DOCTYPE html>" + player.fragment(steps(lecture()[2])), **_at(LAPTOP))
    size = "x => parseFloat(getComputedStyle(x).fontSize)"
    before = page.eval_on_selector(".head", size)
    page.get_by_role("button", name="larger text").click()
    assert page.eval_on_selector(".head", size) == 1.25 * before
    page.get_by_role("button", name="full screen").click()
    page.locator(".stage.whole").wait_for()
    ((left, top, right, bottom),) = _boxes(page, ".stage")
    assert [left, top, right, bottom] == [0, 0, *LAPTOP]


def test_keys_move_it_from_the_start_and_the_address_is_a_link_to_the_step(opened):
    page = opened(steps(lecture()[2]).html())
    at, counts = [0], ["start", "step 1 / 3", "step 2 / 3", "step 3 / 3", "done"]
    for key in ("ArrowRight", " ", "PageDown", "PageUp", "Shift+ ", "End", "Home", "ArrowRight"):
        page.keyboard.press(key)
        at.append(int(page.evaluate("location.hash.slice(1)")))
        assert page.locator(".count").inner_text() == counts[at[-1]]
    assert at == [0, 1, 2, 3, 2, 1, 4, 0, 1]
    page.evaluate("location.hash = '#3'")
    page.locator(".count", has_text="step 3 / 3").wait_for()
    for hash, expected in (("#2", "step 2 / 3"), ("#99", "done"), ("#x", "start")):
        assert opened(steps(lecture()[2]).html(), at=hash).locator(".count").inner_text() == expected


def test_in_a_page_of_others_keys_are_the_page_s_until_it_has_the_focus(opened):
    page = opened("<!DOCTYPE html><input>" + player.fragment(steps(lecture()[2])))
    page.locator("input").first.press("ArrowRight")
    page.keyboard.press("PageDown")
    assert page.locator(".count").inner_text() == "start"
    page.get_by_role("button", name="next step").click()
    page.keyboard.press("PageDown")
    assert page.locator(".count").inner_text() == "step 2 / 3"
    assert page.evaluate("location.hash") == ""


def test_in_a_frame_it_plays(opened):
    page = opened("<!DOCTYPE html><body style='background: #000'>" + steps(lecture()[2])._mime_()[1])
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="next step").click()
    assert frame.locator(".count").inner_text() == "step 1 / 3"
    assert frame.locator(".stage.dark").count() == 1  # as the page around it


def test_passes_are_played_side_by_side(opened):
    one, other = steps(lecture()[2]), steps(lecture()[2], forward=True)
    page = opened(player.page(one, other), **_at(SCREEN))
    page.keyboard.press("End")
    assert page.locator(".lane .title").all_inner_texts() == [one.title, other.title]
    (left, right) = _boxes(page, ".lane")
    assert left[2] <= right[0]
    before = [right - left for left, _, right, _ in _boxes(page, ".picture svg")]
    page.get_by_role("button", name="larger picture").click()
    assert all(right - left > width for width, (left, _, right, _) in zip(before, _boxes(page, ".picture svg")))
    assert page.locator(".count").inner_text() == "done"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, SCREEN], ids=["phone", "screen"])
def test_axe_finds_no_violation(opened, axe, size, scheme):
    passed = steps(_neuron()) if size is SCREEN else steps(_neuron(), forward=True, language="de")
    page = opened(passed.html(), at="#1", color_scheme=scheme, reduced_motion="reduce", **_at(size))
    page.locator("summary").click()
    for more in page.locator(".more:visible").all():
        more.click()
    assert axe(page) == []
    assert axe(opened(slides(passed), color_scheme=scheme, **_at(size))) == []


def test_slides_are_turned_by_keys_and_each_fills_the_window(opened):
    page = opened(slides(steps(lecture()[2])), **_at(LAPTOP))
    assert {(right - left, bottom - top) for left, top, right, bottom in _boxes(page, "section")} == {LAPTOP}
    for key, shown in (("ArrowRight", 1), ("PageDown", 2), (" ", 3), ("ArrowRight", 4), ("PageDown", 4), ("PageUp", 3)):
        page.keyboard.press(key)
        page.wait_for_function(f"Math.round(scrollY / innerHeight) === {shown}")


def test_where_no_script_runs_the_table_is_seen(opened):
    page = opened(steps(_neuron()).html(), java_script_enabled=False, **_at(PHONE))
    assert page.locator("table").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_what_a_page_is_made_of_is_found_by_its_place():
    assert document.asset(document.STYLE).startswith("/*")


def test_when_the_table_is_opened_the_picture_makes_room(opened):
    page = opened(steps(lecture()[2]).html(), **_at(LAPTOP))
    page.locator("summary").click()
    page.wait_for_timeout(100)
    assert not page.evaluate(CLIPPED.replace("SELECTOR", ".picture"))


def test_on_a_slide_of_reveal_the_keys_are_its_own_while_it_is_shown_and_lead_on_from_its_end(opened):
    content = f'<div class="reveal"><section>{player.fragment(steps(lecture()[2]))}</section></div>'
    listener = "<script>window.passed = []; document.addEventListener('keydown', (e) => passed.push(e.key))</script>"
    page = opened(f"<!DOCTYPE html>{content}{listener}")
    page.keyboard.press("PageDown")  # another slide is shown
    page.evaluate("document.querySelector('section').classList.add('present')")
    for _ in range(5):
        page.keyboard.press("PageDown")
    assert page.locator(".count").inner_text() == "done"
    assert page.evaluate("passed") == ["PageDown"] * 2  # the first and the last
    page.evaluate("document.querySelector('section').classList.remove('present')")
    page.keyboard.press("PageUp")
    assert page.locator(".count").inner_text() == "done"
    assert page.evaluate("passed")[2:] == ["PageUp"]
