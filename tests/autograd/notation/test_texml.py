"""The LaTeX of formulas as MathML: what is written stays, whatever it is, and can be read without MathJax."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, explain
from autograd.notation import latex
from autograd.notation.texml import beside, mathml
from tests.support.pictures import lecture


def _text(found):
    return "".join(ElementTree.fromstring(found).itertext())


@pytest.mark.parametrize("rule", autograd.ops.RULES.values(), ids=lambda rule: rule.name)
def test_the_formula_of_every_rule_is_well_formed_and_no_command_is_left_over(rule):
    found = mathml(re.sub("#([123])", r"x_\1", rule.latex))
    assert "\\" not in _text(found)
    assert "{" not in _text(found)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12)
)
def test_any_label_is_read_as_it_was_written(label):
    expected = re.sub(r"^([A-Za-zΑ-Ωα-ω])_?(?=\d*$)", r"\1", label)
    if not re.search("[₀-₉⁰-⁹¹²³]", label):
        assert _text(mathml(latex.name(label).text)).replace("''", '"') == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"\sqrt[3]{a}", "<mroot><mrow><mi>a</mi></mrow><mn>3</mn></mroot>"),
        ("{x}^{2}", "<msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>"),
        ("w_{12}^{(1)}", "<msubsup><mi>w</mi><mrow><mn>12</mn></mrow>"),
        (r"\text{all others}", "<mtext>all others</mtext>"),
        (r"\text{ or }x", "<mtext>\N{NO-BREAK SPACE}or\N{NO-BREAK SPACE}</mtext><mi>x"),
        (r"\left(a\right)^{2}", "</mo></mrow><mrow><mn>2</mn></mrow></msup>"),
        (r"\left(a", "<mi>a</mi>"),
        (r"\mathtt{a\_b\ c\text{-}d}", ">a_b c-d</mtext>"),
        ("-1", '<mo form="prefix">−</mo><mn>1</mn>'),
        ("a-1", "<mi>a</mi><mo>−</mo><mn>1</mn>"),
        (r"\whatever{a}", "<mi>whatever</mi>"),
        (r"\frac{a", "<mfrac>"),
    ],
)  # fmt: skip
def test_a_command_becomes_its_element(given, expected):
    assert expected in mathml(given)
    ElementTree.fromstring(mathml(given))


def test_an_explanation_has_a_row_for_each_line_and_its_text_where_nothing_runs():
    _, b, e = lecture()
    told = explain(e, b)
    found = mathml(told.latex)
    assert len(list(ElementTree.fromstring(found).iter("mtr"))) == len(told.text.splitlines())
    shown = told._repr_html_()
    assert html.unescape(shown.partition("<pre>")[2].partition("</pre>")[0]) == told.text
    assert html.unescape(re.search('data-math="([^"]*)"', shown)[1]) == found
    assert told._mime_() == ("text/html", found)


def test_no_label_gets_out_of_its_place():
    x = Value(2.0, label="\"><script>alert('x')</script>")
    told = explain(x * x, x)
    assert "<script" not in beside(told.text, told.latex)
    ElementTree.fromstring(mathml(told.latex))
