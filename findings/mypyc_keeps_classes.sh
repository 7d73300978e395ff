#!/usr/bin/env bash
# mypyc: a class that inherits from a compiled one is never freed once it had an instance.
#
# Guess: a class that a function makes goes with its last instance and its last name, whatever it inherits from, after
# gc.collect() at the latest, as with the same base interpreted.
# What happens: each instance of a compiled class holds its class, as all instances of heap types do, and doesn't let go
# of it when it is freed. The class and all that its methods hold stay, and sys.getrefcount of a class only grows.
# Documented: https://docs.python.org/3/c-api/typeobj.html says under tp_dealloc that the deallocator of a type on the
# heap releases the reference to its type; mypyc's page of differences from Python has no word of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install -q --disable-pip-version-check mypy==2.4.1 setuptools==84.2.1
cd "$folder"
cat >base.py <<'PROGRAM'
from mypy_extensions import mypyc_attr


@mypyc_attr(allow_interpreted_subclasses=True)
class Base:
    def __init__(self) -> None:
        self.x = 1.0
PROGRAM
cat >trial.py <<'PROGRAM'
import gc
import weakref

import base


def trial():
    class Own(base.Base):
        pass

    Own()
    return weakref.ref(Own)


ref = trial()
gc.collect()
print("freed" if ref() is None else "kept")
PROGRAM
environment/bin/python -c 'import importlib.metadata; print("mypyc of mypy", importlib.metadata.version("mypy"))'
interpreted=$(environment/bin/python trial.py)
environment/bin/mypyc base.py >log 2>&1 || { cat log; exit 1; }
compiled=$(environment/bin/python trial.py)
echo "the guess: the class is freed, interpreted and compiled"
echo "with the base interpreted it is $interpreted, with the base compiled $compiled"
[ "$interpreted $compiled" = "freed kept" ]
