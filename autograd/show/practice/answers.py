"""An answer: how it is read, when it is right, and what is said of one that isn't.

An answer is text such as `3`, `-1/2` or `2*cos(x)`, in which the numbers of the graph may stand by their names. It is
read by expression.py, so nothing in it is evaluated as Python. practice.js does the same in a page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from unicodedata import normalize

from ...basics.arguments import number
from ...basics.messages import shown
from ...expression import ExpressionError, parse
from ...notation.names import names
from ...notation.text import figure
from ...order import topological_order
from ...value import Value
from .elsewhere import Place, elsewhere
from .mistakes import Mistake, of_gradient, told_apart
from .texts import known, sentence, text

TOLERANCE = 0.005
"""The share of the right number by which an answer may differ from it: three digits are enough."""

_WRITTEN = {"−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "^": "**", "π": "pi", "½": "(1/2)"}


class WrongAnswer(ValueError):
    """An answer is not right; the message says what it looks as if it were.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> try:
    ...     check_answer(2.0, a * b, a)
    ... except WrongAnswer as error:
    ...     print(error)
    That is ∂(a * b)/∂b, not ∂(a * b)/∂a.
    """


class Answer(NamedTuple):
    """What becomes of an answer. In a notebook it shows itself as its sentence.

    Args:
        right: whether it is right.
        said: a sentence about it.
        value: the number that was read, None where there was none.
        kind: the key of the sentence in the table of texts: "right", "formula" where its number alone is right,
            "empty", "rounding" or a mistake's.
    """

    right: bool
    said: str
    value: float | None
    kind: str

    def __repr__(self) -> str:
        return self.said

    def __bool__(self) -> bool:
        return self.right


class Key(NamedTuple):
    """What an answer is compared with.

    Args:
        right: the right number.
        scale: the size of the numbers that it is made of, which bounds what rounding can do.
        mistakes: numbers that are wrong in a known way.
        tolerance: the share of a number by which an answer may differ from it.
        wrong: the key of the sentence about any other number.
    """

    right: float
    scale: float
    mistakes: tuple[Mistake, ...]
    tolerance: float = TOLERANCE
    wrong: str = "wrong"

    def margin(self, value: float) -> float:
        """By how much an answer may differ from a number and still be it."""
        return margin(value, self.scale, self.tolerance)

    @property
    def loose(self) -> float:
        """By how much an answer differs at most that was rounded too early."""
        return max(10 * self.margin(self.right), 2e-3 * self.scale)


def margin(value: float, scale: float, tolerance: float = TOLERANCE) -> float:
    """By how much an answer may differ from a number; of one that is 0 but for rounding, by next to nothing."""
    return tolerance * max(abs(value), 1e-6 * scale)


def key(right: float, mistakes: Iterable[Mistake], terms: Iterable[float] = (), tolerance: float = TOLERANCE) -> Key:
    """What an answer is compared with: of the mistakes those that can be told from it, and from each other.

    Args:
        right: the right number.
        mistakes: the likeliest first.
        terms: the numbers that it is the sum of.
        tolerance: the share of a number by which an answer may differ from it.
    """
    scale = max([abs(right), *map(abs, terms)])
    kept = told_apart(right, mistakes, lambda value: margin(value, scale, tolerance))
    return Key(right, scale, tuple(kept), tolerance)


def judged(answer: Any, key: Key, numbers: Mapping[str, float] | None = None, language: str = "en") -> Answer:
    """Read an answer and compare it.

    Args:
        answer: a number, or text: an expression of numbers and names.
        key: what it is compared with.
        numbers: what the names in it stand for.
        language: of the sentence.
    """
    if answer is None or answer is ... or (isinstance(answer, str) and not answer.strip(" =")):
        return Answer(False, text("empty", language), None, "empty")
    try:
        value = read(answer, numbers or {})
    except (ValueError, ArithmeticError, TypeError) as error:
        return Answer(False, text("unread", language, why=str(error)), None, "unread")
    if abs(value - key.right) <= key.margin(key.right):
        return Answer(True, text("right", language, number=figure(key.right)), value, "right")
    for mistake in key.mistakes:
        if abs(value - mistake.value) <= key.margin(mistake.value):
            return Answer(False, sentence(mistake, language), value, mistake.kind)
    kind = "rounding" if abs(value - key.right) <= key.loose else key.wrong
    return Answer(False, text(kind, language), value, kind)


def read(answer: Any, numbers: Mapping[str, float]) -> float:
    """The number that an answer stands for.

    Args:
        answer: a number, or text: an expression of numbers and names.
        numbers: what the names in it stand for.

    Raises:
        TypeError: if it is neither a number nor text.
        ValueError: if it can't be read, or isn't finite.
        ArithmeticError: if it can't be computed.

    >>> read("= x^2 · 1/2", {"x": 3.0}), read("−0,5", {})
    (4.5, -0.5)
    """
    if not isinstance(answer, str):
        return number(answer, "the answer")
    for sign, plain in _WRITTEN.items():
        answer = answer.replace(sign, plain)
    answer = re.sub(r"^([+-]?\d+),(\d+)$", r"\1.\2", answer.strip().removeprefix("=").strip())
    expression = parse(answer)
    unknown = [name for name in expression.names if name not in numbers]
    if unknown:
        there = f"the names are {', '.join(numbers)}" if numbers else "write a number"
        raise ExpressionError(f"there is no {unknown[0]} here; {there}")
    used = (*expression.names, *expression.constants)
    value = float(expression(**{name: numbers[name] for name in used if name in numbers}))
    if not math.isfinite(value):
        raise ExpressionError("it is not finite")
    return value


def entered(written: str) -> float:
    """The number in a field: any that Python's float reads, or what an answer can be, without names.

    Raises:
        ValueError, ArithmeticError: as `read` does.

    >>> entered("1e3"), entered("1/2"), entered("0,5")
    (1000.0, 0.5, 0.5)
    """
    try:
        return float(written)
    except ValueError:
        return read(written, {})


def named(called: Mapping[Value, str]) -> dict[str, float]:
    """The numbers of the nodes whose names can stand in an answer."""
    found = {name: node.data for node, name in called.items() if name.isidentifier()}
    return {name: x for name, x in sorted(found.items()) if normalize("NFKC", name) == name}  # as Python reads names


def check_answer(
    answer: float | str | None, output: Value | float, leaf: Value | None = None, *, tolerance: float = TOLERANCE,
    language: str = "en", raises: bool = True,
) -> Answer:  # fmt: skip
    """Check an answer to an exercise: a gradient, against the engine, or any other number.

    Args:
        answer: a number, or text such as "1/2" or "2*x", in which the labels of the graph stand for its numbers.
        output: the Value that is differentiated; without `leaf`, what is asked for itself, a Value or a number.
        leaf: what it is differentiated with respect to.
        tolerance: the share of the right number by which the answer may differ from it.
        language: "en" or "de", for what is said.
        raises: False for an `Answer`, which is not true, where there would be a `WrongAnswer`.

    Returns:
        An `Answer`, which is true and shows itself as a sentence. A formula is judged at other numbers, too: one that
        is right at these alone is told so.

    Raises:
        WrongAnswer: if it is not right, or not there yet; the message says which mistake leads to this number, if
            one is known.
        TypeError: if `output` or `leaf` is none of these.
        ValueError: if the tolerance or the language can't be used, or `output.backward()` would raise it.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> check_answer("a + 1", a * b + b, b)
    Right: 3.
    """
    share, language = checked(tolerance), known(language)
    numbers: dict[str, float] = {}
    if leaf is None:
        right = number(output.data if isinstance(output, Value) else output, "output")
        asked = key(right, [Mistake(-right, "sign")], tolerance=share)._replace(wrong="wrong_alone")
    else:
        if not isinstance(output, Value):
            raise TypeError(f"output must be a Value, got {shown(output)} ({type(output).__name__})")
        if not isinstance(leaf, Value):
            raise TypeError(f"leaf must be a Value, got {shown(leaf)} ({type(leaf).__name__})")
        asked, numbers = of(output, leaf, share)
    found = judged(answer, asked, numbers, language)
    if found.right and isinstance(answer, str) and isinstance(output, Value) and leaf is not None:
        found = as_formula(found, answer, _places(output, leaf), share, language)
    if raises and not found.right:
        raise WrongAnswer(found.said)
    return found


def of(output: Value, leaf: Value, tolerance: float = TOLERANCE) -> tuple[Key, dict[str, float]]:
    """What the gradient of a leaf is compared with, and the numbers that may stand in an answer by their names."""
    from ...transforms.modes import pullback

    called = names(topological_order(output))
    called.setdefault(leaf, leaf.label or "x")
    right = pullback([output], [1.0], [leaf], as_values=False)[0] + 0.0
    try:
        mistakes = of_gradient(called, output, leaf)
    except ValueError:  # a path leads through a checkpoint, which keeps nothing of its inside
        mistakes = [Mistake(-right, "sign")]
    parts = [x.value for x in mistakes if x.kind == "only"]
    return key(right, mistakes, parts, tolerance)._replace(wrong="wrong_alone"), named(called)


def _places(output: Value, leaf: Value) -> Iterator[tuple[Place, float]]:
    """The graph at other numbers, and the gradient there."""
    from ...transforms.modes import pullback

    order = topological_order(output)
    for place in elsewhere(names(order), output) if leaf in order else ():
        try:
            yield place, pullback([place.node[output]], [1.0], [place.node[leaf]], as_values=False)[0]
        except (ValueError, ArithmeticError, RuntimeError):  # not differentiable there
            continue


def as_formula(
    found: Answer, answer: str, places: Iterable[tuple[Place, float]], share: float, language: str
) -> Answer:
    """What becomes of a right number: where it is a formula that gives wrong ones elsewhere, that is told.

    What gives the same number everywhere is no formula. It must differ at each place, since gradients have kinks.

    Args:
        found: what was said of the number.
        answer: as it was written.
        places: the graph at other numbers, and what is right there.
        share: the share of a number by which an answer may differ from it.
        language: of the sentence.
    """
    said = ""
    for place, right in places:
        try:
            value = read(answer, place.numbers)
        except (ValueError, ArithmeticError):
            return found
        if value == found.value or abs(value - right) <= share * max(abs(right), abs(value)):
            return found
        words = {"place": place.said, "value": figure(value), "right": figure(right)}
        said = said or text("formula", language, **words)
    return found._replace(said=f"{found.said} {said}", kind="formula") if said else found


def checked(tolerance: float) -> float:
    """A tolerance, which is a share between 0 and 0.1."""
    share = number(tolerance, "tolerance")
    if not 0 < share <= 0.1:
        raise ValueError(f"tolerance must be a share between 0 and 0.1, such as 0.005, got {share!r}")
    return share
