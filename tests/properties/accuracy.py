"""How exact the rules are: value, first and second derivatives against mpmath, over all numbers that a float can be.

The true derivatives are central differences of the true function, with so many digits that fifty remain: no formula of
a derivative stands here. An error is counted in units in the last place (ulp) of the true result. Where a rule adds
numbers that may cancel, or takes the exponential of a rounded number, it is counted in ulp of something larger, which
`COUNTED_IN` names with the reason: that is the documented bound. `python -m tests.properties.accuracy` measures many
points and writes the worst errors into exactness.md, unless one is beyond `BOUND`; test_accuracy.py measures fewer.
"""

from __future__ import annotations

import argparse
import functools
import heapq
import itertools
import json
import math
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mpmath
from mpmath import mpf

from autograd import gradient
from autograd.ops import RULES
from autograd.rules import Nary, Unary
from tests.support.digits import derivatives, value
from tests.support.oracles import (
    DISTANCE_TO_SINGULARITY,
    count,
    fresh,
    inside,
    is_group,
    mp_erfc,
    mp_logsumexp,
    mp_polygamma,
    mp_sigmoid,
    only_first_slope,
    operands,
    oracle,
)

BOUND = (4.0, 4.0, 8.0)
"""How many ulp the value, a first and a second derivative may be wrong by."""

BOUND_BY_XLA = 5.0
"""How many the value and a first derivative of compiled code on JAX may be."""

MAX, TINY = mpf(sys.float_info.max), mpf(sys.float_info.min)
"""The largest float, and the smallest that has all of its digits: errors below that one count as none."""

# ---------------------------------------------------------------------------------------- in what an error is counted


def _normal(a: Any) -> tuple[Any, Any]:
    """The normal distribution function and its density."""
    return mp_erfc(-a / mpmath.sqrt(2)) / 2, mpmath.exp(-a * a / 2) / mpmath.sqrt(2 * mpmath.pi)


def _gate(a: Any) -> tuple[Any, Any, Any, Any]:
    """σ(u) of gelu_tanh with the first two derivatives of u, and how much the rounding of u counts."""
    k, c = 2 * mpmath.sqrt(2 / mpmath.pi), mpf(0.044715)
    u = k * (a + c * a**3)
    return mp_sigmoid(u), k * (1 + 3 * c * a * a), k * 6 * c * abs(a), 1 + (abs(u) if a < 0 else 0)


def _shares(xs: Any) -> tuple[list[Any], list[Any]]:
    """The softmax, and by how much the rounding of each difference from the largest is magnified in it."""
    top, total = max(xs), mp_logsumexp(xs)
    shares = [mpmath.exp(x - total) for x in xs]
    common = mpmath.fsum(share * (top - x) for share, x in zip(shares, xs))
    return shares, [1 + top - x + common for x in xs]


def _gelu(order: int) -> Callable[..., Any]:
    def scale(at: tuple[Any, ...], *_: int) -> Any:
        (a,) = at
        cdf, pdf = _normal(a)
        cdf *= 1 + (a * a if a < 0 else 0)
        pdf *= 1 + a * a
        return (abs(a) * cdf, cdf + abs(a) * pdf, (2 + a * a) * pdf)[order]

    return scale


def _gelu_tanh(order: int) -> Callable[..., Any]:
    def scale(at: tuple[Any, ...], *_: int) -> Any:
        (a,) = at
        gate, first, second, magnified = _gate(a)
        return gate * magnified * (abs(a), 1 + abs(a) * first, 2 * first + abs(a) * (second + first**2))[order]

    return scale


def _softmax_slope(xs: Any, *index: int) -> Any:
    shares, magnified = _shares(xs)
    scale, more = shares[index[0]], magnified[index[0]]
    if len(index) == 2:
        more += magnified[index[1]]
        scale *= shares[index[1]] if index[0] != index[1] else 1
    return scale * more


