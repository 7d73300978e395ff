"""Dots that go together become matrix products: of a layer, of a layer at all positions, of all heads at once.

A dot is a row of one matrix times a column of another. Which rows and columns belong to one product shows in who meets
whom: the queries of a head meet its keys and no others. Products of one size are one `einsum`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import graph, ops
from ..basics.groups import flat
from ..value import Value
from .einsum import Einsum
from .ir import Array
from .places import Places


def dots(places: Places, members: Sequence[Value]) -> None:
    """Compute a group of dots."""
    left, right, biases = zip(*[graph.operands(node) for node in members])
    wide = [_some(places, side, _is_wide) for side in (left, right)]
    computed = not any(wide) and all(_some(places, side, _is_computed) for side in (left, right))
    if len(members) > 1 and (all(wide) or computed):
        members = _meeting(places, members, left, right, biases)
    elif len(left[0]):
        ws, xs = (right, left) if wide[0] else (left, right)
        if _kinds(xs) > 1 and _layer_everywhere(places, members, ws, xs, biases):
            return
    apart: dict[Any, list[Value]] = {}  # by the inputs of a layer, or by length
    for node in members:
        ws, xs, _ = graph.operands(node)
        apart.setdefault(len(xs) if all(wide) or not any(wide) else _key(ws if wide[0] else xs), []).append(node)
    for alike in apart.values():
        places.put(alike, _alone(places, *zip(*[graph.operands(node) for node in alike])))


def _some(places: Places, lists: Sequence[Sequence[Any]], has: Callable[[Array], bool]) -> bool:
    each = {id(xs): xs for xs in lists}.values()
    return any(isinstance(x, Value) and has(places.place[x][0]) for xs in each for x in xs)


def _is_wide(block: Array) -> bool:
    return block.wide


def _is_computed(block: Array) -> bool:
    return bool(block.args)


def _alone(places: Places, left: Sequence[Any], right: Sequence[Any], biases: Sequence[Any]) -> Array:
    """Neurons: w·x + b of the same inputs x is a matrix product; other products are summed up in groups."""
    builder, m, k = places.builder, len(left), len(left[0])
    if not k:
        return places.repeated(places.column(biases), m)
    if _kinds(right) > 1 or (m > 1 and _kinds(left) == 1):
        left, right = right, left  # weights on the right
    shared = _kinds(right) == 1
    vector, start = _biased_matrix(places, left, biases) if shared else (None, 0)
    if vector is not None and (xs := places.gathered(right[0])).wide:
        matrix = builder.make("matrix", vector, detail=(start, m, k + 1))
        return builder.make("neurons", matrix, xs, detail=(m, k))
    ws = places.gathered(flat(left))
    shared = shared and not ws.wide
    xs = places.gathered(right[0] if shared else flat(right))
    if shared and xs.wide:
        z = builder.make("product", ws, xs, detail=(m, k))
    else:
        if shared and m > 1:
            xs = builder.take(xs, list(range(k)) * m)
        z = builder.sums_of_products(ws, xs, k)
    return builder.apply(ops.add, z, places.column(biases))  # type: ignore[no-any-return]


def _biased_matrix(places: Places, weights: Sequence[Any], biases: Sequence[Any]) -> tuple[Array | None, int]:
    """Where rows of weights with a bias after each begin in the flat vector; (None, 0) if they don't lie there."""
    operands = [x for row, b in zip(weights, biases) for x in (*row, b)]
    if all(isinstance(x, Value) for x in operands):
        found = [places.place[x] for x in operands]
        vector, start = found[0]
        if vector.op == "vector" and found == [(vector, start + i) for i in range(len(found))]:
            return vector, start
    return None, 0


def _kinds(lists: Sequence[Any]) -> int:
    """How many of the lists differ."""
    return len(set(_keys(lists)))


def _key(xs: Sequence[Any]) -> tuple[int, ...]:
    return tuple(map(id, xs))


def _keys(lists: Sequence[Sequence[Any]]) -> list[tuple[int, ...]]:
    """What tells lists from each other: their items; the same list, which many dots have in common, is read once."""
    known: dict[int, tuple[int, ...]] = {}
    return [known.get(id(xs)) or known.setdefault(id(xs), _key(xs)) for xs in lists]


# ------------------------------------------------------------------------------------------ many products in one


def _layer_everywhere(
    places: Places, members: Sequence[Value], ws: Sequence[Any], xs: Sequence[Any], biases: Sequence[Any]
) -> bool:
    """A layer for several inputs, such as all positions of a sequence: W X in one product."""
    w_keys, x_keys = _keys(ws), _keys(xs)
    rows, columns = dict(zip(w_keys, ws)), dict(zip(x_keys, xs))
    number = {key: i for i, key in enumerate(rows)}, {key: j for j, key in enumerate(columns)}
    met = {(number[1][x], number[0][w]): n for n, (w, x) in enumerate(zip(w_keys, x_keys))}
    m, n, k = len(rows), len(columns), len(ws[0])
    if len(met) != m * n or len(members) != m * n:
        return False
    order = [met[j, i] for j in range(n) for i in range(m)]
    w, w_view = places.view(flat(rows.values()), "ik", (m, k))
    x, x_view = places.view(flat(columns.values()), "jk", (n, k))
    detail = Einsum((w_view, x_view), "ji", (("i", m), ("j", n), ("k", k)), w.wide or x.wide)
    z = places.builder.make("einsum", w, x, detail=detail)
    places.put([members[i] for i in order], places.builder.apply(ops.add, z, places.column([biases[i] for i in order])))
    return True


