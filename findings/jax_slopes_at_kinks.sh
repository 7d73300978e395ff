#!/usr/bin/env bash
# JAX: the derivative at a kink or an edge depends on how a function is written.
#
# Guess: at 0 the derivative of |x| is 0, as that of relu is, and as PyTorch has it; sqrt(clip(x, 0, 1)) has 0 far below
# the bound, where nothing depends on x.
# What happens (double precision): |x| at 0 has 1, though sign(0) is 0; maximum(x, -x) has 0, and sqrt(x * x) nan; relu
# has 0, and maximum(x, 0) 0.5; x ** 0.0 at 0 nan, and x ** 0 with a whole number 0; hypot(x, 0) at 0 has 0.5, and
# sqrt(clip(x, 0, 1)) at -1 nan.
# Documented: https://docs.jax.dev/en/latest/faq.html says that a derivative of where() may be nan for a branch that
# isn't taken; the kinks of these functions are told neither there nor in their own pages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check jax==0.10.2
"$folder/environment/bin/python" - <<'PROGRAM'
import math
import sys

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
print("JAX", jax.__version__)
nan = math.nan
seen = [
    ("abs(x) at 0", jnp.abs, 0.0, 0.0, 1.0),
    ("maximum(x, -x) at 0", lambda x: jnp.maximum(x, -x), 0.0, 0.0, 0.0),
    ("sqrt(x * x) at 0", lambda x: jnp.sqrt(x * x), 0.0, nan, nan),
    ("relu(x) at 0", jax.nn.relu, 0.0, 0.0, 0.0),
    ("maximum(x, 0) at 0", lambda x: jnp.maximum(x, 0.0), 0.0, 0.0, 0.5),
    ("x ** 0.0 at 0", lambda x: x**0.0, 0.0, 0.0, nan),
    ("x ** 0 at 0", lambda x: x**0, 0.0, 0.0, 0.0),
    ("hypot(x, 0) at 0", lambda x: jnp.hypot(x, 0.0), 0.0, 0.0, 0.5),
    ("sqrt(clip(x, 0, 1)) at -1", lambda x: jnp.sqrt(jnp.clip(x, 0.0, 1.0)), -1.0, 0.0, nan),
]
same = True
for name, f, x, guess, slope in seen:
    found = float(jax.grad(f)(x))
    same &= found == slope or (math.isnan(found) and math.isnan(slope))
    print(f"{name:27} guess {guess:4}  found {found:4}")
sys.exit(0 if same else 1)
PROGRAM
