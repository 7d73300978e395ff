"""The course as a JupyterLite site: its notebooks run in the browser, on the engine, and draw.

Pyodide lies beside the site with the wheels that its kernel needs, so none of that is fetched from elsewhere. What it
doesn't bring (NumPy and Matplotlib, for the plots) is fetched from where Pyodide publishes it, once a notebook imports
it.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..basics.extras import installing

KERNEL = ("ipython", "jedi", "micropip", "packaging")
"""What the kernel asks Pyodide for; its lock file says what they depend on."""
BESIDES = {"comm": "0.2.3", "graphviz": "0.21"}
"""What it asks for and we do that Pyodide doesn't have."""
PUBLISHED = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
_GRAPHVIZ = """
import { Graphviz } from "./graphviz.js";  // where the engine's drawings find it: this module is the kernel's
globalThis.graphviz = await Graphviz.load();
"""


def is_there() -> None:
    """Raise an ImportError, which names the extra that brings it, where JupyterLite is missing."""
    for package in ("jupyterlite_core", "jupyterlite_pyodide_kernel", "jupyter_server"):
        if not find_spec(package):
            raise ImportError(f"the site needs {package}, which comes with: {installing('jupyterlite')}")


def site(out: Path, content: Mapping[str, bytes], notebooks: Path, version: str) -> Path:
    """Build the site.

    Args:
        out: the folder of the site, which is made if it isn't there.
        content: Pyodide's files, graphviz.js and project.zip, by name.
        notebooks: the folder of the notebooks.
        version: Pyodide's.

    Returns:
        The page that opens the site.

    Raises:
        ImportError: if JupyterLite is missing; the message names the extra that brings it.
        RuntimeError: if pip can't fetch the wheels, or JupyterLite can't build the site.
        OSError: if something can't be read or written.
    """
    is_there()
    with tempfile.TemporaryDirectory() as scratch:
        _prepare(Path(scratch), content, version)
        places = ["--lite-dir", scratch, "--output-dir", out.absolute(), "--contents", notebooks.absolute()]
        apps = ["--apps", "lab", "--apps", "notebooks", "--no-sourcemaps"]
        _run(["jupyterlite_core", "build", *places, *apps], "JupyterLite could not build the site", scratch)
    return out / "lab" / "index.html"


def _prepare(scratch: Path, content: Mapping[str, bytes], version: str) -> None:
    """Put Pyodide, its wheels and the settings where JupyterLite looks for them."""
    pyodide = scratch / "static" / "pyodide"
    pyodide.mkdir(parents=True)
    for name, file in content.items():
        if name not in ("project.zip", "pyodide-lock.json"):
            (pyodide / name).write_bytes(file + _GRAPHVIZ.encode() if name == "pyodide.mjs" else file)
    lock = json.loads(content["pyodide-lock.json"])
    _lock(lock["packages"], content["project.zip"], pyodide, PUBLISHED.format(version=version))
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock))
    (scratch / "jupyter-lite.json").write_text(json.dumps(_SETTINGS))


_SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "The chain rule",
        "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}},
    },
}


def _lock(packages: dict[str, dict[str, Any]], project: bytes, folder: Path, published: str) -> None:
    """Put wheels into the folder, and into the lock file where each of its packages is."""
    by_name = {_normal(key): package for key, package in packages.items()}
    wanted = dict(BESIDES)
    todo = list(KERNEL)
    while todo:
        package = by_name[_normal(todo.pop())]
        if _normal(package["name"]) not in map(_normal, wanted):
            wanted[package["name"]] = package["version"]
            todo += package["depends"]
    options = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.14", "--dest", folder]
    pinned = [f"{name}=={version}" for name, version in wanted.items()]
    _run(["pip", "download", *options, *pinned], "pip could not fetch what the kernel needs", folder)
    from .. import __version__

    own = folder / f"chainrule-{__version__}-py3-none-any.whl"
    own.write_bytes(_wheel(project, __version__))
    for package in packages.values():
        package["file_name"] = published + package["file_name"]
    for wheel in sorted(folder.glob("*.whl")):
        name, version, *_ = wheel.name.split("-")
        package = by_name.get(_normal(name)) or packages.setdefault(_normal(name), _entry(name, version))
        package |= {"file_name": wheel.name, "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}
    packages["chainrule"] |= {"imports": ["autograd", "nn"], "depends": ["graphviz"]}


def _entry(name: str, version: str) -> dict[str, Any]:
    return {"name": name, "version": version, "imports": [name], "depends": [], "install_dir": "site",
            "package_type": "package", "unvendored_tests": False}  # fmt: skip


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def _wheel(project: bytes, version: str) -> bytes:
    """The two packages as a wheel, out of the archive that has them, and graphviz, as files."""
    buffer = io.BytesIO()
    about = f"chainrule-{version}.dist-info"
    with zipfile.ZipFile(io.BytesIO(project)) as files, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        for entry in files.infolist():
            if not entry.filename.startswith("graphviz/"):
                wheel.writestr(zipfile.ZipInfo(entry.filename), files.read(entry), zipfile.ZIP_DEFLATED)
        said = {
            "METADATA": f"Metadata-Version: 2.1\nName: chainrule\nVersion: {version}\nRequires-Dist: graphviz\n",
            "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        for name, text in said.items():
            wheel.writestr(zipfile.ZipInfo(f"{about}/{name}"), text)
    return buffer.getvalue()


def _run(module: Iterable[object], wrong: str, folder: str | Path) -> None:
    """Run a module in a folder, where it may leave notes of its own."""
    command = [sys.executable, "-m", *map(str, module)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", cwd=folder)
    if done.returncode:
        raise RuntimeError(f"{wrong}: {(done.stderr or done.stdout).strip()[-500:]}")
