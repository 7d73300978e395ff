#!/usr/bin/env bash
# PyTorch: two derivatives in double precision have the digits of single precision.
#
# Guess: the derivative of a function of float64 tensors is right to some 1e-15, as the function itself is.
# What happens: that of hardsigmoid between its kinks is 1/6 rounded to float32, off by 5e-9; that of digamma is off by
# 8e-10. The second derivative of lgamma is that of digamma.
# Documented: https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html has x/6 + 1/2, and
# https://docs.pytorch.org/docs/stable/special.html#torch.special.polygamma the derivative of digamma; neither speaks of
# fewer digits in double precision. At 1, the derivative of digamma is π²/6.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check torch==2.13.0 numpy==2.2.6
"$folder/environment/bin/python" - <<'PROGRAM'
import math
import sys

import torch

print("PyTorch", torch.__version__)
print("the guess: derivatives in float64 are right to 1e-15")


def slope(f, x):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(t).backward()
    return t.grad.item()


sixth = slope(torch.nn.functional.hardsigmoid, 0.5)
print(f"hardsigmoid'(0.5) = {sixth!r}, off by {abs(sixth - 1 / 6):.1e}")
trigamma = slope(torch.digamma, 1.0)
print(f"digamma'(1) = {trigamma!r}, where π²/6 = {math.pi ** 2 / 6!r}: off by {abs(trigamma - math.pi ** 2 / 6):.1e}")
single = torch.tensor(1 / 6, dtype=torch.float32).item()
sys.exit(0 if sixth == single and 1e-11 < abs(trigamma - math.pi**2 / 6) < 1e-8 else 1)
PROGRAM
