"""What the code that runs can reach: the variables that it names, and what stands in these, as places (places.py).

Lists, dicts, sets and arrays count whole; of objects, classes and modules the attributes that the code names. What
another could change unseen, an iterator or a large table, is refused with the mend.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
import types
import weakref
from collections import deque
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from functools import partial
from numbers import Number
from operator import attrgetter, itemgetter, methodcaller
from typing import Any

from ...modes import current
from ...value import Value
from .kinds import EVERYBODYS, exact, has_attributes, is_called, keeps_in_c, named, reads_itself, slots_of, state_of
from .origins import of_class, of_code, of_module
from .places import Cells, Elements, Entries, Exactly, Items, Kinds, Place, Signature, Slots, content

MOST = 20_000
"""So many numbers in lists and dicts are compared before each run; more are refused."""

BYTES = 1_000_000
"""So many bytes of an array are compared before each run; more are refused."""

_PLAIN: Any = (Number, str, bytes, type(None), types.CodeType, types.GetSetDescriptorType, types.MemberDescriptorType)
_PLAIN += (
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
)
_IDLE: Any = (type(threading.Lock()), type(threading.RLock()), threading.Thread, logging.Logger, io.IOBase)
_IDLE += (threading.Barrier, threading.Condition, threading.Event, threading.Semaphore)
_VIEWS: Any = (type({}.keys()), type({}.values()), type({}.items()))


class Reach:
    """The places that the code which has run can reach.

    Args:
        fn: the function that is followed.
    """

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._values: dict[int, Value] = {}  # those without attributes of their own
        self._kinds = Kinds([])
        self.places: list[Place] = [self._kinds]
        self.ran: dict[int, types.CodeType] = {}
        self.everything = False
        """Whether attributes are asked for by names that can't be known, so that all of them count."""
        self.computed: set[str] = set()
        """The names that getattr and hasattr were asked for."""
        self.refusals: list[str] = []
        self._names: set[str] = set()
        self._met: dict[int, Any] = {}  # it holds on to the items, so that no other gets the id of one
        self._called: dict[int, set[str]] = {}
        self._functions: dict[int, list[Any]] = {}  # those that were met, by their code
        self._open: list[tuple[Any, str]] = []  # attributes of which those count that are named
        self._variables: dict[int, set[str]] = {}  # those that are named, by their module
        self._inside: set[int] = set()  # the codes of functions inside of those that have run
        self._size = 0
        self._sources: list[tuple[Callable[[], Any], Any]] = []
        self._stack: list[tuple[Any, str, str]] = []
        for name, read in EVERYBODYS.items():
            if name in sys.modules:
                self._sources.append((read, read()))
        self._add(fn, getattr(fn, "__name__", ""))
        self._walk()

    def called(self, item: Any) -> set[str]:
        """The names of the variables and attributes that an item was found in; none if it stands in a list."""
        return self._called.get(id(item), set())

    def drawn(self) -> bool:
        """Whether random numbers have been drawn since."""
        return any(read() != before for read, before in self._sources)

    def enter(self, frame: types.FrameType) -> None:
        """A function begins to run, for the first time: take in what it can reach."""
        code = frame.f_code
        self.ran[id(code)] = code
        attributes, variables, modules, computed = named(code)
        self._inside.update([id(x) for x in code.co_consts if isinstance(x, types.CodeType)])
        if computed:
            self.count_everything()
        self._name(attributes)
        self._scope(frame.f_globals, variables)
        self._scope(frame.f_builtins, variables - frame.f_globals.keys())
        for name in modules:
            self._add(sys.modules.get(name), name.rpartition(".")[2])
        known = self._functions.get(id(code), [])
        if not known and code.co_freevars and id(code) not in self._inside:
            import gc

            known = [x for x in gc.get_referrers(code) if isinstance(x, types.FunctionType)]
        for function in known:
            self._look_into(function)
        if code.co_argcount and of_code(code) == "user":
            itself = frame.f_locals.get(code.co_varnames[0])
            if isinstance(itself, type) or (hasattr(itself, "__dict__") and not isinstance(itself, Value)):
                self._stack.append((itself, code.co_varnames[0], ""))  # perhaps made in the function: it is not refused
        self._walk()

    def ask_attribute(self, item: Any, name: str) -> None:
        """Attributes of this name count as if it stood in the code; also one that the item doesn't have yet."""
        if id(item) in self._values and hasattr(item, "__dict__"):
            self.places.append(Entries(vars(self._values.pop(id(item)))))
        if name not in self.computed:
            self.computed.add(name)
            self._name({name})
            self._walk()

    def count_everything(self) -> None:
        """All attributes count."""
        if not self.everything:
            self.everything = True
            self.places += [Entries(vars(x)) for x in self._values.values() if hasattr(x, "__dict__")]
            for attributes, _ in list(self._open):
                self._name(set(attributes))
            for place in self.places:
                if isinstance(place, Slots) or (isinstance(place, Entries) and place.few):
                    place.whole = True
            self._walk()

    # ------------------------------------------------------------------------------------------------------ the walk

    def _add(self, item: Any, name: str = "", origin: str = "") -> None:
        """To be looked at: an item, the name that it was found by, and what a message calls it."""
        self._stack.append((item, name, origin or name))

    def _walk(self) -> None:
        ours: dict[type[Any], bool] = {}
        while self._stack:
            item, name, origin = self._stack.pop()
            if isinstance(item, Value):
                if id(item) in self._values or not has_attributes(item, ours):
                    self._values[id(item)] = item
                    continue
            elif isinstance(item, _PLAIN) and not hasattr(item, "__dict__"):
                continue
            self._called.setdefault(id(item), set()).add(name)
            if id(item) not in self._met:
                self._met[id(item)] = item
                self._look(item, origin)

    def _name(self, names: Collection[str]) -> None:
        """These names of attributes stand in the code, too."""
        new = set(names) - self._names
        self._names |= new
        for attributes, origin in self._open:
            for name in new & attributes.keys():
                self._add(attributes[name], name, f"{origin}.{name}")

    def _scope(self, scope: dict[str, Any], names: Collection[str]) -> None:
        """These names of variables of a module stand in the code."""
        if id(scope) not in self._variables:
            self._variables[id(scope)] = wanted = set(names)
            self.places.append(Entries(scope, False, wanted, few=False))
        self._variables[id(scope)].update(names)
        for name in names & scope.keys():
            self._add(scope[name], name)

    def _look(self, item: Any, origin: str) -> None:
        """Take in what can change of an item, and what it leads to."""
        if isinstance(item, types.FunctionType):
            self._functions.setdefault(id(item.__code__), []).append(item)
            if id(item.__code__) in self.ran or of_code(item.__code__) == "ours":
                self._look_into(item)
        elif isinstance(item, type):
            self._look_at_class(item, origin)
        elif isinstance(item, types.ModuleType):
            if of_module(item.__name__) != "ours":
                self._attributes(vars(item), origin, few=False)
        elif isinstance(item, types.MethodType):
            self._parts([item.__func__, item.__self__], origin)
        elif isinstance(item, types.BuiltinMethodType):
            if not isinstance(item.__self__, types.ModuleType) and item != current:
                self._parts([item.__self__], origin)
        elif isinstance(item, partial):
            self._parts([item.func, item.args, item.keywords, vars(item)], origin)
        elif isinstance(item, property):
            self._parts([item.fget], origin)
        elif isinstance(item, (staticmethod, classmethod)):
            self._parts([item.__func__], origin)
        elif isinstance(item, weakref.ref):
            self._parts([item()], origin)
        elif isinstance(item, (attrgetter, itemgetter, methodcaller)):
            arguments: Any = item.__reduce__()[1]
            self._name({part for x in arguments if isinstance(x, str) for part in x.split(".")})
        elif isinstance(item, types.CellType):
            self._parts([content(item)], origin)
        elif isinstance(item, _VIEWS):
            self._parts([item.mapping], origin)
        elif isinstance(item, ContextVar):
            self.places.append(Exactly(item, lambda variable: variable.get(None)))
        elif (state := state_of(item)) is not None:
            self._sources.append((state, state()))
        elif not isinstance(item, _IDLE):
            self._look_inside(item, origin)

    def _parts(self, items: Collection[Any], origin: str) -> None:
        values, ours = self._values, dict[type[Any], bool]()  # thousands, perhaps: mere numbers take no turn
        for item in items:
            if isinstance(item, Value) and (id(item) in values or not has_attributes(item, ours)):
                values[id(item)] = item
            else:
                self._stack.append((item, "", origin))

    def _look_inside(self, item: Any, origin: str) -> None:
        """What holds others, or has attributes; or something of C, of which there is only what it can be saved as."""
        kind = type(item)
        if isinstance(item, (list, deque)):
            self._hold(item, Items, list(item), origin)
        elif isinstance(item, (set, frozenset)):
            self._hold(item, Elements, list(item), origin)
        elif isinstance(item, (dict, types.MappingProxyType)):
            self._hold(item, partial(Entries, named=False), [*item.values(), *item.keys()], origin)
        elif isinstance(item, tuple):
            self._parts(item, origin)
        elif (look := exact(item)) is not None:
            self._exactly(item, look, origin)
        elif of_class(kind) == "around" and not is_called(kind):
            return
        elif hasattr(kind, "__next__") and not hasattr(item, "__dict__"):
            self._refuse(f"{origin} gives something else each time", origin)
        elif keeps_in_c(kind):
            self._look_at_the_saved(item, origin)
        slots = slots_of(kind)
        if hasattr(item, "__dict__") or slots:
            self._look_at_object(item, slots, origin)

    def _look_into(self, function: types.FunctionType) -> None:
        """A function that runs."""
        names = function.__code__.co_freevars
        if (
            of_code(function.__code__) == "ours"
        ):  # around a model or function of the user's, such as those of fit() and grad()
            found = [content(cell) for cell in function.__closure__ or ()]
            self._parts([x for x in found if not isinstance(x, (dict, list, set))], "")
            return
        self.places += [Signature(function), Cells(function)]
        for name, cell in zip(names, function.__closure__ or ()):
            self._add(content(cell), name)
        code = function.__code__
        with_defaults = code.co_varnames[: code.co_argcount][-len(function.__defaults__ or ()) :]
        for name, x in zip(with_defaults, function.__defaults__ or ()):
            self._add(x, name)
        for name, x in (function.__kwdefaults__ or {}).items():
            self._add(x, name)
        self._add(function.__kwdefaults__, "", function.__name__)
        self.places.append(Entries(vars(function)))
        for name, x in vars(function).items():
            self._add(x, name)

    def _look_at_class(self, kind: type[Any], origin: str) -> None:
        for base in (*kind.__mro__, type(kind)):
            if base is kind or id(base) not in self._met:
                self._met[id(base)] = base
                if of_class(base) == "user":
                    own = vars(base)
                    special = {name for name in own if name.startswith("__")}
                    self._attributes(own, origin or base.__name__, more=special)
                    self._parts([own[name] for name in special], "")
                    self._parts([x for x in own.values() if isinstance(x, _FUNCTIONS) or hasattr(x, "func")], "")

    def _look_at_object(self, item: Any, slots: Mapping[str, Any], origin: str) -> None:
        kind = type(item)
        self._add(kind, "", kind.__name__)
        if of_class(kind) != "ours":
            self._kinds.add(item)
        whole = self.everything or callable(getattr(kind, "parameters", None)) or reads_itself(kind)
        own = getattr(item, "__dict__", None)
        if isinstance(own, dict):
            ours = of_class(kind) == "ours"  # such layers say themselves if they depend on `training`
            self._attributes(own, origin, whole=whole, less={"training"} if ours else (), ours=ours)
        if slots:
            self.places.append(Slots(item, slots, whole, self._names))
            held = self.places[-1].before
            self._open.append((held, origin))
            for name in held if whole else held.keys() & self._names:
                self._add(held[name], name, f"{origin}.{name}")

    def _attributes(self, own: Any, origin: str, *, whole: bool = False, few: bool = True, **which: Any) -> None:
        """The attributes of an object, a class or a module: all of them, or those that are named.

        Args:
            own: the dict of them.
            origin: what a message calls it.
            whole, few, which: as for `Entries`.
        """
        self.places.append(Entries(own, whole, self._names, few=few, **which))
        if not whole:
            self._open.append((own, origin))
        for name in list(own) if whole else self._names & own.keys():
            known = name in self._names
            self._add(own[name], name if known else "", f"{origin}.{name}" if known else "")

    def _hold(self, item: Any, kind: Callable[[Any], Place], parts: list[Any], origin: str) -> None:
        """A list or the like: all in it counts."""
        size = self._size + sum([not isinstance(x, Value) for x in parts])
        if size > MOST:
            return self._too_large(f"{size:,} items or more", origin)
        self._size = size
        self.places.append(kind(item))
        return self._parts(parts, origin)

    def _exactly(self, item: Any, look: Callable[[Any], Any], origin: str) -> None:
        size = getattr(item, "nbytes", 0)
        if size > BYTES:
            return self._too_large(f"{size:,} bytes", origin)
        self.places.append(Exactly(item, look))
        if getattr(getattr(item, "dtype", None), "hasobject", False):
            self._parts(item.ravel().tolist(), origin)
        return None

    def _look_at_the_saved(self, item: Any, origin: str) -> None:
        import pickle

        try:
            size = len(pickle.dumps(item, 5))
        except Exception:
            self._refuse(f"{origin}, an object of {type(item).__name__}, can't be looked into", origin)
            return
        if size > BYTES:
            self._too_large(f"{size:,} bytes", origin)
        else:
            self.places.append(Exactly(item, lambda x: pickle.dumps(x, 5)))

    def _too_large(self, size: str, origin: str) -> None:
        self._refuse(f"{origin} holds {size}, too many to compare before each run", origin)

    def _refuse(self, what: str, origin: str) -> None:
        if origin:  # what isn't named is not read either
            self.refusals.append(f"{what}: pass what the function needs of it as an argument")


_FUNCTIONS: Any = (types.FunctionType, property, staticmethod, classmethod)
