#!/usr/bin/env bash
# NumPy: the sum of a column depends on whether another column is summed beside it.
#
# Guess: np.add.reduce over an axis gives each column the same digits, however many columns the array has.
# What happens: with one column the eight or more numbers are added pairwise, in eight sums; with two or more from top to
# bottom. So a batch of one example differs in the last digits from the same example in a larger batch.
# Documented: https://numpy.org/doc/stable/reference/generated/numpy.sum.html, in the notes: pairwise summation "is only
# provided when no axis is given ... or along the fast axis in memory"; that the batch decides this is left to the reader.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check numpy==2.2.6
"$folder/environment/bin/python" - <<'PROGRAM'
import sys

import numpy as np

print("NumPy", np.__version__)
column = np.full((10, 1), 0.1)
alone = np.add.reduce(column, axis=0)[0]
beside = np.add.reduce(np.hstack([column, column]), axis=0)[0]
in_order = 0.0
for x in column[:, 0]:
    in_order = in_order + x
print("the guess: the sum of a column is the same alone and beside another")
print(f"ten times 0.1: alone {float(alone)}, beside another {float(beside)}, from top to bottom {float(in_order)}")
sys.exit(0 if 1.0 == alone != beside == in_order else 1)
PROGRAM
