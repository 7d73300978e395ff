"""The command line: what it prints, where, and with which status."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import grad
from autograd.__main__ import main
from autograd.expression import FUNCTIONS, parse


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main(argv)
    out, err = capsys.readouterr()
    return status, out, err


def test_the_value_and_the_gradients_are_printed_in_the_order_given(capsys):
    assert run(capsys, "x**2 * y", "y=-0.5", "x=3") == (
        0,
        "x**2 * y = -4.5\n"
        "\n"
        "name  value  gradient\n"
        "y     -0.5    9.0\n"
        "x      3.0   -3.0\n",
        "",
    )  # fmt: skip


def test_columns_are_as_wide_as_their_longest_entry(capsys):
    _, out, _ = run(capsys, "weight / 3 + b", "weight=-1e-20", "b=2")
    assert out.splitlines()[2:] == [
        "name    value   gradient",
        "weight  -1e-20  0.3333333333333333",
        "b        2.0    1.0",
    ]


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.floats(0.1, 1e6))
def test_every_digit_of_the_table_is_the_engine_s(x, y):
    printed: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda *args, **kwargs: printed.extend(map(str, args)))
        assert main(["tanh(x) / y + x * sqrt(y)", f"x={x!r}", f"y={y!r}"]) == 0
    f = parse("tanh(x) / y + x * sqrt(y)")
    slopes = grad(f, argnums=(0, 1))(x, y)
    lines = "\n".join(printed).splitlines()
    assert float(lines[0].split(" = ")[1]) == f(x, y)
    rows = [line.split() for line in lines[-2:]]
    assert [(name, float(value), float(slope)) for name, value, slope in rows] == [
        ("x", x, slopes[0]),
        ("y", y, slopes[1]),
    ]


def test_constants_that_were_used_are_shown(capsys):
    _, out, _ = run(capsys, "e * a", "a=2")
    assert "(with e = 2.718281828459045)\n" in out
    _, out, _ = run(capsys, "e * a", "a=2", "e=3")
    assert "(with" not in out
    assert out.endswith("a     2.0    3.0\ne     3.0    2.0\n")


def test_an_expression_without_names_has_a_value_and_no_table(capsys):
    status, out, err = run(capsys, "9**9**9**9")
    assert (status, err) == (0, "")
    assert out == "9**9**9**9 = inf\nThere are no names in it, so there is nothing to differentiate.\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["-x**2", "x=-3"],
        ["--", "-x**2", "x=-3"],
        ["-x**2", "--", "x=-3"],
        ["--draw", "a.svg", "-x**2", "x=-3"],
        ["-x**2", "--draw", "a.svg", "x=-3"],
        ["-x**2", "x=-3", "--draw=a.svg"],
        ["--draw", "a.svg", "--", "-x**2", "x=-3"],
        [" -x**2 ", "x=-3"],
    ],
    ids=" ".join,
)
def test_an_expression_may_begin_with_a_minus_wherever_it_stands(argv, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *argv)
    assert (status, err) == (0, "")
    assert out.startswith("-x**2 = -9.0\n\nname  value  gradient\nx     -3.0   6.0\n")
    assert Path("a.svg").exists() == ("a.svg" in " ".join(argv))


@pytest.mark.parametrize(
    "text", ["-h*2", "-(h)", "-1.5*h", "-.5*h", "---h", "--h * -1", "--1 * -h", "- h", "-draw * 0 - h"]
)
def test_what_is_not_an_option_is_an_expression(text, capsys):
    status, out, _ = run(capsys, text, "h=2", *(["draw=1"] if "draw" in text else []))
    assert status == 0
    assert out.startswith(f"{text} = -")


def test_after_two_minus_signs_everything_is_an_expression(capsys):
    status, out, _ = run(capsys, "--", "--x", "x=2")
    assert status == 0
    assert out.startswith("--x = 2.0\n")


def test_names_are_the_same_where_python_takes_their_letters_for_the_same(capsys):
    status, out, _ = run(capsys, "\N{MICRO SIGN}**2", "\N{MICRO SIGN}=3")
    assert status == 0
    assert "\N{GREEK SMALL LETTER MU}     3.0    6.0\n" in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["x^2", "x=3"], "'x^2' is not understood: powers are written with **, as in x**2"),
        (["x + y", "x=3"], "no number was given for y: add y=NUMBER"),
        (["x + y + z"], "no number was given for x, y and z: add x=NUMBER y=NUMBER z=NUMBER"),
        (["x", "x=3", "y=2"], "there is no y in 'x': its only name is x"),
        (["x", "x=3", "pi=3"], "there is no pi in 'x': its only name is x"),
        (["x", "x=3", "x=4"], "x was given twice: x=3.0 and x=4"),
        (["x", "x=nan"], "x=nan: a number must be finite (and at most 1.8e308)"),
        (["x", "x=-inf"], "x=-inf: a number must be finite (and at most 1.8e308)"),
        (["x", "x=1e999"], "x=1e999: a number must be finite (and at most 1.8e308)"),
        (["x", "x=y/3"], "x=y/3: 'y/3' is not a number such as 2, -0.5, 1/2 or 1e-3"),
        (["x", "x=1/0"], "x=1/0: '1/0' is not a number"),
        (["x", "x=1,5,5"], "x=1,5,5: '1,5,5' is not a number"),
        (["x", "x=[].x"], "x=[].x: '[].x' is not a number"),
        (["x", "x="], "x=: '' is not a number"),
        (["x", "x==2"], "x==2: '=2' is not a number"),
        (["x", "x"], "'x' is not of the form name=number, as in x=2"),
        (["x", "2=3"], "'2=3' is not of the form name=number, as in x=2"),
        (["x", "-x=3"], "'-x=3' is not of the form name=number, as in x=2"),
        (["x", "\udcff=3"], r"'\udcff=3' is not of the form name=number"),
        (["\udcff"], r"'\udcff' is not understood: there is a character in it that is not text"),
        (["-" * 500 + "(" * 9_000], "'" + "-" * 47),
        (["x" * 10_001, "x=1"], "the expression has 10,001 characters: 10,000 are the most"),
        ([""], "the expression is empty"),
        (["log(x)", "x=-1"], "log(x=-1.0) is not defined: ln a needs a > 0"),
        (["1 / x", "x=0"], "1.0 / (x=0.0) is not defined: a / b needs b != 0"),
        (["dot([x], [])", "x=1"], "dot needs lists of equal length, got 1 ws and 0 xs"),
    ],
    ids=lambda item: item[0][:20] if isinstance(item, list) else "",
)
def test_a_mistake_is_one_line_on_standard_error(argv, message, capsys):
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert err.endswith("\n")


@pytest.mark.parametrize(
    ("text", "x", "value", "why"),
    [
        ("exp(x) - exp(x)", "1e3", "nan", "cannot differentiate nan: @ exp(x=1000.0) = inf"),
        ("9**9**9**9 + x", "1", "inf", "cannot differentiate inf: @ inf + (x=1.0) = inf"),
        ("sqrt(x)", "0", "0.0", "sqrt(x=0.0) has no finite derivative there (float division by zero)"),
    ],
)
def test_where_there_is_no_gradient_the_value_is_printed_and_the_reason(text, x, value, why, capsys):
    why = why.replace("@", "the first number that is not finite is")
    assert run(capsys, text, f"x={x}") == (2, f"{text} = {value}\n", f"error: {why}\n")


def test_a_long_expression_is_not_repeated(capsys):
    status, out, _ = run(capsys, "+".join(["x"] * 1_000), "x=1")
    assert status == 0
    assert out.startswith("the expression = 1000.0\n")


# --------------------------------------------------------------------------------------------------------------- --draw


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_draw_writes_the_picture_and_says_so(ending, start, capsys, tmp_path):
    file = tmp_path / f"graph.{ending}"
    status, out, err = run(capsys, "slope * x", "slope=2", "x=3", "--draw", str(file))
    assert (status, err) == (0, "")
    assert out.endswith(f"\n\nThe graph is drawn in {file}.\n")
    assert file.read_bytes().startswith(start)


def test_the_leaves_of_the_drawing_carry_the_names_and_its_result_is_y(capsys, tmp_path):
    file = tmp_path / "graph.svg"
    run(capsys, "slope * x + θ", "slope=2", "x=3", "θ=1", "--draw", str(file))
    labels = re.findall(r"<text [^>]*>([^<]*)</text>", file.read_text(encoding="utf-8"))
    assert {"slope", "x", "θ", "y"} <= set(labels)


@pytest.mark.parametrize("file", ["graph.jpeg", "graph", "no such folder/graph.svg"])
def test_a_picture_that_cannot_be_written_is_one_line_after_the_table(file, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, "x**2", "x=3", "--draw", file)
    assert status == 2
    assert out == "x**2 = 9.0\n\nname  value  gradient\nx     3.0    6.0\n"
    assert err.startswith("error: ")
    assert file in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_picture_may_begin_with_a_minus(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "x**2", "x=3", "--draw", "-x.svg")[0] == 0
    assert [file.name for file in tmp_path.iterdir()] == ["-x.svg"]


def test_a_number_is_not_drawn(capsys, tmp_path):
    status, _, err = run(capsys, "2 + 3", "--draw", str(tmp_path / "graph.svg"))
    assert (status, err) == (2, "error: there is nothing to draw: the expression has no names\n")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------- --explain and --html


def test_explain_writes_the_chain_rule_out_for_each_name(capsys):
    status, out, err = run(capsys, "(a+b)*(b+1)", "a=2", "b=1", "--explain")
    assert (status, err) == (0, "")
    assert out.split("\n\n")[2:] == [
        "y = (a+b)*(b+1)",
        "∂y/∂a = ∂y/∂(a + b) · ∂(a + b)/∂a\n"
        "      = (b + 1) · 1\n"
        "      = 2 · 1\n"
        "      = 2",
        "∂y/∂b = ∂y/∂(a + b) · ∂(a + b)/∂b + ∂y/∂(b + 1) · ∂(b + 1)/∂b\n"
        "      = (b + 1) · 1 + (a + b) · 1\n"
        "      = 2 · 1 + 3 · 1\n"
        "      = 2 + 3\n"
        "      = 5\n",
    ]  # fmt: skip


def test_an_explanation_fits_a_terminal(capsys):
    names = [f"weight_{i}" for i in range(9)]
    _, out, _ = run(
        capsys, f"tanh({' * '.join(names)})**2 / {names[0]}", *(f"{name}=0.9" for name in names), "--explain"
    )
    assert "∂" in out
    assert max(map(len, out.splitlines()[2:])) <= 80


def test_the_name_of_the_result_is_not_one_of_the_expression_s(capsys):
    _, out, _ = run(capsys, "y * f", "y=2", "f=3", "--explain")
    assert "\nz = y * f\n\n∂z/∂y = f\n      = 3\n" in out


def test_a_name_alone_is_its_own_explanation(capsys):
    _, out, _ = run(capsys, "x", "x=2", "--explain")
    assert out.endswith("\n\n∂x/∂x = 1\n\nIt is the output itself: the only path is empty.\n")


def test_a_number_needs_no_explanation(capsys):
    assert run(capsys, "2 + 3", "--explain")[::2] == (0, "")
    assert run(capsys, "2 + 3", "--html", "a.html")[0] == 2


def test_html_writes_the_player_and_says_so(capsys, tmp_path):
    file = tmp_path / "steps.html"
    status, out, err = run(capsys, "slope * x", "slope=2", "x=3", "--html", str(file))
    assert (status, err) == (0, "")
    assert out.endswith(f"\n\nThe steps of the backward pass are in {file}.\n")
    assert "slope" in file.read_text(encoding="utf-8")


def test_practice_writes_the_form_and_says_so(capsys, tmp_path):
    pytest.importorskip("pygraphviz")
    file = tmp_path / "practice.html"
    status, out, err = run(capsys, "ln(x) * x", "x=1/2", "--practice", str(file))
    assert (status, err) == (0, "")
    assert out.endswith(f"\n\nThe backward pass to practise on is in {file}.\n")
    assert "Practice: the backward pass from y = " in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("written", ["0.5", "1/2", "0,5", "½"])
def test_a_number_may_be_written_as_an_answer_is(written, capsys):
    status, out, err = run(capsys, "x**2", f"x={written}")
    assert (status, err) == (0, "")
    assert out.endswith("\nx     0.5    1.0\n")


@pytest.mark.parametrize("file", ["steps.txt", "no such folder/steps.html"])
def test_a_page_that_cannot_be_written_is_one_line_after_the_table(file, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, "x**2", "x=3", "--html", file)
    assert (status, out) == (2, "x**2 = 9.0\n\nname  value  gradient\nx     3.0    6.0\n")
    assert err.startswith("error: ")
    assert file in err
    assert list(tmp_path.iterdir()) == []


# ----------------------------------------------------------------------------------------------- functions of one's own


def test_a_module_brings_functions_of_ones_own(capsys, tmp_path, monkeypatch):
    (tmp_path / "cubes.py").write_text(
        "import autograd\nautograd.primitive('cube', lambda a: a ** 3, lambda y, a: 3 * a * a, expression=True)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert run(capsys, "cube(x)", "x=2")[0] == 2
    status, out, err = run(capsys, "cube(x)", "x=2", "--import", "cubes", "--explain")
    assert (status, err) == (0, "")
    assert out.startswith("cube(x) = 8.0\n\nname  value  gradient\nx     2.0    12.0\n")
    del sys.modules["cubes"]


def test_a_module_that_is_not_there_is_one_line(capsys):
    assert run(capsys, "x", "x=2", "--import", "no_such_module") == (2, "", "error: No module named 'no_such_module'\n")


# ------------------------------------------------------------------------------------------------------ help and usage


def test_help_explains_every_function_and_its_examples_work(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    text, err = capsys.readouterr()
    assert (stopped.value.code, err) == (0, "")
    assert set(FUNCTIONS) <= set(re.findall(r"\w+", text))
    examples = re.findall(r"^  python -m autograd (.*)", text, flags=re.MULTILINE)
    assert len(examples) == 4
    assert "python -m autograd exercises --help" in text
    assert "python -m autograd classroom --help" in text
    for example in examples:
        assert main(shlex.split(example)) == 0
    assert (tmp_path / "neuron.svg").exists()


def test_without_arguments_the_help_is_printed_as_an_error(capsys):
    status, out, err = run(capsys)
    assert (status, out) == (2, "")
    options = "[-h] [--version] [--draw FILE] [--html FILE] [--practice FILE] [--import MODULE] [--explain] [--source]"
    usage = f"usage: python -m autograd {options} EXPRESSION [name=number ...] "
    assert " ".join(err.split()).startswith(usage)
    assert "positional arguments:" in err


@pytest.mark.parametrize("command", ["exercises", "classroom"])
def test_what_makes_things_for_a_class_says_its_own_usage_where_it_stands_alone_or_with_h(command, capsys):
    for argv, status in (([command], 2), ([command, "-h"], 0), ([command, "--help"], 0)):
        with pytest.raises(SystemExit) as stopped:
            main(argv)
        assert stopped.value.code == status
        assert "".join(capsys.readouterr()).startswith(f"usage: python -m autograd {command} [-h]")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["x", "x=1", "--nope"], "unrecognized arguments: --nope"),
        (["x", "x=1", "--dra", "a.svg"], "unrecognized arguments: --dra"),
        (["x", "x=1", "--draw"], "argument --draw: expected one argument"),
        (["--draw", "a.svg"], "the following arguments are required: EXPRESSION"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else "",
)
def test_unknown_options_are_a_usage_error(argv, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert err.startswith("usage: ")
    assert message in err


# -------------------------------------------------------------------------------------------------- as its own process


def process(*argv: str, encoding: str = "utf-8", stderr: int = subprocess.PIPE) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "autograd", *argv],
        cwd=Path(autograd.__file__).parents[1],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding=encoding,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_prints_value_and_gradients():
    assert process("-x**2", "x=-3") == (0, "-x**2 = -9.0\n\nname  value  gradient\nx     -3.0   6.0\n", "")


def test_the_command_s_errors_are_no_tracebacks():
    assert process("log(x)", "x=-1") == (2, "", "error: log(x=-1.0) is not defined: ln a needs a > 0\n")


def test_the_value_comes_before_the_error_where_both_go_to_the_same_file():
    status, written, _ = process("9**9**9**9 * x", "x=2", stderr=subprocess.STDOUT)
    assert status == 2
    assert written.startswith("9**9**9**9 * x = inf\nerror: cannot differentiate inf")


def test_a_terminal_without_greek_letters_gets_their_codes():
    assert process("θ**2", "θ=3", encoding="ascii")[:2] == (
        0,
        "\\u03b8**2 = 9.0\n\nname  value  gradient\n\\u03b8     3.0    6.0\n",
    )


def test_a_full_disk_behind_the_output_is_one_line_and_no_traceback():
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-u", "-m", "autograd", "x**2", "x=3"]
        root = Path(autograd.__file__).parents[1]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=root, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: [Errno 28] No space left on device\n"


def test_its_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert (end.value.code, capsys.readouterr().out) == (0, f"chainrule {autograd.__version__}\n")
