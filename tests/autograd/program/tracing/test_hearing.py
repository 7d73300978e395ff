"""While a function is followed it is heard what runs, and what asks for something that is different each time."""

from __future__ import annotations

import cProfile
import gc
import logging
import os
import random
import subprocess
import sys
import time
from typing import Any

import pytest

import autograd
from autograd import Value
from autograd.program.tracing.hearing import Hearing


def heard(f: Any) -> tuple[list[str], Hearing]:
    """The names of the functions that run, and the Hearing."""
    names: list[str] = []
    hearing = Hearing(lambda frame: names.append(frame.f_code.co_name), lambda item, name: None)
    with hearing:
        f()
    return names, hearing


def helper() -> None:
    """Called by others."""


def caller() -> None:
    helper()
    helper()
    autograd.exp(Value(1.0))
    os.getenv("HOME")


def test_each_function_is_heard_once_before_it_runs_but_not_those_of_this_package():
    names, hearing = heard(caller)
    assert names[:2] == ["caller", "helper"]
    assert "getenv" in names
    assert "__call__" not in names
    assert not hearing.refusals


@pytest.mark.parametrize(
    "f", [time.time, lambda: os.urandom(1), lambda: open(os.devnull).close(), globals, lambda: random.Random()],
    ids=["time", "urandom", "open", "globals", "Random"],
)  # fmt: skip
def test_what_is_different_each_time_is_refused_with_the_line(f):
    _, hearing = heard(lambda: f())
    (refusal,) = hearing.refusals
    assert __file__ in refusal
    assert "argument" in refusal or "name the variable" in refusal


def test_what_shows_logs_imports_or_draws_from_a_seed_is_not_refused():
    def f() -> None:
        logging.getLogger("a test").warning("the time is in this record")
        random.Random(0).random()
        sys.modules.pop("this", None)
        import colorsys  # noqa: F401

    assert heard(f)[1].refusals == []


def test_attributes_by_computed_names_are_heard():
    assert not heard(helper)[1].reflecting
    assert heard(lambda: vars(Value))[1].reflecting


def test_an_error_while_listening_is_kept():
    def fails(frame: Any) -> None:
        raise LookupError("in the walk")

    hearing = Hearing(fails, fails)
    with hearing:
        helper()
    assert isinstance(hearing.failed, LookupError)


def test_whoever_profiled_before_does_so_afterwards():
    events: list[str] = []

    def profile(frame: Any, event: str, arg: Any) -> None:
        events.append(event)

    sys.setprofile(profile)
    try:
        heard(helper)
        before = len(events)
        helper()
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(None)
    assert len(events) > before
    with cProfile.Profile() as profiler:
        heard(helper)
        for _ in range(5):
            helper()
    counts = {
        function.co_name: entry.callcount for entry in profiler.getstats() if hasattr(function := entry.code, "co_name")
    }
    assert counts["helper"] >= 5


def test_threads_that_listen_at_once_do_not_meet_though_an_audit_hook_lets_them_take_turns():
    program = """
import sys, threading
from autograd.program.tracing.hearing import Hearing

def listen():
    for _ in range(200):
        with Hearing(lambda frame: None, lambda item, name: None):
            pass
    heard.append(sys.getprofile())

heard = []
sys.addaudithook(lambda event, arguments: [0 for _ in range(20)] if event == "sys.setprofile" else None)
sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=listen) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert heard == [None] * 4, heard
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_the_garbage_collector_calls_is_nobodys():
    def called(phase: str, info: Any) -> None:
        time.perf_counter()

    gc.collect()  # what of others waits for it, such as generators that are not exhausted
    gc.callbacks.append(called)
    try:
        names, hearing = heard(gc.collect)
    finally:
        gc.callbacks.remove(called)
    assert (names, hearing.refusals) == ([], [])
