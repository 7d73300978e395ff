"""An operation of one's own is as good as those of the package, and nothing is half defined."""

from __future__ import annotations

import copy
import gc
import inspect
import math
import pickle
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import GradcheckError, Value, check_rule, grad, gradient, hessian, jacobian, jvp, ops, primitive, tiny
from autograd.custom.points import drawn
from autograd.custom.primitives import remove
from autograd.expression import ExpressionError, parse
from autograd.notation.formulas import formula
from autograd.operators import METHODS, Operators
from autograd.program import compile
from autograd.rules import Binary, Nary
from autograd.transforms.tree import leaves_of
from autograd.vocabulary import FUNCTIONS
from tests.support.rules import every_rule

ROOT = Path(__file__).parents[3]


def cube() -> Any:
    return primitive(
        "cube", lambda a: a**3, lambda y, a: 3 * a * a, formula="a³", latex="{#1}^3", symbol="³", expression=True
    )


def distance() -> Any:
    return primitive("distance", lambda a, b: abs(a - b), (lambda y, a, b: (a - b) / y, lambda y, a, b: (b - a) / y))


def power_sum() -> Any:
    """Σ w x³ + b², of two lists and a number."""

    @primitive("power_sum", lists=True, expression=True, derivative=slopes_of_power_sum)
    def power_sum(ws, xs, b):
        return sum([w * x**3 for w, x in zip(ws, xs)]) + b * b

    return power_sum


def slopes_of_power_sum(y, ws, xs, b):
    return [x**3 for x in xs], [3 * w * x * x for w, x in zip(ws, xs)], 2 * b


def state() -> tuple[Any, ...]:
    """All the places where the name of a rule stands."""
    return (
        dict(ops.RULES),
        dict(METHODS),
        dict(FUNCTIONS),
        set(vars(autograd)),
        list(autograd.__all__),
        set(vars(Operators)),
    )


def test_it_is_a_function_a_method_an_activation_and_a_name_in_expressions():
    rule = cube()
    assert autograd.cube is rule
    assert rule(2.0) == Value(2.0).cube().data == tiny.Value(2.0).cube().data == 8.0
    assert "cube" in dir(autograd)
    assert (
        nn.MLP(2, [2, 1], activation="cube", seed=0)([1.0, 2.0]).data
        == nn.MLP(2, [2, 1], rule, seed=0)([1.0, 2.0]).data
    )
    assert parse("cube(x) + 1")(2.0) == 9.0
    assert grad(parse("cube(x)"))(2.0) == 12.0


def test_it_can_only_stand_in_expressions_if_that_is_asked_for():
    distance()
    with pytest.raises(ExpressionError, match="distance may stand in expressions if it is defined by primitive"):
        parse("distance(x, y)")


@pytest.mark.parametrize("make", [cube, distance, power_sum])
def test_it_is_right_in_every_way(make):
    assert check_rule(make())


def test_its_derivatives_of_every_order_and_direction_are_right():
    rule = cube()
    assert grad(grad(grad(rule)))(2.0) == 6.0
    assert jvp(rule, (2.0,), (0.5,)) == (8.0, 6.0)
    assert hessian(lambda v: rule(v[0]) * v[1])([2.0, 3.0]) == [[36.0, 12.0], [12.0, 0.0]]
    x = Value(2.0)
    rule(x).backward()
    assert x.grad == 12.0


def test_it_is_drawn_stepped_explained_and_written():
    x = Value(2.0, label="x")
    rule = cube()
    y = rule(x) + 1
    assert "³" in autograd.draw(y, local_derivatives=True).source
    assert "cube(x)" in str(autograd.steps(y))
    assert "3 * x * x" in str(autograd.explain(y, x))
    assert formula(y).latex == "{x}^3 + 1"
    assert "cube(A)" in str(compile(lambda a: rule(a)).explain([1.0]))


