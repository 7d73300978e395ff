"""Random functions that read and change what stands around them: compiled they do what they do by themselves.

`SURROUNDINGS=20000 python -m pytest tests/properties/test_surroundings.py` tries more of them.
"""

from __future__ import annotations

import builtins
import collections
import functools
import linecache
import os
import random
import types
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.program import TraceError, compile

PROGRAMS = int(os.environ.get("SURROUNDINGS", "150"))
BLOCKS = 5


class Thing:
    """An object with something of every kind in it."""

    shared = 1.5

    def __init__(self, r: random.Random) -> None:
        self.k, self.n, self.h = r.random(), 0, 0.0
        self.xs, self.d = [r.random() for _ in range(3)], {"a": r.random(), "b": [r.random()]}
        self.sub = types.SimpleNamespace(k=r.random(), array=np.array([r.random(), 2.0]))

    @property
    def both(self) -> float:
        return self.k + self.xs[0]

    def method(self, x: Any) -> Any:
        return x * self.sub.k + self.d["a"]

    def __getitem__(self, i: int) -> float:
        return self.xs[i]


class Other(Thing):
    """Of another class."""

    @property
    def both(self) -> float:
        return 7.0


READ = """o.k; o.xs[1]; o.d['a']; o.d['b'][0]; o.sub.k; float(o.sub.array[0]); o.both; o[0]; Thing.shared; o.shared
sum(o.xs); len(o.xs); G['k']; G['l'][0][1]; glob; helper(1.0); T[0][1]; sum(S); max(o.xs); getattr(o, 'k'); vars(o)['k']
getattr(o, 'su' + 'b').k; o.method(1.0); (lambda: o.sub.k)(); sum(v for v in o.d['b']); o.n; o.h; mod.s; mod.sub.k
dq[0]; functions[0](1.0); part(2.0); of_cell(); float(A[1]); float(A.sum()); float(A[o.n % 2]); float(V.data)
sum([y.k for y in things]); dict(o.d)['a']; {**o.d}['a']; [*o.xs][2]; sorted(o.xs)[0]; o.__dict__['k']
(1.0 if 'z' in o.d else 3.0); (2.0 if hasattr(o, 'z') else 1.0)"""

INSIDE = """o.n += 1; o.h = 0.5 * o.h + 1.0; o.xs.append(1.0); o.d['c'] = 1.0; G['k'] *= 0.9; o.last = x; o.out = w * x
seen.append(x); o.d['b'][0] += 0.1; o.sub.k += 0.1; o.xs[0] = 2.0; A[0] = 3.0; A[1] += 1.0; S.add(9.5); dq.rotate(1)
o.n = 3; o.h = 0.0; o.cache = o.d.setdefault('e', 4.0); T[0][1] = 5.0"""

OUTSIDE = """o.k = r.random(); o.xs[1] = r.random(); o.xs.append(r.random()); o.d['a'] = r.random()
o.d['b'][0] = r.random(); o.d['b'] = [r.random()]; o.sub.k = r.random(); o.sub.array[0] = r.random()
o.sub = Thing(r).sub; o.shared = r.random(); Thing.shared = r.random(); G['k'] = r.random()
G['l'][0][1] = r.random(); put('glob'); put('hidden'); T[0][1] = r.random(); S.add(r.random())
mod.s = r.random(); mod.sub.k = r.random(); dq[0] = r.random(); A[1] = r.random(); A[:] = 0.5
functions[0] = (lambda q: lambda z: z * q)(r.random()); V.data = r.random(); things[0].k = r.random()
o.zero = 1; things.append(Thing(r)); part.args[0].k = r.random(); set_cell(r.random()); o.n += 1
o.h = r.random(); o.z = 1; o.d['z'] = 1; o.unrelated = r.random(); o.xs = [r.random() for _ in range(4)]
o.__class__ = Other; o.k = -0.0; o.k = 0.0; o.n = float(o.n); o.d.pop('z', None)
T.insert(0, [1.0, r.random()]); w.data = r.random()"""


def lines(text: str) -> list[str]:
    return [line for row in text.splitlines() for line in row.split("; ")]


def world(r: random.Random) -> dict[str, Any]:
    """All that a function may find around it."""
    Thing.shared = 1.5
    mod = types.ModuleType("mod")
    mod.__dict__.update(s=r.random(), sub=types.SimpleNamespace(k=r.random()))
    kept = r.random()

    def of_cell() -> float:
        return kept

    def set_cell(x: float) -> None:
        nonlocal kept
        kept = x

    scope: dict[str, Any] = {
        "Thing": Thing, "Other": Other, "np": np, "r": r, "o": Thing(r), "G": {"k": r.random(), "l": [[1.0, 2.0]]},
        "glob": r.random(), "hidden": r.random(), "T": [[0.5, 1.5], [2.5, 3.5]], "S": {r.random()}, "mod": mod,
        "dq": collections.deque([r.random(), 2.0]), "functions": [lambda z: z + 1], "V": Value(r.random()), "seen": [],
        "A": np.array([r.random(), r.random()]), "things": [Thing(r), Thing(r)], "of_cell": of_cell,
        "set_cell": set_cell, "part": functools.partial(lambda thing, z: thing.k * z, Thing(r)),
        "w": Value(r.random(), label="w"),
    }  # fmt: skip
    scope["put"] = lambda name: scope.update({name: r.random()})
    return scope


def outcomes(source: str, name: str, seed: float, changes: list[str], compiled: bool) -> list[Any]:
    """What the function and its derivative are, after each change; the last is a TraceError, or an error of its own."""
    scope, found = world(random.Random(seed)), list[Any]()
    exec(builtins.compile(source, name, "exec"), scope)
    w, f = scope["w"], scope["f"]
    program = compile(f, [w])
    for change in ["pass", *changes]:
        exec(change, scope)
        w.grad = 0.0
        try:
            if compiled:
                y = program([1.5])
            else:
                (node := f(1.5)).backward()
                y = node.data
        except TraceError as refusal:
            return [*found, refusal]
        except Exception as error:
            return [*found, type(error).__name__]
        found.append((y, w.grad))
    return found


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_function_is_compiled_as_it_is_by_itself_whatever_it_finds_around_it(block: int) -> None:
    refused = 0
    for i in range(block, PROGRAMS, BLOCKS):
        r = random.Random(i)
        inside = r.sample(lines(INSIDE), r.choice([0, 0, 0, 1, 1, 2]))
        body = [f"y = y * ({x}) + x" for x in r.sample(lines(READ), r.randint(1, 4))]
        body = [*inside, *body] if r.random() < 0.5 else [*body, *inside]
        text = "\n    ".join(["def f(x):", "y = w * x", *body, "return y"])
        source, name = f"def helper(z): return z * hidden\n{text}\n", f"<surroundings {i}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        changes, seed = r.sample(lines(OUTSIDE), 6), r.random()
        alone = outcomes(source, name, seed, changes, compiled=False)
        for step, found in enumerate(outcomes(source, name, seed, changes, compiled=True)):
            where = f"program {i} after {changes[:step]}:\n{source}"
            if isinstance(found, TraceError):
                assert inside, f"{where}{found}"
                refused += 1
            elif isinstance(found, str):
                assert found == alone[step], where
            else:
                assert found == pytest.approx(alone[step], rel=1e-12, abs=1e-15), where
    assert refused or PROGRAMS < 100  # what changes itself is among them
