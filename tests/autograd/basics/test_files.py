"""Writing files: where one can't be written, a sentence says where and why, and what was there before stays.

What happens to a file whose writer is killed or interrupted is tested in tests/nn/training/test_interrupted.py.
"""

from __future__ import annotations

import errno
import functools
import io
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import autograd.__main__
import nn.__main__
from autograd import Value
from autograd.basics.files import write_whole
from autograd.show import draw, steps
from autograd.show.steps import layout
from tests.support.moments import apart


def sentence(path: Path, number: int) -> str:
    return f"[Errno {number}] {os.strerror(number)}: '{path}'"


def square() -> Value:
    x = Value(2.0, label="x")
    return x * x


# ------------------------------------------------------------------------------------- no room, no right, no such place


@pytest.mark.parametrize(
    ("place", "number"),
    [
        ("/dev/full", errno.ENOSPC),
        ("no folder/file", errno.ENOENT),
        ("a file/file", errno.ENOTDIR),
        ("a folder", errno.EISDIR),
        ("n" * 256, errno.ENAMETOOLONG),
        ("/", errno.EISDIR),
    ],
)
def test_where_no_file_can_be_the_error_has_the_path_and_the_cause(tmp_path, place, number):
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "a folder").mkdir()
    with pytest.raises(OSError, match=r"Errno") as refusal:
        write_whole(tmp_path / place, b"new")
    assert str(refusal.value) == sentence(tmp_path / place, number)
    assert sorted(os.listdir(tmp_path)) == ["a file", "a folder"]
    assert (tmp_path / "a file").read_text() == "mine"


@pytest.mark.parametrize("number", [errno.EIO, errno.EDQUOT, errno.EROFS, errno.ENOSPC])
@pytest.mark.parametrize("call", ["os.urandom", "builtins.open", "os.fsync", "os.replace"])
def test_an_error_of_any_call_keeps_the_old_file_and_names_it(tmp_path, monkeypatch, call, number):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def broken(*arguments: Any, **named: Any) -> None:
        raise OSError(number, os.strerror(number), "another name")

    with monkeypatch.context() as m:
        m.setattr(call, broken)
        with pytest.raises(OSError, match=r"Errno") as refusal:
            write_whole(path, b"new")
    assert str(refusal.value) == sentence(path, number)
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_bytes() == b"old"


def writes_without_the_right(folder: str) -> list[str]:
    """What one is told whose files are to go to a folder where no one but root may write."""
    said = []
    pictures = (draw(square()), "x.dot"), (steps(square()), "x.html")
    layout.render = functools.cache(layout.render)  # one may have no right to start Graphviz, nor to import
    with tempfile.TemporaryDirectory() as another:
        for picture, name in pictures:
            picture.save(Path(another, name))
        with redirect_stdout(io.StringIO()):
            autograd.__main__.main(["x*x", "x=2", "--html", f"{another}/y.html"])
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    for picture, name in pictures:
        with pytest.raises(OSError, match="Errno") as refusal:
            picture.save(Path(folder, name))
        said.append(str(refusal.value))
    html = ["x*x", "x=2", "--html", f"{folder}/x.html"]
    for command, arguments in ((autograd.__main__.main, html), (nn.__main__.main, ["--output", folder])):
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as err:
            assert command(arguments) == 2
        said.append(err.getvalue())
    return said


