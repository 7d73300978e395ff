"""save and load: a model, and the state of its training, as a JSON file that anyone can read and that runs no code."""

from __future__ import annotations

import copy
import json
import math
import os
import random
from collections.abc import Iterable
from typing import Any, TypeVar

from autograd.basics.files import checked, write_whole
from autograd.basics.messages import shown
from autograd.basics.nesting import depth

from ..checks import is_module
from ..module import Module, named_state
from ..optim.optimizer import Optimizer
from ..schedules import Schedule
from ..state import generators

M = TypeVar("M", bound=Module)

FORMAT = "chainrule-model"
VERSION = 1
_DEEPEST = 200  # brackets in each other and what else makes depth; `save` needs a dozen


def save(
    model: Module,
    path: str | os.PathLike[str],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    seed: random.Random | None = None,
) -> None:
    """Write a model to a file, and what its training needs in order to go on, as far as that is given.

    The file appears under its name only when it is complete: an interrupted save leaves the old one as it was. With an
    optimizer, a schedule or a seed, the states of random generators inside of the model (of `Dropout`) are kept, too.

    Args:
        model: any Module; its parameters and buffers are kept.
        path: where to write, usually ending in `.json`.
        optimizer: the one that trains the model.
        schedule: the one that sets its learning rate.
        seed: the `random.Random` that `fit` was given to shuffle by.

    Raises:
        TypeError: if an argument is something else; a seed that is a number has no state that could be kept.
        ValueError: if a parameter, or anything else that is to be kept, is not a finite number.
        OSError: if the file can't be written.

    >>> from nn import MLP
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(MLP(2, [4, 1]), f"{folder}/model.json")
    ...     json.loads(Path(folder, "model.json").read_text())["model"]
    "MLP(2, [4, 1], activation='relu')"
    """
    _check(model, path, optimizer, schedule, seed)
    for name, number in named_state(model).items():
        if not math.isfinite(number.data):
            raise ValueError(f"the {number.kind} {name} is {number.data}: such a model is not saved")
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "model": repr(model)}
    content["parameters"] = model.state_dict()
    parts = {"optimizer": optimizer, "schedule": schedule}
    training: dict[str, Any] = {name: part.state_dict() for name, part in parts.items() if part is not None}
    if seed is not None:
        training["seed"] = _state_of(seed)
    if training:
        training["generators"] = {place: _state_of(rng) for place, rng in generators(model).items()}
        content["training"] = training
    try:
        text = json.dumps(content, indent=1, allow_nan=False)
    except ValueError as cause:
        raise ValueError(f"the state of the training is not saved: {cause}") from None
    write_whole(path, f"{text}\n".encode())


def load(
    model: M,
    path: str | os.PathLike[str],
    *,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    seed: random.Random | None = None,
) -> M:
    """Read a model from a file that `save` wrote, and the state of its training, if that is asked for.

    A training that goes on from there is, bit for bit, the one that was never interrupted.

    Args:
        model: a Module of the same structure as the one that was saved.
        path: the file.
        optimizer, schedule, seed: objects made as those that were saved; they are given the state that those had, and
            so are the random generators inside of the model, if any of the three is here.

    Returns:
        The model itself, with its parameters set.

    Raises:
        TypeError: if an argument is something else.
        ValueError: if the file is not such a file, is cut short, is much larger than `save` makes it of such a model,
            lacks what is asked for, or doesn't fit the model or the objects. Then nothing has changed.
        OSError: if there is no such file, or it can't be read.

    >>> from nn import MLP
    >>> from tempfile import TemporaryDirectory
    >>> model = MLP(2, [4, 1])
    >>> with TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.json")
    ...     loaded = load(MLP(2, [4, 1]), f"{folder}/model.json")
    >>> loaded.state_dict() == model.state_dict()
    True
    """
    _check(model, path, optimizer, schedule, seed)
    content = _read(path, _most_bytes(model, optimizer))
    saved, parameters = content.get("model"), content.get("parameters")
    saved = saved if isinstance(saved, str) else "a model that it doesn't name"
    if not isinstance(parameters, dict):
        raise ValueError(f"{path} has no parameters")
    another = saved != repr(model) and saved.partition("(")[0] == type(model).__name__
    if another and parameters.keys() == model.state_dict().keys():  # the numbers would fit, the activations don't
        raise ValueError(f"{path} was saved from {_one_line(saved, 200)}, which is not this {model!r}")
    parts = {"optimizer": optimizer, "schedule": schedule, "seed": seed}
    asked = [name for name, part in parts.items() if part is not None]
    try:
        states = _states(content.get("training"), asked) if asked else {}
        sources = _sources(states, model, seed) if asked else []
        _go_on(copy.deepcopy((optimizer, schedule)), states)  # copies first: what doesn't fit them has changed nothing
        model.load_state_dict(parameters)
    except (TypeError, ValueError) as cause:
        raise ValueError(f"{path}: {_one_line(cause)} (it was saved from {_one_line(saved, 200)})") from None
    _go_on((optimizer, schedule), states)
    for source, state in sources:
        source.setstate(state)
    return model


