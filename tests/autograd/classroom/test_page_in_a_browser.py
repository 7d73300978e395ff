"""The classroom in headless Chromium, opened by double-click with the network off.

AUTOGRAD_NODE_MODULES names a folder that has the packages; otherwise npm fetches them.
"""

from __future__ import annotations

import functools
import http.server
import os
import random
import threading
from urllib.parse import quote, urlencode

import pytest

import nn
from autograd import Value
from autograd.classroom.building import build
from autograd.expression import parse

pytestmark = pytest.mark.browser
EXACT = ("+", "-", "*")  # what any machine computes to the last digit; a C library's functions may differ there


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("classroom"), os.environ.get("AUTOGRAD_NODE_MODULES"))


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
        self.page.wait_for_selector("body[data-answered]", state="attached", timeout=120_000)

    def said(self):
        """The error, or the value and the cells of the table, once Python has answered what was asked last."""
        self.page.evaluate(
            "async () => { while (waiting || changed) await new Promise((done) => setTimeout(done, 5)); }"
        )
        error = self.page.inner_text("#error")
        return error or (self.page.inner_text("#value"), self.page.locator("#table td").all_inner_texts())

    def asked(self, e, view="rule", **numbers):
        link = urlencode({"e": e, "view": view, **{f"n.{name}": x for name, x in numbers.items()}}, quote_via=quote)
        self.page.evaluate(
            "(link) => { location.hash = link; fromLink(); $('numbers').replaceChildren(); ask(); }", link
        )
        return self.said()


@pytest.fixture(scope="module")
def room(browser, built):
    room = Room(browser, built[1].as_uri(), offline=True)
    yield room
    assert room.wrong == []
    assert [url for url in room.requested if not url.startswith(("blob:", "file:"))] == []
    room.page.context.close()


def test_the_one_file_is_smaller_than_25_megabytes(built):
    assert built[1].stat().st_size < 25e6


def test_the_numbers_of_50_random_expressions_are_those_of_the_engine(room):
    rng = random.Random(0)

    def expression(depth):
        if not depth:
            return rng.choice(["x", "y", "z", "0.5", "3"])
        return f"({expression(depth - 1)} {rng.choice(EXACT)} {expression(rng.randrange(depth))})"

    for _ in range(50):
        e = f"{expression(4)} + x*y*z"
        numbers = {name: round(rng.uniform(-3, 3), 2) for name in parse(e).names}
        leaves = {name: Value(x) for name, x in numbers.items()}
        y = parse(e)(**leaves)
        y.backward()
        cells = [cell for x in leaves.values() for cell in (repr(x.data), repr(x.grad))]
        assert room.asked(e, **numbers) == (f"{room.page.inner_text('#value').split(' ')[0]} = {y.data!r}", cells), e


@pytest.mark.parametrize(
    "e",
    ["<img src=x onerror=alert(1)>", "__import__('os').listdir('/')", "x.__class__.__mro__", "js.alert(1)",
     "(" * 15_000, "x +", "lambda: x", "'</script><script>alert(1)</script>'", "-" * 9_000 + "x"],
)  # fmt: skip
def test_hostile_links_are_refused_in_a_sentence_and_run_no_code(room, e):
    said = room.asked(e, x="<b>1</b>")
    assert isinstance(said, str), said
    assert len(said) < 1_100
    assert room.page.locator("#error *").count() == 0
    assert room.asked("x*x", x="3") == ("y = 9.0", ["3.0", "6.0"])


def test_hostile_names_and_views_of_a_link_are_nothing(room):
    room.page.evaluate("location.hash = 'e=x*x&view=constructor&n.__proto__=7&n.x=2'")
    room.page.wait_for_timeout(50)
    assert room.said() == ("y = 4.0", ["2.0", "4.0"])
    assert room.page.get_attribute("button[value=graph]", "aria-pressed") == "true"


def test_a_plus_in_a_link_is_one_as_one_types_it(room):
    room.page.evaluate("location.hash = 'e=a+b&view=rule&n.a=1&n.b=2'")
    room.page.wait_for_timeout(50)
    assert room.said() == ("y = 3.0", ["1.0", "1.0", "2.0", "1.0"])
    assert "e=a%2Bb" in room.page.evaluate("location.hash")


def test_a_drag_moves_numbers_and_picture_and_link(room):
    room.asked("x*x", "graph", x="1")
    room.page.evaluate(
        "const x = document.querySelector('.number [type=range]'); x.value = 3; x.dispatchEvent(new Event('input'))"
    )
    assert room.said() == ("y = 9.0", ["3.0", "6.0"])
    assert ">9<" in room.page.inner_html("#view")
    assert "n.x=3" in room.page.url


def test_a_thousand_quick_edits_leave_it_alive(room):
    room.page.evaluate("""() => {
      const field = $('expression'), type = (text) => { field.value = text; field.dispatchEvent(new Event('input')); };
      for (let i = 0; i < 1000; i++) type(i % 3 ? `x*${i}` : 'x*(');
      type('x*1000');
    }""")
    assert room.said()[1][1] == "1000.0"


