"""The classroom's page, opened once for all tests by double-click with the network off.

AUTOGRAD_NODE_MODULES names a folder that has the packages; otherwise npm fetches them.
"""

from __future__ import annotations

import os
from urllib.parse import quote, urlencode

import pytest

from autograd.classroom.building import build, own_notebooks


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("classroom"), os.environ.get("AUTOGRAD_NODE_MODULES"), own_notebooks())


class Room:
    """A page that is ready, and what went wrong in it."""

    def __init__(self, browser, url, **how):
        self.wrong: list[str] = []
        self.requested: list[str] = []
        self.page = browser.new_context(**how).new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.goto(url)
        self.page.wait_for_selector("body[data-ready]", state="attached", timeout=120_000)

    def settled(self):
        """Wait until Python has answered all that was asked."""
        self.page.evaluate("""async () => {
          const busy = () => waiting || changed || training || wanted || playing || unanswered.length;
          let calm = 0;
          while (calm < 3) {
            await new Promise((done) => setTimeout(done, 5));
            calm = busy() ? 0 : calm + 1;
          }
        }""")

    def follow(self, link):
        """Follow a link within the page."""
        self.page.evaluate("(link) => { history.replaceState(null, '', '#' + link); follow(); }", link)
        self.settled()

    def said(self):
        """Explore's error, or the value and the table's numbers, with all digits, once Python has answered."""
        self.settled()
        error = self.page.inner_text("#error")
        whole = "cells => cells.map((cell) => cell.title)"
        return error or (self.page.get_attribute("#value", "title"), self.page.eval_on_selector_all("#table td", whole))

    def asked(self, e, view="rule", language="en", **numbers):
        pairs = {"e": e, "view": view, "lang": language, **{f"n.{name}": x for name, x in numbers.items()}}
        self.follow(urlencode(pairs, quote_via=quote))
        return self.said()

    def link(self):
        """The page's link, once it says what is shown."""
        return self.page.evaluate("""async () => {
          while (location.hash !== linkTo(rooms.get(current).link())) await new Promise((done) => setTimeout(done, 5));
          return location.hash;
        }""")


@pytest.fixture(scope="session")
def room(browser, built):
    room = Room(browser, built[1].as_uri(), offline=True, locale="en-US")
    yield room
    assert room.wrong == []
    assert [url for url in room.requested if not url.startswith(("blob:", "file:"))] == []
    room.page.context.close()


@pytest.fixture
def everywhere(room, axe):
    """Asserts that axe finds nothing, and that all screens have room: as it is, and dark, large and in German."""

    def check():
        page = room.page
        try:
            for scheme, language, large in (("light", "en", False), ("dark", "de", True)):
                page.emulate_media(color_scheme=scheme)
                page.select_option("#language", language)
                page.evaluate("(on) => document.documentElement.classList.toggle('large', on)", large)
                room.settled()
                for width, height in ((3840, 2160), (320, 640)):
                    page.set_viewport_size({"width": width, "height": height})
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, language, large)
                assert axe(page) == [], (scheme, language, large)
        finally:
            page.evaluate("document.documentElement.classList.remove('large')")
            page.emulate_media(color_scheme="light")
            page.select_option("#language", "en")
            page.set_viewport_size({"width": 1280, "height": 800})

    return check
