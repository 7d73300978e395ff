"""The player in headless Chromium, with the network off: what a class sees at each step, and how it is moved.

Needs `pip install playwright` and a Chromium on the PATH (Debian: `apt-get install chromium`); it is run by
`python -m pytest -m browser`.
"""

from __future__ import annotations

import re

import pytest

import nn
from autograd import Value
from autograd.notation.text import figure
from autograd.show import steps
from autograd.show.page import document
from autograd.show.steps import player
from autograd.show.steps.table import product, rows

pytestmark = pytest.mark.browser


def _lecture() -> Value:
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    e = (a + b) * (b + 1)
    e.label = "e"
    return e


def _network() -> Value:
    """A neuron that is off, one that is on, and a parameter that is used twice."""
    x, w = Value(-1.5, label="x"), nn.module.Parameter(0.5)
    w.label = "w"
    return (w * x).relu() + (w - x).relu() ** 2


def _shown(page):
    """The numbers that can be seen in the picture, by the group they are in."""
    return page.eval_on_selector_all(
        ".chainrule-player .blank",
        "texts => Object.fromEntries(texts.map(t => [t.dataset.blank, t.textContent])"
        ".filter(([key, text]) => text !== ''))",
    )


def _marked(page, name):
    return page.eval_on_selector_all(f".chainrule-player svg .{name}", "parts => parts.map(p => p.classList[1])")


def _heads(page):
    """Which head of each arrow between Values is seen: the one "back", or "on"."""
    return page.eval_on_selector_all(
        ".chainrule-player svg .edge > polygon[class]",
        "heads => Object.fromEntries(heads.filter(x => getComputedStyle(x).display !== 'none')"
        ".map(x => [x.parentNode.classList[1], x.getAttribute('class')]))",
    )


def _press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def _position(page):
    return page.locator(".count").inner_text()


@pytest.mark.parametrize("y", [_lecture(), _network()], ids=["lecture", "network"])
def test_next_shows_the_numbers_of_the_steps_and_no_others(opened, y):
    passed = steps(y)
    page = opened(passed.html())
    keys = {node: f"n{i}" for i, node in enumerate(passed.data)}
    last = {c.parent: i for i, step in enumerate(passed) for c in step.contributions}
    expected = {keys[y]: "1"}
    assert _shown(page) == expected
    for i, step in enumerate(passed):
        _press(page, "next step")
        key = keys[step.node]
        expected[key] = figure(step.gradient)
        for j, c in enumerate(step.contributions):
            expected[f"e{key[1:]}_{j}"] = product(step, c)
            expected[keys[c.parent]] = figure(c.sum_so_far) + (" + …" if last[c.parent] > i else "")
        assert _shown(page) == expected
        assert _marked(page, "active") == [key]
        assert sorted(_marked(page, "lit")) == sorted(f"e{key[1:]}_{j}" for j in range(len(step.contributions)))
        assert {way for key, way in _heads(page).items() if key in _marked(page, "lit")} <= {"back"}
        assert {way for key, way in _heads(page).items() if key not in _marked(page, "lit")} <= {"on"}
        assert f"Step {i + 1} of {len(passed)}" in page.locator(".head").inner_text()
        heard = page.locator(".heard[aria-live=polite]").text_content()
        for part in step.contributions:
            assert f" receives {figure(part.local_derivative)} times {figure(step.gradient)}, which" in heard
        assert page.locator(".formulas math").count() == len(step.contributions)
        for c, formula in zip(step.contributions, page.locator(".formulas math").all()):
            assert figure(c.sum_so_far).replace("-", "−") in formula.text_content()
    _press(page, "next step")
    assert _shown(page) == expected | {keys[leaf]: figure(passed.gradients[leaf]) for leaf in passed.leaves}
    assert sorted(_marked(page, "complete")) == sorted(keys.values())


def test_a_forward_pass_computes_one_node_after_the_other(opened):
    passed = steps(_lecture(), forward=True)
    page = opened(passed.html())
    keys = {node: f"n{i}" for i, node in enumerate(passed.data)}
    known = {keys[leaf]: figure(leaf.data) for leaf in passed.leaves}
    assert _shown(page) == known
    for step in passed:
        _press(page, "next step")
        known[keys[step.node]] = figure(step.data)
        assert {key: text for key, text in _shown(page).items() if key[0] == "n"} == known


