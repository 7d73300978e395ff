"""Hostile files: a saved model is loaded as the file says, or refused with nothing changed. `tests.hostile` has more.

Plain damage is in test_saving.py and test_checkpoints.py; here are the files of somebody who means harm, and
options of `python -m nn` that nobody would type.
"""

from __future__ import annotations

import html
import io
import json
import os
import random
import sys
import tracemalloc
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import Module, Parameter, load, save
from nn.__main__ import main
from nn.diagnostics.by_layer import ByLayer
from nn.pictures.figure import literal
from tests.hostile.files import Files, Run
from tests.hostile.inputs import nothing_runs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    return Files(tmp_path_factory.mktemp("hostile"))


@given(st.integers(0, 2**32))
def test_a_hostile_file_is_loaded_as_it_says_or_refused_with_nothing_changed(files, seed):
    rng = random.Random(seed)
    for _ in range(3):
        files.check(files.content(rng), rng)


def refused(path: Any, run: Run, whole: bool = True) -> str:
    """The message with which a file is refused; nothing has changed."""
    before = run.state()
    with pytest.raises((ValueError, OSError)) as caught:
        load(run.model, path, **run.parts(whole))
    assert run.state() == before
    assert str(path) in str(caught.value)
    return str(caught.value)


def changed(files: Files, place: list[Any], raw: str) -> bytes:
    """The bytes of a saved training with something else in one place, written as it is."""
    tree = json.loads(files.saved[1])
    inner = tree
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = "here"
    return json.dumps(tree).replace('"here"', raw).encode()


# ------------------------------------------------------------------------------------------------------ what is no file


class Opened(BaseException):
    """Something was opened that might never end."""


@pytest.fixture
def never_opened(monkeypatch):
    """From here on a file that is opened fails the test, where it would otherwise wait for ever."""

    def opened(*arguments: Any) -> None:
        raise Opened(arguments)

    monkeypatch.setattr("builtins.open", opened)
    monkeypatch.setattr("io.open", opened)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path, never_opened):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        assert "is a pipe or a device" in refused(tmp_path / name, Run(0))


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/random", "/dev/tty"])
def test_a_device_is_refused_and_not_read(device, never_opened):
    if Path(device).exists():
        assert "is a pipe or a device" in refused(device, Run(0))


