"""A headless Chromium for tests, with the network off.

Needs `pip install playwright` and a Chromium on the PATH (Debian: `apt-get install chromium`); what uses it is run by
`python -m pytest -m browser`.
"""

from __future__ import annotations

import shutil

import pytest

SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert program, "there is no Chromium on the PATH: apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser, tmp_path):
    """The function `opened(html, at="#3", **how)`, which opens a page; then nothing may go wrong or be fetched."""
    contexts, wrong = [], []

    def open_page(content, at="", **how):
        file = tmp_path / "page.html"
        file.write_text(content, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "offline": True, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: request.url.partition("#")[0] == file.as_uri() or wrong.append(request.url))
        page.goto(file.as_uri() + at)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def axe():
    """The function `axe(page)`, which gives what axe-core complains about (https://github.com/dequelabs/axe-core)."""
    playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    return lambda page: [
        (x["id"], [n["html"] for n in x["nodes"]]) for x in playwright.Axe().run(page).response["violations"]
    ]
