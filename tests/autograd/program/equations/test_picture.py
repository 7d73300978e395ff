"""The picture of a compiled program: what it shows, where things stand, and when there is too much to show."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import Value
from autograd.program import Program, compile
from autograd.show.drawing import looks

RNG = np.random.default_rng(0)


def network(*widths: int) -> Program:
    model = nn.MLP(1, widths, "tanh", seed=0)
    return compile(lambda x, y: 0.5 * (model(x) - y) ** 2, model.parameters())


def written(svg: str) -> str:
    """The text in a picture, without its marks."""
    pieces = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.S)
    return " ".join("".join(pieces).replace("&#160;", " ").split())


def place(svg: str, name: str) -> tuple[float, float]:
    """Where the box is whose first equation is for this name."""
    found = re.search(rf'<text[^>]* x="([-\d.]+)" y="([-\d.]+)"[^>]*>{name} =', svg)
    assert found, name
    return float(found[1]), float(found[2])


def test_every_equation_is_in_the_picture_with_its_shape():
    program = network(10, 10, 1)
    batches = RNG.normal(size=200), RNG.normal(size=200)
    text = written(program.draw(*batches).svg()).replace(" ", "")
    for equation in program.explain(*batches).equations:
        assert f"{equation.text}{equation.shape[0]}×{equation.shape[1]}".replace(" ", "") in text


def test_signs_that_read_otherwise_are_explained_below_and_ones_are_bold():
    drawn = network(10, 10, 1).draw(RNG.normal(size=200), RNG.normal(size=200))
    below = written(drawn.svg()).replace(" ", "")
    for said in ("⊙ multiplies number by number.", "A² is A ⊙ A.", "1 behind a matrix is a column of ones"):
        assert said.replace(" ", "") in below
    assert len(re.findall("δ[123] <b>1</b>", drawn.source)) == 3
    assert "of ones" not in compile(lambda x: x + 1).draw([1.0, 2.0]).source


def test_forward_runs_from_left_to_right_and_backward_below_it():
    svg = network(10, 10, 1).draw(RNG.normal(size=200), RNG.normal(size=200)).svg()
    across = [place(svg, name)[0] for name in ("Z1", "Z2", "Z3", "L")]
    assert across == sorted(across)
    for i in (1, 2, 3):
        (x, y), (below_x, below_y) = place(svg, f"Z{i}"), place(svg, f"δ{i}")
        assert below_y > y
        assert abs(below_x - x) < 150


def test_arrows_of_gradients_have_a_look_of_their_own_that_means_no_sign():
    source = network(4, 1).draw(RNG.normal(size=5), RNG.normal(size=5)).source
    back = re.findall(rf"(\w+) -> (\w+) .*arrowtail=vee color=\"{looks.BACKWARD['color']}\" dir=back", source)
    assert len(back) == 2  # from L to δ2, from δ2 to δ1
    assert "dashed" not in source
    assert looks.NEGATIVE["color"] not in source


def test_the_picture_says_its_equations_in_words():
    drawn = network(4, 1).draw(RNG.normal(size=5), RNG.normal(size=5))
    assert drawn.description.startswith("The equations of a program. Forward: Z1 = W1 X + b1; ")
    assert "Backward: δ2 = " in drawn.description
    assert "<title>δ2 = (Z2 − Y) / 5, 1×5; " in drawn.svg()


def test_inputs_and_the_result_stand_out():
    source = network(4, 1).draw(RNG.normal(size=5), RNG.normal(size=5)).source
    assert len(re.findall("rounded", source)) == 2
    assert re.search(r"L = mean.*penwidth=4", source)


def test_a_file_can_be_written(tmp_path):
    picture = network(3, 1).draw([1.0], [2.0])
    assert picture.save(tmp_path / "network.png").read_bytes()[1:4] == b"PNG"


def test_any_label_can_be_drawn():
    w = Value(1.0, label='<b> & "w"')
    assert "&lt;b&gt; &amp;" in compile(lambda x: w * x, [w]).draw([1.0, 2.0]).svg()


def test_a_program_that_is_too_large_says_so():
    program = network(*[2] * 20, 1)
    with pytest.raises(ValueError, match=r"105 equations, too many .* print\(program.explain\(\)\)"):
        program.draw([1.0], [2.0])


def model_of_names() -> Program:
    model = nn.GPT(27, 16, n_layer=1, seed=0)
    return compile(lambda tokens, next_ones: nn.cross_entropy(model(tokens), next_ones), model.parameters())


def test_a_gpt_fits_a_slide_and_can_be_read_there():
    svg = model_of_names().draw([[0, 1, 2, 3]], [[1, 2, 3, 4]]).svg()
    across, down = (float(x) for x in re.findall(r'viewBox="0.00 0.00 ([\d.]+) ([\d.]+)"', svg)[0])
    scale = min(1920 / across, 1080 / down)
    assert 26 * scale > 18  # pixels, of which a slide has 1920 by 1080
    boxes = [
        [float(x) for x in points.replace(",", " ").split()]
        for points in re.findall(r'<g id="node\d+".*?<polygon[^>]*points="([^"]*)"', svg, re.S)
    ]
    edges = [(min(box[::2]), max(box[::2]), min(box[1::2]), max(box[1::2])) for box in boxes]
    for i, (left, right, top, bottom) in enumerate(edges):
        assert all(left > x[1] or right < x[0] or top > x[3] or bottom < x[2] for x in edges[:i])


def test_what_is_too_wide_is_read_in_rows_like_a_text():
    svg = model_of_names().draw([[0, 1, 2, 3]], [[1, 2, 3, 4]]).svg()
    ahead = [place(svg, name) for name in ("H1", "H2", "S1", "A1", "Z2", "H3", "Z3", "Z4", "H4", "Z5", "L")]
    back = [place(svg, name) for name in ("δ5", "δ4", "δ3", "δ2", "δA1", "δS1", "H5")]
    for (x, y), (next_x, next_y) in pairwise([*ahead, *back]):
        assert next_x > x or next_y > y + 50
    assert max(y for _, y in ahead) < min(y for _, y in back)
