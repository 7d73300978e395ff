"""Packages that not everybody has: what needs one of them says so in a sentence, with the extra that brings it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

_NAMES = {"numpy": "NumPy", "matplotlib": "Matplotlib", "sklearn": "scikit-learn", "names": "the package names"}
_NAMES |= {"nbformat": "nbformat", "playwright": "playwright"}
_EXTRAS = {"numpy": "compile", "matplotlib": "train", "sklearn": "train", "names": "names"}
_EXTRAS |= {"nbformat": "notebook", "playwright": "pdf"}


def needed(module: str, what: str) -> Any:
    """Import a package that comes with an extra.

    Args:
        module: the package's name for `import`.
        what: what needs it, the subject of the message.

    Raises:
        ImportError: if it isn't installed; the message names the extra.

    >>> needed("numpy", "nobody").__name__
    'numpy'
    """
    try:
        return import_module(module)
    except ImportError as cause:
        if cause.name is not None and cause.name.partition(".")[0] != module:
            raise  # it is installed, and something that it needs itself isn't
        extra = _EXTRAS[module]
        name = _NAMES[module]
        raise ImportError(
            f"{what} needs {name}, which comes with the extra `{extra}`: {installing(extra)}", name=module
        ) from None


def installing(extra: str) -> str:
    """The command that installs an extra, from a folder of the source: no index has the package.

    Where autograd runs from such a folder, the command names it.

    Args:
        extra: its name in pyproject.toml.
    """
    folder = Path(__file__).resolve().parents[2]
    try:
        ours = 'name = "chainrule"' in (folder / "pyproject.toml").read_text("utf-8")
    except OSError:
        ours = False
    return f"pip install -e '{folder}[{extra}]'" if ours else f"pip install '.[{extra}]' in the project's folder"