def assert_that_a_phone_shows_all(room, axe):
    try:
        for scheme in ("light", "dark"):
            room.page.emulate_media(color_scheme=scheme)
            room.page.set_viewport_size({"width": 320, "height": 640})
            assert room.page.evaluate("document.documentElement.scrollWidth") <= 320
            assert axe(room.page) == []
    finally:
        room.page.emulate_media(color_scheme="light")
        room.page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("view", ["graph", "steps", "rule", "modes", "practice"])
def test_axe_finds_no_violation_and_a_phone_shows_all(room, axe, view):
    room.asked("tanh(w*x + b)", view)
    assert_that_a_phone_shows_all(room, axe)


@pytest.fixture
def trained(room):
    """The page at its training, begun again; gives a function that waits for Python and says what there is."""
    page = room.page
    page.click("#training")

    def said():
        page.evaluate(
            "async () => { while (training || wanted || playing) await new Promise((done) => setTimeout(done, 5)); }"
        )
        return page.evaluate("({ ...seen, points, losses, wrong: $('wrong').textContent })")

    page.select_option("[name=data]", "xor")
    for name, text in {"layers": "1", "neurons": "4", "rate": "0.5"}.items():
        page.fill(f"[name={name}]", text)
    page.click("#again")
    said()
    yield said
    page.click("#exploring")


def test_playing_lowers_the_loss_and_each_number_is_that_of_nn(room, trained):
    room.page.click("#play")
    room.page.evaluate("async () => { while (losses.length < 20) await new Promise((done) => setTimeout(done, 5)); }")
    room.page.click("#play")
    found = trained()
    assert found["step"] == len(found["losses"]) >= 20
    assert found["loss"] < found["losses"][0]
    model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
    inputs, kinds = [point[:2] for point in found["points"]], [point[2] for point in found["points"]]
    nn.fit(model, nn.binary_cross_entropy_with_logits, inputs, kinds, epochs=found["step"], progress=False,
           optimizer=nn.SGD(model.parameters(), lr=0.5))  # fmt: skip
    assert [w for layer in found["weights"] for neuron in layer for w in neuron] == pytest.approx(
        [p.data for p in model.parameters()], rel=1e-9
    )
    assert f"Step {found['step']}: loss" in room.page.inner_text("#reached")


def test_a_click_adds_a_point_that_is_dragged_and_picked_and_deleted(room, trained):
    page = room.page
    page.select_option("#kind", "1")
    page.locator("#field").scroll_into_view_if_needed()
    box = page.locator("#field").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    assert trained()["points"][40:] == [[pytest.approx(0, abs=0.02), pytest.approx(0, abs=0.02), 1]]
    page.mouse.move(middle[0] + box["width"] / 8, middle[1])
    page.mouse.up()
    assert trained()["points"][40:] == [[pytest.approx(0.5, abs=0.02), pytest.approx(0, abs=0.02), 1]]
    page.click("#pick")
    assert not trained()["wrong"]
    assert page.locator("#passed").get_by_text("The gradient of loss").count()
    page.click("#once")
    assert trained()["step"] == 1
    assert page.locator("#passed > *").count()
    page.click("#delete")
    assert len(trained()["points"]) == 40


def test_hostile_settings_are_refused_in_a_sentence_and_an_explosion_keeps_the_network(room, trained):
    before = trained()["weights"]
    for name, text in (("rate", "<img src=x onerror=alert(1)>"), ("neurons", "99999"), ("layers", "-1")):
        good = room.page.input_value(f"[name={name}]")
        room.page.fill(f"[name={name}]", text)
        room.page.click("#once")
        found = trained()
        assert "must be a" in found["wrong"]
        assert found["weights"] == before
        room.page.fill(f"[name={name}]", good)
    room.page.select_option("[name=loss]", "squared")
    room.page.fill("[name=rate]", "1e6")
    room.page.click("#play")
    found = trained()
    assert "explodes, and was not made" in found["wrong"]
    assert found["step"] == len(found["losses"])
    room.page.select_option("[name=loss]", "cross-entropy")


def test_axe_finds_no_violation_in_training_and_a_phone_shows_all(room, axe, trained):
    room.page.click("#once")
    trained()
    assert_that_a_phone_shows_all(room, axe)


def test_from_a_web_server_only_files_beside_the_page_are_asked_for(browser, built):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(built[0].parent))
    handler.func.log_message = lambda *arguments: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        base = f"http://127.0.0.1:{server.server_port}/"
        room = Room(browser, f"{base}#e=a*b&n.a=2&n.b=3")
        assert room.said() == ("y = 6.0", ["2.0", "3.0", "3.0", "2.0"])
        assert [url for url in room.requested if not url.startswith((base, "blob:"))] == []
        assert room.wrong == []
        room.page.context.close()
    finally:
        server.shutdown()
        server.server_close()