def test_links_in_a_circle_are_an_error_of_the_system(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    refused(tmp_path / "a", Run(0))


def test_a_folder_is_an_error_of_the_system(tmp_path):
    refused(tmp_path, Run(0))


# -------------------------------------------------------------------------------------------------------------- size


def peak(path: Path, run: Run) -> tuple[str, int]:
    """The refusal, and the memory that it took."""
    tracemalloc.start()
    try:
        return refused(path, run), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_of_gigabytes_is_refused_after_a_few_megabytes(tmp_path):
    path = tmp_path / "sparse.json"
    with open(path, "wb") as file:
        file.truncate(8 << 30)  # which takes no space on the disk
    message, memory = peak(path, Run(0))
    assert "is too large to be a saved model of this kind: it has more than 16," in message
    assert memory < 2 * 17_000_000  # what is read: the limit, and a buffer of as much at most


def test_a_text_of_megabytes_is_refused_before_it_is_read_as_json(tmp_path, files):
    path = tmp_path / "model.json"
    path.write_bytes(changed(files, ["model"], '"' + "x" * 20_000_000 + '"'))
    _, memory = peak(path, Run(0))
    assert memory < 2 * 17_000_000


def test_a_list_that_says_it_has_a_thousand_million_entries_takes_the_memory_of_its_text(tmp_path, files):
    for words in ("[0.0, 1e9]", '{"length": 1000000000}', "1000000000", '"%1000000000d"', '["%1000000000d"]'):
        for place in (["parameters"], ["training", "seed"], ["training", "optimizer", "state", "exp_avg"]):
            path = tmp_path / "model.json"
            path.write_bytes(changed(files, place, words))
            _, memory = peak(path, Run(0))
            assert memory < 20_000_000  # a buffer of 17 MB for the file, and what is in it


@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_state_of_a_generator_is_numbers_and_no_format(tmp_path, files, version):
    """random.Random.setstate computes x % 2**32 for an old version's states: of "%300000000d" that makes 300 MB."""
    path = tmp_path / "model.json"
    path.write_bytes(changed(files, ["training", "seed"], f'[{version}, ["%300000000d"], null]'))
    message, memory = peak(path, Run(0))
    assert "the state of the random generator seed is not one" in message
    assert memory < 20_000_000


class Wide(Module):
    """Many parameters with names that JSON writes six times as long."""

    def __init__(self, n: int) -> None:
        self.é = {f"{'é' * 50}{i}": Parameter(-1.2345678901234567e-300) for i in range(n)}


@pytest.mark.slow
def test_whatever_can_be_saved_can_be_loaded(tmp_path):
    """The limit grows with the model: this file has more bytes than any small model's may have."""
    model, path = Wide(60_000), tmp_path / "model.json"
    save(model, path)
    assert path.stat().st_size > 2**24
    load(Wide(60_000), path)
    assert "too large" in refused(path, Run(0))


# ------------------------------------------------------------------------------------------------------------ messages


@pytest.mark.parametrize("depth", [sys.getrecursionlimit() - n for n in (200, 100, 60, 50, 40, 35, 30, 25, 20, 10)])
def test_what_is_nested_as_deeply_as_python_recurses_is_refused(files, depth):
    """Reading may succeed where showing it in the message would go too deep by a few calls."""
    places: list[list[Any]] = [["parameters"], ["version"], ["parameters", "layers.0.neurons.0.b"]]
    places += [["training", *inner] for inner in (["seed", 1], ["optimizer", "steps"], ["schedule", "base_lr"])]
    places += [["training", "optimizer", *inner] for inner in (["settings", "lr"], ["state", "exp_avg", 0])]
    for place in places:
        for opened, closed in (("[", "]"), ('{"a":', "1}")):
            files.path.write_bytes(changed(files, place, opened * depth + closed * depth))
            refused(files.path, files.target)


@pytest.mark.parametrize(
    "name", ["\x1b[2J", "a\nb", "\ud800", "\u202e", "x" * 1_000_000, "__class__", "%s{}"], ids=ascii
)
def test_a_name_in_a_file_is_shown_in_one_short_line(files, name):
    places: list[list[Any]] = [["version"], ["model"], ["parameters", "layers.0.neurons.0.b"], ["training", "seed"]]
    places += [["training", "generators"], ["training", "optimizer", "optimizer"], ["training", "optimizer"]]
    for place in places:
        for content in (name, {name: 1}, [name]):
            if place == ["model"]:  # which is only ever shown: another mistake brings it into the message
                files.path.write_bytes(changed(files, place, json.dumps(content)).replace(b"layers.0", b"layers.9"))
            else:
                files.path.write_bytes(changed(files, place, json.dumps(content)))
            message = refused(files.path, files.target)
            assert message.isprintable()
            assert len(message) < 1_500 + len(str(files.path))


def test_a_file_sets_no_attribute_and_starts_nothing(files):
    for name in ("__class__", "__dict__", "training", "layers", "__call__"):
        content = json.loads(files.saved[1])
        content["parameters"][name] = content["training"]["optimizer"]["settings"][name] = 1.0
        files.path.write_bytes(json.dumps(content).encode())
        with nothing_runs(but=lambda event, arguments: event == "open"):
            refused(files.path, files.target)


# ------------------------------------------------------------------------------------------------------- command lines

NUMBERS = [
    "0",
    "-1",
    "1.5",
    "nan",
    "inf",
    "1e400",
    "9" * 30,
    "9" * 400,
    "9" * 5000,
    "",
    "x",
    "\0",
    "\n",
    "\ud800",
    "１２",
    "%s",
]
NUMBERS += ["0x10", "None", "[1]", "--", "1e308", "5e-324", "0.9999999999999999", "\x1b[2J"]
TEXTS = [
    "",
    "\0",
    "\n",
    "\ud800",
    "__class__",
    "/dev/null/x",
    "x" * 300,
    "y" * 100_000,
    "\x1b[2J",
    "$(id)",
    "add",
    "dot",
    "%s",
]
OPTIONS = dict.fromkeys(
    ["lr", "momentum", "weight-decay", "warmup", "epochs", "batch-size", "seed", "hidden", "dropout"], NUMBERS
)
OPTIONS |= dict.fromkeys(["activation", "optimizer", "schedule", "output", "eager", "unknown"], TEXTS)


def said(*arguments: str) -> str:
    """What `python -m nn` says on stderr; the test fails unless the status is 2."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status: Any = main(arguments)
        except SystemExit as stop:
            status = stop.code
            assert "python -m nn: error: " in err.getvalue()
        else:
            assert err.getvalue().count("\n") == 1
            assert err.getvalue()[:-1].isprintable()
            assert len(err.getvalue()) < 1_100
    assert status == 2
    return err.getvalue()


@pytest.fixture
def no_training(monkeypatch, tmp_path):
    """Options that turn out to be good end where the training would begin."""

    def stopped(*arguments: Any, **settings: Any) -> None:
        raise ValueError("here the training begins")

    monkeypatch.setattr("nn.__main__.fit", stopped)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.usefixtures("no_training")
def test_any_value_of_an_option_is_refused_with_a_sentence_or_good(option):
    for value in OPTIONS[option]:
        said("moons", "--schedule", "exponential", f"--{option}={value}")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--hidden", "9999999999"], "--hidden: such a network has more than 1,000,000 weights"),
        (["--hidden", "1000", "1000", "--dropout", "0.5"], "--hidden: such a network has more than 1,000,000 weights"),
        (["--epochs", "9" * 400], "--epochs: at most 1,000,000 can be made"),
        (["--batch-size", "9" * 400, "--schedule", "step"], "here the training begins"),
    ],
    ids=lambda x: str(x)[:30],
)
@pytest.mark.usefixtures("no_training")
def test_what_would_never_end_is_refused_before_it_begins(arguments, sentence):
    assert sentence in said("moons", *arguments)


# ------------------------------------------------------------------------------------------------- names in Matplotlib


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("$x$", "$x$"),
        ("$\\frac$", "$\\frac$"),
        ("\\$", "\\$"),
        ("_hidden", "_hidden"),
        ("a\nb\0", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
        ("x" * 1_000_000, f"{'x' * 19}…{'x' * 20}"),
        ("<svg onload='f()'>", "<svg onload='f()'>"),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_the_name_of_a_layer_is_drawn_as_it_is(name, shown):
    figure = ByLayer({name: 0.5, "other": 0.25}, "a title", "a quantity").plot(label=name)
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None})
    (axes,) = figure.axes
    assert [text.get_text().strip().replace(r"\$", "$") for text in axes.get_legend().get_texts()] == [shown]
    assert axes.get_xticklabels()[0].get_text() == literal(name)
    written = html.escape(literal(name).replace(r"\$", "$"), quote=False)
    assert f"<!-- {written} -->" in content.getvalue()