def _listed(at: tuple[Any, ...]) -> list[Any]:
    return [x for group in at for x in (group if isinstance(group, tuple) else (group,))]


COUNTED_IN: dict[tuple[str, int], tuple[str, Callable[..., Any]]] = {
    # sums that may cancel: in ulp of what is added
    ("dot", 0): ("Σ|wx| + |b|", lambda at: mpmath.fsum(abs(w * x) for w, x in zip(*at[:2])) + abs(at[2])),
    ("sum", 0): ("Σ|x|", lambda at: mpmath.fsum(map(abs, at[0]))),
    ("mean", 0): ("Σ|x| / n", lambda at: _mean_of_sizes(at[0])),
    ("logsumexp", 0): ("max|x|", lambda at: max(map(abs, at[0]))),
    ("asin", 2): ("(1 − a²)^(−3/2)", lambda at, *_: (1 - at[0] ** 2) ** mpf(-1.5)),
    ("acos", 2): ("(1 − a²)^(−3/2)", lambda at, *_: (1 - at[0] ** 2) ** mpf(-1.5)),
    ("atan", 2): ("y″, or 10⁻²¹⁵ if that is more", lambda *_: mpf("1e-215")),  # (1 + a²)² overflows
    ("atanh", 2): ("2(1 − a²)⁻²", lambda at, *_: 2 / (1 - at[0] ** 2) ** 2),
    ("atan2", 2): ("(a² + b²)⁻¹", lambda at, *_: 1 / (at[0] ** 2 + at[1] ** 2)),
    ("hypot", 1): ("y′; where y < 2.3e-308, of 10¹⁶", lambda at, _: 1e16 if mpmath.hypot(*at) < TINY else mpf(0)),
    ("logit", 2): ("1/a² + 1/(1 − a)²", lambda at, *_: 1 / at[0] ** 2 + 1 / (1 - at[0]) ** 2),
    ("sinc", 1): ("1/|a|, where |a| > 0.4", lambda at, *_: 1 / abs(at[0]) if abs(at[0]) > 0.4 else mpf(0)),
    ("sinc", 2): ("π/|a|, where |a| > 0.4", lambda at, *_: mpmath.pi / abs(at[0]) if abs(at[0]) > 0.4 else mpf(0)),
    ("lgamma", 0): (
        "2 + |a| + |y|",
        lambda at: 2 + abs(at[0]) + abs(mpmath.re(mpmath.loggamma(at[0]))),
    ),  # a sum with roots
    ("lgamma", 1): ("1 + |y′| + ln(1 + |a|)", lambda at, _: _digamma(at)),
    ("digamma", 0): ("1 + |y| + ln(1 + |a|)", lambda at: _digamma(at)),  # a sum, reflected from 1 - a
    ("digamma", 2): ("1 + |y″| where a < 0", lambda at, *_: mpf(0) if at[0] > 0 else 1 + abs(mp_polygamma(2, at[0]))),
    ("norm", 1): ("y′; where y < 2.3e-308, of 10¹⁶", lambda at, _: 1e16 if mpmath.norm(at[0]) < TINY else mpf(0)),
    ("norm", 2): ("1/y", lambda at, *_: 1 / mpmath.norm(at[0])),
    ("hypot", 2): ("(a² + b²)^(−1/2)", lambda at, *_: 1 / mpmath.hypot(*at)),
    # 1 - y, where y is almost 1 and has been rounded: the forms of the textbook
    ("tanh", 1): ("1", lambda at, *_: mpf(1)),
    ("tanh", 2): ("2|y|", lambda at, *_: 2 * abs(mpmath.tanh(at[0]))),
    ("sigmoid", 1): ("σ(a)", lambda at, *_: mp_sigmoid(at[0])),
    ("sigmoid", 2): ("σ(a)", lambda at, *_: mp_sigmoid(at[0])),
    ("softplus", 2): ("σ(a)", lambda at, *_: mp_sigmoid(at[0])),
    ("silu", 1): ("(1 + |a|) σ(a)", lambda at, *_: (1 + abs(at[0])) * mp_sigmoid(at[0])),
    ("silu", 2): ("(2 + |a|) σ(a)", lambda at, *_: (2 + abs(at[0])) * mp_sigmoid(at[0])),
    # exponentials of a number that has been rounded
    ("elu", 1): ("y′, no exponential in it below 2.3e-308", lambda at, _: abs(at[1]) * TINY),
    ("elu", 2): ("the like", lambda at, *_: abs(at[1]) * TINY),
    ("erf", 1): ("(1 + a²) y′", lambda at, *_: (1 + at[0] ** 2) * mpmath.exp(-(at[0] ** 2))),
    ("erf", 2): ("(1 + a²) y″", lambda at, *_: (1 + at[0] ** 2) * 2 * abs(at[0]) * mpmath.exp(-(at[0] ** 2))),
    ("erfc", 1): ("(1 + a²) y′", lambda at, *_: (1 + at[0] ** 2) * mpmath.exp(-(at[0] ** 2))),
    ("erfc", 2): ("(1 + a²) y″", lambda at, *_: (1 + at[0] ** 2) * 2 * abs(at[0]) * mpmath.exp(-(at[0] ** 2))),
    ("erfinv", 1): ("(1 + y²) y′", lambda at, *_: _erfinv(at, 1)),
    ("erfinv", 2): ("(1 + y²) y″", lambda at, *_: _erfinv(at, 2)),
    ("gelu", 0): ("(1 + a²) y where a < 0", _gelu(0)),
    ("gelu", 1): ("Φ + |a|φ, times 1 + a²", _gelu(1)),
    ("gelu", 2): ("(1 + a²)(2 + a²)φ", _gelu(2)),
    ("gelu_tanh", 0): ("(1 + |u|) y where a < 0, u being what σ is of", _gelu_tanh(0)),
    ("gelu_tanh", 1): ("σ + |a|σu′, times 1 + |u| where a < 0", _gelu_tanh(1)),
    ("gelu_tanh", 2): ("the like", _gelu_tanh(2)),
    ("mish", 1): ("(1 + |a|) σ(a)", lambda at, *_: (1 + abs(at[0])) * mp_sigmoid(at[0])),
    ("mish", 2): ("(2 + |a|) σ(a)", lambda at, *_: (2 + abs(at[0])) * mp_sigmoid(at[0])),
    ("pow", 1): ("(1 + |b − 1| |ln a|) y′; no power in it below 2.3e-308", lambda at, i: _power(at, i)),
    ("pow", 2): ("the like", lambda at, i, j: _power(at, i, j)),
    ("logsumexp", 1): ("(1 + differences of the x) softmax", lambda at, i: _softmax_slope(at[0], i)),
    ("logsumexp", 2): ("the like", lambda at, *ij: _softmax_slope(at[0], *ij)),
    ("cross_entropy", 0): ("(1 + differences) y", lambda at: _cross_entropy(at)),
    ("cross_entropy", 1): ("(1 + differences) softmax", lambda at, i: _softmax_slope(_listed(at), i)),
    ("cross_entropy", 2): ("the like", lambda at, *ij: _softmax_slope(_listed(at), *ij)),
}
"""For a rule and an order of derivative: what its errors are counted in ulp of, in words and in mpmath."""


