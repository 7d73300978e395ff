#!/usr/bin/env bash
# mypyc: whether compiled floats have the digits of the interpreter depends on the processor that one compiles for.
#
# Guess: a function of floats that mypyc compiles gives what Python gives, to the last digit, with any options of the C
# compiler that keep to IEEE 754: each operation is rounded, and mypyc turns each into one of C.
# What happens: for a processor that multiplies and adds at once (x86-64 with -mfma or -march=native) GCC makes one
# operation of the two, which rounds once: 0.1 * 10.0 - 1.0 is 5.55e-17, not 0.0. With -ffp-contract=off it is 0.0 again.
# On aarch64 every processor can do so, and by GCC's manual no option is needed (this was run on x86-64).
# Documented: https://gcc.gnu.org/onlinedocs/gcc/Optimize-Options.html has -ffp-contract=fast as the default; mypyc's
# page of differences from Python, https://mypyc.readthedocs.io/en/stable/differences_from_python.html, has no word of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check mypy==2.4.1 setuptools==84.2.1
cd "$folder"
cat >residual.py <<'PROGRAM'
def residual(a: float, b: float, c: float) -> float:
    return a * b - c
PROGRAM
fused=-mfma
[ "$(uname -m)" = x86_64 ] || fused=
if [ -n "$fused" ] && ! grep -qw fma /proc/cpuinfo; then echo "this processor multiplies and adds one by one"; exit 0; fi
residual() {  # OPTION...: what the function gives, compiled with these
    rm -rf build ./*.so
    CFLAGS="$*" environment/bin/mypyc residual.py >log 2>&1 || { cat log; exit 1; }
    environment/bin/python -c 'import residual; print(residual.residual(0.1, 10.0, 1.0))'
}
environment/bin/python -c 'import importlib.metadata; print("mypyc of mypy", importlib.metadata.version("mypy"))'
gcc --version | head -n 1
interpreted=$(environment/bin/python -c 'import residual; print(residual.residual(0.1, 10.0, 1.0))')
compiled=$(residual $fused)
apart=$(residual $fused -ffp-contract=off)
echo "the guess: 0.1 * 10.0 - 1.0 is the same, interpreted and compiled"
echo "interpreted $interpreted, compiled $compiled, compiled with -ffp-contract=off $apart"
[ "$interpreted $apart" = "0.0 0.0" ] && [ "$compiled" != 0.0 ]
