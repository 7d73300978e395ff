"""Places: what has changed in a list, a dict, an object; and that all of them are as they were, at once."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from autograd.program.tracing.places import (
    MISSING,
    Cells,
    Elements,
    Entries,
    Exactly,
    Items,
    Kinds,
    Place,
    Quick,
    Signature,
    Slots,
    same,
)

VALUE = Value(1.0)


class Slotted:
    """An object without a dict."""

    __slots__ = ("a", "b")


class Settings:
    """An object."""


class Others:
    """Another."""


def around() -> tuple[Callable[[], Any], Callable[[], None]]:
    k = 1.0

    def change() -> None:
        nonlocal k
        k = 2.0

    return lambda: k, change


def cells() -> tuple[Place, Callable[[], Any]]:
    f, change = around()
    return Cells(f), change


def slots() -> tuple[Place, Callable[[], Any]]:
    item = Slotted()
    item.a = 1.0
    return Slots(item, {"a": Slotted.a, "b": Slotted.b}, True, set()), lambda: setattr(item, "b", 1.0)  # type: ignore[attr-defined]


def signature() -> tuple[Place, Callable[[], Any]]:
    def f(x: int = 1) -> int:
        return x

    return Signature(f), lambda: setattr(f, "__defaults__", (2,))


def kinds() -> tuple[Place, Callable[[], Any]]:
    item = Settings()
    place = Kinds([])
    place.add(item)
    return place, lambda: setattr(item, "__class__", Others)


def of(place: Callable[..., Place], owner: Any, change: Callable[[Any], Any], *more: Any, **which: Any) -> Any:
    return lambda: (place(owner, *more, **which), lambda: change(owner))


PLACES: dict[str, Callable[[], tuple[Place, Callable[[], Any]]]] = {
    "list": of(Items, [1.0, 2.0], lambda x: x.__setitem__(0, 3.0)),
    "list of Values": of(Items, [VALUE], lambda x: x.__setitem__(0, Value(1.0))),
    "zero": of(Items, [0.0], lambda x: x.__setitem__(0, -0.0)),
    "integer": of(Items, [1], lambda x: x.__setitem__(0, 1.0)),
    "longer": of(Items, [1.0], lambda x: x.append(1.0)),
    "shorter": of(Items, [VALUE, VALUE], lambda x: x.pop()),
    "deque": of(Items, deque([1.0]), lambda x: x.appendleft(2.0)),
    "set": of(Elements, {1.0}, lambda x: x.add(2.0)),
    "dict": of(Entries, {"a": 1.0}, lambda x: x.update(a=2.0)),
    "key": of(Entries, {"a": None}, lambda x: x.update(b=x.pop("a"))),
    "named": of(Entries, {"a": 1.0, "b": 1.0}, lambda x: x.update(a=2.0), False, {"a"}),
    "absent": of(Entries, {"b": 1.0}, lambda x: x.update(a=x.pop("b")), False, {"a"}, few=False),
    "gone": of(Entries, {"a": 1.0, "b": 1.0}, lambda x: x.pop("a"), False, {"a"}, few=False),
    "bytes": of(Exactly, bytearray(b"a"), lambda x: x.append(1), bytes),
    "cells": cells,
    "slots": slots,
    "signature": signature,
    "kinds": kinds,
}


@pytest.mark.parametrize("name", PLACES)
def test_a_change_is_found_quickly_and_by_name(name: str) -> None:
    place, change = PLACES[name]()
    quick = Quick([place])
    assert quick.holds()
    assert not place.changed()
    change()
    assert not quick.holds()
    changed = place.changed()
    assert changed
    place.ignored |= changed
    assert not place.changed()
    if name != "kinds":
        assert Quick([place]).holds()


def test_true_is_told_from_the_1_that_is_equal_to_it():
    owner = [True, "a"]
    quick = Quick([Items(owner)])
    owner[0] = 1
    assert not quick.holds()


def test_an_item_that_goes_from_the_end_of_a_list_to_the_beginning_of_the_next_is_noticed():
    a, b = [1.0, 2.0], [3.0]
    quick = Quick([Items(a), Items(b)])
    b.insert(0, a.pop())
    assert not quick.holds()
    a.append(b.pop(0))
    assert quick.holds()


def test_what_is_not_named_does_not_count():
    owner = {"a": 1.0, "training": True}
    place = Entries(owner, False, {"a"})
    quick = Quick([place])
    owner["training"] = False
    assert quick.holds()
    owner["more"] = 1.0
    assert not place.changed()
    less = Entries(owner, less={"training"})
    owner["training"] = True
    assert not less.changed()


def test_what_the_function_appends_does_not_count_but_what_was_there_does():
    owner = [1.0, 2.0]
    place = Items(owner)
    place.grows = True
    quick = Quick([place])
    owner.append(3.0)
    assert quick.holds()
    assert not place.changed()
    owner[1] = 3.0
    assert not quick.holds()
    assert place.changed() == {1}


def test_numbers_and_texts_are_the_same_if_they_are_written_alike():
    class Equal:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    method = types.MethodType(print, 1)
    for now, before in ((10**9, 10**9), ("ab" * 9, "ab" * 9), (float("nan"), float("nan")), ((1.5, "a"), (1.5, "a"))):
        assert same(now, before)
    assert same(types.MethodType(print, 1), method)
    assert same([].append, [].append) is False
    for now, before in ((0.0, -0.0), (1, True), (1, 1.0), ([], []), (Equal(), Equal()), ((1,), (1, 2)), (1, MISSING)):
        assert not same(now, before)


def test_a_variable_without_a_value_may_get_one():
    def outer(with_value: bool) -> Callable[[], Any]:
        if with_value:
            k = 1
        return lambda: k

    f = outer(False)
    place = Cells(f)
    quick = Quick([place])
    assert quick.holds()
    f.__closure__[0].cell_contents = 1  # type: ignore[index]
    assert not quick.holds()
    assert place.changed() == {"k"}
    assert repr(place.before["k"]) == "nothing"


def test_a_mode_that_does_not_count_is_looked_at_with_the_rest_which_is_quicker_than_to_leave_it_out() -> None:
    owner: dict[str, Any] = {"w": VALUE, "n": 3, "training": True}
    place = Entries(owner, less=["training"], ours=True)
    training = Quick([place])
    assert (training.alike, training.views, training.reads) == ([owner], [], [])
    owner["training"] = False
    assert (training.holds(), place.changed(), Quick([place]).holds()) == (False, set(), True)
    owner |= {"training": True, "w": Value(1.0)}
    assert (training.holds(), place.changed()) == (False, {"w"})
