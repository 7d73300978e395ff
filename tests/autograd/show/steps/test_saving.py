"""Files of the passes: each ending has its format, a film has a frame for each step, nothing moves but the numbers."""

from __future__ import annotations

import io
import re
import sys
from xml.etree import ElementTree

import pytest

import autograd
from autograd import Value
from autograd.show import steps
from autograd.show.steps import still
from autograd.show.steps.positions import positions
from autograd.show.steps.slides import slides
from autograd.show.steps.still import film
from autograd.show.steps.table import product
from tests.support.pictures import SVG, lecture

_FIRST = {".svg": b"<svg ", ".png": b"\x89PNG", ".pdf": b"%PDF", ".gif": b"GIF8", ".webp": b"RIFF"}
_FIRST |= {".html": b"<!DOCTYPE html>", ".slides.html": b"<!DOCTYPE html>", ".HTM": b"<!DOCTYPE html>"}


@pytest.mark.parametrize("ending", _FIRST)
@pytest.mark.parametrize("forward", [False, True])
def test_the_ending_says_what_is_written(ending, forward, tmp_path):
    passed = steps(autograd.dot([lecture()[2]], [2.0]), forward=forward)
    path = passed.save(tmp_path / f"pass{ending}")
    assert path.read_bytes().startswith(_FIRST[ending])
    assert [file.name for file in tmp_path.iterdir()] == [f"pass{ending}"]


def test_beside_a_wrong_pass_the_page_has_the_right_one_and_its_picture_the_number_that_differs(tmp_path):
    wrong = steps(lecture()[2], accumulate=False)
    assert wrong.save(tmp_path / "wrong.html").read_text(encoding="utf-8") == wrong.html()
    assert wrong.compared.right.title in wrong.html()
    assert "3 ≠ 5" in _texts(still.still(wrong, 3, "svg"))


def _texts(picture):
    return [
        "".join(text.itertext()).strip("\u2007\xa0 ") for text in ElementTree.fromstring(picture).iter(SVG + "text")
    ]


def test_a_picture_of_a_step_has_the_numbers_so_far_and_says_what_it_shows():
    passed = steps(lecture()[2])
    for k in range(5):
        picture = still.still(passed, k, "svg")
        shown = _texts(picture)
        so_far = {product(step, c) for step in passed[:k] for c in step.contributions}
        assert {text for text in shown if " · " in text} == so_far
        assert passed.title in picture.decode()
    assert "2 + …" in _texts(still.still(passed, 2, "svg"))
    assert "2 + …" not in _texts(still.still(passed, 3, "svg"))


def test_the_arrow_along_which_a_gradient_flows_points_the_way_it_flows():
    passed = steps(lecture()[2])
    for k, position in enumerate(positions(passed)):
        leftward = {}
        for group in ElementTree.fromstring(still.still(passed, k, "svg")).iter(SVG + "g"):
            if group.get("class", "").startswith("edge e"):
                head = group.find(SVG + "polygon")
                tip, start = _points(head.get("points"))[1], _points(group.find(SVG + "path").get("d"))[0]
                leftward[group.get("class")[5:]] = tip[0] < start[0]
        assert leftward == {key: key in position.marks.get("lit", []) for key in leftward}
        assert len(leftward) == 6


def _points(path):
    return [tuple(map(float, point.split(","))) for point in re.findall(r"[-\d.]+,[-\d.]+", path)]


def test_from_step_to_step_nothing_moves_but_the_numbers():
    passed = steps(lecture()[2])
    where = []
    for k in range(5):
        picture = ElementTree.fromstring(still.still(passed, k, "svg"))
        nodes = [g for g in picture.iter(SVG + "g") if g.get("class", "").startswith("node n")]
        where.append(
            [shape.get("points") or shape.get("d") for g in nodes for shape in g if not shape.tag.endswith("text")]
        )
        where[-1].append(picture.get("viewBox"))
    assert where == [where[0]] * 5
    assert len(where[0]) >= 5 + 1


def test_a_film_shows_each_position_as_long_as_is_asked():
    from PIL import Image

    passed = steps(lecture()[2])
    for format in ("gif", "webp"):
        shown = Image.open(io.BytesIO(film(passed, format, 0.5)))
        assert (shown.n_frames, shown.info["loop"]) == (5, 0)
        shown.seek(1)
        shown.load()
        assert shown.info["duration"] == 500


def test_without_pillow_a_film_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"needs Pillow: pip install .*\[film\]'"):
        steps(lecture()[2]).save(tmp_path / "pass.gif")
    assert not list(tmp_path.iterdir())


def test_slides_have_the_numbers_of_their_steps_without_a_script():
    passed = steps(lecture()[2])
    sections = re.findall(r"<section>.*?</section>", slides(passed), re.DOTALL)
    assert len(sections) == 5
    for k, section in enumerate(sections):
        shown = re.findall(r"<text[^>]*>([^<]+)</text>", section)
        assert f'<p class="count">{["start", "step 1 / 3", "step 2 / 3", "step 3 / 3", "done"][k]}</p>' in section
        so_far = {product(step, c) for step in passed[:k] for c in step.contributions}
        assert {text for text in shown if " · " in text} == so_far
        assert section.count("<math") == (len(passed[k - 1].contributions) if 0 < k < 4 else 1 if k == 0 else 2)


@pytest.mark.parametrize(
    ("name", "how", "error", "said"),
    [
        ("a.txt", {}, ValueError, "must end in .html, .slides.html, .svg, .png, .pdf, .gif or .webp, got 'a.txt'"),
        ("a", {}, ValueError, "path must end in .html"),
        ("a.svg", {"step": 5}, ValueError, "step must be from 0 to 4, got 5"),
        ("a.svg", {"step": -1}, ValueError, "step must be from 0 to 4, got -1"),
        ("a.svg", {"step": "1"}, TypeError, "step must be a whole number, got '1'"),
        ("a.svg", {"step": True}, TypeError, "step must be a whole number, got True"),
        ("a.gif", {"step": 1}, ValueError, r"step is for .svg, .png and .pdf, which show one; got step=1 for 'a.gif'"),
        ("a.gif", {"seconds": "2"}, TypeError, "seconds must be a number, got '2'"),
        ("a.gif", {"seconds": 0}, ValueError, "seconds must be from 0.02 to 600, got 0"),
        ("a.gif", {"seconds": float("nan")}, ValueError, "seconds must be from 0.02 to 600, got nan"),
        (7, {}, TypeError, "path must be a string"),
    ],
)  # fmt: skip
def test_what_can_not_be_written_is_refused_before_anything_is(name, how, error, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=said):
        steps(lecture()[2]).save(name, **how)
    assert not list(tmp_path.iterdir())


def test_a_label_stays_text_in_all_of_them():
    x = Value(2.0, label="<b>&\\n{$}")
    passed = steps(x * x)
    for picture in (still.still(passed, 1, "svg").decode(), slides(passed)):
        assert "<b>&amp;" not in picture.replace("<b>&amp;\\", "")
        assert "&lt;b&gt;&amp;" in picture
