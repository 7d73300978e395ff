"""What a reader with fresh eyes found: programs that were silently wrong, each now right or refused."""

from __future__ import annotations

import copy
import functools
import math
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.program import Program, TraceError, compile

from .test_compile import agree, leaf

RNG = np.random.default_rng(1)
X, Y = RNG.normal(size=(5, 2)), RNG.normal(size=5)

# ----------------------------------------------------------------------------------- traced numbers that are looked for

COMPARED: dict[str, Callable[..., Any]] = {
    "x == y": lambda w, x, y: w if x == y else 2 * w,
    "x != y": lambda w, x, y: w if x != y else 2 * w,
    "x != x": lambda w, x, y: w if x != x else 2 * w,
    "2 * x == y": lambda w, x, y: w if 2 * x == y else 2 * w,
    "in [y]": lambda w, x, y: w if x in [y] else 2 * w,
    "[x] == [y]": lambda w, x, y: w if [x] == [y] else 2 * w,
    "in {0.0, 1.0}": lambda w, x, y: w if x in {0.0, 1.0} else 2 * w,
    "{0.0: w}.get": lambda w, x, y: {0.0: w}.get(x, 2 * w),
    "{(0.0, 1.0): w}.get": lambda w, x, y: {(0.0, 1.0): w}.get((x, y), 2 * w),
    "len({x, y})": lambda w, x, y: w * len({x, y}),
    "len({x + 1, y})": lambda w, x, y: w * len({x + 1, y}),
    "Counter": lambda w, x, y: w * len(Counter([x, y])),
    "np.array([x]) == np.array([y])": lambda w, x, y: w * (np.array([x]) == np.array([y])).sum(),
}


@pytest.mark.parametrize("name", COMPARED)
def test_numbers_that_are_compared_or_looked_up_are_refused_with_the_line_of_the_user(name: str) -> None:
    w, f = leaf(), COMPARED[name]
    with pytest.raises(TraceError) as refusal:
        compile(lambda x, y: f(w, x, y), [w])([0.0, 1.0], [0.0, 2.0])
    assert f"{Path(__file__)}:{f.__code__.co_firstlineno}: " in str(refusal.value)
    assert name in str(refusal.value)


def test_values_are_still_themselves_in_sets_and_dicts() -> None:
    w, v = leaf(0.7), leaf(-0.3, "v")

    def loss(x: Any) -> Any:
        a, b = w * x[0], v * x[1]
        known = {a: 1.0, b: 2.0}
        return a * known[a] + b * known[b] if a != b and a in {a, b} and w != x[0] else w

    agree(loss, [w, v], X)


def test_a_library_that_asks_for_a_number_is_not_the_line_that_is_named() -> None:
    def f(x: Any) -> Any:
        return np.max(x)

    with pytest.raises(TraceError, match="the number of argument") as refusal:
        compile(f)([[1.0, 2.0]])
    assert str(refusal.value).startswith(f"{Path(__file__)}:{f.__code__.co_firstlineno + 1}: ")


# ------------------------------------------------------------------------------------------ what stands around, changed


def test_a_variable_that_has_changed_is_that_of_the_call() -> None:
    w, factor = leaf(2.0), 1.0

    def scaled(x: Any) -> Any:
        return factor * x

    def loss(x: Any) -> Any:
        return sum([w * scaled(x) for _ in range(1)])

    program = compile(loss, [w])
    assert program([1.0, 3.0]) == 4.0
    factor = 10.0
    assert program([1.0, 3.0]) == 40.0


SCALE = 1.0


def test_a_global_that_has_changed_is_that_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    w = leaf(2.0)
    program = compile(lambda x: [w * x * SCALE][0], [w])
    assert program([3.0]) == 6.0
    monkeypatch.setitem(globals(), "SCALE", -1.0)
    assert program([3.0]) == -6.0


def test_settings_in_lists_dicts_partials_and_defaults_are_those_of_the_call() -> None:
    w, settings, powers = leaf(2.0), {"lam": 1.0}, [1.0, 2.0]
    program = compile(functools.partial(lambda s, x: s["lam"] * w * x ** powers[0], settings), [w])
    assert program([3.0]) == 6.0
    settings["lam"] = 0.5
    assert program([3.0]) == 3.0
    powers[0] = 2.0
    assert program([3.0]) == 9.0
    powers.insert(0, 0.0)
    assert program([3.0]) == 1.0


def test_an_array_in_place_of_another_is_that_of_the_call() -> None:
    w, constants = leaf(2.0), np.array([1.0, 2.0])
    program = compile(lambda x: w * autograd.dot(constants, x), [w])
    assert program([[1.0, 1.0]]) == 6.0
    constants = np.array([5.0, 2.0])
    assert program([[1.0, 1.0]]) == 14.0


def test_what_has_not_changed_is_not_followed_again() -> None:
    model, runs = nn.MLP(2, [3, 1], "tanh", seed=0), []
    table = [[0.0, 1.0], [2.0, 3.0]]

    def loss(x: Any, y: Any) -> Any:
        runs.append(None)
        return (model(x) - y) ** 2 + table[0][1]

    program = compile(loss, model.parameters())
    for mode in (model.train, model.eval, model.train):
        mode()
        program(X, Y)
        program.map(X, Y)
    assert len(runs) == 1


