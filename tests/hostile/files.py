"""Hostile files: saved models with something wrong in them, and what must hold when one is loaded."""

from __future__ import annotations

import copy
import json
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nn import BatchNorm, Dropout, Layer, Sequential, load, save, schedules
from nn.optim import first_order as optim
from tests.hostile.inputs import mutated, nothing_runs


class Run:
    """A training in the middle: a model with parameters, buffers and a random generator, and all that goes with it."""

    def __init__(self, seed: int) -> None:
        rng = self.inside = random.Random(seed)
        self.model = Sequential(Layer(1, 2, "tanh", rng), BatchNorm(2), Dropout(0.5, rng), Layer(2, 1, "linear", rng))
        self.optimizer = optim.Adam(self.model.parameters(), lr=0.1 + seed)
        self.schedule = schedules.Schedule(self.optimizer, schedules.exponential(0.5))
        self.seed = random.Random(seed)
        for p in self.model.parameters():
            p.grad = rng.random()
        self.optimizer.step()
        self.schedule.step()

    def parts(self, whole: bool) -> dict[str, Any]:
        """What `load` is asked for besides the model."""
        return {"optimizer": self.optimizer, "schedule": self.schedule, "seed": self.seed} if whole else {}

    def state(self) -> Any:
        """Everything that loading could change, to the last bit, and the attributes that there are."""
        attributes = [(type(x), sorted(vars(x))) for x in (*self.model.modules(), self.optimizer, self.schedule)]
        numbers = [(name, x.hex()) for name, x in self.model.state_dict().items()]
        training = repr((self.optimizer.state_dict(), self.schedule.state_dict(), self.optimizer.lr))
        return attributes, numbers, training, self.inside.getstate(), self.seed.getstate()