def test_a_folder_where_one_may_not_write_is_named_and_what_is_in_it_stays():
    folder = Path(tempfile.mkdtemp())  # not inside of tmp_path, where only its owner may look
    try:
        (folder / "x.html").write_text("old")
        folder.chmod(0o555)
        assert apart("tests.autograd.basics.test_files", "writes_without_the_right", folder) == [
            sentence(folder / "x.dot", errno.EACCES),
            sentence(folder / "x.html", errno.EACCES),
            f"error: cannot write {folder}/x.html: Permission denied\n",
            f"python -m nn: cannot write {folder}: Permission denied\n",
        ]
        assert os.listdir(folder) == ["x.html"]
        assert (folder / "x.html").read_text() == "old"
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize("full", ["moons.json", "moons.png", "moons_training.png"])
def test_the_command_line_says_in_a_sentence_that_the_disk_is_full(tmp_path, capsys, monkeypatch, full):
    monkeypatch.setattr(nn.__main__, "_print_speeds", lambda *arguments: None)
    (tmp_path / full).symlink_to("/dev/full")
    assert nn.__main__.main(["moons", "--epochs", "1", "--hidden", "2", "--output", str(tmp_path)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"python -m nn: cannot write {tmp_path / full}: No space left on device"
    assert (tmp_path / "moons.json").is_file() == (full != "moons.json")  # the pictures come after it
    assert not list(tmp_path.glob(".*"))


def files_that_are_written(folder: str) -> list[str]:
    """The names in a folder that are opened for writing, while everything that writes is called."""
    opened = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]).startswith(f"{folder}/") and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            opened.append(Path(arguments[0]).name)

    sys.addaudithook(watch)
    for ending in ("svg", "png", "pdf", "dot"):
        draw(square()).save(Path(folder, f"graph.{ending}"))
    steps(square()).save(Path(folder, "steps.html"))
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert autograd.__main__.main(["x*x", "x=2", "--draw", f"{folder}/g.svg", "--html", f"{folder}/g.html"]) == 0
        assert nn.__main__.main(["moons", "--epochs", "1", "--hidden", "2", "--output", folder]) == 0
    return opened


@pytest.mark.slow
def test_no_file_has_its_name_before_it_is_complete(tmp_path):
    opened = apart("tests.autograd.basics.test_files", "files_that_are_written", tmp_path)
    assert len(os.listdir(tmp_path)) == 10
    assert not set(opened) & set(os.listdir(tmp_path))
    assert len([name for name in opened if name.startswith(".chainrule-")]) == 10


# --------------------------------------------------------------------------------------- the unfinished, and the others


def test_a_file_is_never_readable_by_more_people_than_the_one_it_replaces(tmp_path, monkeypatch):
    path, fsync, modes = tmp_path / "file", os.fsync, []

    def look(file: int) -> None:
        modes.append(os.fstat(file).st_mode & 0o777)
        fsync(file)

    write_whole(path, b"old")
    path.chmod(0o600)
    monkeypatch.setattr("os.fsync", look)
    write_whole(path, b"new")
    assert modes == [0o600]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_killed_programs_left_is_removed_a_day_later_and_nothing_else_is(tmp_path):
    gone, today = [".chainrule-0.tmp", ".chainrule-1.tmp"], ".chainrule-2.tmp"
    others = [".gitignore", ".chainrule-notes.txt", "a.tmp", ".chainrule-folder.tmp"]
    for name in [*gone, today, *others[:3]]:
        (tmp_path / name).write_text("")
    (tmp_path / others[3]).mkdir()
    for days, name in enumerate([*gone, *others], 1):
        then = time.time() - days * 86_400 - 3_600
        os.utime(tmp_path / name, (then, then))
    write_whole(tmp_path / "file", b"new")
    assert set(os.listdir(tmp_path)) == {*others, today, "file"}


def test_threads_that_write_one_file_at_once_leave_that_of_one_whole(tmp_path):
    path, together = tmp_path / "file", threading.Barrier(4)
    contents = [bytes([i]) * 100_000 for i in range(4)]

    def often(content: bytes) -> list[bytes]:
        together.wait()
        seen = []
        for _ in range(10):
            write_whole(path, content)
            seen.append(path.read_bytes())
        return seen

    with ThreadPoolExecutor(4) as pool:
        assert {content for seen in pool.map(often, contents) for content in seen} <= set(contents)
    assert os.listdir(tmp_path) == ["file"]


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](sys.argv[2])))