def test_buttons_arrow_keys_and_slider_lead_to_the_same_positions(opened):
    page = opened(steps(_lecture()).html())
    seen, counted = [_shown(page)], ["start", "step 1 / 3", "step 2 / 3", "step 3 / 3", "done"]
    for _ in range(4):
        _press(page, "next step")
        seen.append(_shown(page))
    assert len({str(shown) for shown in seen}) == 4  # the last step has completed the leaves already
    assert page.get_by_role("button", name="next step").is_disabled()
    page.keyboard.press("ArrowRight")  # there is no further one
    assert _position(page) == "done"
    moves = [
        (lambda: _press(page, "first step"), 0),
        (lambda: _press(page, "last step"), 4),
        (lambda: _press(page, "step back"), 3),
        (lambda: page.keyboard.press("ArrowLeft"), 2),
        (lambda: page.keyboard.press("ArrowRight"), 3),
        (lambda: page.keyboard.press("Home"), 0),
        (lambda: page.keyboard.press("ArrowLeft"), 0),
        (lambda: page.get_by_role("slider").fill("2"), 2),
        (lambda: page.get_by_role("slider").press("ArrowRight"), 3),
        (lambda: page.keyboard.press("End"), 4),
    ]
    for move, position in moves:
        move()
        assert (_position(page), _shown(page)) == (counted[position], seen[position])
        assert page.get_by_role("slider").input_value() == str(position)


def test_it_can_be_used_with_the_keyboard_alone(opened):
    page = opened(steps(_lecture()).html())
    active = "document.activeElement.shadowRoot.activeElement.getAttribute('aria-label')"
    page.keyboard.press("Tab")
    assert page.evaluate(active) == "The backward pass from e = 6"
    page.keyboard.press("ArrowRight")
    assert _position(page) == "step 1 / 3"
    names = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(page.evaluate(active))
    assert names == ["first step", "step back", "play", "next step", "last step", "step"]


def test_play_goes_to_the_end_and_can_be_paused(opened):
    page = opened("<!DOCTYPE html>")
    page.clock.install()
    page.set_content(steps(_lecture()).html())
    _press(page, "play")
    page.clock.run_for(4500)
    assert _position(page) == "step 2 / 3"
    _press(page, "pause")
    page.clock.run_for(10000)
    assert _position(page) == "step 2 / 3"
    _press(page, "play")
    page.clock.run_for(10000)
    assert _position(page) == "done"
    _press(page, "play")  # from the start again
    page.clock.run_for(2500)
    assert _position(page) == "step 1 / 3"


def test_numbers_fly_in_unless_the_reader_wants_no_motion(opened):
    for motion, duration in (("no-preference", "0.7s"), ("reduce", "0s")):
        page = opened(steps(_lecture()).html(), reduced_motion=motion)
        _press(page, "next step")
        style = page.eval_on_selector(".lit .blank", "text => getComputedStyle(text).transitionDuration")
        assert style.split(",")[0] == duration
        page.eval_on_selector(".lit .blank", "text => Promise.all(text.getAnimations().map(flight => flight.finished))")
        assert page.eval_on_selector(".lit .blank", "text => getComputedStyle(text).transform") == "none"


def test_players_on_one_page_do_not_disturb_each_other(opened):
    one, other = steps(_lecture()), steps(_network())
    page = opened("<!DOCTYPE html><meta charset='utf-8'>" + "".join(player.fragment(x) for x in (one, one, other)))
    players = page.locator(".chainrule-player")
    assert players.count() == 3
    players.nth(1).get_by_role("button", name="last step").click()
    players.nth(2).get_by_role("button", name="next step").click()
    assert [players.nth(i).locator(".count").inner_text() for i in range(3)] == ["start", "done", "step 1 / 6"]
    assert players.nth(0).locator("svg .lit, svg .active").count() == 0
    assert page.locator(".picture svg").count() == 3


