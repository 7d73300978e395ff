"""Whatever is done, in any order: numbers, gradients and errors of Values are those that a plain ledger predicts.

Hypothesis makes up programs of up to 50 steps: building, differentiating, assigning, copying, forgetting, looking. The
ledger keeps a line for each node that was ever made, in the order of making, so that no graph needs to be walked: an
operand stands on an earlier line than its result. After each step all Values are compared with it.

STATE_MACHINE_EXAMPLES=2000 in the environment tries that many programs, of up to 100 steps.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import math
import operator
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import autograd
from autograd import Value, checkpoint, gradient, is_grad_enabled, no_grad

# ------------------------------------------------------------------------------------------------ calculus by hand


def _power(a: float, b: float) -> float:
    if a == 0 > b or (a < 0 and b == b and b % 1 != 0):
        raise ValueError
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf


def _power_slope(a: float, b: float) -> float:
    return 0.0 if a == 0 and b > 1 else b * _power(a, b - 1)  # 0 for an infinite b, too: it is 0 all around


def _exp(a: float) -> float:
    try:
        return math.exp(a)
    except OverflowError:
        return math.inf


class Operation(NamedTuple):
    """What the machine can do: with Values, with floats, and its local derivatives, of y and the operands."""

    symbol: str
    values: Callable[..., Any]
    floats: Callable[..., float]
    slopes: tuple[Callable[..., Any], ...]  # one for each operand; for a list of operands, one that gives them all


FLAT = None
"""The slope for an operand that the result doesn't depend on nearby: it hands nothing on."""

