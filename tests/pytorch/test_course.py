"""The training step that notebook 3 shows beside PyTorch's: both columns are run, and learn the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import nn

torch = pytest.importorskip("torch")

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_a_neuron_learns.ipynb"


def columns() -> tuple[list[str], list[str], list[str]]:
    """The code of the table, ours and PyTorch's, row by row; and what the text below it says to do first."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    (table,) = ["".join(cell["source"]) for cell in cells if "| | here | in PyTorch |" in "".join(cell["source"])]
    rows = [re.findall("`([^`]+)`", line) for line in table.splitlines() if line.startswith("|") and "`" in line]
    ours, theirs = zip(*rows)
    first = [code for code in re.findall("`([^`]+)`", table.rpartition("|")[2]) if "torch." in code]
    return list(ours), list(theirs), first


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def test_both_columns_of_the_table_learn_the_same():
    ours, theirs, (*made, precision) = columns()
    assert (len(ours), len(made)) == (7, 2)
    points = nn.data.moons(seed=0)
    inputs, targets = points.train_inputs[:20], [int(t > 0) for t in points.train_targets[:20]]
    here = {**vars(nn), "inputs": inputs, "targets": targets}
    there = {"torch": torch, "inputs": inputs, "targets": targets}
    exec(ours[0], here)
    before = torch.get_default_dtype()
    try:
        exec("\n".join([precision, *made, theirs[0]]), there)
    finally:
        torch.set_default_dtype(before)
    for layer, linear in zip(here["model"].layers, (there["model"][0], there["model"][2])):
        linear.weight.data = tensor([[w.data for w in neuron.w] for neuron in layer.neurons])
        linear.bias.data = tensor([neuron.b.data for neuron in layer.neurons])
    for names, lines in ((here, ours), (there, theirs)):
        exec(lines[1], names)
        for _ in range(3):
            exec("\n".join(lines[2:]), names)
    assert here["cost"].data == pytest.approx(there["cost"].item(), rel=1e-12)
    gradients = [p.grad for p in here["model"].parameters()]
    theirs_in_order = []
    for linear in (there["model"][0], there["model"][2]):
        for row, bias in zip(linear.weight.grad, linear.bias.grad):
            theirs_in_order += [*row.tolist(), bias.item()]
    assert gradients == pytest.approx(theirs_in_order, rel=1e-11)