def test_where_scripts_do_not_run_the_table_has_all_the_numbers(opened):
    passed = steps(_lecture())
    page = opened(passed.html(), java_script_enabled=False)
    table = page.locator("table")
    assert table.is_visible()
    assert (
        table.inner_text().split() == " ".join(["The backward pass from e = 6", *map(" ".join, rows(passed))]).split()
    )
    assert page.locator("button").count() == 0


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "\"'<b>&lt;`${1}"]
)
def test_a_label_is_shown_as_it_is_and_never_run(opened, label):
    x = Value(2.0, label=label)
    y = x * x + 1
    y.label = label[::-1]
    for forward in (False, True):
        passed = steps(y, forward=forward)
        page = opened(passed.html())
        for _ in passed:
            _press(page, "next step")
        assert passed.names[x] in page.locator("svg text").all_text_contents()
        assert passed.names[x] in page.locator("td").all_text_contents()
        assert page.locator("img, b, p script, svg script").count() == 0


_HOSTILE = """<!DOCTYPE html><meta charset='utf-8'><style>
body { background: COLOUR } button, .controls, .bar, .stage, svg { display: none !important }
.back, .head { visibility: hidden !important; position: fixed !important } td { color: red !important }
</style>"""


@pytest.mark.parametrize(
    ("colour", "paper", "ink"), [("#111", (22, 24, 28), (242,) * 3), ("#fff", (255,) * 3, (17,) * 3)]
)
def test_styles_of_the_page_do_not_reach_it_and_it_is_as_dark_as_the_page(opened, colour, paper, ink):
    page = opened(_HOSTILE.replace("COLOUR", colour) + player.fragment(steps(_lecture())))
    _press(page, "next step")
    page.locator("summary").click()
    assert page.eval_on_selector(".stage", "x => getComputedStyle(x).backgroundColor") == f"rgb{paper}"
    for part in (".head", "td", "math", "summary", "th", "button"):
        assert page.locator(part).first.is_visible()
        assert page.eval_on_selector(part, "x => getComputedStyle(x).color") == f"rgb{ink}"
    _press(page, "light or dark")
    assert page.eval_on_selector(".stage", "x => getComputedStyle(x).backgroundColor") != f"rgb{paper}"


def test_the_last_row_can_read_the_picture_and_the_active_node_is_in_view(opened):
    y = x = Value(1.5, label="x")
    for _ in range(30):
        y = y.tanh() + x
    page = opened(steps(y).html())
    for name in ("next step", "next step", "last step", "step back", "step back"):
        _press(page, name)
        assert len(_marked(page, "active")) == (name != "last step")
        view, *nodes = page.eval_on_selector_all(
            ".picture, svg .active",
            "parts => parts.map(part => part.getBoundingClientRect()).map(box => [box.left, box.right])",
        )
        for left, right in nodes:
            assert view[0] - 1 <= left < right <= view[1] + 1
    heights = page.eval_on_selector_all(
        "svg text", "all => all.map(t => t.getBoundingClientRect().height).filter(h => h)"
    )
    assert min(heights) >= 14
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", [".stage ", ".stage.dark "])
def test_text_stands_out_from_what_is_behind_it(theme):
    css = document.asset(document.STYLE)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", css.partition("\n" + theme)[2].partition("}")[0]))
    for text in ("ink", "quiet", "number", "minus"):
        assert _contrast(colours[text], colours["paper"]) >= 4.5, text
    for paper in ("paper", "button", "hover", "given", "parameter", "plain", "active", "wrong-fill"):
        assert _contrast(colours["ink"], colours[paper]) >= 7, paper
    assert _contrast(colours["off"], colours["button"]) >= 4.5
    for line in ("blue", "orange", "line", "rule", "wrong"):
        assert _contrast(colours[line], colours["paper"]) >= 3, line


def _contrast(one: str, other: str) -> float:
    """The ratio of luminances of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_wrong_pass_plays_beside_the_right_one_and_says_why_from_its_first_wrong_number_on(opened):
    h = Value(2.0) * 3.0
    wrong = steps(h + h**2, order="depth_first")
    page = opened(wrong.html())
    lanes = page.locator(".lane")
    assert lanes.count() == 2
    for k in range(len(wrong) + 1):
        if k:
            _press(page, "next step")
        said = lanes.nth(0).locator(".why").inner_text()
        assert said.startswith("Step 2 is the first") if k >= 2 else said == ""
        assert lanes.nth(1).locator(".why").inner_text() == ""
        assert bool(_marked(page, "wrong")) == (k == 2)
    pictures = [lanes.nth(i).locator(".picture").bounding_box() for i in (0, 1)]
    assert pictures[0]["y"] == pictures[1]["y"]