def _mean_of_sizes(xs: Any) -> Any:
    total = mpmath.fsum(map(abs, xs))
    return total if total > MAX else total / len(xs)


def _digamma(at: tuple[Any, ...]) -> Any:
    return 1 + abs(mpmath.digamma(at[0])) + mpmath.log1p(abs(at[0]))


def _erfinv(at: tuple[Any, ...], order: int) -> Any:
    y = mpmath.erfinv(at[0])
    slope = mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(y * y)
    return (1 + y * y) * (slope if order == 1 else 2 * abs(y) * slope**2)


def _power(at: tuple[Any, ...], *index: int) -> Any:
    a, b = map(abs, at)
    logarithm = abs(mpmath.log(a)) if a else mpf(0)
    if index in ((1,), (1, 1)):  # y ln a, y ln² a
        return mpf(0)
    slope = max(mpmath.power(a, at[1] - len(index) + sum(index)) if a else mpf(0), TINY)  # below it has few digits
    factor = b if len(index) == 1 else 1 + b * logarithm if index[1] else b * (b + 1)
    return factor * slope * (1 + (b + 2) * logarithm)


def _cross_entropy(at: tuple[Any, ...]) -> Any:
    z, xs = at
    total = mpmath.fsum(mpmath.exp(x - z) for x in xs)
    if total < 1e-1000:
        return mpf(0)
    mean = mpmath.fsum(abs(x - z) * mpmath.exp(x - z) for x in xs) / total
    return mpmath.log1p(total) * (1 + mean)


