"""A page as PDF, printed by a browser without a window.

A browser sets the same page as on the screen, mathematics and pictures too; libraries that write PDF themselves know
neither MathML nor all of SVG.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ..basics.extras import needed

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")


def pdfs(pages: Sequence[str]) -> list[bytes]:
    """Print some pages.

    Args:
        pages: in HTML.

    Raises:
        ImportError: if playwright isn't installed; the message names the extra.
        RuntimeError: if there is no browser that it can drive; the message says how to get one.
    """
    needed("playwright", "a sheet as PDF")
    with ThreadPoolExecutor(1) as own:  # playwright waits for no loop of events but its own, and a notebook has one
        return own.submit(_printed, pages).result()


def _printed(pages: Sequence[str]) -> list[bytes]:
    from playwright.sync_api import Error, sync_playwright

    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)  # None: the one that playwright fetched for itself
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found)
        except Error:
            raise RuntimeError(
                "there is no Chromium that could print the sheet: playwright install chromium gets one (or choose"
                " --to html, and print the page in your browser)"
            ) from None
        try:
            page = browser.new_page(color_scheme="light", java_script_enabled=False)
            made = []
            for content in pages:
                page.set_content(content)
                made.append(page.pdf(format="A4", prefer_css_page_size=True, print_background=True))
            return made
        finally:
            browser.close()
