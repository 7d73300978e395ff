"""python -m nn, as its users run it; and the pictures that only it uses."""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import nn.__main__
from autograd.basics.extras import installing
from nn import GPT, MLP, Dropout, Layer, Sequential, accuracy, cross_entropy, data, load
from nn.__main__ import JOBS, OPTIMIZERS, SCHEDULES, _parser, main
from nn.data import moons

PNG = b"\x89PNG\r\n\x1a\n"
SHORT = ["moons", "--epochs", "2", "--hidden", "4"]


def run(folder: Path, *arguments: str) -> int:
    return main([*SHORT, "--output", str(folder), *arguments])


@pytest.fixture(autouse=True)
def _few_pictures(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture takes longer than a short training: where a test doesn't draw, an empty file stands for it."""
    if "draws" not in request.node.name:
        monkeypatch.setattr(Figure, "savefig", lambda figure, file, **settings: file.write(PNG))


# ------------------------------------------------------------------------------------------------------- what it makes


@pytest.mark.slow
def test_by_default_it_reads_at_least_95_of_100_handwritten_digits(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "nn", "--output", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    test = re.search(r"([\d.]+)% on the test data", done.stdout)
    assert test is not None
    assert float(test[1]) >= 95
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits.json", "digits.png", "digits_training.png"]
    for name in ("digits.png", "digits_training.png"):
        assert (tmp_path / name).read_bytes().startswith(PNG)
    assert re.search(r"100%.*epoch 12, loss \d.*, validation loss \d", done.stderr)
    assert "\r" not in done.stdout
    assert "1294 training, 143 validation, 360 test examples" in done.stdout

    split = data.digits(seed=0)
    model = load(MLP(64, [32, 10]), tmp_path / "digits.json")
    again = accuracy([model(x) for x in split.test_inputs], split.test_targets)
    assert f"{again:.1%}" == f"{test[1]}%"


@pytest.mark.slow
def test_by_default_it_tells_the_moons_apart(tmp_path, capsys):
    assert main(["moons", "--output", str(tmp_path)]) == 0
    test = re.search(r"([\d.]+)% on the test data", capsys.readouterr().out)
    assert test is not None
    assert float(test[1]) >= 95


def test_moons_draws_pictures_and_saves_the_network(tmp_path, capsys):
    assert run(tmp_path / "new" / "folder") == 0
    out = capsys.readouterr().out
    assert "288 training, 32 validation, 80 test examples" in out
    assert re.search(r"accuracy(.*\d+\.\d% on the (training|validation|test) data){3}", out)
    assert re.search(r"loss \d+\.\d+ in the first epoch, \d+\.\d+ in the last, validation loss \d+\.\d+", out)
    for name in ("moons.png", "moons_training.png", "moons.json"):
        assert str(tmp_path / "new" / "folder" / name) in out
    for name in ("moons.png", "moons_training.png"):
        assert (tmp_path / "new" / "folder" / name).read_bytes().startswith(PNG)
    load(MLP(2, [4, 1]), tmp_path / "new" / "folder" / "moons.json")


@pytest.mark.slow
def test_digits_draws_a_picture_and_saves_the_network(tmp_path, capsys):
    assert main(["--hidden", "1", "--epochs", "1", "--batch-size", "500", "--output", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "MLP(64, [1, 10], activation='relu'), seed 0" in out
    assert "SGD(85 parameters, lr=0.1, momentum=0.9, " in out
    assert (tmp_path / "digits.png").read_bytes().startswith(PNG)
    load(MLP(64, [1, 10]), tmp_path / "digits.json")


@pytest.mark.slow
def test_names_learns_to_spell_and_draws_where_it_looks(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(nn.__main__, "_print_speeds", lambda *arguments: None)
    whole = data.names()
    short = [[x for x in part if len(x) == 4] for part in (whole.train_inputs, whole.test_inputs)]
    (inputs, targets), (test_inputs, test_targets) = ([xs, [[*x[1:], 0] for x in xs]] for xs in short)
    split = data.Split(inputs[:40], targets[:40], test_inputs[:5], test_targets[:5])
    monkeypatch.setitem(JOBS, "names", replace(JOBS["names"], load=lambda seed: split))
    assert main(["names", "--epochs", "2", "--output", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "36 training, 4 validation, 5 test examples" in out
    assert "Adam(4240 parameters, lr=0.01, " in out
    assert len(re.findall(r"^names (before|after): [a-z]*(, [a-z]*){7}$", out, flags=re.MULTILINE)) == 2
    told = re.search(r"test loss ([\d.]+): as uncertain as between ([\d.]+) letters", out)
    assert told is not None
    model = load(GPT(27, 16), tmp_path / "names.json")
    loss = sum(cross_entropy(model(x), t).data for x, t in zip(split.test_inputs, split.test_targets)) / 5
    assert told[1] == f"{loss:.4g}"
    assert float(told[2]) == pytest.approx(math.exp(loss), abs=0.051)
    assert (tmp_path / "names.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(("option", "value"), [("hidden", "4"), ("dropout", "0.5")])
def test_what_names_does_not_have_is_refused_before_any_training(tmp_path, capsys, option, value):
    assert main(["names", f"--{option}", value, "--output", str(tmp_path / "new")]) == 2
    assert f"--{option} is for digits and moons" in one_sentence(capsys)
    assert not (tmp_path / "new").exists()


def test_without_the_names_the_extra_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "names", None)
    assert main(["names", "--output", str(tmp_path)]) == 2
    sentence = f"nn.data.names needs the package names, which comes with the extra `names`: {installing('names')}"
    assert one_sentence(capsys) == f"python -m nn: {sentence}"


def test_without_an_output_folder_it_writes_to_one_called_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(SHORT) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "moons.json",
        "moons.png",
        "moons_training.png",
    ]


def test_a_seed_repeats_a_run_digit_for_digit_and_another_one_differs(tmp_path, capsys):
    printed, written = [], []
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        assert run(tmp_path / name, "--seed", seed) == 0
        out = capsys.readouterr().out.replace(str(tmp_path / name), "")
        printed.append(re.sub(r"\d+\.\d s$|^a step of .*$", "", out, flags=re.MULTILINE))
        written.append((tmp_path / name / "moons.json").read_bytes())
    assert written[0] == written[1] != written[2]
    assert printed[0] == printed[1] != printed[2]


def test_every_setting_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("nn.pictures.boundary_picture", lambda *args: None)
    monkeypatch.setattr("nn.training.history.History.plot", Figure)
    settings = [[], ["--epochs", "3"], ["--lr", "0.01"], ["--momentum", "0"], ["--batch-size", "7"], ["--seed", "1"],
                ["--activation", "tanh"], ["--hidden", "4", "4"], ["--weight-decay", "0.1"], ["--dropout", "0.5"],
                ["--warmup", "5"], ["--optimizer", "rmsprop"], ["--optimizer", "rmsprop", "--momentum", "0.5"],
                *(["--optimizer", name] for name in OPTIMIZERS if name not in ("sgd", "rmsprop")),
                *(["--schedule", name] for name in SCHEDULES if name != "cosine")]  # fmt: skip
    states = []
    for i, arguments in enumerate(settings):
        assert run(tmp_path / str(i), *arguments) == 0
        states.append(str(json.loads((tmp_path / str(i) / "moons.json").read_text())["parameters"]))
    assert len(set(states)) == len(settings)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss_with_the_rate_chosen_for_it(tmp_path, capsys, optimizer):
    assert run(tmp_path, "--optimizer", optimizer, "--epochs", "10") == 0
    losses = re.search(r"loss (\S+) in the first epoch, (\S+) in the last", capsys.readouterr().out)
    assert losses is not None
    assert float(losses[2]) < 0.7 * float(losses[1])


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 100])
def test_every_schedule_but_the_constant_one_falls_to_a_hundredth(name, steps):
    factor = SCHEDULES[name](steps)
    factors = [factor(step) for step in range(steps + 1)]
    assert factors[0] == 1
    assert all(later <= earlier for earlier, later in pairwise(factors))
    if steps == 100:
        assert factors[-1] == pytest.approx(1 if name == "constant" else 0.01)


def test_the_rate_rises_in_the_warm_up_and_then_follows_its_schedule():
    options = _parser().parse_args(["--warmup", "4", "--schedule", "step"])
    factor = nn.__main__._schedule(30, options)
    assert [factor(step) for step in range(5)] == pytest.approx([0.25, 0.4375, 0.625, 0.8125, 1])
    assert [factor(10), factor(20)] == pytest.approx([0.1, 0.01])


def test_dropout_stands_behind_each_hidden_layer(tmp_path):
    assert run(tmp_path, "--hidden", "4", "3", "--dropout", "0.25") == 0
    layers = [Layer(2, 4), Dropout(0.25), Layer(4, 3), Dropout(0.25), Layer(3, 1, "linear")]
    load(Sequential(*layers), tmp_path / "moons.json")


def test_training_validation_and_test_data_share_no_example(tmp_path, monkeypatch):
    class Stop(Exception): ...

    def seen(model, loss, inputs, targets, *, validation, **settings):
        raise Stop(inputs, validation[0])

    monkeypatch.setattr(nn.__main__, "fit", seen)
    with pytest.raises(Stop) as stop:
        main(["digits", "--seed", "3", "--output", str(tmp_path)])
    inputs, validation = stop.value.args
    split = data.digits(seed=3)
    assert (len(inputs), len(validation), len(split.test_inputs)) == (1294, 143, 360)
    assert Counter(map(tuple, inputs + validation)) == Counter(map(tuple, split.train_inputs))


def test_the_weights_are_saved_even_if_the_picture_fails(tmp_path, monkeypatch, capsys):
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ImportError("No module named 'matplotlib'")

    monkeypatch.setattr("nn.pictures.boundary_picture", broken)
    assert run(tmp_path) == 2
    assert installing("train") in capsys.readouterr().err
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
    for word in (
        "digits",
        "moons",
        "learning rate",
        "default: 12 for digits, 40 for moons, 6 for names",
        "names",
        "where to write the files",
        *OPTIMIZERS,
        *SCHEDULES,
    ):
        assert word in text
    assert len(text) < 2000


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
        (["--optimizer", "sdg"], "--optimizer: invalid choice: 'sdg' (choose from "),
        (["--schedule", "cosin"], "--schedule: invalid choice: 'cosin' (choose from "),
        (["--warmup", "-1"], "--warmup: must be a whole number, 0 or more, got '-1'"),
        (["--weight-decay", "-1"], "--weight-decay: must be a finite number, 0 or greater, got '-1'"),
        (["--weight-decay", "inf"], "--weight-decay: must be a finite number, 0 or greater, got 'inf'"),
        (["--dropout", "1"], "--dropout: must be a number from 0 to less than 1, got '1'"),
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


def test_a_momentum_for_an_optimizer_that_has_none_is_refused_before_any_training(tmp_path, capsys):
    assert run(tmp_path / "new", "--optimizer", "adam", "--momentum", "0.5") == 2
    assert one_sentence(capsys) == "python -m nn: --momentum is for sgd and rmsprop: adam has no such setting"
    assert not (tmp_path / "new").exists()


def test_a_warm_up_longer_than_the_run_is_refused(tmp_path, capsys):
    assert run(tmp_path, "--warmup", "31") == 2
    assert one_sentence(capsys) == "python -m nn: --warmup 31 is too long: the whole run has 30 steps"


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


@pytest.mark.parametrize("module", ["sklearn", "matplotlib"])
def test_a_missing_package_is_named_with_what_installs_it(tmp_path, capsys, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert run(tmp_path) == 2
    sentence = one_sentence(capsys)
    assert {"sklearn": "nn.data.moons needs scikit-learn", "matplotlib": "needs Matplotlib"}[module] in sentence
    assert installing("train") in sentence


def test_ctrl_c_before_the_training_ends_it_without_a_traceback(tmp_path, capsys, monkeypatch):
    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.__main__, "fit", interrupted)
    assert run(tmp_path) == 130
    assert one_sentence(capsys) == "python -m nn: stopped"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("steps", "files"), [(5, []), (20, ["moons_training.png"])])
def test_ctrl_c_in_the_training_keeps_what_was_learned(tmp_path, capsys, monkeypatch, steps, files):
    """An epoch has 15 steps: the first of these runs has no complete one, of which a curve could be drawn."""
    made = []

    def update(self: Any, *arguments: Any) -> Any:
        if len(made) == steps:
            raise KeyboardInterrupt
        made.append(1)
        return original(self, *arguments)

    original = nn.SGD.update
    monkeypatch.setattr(nn.SGD, "update", update)
    monkeypatch.setattr(nn.__main__, "_print_speeds", lambda *arguments: None)
    assert run(tmp_path) == 130
    weights = tmp_path / "moons.json"
    epoch = 1 + steps // 15
    out = capsys.readouterr().out
    assert f"interrupted in epoch {epoch}: what was learned until then is kept in {weights}\n" in out
    assert "on the test data" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moons.json", "moons.png", *files]
    load(MLP(2, [4, 1]), weights)


@pytest.mark.slow
def test_a_real_ctrl_c_ends_it_with_the_files_written(tmp_path):
    run = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "moons", "--epochs", "1000", "--output", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert run.stderr is not None
    told = ""
    while told.count("validation loss") < 2:  # then the first epoch is recorded, too
        read = run.stderr.read(1)
        assert read, told
        told += read
    run.send_signal(signal.SIGINT)
    out, err = run.communicate()
    assert run.returncode == 130
    assert "Traceback" not in err
    assert re.search(r"^interrupted in epoch \d+: ", out, flags=re.MULTILINE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moons.json", "moons.png", "moons_training.png"]


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background has it ignored
from nn.__main__ import main
sys.exit(main())
"""


def test_eager_and_compiled_steps_learn_the_same_and_both_speeds_are_told(tmp_path, capsys):
    numbers = []
    for option in ([], ["--eager"]):
        assert run(tmp_path, *option) == 0
        told = capsys.readouterr().out
        assert re.search(
            r"a step of 20 examples: [\d.e-]+ ms compiled, [\d.]+ ms eager, about [\d.]+ times as long", told
        )
        numbers.append(json.loads((tmp_path / "moons.json").read_text())["parameters"])
    compiled, eager = numbers
    assert compiled == pytest.approx(eager, rel=1e-9)


@pytest.mark.slow
def test_what_the_command_line_tells_of_a_network_with_dropout_is_told_without_it(tmp_path, capsys):
    arguments = ["moons", "--hidden", "4", "--dropout", "0.5", "--epochs", "3", "--output", str(tmp_path)]
    assert main(arguments) == 0
    told = re.search(r"accuracy: ([\d.]+)% on the training data.* ([\d.]+)% on the test data", capsys.readouterr().out)
    model = load(JOBS["moons"].model(_parser().parse_args(arguments)), tmp_path / "moons.json").eval()
    split = moons(400)
    kept = len(split.train_inputs) - len(split.train_inputs) // 10
    shares = [
        accuracy([model(x) for x in inputs], targets)
        for inputs, targets in [
            (split.train_inputs[:kept], split.train_targets[:kept]),
            (split.test_inputs, split.test_targets),
        ]
    ]
    assert [f"{100 * share:.1f}" for share in shares] == [told[1], told[2]]


def test_its_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert (end.value.code, capsys.readouterr().out) == (0, f"chainrule {nn.__version__}\n")
