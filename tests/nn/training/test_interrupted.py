"""Interrupted: whatever ends a save or a training, and at whatever moment, files and models are whole.

"At every moment" is meant: a program changes something only when it calls something, so a counter of calls
(`sys.setprofile`) can end it at each of them in turn. What is killed is a child, forked off a process that has no other
threads. `python -m tests.nn.training.test_interrupted FUNCTION FOLDER [ARGUMENTS]` runs one of the functions without
`test` in their names alone, and with 1 for `every` it leaves out nothing: that takes minutes.
"""

from __future__ import annotations

import errno
import gc
import json
import math
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from autograd import bulk, is_grad_enabled
from nn import Adam, BatchNorm, Dropout, Layer, Schedule, Sequential, fit, load, mse_loss, save, schedules
from nn.training.errors import TrainingError
from tests.support import moments
from tests.support.moments import Event, any_moment, at, die, ended, forked, interrupt, touching_files

pytestmark = pytest.mark.slow

X = [[random.Random(i).gauss(0, 1), random.Random(i + 100).gauss(0, 1)] for i in range(4)]
T = [math.sin(a) + 0.5 * b for a, b in X]


class Run:
    """All the objects of a training, after some epochs of it."""

    def __init__(self, epochs: int = 0, *, compile: bool = False, seed: int = 0) -> None:
        norm = [] if compile else [BatchNorm(2)]  # of which a compiled program is told nothing
        self.model = Sequential(
            Layer(2, 2, "tanh", seed=seed), *norm, Dropout(0.4, seed=seed + 1), Layer(2, 1, "linear", seed=seed)
        )
        self.optimizer = Adam(self.model.parameters(), lr=0.05)
        self.schedule = Schedule(self.optimizer, schedules.cosine(20))
        self.rng = random.Random(seed + 5)
        self.settings = {"compile": compile, "validation": (X[:2], T[:2]), "progress": False}
        if epochs:
            self.fit(epochs)

    @property
    def parts(self) -> dict[str, Any]:
        return {"optimizer": self.optimizer, "schedule": self.schedule, "seed": self.rng}

    def save(self, path: Path) -> None:
        save(self.model, path, **self.parts)

    def fit(self, epochs: int, **settings: Any) -> Any:
        parts: dict[str, Any] = self.parts | self.settings | settings
        return fit(self.model, mse_loss, X, T, epochs=epochs, **parts)

    def everything(self) -> str:
        """All that the next step depends on, to the last bit."""
        masks = [m.random.getstate() for m in self.model.modules() if isinstance(m, Dropout)]
        states = [self.model.state_dict(), self.optimizer.state_dict(), self.schedule.state_dict(), self.optimizer.lr]
        return repr([states, masks, self.rng.getstate()])


def loaded(path: Path) -> str:
    run = Run(seed=9)
    load(run.model, path, **run.parts)
    return run.everything()


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    return moments.apart("tests.nn.training.test_interrupted", function.__name__, *arguments)


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob(".chainrule-*.tmp"))


LOOP = tuple(
    f"{name}.py"
    for name in (
        *("nn/training/" + name for name in (
            "fit", "eager", "compiled", "atomic", "evaluate", "early_stopping", "errors", "meters", "history",
        )),
        "nn/optim/optimizer", "nn/optim/parameters", "nn/schedules", "nn/state", "autograd/program/session",
        "autograd/basics/setting", "autograd/bulk",
    )
)  # fmt: skip


def in_the_loop(event: Event) -> bool:
    """Where Python takes notice of Ctrl-C: at calls, and after those of functions in C."""
    return event[1] != "return" and event[0].f_code.co_filename.endswith(LOOP)


class Saves:
    """A file with the state after one epoch, over which that after two is saved, again and again."""

    def __init__(self, folder: str) -> None:
        self.folder, self.path = Path(folder), Path(folder) / "model.json"
        self.states: dict[bytes, str] = {}
        for epochs in (2, 1):
            self.last = Run(epochs)
            self.last.save(self.path)
            self.old = self.path.read_bytes()
            self.states[self.old] = self.last.everything()
        self.new = Run(2)
        self.told = {"old": 0, "new": 0, "left": 0}

    def look(self) -> None:
        """The file is one of the two, and loads; what is left beside it is put away, and counted."""
        content = self.path.read_bytes()
        assert loaded(self.path) == self.states[content]
        self.told["old" if content == self.old else "new"] += 1
        for left in left_in(self.folder):
            self.told["left"] += 1
            left.unlink()
        self.path.write_bytes(self.old)


# ------------------------------------------------------------------------------------------------------------- killed


def saves_killed_at_every_moment(folder: str, every: str = "") -> dict[str, int]:
    """At each that touches a file; or, where a number is given, at one in so many of all moments."""
    saves = Saves(folder)
    for moment in count(0, int(every or 1)):
        what = partial(at, moment, any_moment if every else touching_files, die, partial(saves.new.save, saves.path))
        status = ended(forked(what))
        saves.look()
        if status == 0:
            return saves.told
        assert status == -signal.SIGKILL
    raise AssertionError


