"""How each operation on arrays is written in NumPy, for a reader; a column is an example, as in the equations.

`WRITERS` is a table with a function for each operation. What gets a name of its own is decided in page.py. Functions of
NumPy come from the engine's table, and those that NumPy lacks from the engine's file, so a page has what runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ... import ops, selection
from ...conditions import Comparison
from ...ternary import takes_lists
from ..engines.numpy import functions
from ..engines.numpy.kernels import FUNCTIONS, UFUNCS
from ..idioms import GRADIENT, LOSS, ONE_HOT, SIGN_OF, Idiom, constants_of
from ..ir import Array
from . import helpers
from .einsum import einsum
from .text import ATOM, COMPARE, POWER, SIGN, SUM, TIMES, Notes, Text, called, number, written

INFIX = {ops.add: ("+", SUM), ops.sub: ("-", SUM), ops.mul: ("*", TIMES), ops.div: ("/", TIMES)}
SIGNS = ("<", "<=", ">", ">=", "&", "|")


def write(node: Array, args: Sequence[Text], notes: Notes) -> Text:
    """How an operation is written.

    Args:
        node: the operation.
        args: how its operands are written.
        notes: to which is added what the expression needs.
    """
    if node.op in WRITERS:
        return WRITERS[node.op](node, notes, *args)
    if node.op in SIGNS or isinstance(node.op, Comparison):
        return _comparison(node, *args)
    return _of_lists(node, notes, *args) if takes_lists(node.op) else _function(node, notes, *args)


# ------------------------------------------------------------------------------------------------ rules of numbers


def _infix(node: Array, notes: Notes, a: Text, b: Text) -> Text:
    sign, holds = INFIX[node.op]
    if node.op is ops.mul:
        numbers = [not isinstance(x, Array) or x.is_number for x in node.args]
        return (
            _power_text(a, "2")
            if a.text == b.text
            else times(a, b)
            if numbers[0]
            else times(b, a)
            if numbers[1]
            else times(a, b, False)
        )
    return Text(f"{a.within(holds)} {sign} {b.within(holds + 1)}", holds)


def times(a: Text, b: Text, plain: bool = True) -> Text:
    """a * b; by 1 / n is over n, if that is a number."""
    if plain and a.text == "1":
        return b
    if plain and a.text.startswith("1 / ") and a.holds == TIMES:
        return Text(f"{b.within(TIMES)} / {a.text[4:]}", TIMES)
    if plain and b.text.startswith("1 / ") and b.holds == TIMES and a.holds > TIMES:
        return Text(f"{a.text} / {b.text[4:]}", TIMES)
    return Text(f"{a.within(TIMES)} * {b.within(SIGN)}", TIMES)


def share_of_the_batch(node: Array) -> Text | None:
    """A number that is some share of the number of examples, or over it: 2 / n; None for any other."""
    factor, power = _share(node)
    if power == 1:
        return Text("n") if factor == 1 else Text(f"{number(factor).text} * n", TIMES)
    return Text(f"{number(factor).text} / n", TIMES) if power == -1 else number(factor) if power == 0 else None


def _share(x: Any) -> tuple[float, float]:
    """(factor, power): the factor times that power of the number of examples; the power is nan for what is none."""
    if not isinstance(x, Array):
        return x, 0
    if x.op == "batch":
        return 1.0, 1
    if x.op not in (ops.mul, ops.div, ops.neg):
        return math.nan, math.nan
    (a, p), (b, q) = [_share(arg) for arg in (x.args if len(x.args) == 2 else (-1.0, *x.args))]
    factor = a / b if x.op is ops.div and b else a * b if x.op is not ops.div else math.nan
    return (factor, p - q if x.op is ops.div else p + q) if 0 < abs(factor) < math.inf else (math.nan, math.nan)


def _power_text(a: Text, b: str) -> Text:
    plain = a.text.isidentifier() and (b.isidentifier() or b.isdigit())
    return Text(f"{a.within(ATOM)}{'**' if plain else ' ** '}{b}", POWER)


def _power(node: Array, notes: Notes, a: Text, b: Text) -> Text:
    exponent = node.args[1]
    if isinstance(exponent, float) and float(exponent).is_integer() and 0 < exponent < 10:
        return _power_text(a, str(int(exponent)))
    return _function(node, notes, a, b)


def _negative(node: Array, notes: Notes, a: Text) -> Text:
    return Text(f"-{a.text}" if a.holds == ATOM else f"-({a.text})", SIGN)


def _function(node: Array, notes: Notes, *args: Text) -> Text:
    """A function of NumPy, of the engine, or of a rule that is called number by number."""
    rule: Any = node.op
    floats = _floats(node, args)
    if rule in UFUNCS:
        return called(f"np.{UFUNCS[rule].__name__}", *floats)
    if isinstance(rule, selection.OneHot):
        return called(notes.call("one_hot", functions.one_hot), *floats, rule.classes)
    return called(_name(rule, notes), *floats)


def _floats(node: Array, args: Sequence[Text]) -> list[Any]:
    """The operands with 0.0 instead of 0, which may make NumPy take them for integers."""
    return [written(x) if isinstance(x, float) else text for x, text in zip(node.args, args)]


def _name(rule: Any, notes: Notes) -> str:
    """The name on the page of the function that computes a rule."""
    if rule in FUNCTIONS:
        return notes.call(FUNCTIONS[rule].__name__, FUNCTIONS[rule])
    return notes.call(rule.name if rule.name.isidentifier() and rule.name.isascii() else "f", rule)


def _comparison(node: Array, a: Text, b: Text) -> Text:
    sign = node.op if isinstance(node.op, str) else node.op.name
    if a.truth and sign == ">":  # 1 or 0, asked for more than 0.5
        return Text(a.truth, COMPARE)
    if sign in ("&", "|"):
        truth = f"({_truth(node.args[0], a)}) {sign} ({_truth(node.args[1], b)})"
    else:
        truth = f"{a.within(SUM)} {sign} {b.within(SUM)}"
    return Text(truth, COMPARE) if isinstance(node.op, str) else Text(f"({truth}) * 1.0", TIMES, truth=truth)


def _truth(x: Any, a: Text) -> str:
    if not isinstance(x, Array):
        return str(x != 0)
    if a.truth or (isinstance(x, Array) and x.op in SIGNS):
        return a.truth or a.text
    return f"{a.within(SUM)} != 0"


def _choice(node: Array, notes: Notes, condition: Text, *branches: Text) -> Text:
    floats = [written(x) if isinstance(x, float) else t for x, t in zip(node.args[1:], branches)]
    return called("np.where", _truth(node.args[0], condition), *floats)


# ------------------------------------------------------------------------------------------------------ matrices


def sum_batch(a: Text) -> Text:
    """The sum over the examples."""
    return Text(f"{a.value}.sum(axis=1, keepdims=True)")


def product(a: str, b: Text) -> Text:
    """a @ b; of * and @ Python takes the left one first."""
    return Text(f"{a} @ {b.within(SIGN)}", TIMES)


def _matrix(ws: Text, m: int, k: int) -> str:
    """The weights as a matrix; as one of another shape, too, where one layer is tied to another."""
    return ws.matrix[0] if ws.matrix and ws.matrix[2] == m else f"{ws.value}.reshape({m}, {k})"


def _neurons(node: Array, notes: Notes, ws: Text, x: Text) -> Text:
    assert ws.matrix is not None
    return Text(f"{product(ws.matrix[0], x).text} + {ws.matrix[1]}", SUM)


def _back(node: Array, notes: Notes, ws: Text, g: Text) -> Text:
    return product(f"{_matrix(ws, *node.detail[:2])}.T", g)


def outer(node: Array, g: Text, x: Text) -> tuple[Text, Text]:
    """The gradients of a layer: of its weights, and of its biases."""
    return product(g.within(TIMES), Text(f"{x.value}.T")), sum_batch(g)


def _outer(node: Array, notes: Notes, g: Text, x: Text) -> Text:
    w, b = outer(node, g, x)
    whole = called("np.hstack", f"[{w.text}, {b.text}]") if node.detail[2] else w
    return Text(f"{whole.value}.reshape(-1, 1)", matrix=(w.text, b.text if node.detail[2] else "", node.detail[0]))


def _gather(node: Array, notes: Notes, table: Text, index: Text) -> Text:
    _, k, n = node.detail
    if node.args[0].wide:
        return called(notes.call("rows_of_each", helpers.rows_of_each), table, index, k)
    return called(notes.call("rows_of", helpers.rows_of), _matrix(table, n, k), index)


def _scatter(node: Array, notes: Notes, g: Text, index: Text) -> Text:
    _, k, n, wide = node.detail
    if wide:
        return called(notes.call("back_into_each", helpers.back_into_each), g, index, k, n)
    matrix = called(notes.call("back_into", helpers.back_into), g, index, k, n).text
    return Text(f"{matrix}.reshape(-1, 1)", matrix=(matrix, "", n))


# ---------------------------------------------------------------------------------------------------- rows and groups


def _rows(node: Array, notes: Notes, a: Text) -> Text:
    start, stop = node.detail
    return Text(f"{a.value}[{start}:{stop}]")


def _take(node: Array, notes: Notes, a: Text) -> Text:
    rows = node.detail
    if set(rows) == {0} and node.args[0].rows == 1:
        return called("np.repeat", a, len(rows), "axis=0")
    return Text(f"{a.value}[{indexed(rows, notes)}]")


def indexed(rows: Sequence[int], notes: Notes) -> str:
    """Some rows, as what stands in an index."""
    step = rows[1] - rows[0] if len(rows) > 1 else 1
    if step > 0 and list(rows) == list(range(rows[0], rows[-1] + 1, step)):
        return f"{rows[0]}:{rows[-1] + 1}" + (f":{step}" if step > 1 else "")
    return notes.numbers(rows)


def _stack(node: Array, notes: Notes, *parts: Text) -> Text:
    each = [
        called("np.broadcast_to", x, f"({a.rows}, n)").text if node.wide and not a.wide else x.text
        for x, a in zip(parts, node.args)
    ]
    whole = called("np.vstack", f"[{', '.join(each)}]")
    return whole if len(whole.text) < 60 else whole._replace(parts=tuple(each))


def _repeat(node: Array, notes: Notes, a: Text) -> Text:
    return called("np.repeat", a, node.detail, "axis=0")


def _segments(a: Text, of: str, rows: int, k: int) -> Text:
    """A sum or the like of each k rows."""
    if rows == 1:
        return Text(f"{a.value}.{of}(axis=0, keepdims=True)")
    return Text(f"{a.value}.reshape({rows}, {k}, -1).{of}(axis=1)")


def _of_lists(node: Array, notes: Notes, *args: Text) -> Text:
    """A rule of lists: of groups of k rows."""
    if node.op in (ops.sum, ops.mean):
        k = node.args[0].group
        return args[0] if k == 1 else _segments(args[0], node.op.name, node.rows, k)
    if node.op is ops.cross_entropy and node.detail[1]:  # there is no other class
        return Text(f"{args[0].within(TIMES)} * 0.0", TIMES)
    given = iter([_grouped(node, x, a) for x, a in zip(node.args, args)])
    texts = ["None" if empty else next(given) for empty in node.detail]
    return called(_name(node.op, notes), *texts)


def _grouped(node: Array, x: Array, a: Text) -> str:
    if not x.group:
        return a.text
    return f"{a.value}[None]" if node.rows == 1 else f"{a.value}.reshape({node.rows}, {x.group}, -1)"


def _softmax(node: Array, notes: Notes, a: Text) -> Text:
    if node.detail == node.rows:
        return called(notes.call("softmax", helpers.softmax), a)
    return called(notes.call("softmax_of_each", helpers.softmax_of_each), node.detail, a)


def _full(node: Array, notes: Notes, a: Text) -> Text:
    columns = "n" if node.wide else "1"
    x = node.args[0]
    if not isinstance(x, Array) or x.is_number:
        return called("np.full", f"({node.rows}, {columns})", a if isinstance(x, Array) else written(x))
    return called("np.broadcast_to", a, f"({node.rows}, {columns})")


def constants(node: Array, notes: Notes) -> Text:
    """A column of plain numbers."""
    numbers = constants_of(node) or []
    if len(numbers) > 2 and len(set(map(written, numbers))) == 1:
        return called("np.full", f"({len(numbers)}, 1)", written(numbers[0]))
    if len(numbers) > 2 and numbers == [*range(len(numbers))]:
        return Text(f"np.arange({float(len(numbers))})[:, None]")
    return Text(f"np.array({notes.numbers(numbers)})[:, None]")


WRITERS: dict[Any, Callable[..., Text]] = {
    **dict.fromkeys(INFIX, _infix),
    ops.pow: _power,
    ops.neg: _negative,
    ops.square: lambda node, notes, a: _power_text(a, "2"),
    ops.reciprocal: lambda node, notes, a: Text(f"1 / {a.within(SIGN)}", TIMES),
    ops.rsqrt: lambda node, notes, a: Text(f"1 / np.sqrt({a.text})", TIMES),
    ops.relu: lambda node, notes, a: called("np.maximum", a, "0.0"),
    ops.relu6: lambda node, notes, a: called("np.clip", a, "0.0", "6.0"),
    ops.maximum: lambda node, notes, *args: called("np.maximum", *_floats(node, args)),
    ops.minimum: lambda node, notes, *args: called("np.minimum", *_floats(node, args)),
    selection.masked: lambda node, notes, a, hit: called("np.where", f"{hit.within(SUM)} == 1", "-np.inf", a),
    "where": _choice,
    "neurons": _neurons,
    "product": lambda node, notes, ws, x: product(_matrix(ws, *node.detail), x),
    "back": _back,
    "outer": _outer,
    "einsum": einsum,
    "softmax": _softmax,
    "centred": lambda node, notes, a: called(notes.call("centred", helpers.centred), node.detail, a),
    "gather": _gather,
    "scatter": _scatter,
    "sum_batch": lambda node, notes, a: sum_batch(a),
    "sum_rows": lambda node, notes, a: Text(f"{a.value}.sum(axis=0, keepdims=True)"),
    "segment_sum": lambda node, notes, a: _segments(a, "sum", node.rows, node.detail),
    "segment_max": lambda node, notes, a: _segments(a, "max", node.rows, node.detail),
    "repeat": _repeat,
    "full": _full,
    "rows": _rows,
    "take": _take,
    "stack": _stack,
}
"""By operation, the function that writes it. What isn't in it is a comparison or a rule, written as a function."""


def write_idiom(node: Array, known: Idiom, args: Sequence[Text], notes: Notes) -> Text:
    """How a group of operations with a name of its own is written: as a function of that name.

    Args:
        node: its result.
        known: the group.
        args: how its operands are written.
        notes: to which is added what the expression needs.
    """
    if known.text == SIGN_OF:
        return called("np.sign", *args)
    f = IDIOMS[known.text]
    return called(notes.call(f.__name__, f), *args, *([node.rows] if f is helpers.onehot else []))


IDIOMS: dict[str, Callable[..., Any]] = {
    ONE_HOT: helpers.onehot,
    LOSS: helpers.cross_entropy_of,
    GRADIENT: helpers.softmax_minus_onehot,
}
