"""`python -m autograd classroom --out FOLDER` builds the page for a class."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..basics.extras import installing
from .building import build, own_notebooks

_MORE = f"""\
It makes index.html, for any web server (python -m http.server --directory FOLDER), and classroom.html, one file that
opens by double-click, with the network off. No request leaves either page. With --jupyterlite it makes a site, too, in
which the notebooks run ({installing("jupyterlite")}). Node's packages are fetched with npm:
where there is none, {installing("classroom")} brings it.
"""


def main(arguments: Sequence[str]) -> None:
    """Build it and say where it is."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd classroom",
        description="Build a page in which a class explores expressions and their gradients, with nothing to install.",
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", metavar="FOLDER", required=True, help="where to put it")
    parser.add_argument("--modules", metavar="FOLDER", help="a folder node_modules that has the packages already")
    course = "executed notebooks for Course, instead of the project's"
    parser.add_argument("--notebooks", metavar="FOLDER", help=course)
    site = "build FOLDER/jupyterlite, too: a site in which the notebooks run"
    parser.add_argument("--jupyterlite", action="store_true", help=site)
    asked = parser.parse_args(arguments)
    notebooks = asked.notebooks or own_notebooks()
    served, single = build(asked.out, asked.modules, notebooks, asked.jupyterlite)
    print(f"For a web server: {served}, with the files beside it.")
    print(f"For a double-click: {single} ({single.stat().st_size / 1e6:.1f} MB), which needs no other file.")
    if asked.jupyterlite and notebooks is not None:
        print(f"For a web server: {served.parent / 'jupyterlite'}, in which the notebooks run.")
    if notebooks is None:
        print("Course is empty: no notebooks are installed. They are in the project's repository: --notebooks FOLDER")
