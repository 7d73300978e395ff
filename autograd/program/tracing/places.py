"""Places: where something stands that a function may read, and what stood there when it was looked at.

A place has keys: the positions of a list, the keys of a dict, the attributes of an object, the variables of a function.
`Quick` compares all places at once, by identity; what isn't the same object may still be the same number (`same`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from itertools import chain, starmap
from operator import attrgetter, is_, itemgetter
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from .kinds import is_itself

_PLAIN = (int, bool, str, bytes, type(None))


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


def same(now: Any, before: Any) -> bool:
    """Whether the two can't be told apart: the same object, or plain numbers and texts that are written alike."""
    if now is before:
        return True
    kind = type(now)
    if kind is not type(before):
        return False
    if kind in _PLAIN or kind is BuiltinMethodType:
        return bool(now == before)
    if kind in (float, complex):
        return repr(now) == repr(before)  # which tells 0.0 from -0.0
    if kind is tuple:
        return len(now) == len(before) and all(map(same, now, before))
    if kind is MethodType:
        return now.__self__ is before.__self__ and now.__func__ is before.__func__
    return not hasattr(kind, "__len__") and hasattr(kind, "tobytes") and now.tobytes() == before.tobytes()


class Place:
    """What stands in something, by key.

    Args:
        owner: the list, dict, object or function.
    """

    named = False
    """Whether its keys are names in the code: of variables, or of attributes."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.ignored: set[Any] = set()
        self.before = self.read()

    def read(self) -> dict[Any, Any]:
        """The present content."""
        raise NotImplementedError

    def counts(self, key: Any) -> bool:
        """Whether the function may read what stands there."""
        return key not in self.ignored

    def changed(self) -> set[Any]:
        """The keys at which there is something else than before, as far as they count."""
        now, before = self.read(), self.before
        if len(now) == len(before) and all(map(is_, chain(now, now.values()), chain(before, before.values()))):
            return set()  # most often, in a fifth of the time
        return {
            k for k in {**before, **now} if self.counts(k) and not same(now.get(k, MISSING), before.get(k, MISSING))
        }

    def moved(self) -> bool:
        """Whether what was there before stands in another order, where there is one besides the keys."""
        return False

    def keys(self) -> list[Any]:
        """Those of before that count."""
        return [key for key in self.before if self.counts(key)]

    def enter(self, quick: Quick) -> None:
        """Say how it is looked at in each run."""
        raise NotImplementedError


class Items(Place):
    """A list or the like, by position."""

    grows = False
    """Whether the function makes it longer: then what comes after its end doesn't count."""

    def read(self) -> dict[Any, Any]:
        return dict(enumerate(self.owner))

    def counts(self, key: Any) -> bool:
        return key not in self.ignored and not (self.grows and key not in self.before)

    def enter(self, quick: Quick) -> None:
        if self.ignored or self.grows:
            quick.some(self.owner, self.keys())
        elif all(map(is_itself, self.owner)):
            quick.alike.append(self.owner)
        else:
            quick.views.append(self.owner)


class Elements(Place):
    """A set."""

    def read(self) -> dict[Any, Any]:
        return {id(x): x for x in self.owner}

    def enter(self, quick: Quick) -> None:
        quick.views.append(self.owner)


class Entries(Place):
    """A dict; or the attributes of an object, the variables of a module.

    Args:
        owner: the dict.
        whole: whether all keys count; else those in `names` alone.
        names: the names in the code so far.
        more: keys that count in any case.
        less: keys that count only if they are named.
        named: as above.
        few: whether there are few keys, so that it is quickest to look at all of them.
        ours: whether it is an object of this package, for which 3 and 3.0 are the same.
    """

    def __init__(
        self,
        owner: Any,
        whole: bool = True,
        names: set[str] | None = None,
        *,
        more: Collection[str] = (),
        less: Collection[str] = (),
        named: bool = True,
        few: bool = True,
        ours: bool = False,
    ) -> None:
        self.whole, self.more, self.less = whole, more, less
        self.names = set() if names is None else names
        self.named, self.few, self.ours = named, few, ours
        super().__init__(owner)

    def read(self) -> dict[Any, Any]:
        return dict(self.owner)

    def counts(self, key: Any) -> bool:
        if key in self.ignored:
            return False
        return key in self.names or key in self.more or (self.whole and key not in self.less)

    def moved(self) -> bool:
        return not self.named and [k for k in self.owner if k in self.before and self.counts(k)] != self.keys()

    def enter(self, quick: Quick) -> None:
        keys = self.keys()

        def alike(key: Any, x: Any) -> bool:  # one that doesn't count, such as `training`, takes longer to be left out
            return type(x) is bool if key not in keys else is_itself(x) or (self.ours and type(x) is int)

        if all(starmap(alike, self.owner.items())):
            quick.alike.append(self.owner)
            if not self.named:  # a dict is equal to another in any order
                quick.views.append(self.owner.keys())
            return
        if self.few:
            quick.views.append(self.owner.keys())
        elif absent := self.names - self.before.keys() - self.ignored:
            quick.absent.append((self.owner.keys(), absent))
        if len(keys) == len(self.before):
            quick.views.append(self.owner.values())
        else:
            quick.some(self.owner, keys)


