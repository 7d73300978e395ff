#!/usr/bin/env bash
# JAX: a function under jit multiplies its constants with each other first, and may be infinite where it isn't without jit.
#
# Guess: XLA, which jit compiles with, keeps floating-point operations in the order in which they are written: JAX leaves
# XLA's fast math for CPUs off, and IEEE 754 has no associative law. So 1e200 * (1e200 * x) is 1e100 at x = 1e-300.
# What happens: XLA makes x * (1e200 * 1e200) of it, which is infinite, and x of (x + 1) - 1, on which compensated sums rest.
# A constant that XLA can't see through, by optimization_barrier or as an argument, gives what is written.
# Documented: the JAX FAQ, https://docs.jax.dev/en/latest/faq.html, says that jit changes the exact numerics of outputs;
# that a finite result may become infinite it doesn't say.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check jax==0.10.2
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$folder/environment/bin/python" - <<'PROGRAM'
import jax

print("JAX", jax.__version__)
scaled, sum_of_rests = lambda x: 1e200 * (1e200 * x), lambda x: (x + 1.0) - 1.0
barred = lambda x: 1e200 * jax.lax.optimization_barrier(1e200 * x)
x, y = jax.numpy.float64(1e-300), jax.numpy.float64(1e-20)
written = [float(f(at)) for f, at in ((scaled, x), (sum_of_rests, y), (barred, x))]
compiled = [float(jax.jit(f)(at)) for f, at in ((scaled, x), (sum_of_rests, y), (barred, x))]
print("the guess: jit gives", written)
print("it gives            ", compiled)
assert written == [1e100, 0.0, 1e100]
assert compiled == [float("inf"), 1e-20, 1e100]
PROGRAM
