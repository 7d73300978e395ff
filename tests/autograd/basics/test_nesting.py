"""The depth that a text is said to have is never less than that of the tree which a parser makes of it."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.basics.nesting import depth

expressions = st.recursive(
    st.sampled_from(["x", "2", "1.5", "-x", "'a'"]),
    lambda inner: st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(["+", "**", "/", "<", "and", "if x else"]), inner),
        st.builds("{}{}".format, st.sampled_from(["-", "not ", "+", "~", "lambda: "]), inner),
        st.builds("({})".format, inner),
        st.builds("f({}, {})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from([".a.b", "(x)(y)", "[x]", "(x)[y].z"])),
        st.builds("[{}, {}]".format, inner, inner),
    ),
    max_leaves=20,
)
contents = st.recursive(
    st.none() | st.floats() | st.text("[{\"'", max_size=3), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


def height(node):
    """How many expressions are inside of each other; conditions of comparisons and the like are on one level."""
    inner = [height(x) for x in ast.iter_child_nodes(node)]
    return max(inner, default=0) + (isinstance(node, ast.expr) and bool(inner) and not isinstance(node, ast.Name))


def levels(content):
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else None
    return 0 if inner is None else 1 + max(map(levels, inner), default=0)


@given(expressions)
def test_an_expression_is_never_deeper(text):
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return
    assert height(tree) <= depth(text)


@given(contents)
def test_json_is_never_deeper(content):
    assert levels(content) <= depth(json.dumps(content))


@pytest.mark.parametrize(("text", "most"), [("x," * 5_000, 0), ("f(x), " * 5_000, 1), ("[[1], [2]], " * 99, 2)])
def test_what_stands_side_by_side_makes_no_depth(text, most):
    assert depth(text) == most


@pytest.mark.parametrize(
    "text", ["(" * 3_000, "[(" * 3_000 + "x", "-" * 3_000, "f(x)" + "(x)" * 3_000, "x" + ".a" * 3_000]
)
def test_what_is_not_closed_counts(text):
    assert depth(text) >= 3_000


def test_a_word_may_stand_at_a_number():
    assert depth("1if x else 0or x") == depth("1 if x else 0 or x") == 2