@pytest.mark.slow
def test_a_save_that_is_killed_at_any_moment_leaves_the_old_file_or_the_new(tmp_path):
    told = apart(saves_killed_at_every_moment, tmp_path)
    assert told["old"] > 30
    assert told["new"] > 2  # after it has its name
    assert told["left"] > 10


def saves_killed_at_random(folder: str, times: str = "40") -> dict[str, int]:
    saves = Saves(folder)

    def for_ever() -> None:
        while True:
            saves.new.save(saves.path)
            saves.last.save(saves.path)

    for i in range(int(times)):
        child = forked(for_ever)
        time.sleep(random.Random(i).uniform(0.0, 0.06))
        os.kill(child, signal.SIGKILL)
        assert ended(child) == -signal.SIGKILL
        saves.look()
    return saves.told


@pytest.mark.slow
def test_saves_that_are_killed_from_outside_leave_one_of_the_files(tmp_path):
    told = apart(saves_killed_at_random, tmp_path)
    assert told["old"] + told["new"] == 40


def saves_without_room(folder: str, every: str = "1499") -> dict[str, int]:
    """The kernel lets a process write so many bytes to a file and no more: it is killed, or gets an error."""
    saves = Saves(folder)

    def limited(size: int, action: Any) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, action)
        with pytest.raises(OSError, match=rf"^\[Errno {errno.EFBIG}\] File too large: '{saves.path}'$"):
            saves.new.save(saves.path)

    for size in range(0, len(saves.old) - 100, int(every)):  # the new one is not so much shorter
        assert ended(forked(partial(limited, size, signal.SIG_DFL))) == -signal.SIGXFSZ
        assert [left.stat().st_size for left in left_in(saves.folder)] == [size]
        saves.look()
        assert ended(forked(partial(limited, size, signal.SIG_IGN))) == 0
        assert not left_in(saves.folder)
        saves.look()
    return saves.told


def test_a_save_that_ends_after_any_number_of_bytes_leaves_the_old_file(tmp_path):
    told = apart(saves_without_room, tmp_path)
    assert told["new"] == 0
    assert told["old"] > 20