# ---------------------------------------------------------------------------------------------------------- the points

_SIZES = [0.0, 5e-324, 2.3e-308, 1e-200, 1e-30, 1e-16, 1.2e-8, 1e-4, 0.1, 0.3, 0.5, 0.75, 0.9, math.nextafter(1, 0)]
_SIZES += [1.0, math.nextafter(1, 2), 1.1, 1.5, math.pi / 2, 2.0, math.e, 3.0, math.pi, 5.0, 10.0, 20.0, 36.0, 37.5]
_SIZES += [40.0, 100.0, 700.0, 709.7, 710.4, 745.0, 1000.0, 1e6, 1e10, 1e16, 1e22, 1e100, 1e154, 1e160, 1e200, 1e308]
_SIZES += [2.0**53, 2.0**53 + 2, sys.float_info.max]
EDGES = [sign * x for x in _SIZES for sign in (1, -1)]

CORNERS = [0.0, *(sign * x for x in (5e-324, 1e-160, 1.0, 3.5, 2.0**53, 1e160, sys.float_info.max) for sign in (1, -1))]


def any_number(rng: random.Random) -> float:
    """A float of any size, with many that are ordinary and many near 1."""
    sign = rng.choice((-1, 1))
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(EDGES)
    if kind == 1:
        return sign * 10 ** rng.uniform(-320, 308)
    if kind == 2:
        return sign * rng.uniform(0, 40)
    if kind == 3:
        return sign * rng.uniform(0, 1)
    if kind == 4:
        return sign * 10 ** rng.uniform(-20, 3)
    return sign * (1 + rng.choice((-1, 1)) * 10 ** rng.uniform(-16, 0))


def points(rule: Any, n: int) -> Iterator[list[float]]:
    """The edges, and n random points of the rule's domain, always the same ones; of the pairs of edges 4n at most."""
    rng = random.Random(rule.name)
    if isinstance(rule, Unary):
        yield from ([x] for x in EDGES if inside(rule, [x]))
    elif not isinstance(rule, Nary):
        pairs = [[a, b] for a in CORNERS for b in CORNERS if inside(rule, [a, b])]
        yield from rng.sample(pairs, min(4 * n, len(pairs)))
    found = 0
    while found < n:
        flat = [any_number(rng) + 0.0 for _ in range(count(rule, rng.randint(1, 4)))]  # mpmath has no -0.0
        if inside(rule, flat):
            found += 1
            yield flat


# ------------------------------------------------------------------------------------------------------- the measuring


Given = Sequence[tuple[tuple[int, ...], float | str]]
"""What was `computed`."""

Truth = Callable[[tuple[int, ...]], tuple[Any, Any]]
"""From the indices of operands to the true derivative for them, and what its error is counted in ulp of."""

CANDIDATES = 12
"""So many points that seem to be the worst are measured."""


