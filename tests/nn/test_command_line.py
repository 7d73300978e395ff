"""python -m nn, as its users run it; and the data and pictures that only it uses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nn.__main__
from nn import MLP, accuracy, data, load
from nn.__main__ import _parser, main

PNG = b"\x89PNG\r\n\x1a\n"
SHORT = ["moons", "--epochs", "2", "--hidden", "4"]


def run(folder: Path, *arguments: str) -> int:
    return main([*SHORT, "--output", str(folder), *arguments])


# ------------------------------------------------------------------------------------------------------- what it makes


@pytest.mark.slow
def test_by_default_it_reads_at_least_nine_of_ten_handwritten_digits(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "nn", "--output", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    test = re.search(r"([\d.]+)% on the test data", done.stdout)
    assert test is not None
    assert float(test[1]) >= 90
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.json", "digits.png"]
    assert (tmp_path / "digits.png").read_bytes().startswith(PNG)
    assert re.search(r"100%.*epoch 12, loss \d", done.stderr)
    assert "\r" not in done.stdout
    assert "1437 examples to train on, 360 to test with" in done.stdout

    split = data.digits(seed=0)
    model = load(MLP(64, [32, 10]), tmp_path / "digits.json")
    again = accuracy([model(x) for x in split.test_inputs], split.test_targets)
    assert f"{again:.1%}" == f"{test[1]}%"


def test_moons_draws_a_picture_and_saves_the_network(tmp_path, capsys):
    assert run(tmp_path / "new" / "folder") == 0
    out = capsys.readouterr().out
    assert re.search(r"accuracy: \d+\.\d% on the training data, \d+\.\d% on the test data", out)
    assert re.search(r"loss \d+\.\d+ in the first epoch, \d+\.\d+ in the last", out)
    for name in ("moons.png", "moons.json"):
        assert str(tmp_path / "new" / "folder" / name) in out
    assert (tmp_path / "new" / "folder" / "moons.png").read_bytes().startswith(PNG)
    load(MLP(2, [4, 1]), tmp_path / "new" / "folder" / "moons.json")


def test_digits_draws_a_picture_and_saves_the_network(tmp_path, capsys):
    assert main(["--hidden", "1", "--epochs", "1", "--batch-size", "500", "--output", str(tmp_path)]) == 0
    assert "MLP(64, [1, 10], activation='relu'): 85 parameters, seed 0" in capsys.readouterr().out
    assert (tmp_path / "digits.png").read_bytes().startswith(PNG)
    load(MLP(64, [1, 10]), tmp_path / "digits.json")


def test_without_an_output_folder_it_writes_to_one_called_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(SHORT) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["moons.json", "moons.png"]


def test_a_seed_repeats_a_run_digit_for_digit_and_another_one_differs(tmp_path, capsys):
    printed, written = [], []
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        assert run(tmp_path / name, "--seed", seed) == 0
        out = capsys.readouterr().out.replace(str(tmp_path / name), "")
        printed.append(re.sub(r"\d+\.\d s$", "", out, flags=re.MULTILINE))
        written.append((tmp_path / name / "moons.json").read_bytes())
    assert written[0] == written[1] != written[2]
    assert printed[0] == printed[1] != printed[2]


def test_every_setting_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("nn.pictures.boundary_picture", lambda *args: None)
    settings = [[], ["--epochs", "3"], ["--lr", "0.01"], ["--momentum", "0"], ["--batch-size", "7"], ["--seed", "1"],
                ["--activation", "tanh"], ["--hidden", "4", "4"]]  # fmt: skip
    states = []
    for i, arguments in enumerate(settings):
        assert run(tmp_path / str(i), *arguments) == 0
        states.append(str(json.loads((tmp_path / str(i) / "moons.json").read_text())["parameters"]))
    assert len(set(states)) == len(settings)


def test_the_weights_are_saved_even_if_the_picture_fails(tmp_path, monkeypatch, capsys):
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ImportError("No module named 'matplotlib'")

    monkeypatch.setattr("nn.pictures.boundary_picture", broken)
    assert run(tmp_path) == 2
    assert "pip install 'chainrule[train]'" in capsys.readouterr().err
    load(MLP(2, [4, 1]), tmp_path / "moons.json")


# ------------------------------------------------------------------------------------------------- help and mistakes


def test_help_explains_every_option(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for action in _parser()._actions:
        assert action.help
        for option in action.option_strings:
            assert option in text
    for option in ("--hidden", "--epochs", "--lr", "--seed", "--output", "--batch-size", "--momentum", "--activation"):
        assert option in text
    for word in (
        "digits",
        "moons",
        "learning rate",
        "default: 12 for digits, 60 for moons",
        "where to write the files",
    ):
        assert word in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mooons"], "invalid choice: 'mooons'"),
        (["--epochs", "0"], "--epochs: must be a whole number, 1 or more, got '0'"),
        (["--epochs", "1.5"], "--epochs: must be a whole number, 1 or more, got '1.5'"),
        (["--hidden", "16", "none"], "--hidden: must be a whole number, 1 or more, got 'none'"),
        (["--hidden"], "--hidden: expected at least one argument"),
        (["--batch-size", "-3"], "--batch-size: must be a whole number, 1 or more, got '-3'"),
        (["--lr", "0"], "--lr: must be a finite number greater than 0, got '0'"),
        (["--lr", "-0.1"], "--lr: must be a finite number greater than 0, got '-0.1'"),
        (["--lr", "nan"], "--lr: must be a finite number greater than 0, got 'nan'"),
        (["--lr", "inf"], "--lr: must be a finite number greater than 0, got 'inf'"),
        (["--momentum", "1"], "--momentum: must be a number from 0 to less than 1, got '1'"),
        (["--momentum", "nan"], "--momentum: must be a number from 0 to less than 1, got 'nan'"),
        (["--seed", "-1"], "--seed: must be a whole number from 0 to 4294967295, got '-1'"),
        (["--seed", "4294967296"], "--seed: must be a whole number from 0 to 4294967295, got '4294967296'"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_a_bad_option_is_refused_with_status_2_and_a_sentence(capsys, arguments, sentence):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.out == ""


def one_sentence(capsys: Any) -> str:
    """The last line on stderr: what went wrong."""
    err: str = capsys.readouterr().err
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.startswith("python -m nn: ")
    return last


def test_an_unknown_activation_is_refused_with_what_may_be_meant(tmp_path, capsys):
    assert run(tmp_path, "--activation", "rleu") == 2
    assert "there is no activation 'rleu': try 'relu'" in one_sentence(capsys)


def test_an_output_folder_that_is_a_file_is_refused_before_any_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(nn.__main__, "fit", None)
    (tmp_path / "file").write_text("something")
    assert run(tmp_path / "file") == 2
    assert str(tmp_path / "file") in one_sentence(capsys)
    assert (tmp_path / "file").read_text() == "something"


def test_a_rate_with_which_the_training_explodes_ends_with_a_sentence(tmp_path, capsys):
    assert run(tmp_path, "--lr", "1e300") == 2
    assert "training stopped at step 2" in one_sentence(capsys)
    assert list(tmp_path.iterdir()) == []


def test_an_activation_without_a_value_ends_with_a_sentence(tmp_path, capsys):
    assert run(tmp_path, "--activation", "log") == 2
    assert "is not defined: ln a needs a > 0" in one_sentence(capsys)


@pytest.mark.parametrize("module", ["sklearn.datasets", "tqdm.auto", "matplotlib.figure"])
def test_a_missing_package_is_named_with_what_installs_it(tmp_path, capsys, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert run(tmp_path) == 2
    sentence = one_sentence(capsys)
    assert module.partition(".")[0] in sentence
    assert "pip install 'chainrule[train]'" in sentence


def test_ctrl_c_ends_it_without_a_traceback(tmp_path, capsys, monkeypatch):
    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.__main__, "fit", interrupted)
    assert run(tmp_path) == 130
    assert one_sentence(capsys) == "python -m nn: stopped"


# ------------------------------------------------------------------------------------------------------------- the data


def points(split: data.Split) -> list[tuple[float, ...]]:
    return sorted(map(tuple, split.train_inputs + split.test_inputs))


def test_the_digits_are_split_once_for_all_into_four_fifths_and_one():
    split = data.digits(seed=0)
    assert (len(split.train_inputs), len(split.test_inputs)) == (1437, 360)
    assert {len(image) for image in split.train_inputs + split.test_inputs} == {64}
    assert min(map(min, split.train_inputs)) == 0.0
    assert max(map(max, split.train_inputs)) == 1.0
    for digit in range(10):
        share = split.test_targets.count(digit) / (split.test_targets + split.train_targets).count(digit)
        assert share == pytest.approx(0.2, abs=0.01)
    other = data.digits(seed=1)
    assert points(other) == points(split)
    assert other.test_inputs != split.test_inputs


def test_the_moons_are_two_classes_of_equal_size():
    split = data.moons(seed=0)
    assert (len(split.train_inputs), len(split.test_inputs)) == (160, 40)
    assert split.train_targets.count(1) == split.train_targets.count(-1) == 80
    assert split.test_targets.count(1) == split.test_targets.count(-1) == 20
    assert data.moons(seed=0) == split
    assert points(data.moons(seed=1)) != points(split)


def test_data_are_plain_numbers():
    for split in (data.digits(), data.moons()):
        assert {type(x) for x in split.train_inputs[0]} == {float}
        assert {type(t) for t in split.train_targets + split.test_targets} == {int}