def test_it_is_compiled_with_a_kernel_of_its_own_or_without():
    calls = []

    def kernel(a):
        calls.append(a.shape)
        return a**3

    w = Value(0.5)
    rule = primitive("cube", lambda a: a**3, lambda y, a: 3 * a * a, kernels={"numpy": kernel})
    assert compile(lambda x: rule(w * x), [w])([1.0, 2.0]) == 0.5625
    assert (1, 2) in calls
    assert w.grad == pytest.approx(3 * 0.25 * 4.5, rel=1e-15)
    longest = primitive(
        "longest", lambda xs: max(map(abs, xs)), lambda y, xs: [x / y if abs(x) >= y else 0.0 for x in xs], lists=True,
        kernels={"numpy": lambda xs: abs(xs).max(axis=1)},
    )  # fmt: skip
    assert check_rule(longest)


def test_a_derivative_that_is_arithmetic_is_compiled_to_arrays_and_any_other_number_by_number():
    w = Value(0.5)
    scale = 2.0
    arithmetic = primitive("one", lambda a: scale * a * a, lambda y, a: 2 * scale * autograd.identity(a))
    settings = {"scale": 2.0}
    asks = primitive("two", lambda a: scale * a * a, lambda y, a: 2 * settings["scale"] * a)
    for rule, expected in ((arithmetic, False), (asks, True)):
        assert ("slope_" in str(compile(lambda x, rule=rule: rule(w * x), [w]).explain([1.0]))) == expected


def test_a_name_without_latex_is_written_as_a_word():
    rule = primitive("my_cube", lambda a: a**3, lambda y, a: 3 * a * a)
    assert rule.latex == r"\operatorname{my\_cube}(#1)"
    assert distance().latex == r"\operatorname{distance}(#1, #2)"
    assert (distance().formula, power_sum().formula) == ("distance(a, b)", "power_sum(ws, xs, b)")
    assert [str(inspect.signature(x)) for x in (rule, power_sum())] == [
        "(a, /)",
        "(ws: 'Iterable', xs: 'Iterable', b, /)",
    ]


def test_which_operands_are_lists_shows_in_the_name_or_when_it_is_tried():
    assert check_rule(primitive("norm1", lambda v: sum(map(abs, v)), lambda y, v: [x / abs(x) for x in v], lists=True))

    @primitive("shifted", derivative=lambda y, bias, z: (1.0, [1.0 for _ in z]), lists=True, expression=True)
    def shifted(bias, z):
        return bias + sum(z)

    assert parse("shifted(1, [x, -2])")(3.0) == 2.0
    assert str(inspect.signature(shifted)) == "(bias, z: 'Iterable', /)"


def test_the_docstring_of_the_function_is_kept():
    @primitive("half", derivative=lambda y, a: 0.5)
    def half(a):
        """Half of a number."""
        return a / 2

    assert half.__doc__ == "y = half(a).\n\nHalf of a number."


# -------------------------------------------------------------------------------------------- defined again, and taken


def test_a_cell_can_run_again_and_old_nodes_keep_their_rule():
    x = Value(2.0)
    before = cube()(x)
    doubled = primitive("cube", lambda a: 2 * a**3, lambda y, a: 6 * a * a)
    assert autograd.cube is doubled
    assert x.cube().data == 16.0
    assert "cube" not in FUNCTIONS
    before.backward()
    assert x.grad == 12.0


def test_a_rule_may_become_one_of_another_kind():
    cube()
    rule = primitive("cube", lambda xs: sum(xs), lambda y, xs: [1.0 for _ in xs], lists=True)
    assert autograd.cube is rule
    assert not hasattr(Value, "cube")
    with pytest.raises(ValueError, match="no activation 'cube'"):
        nn.Neuron(2, "cube")


def test_compiled_code_takes_up_a_rule_that_was_defined_again():
    cube()
    program = compile(lambda x: x.cube())
    assert program([2.0]) == 8.0
    primitive("cube", lambda a: 2 * a**3, lambda y, a: 6 * a * a)
    assert program([2.0]) == 16.0


