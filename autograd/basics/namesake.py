"""HIPS/autograd, another package, has the same import name: where files of both are mixed, the import says so.

pip doesn't notice when it installs one over the other. Where theirs wins, `import nn` says so (nn/__init__.py).
"""

from __future__ import annotations

import os


def refuse_mixed(door: str) -> None:
    """An ImportError if a folder of theirs lies beside ours.

    Args:
        door: the `__init__.py` of the package.

    >>> refuse_mixed("autograd/__init__.py")
    """
    folder = os.path.dirname(door)
    if os.path.exists(os.path.join(folder, "scipy")):  # 5 µs
        raise ImportError(
            f"{folder} holds the files of two packages that are both imported as autograd, chainrule and HIPS/autograd:"
            " `pip uninstall autograd chainrule`, then install the one that you need, or each in its own environment"
        )
