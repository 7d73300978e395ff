"""Expressions with their gradients as plain Python: they give what backward() gives."""

from __future__ import annotations

import builtins
import math
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.__main__ import main
from autograd.expression import FUNCTIONS, parse
from autograd.program.export.scalars import plain_source
from tests.support.linters import nothing_to_say

CALLS = {
    **{name: f"{name}(x * y)" for name in FUNCTIONS},
    **dict.fromkeys(("acosh", "lgamma", "digamma"), ""),
    **{name: f"{name}([x, y, x * y, 0.5])" for name in ("sum", "mean", "prod", "var", "std", "norm", "logsumexp")},
    **{name: f"{name}(x, y)" for name in ("add", "sub", "mul", "div", "pow", "atan2", "hypot", "fmod", "remainder")},
    **{name: f"{name}(y, x)" for name in ("maximum", "minimum", "copysign", "xlogy", "logaddexp", "leaky_relu", "elu")},
    "acosh": "acosh(2 + x) + lgamma(x) + digamma(y)",
    "lgamma": "lgamma(-x)",
    "digamma": "digamma(-x)",
    "polygamma": "polygamma(1, x) * y",
    "dot": "dot([x, y], [y, 2], x)",
    "clip": "clip(x, y, 3) + clip(y, 0, x)",
    "clamp": "clamp(x, 0, y) + clamp(x, max=0.5) * clamp(y, 0.4)",
    "hardtanh": "hardtanh(x) + hardtanh(x, -0.1, 0.3)",
    "gelu": 'gelu(x) + gelu(y, "tanh")',
}
POINT = (0.7, 0.3)


def computed(text: str, expression: str, *numbers: float) -> None:
    f = parse(expression)
    xs = dict(zip(("x", "y"), numbers))
    leaves = {name: Value(xs[name]) for name in f.names}
    y = f(**leaves)
    y.backward()
    module: dict[str, Any] = {"__name__": "page"}
    exec(builtins.compile(text, "page.py", "exec"), module)
    value, slopes = module["value_and_gradient"](*[xs[name] for name in f.names])
    assert value == pytest.approx(y.data, rel=1e-14)
    assert slopes == {name: pytest.approx(leaf.grad, rel=1e-13, abs=1e-13) for name, leaf in leaves.items()}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {call: plain_source(f, f.names, call) for call in CALLS.values() for f in [parse(call)]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_an_expression_is_written(name: str, texts: dict[str, str]):
    computed(texts[CALLS[name]], CALLS[name], *POINT)


@pytest.mark.parametrize(
    "expression",
    ["x**2 * sin(y)", "x", "x * x * x - y / x % 0.2", "2 ** x ** y", "-x ** 2 - (-x) ** 3", "x / y / (x / (y * x))",
     "x - (y - x)", "sigmoid(-1000 * x)", "relu(x - y) * abs(y - x)", "tanh(dot([x, y], [-3, 1], 6.88))"],
)  # fmt: skip
def test_operators_are_bracketed_as_python_needs_it(expression: str):
    f = parse(expression)
    computed(plain_source(f, f.names, expression), expression, *POINT)


def test_linters_and_formatters_have_nothing_to_say(texts: dict[str, str], tmp_path: Path):
    nothing_to_say(texts.values(), tmp_path)


def test_a_page_reads_as_a_list_of_operations_and_of_their_derivatives(capsys: pytest.CaptureFixture[str]):
    assert main(["x**2 * sin(y)", "--source", "x=3", "y=-1"]) == 0
    assert capsys.readouterr().out == (
        '"""x**2 * sin(y), and its gradient by the chain rule."""\n'
        "\n"
        "import math\n"
        "\n\n"
        "def value_and_gradient(x, y):\n"
        "    # forward\n"
        "    v1 = math.sin(y)\n"
        "    v2 = x**2\n"
        "    f = v2 * v1\n"
        "\n"
        "    # backward, by the chain rule: dx is df/dx\n"
        "    dv2 = v1\n"
        "    dv1 = v2\n"
        "    dx = dv2 * (2 * x)\n"
        "    dy = dv1 * math.cos(y)\n"
        "\n"
        '    return f, {"x": dx, "y": dy}\n'
        "\n\n"
        'if __name__ == "__main__":\n'
        "    print(value_and_gradient(x=3.0, y=-1.0))\n"
    )


def test_names_of_python_are_changed_and_titles_are_no_code():
    f = parse("v1 * math + lambda_ * f + d")
    text = plain_source(f, f.names, '"""\nraise SystemExit\n"""')
    exec(builtins.compile(text, "page.py", "exec"), module := {"__name__": "page"})
    assert module["value_and_gradient"](2.0, 3.0, 5.0, 7.0, 1.0)[0] == 42.0


def test_a_part_of_the_branch_that_is_not_taken_is_not_computed():
    text = plain_source(parse("elu(x) + x ** y"), ["x", "y"], "elu")
    exec(builtins.compile(text, "page.py", "exec"), module := {"__name__": "page"})
    value, slopes = module["value_and_gradient"](800.0, 1.0)  # where e ** x is too large for a float
    assert value == 1600.0
    assert slopes["x"] == 2.0
    assert slopes["y"] == pytest.approx(800 * math.log(800))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["x*y", "--source", "x=1"], "no number was given for y"), (["x", "--source", "--explain"], "is for itself")],
)
def test_what_cannot_be_written_is_told_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_function_of_ones_own_is_copied_with_its_derivative():
    def slope(y: float, a: float) -> float:
        return 2.0 if a > 0.5 else 1.0

    kinked = autograd.primitive("kinked", lambda a: 2 * a - 0.5 if a > 0.5 else a, slope, expression=True)
    try:
        text = plain_source(parse("kinked(x) * x"), ["x"], "kinked")
        computed(text, "kinked(x) * x", 0.7)
        computed(text, "kinked(x) * x", 0.2)
        assert kinked(1.0) == 1.5
    finally:
        autograd.custom.primitives.remove("kinked")
