"""Builds the package: hatchling does the work, and here the kernel is compiled on the way, if that is asked for.

The kernel is the part that is on the way of every forward and backward pass; pyproject.toml lists its files, and mypyc
compiles them as they stand. A wheel has them both ways: Python prefers the compiled module to the source beside it.
An editable installation is pure and never compiles.

The environment variable CHAINRULE_KERNEL decides: `auto`, the default, compiles the kernel where a C compiler is; where
there is none, it fails or takes too long, the wheel is pure Python, and a warning says why. `pure` builds the wheel for
any machine (py3-none-any); `compiled` makes it an error if the kernel doesn't compile.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

import hatchling.build
from hatchling.build import *  # noqa: F403  an editable installation, metadata and the source distribution are its own
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = os.environ.get("CHAINRULE_KERNEL", "auto")
if KERNEL not in ("pure", "auto", "compiled"):
    raise SystemExit(f"CHAINRULE_KERNEL must be pure, auto or compiled, got {KERNEL!r}")

PATIENCE = 900.0
"""Seconds, after which the kernel stays pure unless it was asked for; a machine of today takes one to two minutes."""


def compiler() -> bool:
    """Whether there is a C compiler, with Python's headers; on Windows it is found as setuptools finds it."""
    if os.name == "nt":
        programs = os.environ.get("PROGRAMFILES(X86)") or os.environ.get("PROGRAMFILES") or ""
        found = Path(programs, "Microsoft Visual Studio", "Installer", "vswhere.exe").is_file()
        return found or shutil.which("cl") is not None
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or ""
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return shutil.which(command.partition(" ")[0]) is not None and headers.is_file()


def compiles() -> bool:
    """Whether the kernel is to be compiled."""
    return KERNEL == "compiled" or (KERNEL == "auto" and sys.implementation.name == "cpython" and compiler())


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What building a wheel needs besides hatchling: mypyc, if the kernel is to be compiled."""
    needed = hatchling.build.get_requires_for_build_wheel(config_settings)
    return [*needed, "mypy>=2.4,<3", "setuptools>=77"] if compiles() else needed


class Kernel(BuildHookInterface):
    """Adds the compiled modules to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the kernel before the wheel is written. If that fails, the wheel stays pure Python."""
        if version == "editable" or not compiles():
            return
        self.folder = tempfile.TemporaryDirectory(prefix="kernel-")
        try:
            built = apart(self.config["kernel"], Path(self.folder.name))
        except (OSError, RuntimeError) as cause:
            self.finalize(version, build_data, "")
            if KERNEL == "compiled":
                raise
            self.app.display_warning(f"the kernel stays pure Python: it was not compiled ({cause})")
            return
        build_data.update(pure_python=False, infer_tag=True)
        build_data["force_include"].update(built)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled, once it is in the wheel."""
        if hasattr(self, "folder"):
            self.folder.cleanup()


def apart(files: list[str], folder: Path) -> dict[str, str]:
    """Compile modules in a process of its own, which ends, with all that it began, when PATIENCE does.

    Args:
        files: the paths of their sources, from the folder of the project on, which is the current one.
        folder: an empty one.

    Returns:
        Where each compiled module is, and its path in the wheel.
    """
    process = subprocess.Popen([sys.executable, __file__, str(folder), *files], start_new_session=os.name != "nt")
    try:
        failed = process.wait(PATIENCE if KERNEL == "auto" else None)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"that took more than {PATIENCE} s") from None
    finally:
        if process.poll() is None:  # Ctrl-C doesn't reach it
            process.kill() if os.name == "nt" else os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if failed:
        raise RuntimeError("what the compiler says stands above")
    found = [path for path in (folder / "modules").rglob("*") if path.is_file()]
    return {str(path): path.relative_to(folder / "modules").as_posix() for path in found}


