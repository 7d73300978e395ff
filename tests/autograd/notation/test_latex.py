"""LaTeX of names, numbers and the rules' own patterns."""

from __future__ import annotations

import pytest

from autograd import ops
from autograd.notation import latex
from autograd.notation.latex import Tex
from autograd.notation.tightness import ATOM, SUM
from autograd.rules import Nary

SCALAR = [rule for rule in ops.RULES.values() if not isinstance(rule, Nary)]


@pytest.mark.parametrize(
    ("text", "tex"),
    [("x", "x"), ("w1", "w_{1}"), ("w_12", "w_{12}"), ("θ", "θ"), ("a b", r"\mathtt{a\ b}"), ("$1", r"\mathtt{\$1}")],
)
def test_a_name_is_a_letter_with_an_index_or_stands_as_it_is(text, tex):
    assert latex.name(text) == Tex(tex, ATOM)


@pytest.mark.parametrize(
    ("figure", "tex"),
    [
        ("2", "2"), ("-0.5", "-0.5"), ("1e-09", "10^{-9}"), ("-1e+06", "-10^{6}"), ("1.5e+10", r"1.5 \cdot 10^{10}"),
        ("inf", r"\infty"), ("-inf", r"-\infty"), ("nan", r"\mathrm{nan}"),
    ],
)  # fmt: skip
def test_a_number_has_a_power_of_ten_where_its_digits_have(figure, tex):
    assert latex.number(figure).text == tex


@pytest.mark.parametrize("rule", SCALAR, ids=lambda rule: rule.name)
def test_a_sum_in_the_place_of_an_operand_is_never_misread(rule):
    operands = [Tex("a + b", SUM), Tex("c - d", SUM)][: len(rule.operands)]
    text = latex.applied(rule, operands).text
    assert text.count("{") == text.count("}")
    assert text.count("a + b") >= 1
    assert "#" not in text
    for i, part in enumerate(operands):
        after = text.partition(part.text)[2]
        assert not after.startswith(("^", r" \cdot")), f"operand {i} of {rule.name}"
