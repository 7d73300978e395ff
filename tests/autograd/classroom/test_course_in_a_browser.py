"""The course in the page: every notebook is read with the network off, and an expression of it is opened."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
NOTEBOOKS = 9


@pytest.fixture
def read(room):
    """Opens a notebook, by its number."""

    def read(number):
        room.follow(f"course={number}" if number else "course")
        room.page.wait_for_selector("#lesson section" if number else "#lesson .contents")

    yield read
    room.page.click("#to-explore")


def test_all_notebooks_are_listed_and_none_shows_an_error_or_reaches_over_a_phones_edge(room, read):
    read(0)
    assert room.page.locator("#lesson .contents a").count() == NOTEBOOKS
    room.page.set_viewport_size({"width": 320, "height": 640})
    try:
        for number in range(1, NOTEBOOKS + 1):
            read(number)
            room.page.evaluate("document.querySelectorAll('#lesson details').forEach((x) => { x.open = true; })")
            assert room.page.locator("#lesson h2").inner_text().startswith(str(number))
            assert room.page.evaluate("document.documentElement.scrollWidth") <= 320
            assert room.page.locator("#lesson merror").count() == 0
            assert "$" not in room.page.evaluate(
                "[...document.querySelectorAll('#lesson p')].map((x) => x.textContent).join()"
            )
    finally:
        room.page.set_viewport_size({"width": 1280, "height": 800})


def test_a_player_plays(room, read):
    read(1)
    room.page.locator("#lesson details:has(.chainrule-player) > summary", has_text="Run the cell").click()
    player = room.page.locator(".chainrule-player")
    player.get_by_role("img").first.wait_for()
    assert player.locator(".picture svg").first.bounding_box()["width"] > 200  # it was folded when it was made
    player.get_by_role("button", name="Next").click()
    assert player.get_by_text("step 1 / 3").count() == 1


def test_an_expression_is_opened_in_explore_and_the_way_back_leads_to_where_it_was(room, read):
    read(2)
    link = room.page.locator(".open a").nth(2)
    link.scroll_into_view_if_needed()
    there = room.page.evaluate("scrollY")
    link.click()
    assert room.said() == ("y = 42", ["2.0", "39.0", "3.0", "26.0"])
    room.page.click("#to-course")
    room.page.wait_for_function("(y) => Math.abs(scrollY - y) < 5", arg=there)


def test_axe_finds_no_violation(room, read, everywhere):
    for number in (0, 2):
        read(number)
        everywhere()


def test_without_notebooks_it_says_so(room, read):
    room.page.evaluate("window.kept = lessons; lessons = { then: (done, failed) => failed() }; taught = null")
    try:
        room.follow("course")
        assert room.page.inner_text("#lesson") == "This page was built without the notebooks of the course."
    finally:
        room.page.evaluate("lessons = window.kept; taught = null")
