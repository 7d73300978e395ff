"""Writing files so that nothing is lost: a file appears under its name when it is complete, and not before."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file; if that fails or is interrupted, what was there before is still there.

    Args:
        path: the file's name; where it is a link, what it points to is replaced.
        content: all of it.

    Raises:
        OSError: if the file can't be written.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a device, a pipe: nothing there to lose, and not to be replaced
        target.write_bytes(content)
        return
    unfinished = target.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        with open(unfinished, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # the content is on the disk before the name points to it
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o777)
        os.replace(unfinished, target)
    except OSError as cause:
        raise type(cause)(cause.errno, cause.strerror, str(path)) from None  # not the name of the unfinished file
    finally:
        with suppress(OSError):
            unfinished.unlink()
