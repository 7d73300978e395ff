#!/usr/bin/env bash
# PyTorch: with class weights, cross_entropy of a class and of the one-hot list of the same class differ.
#
# Guess: a class number and its one-hot list say the same, so that cross_entropy gives the same loss for both, whatever
# its weight; and a weight of 9 for the only class in a batch makes the loss 9 times as large.
# What happens: for numbers the mean divides by the weights again, so that the weight of the only class in a batch does
# nothing; for one-hot lists it divides by the number of examples, and the loss is 9 times as large.
# Documented: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html, in the two formulas for
# reduction="mean", one below the other; that they disagree about the same target is not said.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check torch==2.13.0
"$folder/environment/bin/python" -W ignore - <<'PROGRAM'
import sys

import torch

print("PyTorch", torch.__version__)
loss = torch.nn.functional.cross_entropy
logits = torch.tensor([[0.5, -1.0], [2.0, 0.0]], dtype=torch.float64)
number, one_hot = torch.tensor([1, 1]), torch.tensor([[0.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
weight = torch.tensor([1.0, 9.0], dtype=torch.float64)
plain = [loss(logits, target).item() for target in (number, one_hot)]
weighted = [loss(logits, target, weight=weight).item() for target in (number, one_hot)]
print("the guess: both give the same, and 9 times as much with a weight of 9")
print(f"without weights {plain[0]:.6f} and {plain[1]:.6f}, with them {weighted[0]:.6f} and {weighted[1]:.6f}")
same = abs(plain[0] - plain[1]) < 1e-12
sys.exit(0 if same and abs(weighted[0] - plain[0]) < 1e-12 and abs(weighted[1] - 9 * plain[1]) < 1e-12 else 1)
PROGRAM
