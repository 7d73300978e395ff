"""Whose code it is, told by the file."""

from __future__ import annotations

import collections
import os
import random
import sys
import types

import hypothesis
import numpy as np
import pytest

import autograd
import nn
from autograd.program.tracing.origins import frames, of_class, of_code, of_file, of_module, users_line


def mine() -> None:
    """A function of this file."""


@pytest.mark.parametrize(
    ("function", "origin"),
    [
        (mine, "user"),
        (autograd.elu, "ours"),
        (nn.mse_loss, "ours"),
        (os.getenv, "python"),
        (random.Random.seed, "python"),
        (collections.ChainMap.get, "python"),
        (hypothesis.given, "user"),
    ],
)
def test_code_belongs_to_whose_file_it_stands_in(function, origin):
    assert of_code(function.__code__) == origin
    assert of_module(function.__module__) == origin


def test_classes_and_modules_of_c_are_told_by_their_module():
    assert (of_class(dict), of_module("time"), of_class(np.ndarray)) == ("python", "python", "around")
    assert of_module(None) == of_module("no such module") == "user"
    assert of_file("<string>") == of_file("<ipython-input-1>") == "user"
    assert of_class(type("Local", (), {"__module__": "somewhere"})) == "user"


def test_a_name_that_begins_like_ours_is_not_ours():
    beside = os.path.dirname(os.path.dirname(nn.__file__))
    for name in ("nn_demo.py", "nnets/x.py", "autograd_x.py"):
        assert of_file(os.path.join(beside, name)) == "user"
    numpy_and_more = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "numpy_more", "x.py")
    assert of_file(numpy_and_more) == "user"


def test_the_line_of_the_user_is_the_innermost_that_belongs_to_no_library():
    found = []
    by_python = types.SimpleNamespace(call=lambda: found.append(users_line(sys._getframe(0))))
    sorted([1], key=lambda x: by_python.call() or x)
    assert found[0].startswith(f"{__file__}:")
    assert "found.append" in found[0]
    assert found[0].endswith("`: ")
    assert next(frames(sys._getframe(0))).f_code.co_name.startswith("test_the_line")
    assert users_line(None) == ""
