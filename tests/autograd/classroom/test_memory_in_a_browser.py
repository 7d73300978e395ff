"""What the page needs doesn't grow while it trains. It takes minutes, so it is left out where slow tests are."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STEPS = 5_000


def resident(browser):
    """The memory of all the browser's renderers, in bytes."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [Path(f"/proc/{x['id']}/statm").read_text().split()[1] for x in found if x["type"] == "renderer"]
    return 4096 * sum(map(int, pages))


def test_memory_is_flat_over_5000_steps_of_training(browser, room):
    if not Path("/proc/self/statm").exists():
        pytest.skip("memory is read from /proc")
    page = room.page
    page.click("#to-train")
    page.select_option("[name=data]", "xor")
    room.settled()
    page.click("#play")
    used = []
    for step in range(1_000, STEPS + 1, 1_000):
        page.wait_for_function("(n) => losses.length >= n", arg=step, timeout=600_000)
        used.append(resident(browser))
    page.click("#play")
    room.settled()
    page.click("#to-explore")
    assert used[-1] < 1.05 * used[1], used  # in its first thousand steps the browser still compiles