def changed_layer(model: Any) -> None:
    model.layers[1] = nn.Layer(3, 1, "tanh", seed=7)


def appended_layer(model: Any) -> None:
    model.layers.append(nn.Layer(1, 1, "tanh", seed=7))


def other_activation(model: Any) -> None:
    for neuron in model.layers[0].neurons:
        neuron.activation = autograd.sin


@pytest.mark.parametrize("change", [changed_layer, appended_layer, other_activation])
def test_a_model_that_has_changed_is_that_of_the_call(change: Callable[[Any], None]) -> None:
    model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=0), nn.Layer(3, 1, "linear", seed=1))

    def loss(x: Any, y: Any) -> Any:
        return (model(x) - y) ** 2

    kept = model.layers[0].parameters()
    program = agree(loss, kept, X, Y)
    change(model)
    agree(loss, kept, X, Y, program=program)


class Switched(nn.Module):
    """A module of a user, who asks for the mode without ado."""

    def __init__(self) -> None:
        self.w, self.gain = nn.Parameter(2.0), 3.0

    def __call__(self, x: Any) -> Any:
        return self.w * x * self.gain if self.training else self.w * x


def test_a_module_of_a_user_follows_its_mode_and_its_attributes() -> None:
    model = Switched()
    program = compile(lambda x: model(x), model.parameters())
    assert program([1.0]) == 6.0
    model.eval()
    assert program([1.0]) == 2.0
    model.train().gain = 5.0
    assert program([1.0]) == 10.0


class Remembering(nn.Module):
    """A module that keeps its last result, for those who want to look at it."""

    def __init__(self) -> None:
        self.w, self.out, self.scale, self.calls = nn.Parameter(2.0), None, 1.0, 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        self.out = self.w * autograd.sum(x) * self.scale
        return self.out


def test_what_the_function_itself_changes_is_no_reason_to_follow_it_again() -> None:
    model = Remembering()
    program = compile(lambda x: model(x), model.parameters())
    for _ in range(3):
        assert program([[1.0, 2.0]]) == 6.0
        assert program([[1.0, 2.0, 3.0]]) == 12.0
    assert model.calls == 2
    model.scale = 10.0
    assert program([[1.0, 2.0]]) == 60.0
    assert model.calls == 3


def test_a_number_that_was_read_is_told_from_its_negative_zero() -> None:
    w, s = leaf(2.0), Value(0.0)
    program = compile(lambda x: w * x * math.atan2(s.data, -1.0), [w])
    assert program([1.0]) == 2 * math.pi
    s.data = -0.0
    assert program([1.0]) == -2 * math.pi


# -------------------------------------------------------------------------------------------- what a program is given


@pytest.mark.parametrize(
    ("loss", "targets", "wrong"),
    [
        (nn.hinge_loss, [1, -1, 1], 0),
        (nn.hinge_loss, [1, -1, 1], math.nan),
        (nn.binary_cross_entropy_with_logits, [1, 0.25, 0], 2),
        (nn.binary_cross_entropy_with_logits, [1, 0.25, 0], -0.5),
        (nn.binary_cross_entropy_with_logits, [1, 0.25, 0], math.nan),
    ],
)
def test_a_target_that_the_loss_does_not_allow_is_named_with_its_row(loss: Any, targets: Any, wrong: float) -> None:
    w, xs = leaf(), [0.5, -1.0, 2.0]
    for f in (lambda x, t: loss(w * x, t), lambda x, t: loss([w * x], [1 * t])):
        program = agree(f, [w], xs, targets)
        assert program.map(xs, targets) == pytest.approx([loss(0.7 * x, t) for x, t in zip(xs, targets)], rel=1e-14)
        for call in (program, program.map, program.input_gradients):
            with pytest.raises(ValueError, match="row 1: targets must be"):
                call(xs, [targets[0], wrong, targets[2]])
        assert w.grad == 0.0


def test_what_is_infinite_but_not_asked_for_makes_no_output_undefined() -> None:
    def loss(x: Any, k: Any) -> Any:
        return nn.nll_loss([x, -math.inf, 2 * x], k)

    assert compile(loss).map([1.0, 2.0], [0, 2]) == [-1.0, -4.0]
    assert compile(loss).map([1.0, 2.0], [1, 2]) == [math.inf, -4.0]
    step = autograd.straight_through(lambda a: a > 0)
    outputs = compile(lambda x: [step(x), (autograd.log(x),)]).map([math.nan, -1.0, 1.0])
    assert repr(outputs) == "[[0.0, (nan,)], [0.0, (nan,)], [1.0, (0.0,)]]"


