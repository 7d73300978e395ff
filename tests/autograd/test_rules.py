"""What is true of every rule, whatever it computes: how it is called, named and copied, and what it refuses."""

from __future__ import annotations

import ast
import copy
import doctest
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, ops
from autograd.ops import RULES
from autograd.rules import Binary, Nary
from tests.support.oracles import (
    count,
    fresh,
    inside,
    is_group,
    operands,
)
from tests.support.rules import (
    every_nary_rule,
    every_rule,
    refused,
    settings_of_rules,
    smooth_points,
)


@every_rule
def test_a_rule_is_named_and_written(rule):
    assert rule.name.isidentifier()
    assert RULES[rule.name] is rule
    assert rule.symbol
    assert rule.formula
    assert rule.formula in rule.__doc__
    assert rule.latex.count("{") == rule.latex.count("}")
    if isinstance(rule, Nary):
        assert rule.latex
    else:
        assert "#1" in rule.latex
        assert ("#2" in rule.latex) == isinstance(rule, Binary)
        assert "#3" not in rule.latex


@every_rule
def test_the_example_in_a_rules_docstring_is_right(rule):
    runner = doctest.DocTestRunner(verbose=False)
    for example in doctest.DocTestFinder(recurse=False).find(rule, rule.name, module=False, globs=vars(ops).copy()):
        assert runner.run(example).failed == 0


@every_rule
def test_the_domain_is_a_condition_on_the_operands(rule):
    if rule.domain:
        names = {node.id for node in ast.walk(ast.parse(rule.domain, mode="eval")) if isinstance(node, ast.Name)}
        assert names & {"a", "b"}
        assert names <= {"a", "b", "inf", "abs"}


@every_rule
def test_a_rule_is_the_same_after_copy_and_pickle(rule):
    assert copy.copy(rule) is rule
    assert copy.deepcopy(rule) is rule
    assert pickle.loads(pickle.dumps(rule)) is rule


@every_rule
@settings_of_rules
@given(data=st.data())
def test_a_rule_gives_the_same_number_for_numbers_and_for_values(rule, data):
    flat, size = data.draw(smooth_points(rule))
    plain = rule(*operands(rule, flat, size))
    node = rule(*operands(rule, fresh(flat), size))
    mixed = rule(*operands(rule, [Value(x) if i % 2 else x for i, x in enumerate(flat)], size))
    assert type(plain) is float
    assert type(node) is Value
    assert node.data == plain
    assert (mixed.data if isinstance(mixed, Value) else mixed) == plain
    assert node.op == rule.symbol
    assert [parent.data for parent in node.parents] == flat


@every_rule
def test_a_rule_takes_every_kind_of_real_number(rule):
    size = 2
    n = count(rule, size)
    expected = rule(*operands(rule, [1.0] * n, size)) if inside(rule, [1.0, 1.0]) else None
    for one in (1, True, np.float64(1), np.float32(1), np.int64(1), Fraction(1)):
        for flat in ([one] * n, [one, *fresh([1.0] * (n - 1))], [*fresh([1.0] * (n - 1)), one]):
            if expected is None:  # atanh
                with pytest.raises(refused):
                    rule(*operands(rule, flat, size))
                continue
            y = rule(*operands(rule, flat, size))
            assert type(y) in (float, Value)
            assert (y.data if isinstance(y, Value) else y) == expected


@every_rule
@pytest.mark.parametrize("wrong", ["1", None, 1j, [1.0], {}])
def test_a_rule_refuses_what_is_not_a_real_number(rule, wrong):
    n = count(rule, 2)
    for others in ([1.0] * (n - 1), fresh([1.0] * (n - 1))):
        with pytest.raises(TypeError, match="number"):
            rule(*operands(rule, [*others, wrong], 2))


@pytest.mark.parametrize("one", [1.0, Value(1.0)])
def test_the_bias_of_no_products_is_no_list(one):
    for bias in ([one], (one,)):
        with pytest.raises(TypeError, match=r"dot\(\[\], \[\], \[.*1\.0.*\]\) has a list where w1 x1"):
            autograd.dot([], [], bias)


def test_the_error_for_a_list_in_the_place_of_a_number_shows_the_list():
    v = Value(2.0, label="v")
    with pytest.raises(TypeError, match=r"dot\(\[2\.0\], \[3\.0\], \[4\.0\]\) has a list where w1 x1"):
        autograd.dot([2.0], [3.0], [4.0])
    with pytest.raises(TypeError, match=r"dot\(\[v=2\.0, 1\.0\], \[v=2\.0, 3\.0\], \[4\.0\]\) has a list where w1 x1"):
        autograd.dot([v, Value(1.0)], [v, 3.0], [4.0])
    with pytest.raises(TypeError, match=r"dot\(v=2\.0, \[3\.0\], 4\.0\) has a list where w1 x1"):
        autograd.ops.dot(v, (3.0,), 4.0)
    for wrong in ([1.0], (1.0,)):
        with pytest.raises(TypeError, match=re.escape(f"maximum(v=2.0, {wrong}): the operands of maximum must")):
            autograd.maximum(v, wrong)


@every_nary_rule
def test_an_nary_rule_leaves_the_lists_it_is_given_alone(rule):
    ws = fresh([1.0, 2.0])
    groups = tuple(tuple(ws) if group else 3.0 for group in is_group(rule))
    y = rule(*groups)
    y.backward()
    assert [x.data for x in ws] == [1.0, 2.0]
    assert y.parents[0] is ws[0]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda v: autograd.log(v), r"log\(v=-1\.0\) is not defined: ln a needs a > 0"),
        (lambda v: autograd.sqrt(v), r"sqrt\(v=-1\.0\) is not defined: a \*\* \(1/2\) needs a >= 0"),
        (lambda v: v**0.5, r"\(v=-1\.0\) \*\* 0\.5 is not defined: a \*\* b needs b % 1 == 0 where a < 0$"),
        (lambda v: (v + 1) ** -1, r"0\.0 \*\* \(-1\.0\) is not defined: a \*\* b needs b >= 0 where a == 0$"),
        (lambda v: 2 / (v * 0), r"2\.0 / \(-0\.0\) is not defined: a / b needs b != 0"),
        (lambda v: 1 / (v + 1), r"1\.0 / 0\.0 is not defined: a / b needs b != 0"),
    ],
)
def test_a_domain_error_names_operation_number_and_label(operation, message):
    with pytest.raises((ValueError, ZeroDivisionError), match=message):
        operation(Value(-1.0, label="v"))


def test_the_error_outside_of_a_domain_says_it_all_by_itself():
    with pytest.raises(ValueError, match="needs a > 0") as caught:
        Value(-1.0).log()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