def _most_bytes(model: Module, optimizer: Any) -> int:
    """How large a file is read: several times what `save` makes of such a model, with an optimizer and all.

    Reading JSON takes up to 25 times the memory of the text, so that an unbounded file could fill any machine.
    """
    each = 1000 + 100 * getattr(optimizer, "history_size", 0)
    numbers = sum([each + 6 * len(name) for name in named_state(model)])  # 6: JSON writes é as \u00e9
    return 2**24 + numbers + 20_000 * len(generators(model))


def _read(path: str | os.PathLike[str], most: int) -> dict[str, Any]:
    """The content of a file of ours; a ValueError if it is anything else."""
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise ValueError(f"{path} is a pipe or a device, not a saved model")  # reading it might never end
    with open(path, "rb") as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise ValueError(f"{path} is too large to be a saved model of this kind: it has more than {most:,} bytes")
    try:
        text = raw.decode()
        if text.count("[") + text.count("{") > _DEEPEST and depth(text) > _DEEPEST:
            raise ValueError("it is nested too deeply")
        content = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except ValueError as cause:  # JSON's and Unicode's errors are ValueErrors
        raise ValueError(f"{path} is not a saved model, or is cut short: {_one_line(cause)}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is not a saved model: it doesn't say 'format': {FORMAT!r}")
    if content.get("version") != VERSION:
        raise ValueError(f"{path} has version {shown(content.get('version'))}, this program reads version {VERSION}")
    return content


def _one_line(what: object, longest: int = 1000) -> str:
    """What is said of a file, or in it, in one line: its names can be of any length, and have any characters."""
    text = str(what)[:longest]
    return text if text.isprintable() else repr(text)[1:-1]


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name stands in it twice")
    return content


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a finite number")


# ---------------------------------------------------------------------------------------------- the state of a training


def _states(training: Any, asked: Iterable[str]) -> dict[str, Any]:
    """What the file says of the training; a ValueError if something is missing that is asked for."""
    if training is None:
        training = {}
    if not isinstance(training, dict) or not isinstance(training.get("generators", {}), dict):
        raise ValueError("its training state is not a dict of states")
    missing = [name for name in asked if name not in training]
    if missing:
        raise ValueError(f"it has no state of {' and '.join(missing)}: it was saved without")
    return training


def _go_on(parts: tuple[Optimizer | None, Schedule | None], states: dict[str, Any]) -> None:
    for name, part in zip(("optimizer", "schedule"), parts):
        if part is not None:
            part.load_state_dict(states[name])


def _sources(
    states: dict[str, Any], model: Module, seed: random.Random | None
) -> list[tuple[random.Random, tuple[Any, ...]]]:
    """The random generators that are to go on, each with the state that it is to have."""
    own, kept = generators(model), states.get("generators", {})
    if own.keys() != kept.keys():
        places = [", ".join(map(str, names)) or "no place" for names in (kept, own)]
        raise ValueError(
            f"it has the states of random generators at {places[0]:.200}, this model has some at {places[1]}"
        )
    found = [(source, _as_state(place, kept[place])) for place, source in own.items()]
    return found if seed is None else [*found, (seed, _as_state("seed", states["seed"]))]


def _check(model: Any, path: Any, optimizer: Any, schedule: Any, seed: Any) -> None:
    is_module(model)
    checked(path)
    for name, part in (("optimizer", optimizer), ("schedule", schedule)):
        if part is not None and not (hasattr(part, "state_dict") and hasattr(part, "load_state_dict")):
            raise TypeError(f"{name} must be the {name.title()} of the training, got {shown(part)}")
    if seed is not None and (not isinstance(seed, random.Random) or isinstance(seed, random.SystemRandom)):
        raise TypeError(f"seed must be the random.Random that fit shuffles by, with a state to keep, got {shown(seed)}")


def _state_of(rng: random.Random) -> list[Any]:
    """The state of a generator: its version, 624 numbers and a place among them, the next number of gauss()."""
    version, internal, gauss = rng.getstate()
    return [version, list(internal), gauss]


def _as_state(place: str, state: Any) -> tuple[Any, ...]:
    """The state from a file; a ValueError if no generator could have it."""
    try:
        version, internal, gauss = state
        if not all(isinstance(n, int) for n in internal):  # setstate computes n % 2**32, which formats a text
            raise ValueError
        wanted = (version, tuple(internal), gauss)
        trial = random.Random()
        trial.setstate(wanted)
        same = trial.getstate() == wanted and any(internal[:-1])  # of zeros alone come zeros for ever
    except (TypeError, ValueError, OverflowError):
        same = False
    if not same or not (gauss is None or (isinstance(gauss, float) and math.isfinite(gauss))):
        raise ValueError(f"the state of the random generator {place} is not one, got {shown(state)}")
    return wanted