class Cells(Place):
    """The variables of the functions around a function."""

    named = True

    def read(self) -> dict[Any, Any]:
        return dict(zip(self.owner.__code__.co_freevars, map(content, self.owner.__closure__ or ())))

    def enter(self, quick: Quick) -> None:
        cells = dict(zip(self.before, self.owner.__closure__ or ()))
        for name in self.keys():
            if self.before[name] is MISSING:
                quick.equal.append(partial(content, cells[name]))
            else:
                quick.cells.append(cells[name])


class Signature(Place):
    """The code and the defaults of a function."""

    def read(self) -> dict[Any, Any]:
        return dict(zip(("code", "defaults", "kwdefaults"), _signature(self.owner)))

    def enter(self, quick: Quick) -> None:
        quick.reads.append(partial(_signature, self.owner))


class Slots(Place):
    """The slots of an object.

    Args:
        owner: the object.
        slots: what reads each.
        whole: whether all count; else those in `names` alone.
        names: the names in the code so far.
    """

    named = True

    def __init__(self, owner: Any, slots: Mapping[str, Any], whole: bool, names: set[str]) -> None:
        self.slots, self.whole, self.names = slots, whole, names
        super().__init__(owner)

    def read(self) -> dict[Any, Any]:
        found = {}
        for name, slot in self.slots.items():
            try:
                found[name] = slot.__get__(self.owner)
            except AttributeError:  # it has no value yet
                found[name] = MISSING
        return found

    def counts(self, key: Any) -> bool:
        return (self.whole or key in self.names) and key not in self.ignored

    def enter(self, quick: Quick) -> None:
        if keys := self.keys():
            choose = itemgetter(*keys, keys[0])
            quick.reads.append(lambda: choose(self.read()))


class Kinds(Place):
    """The classes of the objects in a list, which may be assigned to."""

    def read(self) -> dict[Any, Any]:
        return {id(x): type(x) for x in self.owner}

    def add(self, item: Any) -> None:
        """An object more."""
        self.owner.append(item)
        self.before[id(item)] = type(item)

    def enter(self, quick: Quick) -> None:
        owner = self.owner
        if owner:
            quick.reads.append(lambda: [*map(type, owner)])


class Exactly(Place):
    """What is no object of Python inside, such as an array: by what stands for its content.

    Args:
        owner: the array or the like.
        look: what returns bytes or something else that can be compared.
    """

    def __init__(self, owner: Any, look: Callable[[Any], Any]) -> None:
        self.look = look
        super().__init__(owner)

    def read(self) -> dict[Any, Any]:
        return {"content": self.look(self.owner)}

    def changed(self) -> set[Any]:
        return set() if self.ignored or self.read() == self.before else {"content"}

    def enter(self, quick: Quick) -> None:
        if not self.ignored:
            quick.equal.append(partial(self.look, self.owner))


class Quick:
    """Whether all places hold the very same objects as when this was made, in a microsecond or two.

    Args:
        places: those that are looked at.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self.alike: list[Any] = []  # what holds only what is equal if it is the same
        self.views: list[Any] = []  # what is gone through as it is
        self.reads: list[Callable[[], Any]] = []  # what returns a list or tuple of the same length each time
        self.cells: list[Any] = []
        self.absent: list[tuple[Any, set[str]]] = []  # the keys of a dict, and those that must not be among them
        self.equal: list[Callable[[], Any]] = []  # what returns bytes, which are compared
        for place in places:
            place.enter(self)
        if self.cells:
            cells = self.cells
            self.reads.append(lambda: [cell.cell_contents for cell in cells])
        self._copies = [x.copy() for x in self.alike]
        end = (MISSING,)  # after each view, which may have another length
        self._views = [part for view in self.views for part in (view, end)]
        self._content = [read() for read in self.equal]
        self._flat = self._now()

    def some(self, owner: Any, keys: list[Any]) -> None:
        """Of a list or dict only these keys count."""
        if keys:
            self.reads.append(partial(itemgetter(*keys, keys[0]), owner))

    def _now(self) -> list[Any]:
        """All that stands there."""
        flat = list(chain.from_iterable(self._views))
        for read in self.reads:
            flat += read()
        return flat

    def holds(self) -> bool:
        """Whether nothing has been exchanged."""
        try:
            if self.alike != self._copies:
                return False
            for keys, names in self.absent:
                if not keys.isdisjoint(names):
                    return False
            now, before = self._now(), self._flat
            same = len(now) == len(before) and all(map(is_, now, before))
            return same and (not self.equal or [read() for read in self.equal] == self._content)
        except (LookupError, ValueError, RuntimeError):  # something isn't there any more
            return False


def content(cell: Any) -> Any:
    """What stands in a variable of the function around; MISSING if nothing does yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


_signature: Callable[[FunctionType], tuple[Any, ...]] = attrgetter("__code__", "__defaults__", "__kwdefaults__")