def test_compiled_code_reads_what_a_derivative_reads():
    settings = {"scale": 1.0}
    rule = primitive("scaled", lambda a: settings["scale"] * a, lambda y, a: settings["scale"])
    program = compile(lambda x: rule(x))
    assert program.input_gradients([1.0]).tolist() == [1.0]
    settings["scale"] = 3.0
    assert program([1.0]) == 3.0
    assert program.input_gradients([1.0]).tolist() == [3.0]


def test_a_rule_that_is_gone_leaves_nothing_behind():
    before = state()
    cube()
    from autograd.custom.primitives import remove

    remove("cube")
    remove("cube")
    remove("tanh")
    assert state() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tanh", "'tanh' is taken: autograd has something of that name"),
        ("gelu_tanh", "'gelu_tanh' is taken: autograd has"),
        ("grad", "'grad' is taken: autograd has"),
        ("show", "'show' is taken: autograd has"),  # a folder of the package
        ("backward", "'backward' is taken: a Value has"),
        ("linear", "'linear' is taken: nn has"),
        ("pi", "'pi' is taken: an expression has"),
        ("for", "name must be a name for a function, such as 'cube', got 'for'"),
        ("two words", "name must be a name"),
        ("_hidden", "name must be a name"),
        ("", "name must be a name"),
        (3, "name must be a name for a function, such as 'cube', got 3"),
    ],
)
def test_a_name_that_is_taken_or_no_name_is_refused(name, message):
    before = state()
    with pytest.raises(ValueError, match=message):
        primitive(name, lambda a: a**3, lambda y, a: 3 * a * a, expression=True)
    assert state() == before


def test_a_name_that_another_module_has_defined_is_refused():
    cube()
    other = {"__name__": "elsewhere", "primitive": primitive}
    with pytest.raises(ValueError, match=r"'cube' is taken: .*test_primitives has defined <rule cube: y = a³>"):
        exec("primitive('cube', lambda a: a ** 3, lambda y, a: 3 * a * a)", other)


def square(a: float) -> float:
    return a * a


def twice(y: Any, a: Any) -> Any:
    return 2 * a


def ones(y: Any, *xs: Any) -> Any:
    return xs