def _meeting(
    places: Places, members: Sequence[Value], left: Sequence[Any], right: Sequence[Any], biases: Sequence[Any]
) -> Sequence[Value]:
    """Products of lists that all depend on the examples; returns the members that aren't part of one."""
    if any(isinstance(b, Value) or b for b in biases) or not all(
        isinstance(x, Value) for side in (left, right) for xs in side for x in xs
    ):
        return members
    sides = [_longest(side) for side in (left, right)]
    if any(min(map(len, pair)) != len(xs) for *pair, xs in zip(*sides, left)):
        return members
    keys = [_keys(side) for side in sides]
    met = _who_meets_whom(*keys)
    lists = [dict(zip(each, side)) for each, side in zip(keys, sides)]
    alike: dict[Any, list[_Met]] = {}
    for part in met:
        k = max([len(lists[0][key]) for key in part.rows] + [len(lists[1][key]) for key in part.columns])
        alike.setdefault((len(part.rows), len(part.columns), k), []).append(part)
    left_over: list[Value] = []
    for (m, n, k), parts in alike.items():
        pairs = sum([len(part.pairs) for part in parts])
        ns = [i for part in parts for each in part.pairs.values() for i in each]
        done = m * n > 1 and 2 * pairs > len(parts) * m * n and len(ns) == pairs and k > 0
        if not (done and _product_of_all(places, members, lists, parts, (m, n, k))):
            left_over += [members[i] for i in sorted(ns)]
    return left_over


def _longest(lists: Sequence[Any]) -> list[Any]:
    """Each list as the longest that begins with it: of the past values of all positions those of the last."""
    longest: dict[int, Any] = {}
    for xs in lists:
        if xs and len(xs) > len(longest.get(id(xs[0]), ())):
            longest[id(xs[0])] = xs
    found = []
    for xs in lists:
        whole = longest[id(xs[0])] if xs else xs
        found.append(whole if _key(whole[: len(xs)]) == _key(xs) else xs)
    return found


class _Met:
    """Lists that meet each other, directly or by others: the rows and the columns of one product, in their order."""

    def __init__(self) -> None:
        self.rows: dict[Any, int] = {}
        self.columns: dict[Any, int] = {}
        self.pairs: dict[tuple[int, int], list[int]] = {}

    def add(self, row: Any, column: Any, member: int) -> None:
        """Note that they meet in a member of the group."""
        i, j = self.rows.setdefault(row, len(self.rows)), self.columns.setdefault(column, len(self.columns))
        self.pairs.setdefault((i, j), []).append(member)


def _who_meets_whom(left: Sequence[Any], right: Sequence[Any]) -> list[_Met]:
    parent: dict[Any, Any] = {}

    def root(x: Any) -> Any:
        while (above := parent.setdefault(x, x)) != x:
            parent[x] = x = parent[above]
        return x

    for a, b in zip(left, right):
        parent[root((0, a))] = root((1, b))
    found: dict[Any, _Met] = {}
    for n, (a, b) in enumerate(zip(left, right)):
        found.setdefault(root((0, a)), _Met()).add(a, b, n)
    return list(found.values())


_ORDERS = ("pij", "ipj", "ijp", "pji", "jpi", "jip")


def _product_of_all(
    places: Places,
    members: Sequence[Value],
    lists: Sequence[dict[Any, Any]],
    parts: Sequence[_Met],
    size: tuple[int, int, int],
) -> bool:
    """Several products of one size in one; False if the lists can't be filled up."""
    m, n, k = size
    sizes = {"p": len(parts), "i": m, "j": n, "k": k}
    seen = []
    for side, letters, names in ((0, "pik", "rows"), (1, "pjk", "columns")):
        each = [lists[side][key] for part in parts for key in getattr(part, names)]
        view = places.padded_view(each, k, letters, [sizes[x] for x in letters])
        if view is None:
            return False
        seen.append(view)
    at = {(p, i, j): ns[0] for p, part in enumerate(parts) for (i, j), ns in part.pairs.items()}

    def nodes(out: str) -> list[int | None]:
        """By row of the result, the number of the member that is there."""
        axes = ["pij".index(x) for x in out]
        where = {tuple([place[a] for a in axes]): number for place, number in at.items()}
        a, b, c = [sizes[x] for x in out]
        return [where.get((x, y, z)) for x in range(a) for y in range(b) for z in range(c)]

    found = [(out, nodes(out)) for out in _ORDERS]
    out, rows = next((x for x in found if _rising(x[1])), found[0])  # in the order of making, if that can be
    (a, a_view), (b, b_view) = seen
    detail = Einsum((a_view, b_view), out, tuple(sorted(sizes.items())), a.wide or b.wide)
    places.put([None if x is None else members[x] for x in rows], places.builder.make("einsum", a, b, detail=detail))
    return True


def _rising(rows: Sequence[int | None]) -> bool:
    known = [x for x in rows if x is not None]
    return known == sorted(known)