class Error(NamedTuple):
    """How wrong a rule is: in ulp, for the value (order 0) or a derivative, and where."""

    ulps: float
    order: int
    point: list[float]
    index: tuple[int, ...]
    got: float | str
    true: float


def size_of_groups(rule: Any, flat: list[float]) -> int:
    groups = is_group(rule)
    return (len(flat) - groups.count(False)) // groups.count(True) if any(groups) else 0


def truth(rule: Any, flat: list[float], index: tuple[int, ...]) -> tuple[Any, Any]:
    """The value, or the derivative with respect to the operands of these indices, and what errors are counted in."""
    sizes = [abs(x) for x in flat if x] or [1.0]
    small, large = min(1.0, *sizes, 1.0), max(1.0, *sizes, 1.0)
    step_digits = 30 if len(sizes) == len(flat) else 200  # of a cube at 0 the truncated rest must be below any float
    exponents = math.log10(large) - math.log10(small)
    digits = int(
        50 + 640 + math.log10(large) + 2 * (step_digits + exponents)
    )  # 640: from the largest float to below any
    with mpmath.workdps(digits):
        h = mpf(10) ** -step_digits * mpf(small) / mpf(large)

        def at(*signs: int) -> Any:
            moves = [0] * len(flat)
            for i, sign in zip(index, signs):
                moves[i] += sign
            return _moved(rule, tuple(flat), tuple(moves), h, digits)

        if not index:
            true = at()
        elif len(index) == 1:
            true = (at(1) - at(-1)) / (2 * h)
        else:
            true = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h * h)
        if isinstance(true, mpmath.mpc):  # beyond the edge of the domain: there is no derivative at it
            true = mpf(math.inf)
    with mpmath.workdps(50):
        return +true, scale(rule, flat, index)


@functools.lru_cache(64)
def _moved(rule: Any, flat: tuple[float, ...], moves: tuple[int, ...], h: Any, digits: int) -> Any:
    """The true function where operands have been moved by so many h: several derivatives ask for the same points."""
    exact = [mpf(x) + n * h for x, n in zip(flat, moves)]
    return oracle(rule)(*operands(rule, exact, size_of_groups(rule, list(flat))))


def scale(rule: Any, flat: list[float], index: tuple[int, ...]) -> Any:
    """What the error of this derivative is counted in ulp of, if that is more than itself."""
    counted = COUNTED_IN.get((rule.name, len(index)))
    if counted is None:
        return mpf(0)
    return abs(counted[1](operands(rule, [mpf(x) for x in flat], size_of_groups(rule, flat)), *index))


def by_formulas(rule: Any, flat: list[float]) -> Truth:
    """As `truth` for all derivatives at once, by the formulas of the table in 40 digits: a twentieth of the time."""
    groups = operands(rule, flat, size_of_groups(rule, flat))
    found: list[Any] = []

    def true(index: tuple[int, ...]) -> tuple[Any, Any]:
        with mpmath.workdps(40):
            if not index:
                return value(rule, groups), scale(rule, flat, index)
            if not found:
                found.extend(derivatives(rule, groups, 1 if only_first_slope(rule, flat) else len(flat)))
            slopes, rows = found
            return rows[index[0]][index[1]] if len(index) == 2 else slopes[index[0]], scale(rule, flat, index)

    return true


def ulps(got: float, true: Any, scale: Any) -> float:
    """The error in units in the last place."""
    if scale > MAX and not math.isfinite(got):  # what is added is too large for a float
        return 0.0
    if got != got:
        return math.inf
    if abs(true) > MAX:
        return 0.0 if abs(got) >= sys.float_info.max and (got > 0) == (true > 0) else math.inf
    error = abs(mpf(got) - true)
    if error < TINY:
        return 0.0
    counted = max(abs(true), scale)
    return float(error / (math.ulp(float(min(MAX, counted))) * max(mpf(1), counted / MAX)))