REFUSED = {
    "a wrong derivative": (square, lambda y, a: a, {}, GradcheckError, r"^the derivative at q\(0.37\): .* is wrong"),
    "a wrong second derivative": (
        square, lambda y, a: 2 * (a.detach() if isinstance(a, Value) else a), {},
        GradcheckError, r"^the second derivative at q\(0.37\)",
    ),
    "a derivative without y": (
        square, lambda a: 2 * a, {}, TypeError, r"derivative must be a function of \(y, a\), got one of \(a\)",
    ),
    "a derivative of nothing": (square, lambda y, a: None, {}, TypeError, "of q must be a real number, got None"),
    "a text": (square, lambda y, a: "2", {}, TypeError, "derivative of q must be a real number, got '2'"),
    "no derivative": (square, 3, {}, TypeError, "a function, or a pair of them for two operands, got 3"),
    "three": (square, (square,) * 3, {}, TypeError, "derivative must be a function, or a pair"),
    "a pair for lists": (square, (twice,) * 2, {"lists": True}, TypeError, "derivative must be one function, got"),
    "no function": (3, twice, {}, TypeError, "primitive takes a function, got 3"),
    "a function of two": (math.pow, twice, {}, TypeError, r"derivative must be a pair for a function of two operands"),
    "both slopes by one": (math.pow, lambda y, a, b: (b, a), {}, TypeError, r"pair .*: functions of \(y, a, b\)"),
    "a function of three": (lambda a, b, c: a, twice, {}, TypeError, r"forward must be a function of \(a\)"),
    "a list for a number": (lambda a: [a], twice, {}, TypeError, r"q must return one number, got \[0.37\]"),
    "nothing for a number": (lambda a: None, twice, {}, TypeError, "result of q must be a real number, got None"),
    "an error of the function": (lambda a: a.none, twice, {}, AttributeError, "none"),
    "latex that is not raw": (square, twice, {"latex": "\frac{#1}{2}"}, ValueError, "as a raw string"),
    "latex without the operand": (square, twice, {"latex": "x^2"}, ValueError, "latex must have #1 in the place"),
    "latex with an open bracket": (square, twice, {"latex": "{#1"}, ValueError, "as many { as }"),
    "latex of another type": (square, twice, {"latex": 2}, TypeError, "latex must be a string, got 2"),
    "a domain of other names": (square, twice, {"domain": "x > 0"}, ValueError, "must be a condition on a, such as"),
    "a domain that is no condition": (square, twice, {"domain": "a >"}, ValueError, "domain must be a condition on a"),
    "an empty domain": (square, twice, {"domain": "a > 1e9"}, ValueError, "no point was found where q is defined"),
    "a point too many": (square, twice, {"points": [(1.0, 2.0)]}, ValueError, r"points\[0\] must have 1"),
    "points that are none": (square, twice, {"points": 3}, TypeError, "points must be a list of points"),
    "an engine that is none": (square, twice, {"kernels": {"abacus": abs}}, ValueError, "'jax', got {'abacus'"),
    "a kernel that is none": (square, twice, {"kernels": abs}, ValueError, "kernels must be a dict with functions"),
    "a kernel of another function": (
        square, twice, {"kernels": {"numpy": lambda a: a}},
        AssertionError, r"compiled, q\(0.37\) is 0.37, and not 0.1369",
    ),
    "a kernel of another shape": (
        square, twice, {"kernels": {"numpy": lambda a: a.repeat(3)}}, ValueError, "the kernel of q for 'numpy' fails: ",
    ),
    "too few slopes": (
        sum, lambda y, xs: [1.0], {"lists": True, "points": [([1.0, 2.0],)]}, TypeError, "must give 2 slopes",
    ),
    "lists that are not named": (lambda *xs: sum(xs), ones, {"lists": True}, ValueError, "give some points"),
    "lists without names in an expression": (
        lambda *xs: sum(xs), ones, {"lists": True, "points": (), "expression": True},
        ValueError, "q can't stand in expressions",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("forward", "derivative", "options", "kind", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_as_it_should_be_is_refused_in_a_line_and_leaves_nothing(
    forward, derivative, options, kind, message
):
    before = state()
    with pytest.raises(kind, match=message) as caught:
        primitive("q", forward, derivative, **options)
    assert "\n" not in str(caught.value)
    assert state() == before


def test_a_wrong_derivative_leaves_the_rule_that_was_there():
    rule = cube()
    with pytest.raises(GradcheckError):
        primitive("cube", lambda a: a**3, lambda y, a: 2 * a * a)
    assert autograd.cube is rule
    assert Value(2.0).cube().data == 8.0


def test_a_derivative_that_is_meant_to_be_another_is_not_compared():
    step = primitive(
        "step", lambda a: float(a > 0), lambda y, a: autograd.sigmoid(a) * (1 - autograd.sigmoid(a)), points=()
    )
    assert (step(2.0), grad(step)(0.0)) == (1.0, 0.25)


def test_a_derivative_for_plain_numbers_is_differentiated_once():
    sine = primitive("sine", math.sin, lambda y, a: math.cos(a))
    assert grad(sine)(0.5) == math.cos(0.5)
    assert check_rule(sine)
    with pytest.raises(TypeError, match=r"sine\(.*0\.5.*\) can't be differentiated again: its derivative is for"):
        grad(grad(sine))(0.5)


# ------------------------------------------------------------------------------------------ numbers out of the ordinary


def test_outside_of_the_domain_the_error_names_it():
    root = primitive("root", math.sqrt, lambda y, a: 0.5 / y, domain="a >= 0")
    with pytest.raises(ValueError, match=r"root\(v=-1\.0\) is not defined: root\(a\) needs a >= 0"):
        root(Value(-1.0, label="v"))


def test_a_result_that_is_too_large_is_an_error_that_says_so():
    rule = cube()
    with pytest.raises(ValueError, match=r"cube\(1e\+200\) is not defined \(the result is too large for a float\)"):
        rule(1e200)
    with pytest.raises(ValueError, match=r"row 1: cube\(.*1e\+200\) is not defined"):
        compile(lambda x: rule(x))([1.0, 1e200])


def test_results_of_any_kind_of_number_become_floats():
    whole = primitive("whole", lambda a: int(a), lambda y, a: 0, points=())
    v = Value(2.5)
    y = whole(v)
    y.backward()
    assert (type(y.data), type(v.grad)) == (float, float)


def test_what_is_not_a_number_gives_nothing_but_that_and_calls_no_function():
    called = []
    rule = primitive("noted", lambda a: called.append(a) or a, lambda y, a: 1.0, points=())
    assert math.isnan(rule(math.nan))
    assert math.isnan(rule(Value(math.nan)).data)
    assert called == []


# --------------------------------------------------------------------------------------------------- copies and pickles


def test_a_rule_is_itself_after_copies_and_pickles():
    rule = cube()
    assert copy.copy(rule) is copy.deepcopy(rule) is pickle.loads(pickle.dumps(rule)) is rule


@pytest.mark.parametrize("activation", ["cube", "the rule"])
def test_a_model_that_holds_it_is_copied_pickled_and_saved(activation, tmp_path):
    rule = cube()
    model = nn.MLP(2, [3, 1], rule if activation == "the rule" else activation, seed=0)
    y = model([1.0, 2.0]).data
    assert copy.deepcopy(model)([1.0, 2.0]).data == pickle.loads(pickle.dumps(model))([1.0, 2.0]).data == y
    nn.save(model, tmp_path / "model.json")
    other = nn.MLP(2, [3, 1], rule if activation == "the rule" else activation, seed=1)
    assert nn.load(other, tmp_path / "model.json")([1.0, 2.0]).data == y


DEFINES = """
import autograd
signed_square = autograd.primitive("signed_square", lambda a: a * abs(a), lambda y, a: 2 * abs(a))
"""
LOADS = "import pickle, sys; print(pickle.load(sys.stdin.buffer)([1.0, 2.0]).data.hex())"


def elsewhere(program: str, given: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(folder)!r}]\n{program}"],
        input=given, capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_pickle_finds_the_module_that_defined_the_rule_and_says_what_is_missing(tmp_path):
    (tmp_path / "operations_of_mine.py").write_text(DEFINES, encoding="utf-8")
    made = elsewhere(
        "import operations_of_mine, nn, pickle\n"
        "model = nn.MLP(2, [3, 1], operations_of_mine.signed_square, seed=0)\n"
        "sys.stdout.buffer.write(pickle.dumps(model))\nprint(model([1.0, 2.0]).data.hex(), file=sys.stderr)",
        b"", tmp_path,
    )  # fmt: skip
    loaded = elsewhere(LOADS, made.stdout, tmp_path)
    assert loaded.stdout.strip() == made.stderr.strip() != b""
    missing = elsewhere(LOADS, made.stdout, ROOT)
    assert (
        b"signed_square is an operation that operations_of_mine defines, and that can't be imported here"
        in missing.stderr
    )
    in_a_script = elsewhere(
        f"{DEFINES}\nimport nn, pickle\nmodel = nn.MLP(2, [3, 1], signed_square, seed=0)\n"
        "sys.stdout.buffer.write(pickle.dumps(model))",
        b"", tmp_path,
    ).stdout  # fmt: skip
    missing = elsewhere(LOADS, in_a_script, tmp_path)
    assert b"an operation that __main__ defined, and that isn't defined here: run its" in missing.stderr
    assert elsewhere(f"{DEFINES}\n{LOADS}", in_a_script, tmp_path).stdout.strip() == made.stderr.strip()


def test_a_rule_that_the_table_has_no_more_is_not_pickled_under_its_name():
    first = primitive("cube", lambda a: a**3, lambda y, a: 3 * a * a)
    second = primitive("cube", lambda a: 8 * a**3, lambda y, a: 24 * a * a)
    assert pickle.loads(pickle.dumps(second))(1.0) == 8.0
    assert copy.deepcopy(first)(1.0) == 1.0
    with pytest.raises(pickle.PicklingError, match=r"this cube can't be pickled, .* has another rule, defined later"):
        pickle.dumps(first)
    remove("cube")
    with pytest.raises(pickle.PicklingError, match=r"by that name the table has no rule any more"):
        pickle.dumps(second)


def test_a_pickle_does_not_take_the_rule_of_another_module():
    rule = cube()
    pickled = pickle.dumps(rule)
    rule.__module__ = "elsewhere"
    with pytest.raises(pickle.UnpicklingError, match=r"was defined by .*test_primitives, and is defined here by"):
        pickle.loads(pickled)


no_weak_references = pytest.mark.skipif(
    autograd.compiled_kernel and sys.version_info >= (3, 12), reason="mypyc gives its classes none there"
)


@pytest.mark.parametrize("of_the_rule", [pytest.param(True, marks=no_weak_references), False])
def test_rules_that_are_gone_are_let_go(of_the_rule):
    def thrice(a: Any) -> Any:
        return 3 * a

    rule = primitive("thrice", thrice, lambda y, a: 3.0)
    ref = weakref.ref(rule if of_the_rule else thrice)
    del rule, thrice
    primitive("thrice", lambda a: 3 * a, lambda y, a: 3.0)
    gc.collect()
    assert ref() is None


def test_gradients_through_a_method_of_two_operands():
    distance()
    a = Value(3.0)
    assert gradient(a.distance(1.0), a) == 1.0


@every_rule
def test_a_rule_of_the_table_that_is_defined_anew_gives_the_same_digits(rule):
    lists = isinstance(rule, Nary)
    derivative = rule.d if lists else (rule.da, rule.db) if isinstance(rule, Binary) else rule.da
    mine = primitive(f"my_{rule.name}", rule.forward, derivative, lists=lists, domain=rule.domain, points=())
    for point in drawn(rule)[:1]:
        every = tuple(range(len(point)))
        batches = [[x] for x in point]
        results = [
            (f(*point), grad(f, every)(*point), jacobian(grad(f, every), every)(*point),
             *[compile(lambda *xs, f=f: f(*xs)).input_gradients(*batches, argnums=i).tolist() for i in every])
            for f in (mine, rule)
        ]  # fmt: skip
        values, *_ = zip(*results)
        assert values[0] == values[1]
        for found, expected in zip(results[0][1:], results[1][1:]):
            assert flat_of(found) == pytest.approx(flat_of(expected), rel=1e-13, abs=1e-15)


def flat_of(tree: Any) -> list[float]:
    return leaves_of(tree, "numbers")


def test_an_array_is_a_list_of_numbers_to_a_rule_of_lists():
    rule = power_sum()
    assert (
        rule(np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.float64(3.0)) == rule([1.0, 2.0], [1.0, 1.0], 3.0) == 12.0
    )
    assert rule(np.array([1.0, 2.0]), [Value(1.0), 1.0], 3.0).data == 12.0


def test_threads_may_define_one_name_at_once(monkeypatch):
    class Slow(dict):
        def __setitem__(self, name, rule):
            super().__setitem__(name, rule)
            time.sleep(0.002)  # here another thread comes by

    failures = []

    def define():
        try:
            primitive("halved", lambda a: a / 2, derivative=lambda y, a: 0.5)
        except Exception as failure:
            failures.append(failure)

    monkeypatch.setattr(ops, "RULES", Slow(ops.RULES))
    threads = [threading.Thread(target=define) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert autograd.__all__.count("halved") == 1
    remove("halved")
