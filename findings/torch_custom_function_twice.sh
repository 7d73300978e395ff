#!/usr/bin/env bash
# PyTorch: a Function whose backward reads what its forward kept has a Hessian that is silently wrong.
#
# Guess: where a backward() reads intermediate results, differentiating it again raises an error, for the graph ends there.
# What happens: alone it does raise; but as soon as anything else in the expression can be differentiated twice, such as
# the x in x · sinh(x), that part is returned alone, as the Hessian: 3.086 in place of 4.261.
# Documented: https://docs.pytorch.org/tutorials/intermediate/custom_function_double_backward_tutorial.html, under "Saving
# Intermediate Results": they must be made outputs, or be computed again; that the number is wrong is what gradgradcheck
# finds, and nothing says so otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check torch==2.13.0
"$folder/environment/bin/python" -W ignore - <<'PROGRAM'
import math
import sys

import torch


class Sinh(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        up, down = torch.exp(x), torch.exp(-x)
        ctx.save_for_backward(up, down)
        return (up - down) / 2

    @staticmethod
    def backward(ctx, g):
        up, down = ctx.saved_tensors
        return g * (up + down) / 2


print("PyTorch", torch.__version__)
x = torch.tensor(1.0, dtype=torch.float64)
hessian = torch.autograd.functional.hessian
mine, theirs = [hessian(lambda x: x * f(x), x).item() for f in (Sinh.apply, torch.sinh)]
true = 2 * math.cosh(1) + math.sinh(1)
print("the guess: an error, for the backward of Sinh can't be differentiated")
print(f"the second derivative of x sinh(x) at 1: by the Function {mine:.6f}, by torch.sinh {theirs:.6f}, true {true:.6f}")
sys.exit(0 if abs(theirs - true) < 1e-12 and abs(mine - 2 * math.cosh(1)) < 1e-12 else 1)
PROGRAM
