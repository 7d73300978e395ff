"""Runs the course anew and keeps its outputs: `python -m tests.notebooks`, or with the numbers of some notebooks.

`python -m tests.notebooks blank` writes the versions without outputs into notebooks/blank, beside the committed ones.

Plots are kept small, with a palette, and say in words what they show. It needs the extras `notebook` and `dev`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path

from autograd.basics.extras import needed
from tests.notebooks import versions

FOLDER = Path(__file__).parents[2] / "notebooks"

# runs in the kernel before the first cell: what a plot is shown as
PLOTS = """
def _show_plots_small():
    import matplotlib.pyplot  # with it, IPython has its own way to show a figure, which is replaced
    from IPython.core.pylabtools import print_figure
    from matplotlib.figure import Figure
    from nn.pictures.figure import in_words, small

    matplotlib.pyplot.figure(); matplotlib.pyplot.close()
    png = get_ipython().display_formatter.formatters["image/png"]
    png.for_type(Figure, lambda figure: (small(print_figure(figure)), {"alt": in_words(figure)}))

_show_plots_small()
del _show_plots_small
"""


def run(path: Path) -> None:
    """Execute a notebook and write it back."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        with client.setup_kernel():
            notebook.cells.append(nbformat.v4.new_code_cell(PLOTS))
            client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1, store_history=False)
            del notebook.cells[-1]
            for i, cell in enumerate(notebook.cells):
                client.execute_cell(cell, i)
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = count
            for output in cell.outputs:
                data = output.get("data", {})
                if "text/html" in data and not path.name.startswith("01"):
                    data.pop("image/png", None)  # what LaTeX would show is kept in notebook 1 alone: it weighs
                if "image/png" in data:
                    data["image/png"] = packed(data["image/png"])
    notebook.metadata.pop("widgets", None)
    nbformat.write(versions.with_slides(notebook), path)
    print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)


def packed(image: str) -> str:
    """A picture in base64, the same to the pixel, a tenth shorter."""
    import oxipng

    return b64encode(oxipng.optimize_from_memory(b64decode(image), level=4)).decode()


def main(numbers: list[str]) -> None:
    """Run all notebooks, or those with these numbers; or write them without outputs."""
    try:
        needed("nbformat", "python -m tests.notebooks")
    except ImportError as error:
        sys.exit(f"error: {error}")
    if numbers == ["blank"]:
        for path in versions.write(FOLDER, FOLDER / "blank"):
            print(path)
        return
    os.environ["PYTHONPATH"] = str(FOLDER.parent)
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not numbers or path.name[:2] in [n.zfill(2) for n in numbers]:
            run(path)


if __name__ == "__main__":
    main(sys.argv[1:])
