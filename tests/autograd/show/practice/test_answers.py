"""Answers: right ones in any form, wrong ones with the mistake that leads to them, and what can't be read."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, check_answer
from autograd.expression import parse
from autograd.notation.text import figure
from autograd.show import WrongAnswer
from autograd.show.practice import answers
from autograd.show.practice.answers import judged, read
from autograd.show.practice.texts import PAGE, TEXTS, sentence

EXPRESSIONS = [
    "x*y + sin(x)", "x*x*y", "(x + y) * (y + 1)", "x/y - y/x", "tanh(x*y) * x", "exp(x) - y**2 * x", "x**3 + y**3",
    "log(x*x + 1) * y", "sigmoid(x - y) + relu(y)", "dot([x, y], [y, x], x)", "-x * -y", "sqrt(x*x + y*y)",
]  # fmt: skip
NICE = [-3.0, -2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0]


@st.composite
def graphs(draw):
    """An expression at nice numbers."""
    x, y = (Value(draw(st.sampled_from(NICE)), label=name) for name in "xy")
    f = parse(draw(st.sampled_from(EXPRESSIONS)))(x=x, y=y)
    return f, (x, y)


def forms(number: float) -> list[str]:
    """Ways to write a number down."""
    fraction = Fraction(number).limit_denominator(10**12)  # a slope of tanh far out is 5e-7
    return [
        repr(number), figure(number), f"{number:.3g}", f"{number:.4e}", f"= {number}", f"{number}".replace("-", "−"),
        f"{fraction.numerator}/{fraction.denominator}", f"({number} * 2) / 2", f"{number / 4} · 4 + 0",
    ]  # fmt: skip


@given(graphs())
def test_a_gradient_is_right_in_any_form_of_writing(graph):
    f, leaves = graph
    f.backward()
    for leaf in leaves:
        for written in (leaf.grad, *forms(leaf.grad)):
            assert check_answer(written, f, leaf)


@given(graphs())
def test_each_known_wrong_gradient_gets_its_own_sentence(graph):
    f, leaves = graph
    for leaf in leaves:
        key, _ = answers.of(f, leaf)
        for language in TEXTS:
            said = [sentence(mistake, language) for mistake in key.mistakes]
            for mistake, expected in zip(key.mistakes, said):
                found = judged(mistake.value, key, language=language)
                assert (found.right, found.said, found.kind) == (False, expected, mistake.kind)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (3.0, "That comes out with = in place of +=: where paths meet, their gradients add up."),
        (2.0, "A path is forgotten: b → d → e."),
        (-5.0, "The sign is wrong."),
        (4.96, "Nearly: probably rounded too early. Keep four digits, or write a fraction."),
        (17.0, "Not right yet."),
        ("1/0", "This can't be read as a number: 1.0 / 0.0 is not defined: a / b needs b != 0"),
        ("import os", "This can't be read as a number: 'import os' is not understood"),
        ("q + 1", "This can't be read as a number: there is no q here; the names are a, b, c, d, e"),
        ("1e999", "This can't be read as a number: '1e999' is too large"),
        ("exp(1000)", "This can't be read as a number: "),
        ("  ", "There is no answer yet."),
        (None, "There is no answer yet."),
        (..., "There is no answer yet."),
        ("[1]", "This can't be read as a number: "),
        ([1.0], "This can't be read as a number: the answer must be a real number"),
    ],
)
def test_a_wrong_answer_is_told_what_it_looks_like(answer, said):
    a, b = Value(2.0, label="a"), Value(1.0, label="b")
    c, d = a + b, b + 1
    c.label, d.label = "c", "d"
    e = c * d
    e.label = "e"
    with pytest.raises(WrongAnswer) as error:
        check_answer(answer, e, b)
    assert str(error.value).startswith(said)


def test_the_mistakes_of_the_field_are_known():
    x, y = Value(2.0, label="x"), Value(0.5, label="y")
    for f, leaf, answer, kind in [
        (x**3, x, 4.0, "factor"),  # x ** 2 without its 3
        (x**3, x, 6.0, "exponent"),
        (x / y, y, -4.0, "divisor"),
        (y.tanh(), y, -(y.tanh().data ** 2), "term"),
        (x * y, x, 2.0, "other"),
        ((x * y).sin(), x, autograd.cos(2.0) * 0.5, "on"),  # cos(x) in place of cos(x * y)
        ((x * y).sin(), x, autograd.cos(1.0), "factor_on"),
        ((x * y).sin(), x, autograd.sin(1.0) * 0.5, "on"),  # sin is not its own derivative
        (x * x * y, x, 1.0, "way"),
    ]:
        found = judged(answer, answers.of(f, leaf)[0])
        assert found.kind in (kind, "assigned"), (f, found)


def test_a_leaf_that_nothing_depends_on_has_the_gradient_zero():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    assert check_answer(0, x * x, y)
    with pytest.raises(WrongAnswer, match=r"That is .*, not "):
        check_answer(4.0, x * x, y)


def test_what_leads_through_a_checkpoint_or_far_is_checked_all_the_same():
    x = Value(0.5, label="x")
    for f in (autograd.checkpoint(lambda v: v * v)(x), _tower(x)):
        gradient = autograd.gradient(f, x)
        assert check_answer(gradient, f, x)
        with pytest.raises(WrongAnswer, match=r"sign|path"):
            check_answer(-gradient, f, x)


def _tower(x: Value) -> Value:
    y = x
    for _ in range(2000):
        y = y.sin() + 0.1
    return y * 2


def test_greek_names_may_stand_in_an_answer():
    θ = Value(2.0, label="θ")
    assert check_answer("2*θ", θ * θ, θ)


def test_other_numbers_than_gradients_are_checked_too():
    x = Value(2.0, label="x")
    assert check_answer("8", x**3)
    assert check_answer(0.3333, 1 / 3)
    with pytest.raises(WrongAnswer, match="sign"):
        check_answer(-8.0, x**3)


def test_a_sentence_comes_back_where_no_error_is_wanted():
    x = Value(2.0, label="x")
    found = check_answer(..., x * x, x, raises=False)
    assert (repr(found), bool(found)) == ("There is no answer yet.", False)
    assert check_answer(4, x * x, x, raises=False)


def test_zero_is_right_where_a_gradient_is_zero_but_for_rounding():
    x = Value(0.1, label="x")
    f = x * 3 - x - x - x + (x * 0.1 - x / 10)
    for zero in (0, "0", "-0", "1 - 1", "x - x"):
        assert check_answer(zero, f, x)
    with pytest.raises(WrongAnswer):
        check_answer(0.01, f, x)


def test_what_is_no_argument_is_refused():
    x = Value(2.0, label="x")
    f = x * x
    for wrong in (
        {"output": 3.0, "leaf": x}, {"output": f, "leaf": 2.0}, {"output": "f"}, {"output": f, "language": "fr"},
        {"output": f, "tolerance": 0.0}, {"output": f, "tolerance": 0.5}, {"output": f, "tolerance": "much"},
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError), match=r"output|leaf|language|tolerance") as error:
            check_answer(4.0, **wrong)
        assert not isinstance(error.value, WrongAnswer)


def test_an_answer_is_read_as_it_is_written_on_paper():
    numbers = {"x": 3.0, "e": 6.0}
    assert read("2·x − x^2 ÷ 2", numbers) == 1.5
    assert read("0,25", {}) == read("½ / 2", {}) == 0.25
    assert read("e", numbers) == 6.0  # a node of that name, not Euler's number
    assert read("cos(π)", {}) == -1.0


def test_the_two_languages_have_the_same_sentences():
    for texts in (TEXTS, PAGE):
        assert texts["en"].keys() == texts["de"].keys()
        gaps = {language: {key: _gaps(said) for key, said in table.items()} for language, table in texts.items()}
        assert gaps["en"] == gaps["de"]


def _gaps(said: str) -> set[str]:
    import string

    return {name for _, name, _, _ in string.Formatter().parse(said) if name}