def computed(rule: Any, flat: list[float]) -> Iterator[tuple[tuple[int, ...], float | str]]:
    """What the engine gives at a point: the value and, if that is finite and no kink is there, all derivatives.

    Each with the indices of the operands that it is differentiated for; in place of one that is refused, the error.
    """
    size = size_of_groups(rule, flat)
    y = rule(*operands(rule, flat, size))
    yield (), y
    if not math.isfinite(y) or DISTANCE_TO_SINGULARITY.get(rule.name, lambda *_: 1.0)(*flat) == 0:
        return
    values = fresh(flat[:1]) + flat[1:] if only_first_slope(rule, flat) else fresh(flat)
    wanted = values[:1] if only_first_slope(rule, flat) else values
    output = rule(*operands(rule, values, size))
    for i, x in enumerate(wanted):
        try:
            slope = gradient(output, x, create_graph=True)
        except (ValueError, ZeroDivisionError) as cause:
            yield (i,), str(cause)
            continue
        yield (i,), slope.data
        for j in range(i, len(wanted)):
            try:
                yield (i, j), gradient(slope, wanted[j])
            except (ValueError, ZeroDivisionError) as cause:
                yield (i, j), str(cause)


def errors(rule: Any, flat: list[float], given: Given | None = None, true: Truth | None = None) -> Iterator[Error]:
    """All errors at a point.

    Args:
        rule: an entry of the table.
        flat: its operands.
        given: what was `computed`; None to compute it here.
        true: the true value and derivatives; None for those of mpmath.
    """
    true = true or functools.partial(truth, rule, flat)
    for index, got in computed(rule, flat) if given is None else given:
        value, counted = true(index)
        if isinstance(got, str):  # it may be where it, what is added in it, or 1/x or x₁/x₂ (1/x², x₁/x₂²) is too large
            inverse = max((1 / abs(mpf(x)) for x in flat if x), default=mpf(0))
            largest = max(abs(value), counted, max(1.0, *map(abs, flat)) * inverse ** len(index))
            off = 0.0 if largest > MAX / 8 else math.inf
        else:
            off = ulps(got, value, counted)
        yield Error(off, len(index), flat, index, got, float(value))


def worst(rule: Any, given: Iterable[tuple[list[float], Sequence[Given]]]) -> list[list[Error]]:
    """For each libm the largest error of the value, a first and a second derivative; refused wrongly is infinite.

    The points that seem to be the worst ones, by the formulas in 40 digits, are measured against the true function.

    Args:
        rule: an entry of the table.
        given: points, each with what was computed there by each libm.
    """
    seeming: dict[tuple[int, int, bool], list[tuple[float, int, list[float], Given]]] = {}
    for k, (flat, libms) in enumerate(given):
        true = functools.cache(by_formulas(rule, flat))
        for libm, numbers in enumerate(libms):
            for refused, order in itertools.product((False, True), range(3)):  # so that neither crowds the other out
                some = [(i, x) for i, x in numbers if isinstance(x, str) is refused and len(i) == order]
                try:
                    off = max([error.ulps for error in errors(rule, flat, some, true)], default=0.0)
                except (ZeroDivisionError, TypeError, ValueError):  # the formulas say nothing there
                    off = math.inf
                candidates = seeming.setdefault((libm, order, refused), [])
                if off or not refused:
                    heapq.heappush(candidates, (off, k, flat, numbers))
                if len(candidates) > CANDIDATES:
                    heapq.heappop(candidates)
    truths = functools.cache(lambda *flat: functools.cache(functools.partial(truth, rule, list(flat))))
    result: list[list[Error]] = []
    for libm in sorted({libm for libm, _, _ in seeming}):
        measured = [Error(0.0, order, [], (), 0.0, 0.0) for order in range(3)]
        chosen = {k: at for (of, _, _), found in seeming.items() if of == libm for _, k, *at in found}
        for flat, numbers in chosen.values():
            measured += errors(rule, flat, numbers, truths(*flat))
        result.append([max([x for x in measured if x.order == order], key=lambda x: x.ulps) for order in range(3)])
    return result


