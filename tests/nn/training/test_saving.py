"""save and load: every bit comes back, nothing that isn't whole is taken for a model, and no old file is ever lost."""

from __future__ import annotations

import builtins
import errno
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nn import MLP, load, save
from nn.training.saving import FORMAT, VERSION

finite = st.floats(allow_nan=False, allow_infinity=False)
SHAPE: Any = (1, [2, 1])  # 7 parameters


def model(seed: int = 0) -> MLP:
    return MLP(*SHAPE, seed=seed)


def numbers(m: MLP) -> list[str]:
    return [p.data.hex() for p in m.parameters()]


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> bytes:
    """The bytes of a saved model."""
    path = tmp_path_factory.mktemp("saved") / "model.json"
    save(model(), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def attempt(tmp_path_factory) -> Callable[[bytes], tuple[MLP, str | None]]:
    """Try to load a file of these bytes into a model with other numbers: the model, and the refusal if there was one.

    A refusal that changes a number, or that is anything but a ValueError with the path in it, fails the test.
    """
    path = tmp_path_factory.mktemp("attempt") / "model.json"

    def loaded(content: bytes) -> tuple[MLP, str | None]:
        path.write_bytes(content)
        m = model(seed=1)
        before = numbers(m)
        message = None
        try:
            load(m, path)
        except ValueError as refusal:
            message = str(refusal)
        if message is not None:
            assert numbers(m) == before
            assert str(path) in message
        return m, message

    return loaded


@pytest.fixture(scope="module")
def refusal(attempt) -> Callable[[bytes | str], str]:
    """The message with which a file of this content is refused; the test fails if it isn't."""

    def refused(content: bytes | str) -> str:
        _, message = attempt(content.encode() if isinstance(content, str) else content)
        assert message is not None, "such a file was loaded"
        return message

    return refused


def changed(saved: bytes, **fields: Any) -> str:
    return json.dumps(json.loads(saved) | fields)


# ------------------------------------------------------------------------------------------------------- round trips


@given(st.lists(finite, min_size=7, max_size=7))
def test_every_bit_comes_back(xs):
    source, target = model(), model(seed=1)
    for p, x in zip(source.parameters(), xs):
        p.data = x
    with tempfile.TemporaryDirectory() as folder:
        save(source, Path(folder) / "model.json")
        load(target, Path(folder) / "model.json")
    assert numbers(target) == [x.hex() for x in xs]


def test_paths_may_be_strings_and_load_returns_the_model(tmp_path):
    save(model(), str(tmp_path / "model.json"))
    m = model(seed=1)
    assert load(m, str(tmp_path / "model.json")) is m
    assert numbers(m) == numbers(model())


def test_the_file_is_json_that_anyone_can_read(saved):
    content = json.loads(saved)
    assert content == {
        "format": FORMAT,
        "version": VERSION,
        "model": "MLP(1, [2, 1], activation='relu')",
        "parameters": model().state_dict(),
    }
    assert saved.endswith(b"}\n")


def test_the_same_model_gives_the_same_bytes(tmp_path, saved):
    save(model(), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == saved


def test_whitespace_order_and_whole_numbers_make_no_difference(attempt, saved):
    content = json.loads(saved)
    content["parameters"] = dict(reversed(content["parameters"].items()))
    m, message = attempt(json.dumps(dict(reversed(content.items()))).encode())
    assert message is None
    assert numbers(m) == numbers(model())
    content["parameters"] = dict.fromkeys(content["parameters"], 2)
    m, message = attempt(json.dumps(content).encode())
    assert message is None
    assert numbers(m) == [(2.0).hex()] * 7


# ------------------------------------------------------------------------------------------- what is not a saved model


def test_a_file_that_is_cut_anywhere_is_refused(attempt, refusal, saved):
    for end in range(len(saved) - 1):
        assert "not a saved model, or is cut short" in refusal(saved[:end])
    m, message = attempt(saved[:-1])  # only the last newline is gone
    assert message is None
    assert numbers(m) == numbers(model())


@given(st.data())
def test_a_damaged_byte_is_refused_or_what_the_file_now_says_is_loaded(attempt, saved, data):
    place = data.draw(st.integers(0, len(saved) - 1))
    damaged = saved[:place] + bytes([data.draw(st.integers(0, 255))]) + saved[place + 1 :]
    m, message = attempt(damaged)
    if message is None:
        content = json.loads(damaged)  # nothing but a digit of a number, or the text of "model", can have changed
        assert {"format": FORMAT, "version": VERSION}.items() <= content.items()
        assert content["parameters"].keys() == model().state_dict().keys()
        assert numbers(m) == [float(x).hex() for x in content["parameters"].values()]
        assert all(math.isfinite(p.data) for p in m.parameters())


@given(st.one_of(st.binary(max_size=100), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))))
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b"\x80\x04N.")  # a pickle
@example(b"PK\x03\x04")
def test_what_is_no_saved_model_is_refused(refusal, content):
    assert "is not a saved model" in refusal(content)