# fmt: off
UNARY = {
    "neg": Operation("-", operator.neg, operator.neg, (lambda y, a: -1.0,)),
    "tanh": Operation("tanh", autograd.tanh, math.tanh, (lambda y, a: 1 - y * y,)),
    "exp": Operation("exp", autograd.exp, _exp, (lambda y, a: y,)),
    "sqrt": Operation("sqrt", autograd.sqrt, math.sqrt, (lambda y, a: 0.5 / y,)),
    "relu": Operation("relu", autograd.relu, lambda a: 0.0 if a <= 0 else a, (lambda y, a: 1.0 if a > 0 else FLAT,)),
    "abs": Operation("abs", abs, abs, (lambda y, a: float(a > 0) - float(a < 0),)),
}
BINARY = {
    "add": Operation("+", operator.add, operator.add, (lambda y, a, b: 1.0, lambda y, a, b: 1.0)),
    "sub": Operation("-", operator.sub, operator.sub, (lambda y, a, b: 1.0, lambda y, a, b: -1.0)),
    "mul": Operation("*", operator.mul, operator.mul, (lambda y, a, b: b, lambda y, a, b: a)),
    "div": Operation("/", operator.truediv, operator.truediv, (lambda y, a, b: 1 / b, lambda y, a, b: -y / b)),
    "pow": Operation("**", operator.pow, _power, (
        lambda y, a, b: _power_slope(a, b) if b else 0.0 if a == a else math.nan,  # though nan⁰ is 1
        lambda y, a, b: y * math.log(a) if a else 0.0,  # negative numbers have no logarithm: no slope there
    )),
    "maximum": Operation("maximum", autograd.maximum, lambda a, b: a if a >= b or a != a else b, (
        lambda y, a, b: FLAT if a < b else 1.0 if a > b else 0.5,
        lambda y, a, b: FLAT if b < a else 1.0 if b > a else 0.5,
    )),
}
LISTS = {  # added from left to right, as the `sum` of Python 3.12 doesn't
    "sum": Operation("sum", autograd.sum, lambda *xs: reduce(operator.add, xs, 0.0), (lambda y, *xs: [1.0] * len(xs),)),
    "dot": Operation("dot", autograd.dot,  # of w₁ … wₙ, x₁ … xₙ, b
        lambda *xs: reduce(operator.add, map(operator.mul, xs[: len(xs) // 2], xs[len(xs) // 2 : -1]), xs[-1]),
        (lambda y, *xs: [*xs[len(xs) // 2 : -1], *xs[: len(xs) // 2], 1.0],)),
}
OPERATIONS = UNARY | BINARY | LISTS
# fmt: on
UNDEFINED = (ValueError, ZeroDivisionError)

# ------------------------------------------------------------------------------------------------------ the ledger


class Line(NamedTuple):
    """How a node was made, which never changes. Operands are the numbers of their lines, or floats."""

    operation: str = ""
    operands: tuple[int | float, ...] = ()
    numbers: tuple[float, ...] = ()
    assigned: tuple[int, ...] = ()  # how often each operand had been assigned to by then


Gradients = dict[int, tuple[float, float]]
"""For each line its gradient, and how far the engine's may be from it."""


class Refused(Exception):
    """What backward() must refuse, by an error of one of these kinds."""


class Ledger:
    """All nodes ever made, and what each of them should hold now."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.data: list[float] = []
        self.grad: list[float] = []
        self.label: list[str] = []
        self.assigned: list[int] = []

    def add(self, data: float, grad: float = 0.0, label: str = "", line: Line = Line()) -> int:  # noqa: B008
        for column, entry in zip(vars(self).values(), (line, data, grad, label, 0)):
            column.append(entry)
        return len(self.lines) - 1

    def compute(self, name: str, operands: Iterable[int | float], recorded: bool) -> int:
        operands = tuple(operands)
        numbers = tuple([self.data[x] if isinstance(x, int) else x for x in operands])
        line = Line(name, operands, numbers, self.times(operands)) if recorded else Line()
        return self.add(OPERATIONS[name].floats(*numbers), line=line)

    def times(self, operands: Iterable[int | float]) -> tuple[int, ...]:
        return tuple([self.assigned[x] for x in operands if isinstance(x, int)])

    def behind(self, i: int) -> list[int]:
        """The lines that line i depends on, itself included, the last one first."""
        found = {i}
        for j in range(i, -1, -1):
            if j in found:
                found.update(x for x in self.lines[j].operands if isinstance(x, int))
        return sorted(found, reverse=True)

    def sweep(self, i: int, seed: float = 1.0, wanted: Iterable[int] = (), adds: bool = False) -> Gradients | None:
        """What backward() from line i does, or gradient() for the wanted lines; None where that can't be predicted.

        backward() adds to what the leaves have, and this sum must be finite, too.
        Slopes need to exist only on a way to what is wanted, behind which no FLAT one is: an infinite one, or one that
        doesn't exist, makes an end that is not finite there, also where it is multiplied with 0.

        The engine may go another way through the graph, so what differs is the rounding of sums. Where n products are
        multiplied or added up, and their absolute values make the sum S, that is at most n ulps of S: slopes are the
        same floats here as there. Of noise around 0 none can say whether it is 0, where that matters (an infinite slope
        or none at all).
        """
        behind = self.behind(i)
        if not math.isfinite(self.data[i]):
            raise Refused(ValueError)
        for line, assigned in [(self.lines[j], self.assigned[j]) for j in behind]:
            if line.operation and (assigned or line.assigned != self.times(line.operands)):
                raise Refused(RuntimeError)
        ends = list(wanted) or [j for j in behind if not self.lines[j].operation]
        ways = {j for j in behind if not set(ends).isdisjoint(self.behind(j))}
        found, total = dict.fromkeys(behind, 0.0), dict.fromkeys(behind, 0.0)
        found[i], total[i] = seed, abs(seed)
        reached = {i} if seed else set()
        ulps = 4 * sum(len(self.lines[j].operands) for j in behind) * 2**-52  # a slope and a sum for each, twice
        for j in behind:
            line, g = self.lines[j], found[j]
            if not line.operation or j not in ways or j not in reached:
                continue
            noise = 0 < abs(g) <= ulps * total[j]
            for x, slope in self.slopes(j, ways):
                if slope is FLAT:
                    continue
                if noise and not math.isfinite(slope):
                    return None
                found[x] += g * slope
                total[x] += total[j] * abs(slope)
                reached.add(x)
        if not all(math.isfinite(found.get(j, 0.0) + (self.grad[j] if adds else 0.0)) for j in ends):
            raise Refused(UNDEFINED)
        return {j: (g, ulps * total[j]) for j, g in found.items()}

    def slopes(self, j: int, ways: set[int]) -> list[tuple[int, float | None]]:
        """The local derivatives of a line with respect to the operands that are on one of the ways; nan for none."""

        def at(d: Callable[..., Any]) -> Any:
            try:
                return d(y, *numbers)
            except UNDEFINED:
                return math.nan

        name, operands, numbers, _ = self.lines[j]
        y, rules = self.data[j], OPERATIONS[name].slopes
        on_the_way = [isinstance(x, int) and x in ways for x in operands]
        each = rules[0](y, *numbers) if name in LISTS else [at(d) if on else 0.0 for d, on in zip(rules, on_the_way)]
        return [(x, slope) for x, slope, on in zip(operands, each, on_the_way) if on]


def same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


# ----------------------------------------------------------------------------------------------------- the machine

numbers = st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 0.3, -0.7]) | st.floats(-4, 4)
extremes = st.sampled_from([2.0**600, -(2.0**600), math.inf, math.nan, 800.0])  # whose products are not finite
picks = st.integers(0, 12)  # 0 is the newest Value that is still there
several = st.lists(picks, min_size=1, max_size=3)
COPIES: dict[str, Callable[[list[Value]], list[Value]]] = {
    "detach": lambda values: [v.detach() for v in values],
    "copy": lambda values: [copy.copy(v) for v in values],
    "deepcopy": copy.deepcopy,
    **{f"pickle {p}": lambda values, p=p: pickle.loads(pickle.dumps(values, p)) for p in (0, 2, 5)},
}


def in_a_thread(f: Callable[[], Any]) -> Any:
    """What f returns or raises in another thread, which has entered no mode."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(f())
        except UNDEFINED as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


class Values(RuleBasedStateMachine):
    """Values, and the ledger of them; `values[i]` is that of line i, as long as someone holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.values = {self.ledger.add(2.0): Value(2.0)}
        self.entered: list[Any] = []
        self.seen: tuple[list[int], tuple[Value, ...]] = ([], ())  # what the last neuron looked at
        self.recomputed: set[int] = set()  # what checkpoints returned: their graphs show a hub

    def teardown(self) -> None:
        while self.entered:
            self.entered.pop().__exit__(None, None, None)
        if sys.exc_info()[0] is None:  # at the end of a program in which nothing failed
            for i, v in list(self.values.items()):  # of each, and of something new that was made of it
                self.build("neg", [i], v.__neg__)
            for a in range(len(self.values)):
                self.backward(a, 1.0)
            self.all_is_as_the_ledger_says()

    def pick(self, i: int | float) -> Any:
        """The line of a Value, for a number of `picks`; other numbers are floats, and stay."""
        return i if isinstance(i, float) else list(self.values)[-1 - i % len(self.values)]

    def held(self, operand: int | float) -> Any:
        return self.values[operand] if isinstance(operand, int) else operand

    # ------------------------------------------------------------------------------------------------- building

    @rule(x=numbers | extremes)
    def leaf(self, x: float) -> None:
        self.values[self.ledger.add(x)] = Value(x)

    def build(self, name: str, operands: list[Any], call: Callable[[], Any], way: str = "plainly") -> None:
        """Do an operation in some mode; if it isn't defined for these operands, both sides must refuse it."""
        run = {"plainly": call, "decorated": no_grad(call), "in a thread": lambda: in_a_thread(call)}[way]
        recorded = {"plainly": not self.entered, "decorated": False, "in a thread": True}[way]
        try:
            line = self.ledger.compute(name, operands, recorded)
        except UNDEFINED as error:
            with pytest.raises(type(error)):
                run()
        else:
            self.values[line] = run()

    @rule(
        several=st.lists(
            st.tuples(st.sampled_from([*UNARY, *BINARY, *BINARY]), picks, picks | numbers), min_size=1, max_size=5
        ),
        way=st.sampled_from(["plainly", "plainly", "plainly", "plainly", "decorated", "in a thread"]),
    )
    def operate(self, several: list[tuple[str, int, int | float]], way: str) -> None:
        """A few operations; where there are two operands, the first of all has them in the other order."""
        for k, (name, a, b) in enumerate(several):
            lines = [self.pick(a), self.pick(b)][:: 1 if k else -1] if name in BINARY else [self.pick(a)]
            operands = [self.held(x) for x in lines]
            self.build(name, lines, lambda f=OPERATIONS[name].values, xs=operands: f(*xs), way)

    @rule(ws=st.lists(picks | numbers, min_size=3, max_size=3), xs=several, b=picks | numbers, again=st.booleans())
    def neuron(self, ws: list[int | float], xs: list[int], b: int | float, again: bool) -> None:
        """A dot; `again` looks at the very tuple that the one before looks at, as the neurons of a layer do."""
        if not again or not self.seen[0]:
            lines = [self.pick(x) for x in xs]
            self.seen = lines, tuple([self.values[j] for j in lines])
        lines, inputs = self.seen
        weights = [self.pick(w if isinstance(ws[0], int) else float(w)) for w in ws[: len(lines)]]  # Values, or floats
        weights = [self.pick(w) for w in range(len(lines))] if len(set(map(type, weights))) > 1 else weights
        bias = self.pick(0 if again and isinstance(b, int) else b)  # the last neuron: which is then to be walked first?
        held, beta = [self.held(w) for w in weights], self.held(bias)
        self.build("dot", [*weights, *lines, bias], lambda: autograd.dot(held, inputs, beta))

    @rule(xs=several)
    def add_up(self, xs: list[int]) -> None:
        lines = [self.pick(x) for x in xs]
        self.build("sum", lines, lambda: autograd.sum([self.values[j] for j in lines]))

    @rule(a=picks, b=picks, c=picks)
    def checkpointed(self, a: int, b: int, c: int) -> None:
        """√|abc|, tanh abc and 0·abc, of a function that isn't given c but uses it; nobody holds its nodes."""
        i, j, k = self.pick(a), self.pick(b), self.pick(c)
        captured, recorded, compute = self.values[k], not self.entered, self.ledger.compute

        def f(x: Value, y: Value) -> list[Value]:
            z = x * y * captured
            return [autograd.sqrt(abs(z)), autograd.tanh(z), z * 0.0]

        z = compute("mul", [compute("mul", [i, j], recorded), k], recorded)
        lines = [compute("sqrt", [compute("abs", [z], recorded)], recorded)]
        lines += [compute("tanh", [z], recorded), compute("mul", [z, 0.0], recorded)]
        self.recomputed.update(lines)
        self.values.update(zip(lines, checkpoint(f)(self.values[i], self.values[j])))

    @rule(xs=several, how=st.sampled_from(list(COPIES)))
    def copied(self, xs: list[int], how: str) -> None:
        """Copies are leaves of their own, with number, gradient (but detached) and label; they keep what they share."""
        lines, ledger = [self.pick(x) for x in xs], self.ledger
        copies = COPIES[how]([self.values[i] for i in lines])
        kept = dict(zip(lines, copies))
        assert how in ("detach", "copy") or all(kept[i] is v for i, v in zip(lines, copies))
        for i, v in kept.items():
            self.values[ledger.add(ledger.data[i], 0.0 if how == "detach" else ledger.grad[i], ledger.label[i])] = v

    @precondition(lambda self: len(self.values) > 3)
    @rule(xs=several, collect=st.booleans())
    def forget(self, xs: list[int], collect: bool) -> None:
        for x in xs:
            del self.values[self.pick(x)]
        self.seen = ([], ())
        if collect:
            gc.collect(0)

    # ------------------------------------------------------------------------------------- modes and assignments

    @precondition(lambda self: len(self.entered) < 2)
    @rule(again=st.booleans())
    def enter_no_grad(self, again: bool) -> None:
        self.entered.append(self.entered[-1] if again and self.entered else no_grad())
        self.entered[-1].__enter__()

    @precondition(lambda self: self.entered)
    @rule(error=st.sampled_from([None, KeyError, KeyboardInterrupt]))
    def leave_no_grad(self, error: type[BaseException] | None) -> None:
        """All of them, the innermost first, one by one, with an error on the way or without."""
        while self.entered:
            block = self.entered.pop()
            try:
                if error:
                    raise error
                block.__exit__(None, None, None)
            except (KeyError, KeyboardInterrupt):
                assert not block.__exit__(*sys.exc_info())  # it swallows nothing
            assert is_grad_enabled() is (not self.entered)

    @precondition(lambda self: self.entered)
    @rule()
    def leave_soon(self) -> None:
        self.leave_no_grad(None)

    @rule(a=picks, x=numbers | st.just(2.0**600), any_of_all=st.booleans())
    def assign_data(self, a: int, x: float, any_of_all: bool) -> None:
        """To any node of all, or to a leaf that was used just before."""
        used = [j for line in self.ledger.lines[-10:] for j in line.operands if isinstance(j, int) and j in self.values]
        leaves = [j for j in used if not self.ledger.lines[j].operation]
        i = self.pick(a) if any_of_all or not leaves else leaves[-1 - a % len(leaves)]
        self.values[i].data = self.ledger.data[i] = x
        self.ledger.assigned[i] += 1

    @rule(a=picks, grad=numbers, label=st.sampled_from(["", "a", "b"]))
    def assign(self, a: int, grad: float, label: str) -> None:
        i = self.pick(a)
        for attribute in ("data", "grad", "label"):
            with pytest.raises(TypeError):
                setattr(self.values[i], attribute, None)
        self.values[i].grad = self.ledger.grad[i] = grad
        self.values[i].label = self.ledger.label[i] = label

    @rule()
    def zero_grad(self) -> None:
        for i, v in self.values.items():
            v.grad = self.ledger.grad[i] = 0.0

    # -------------------------------------------------------------------------------------------- differentiating

    def foretold(self, call: Callable[[], Any], *sweep: Any) -> tuple[Any, Gradients]:
        """What the call returns, and what the ledger says of gradients, which is nothing if both sides refuse."""
        try:
            expected = self.ledger.sweep(*sweep)
        except Refused as refused:
            with pytest.raises(refused.args[0]):
                call()
            return None, {}
        return (None, {}) if expected is None else (call(), expected)

    @rule(a=picks, seed=st.just(1.0) | numbers | extremes)
    def backward(self, a: int, seed: float) -> None:
        i, ledger = self.pick(a), self.ledger
        if not math.isfinite(seed):
            with pytest.raises((ValueError, RuntimeError), match=r"seed must be|cannot differentiate|assigned to"):
                self.values[i].backward(seed)
            return
        for j, (g, slack) in self.foretold(lambda: self.values[i].backward(seed), i, seed, (), True)[1].items():
            g += 0.0 if ledger.lines[j].operation else ledger.grad[j]
            if j in self.values:
                found = self.values[j].grad  # that of a computed node may be infinite, or none
                assert same(found, g) or abs(found - g) <= slack + 2**-52 * abs(g)  # which is of this last sum
                g = self.values[j].grad  # so that roundings don't add up, and "unchanged" is to the last digit
            ledger.grad[j] = g

    @rule(a=picks, xs=several, create_graph=st.booleans())
    def gradient(self, a: int, xs: list[int], create_graph: bool) -> None:
        i, lines = self.pick(a), [self.pick(x) for x in xs]
        inputs = [self.values[j] for j in lines]
        slopes, expected = self.foretold(lambda: gradient(self.values[i], inputs, create_graph), i, 1.0, lines)
        for j, g in zip(lines, slopes or ()):
            g, (exact, slack) = g.data if create_graph else g, expected.get(j, (0.0, 0.0))
            assert abs(g - exact) <= slack

    @rule(a=picks)
    def steps(self, a: int) -> None:
        i = self.pick(a)
        slopes, expected = self.foretold(lambda: autograd.steps(self.values[i]).gradients, i)
        for j in self.values.keys() & expected.keys():
            assert abs(slopes[self.values[j]] - expected[j][0]) <= expected[j][1]

    @rule(a=picks, b=picks)
    def look(self, a: int, b: int) -> None:
        """Pictures, explanations and transforms of functions may refuse, but change nothing."""
        v, w = self.values[self.pick(a)], self.values[self.pick(b)]
        for call in (
            lambda: str(autograd.draw(v, local_derivatives=True, expand=True)),
            lambda: str(autograd.explain(v, w)),
            lambda: autograd.grad(lambda x: x * v * w)(2.0),
            lambda: (autograd.topological_order(v), repr(v), f"{v:.2f}", v < w, bool(v)),
        ):
            with contextlib.suppress(*UNDEFINED, RuntimeError):
                call()

    # ---------------------------------------------------------------------------------------------------- what holds

    @invariant()
    def all_is_as_the_ledger_says(self) -> None:
        assert is_grad_enabled() is (not self.entered)
        for i, v in self.values.items():
            assert same(v.data, self.ledger.data[i])
            assert same(v.grad, self.ledger.grad[i])
            assert v.label == self.ledger.label[i]
            line = self.ledger.lines[i]
            if i not in self.recomputed:
                made_of = [x for x in line.operands if isinstance(x, int)]
                assert v.op == (OPERATIONS[line.operation].symbol if line.operation else "")
                assert [id(self.values.get(j, p)) for j, p in zip(made_of, v.parents, strict=True)] == [
                    *map(id, v.parents)
                ]


TestValues = pytest.mark.slow(Values.TestCase)
if "STATE_MACHINE_EXAMPLES" in os.environ:
    TestValues.settings = settings(max_examples=int(os.environ["STATE_MACHINE_EXAMPLES"]), stateful_step_count=100)