def training_killed_again_and_again(folder: str, epochs: str = "6") -> dict[str, Any]:
    """Each child goes on from the file of the one before, until one comes to the end; the state there, and then."""
    path, whole, rng = Path(folder) / "model.json", Run(int(epochs), seed=3), random.Random(0)

    def go_on() -> None:
        run = Run(seed=3)
        if path.exists():
            load(run.model, path, **run.parts)
        if run.optimizer.steps < int(epochs):
            run.fit(int(epochs) - run.optimizer.steps, callbacks=[lambda model, history: run.save(path)])

    kills, seen = 0, []
    at(-1, lambda event: not seen.append(event[1]), die, go_on)  # how many moments it has in all
    path.unlink()
    while status := ended(forked(partial(at, rng.randrange(len(seen) // 2), any_moment, die, go_on))):
        assert status == -signal.SIGKILL
        kills += 1
    return {"kills": kills, "same": loaded(path) == whole.everything()}


@pytest.mark.slow
def test_a_training_that_is_killed_again_and_again_is_the_one_that_never_was(tmp_path):
    told = apart(training_killed_again_and_again, tmp_path)
    assert told["same"]
    assert told["kills"] > 0


# ------------------------------------------------------------------------------------------------------------- Ctrl-C


def saves_interrupted_at_every_moment(folder: str, every: str = "") -> dict[str, int]:
    saves = Saves(folder)
    before = saves.new.everything()
    for moment in count(0, int(every or 1)):
        try:
            counted = any_moment if every else touching_files
            reached = at(moment, counted, interrupt, partial(saves.new.save, saves.path))
        except KeyboardInterrupt:
            reached = True
        assert saves.new.everything() == before
        saves.look()
        if not reached:
            return saves.told
    raise AssertionError


def test_ctrl_c_at_any_moment_of_a_save_leaves_the_old_file_or_the_new(tmp_path):
    told = apart(saves_interrupted_at_every_moment, tmp_path)
    assert told["old"] > 30
    assert told["new"] > 2
    assert told["left"] <= 2  # only where it comes just before the unfinished file is removed


def trainings_interrupted_at_every_moment(folder: str, compile: str, every: str = "41") -> dict[str, int]:
    """At one in so many of the moments of the loop; full batches, so that there are as many epochs as steps."""
    path = Path(folder) / "model.json"
    files, states = [b""], []
    for epochs in range(4):
        run = Run(epochs, compile=compile == "True")
        states.append(run.everything())
        run.save(path)
        files.append(path.read_bytes())
    told = {"returned": 0, "raised": 0}
    for moment in count(0, int(every)):
        path.write_bytes(b"")
        run, history = Run(compile=compile == "True"), None

        def train() -> None:
            nonlocal history
            history = run.fit(3, callbacks=[lambda model, history: run.save(path)])  # noqa: B023

        try:
            reached = at(moment, in_the_loop, interrupt, train)
        except KeyboardInterrupt:
            reached = True
        if not reached:
            return told
        assert run.everything() in states, moment
        assert path.read_bytes() in files, moment
        assert gc.isenabled(), moment
        assert is_grad_enabled(), moment
        assert all(m.training for m in run.model.modules()), moment
        told["raised" if history is None else "returned"] += 1
        if history is not None:
            lists = [history.loss, history.validation_loss, history.lr, history.seconds]
            lists += [*history.gradient_norm.values(), *history.update_ratio.values()]
            assert len({len(numbers) for numbers in lists}) == 1, moment
            assert run.optimizer.steps - len(history.loss) in (0, 1), moment
    raise AssertionError


@pytest.mark.slow
@pytest.mark.parametrize("compile", [False, True])
def test_ctrl_c_at_any_moment_of_a_training_leaves_the_state_after_a_whole_number_of_steps(tmp_path, compile):
    told = apart(trainings_interrupted_at_every_moment, tmp_path, compile)
    assert told["returned"] > 15  # 19 on a compiled kernel, which has fewer lines to strike at


def unseen_trainings_interrupted_at_every_moment(folder: str, compile: str, every: str = "41") -> dict[str, int]:
    """The same where nobody looks between the epochs, so that several of them are recorded at once."""
    settings: dict[str, Any] = {"compile": compile == "True", "validation": None}
    states = [Run(compile=compile == "True").everything()]
    for epochs in range(1, 6):
        run = Run(compile=compile == "True")
        run.fit(epochs, **settings)
        states.append(run.everything())
    told = {"returned": 0, "raised": 0}
    for moment in count(0, int(every)):
        run, history = Run(compile=compile == "True"), None

        def train() -> None:
            nonlocal history
            history = run.fit(5, **settings)  # noqa: B023

        try:
            reached = at(moment, in_the_loop, interrupt, train)
        except KeyboardInterrupt:
            reached = True
        if not reached:
            return told
        assert run.everything() in states, moment
        told["raised" if history is None else "returned"] += 1
        if history is not None:
            lists = [history.loss, history.lr, *history.gradient_norm.values(), *history.update_ratio.values()]
            assert len({len(numbers) for numbers in lists}) == 1, moment
            assert len(set(history.loss)) == len(history.loss), moment
            assert run.optimizer.steps - len(history.loss) in (0, 1), moment
    raise AssertionError


@pytest.mark.slow
@pytest.mark.parametrize(("compile", "most"), [(False, 2), (True, 2), (True, 256)])
def test_ctrl_c_at_any_moment_of_a_training_that_nobody_looks_at_leaves_whole_epochs(
    tmp_path, compile, most, monkeypatch
):
    monkeypatch.setattr("nn.training.meters.MOST", most)
    told = unseen_trainings_interrupted_at_every_moment(tmp_path, str(compile))
    assert told["returned"] > 10


def test_ctrl_c_while_a_compiled_run_hands_over_its_numbers_leaves_them_whole(monkeypatch):
    run, calls = Run(compile=True), []

    def once(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 1:  # after the parameters, before the optimizer's memory
            raise KeyboardInterrupt
        assign(*arguments)

    assign = bulk.assign_gradients
    monkeypatch.setattr(bulk, "assign_gradients", once)
    assert run.fit(2, validation=None).stopped == "interrupted in epoch 2"
    assert run.everything() == Run(2, compile=True).everything()


@pytest.mark.parametrize("compile", [False, True])
def test_a_step_that_fails_leaves_everything_as_after_the_step_before(compile):
    run = Run(compile=compile)
    update = run.optimizer.update

    def failing(t: int, *arguments: Any) -> Any:
        if t == 2:  # when masks have been drawn, and means have run
            raise ValueError("no second step")
        return update(t, *arguments)

    run.optimizer.update = failing
    with pytest.raises(TrainingError, match="training stopped at step 2: no second step"):
        run.fit(3)
    assert run.everything() == Run(1, compile=compile).everything()


# -------------------------------------------------------------------------------------------------------- two at once


def saves_at_once(folder: str, processes: str = "3", times: str = "15") -> int:
    """Processes that save to one name, each its own model; how many of them were seen under it."""
    path, runs = Path(folder) / "model.json", [Run(seed=i) for i in range(int(processes))]
    runs[0].save(path)
    children = [forked(lambda: [run.save(path) for _ in range(int(times))]) for run in runs]  # noqa: B023
    states, seen = {run.everything() for run in runs}, set()
    while children:
        seen.add(loaded(path))
        if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            assert ended(-1) == 0
            children.pop()
    assert seen <= states
    return len(seen)


def test_processes_that_save_to_one_name_at_once_leave_one_of_the_models_whole(tmp_path):
    assert apart(saves_at_once, tmp_path) > 1
    assert os.listdir(tmp_path) == ["model.json"]


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
