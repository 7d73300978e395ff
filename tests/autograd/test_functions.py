"""The functions of the package, which are methods of a Value as well."""

from __future__ import annotations

import ast
import copy
import inspect
import math
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, functions, straight_through
from autograd.operators import METHODS, OF_SEVERAL
from autograd.ops import RULES
from autograd.rules import Binary, Unary


@pytest.mark.parametrize("name", sorted(METHODS))
def test_what_takes_one_argument_is_a_method_and_a_function_of_the_package(name):
    function = getattr(autograd, name)
    assert name in autograd.__all__
    point = 1.5 if name not in ("asin", "acos", "atanh", "erfinv", "logit") else 0.5
    assert getattr(Value(point), name)().data == function(Value(point)).data == function(point)


def test_every_rule_of_one_argument_is_a_method_or_an_option_of_one():
    assert {rule.name for rule in RULES.values() if isinstance(rule, Unary)} - METHODS.keys() == {"gelu_tanh"}
    assert Value(1.0).gelu(approximate="tanh").op == RULES["gelu_tanh"].symbol


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if isinstance(rule, Binary)])
def test_every_rule_of_two_arguments_is_a_function_of_the_package(name):
    assert getattr(autograd, name)(2.0, 3.0) == RULES[name](2.0, 3.0)


def test_the_class_declares_just_the_methods_from_the_table():
    module = ast.parse(Path(inspect.getsourcefile(functions)).with_name("operators.py").read_text(encoding="utf-8"))
    cls = next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "Operators")
    declared = [node.target.id for node in cls.body if isinstance(node, ast.AnnAssign)]
    written = [node.name for node in cls.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("__")]
    assert sorted([*declared, *written]) == sorted([*METHODS, *OF_SEVERAL, "where"])


@given(st.floats(-100, 100))
def test_straight_through_has_any_value_and_the_slope_of_the_identity(x):
    step = straight_through(lambda a: 1 if a > 0 else 0)
    v = Value(x)
    y = step(v) * 5
    y.backward()
    assert y.data == (5.0 if x > 0 else 0.0)
    assert v.grad == 5.0
    assert type(step(x)) is float


def test_a_model_with_a_straight_through_activation_is_copied_and_pickled():
    model = nn.MLP(1, [3, 1], activation=straight_through(math.floor), seed=0)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        y = twin([2.0])
        y.backward()
        assert y.data == model([2.0]).data
        assert repr(twin) == repr(model)


def test_straight_through_refuses_a_function_that_returns_no_number():
    with pytest.raises(TypeError, match="the result of str must be a real number"):
        straight_through(str)(Value(1.0))


def test_the_error_of_a_users_function_is_kept_as_the_cause():
    with pytest.raises(ValueError, match="is not defined") as caught:
        autograd.straight_through(lambda number: float("three"))(Value(3.0))
    assert isinstance(caught.value.__cause__, ValueError)
    assert "three" in str(caught.value.__cause__)