class Files:
    """Files near to those that `save` writes, and the attempt to load one; all in one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "model.json"
        self.saved = []
        for whole in (False, True):
            run = Run(seed=0)
            save(run.model, self.path, **run.parts(whole))
            self.saved.append(self.path.read_bytes())
        self.target = Run(seed=1)

    def content(self, rng: random.Random) -> bytes:
        """The bytes of a file: changed somewhere as bytes, as JSON, or both; or any bytes at all."""
        saved = self.saved[rng.random() < 0.5]
        kind = rng.random()
        if kind < 0.35:
            return mutated(rng, saved, [*_BYTES, saved])
        if kind < 0.95:
            tree = json.loads(saved)
            for _ in range(rng.choice([1, 1, 1, 2, 5])):
                _change(tree, rng)
            text = json.dumps(tree)
            for token in set(re.findall(r'"(token \d+)"', text)):
                text = text.replace(f'"{token}"', _token(int(token[6:])))
            content = text.encode("utf-8", "surrogatepass")
            return mutated(rng, content, _BYTES) if kind > 0.93 else content
        return rng.choice(
            [rng.randbytes(rng.randrange(100)), saved.decode().encode(rng.choice(["utf-16", "utf-32", "utf-8-sig"]))]
        )

    def check(self, content: bytes, rng: random.Random) -> str:
        """Load them: all is as the file says, or there is a ValueError of one sentence and nothing has changed."""
        whole = rng.random() < 0.7
        self.path.write_bytes(content)
        before = self.target.state()
        try:
            with nothing_runs(but=lambda event, arguments: (event, arguments[0]) == ("open", str(self.path))):
                load(self.target.model, self.path, **self.target.parts(whole))
        except ValueError as refusal:
            assert self.target.state() == before, "a refusal that changed something"
            message = str(refusal)
            assert message.startswith(str(self.path)), message[:200]
            assert message.isprintable(), ascii(message[:500])
            assert len(message) < 2_000
            return "refused"
        self._is_loaded(json.loads(content, parse_int=float), whole, before)  # as numbers: 2**53 + 1 is no float
        self.target = Run(seed=1)
        return "loaded"

    def _is_loaded(self, file: Any, whole: bool, before: Any) -> None:
        run = self.target
        said = dict(_flat(file["parameters"]))
        assert run.model.state_dict() == said
        assert all(map(math.isfinite, said.values()))
        if not whole:
            assert run.state()[2:] == before[2:]
            return
        training = file["training"]
        kept = json.dumps(run.optimizer.state_dict(), allow_nan=False)
        training["optimizer"]["settings"]["lr"] = run.optimizer.lr  # which the schedule decides, see below
        assert json.loads(kept, parse_int=float) == training["optimizer"]
        schedule = training["schedule"]
        assert (run.schedule.base_lr, run.schedule.steps) == (schedule["base_lr"], schedule["steps"])
        assert math.isclose(run.optimizer.lr, schedule["lr"], rel_tol=1e-9)  # as load_state_dict compares them
        for source, state in [(run.seed, training["seed"]), *zip([run.inside], training["generators"].values())]:
            version, internal, gauss = source.getstate()
            assert [version, list(internal), gauss] == state


def _flat(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, (dict, list)):
        for key, x in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _flat(x, f"{name}.{key}" if name else str(key))
    else:
        yield name, tree


_BYTES = [b"9" * 400, b"9" * 5000, b"[" * 2000, b'{"a":' * 2000, b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\xef\xbb\xbf"]
_BYTES += [b"\0", b"\n", b"\xe2\x80\xa8", b"\x1b[31m", b'"__class__": 1,']
_BYTES += b'NaN -Infinity 1e400 " ] } , : - e . 0 1 true null \\ //'.split()
_NUMBERS = [0, 1, -1, 0.0, -0.0, 0.5, 1e308, 5e-324, 2**53, 2**53 + 1, 2**63, 2**32, 3, 624, 625, 10**308, -(10**400)]
_WORDS = ["", "x", "Adam", "SGD", "nan", "__class__", "\ud800", "\x1b[31m\n", "\u202e", "a" * 5_000, "%99999999999d"]
_ODD = [None, True, False, [], {}, [[]], [None], [0.5] * 9, {"": 0}, {"__class__": 1}, ["%99999999999d"], ["é"] * 3]
_ODD += [*_NUMBERS, *_WORDS, [1, ["%99999999999d"], None], [2, ["%99999999999d"], None], [3, [0] * 625, None]]
_TOKENS = ["", "9" * 5000, "1" + "0" * 400, '{"a":1,"a":2}', '"\\ud800"', '"\\u0000"', "'a'", "[1,]", "undefined", "01"]
_TOKENS += ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "1.0", "1E0", "-0", "1_0", "+1", "0x1"]


def _token(n: int) -> str:
    """What json.dumps doesn't write: a token, or, for a larger number, lists nested that deep."""
    if n < len(_TOKENS):
        return _TOKENS[n]
    return "[" * n + "]" * n if n % 2 else '{"a":' * n + "1" + "}" * n


def _change(tree: Any, rng: random.Random) -> None:
    """Change one place in the tree: to something odd, to what stands elsewhere, to another name, or take it away."""
    place, key = _somewhere(tree, rng)
    if place is None:
        return
    what = rng.randrange(8)
    if what == 0:
        del place[key]
    elif what == 1 and isinstance(place, dict):
        place[rng.choice(["__class__", "__dict__", "lr", "params", "\x1b", "é", key + ".0", key[:-1], "\ud800"])] = (
            place.pop(key)
        )
    elif what == 2:
        other, there = _somewhere(tree, rng)
        if other is not None:
            place[key] = copy.deepcopy(other[there])
    elif what == 3:
        place[key] = rng.choice(
            [[place[key]], {"a": place[key]}, str(place[key]), rng.random(), -rng.random(), rng.randrange(9)]
        )
    elif what == 4:
        place[key] = (
            f"token {rng.choice([rng.randrange(len(_TOKENS)), rng.randrange(1100), rng.randrange(850, 1000), 100_000])}"
        )
    else:
        place[key] = copy.deepcopy(rng.choice(_ODD))


def _somewhere(tree: Any, rng: random.Random) -> tuple[Any, Any]:
    """A place in the tree, at any depth with equal chance: its container, and its name or number in that."""
    found: tuple[Any, Any] = (None, None)
    while isinstance(tree, (dict, list)) and tree and (found[0] is None or rng.random() < 0.75):
        found = (tree, rng.choice(list(tree)) if isinstance(tree, dict) else rng.randrange(len(tree)))
        tree = tree[found[1]]
    return found