def test_another_encoding_is_refused(refusal, saved):
    refusal(saved.decode().encode("utf-16"))
    refusal(b"\xef\xbb\xbf" + saved)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(json_values)
def test_json_of_something_else_is_refused(refusal, value):
    assert "doesn't say 'format'" in refusal(json.dumps(value))


@given(st.sampled_from(["format", "version", "parameters"]), json_values)
def test_a_field_with_something_else_in_it_is_refused(refusal, saved, field, value):
    if value == json.loads(saved)[field]:
        value = [value]
    refusal(changed(saved, **{field: value}))


@given(st.sampled_from(["format", "version", "parameters"]))
def test_a_field_that_is_missing_is_refused(refusal, saved, field):
    content = json.loads(saved)
    del content[field]
    refusal(json.dumps(content))


def test_another_version_is_refused_with_both_numbers(refusal, saved):
    assert f"has version 2, this program reads version {VERSION}" in refusal(changed(saved, version=2))


@given(
    json_values.filter(lambda value: isinstance(value, bool) or not isinstance(value, (int, float))), st.integers(0, 6)
)
def test_a_parameter_that_is_no_number_is_refused_by_name(refusal, saved, value, place):
    parameters = json.loads(saved)["parameters"]
    name = list(parameters)[place]
    assert f"not a finite number: {name}=" in refusal(changed(saved, parameters=parameters | {name: value}))


@pytest.mark.parametrize(
    "token", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" + 400 * "0", "-1" + 400 * "0"]
)
@pytest.mark.parametrize("place", range(7))
def test_a_number_that_is_not_finite_is_refused(refusal, saved, token, place):
    parameters = json.loads(saved)["parameters"]
    name = list(parameters)[place]
    refusal(changed(saved, parameters=parameters | {name: "here"}).replace('"here"', token))


def test_a_number_with_more_digits_than_python_reads_is_refused(refusal, saved):
    content = changed(saved, parameters=model().state_dict() | {"layers.0.neurons.0.b": "here"})
    refusal(content.replace('"here"', 5000 * "1"))


def test_a_name_that_stands_twice_is_refused(refusal, saved):
    text = saved.decode()
    line = next(line for line in text.splitlines() if "neurons.1.b" in line)
    assert "twice" in refusal(text.replace(line, line + "\n" + line))
    assert "twice" in refusal(text.replace('"version": 1,', '"version": 1, "version": 1,'))


@pytest.mark.parametrize("depth", [1, 10, 100, sys.getrecursionlimit() - 100, sys.getrecursionlimit(), 200_000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
def test_nesting_of_any_depth_is_refused(refusal, saved, depth, opened, closed):
    nest = opened * depth + "1" + closed * depth
    refusal(nest)
    refusal(opened * depth)
    for field in ("format", "version", "parameters"):
        refusal(changed(saved, **{field: "here"}).replace('"here"', nest))
    refusal(changed(saved, parameters=model().state_dict() | {"layers.0.neurons.0.b": "here"}).replace('"here"', nest))


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (MLP(1, [3, 1], seed=1), "missing: layers.0.neurons.2.w.0, layers.0.neurons.2.b"),
        (MLP(1, [2], seed=1), "not in this model: layers.1.neurons.0.w.0"),
        (MLP(2, [2, 1], seed=1), "missing: layers.0.neurons.0.w.1"),
    ],
)
def test_a_model_of_another_shape_is_refused_and_untouched(tmp_path, saved, other, says):
    path = tmp_path / "model.json"
    path.write_bytes(saved)
    before = numbers(other)
    with pytest.raises(ValueError, match="doesn't fit this MLP") as refusal:
        load(other, path)
    assert says in str(refusal.value)
    assert str(path) in str(refusal.value)
    assert "it was saved from MLP(1, [2, 1], activation='relu')" in str(refusal.value)
    assert numbers(other) == before


def test_no_file_and_no_folder_are_errors_of_the_system(tmp_path):
    m = model()
    before = numbers(m)
    with pytest.raises(FileNotFoundError):
        load(m, tmp_path / "none.json")
    with pytest.raises(OSError, match="directory"):
        load(m, tmp_path)
    assert numbers(m) == before


# -------------------------------------------------------------------------------------------------- interrupted saves


class HalfWritten:
    """A file that breaks down in the middle of a write."""

    def __init__(self, file: Any, error: BaseException) -> None:
        self.file, self.error = file, error

    def write(self, content: Any) -> None:
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise self.error

    def __enter__(self) -> HalfWritten:
        return self

    def __exit__(self, *exception: object) -> None:
        self.file.close()


