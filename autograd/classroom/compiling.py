"""Compiles an archive of Python's sources, so that what is imported from it needs no compiler.

Python's own library comes to the page as sources, and compiling what it needs first was most of the start: loadPyodide
took 8.3 s, and takes 1.8 s. Bytecode serves one version of Python alone, so compiling.mjs runs this in the Python that
the page will run.
"""

from __future__ import annotations

import io
import py_compile
import tempfile
import zipfile
from pathlib import Path


def compiled(archive: bytes) -> bytes:
    """Compile what is in an archive.

    Args:
        archive: a .zip file.

    Returns:
        A .zip file that isn't compressed, with a .pyc for each .py, and the other files as they were.

    Raises:
        py_compile.PyCompileError: if a file isn't Python.
    """
    buffer = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as temporary,
        zipfile.ZipFile(io.BytesIO(archive)) as sources,
        zipfile.ZipFile(buffer, "w") as made,
    ):
        source, bytecode = Path(temporary, "source"), Path(temporary, "bytecode")
        for name in sorted(sources.namelist()):
            content = sources.read(name)
            if name.endswith(".py"):
                source.write_bytes(content)
                py_compile.compile(
                    str(source), str(bytecode), name, doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )  # fmt: skip
                name, content = name + "c", bytecode.read_bytes()
            made.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()
