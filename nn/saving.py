"""save and load: the parameters of a model as a JSON file that anyone can read and that runs no code."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar

from autograd.files import write_whole

from .module import Module

M = TypeVar("M", bound=Module)

FORMAT = "chainrule-model"
VERSION = 1


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write the parameters of a model to a file.

    The file appears under its name only when it is complete: an interrupted save leaves the old one as it was.

    Args:
        model: any Module.
        path: where to write, usually ending in `.json`.

    Raises:
        ValueError: if a parameter is not a finite number.
        OSError: if the file can't be written.
    """
    content = {"format": FORMAT, "version": VERSION, "model": repr(model), "parameters": model.state_dict()}
    try:
        text = json.dumps(content, indent=1, allow_nan=False)
    except ValueError:
        bad = next(p for p in model.parameters() if not abs(p.data) < float("inf"))
        raise ValueError(f"the parameter {bad.label} is {bad.data}: such a model is not saved") from None
    write_whole(path, f"{text}\n".encode())


def load(model: M, path: str | os.PathLike[str]) -> M:
    """Read the parameters of a model from a file that `save` wrote.

    Args:
        model: a Module of the same structure as the one that was saved.
        path: the file.

    Returns:
        The model itself, with its parameters set.

    Raises:
        ValueError: if the file is not such a file, is cut short, or doesn't fit the model, which is then untouched.
        OSError: if there is no such file, or it can't be read.
    """
    try:
        content = json.loads(
            Path(path).read_text(encoding="utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as cause:  # JSON's and Unicode's errors are ValueErrors
        raise ValueError(f"{path} is not a saved model, or is cut short: {cause}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is not a saved model: it doesn't say 'format': {FORMAT!r}")
    if content.get("version") != VERSION:
        raise ValueError(f"{path} has version {content.get('version')!r}, this program reads version {VERSION}")
    saved, parameters = str(content.get("model")), content.get("parameters")
    if not isinstance(parameters, dict):
        raise ValueError(f"{path} has no parameters")
    another = saved != repr(model) and saved.partition("(")[0] == type(model).__name__
    if another and parameters.keys() == model.state_dict().keys():  # the numbers would fit, the activations don't
        raise ValueError(f"{path} was saved from {saved:.200}, which is not this {model!r}")
    try:
        model.load_state_dict(parameters)
    except ValueError as cause:
        raise ValueError(f"{path}: {cause} (it was saved from {saved:.200})") from None
    return model


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name stands in it twice")
    return content


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a finite number")