def break_open(monkeypatch: Any, broken: Callable[[Any], Any]) -> None:
    """Files that are opened for writing are broken ones."""
    really_open = builtins.open

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        this = partial(really_open, file, mode, *args, **kwargs)
        return broken(this) if "w" in mode else this()

    monkeypatch.setattr("builtins.open", opened)


def no_open(monkeypatch: Any, error: BaseException) -> None:
    def broken(really_open: Callable[[], Any]) -> None:
        raise error

    break_open(monkeypatch, broken)


def no_write(monkeypatch: Any, error: BaseException) -> None:
    break_open(monkeypatch, lambda really_open: HalfWritten(really_open(), error))


def no_call(name: str) -> Callable[..., None]:
    def broken(monkeypatch: Any, error: BaseException) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(name, fail)

    return broken


BREAKDOWNS = {"open": no_open, "write": no_write, "fsync": no_call("os.fsync"), "replace": no_call("os.replace")}


@pytest.mark.parametrize("breakdown", BREAKDOWNS.values(), ids=BREAKDOWNS.keys())
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "no space left"), PermissionError(errno.EACCES, "no"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("there_before", [True, False])
def test_an_interrupted_save_leaves_the_folder_as_it_was(tmp_path, monkeypatch, saved, breakdown, error, there_before):
    path = tmp_path / "model.json"
    if there_before:
        path.write_bytes(saved)
    with monkeypatch.context() as broken:
        breakdown(broken, error)
        with pytest.raises(type(error)):
            save(model(seed=1), path)
    assert os.listdir(tmp_path) == (["model.json"] if there_before else [])
    assert not there_before or path.read_bytes() == saved


def test_a_save_that_succeeds_replaces_the_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "model.json"
    for seed in (1, 2):
        save(model(seed), path)
        assert os.listdir(tmp_path) == ["model.json"]
        assert numbers(load(model(), path)) == numbers(model(seed))


def test_two_saves_to_one_path_at_the_same_time_leave_a_whole_file(tmp_path, monkeypatch):
    path, fsync = tmp_path / "model.json", os.fsync

    def meanwhile_another(*args: Any) -> None:  # as from another thread
        monkeypatch.setattr("os.fsync", fsync)
        save(model(seed=2), path)
        assert numbers(load(model(), path)) == numbers(model(seed=2))
        fsync(*args)

    monkeypatch.setattr("os.fsync", meanwhile_another)
    save(model(seed=1), path)
    assert numbers(load(model(), path)) == numbers(model(seed=1))
    assert os.listdir(tmp_path) == ["model.json"]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_model_that_is_not_finite_is_not_saved(tmp_path, saved, bad):
    path = tmp_path / "model.json"
    path.write_bytes(saved)
    m = model()
    m.layers[1].neurons[0].w[1].data = bad
    with pytest.raises(ValueError, match=rf"layers\.1\.neurons\.0\.w\.1 is {bad}"):
        save(m, path)
    assert os.listdir(tmp_path) == ["model.json"]
    assert path.read_bytes() == saved


def test_where_no_file_can_be_made_save_says_so_and_leaves_nothing(tmp_path, saved):
    (tmp_path / "a file").write_bytes(saved)
    for path in (tmp_path / "no folder" / "model.json", tmp_path / "a file" / "model.json", tmp_path):
        with pytest.raises(OSError, match="directory"):
            save(model(), path)
    assert os.listdir(tmp_path) == ["a file"]
    assert (tmp_path / "a file").read_bytes() == saved


def test_a_symbolic_link_stays_one_and_its_target_gets_the_model(tmp_path):
    (tmp_path / "kept").mkdir()
    target, link = tmp_path / "kept" / "model.json", tmp_path / "latest.json"
    save(model(), target)
    link.symlink_to(target)
    save(model(seed=1), link)
    assert link.is_symlink()
    assert not target.is_symlink()
    assert numbers(load(model(), target)) == numbers(model(seed=1))
    assert sorted(os.listdir(tmp_path)) == ["kept", "latest.json"]


def test_a_private_file_stays_private(tmp_path):
    path = tmp_path / "model.json"
    save(model(), path)
    path.chmod(0o600)
    save(model(seed=1), path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_model_with_another_activation_is_refused(tmp_path):
    path = tmp_path / "model.json"
    save(MLP(2, [3, 1], activation="tanh", seed=0), path)
    model = MLP(2, [3, 1], activation="relu", seed=1)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"was saved from MLP\(2, \[3, 1\], activation='tanh'\)"):
        load(model, path)
    assert model.state_dict() == before


def test_what_is_no_regular_file_is_written_to_and_not_replaced():
    save(MLP(1, [1], seed=0), os.devnull)
    assert not os.path.isfile(os.devnull)