class Frame:
    """Like a DataFrame: an array for NumPy, the names of its columns for a loop."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([[1.0, 2.0], [3.0, -4.0]], dtype)

    def __iter__(self) -> Any:
        return iter(["a", "b"])


def test_the_rows_of_what_is_only_like_an_array_are_its_rows() -> None:
    w = leaf(2.0)
    with pytest.raises(ValueError, match=r"row 1: log\(-4.0\)"):
        compile(lambda x: w * x[0] * autograd.log(x[1]), [w])(Frame())
    with pytest.raises(ValueError, match=r"row 1: log\(-4.0\)"):
        compile(lambda x: w * autograd.tanh(autograd.log(x[1]))).input_gradients(Frame())
    assert compile(lambda x: w * x[0], [w])(Frame()) == 4.0


def test_masked_numbers_are_not_taken_for_numbers() -> None:
    w = leaf(2.0)
    with pytest.raises(TypeError, match="argument 0 must be an array of real numbers"):
        compile(lambda x: w * x, [w])(np.ma.array([1.0, 5.0], mask=[False, True]))
    assert compile(lambda x: w * x, [w])(np.ma.array([1.0, 5.0])) == 6.0


def test_a_position_is_not_a_truth_value() -> None:
    with pytest.raises(ValueError, match="argnums must be the position of an argument, from 0 to 0, got False"):
        compile(lambda x: x * x).input_gradients([1.0], argnums=False)


# ------------------------------------------------------------------------------------------------------ its own objects


def test_a_program_is_not_copied_for_its_function_would_not_be() -> None:
    model = nn.MLP(1, [1], seed=0)
    model.program = compile(model, model.parameters())
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        for item in (model.program, Program(functools.partial(model)), model):
            if not (item is model and duplicate is copy.copy):  # whose copy has the same program, as is right
                with pytest.raises(TypeError, match=r"can't be copied, .* compile the function of the copy instead"):
                    duplicate(item)


def test_a_long_chain_of_parameters_alone_compiles() -> None:
    w = leaf()

    def chain(x: Any) -> Any:
        y = w
        for _ in range(2000):  # twice the depth that Python's recursion has
            y = autograd.sin(y)
        return y * x[0]

    agree(chain, [w], X)


# ------------------------------------------------------------------------------------------------ a training, compiled


def trained(compiled: bool, change: str) -> list[float]:
    """Every number that a training leaves in which something changes after an epoch or a step."""
    factor, beta, held = 1.0, Value(1.0), [0.5]
    model = nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.Dropout(0.3, seed=2), nn.Layer(3, 1, "linear", seed=3))

    def loss(y: Any, t: Any) -> Any:
        return factor * beta * held[0] * nn.mse_loss(y, t)

    def after_epoch(model: Any, history: nn.History) -> None:
        nonlocal factor
        if change == "variable":
            factor *= 0.5
        if change == "list":
            held[0] *= 0.5
        if change == "setting of a layer":
            model.layers[1].p = 0.1 * len(history.loss)
        if change == "layer" and len(history.loss) == 2:
            model.layers.insert(1, nn.Layer(3, 3, "sin", seed=4))

    def rate(step: int) -> float:
        if change == "value":
            beta.data = 1 / (1 + step)
        return 1.0

    optimizer = nn.Adam(model.parameters(), 0.05)
    history = nn.fit(
        model, loss, X, Y, optimizer=optimizer, epochs=4, batch_size=2, seed=0, progress=False, compile=compiled,
        callbacks=[after_epoch], schedule=rate,
    )  # fmt: skip
    return [*history.loss, *model.state_dict().values(), *[p.grad for p in optimizer.params]]


@pytest.mark.parametrize("change", ["nothing", "variable", "list", "setting of a layer", "layer", "value"])
def test_what_changes_between_the_steps_changes_a_compiled_training_as_any_other(change: str) -> None:
    one, other = trained(False, change), trained(True, change)
    # the order of summation differs: a few digits of the last, which 12 steps of Adam carry on
    assert other == pytest.approx(one, rel=1e-9, abs=1e-11)
    assert (one != trained(False, "nothing")) == (change != "nothing")


def test_a_gradient_that_the_function_reads_is_refused_and_not_baked_in():
    w = Value(2.0, label="w")
    with pytest.raises(TraceError, match=r"a \.grad is asked for"):
        compile(lambda x: w * x + w.grad, [w])([1.0, 2.0])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_of_a_parameter_is_refused_and_one_of_another_value_follows_it(copied):
    w, factor = Value(2.0, label="w"), Value(3.0)
    with pytest.raises(TraceError, match="w"):
        compile(lambda x: copied(w) * x, [w])([1.0, 2.0])
    program = compile(lambda x: w * x * copied(factor), [w])
    assert program([1.0]) == 6.0
    factor.data = 5.0
    assert program([1.0]) == 10.0


def test_gradients_that_add_up_to_infinity_over_the_calls_are_refused():
    w, v = Value(1.0, label="w"), Value(1.0)
    program = compile(lambda x: w * x + v, [w, v])
    program([1.7e308])
    with pytest.raises(ValueError, match=r"the gradient of w=1\.0 adds up to inf: it was 1\.7e\+308 before"):
        program([1.7e308])
    assert (w.grad, v.grad) == (1.7e308, 1.0)
