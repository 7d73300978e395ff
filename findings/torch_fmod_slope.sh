#!/usr/bin/env bash
# PyTorch: the derivative of fmod by its divisor counts another quotient than the value.
#
# Guess: torch.fmod(a, b) = a - n b with a whole number n, and its derivative by b is -n.
# What happens: for 1.0 and 0.1 in double precision the value is 0.09999999999999995, with n = 9, for 0.1 is a little more
# than a tenth; the derivative is -10, from the quotient, which is rounded to 10 before it is truncated. A step of descent
# on a period, or a phase, takes it.
# Documented: https://docs.pytorch.org/docs/stable/generated/torch.fmod.html has
# "torch.fmod(a, b) == a - a.div(b, rounding_mode='trunc') * b", which is 0.0 here; the value is that of C.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check torch==2.13.0 numpy==2.2.6
"$folder/environment/bin/python" - <<'PROGRAM'
import sys

import torch

print("PyTorch", torch.__version__)
print("the guess: the derivative of fmod(a, b) by b is -(a - fmod(a, b)) / b")
a, b = torch.tensor(1.0, dtype=torch.float64), torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
y = torch.fmod(a, b)
y.backward()
n = round((a.item() - y.item()) / b.item())
documented = (a - a.div(b, rounding_mode="trunc") * b).item()
print(f"fmod(1.0, 0.1) = {y.item()}, so n = {n}; the derivative is {b.grad.item()}; as documented the value is {documented}")
sys.exit(0 if n == 9 and b.grad.item() == -10.0 and documented == 0.0 else 1)
PROGRAM
