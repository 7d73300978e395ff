"""What an item is, as far as one must know to watch it: reach.py asks."""

from __future__ import annotations

import dis
import gc
import random
import sys
import types
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from numbers import Number
from typing import Any

from ...basics.operand import Operand
from ...value import Value
from .origins import of_class

_HOLDERS = {object, list, deque, set, frozenset, dict, tuple, types.SimpleNamespace}
_OF_PYTHON, _STATIC = 1 << 9, 3 << 8  # the flags of classes that were made by a statement, and that can't be changed
EVERYBODYS: dict[str, Callable[[], Any]] = {
    "random": random.getstate,
    "numpy.random": lambda: _comparable(sys.modules["numpy.random"].get_state(legacy=False)),
    "torch": lambda: sys.modules["torch"].get_rng_state().tolist(),
}
"""The sources of random numbers that anybody can draw from, by module: their state."""


def state_of(item: Any) -> Callable[[], Any] | None:
    """What gives the state of a source of random numbers; None if it is none."""
    if isinstance(item, random.Random):
        return None if isinstance(item, random.SystemRandom) else lambda: random.Random.getstate(item)
    if "numpy.random" in str(type(item)):  # a class may hide its module behind a slot
        if hasattr(item, "bit_generator"):
            return lambda: _comparable(item.bit_generator.state)
        if hasattr(item, "get_state"):
            return lambda: _comparable(item.get_state(legacy=False))
    return None


def _comparable(state: Any) -> Any:
    """The state of a generator of NumPy, without arrays; to write these as text would take a millisecond."""
    if isinstance(state, dict):
        return {key: _comparable(x) for key, x in state.items()}
    return state.tobytes() if hasattr(state, "tobytes") else state


def keeps_in_c(kind: type[Any]) -> bool:
    """Whether objects of a class hold more than their attributes; those with a hash of their own can't change."""
    own: Any = kind.__hash__
    if own not in (None, object.__hash__) and not hasattr(kind, "__weakref__"):
        return False
    return any(
        isinstance(vars(base).get("__new__"), types.BuiltinFunctionType) or base.__flags__ & _STATIC != _OF_PYTHON
        for base in kind.__mro__
        if base not in _HOLDERS and not issubclass(base, (Number, str, bytes)) and of_class(base) != "ours"
    )


def has_attributes(x: Value, ours: dict[type[Any], bool]) -> bool:
    """Whether a Value has attributes of its own; asking for its dict would make one, of 64 bytes.

    Args:
        x: the Value.
        ours: the classes met so far, and whether they are this package's; it grows.
    """
    kind = type(x)
    if kind not in ours:
        ours[kind] = of_class(kind) == "ours"
    if not ours[kind]:
        return hasattr(x, "__dict__")
    return len(gc.get_referents(x)) > _SLOTS


_SLOTS = len(gc.get_referents(Value(0.0)))


def reads_itself(kind: type[Any]) -> bool:
    """Whether methods of Python's library read the attributes of its objects, or NumPy and we do in a call of them."""
    quiet = ("builtins", "abc", "typing", "types")
    return any(of_class(base) == "python" and base.__module__ not in quiet for base in kind.__mro__) or is_called(kind)


def is_called(kind: type[Any]) -> bool:
    """Whether its objects are functions with numbers of their own, by NumPy or by us: a polynomial, a Standardizer."""
    return any(
        str(base.__module__).partition(".")[0] in ("numpy", "nn")  # a class may hide it behind a slot
        and isinstance(vars(base).get("__call__"), types.FunctionType)
        for base in kind.__mro__
    )


def slots_of(kind: type[Any]) -> dict[str, Any]:
    """What reads the slots of the objects of a class, by name; this package's Values have none that count."""
    return {
        name: slot
        for base in kind.__mro__
        if of_class(base) in ("user", "python") and base.__module__ not in ("builtins", "types")
        for name, slot in vars(base).items()
        if isinstance(slot, types.MemberDescriptorType)
    }


def exact(item: Any) -> Callable[[Any], Any] | None:
    """What stands for the content of an array, in bytes; None if it is none."""
    if all(hasattr(type(item), name) for name in ("tobytes", "dtype", "shape")):
        if item.dtype.hasobject:
            return lambda x: (x.shape, [*map(id, x.ravel().tolist())])
        if hasattr(item, "mask"):  # its own bytes are of a filled copy, which np.ma.masked has none of
            return lambda x: (x.shape, x.dtype, x.data.tobytes(), x.mask.tobytes())
        return lambda x: (x.shape, x.dtype, x.tobytes())
    try:
        memoryview(item)
    except TypeError:
        return None
    return lambda x: memoryview(x).tobytes()


@lru_cache(1024)
def named(code: types.CodeType) -> tuple[frozenset[str], frozenset[str], frozenset[str], bool]:
    """What stands in a function: names of attributes, with all texts; of variables; of modules; whether it matches."""
    attributes, variables, modules, matches = set(_texts(code.co_consts)), set(), set(), False
    for x in dis.get_instructions(code):
        if x.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"):
            variables.add(x.argval)
        elif x.opname in ("IMPORT_NAME", "IMPORT_FROM"):
            modules.add(x.argval)
            attributes.add(x.argval)
        elif x.opname.startswith(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER")) and isinstance(x.argval, str):
            attributes.add(x.argval)
        elif x.opname == "MATCH_CLASS":
            matches = True
    matches = matches or "__dict__" in attributes
    return frozenset(attributes), frozenset(variables), frozenset(modules), matches


def _texts(constants: Any) -> list[str]:
    found = [x for x in constants if isinstance(x, str)]
    return found + [x for part in constants if isinstance(part, (tuple, frozenset)) for x in _texts(part)]


def is_itself(item: Any, depth: int = 3) -> bool:
    """Whether nothing else is equal to it, or what is equal does the same."""
    kind = type(item)
    if kind in (list, tuple):
        return depth > 0 and all(is_itself(x, depth - 1) for x in item)
    return kind in _SAME_IF_EQUAL or isinstance(item, Operand) or kind.__eq__ is _BY_IDENTITY


_SAME_IF_EQUAL = {type(None), str, types.FunctionType}
_BY_IDENTITY: Any = object.__eq__