# ------------------------------------------------------------------------------------------------------- the table

TABLE = Path(__file__).with_name("exactness.md")
ROOT = TABLE.parents[2]
HEAD = "| operation | y | y′ | y″ | by XLA | counted in ulp of, where not of the result itself |\n" + 6 * "|---" + "|"


def notes(rule: Any) -> str:
    """The last column: the number in whose ulp the errors of a rule are counted."""
    named = [COUNTED_IN.get((rule.name, order), ("", None))[0] for order in range(3)]
    text = "; ".join(f"{of}: {text}" for of, text in zip(("y", "y′", "y″"), named) if text)
    return text.replace("|", r"\|")  # Markdown


def rounded(errors: Iterable[Error]) -> list[str]:
    """Errors in ulp, rounded up."""
    return [f"{math.ceil(10 * error.ulps) / 10:.1f}" for error in errors]


def table(page: str) -> list[list[str]]:
    """The cells of the table as it stands in exactness.md."""
    rows = page.partition(HEAD + "\n")[2].partition("\n\n")[0].split("\n")
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in rows]


def answer(folder: str) -> None:
    """What runs in Pyodide: computes at the points in the JSON file of each rule, and writes the results there."""
    for path in Path(folder).glob("*.json"):
        flats = json.loads(path.read_text())
        path.write_text(json.dumps([list(computed(RULES[path.stem], flat)) for flat in flats]))


def by_musl(pyodide: Path, chosen: Iterable[str], n: int, folder: Path) -> None:
    """Write what the engine gives with the libm of Pyodide, which is that of musl, into a file for each rule.

    Args:
        pyodide: the folder node_modules/pyodide that `npm install pyodide` makes.
        chosen: the names of the rules.
        n: of how many random points.
        folder: where the files are to lie.
    """
    for name in chosen:
        (folder / f"{name}.json").write_text(json.dumps(list(points(RULES[name], n))))
    script, packages = ROOT / "tests/support/pyodide.mjs", Path(mpmath.__file__).parents[1]
    folders = [f"project={ROOT}", f"packages={packages}", f"exchange={folder}"]
    code = "from tests.properties.accuracy import answer; answer('/exchange')"
    subprocess.run(["node", str(script), str(pyodide.resolve().parent), *folders, code], check=True)


