"""compile: a function or a decorator, and settings that are refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from autograd.program import Program, compile

w, v = Value(2.0, label="w"), Value(3.0, label="v")
outside = w * 2


def test_a_program_is_also_a_decorator() -> None:
    w = Value(3.0)

    @compile(parameters=[w])
    def loss(x: Any) -> Any:
        """Three times."""
        return w * x

    assert (loss.__name__, loss.__doc__, loss([2.0])) == ("loss", "Three times.", 6.0)


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (TypeError, "fn must be a function", {"fn": 3}),
        (TypeError, "parameters must be a list of leaves", {"parameters": w}),
        (TypeError, r"model\.parameters\(\)", {"parameters": nn.MLP(1, [1])}),
        (TypeError, "parameters must be leaves", {"parameters": [outside]}),
        (TypeError, "parameters must be leaves", {"parameters": [1.0]}),
        (ValueError, "more than once", {"parameters": [w, v, w]}),
        (ValueError, "dtype must be", {"dtype": "float128"}),
        (ValueError, "dtype must be", {"dtype": np.float32}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": 0.0}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": -2.0}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": math.nan}),
        (ValueError, "loss_scale must be a positive number", {"loss_scale": math.inf}),
        (TypeError, "loss_scale must be a real number", {"loss_scale": "2"}),
        (ValueError, "engine must be 'numpy' or 'jax', got 'torch'", {"engine": "torch"}),
        (ValueError, "NumPy has no bfloat16: compile with engine='jax'", {"dtype": "bfloat16"}),
    ],
)
def test_bad_settings_are_refused(error: type[Exception], message: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(error, match=message):
        Program(**{"fn": lambda x: x, **arguments})


def test_where_jax_is_missing_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.program.spec.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"the extra `jax`: pip install .*\[jax\]'"):
        compile(lambda x: x, engine="jax")
    with pytest.raises(ImportError, match=r"as_jax\(\) needs JAX"):
        compile(lambda x: x, engine="numpy").as_jax()
