"""Printed equations against gradients: whoever computes what they say gets what the engine gives."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.program import compile
from tests.support.interpreter import Matrix, Reading, run

RNG = np.random.default_rng(0)
CLASSES = RNG.permutation(np.arange(20) % 3)


def numbers(*shape: int) -> Matrix:
    return RNG.normal(size=shape)


def check(fn: Any, names: dict[str, list[Any]], *batches: Any, inputs: str = "XY") -> str:
    """Compute the printed equations, and compare with the eager loss and gradients.

    Args:
        fn: the function.
        names: for the names in the equations, the parameters they stand for: a row of a list is one of the matrix.
        *batches: the examples.
        inputs: the names of the batches.
    """
    rows = {name: [x if isinstance(x, (list, tuple)) else [x] for x in xs] for name, xs in names.items()}
    parameters = list(dict.fromkeys(p for xs in rows.values() for row in xs for p in row))
    program = compile(fn, parameters)
    text = str(program.explain(*batches))
    specialization = program.specialization([np.asarray(batch) for batch in batches])
    rows["θ"] = [[p] for p in specialization.parameters]  # in the order in which they lie there
    given = {name: np.array([[p.data for p in row] for row in xs]) for name, xs in rows.items()}
    given |= {name: np.reshape(batch, (len(batch), -1)).T.astype(float) for name, batch in zip(inputs, batches)}
    found = run(text, given)
    for p in parameters:
        p.grad = 0.0
    loss = autograd.mean([fn(*row) for row in zip(*[np.asarray(batch).tolist() for batch in batches])])
    loss.backward()
    assert found["L"][0, 0] == pytest.approx(loss.data, rel=1e-12)
    whole: dict[Value, float] = dict.fromkeys(parameters, 0.0)
    for left, g in found.items():
        if not left.startswith("∇"):
            continue
        name, places = re.fullmatch(r"∇(?:vec\()?([^\W_]+)\)?(?:\[(.*)\])?", left).groups()
        flat = [p for row in rows[name] for p in row]
        chosen = range(len(flat)) if places is None else Reading(f"[{places}]", {}).places()
        for i, x in zip(chosen, np.broadcast_to(g.ravel(), len(list(chosen)))):
            whole[flat[i]] += x
    largest = max(abs(p.grad) for p in parameters)
    assert [whole[p] for p in parameters] == pytest.approx([p.grad for p in parameters], abs=1e-12 * largest)
    return text


def layers(*layers: Any) -> dict[str, list[Any]]:
    """W1, b1, ... of layers of neurons."""
    named: dict[str, list[Any]] = {}
    for i, layer in enumerate(layers, 1):
        named |= {f"W{i}": [neuron.w for neuron in layer.neurons], f"b{i}": [neuron.b for neuron in layer.neurons]}
    return named
