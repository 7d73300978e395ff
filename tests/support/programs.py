"""Random programs as data, and what runs them: on floats, on Values, on PyTorch's tensors, in 120 digits.

A program is a list of steps over the whole rule table. It is drawn together with the points at which it will run, and
every step is tame there: defined, smooth and not steep in a neighbourhood. So all ways to differentiate it must give
the same numbers: `exact` has them, `bounds` how far rounding may lead away from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import mpmath
from hypothesis import strategies as st

from autograd import Value, edges, gradient, topological_order
from autograd.ops import RULES
from autograd.rules import Nary
from tests.support.oracles import DISTANCE_TO_SINGULARITY, count, operands, oracle

Apply = Callable[[str, Sequence[Any]], Any]


class Step(NamedTuple):
    """Apply a rule to earlier numbers.

    Args:
        rule: its name.
        operands: the places of its operands: constants first, then inputs, then the results of the steps.
        otherwise: the rule instead of it, where the first operand is below `threshold` ("" for none): an `if`.
        threshold: see there.
        until: while the result is smaller than this, the step is applied to it again, at most three times: a loop.
    """

    rule: str
    operands: tuple[int, ...]
    otherwise: str = ""
    threshold: float = 0.0
    until: float = 0.0


class Program(NamedTuple):
    """A function of a list of numbers, whatever kind of numbers they are: the result of the last step."""

    constants: tuple[float, ...]
    steps: tuple[Step, ...]

    def __call__(self, xs: Sequence[Any]) -> Any:
        return run(self, xs)[-1]


class Case(NamedTuple):
    """A program and the points where it is tame; they share the first `shared` of their numbers."""

    program: Program
    points: list[list[float]]
    shared: int


# --------------------------------------------------------------------------------------------------------- to run one


def on_numbers(name: str, items: Sequence[Any]) -> Any:
    """The engine's own rule, for floats and Values."""
    return RULES[name](*grouped(name, items))


def in_digits(name: str, items: Sequence[Any]) -> Any:
    """The same function in mpmath, which knows nothing of the table."""
    return oracle(RULES[name])(*grouped(name, items))