def compiled(files: list[str], folder: Path) -> None:
    """Compile modules into `modules` in a folder; arguments as for `apart`."""
    from setuptools import Distribution  # before mypyc, which otherwise looks for distutils
    from mypyc.build import mypycify  # isort: skip

    # no setting for the project's type checks: what counts here is that it compiles, without the packages of the extras
    options = [
        "--config-file=",
        f"--cache-dir={folder / 'cache'}",
        "--follow-imports=silent",
        "--ignore-missing-imports",
    ]
    modules = mypycify([*options, *files], target_dir=str(folder / "c"), group_name="chainrule", debug_level="0")
    code = folder / "c" / "__native_chainrule.c"
    document(code, files)
    let_go(code)
    let_go_in_turn(code)
    let_go_of_the_class(code)
    make(code)
    for module in modules if os.name != "nt" else ():
        # digit by digit as interpreted: no product is fused with a sum, as GCC does for arm64 (findings/)
        module.extra_compile_args.append("-ffp-contract=off")
    command = Distribution({"name": "chainrule", "ext_modules": modules}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(folder / "modules"), str(folder / "objects")
    command.ensure_finalized()
    command.run()


def document(code: Path, files: list[str]) -> None:
    """Give what is compiled its docstrings, for help(): mypyc keeps of them the signatures alone.

    Args:
        code: the C file, in which functions and classes have a signature for a docstring, and properties have none.
        files: the sources.
    """
    text = code.read_text(encoding="utf-8")
    for file in files:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
        for owner in (tree, *[x for x in tree.body if isinstance(x, ast.ClassDef)]):
            place = f"{Path(file).stem}___" + (f"{owner.name}___" if isinstance(owner, ast.ClassDef) else "")
            for item in owner.body:
                if not isinstance(item, (ast.ClassDef, ast.FunctionDef)) or not ast.get_docstring(item):
                    continue
                octal = "".join([f"\\{byte:03o}" for byte in str(ast.get_docstring(item)).encode()])
                if isinstance(item, ast.ClassDef):
                    found = rf'(tp_doc = PyDoc_STR\("{item.name}\([^\n]*?--\\n\\n)(?="\))'
                elif any(isinstance(x, ast.Name) and x.id == "property" for x in item.decorator_list):
                    octal = f'"{octal}"'
                    found = rf"(\(getter\){place[:-3]}_get_{item.name},\s*(?:NULL|\(setter\)\w+),\s*)NULL"
                else:
                    found = rf'(\(PyCFunction\)CPyPy_{place}{item.name},[^{{}}]*?PyDoc_STR\("[^\n]*?--\\n\\n)(?="\))'
                text = re.sub(found, lambda match, doc=octal: match[1] + doc, text, count=1)
    code.write_text(text, encoding="utf-8")


def let_go(code: Path) -> None:
    """Have instances clear their weak references as Python's own types do.

    Where a class has a dict, before Python 3.12, mypyc 2.4 treats the head of the list of them as an object that the
    instance holds, and would release what it doesn't own.

    Args:
        code: the C file.
    """
    slot = r"\*\(\(PyObject \*\*\)\(\(char \*\)self \+ sizeof\(PyObject \*\) \+ sizeof\([^()]+\)\)\)"
    text = re.sub(rf"Py_VISIT\({slot}\);", "", code.read_text(encoding="utf-8"))
    gone = r"if (\1 != NULL && Py_REFCNT(self) == 0) PyObject_ClearWeakRefs((PyObject *)self);"
    code.write_text(re.sub(rf"Py_CLEAR\(({slot})\);", gone, text), encoding="utf-8")


def let_go_in_turn(code: Path) -> None:
    """Have what the collector doesn't know (acyclic=True) be let go however deep a chain of it is.

    mypyc 2.4 has it wait in Python's trashcan, whose list runs through the head that only collected objects have. Here
    it waits in a list of its own, linked where the method table was.

    Args:
        code: the C file.
    """
    begin = r"(static void\s+\w+_dealloc\((\w+) \*self\)\s*\{\s*)CPy_TRASHCAN_BEGIN\(self, (\w+)\)"
    body = r"\s*(.*?)CPy_TRASHCAN_END\(self\)"
    in_turn = r"""static int \3_depth = 0;
static \2 *\3_waiting = NULL;
\1if (\3_depth > 50 && Py_TYPE(self)->tp_dealloc == (destructor)\3) {
self->vtable = (CPyVTableItem *)\3_waiting;
\3_waiting = self;
return;
}
for (;;) {
\3_depth++;
\4\3_depth--;
if (\3_depth > 0 || \3_waiting == NULL) break;
self = \3_waiting;
\3_waiting = (\2 *)self->vtable;
}
"""
    text = re.sub(begin + body, in_turn, code.read_text(encoding="utf-8"), flags=re.DOTALL)
    code.write_text(text, encoding="utf-8")


def let_go_of_the_class(code: Path) -> None:
    """Have each instance let go of its class, which it holds: classes that inherit are freed, too (findings/).

    Args:
        code: the C file.
    """
    free = "Py_TYPE(self)->tp_free((PyObject *)self);"
    both = "{ PyTypeObject *cls = Py_TYPE(self); cls->tp_free((PyObject *)self); Py_DECREF(cls); }"
    code.write_text(code.read_text(encoding="utf-8").replace(free, both), encoding="utf-8")


def make(code: Path) -> None:
    """Have `blank(Value)`, which is `Value.__new__`, make its node in C: the way by Python's call takes 25 ns more.

    Args:
        code: the C file.
    """
    text = code.read_text(encoding="utf-8")
    found = r"(cpy_r_r\d+) = CPyStatic_value___blank;(.*?)PyObject_Vectorcall\(\1, (cpy_r_r\d+), 1, 0\)"
    text = re.sub(
        found, r"\1 = CPyStatic_value___blank;\2CPyDef_value_____mypyc__Value_setup(\3[0])", text, flags=re.DOTALL
    )
    code.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    compiled(sys.argv[2:], Path(sys.argv[1]))