def main(arguments: Sequence[str]) -> None:
    """Measure rules and write their rows into the table of exactness.md; fail if one is beyond its bound."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties.accuracy", description=main.__doc__)
    parser.add_argument("rules", nargs="*", help="their names; none for all")
    parser.add_argument("--points", type=int, default=20_000, help="of each rule, besides the edges (%(default)s)")
    parser.add_argument("--engine", choices=["jax"], help="to measure compiled code on it in place of the rules")
    parser.add_argument("--musl", type=Path, help="node_modules/pyodide, to measure with the libm of musl, too")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.rules if name not in RULES]:
        parser.error(f"there is no rule {', '.join(unknown)} in autograd/ops.py")
    chosen = asked.rules or list(RULES)
    beyond: list[str] = []
    for name in chosen:
        try:
            oracle(RULES[name])
        except LookupError as missing:
            parser.error(str(missing))
    with tempfile.TemporaryDirectory() as folder:
        if asked.musl:
            by_musl(asked.musl, chosen, asked.points, Path(folder))
        for name in chosen:
            flats = points(RULES[name], asked.points)
            if asked.engine:
                by_xla = worst_by_xla(RULES[name], flats)
                if not too_far(RULES[name], by_xla, (BOUND_BY_XLA,) * 2, beyond):
                    write(name, by_xla=", ".join(rounded(by_xla)))
                continue
            here = ((flat, list(computed(RULES[name], flat))) for flat in flats)
            if asked.musl:
                there = json.loads((Path(folder) / f"{name}.json").read_text())
                given = ((flat, [x, [(tuple(index), got) for index, got in y]]) for (flat, x), y in zip(here, there))
            else:
                given = ((flat, [x]) for flat, x in here)
            found = worst(RULES[name], given)
            for libm, errors in zip(("here", "musl"), found):
                print(name, libm, *[f"{error.ulps:.2f} at {error.point}" for error in errors], sep="; ", flush=True)
            largest = [max(two, key=lambda error: error.ulps) for two in zip(*found)]
            if not too_far(RULES[name], largest, BOUND, beyond):
                write(name, rounded(largest))
    if beyond:
        raise SystemExit("\n".join(beyond))


def too_far(rule: Any, found: Sequence[Error], bounds: Sequence[float], beyond: list[str]) -> bool:
    """Whether an error is beyond its bound; then a sentence for each is added to a list."""
    off = [(error, bound) for error, bound in zip(found, bounds) if not error.ulps <= bound]
    for error, bound in off:
        what = ("the value", "a first derivative", "a second derivative")[error.order]
        beyond.append(
            f"{rule.name}: {what} at {error.point} is {error.got}, and truly {error.true}: {error.ulps:.1f} ulp off, "
            f"where {bound:g} are allowed; no row is written (where digits cancel, say in COUNTED_IN what counts)"
        )
    return bool(off)


def worst_by_xla(rule: Any, flats: Iterable[list[float]]) -> list[Error]:
    """The largest error of the value, and of a first derivative, of compiled code on JAX."""
    from tests.properties.accuracy_by_xla import UNCOUNTED, given_by_xla

    def counted(flat: list[float], numbers: Given) -> Given:
        exact = functools.partial(by_formulas_or_not, by_formulas(rule, flat))
        wanted = {(), *([] if at_a_kink(rule, flat) else [(0,)] if only_first_slope(rule, flat) else dict(numbers))}
        kept = [(index, x, exact(index)) for index, x in numbers if index in wanted]
        return [(index, x) for index, x, true in kept if isinstance(x, str) or abs(mpf(x) - true) >= UNCOUNTED]

    together = given_by_xla(rule, flats, lambda rule, xs: operands(rule, xs, size_of_groups(rule, xs)))
    found = worst(rule, ((flat, [counted(flat, numbers)]) for flat, numbers in together))[0][:2]
    print(
        rule.name,
        "XLA",
        *[f"{error.ulps:.2f} at {error.point}, got {error.got}" for error in found],
        sep="; ",
        flush=True,
    )
    return found


def by_formulas_or_not(exact: Truth, index: tuple[int, ...]) -> Any:
    """The true number, or an infinite one where the formulas say nothing."""
    try:
        return exact(index)[0]
    except (ZeroDivisionError, TypeError, ValueError):
        return mpf(math.inf)


def at_a_kink(rule: Any, flat: list[float]) -> bool:
    """Whether there is no one derivative."""
    return DISTANCE_TO_SINGULARITY.get(rule.name, lambda *_: 1.0)(*flat) == 0


def write(name: str, errors: Sequence[str] = (), by_xla: str = "") -> None:
    """Put the worst errors of a rule into the table: of the rule itself, or of compiled code on JAX."""
    text = TABLE.read_text(encoding="utf-8")
    before, _, after = text.partition(HEAD + "\n")
    cells = {line[0].strip("`"): line for line in table(text)}
    _, *old, compiled, _ = cells.get(name, [""] * 6)
    cells[name] = [f"`{name}`", *(errors or old), by_xla or compiled, notes(RULES[name])]
    ordered = "\n".join([f"| {' | '.join(cells[rule])} |" for rule in RULES if rule in cells])
    TABLE.write_text(f"{before}{HEAD}\n{ordered}\n\n{after.partition(chr(10) * 2)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