def grouped(name: str, items: Sequence[Any]) -> tuple[Any, ...]:
    rule = RULES[name]
    single = count(rule, 0)
    groups = max(1, count(rule, 1) - single)
    return operands(rule, list(items), (len(items) - single) // groups)


def passes(step: Step, items: Sequence[Any], apply: Apply) -> Iterator[tuple[str, Any]]:
    """What a step does with its operands: the rule it applies and the result, once for each pass of its loop."""
    rule = step.otherwise if step.otherwise and items[0] < step.threshold else step.rule
    y = apply(rule, items)
    yield rule, y
    for _ in range(3):
        if not step.until or not abs(y) < step.until:
            break
        y = apply(rule, [y, *items[1:]])
        yield rule, y


def resumed(steps: Iterable[Step], made: Sequence[Any], apply: Apply = on_numbers) -> list[Any]:
    """All numbers, where some have been made already."""
    made = list(made)
    for step in steps:
        *_, (_, y) = passes(step, [made[i] for i in step.operands], apply)
        made.append(y)
    return made


def run(program: Program, xs: Sequence[Any], apply: Apply = on_numbers) -> list[Any]:
    """All numbers of a program: its constants, the inputs, what the steps made."""
    return resumed(program.steps, [*program.constants, *xs], apply)


def straight(program: Program, xs: Sequence[float]) -> Program:
    """The program without its ifs and loops: just the rules that it applies at this point."""
    made = [*program.constants, *xs]
    place = list(range(len(made)))  # where the numbers of the program are in the straight one
    steps: list[Step] = []
    for step in program.steps:
        at = [place[i] for i in step.operands]
        for rule, y in passes(step, [made[i] for i in at], on_numbers):
            steps.append(Step(rule, tuple(at)))
            at[0] = len(made)
            made.append(y)
        place.append(len(made) - 1)
    return program._replace(steps=tuple(steps))


# ------------------------------------------------------------------------------------------------- what must come out

DIGITS = 120
H = mpmath.mpf(2) ** -100  # about 1e-30: what the differences cut off, and what 120 digits round off, is near 1e-60


def exact(program: Program, xs: Sequence[float]) -> tuple[Any, list[Any]]:
    """The value and the gradient to 50 digits: central differences in 120 digits, which need no derivative."""
    with mpmath.workdps(DIGITS):
        f = _in_digits(program, xs)
        return f({}), [(f({i: H}) - f({i: -H})) / (2 * H) for i in range(len(xs))]


def exact_hessian(program: Program, xs: Sequence[float]) -> list[list[Any]]:
    """The second derivatives, by the same means."""
    with mpmath.workdps(DIGITS):
        f = _in_digits(program, xs)
        rows = [[mpmath.mpf(0)] * len(xs) for _ in xs]
        for i in range(len(xs)):
            rows[i][i] = (f({i: H}) - 2 * f({}) + f({i: -H})) / H**2
            for j in range(i):
                same, opposite = f({i: H, j: H}) + f({i: -H, j: -H}), f({i: H, j: -H}) + f({i: -H, j: H})
                rows[i][j] = rows[j][i] = (same - opposite) / (4 * H**2)
        return rows


def _in_digits(program: Program, xs: Sequence[float]) -> Callable[[dict[int, Any]], Any]:
    constants = [mpmath.mpf(c) for c in program.constants]

    def f(moved: dict[int, Any]) -> Any:
        point = [mpmath.mpf(x) + moved.get(i, 0) for i, x in enumerate(xs)]
        return resumed(program.steps, [*constants, *point], in_digits)[-1]

    return f


ULP = 2.0**-52
ROUNDING = 4 * ULP
"""What one rule may be off: NumPy's functions by 4 units in the last place, C's by 1 or 2, arithmetic by a half."""


NEARLY_ZERO = 1e-45


class Bounds(NamedTuple):
    """How far rounding can take the value, the gradient and the Hessian from the true ones."""

    value: float
    slopes: list[float]
    hessian: list[list[float]]


def bounds(program: Program, xs: Sequence[float], second: bool = False) -> Bounds:
    """A running error analysis of the graphs of value, gradient and Hessian (Wilkinson 1963, Linnainmaa 1976).

    Each rule gives the true result, off by a rounding, of operands that are off by one: `rounding` adds up what comes
    of that. The factor `one` is off from the beginning; as it goes along each path of the gradient, the bound is at
    least a rounding of the sum of all |paths|. So it holds in whatever order they are added, and forwards, too.
    That slopes of the engine enter here proves nothing twice: where they were wrong they would not be what is `exact`.
    """
    leaves, one = [Value(x) for x in xs], Value(1.0)
    y = program(leaves) * one
    slopes = gradient(y, leaves, create_graph=True)
    rows = [gradient(slope, leaves, create_graph=True) for slope in slopes] if second else []
    off = rounding([y, *slopes, *[x for row in rows for x in row]], {one: ROUNDING})
    return Bounds(off[y], [off[x] for x in slopes], [[off[x] for x in row] for row in rows])


def rounding(outputs: Sequence[Value], given: dict[Value, float]) -> dict[Value, float]:
    """To first order, how far each node can be off, if its operands and itself are each rounded.

    NEARLY_ZERO is for what is off in the oracle, and for numbers that underflow.
    """
    off = dict(given)
    for node in topological_order(*outputs):
        if node.parents:
            through = sum(abs(s) * (off[x] + ROUNDING * abs(x.data)) for x, s in edges.slopes(node))
            off[node] = through + ROUNDING * abs(node.data) + NEARLY_ZERO
        else:
            off.setdefault(node, NEARLY_ZERO)
    return off


# --------------------------------------------------------------------------------------------------------- to draw one

MARGIN, STEEP, CURVED, LARGE = 0.05, 8.0, 100.0, 30.0
APART = 1e-3
"""So far is every number from a kink, and every comparison from a tie: rounding cannot decide what is done."""

KINKED = {"abs", "relu", "leaky_relu", "elu", "maximum", "minimum", "clip", "hardtanh", "relu6", "hardsigmoid"}
KINKED |= {"sign", "floor", "ceil", "trunc", "round", "copysign", "hardswish", "softsign"}


class Wild(Exception):
    """A step is not tame at a point."""


def tame(name: str, items: Sequence[float], free: Sequence[bool]) -> float:
    """The result of a rule; `Wild` unless it is defined, smooth, not steep and not strongly curved around there.

    Args:
        name: of the rule.
        items: its operands.
        free: which of them may move; the others are constants.
    """
    far = APART if name in KINKED else MARGIN
    if name in DISTANCE_TO_SINGULARITY and DISTANCE_TO_SINGULARITY[name](*items) < far:
        raise Wild
    try:
        y: float = on_numbers(name, items)
        for i, x in enumerate(items):
            if free[i]:
                low, high = (on_numbers(name, [*items[:i], z, *items[i + 1 :]]) for z in (x - MARGIN, x + MARGIN))
                steep = max(abs(high - y), abs(y - low)) / MARGIN
                curved = abs(high - 2 * y + low) / MARGIN**2 if name not in KINKED else 0.0
                if not (steep <= STEEP and curved <= CURVED):
                    raise Wild
    except (ValueError, ZeroDivisionError):
        raise Wild from None
    if not abs(y) <= LARGE:
        raise Wild
    return y


def tried(step: Step, made: Sequence[float], fixed: int) -> float:
    """The result of a step at one point, if it is tame in each pass, and its comparisons are clear."""
    items = [made[i] for i in step.operands]
    if step.otherwise and abs(items[0] - step.threshold) < APART:
        raise Wild
    free = [i >= fixed for i in step.operands]
    y = math.nan
    for _, y in passes(step, items, lambda name, xs: tame(name, xs, free)):
        free[0] = True
        if step.until and abs(abs(y) - step.until) < APART:
            raise Wild
    return y


THROUGH = [None, "sigmoid", "softplus", "cosh", "tanh"]
"""What the operands are sent through, the first that helps, where a rule isn't tame at them: asin, log, acosh, exp."""

Choice = tuple[str, list[int], int, str, float, float]


def built(choices: Iterable[Choice], constants: Sequence[float], points: list[list[float]], reach: int) -> Program:
    """The program that these choices make; those that aren't tame at all points are left out."""
    fixed = len(constants)
    made = [[*constants, *point] for point in points]
    inputs = range(fixed, len(made[0]))
    steps: list[Step] = []
    used: set[int] = set()

    def taken(new: Sequence[Step]) -> bool:
        longer = [list(numbers) for numbers in made]
        try:
            for step in new:
                for numbers in longer:
                    numbers.append(tried(step, numbers, fixed))
        except Wild:
            return False
        made[:] = longer
        steps.extend(new)
        used.update(i for step in new for i in step.operands)
        return True

    for name, backwards, size, other, threshold, until in choices:
        end = len(made[0])
        n = size if name in ("sum", "dot") else max(size, name != "cross_entropy")
        at = [end - 1 - b % min(reach, end) for b in backwards[: count(RULES[name], n)]]
        if not at or max(at) < fixed:
            continue  # nothing, or constants alone
        if isinstance(RULES[name], Nary):
            other, until = "", 0.0
        if other and type(RULES[other]) is not type(RULES[name]):
            other = ""
        for through in THROUGH:
            first = [Step(through, (i,)) for i in dict.fromkeys(at) if i >= fixed] if through else []
            moved = {step.operands[0]: end + k for k, step in enumerate(first)}
            if taken([*first, Step(name, tuple(moved.get(i, i) for i in at), other, threshold, until)]):
                break
    loose = [i for i in range(inputs.stop, len(made[0])) if i not in used] or list(inputs)
    return Program(tuple(constants), (*steps, Step("sum", tuple(loose))))


NAMES = sorted(RULES)
simple = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
numbers = simple | st.floats(-3, 3).map(lambda x: round(x, 6))


@st.composite
def cases(draw: Any, names: Sequence[str] = NAMES, rows: int = 1, most: int = 14) -> Case:
    """Programs of up to `most` choices, with two to four inputs, and the given number of points."""
    choice = st.tuples(
        st.sampled_from(names),
        st.lists(st.integers(0, 40), min_size=7, max_size=7),
        st.integers(0, 3),
        st.just("") | st.sampled_from(names),
        simple,
        st.sampled_from([0.0, 0.0, 0.0, 0.5, 2.0]),
    )
    shared, own = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    common = draw(st.lists(numbers, min_size=shared, max_size=shared))
    points = [common + draw(st.lists(numbers, min_size=own, max_size=own)) for _ in range(rows)]
    constants = draw(st.lists(st.sampled_from([2.0, 1.0, 0.0, -1.0, 3.0, 0.5]) | numbers, max_size=3))
    # how far back operands are: 1 is a chain whose every step has 2ⁿ paths, 100 is wide
    reach = draw(st.sampled_from([1, 2, 4, 100, 100]))
    return Case(built(draw(st.lists(choice, min_size=2, max_size=most)), constants, points, reach), points, shared)


HUGE = st.sampled_from(
    [-1e308, -710.0, -1.0, -1e-160, -5e-324, -0.0, 0.0, 5e-324, 1e-160, 1.0, 2.0, 710.0, 1e160, 1e308]
)


AT_EDGES = ["sqrt", "cbrt", "acos", "asin", "pow", "hypot", "atan2", "norm", "relu", "maximum", "minimum", "clip"]
AT_EDGES += ["abs", "leaky_relu", "elu", "sign", "relu6", "mul", "mul", "sub", "square", "dot", "sum"]
"""Rules with kinks, flat parts and infinite slopes, and what brings their gradients together."""


@st.composite
def wild_cases(draw: Any, names: Sequence[str] = NAMES, drawn: Any = HUGE | numbers) -> Case:
    """Programs that over- and underflow, and pass where there are no derivatives, but are defined everywhere."""
    choice = st.tuples(st.sampled_from(names), st.lists(st.integers(0, 40), min_size=7, max_size=7), st.integers(0, 3))
    constants, point = (
        draw(st.lists(drawn, max_size=2)),
        draw(st.lists(drawn, min_size=2, max_size=3)),
    )
    made, fixed = [*constants, *point], len(constants)
    steps: list[Step] = []
    for name, backwards, size in draw(st.lists(choice, min_size=1, max_size=8)):
        at = [len(made) - 1 - b % len(made) for b in backwards[: count(RULES[name], max(1, size))]]
        if max(at) >= fixed:
            step = Step(name, tuple(at))
            try:
                made.append(on_numbers(name, [made[i] for i in at]))
            except (ValueError, ZeroDivisionError):
                continue
            steps.append(step)
    last = Step("sum", (len(made) - 1, *range(fixed, fixed + len(point))))
    return Case(Program(tuple(constants), (*steps, last)), [point], 1)
