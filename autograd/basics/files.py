"""Writing files so that nothing is lost: a file appears under its name when it is complete, and not before.

Until then it has another name, in the same folder, made of random digits: two programs that save to one name at the
same time each have a file of their own, and the last one to be complete stays. (With one fixed name for all they would
write into each other's file; a lock would keep them apart, but not every system and network drive has locks, and who
waits for one can wait for ever.) A program that is killed leaves such a file behind. Nobody reads it, and the first
save into this folder that finds it a day later removes it, so that they don't pile up.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .messages import shown

_DAY = 24 * 60 * 60.0  # in seconds; longer than any save, also one that slept in a closed laptop overnight


def checked(path: str | os.PathLike[str]) -> Path:
    """The path; a `TypeError` if it is none. (To Python a number would do for an open file: 1 is the output.)"""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be a string or a pathlib.Path, got {shown(path)}")
    return Path(path)


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file; if that fails or is interrupted, what was there before is still there.

    Args:
        path: the file's name; where it is a link, what it points to is replaced.
        content: all of it.

    Raises:
        OSError: if the file can't be written; the message says why, and has the path as it was given.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():  # a device, a pipe: nothing there to lose, and not to be replaced
            target.write_bytes(content)
        else:
            _replace(target, content)
    except OSError as cause:  # which may have the name of the unfinished file, or none
        raise OSError(cause.errno, cause.strerror or str(cause), os.fspath(path)) from None


def _replace(target: Path, content: bytes) -> None:
    unfinished = target.with_name(f".chainrule-{os.urandom(8).hex()}.tmp")  # short: a name may have 255 bytes
    try:
        with open(unfinished, "wb") as file:
            if target.exists():
                unfinished.chmod(target.stat().st_mode & 0o777)  # before there is anything in it to be read
            _sweep(target.parent, unfinished.stat().st_mtime)  # before writing: the disk may be full of them
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # the content is on the disk before the name points to it
        os.replace(unfinished, target)
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _sweep(folder: Path, now: float) -> None:
    """Remove what killed programs left in a folder, by the clock of its disk."""
    for left in folder.glob(".chainrule-*.tmp"):
        with suppress(OSError):
            if now - left.stat().st_mtime > _DAY:
                left.unlink()
