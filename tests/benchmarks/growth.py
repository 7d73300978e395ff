"""How the cost of a compiled step grows with width, depth and batch: `python -m tests.benchmarks.growth [file]`.

Three curves each: ours, NumPy as the textbook has it, and the floor, which is the bare calls of matrix products and
tanh on arrays of the same shapes. Prints the numbers, and draws them to .pictures/growth.svg, or the given file.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from threadpoolctl import threadpool_limits

import nn

from . import twins
from .programs import compiled, in_turns, matrices, wave

PICTURE = Path(__file__).parents[2] / ".pictures" / "growth.svg"

SWEEPS: dict[str, dict[int, tuple[list[int], int]]] = {
    "width of two hidden layers (200 points)": {w: ([w, w, 1], 200) for w in (1, 3, 10, 30, 100, 300)},
    "hidden layers of width 10 (200 points)": {d: ([10] * d + [1], 200) for d in (1, 2, 5, 10, 20, 50)},
    "points in the batch (MLP(1, [10, 10, 1]))": {n: ([10, 10, 1], n) for n in (1, 10, 100, 1_000, 10_000, 100_000)},
}
"""What grows: for each size the layers and the number of points."""

LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "textbook": ("NumPy, textbook", {"color": "#d55e00", "marker": "s", "linestyle": "--"}),
    "ours": ("chainrule, compiled", {"color": "#0072b2", "marker": "o"}),
    "floor": ("bare products and tanh", {"color": "#555555", "marker": "", "linestyle": ":"}),
}


def step_times(sizes: Sequence[int], n: int) -> dict[str, float]:
    """The seconds of a step of each."""
    x, y = wave(n)
    model = nn.MLP(1, sizes, "tanh", seed=0)
    weights = matrices(model)
    runs: dict[str, Any] = {"ours": compiled(model, x, y), "textbook": twins.textbook(weights, x[None], y[None])}
    assert abs(runs["ours"]() - runs["textbook"]()) < 1e-9
    products, tanhs = twins.bare_calls(weights, x[None], y[None])
    times = {name: t for name, (t, _) in in_turns({**runs, "products": products, "tanhs": tanhs}, 21).items()}
    return {**times, "floor": times["products"] + times["tanhs"]}


def main(path: str | Path = PICTURE) -> None:
    """Measure, print and draw."""
    plt.rcParams.update({"font.size": 15, "svg.fonttype": "none", "svg.hashsalt": "growth", "lines.linewidth": 2.5})
    figure, axes = plt.subplots(1, 3, figsize=(15, 5), sharey=True, layout="constrained")
    print("| what grows | | chainrule, compiled | NumPy, textbook | bare products and tanh |\n|---|---|---|---|---|")
    with threadpool_limits(1):
        for ax, (what, sweep) in zip(axes, SWEEPS.items()):
            found = {size: step_times(*shape) for size, shape in sweep.items()}
            for size, t in found.items():
                ours, textbook, floor = [f"{1e6 * t[name]:,.1f} µs" for name in ("ours", "textbook", "floor")]
                over = f"{ours} ({t['ours'] / t['floor']:.2f} times the bare calls)"
                print(f"| {what} | {size:,} | {over} | {textbook} | {floor} |", flush=True)
            for name, (label, looks) in LOOKS.items():
                ax.loglog(list(found), [1e6 * t[name] for t in found.values()], label=label, **looks)
            ax.set_xlabel(what)
            ax.set_xticks(list(found)[::2])
            ax.xaxis.set_major_formatter("{x:,.0f}")
            ax.yaxis.set_major_formatter("{x:,.0f}")
            ax.minorticks_off()
            ax.grid(alpha=0.3)
    axes[0].set_ylabel("µs a training step")
    axes[0].legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:2])
