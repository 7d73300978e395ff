"""Practice: what is asked in a backward pass, that the right answers are the engine's, and the hints."""

from __future__ import annotations

import pytest
from hypothesis import given

import autograd
import nn
from autograd import Value, practice
from autograd.notation.text import figure
from autograd.show.practice.texts import TEXTS, sentence
from tests.autograd.show.practice.test_answers import forms, graphs


@given(graphs())
def test_each_right_answer_is_accepted_in_any_form_and_each_known_wrong_one_has_its_own_sentence(graph):
    f, _ = graph
    asked = practice(f)
    for i, blank in enumerate(asked):
        for written in forms(blank.key.right):
            assert asked.check(i, written), (blank.formula, written)
        sentences = [sentence(mistake, "en") for mistake in blank.key.mistakes]
        for mistake, said in zip(blank.key.mistakes, sentences):
            found = asked.check(i, mistake.value)
            assert (found.right, found.said) == (False, said), (blank.formula, mistake)


@given(graphs())
def test_what_is_asked_is_what_the_engine_does(graph):
    f, leaves = graph
    asked = practice(f)
    passed = autograd.steps(f)
    f.backward()
    last = {}
    for blank in asked[1:]:
        c = passed[blank.step].contributions[blank.place]
        assert blank.key.right == {"local": c.local_derivative, "product": c.product, "sum": c.sum_so_far}[blank.part]
        if blank.part != "local":
            last[c.parent] = blank.key.right
    for leaf in leaves:
        assert last.get(leaf, 0.0) == leaf.grad


@pytest.mark.parametrize("make", [lambda h: h + h**2, lambda h: h * h, lambda h: h.sin() * h + h])
def test_no_two_blanks_with_different_answers_are_written_alike(make):
    h = Value(2.0, label="w") * Value(3.0, label="x")
    h.label = "h"
    answers: dict[str, set[float]] = {}
    for blank in practice(make(h), blanks=("local", "sum")):
        answers.setdefault(blank.formula, set()).add(blank.key.right)
    at_once = {formula: found for formula, found in answers.items() if formula[0] != "d"}
    assert all(len(found) == 1 for found in at_once.values())  # what has arrived so far grows
    (total,) = answers.keys() - at_once.keys()
    assert total.endswith("/dh")
    assert all(answers[formula] != answers[total] for formula in at_once if formula.endswith("/∂h"))


@pytest.mark.parametrize("language", TEXTS)
def test_each_blank_has_three_hints_of_which_the_last_has_the_numbers(language):
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    asked = practice((x * y).sin() + x, language=language)
    for blank in asked:
        assert len(blank.hints) == 3
        assert all(hint.endswith((".", "?")) for hint in blank.hints)
    product = next(b for b in asked if b.part == "product" and b.formula.startswith("∂(x * y)/∂x"))
    assert product.hints[2] == f"3 · {figure(autograd.cos(6.0))}."
    local = next(b for b in asked if b.formula == "∂(x * y)/∂x")
    assert "dy/da = b" in local.hints[1]
    assert local.hints[2] == f"∂(x * y)/∂x = y, {'with' if language == 'en' else 'mit'} y = 3."


def test_a_network_can_be_practised_on():
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    asked = practice(model([1.0, -2.0]))
    assert len(asked) > 20
    for i, blank in enumerate(asked):
        assert asked.check(i, blank.key.right)


def test_a_wrong_number_to_begin_with_is_told_where_the_pass_begins():
    x = Value(3.0, label="x")
    asked = practice(x * x)
    assert asked.check(0, 2.0).said == (
        "The derivative of a number with respect to itself is 1: there the backward pass begins."
    )
    assert asked.check(1, 17.0).said == "Not right yet. A hint may help."


def test_blanks_are_counted_from_1_in_print_as_on_the_page():
    x = Value(3.0, label="x")
    asked = practice(x * x)
    lines = str(asked).splitlines()[1:]
    assert [line.split(".")[0] for line in lines] == [str(i + 1) for i in range(len(asked))]


def test_parts_can_be_chosen():
    x = Value(2.0, label="x")
    f = x * x + x
    assert {b.part for b in practice(f, blanks="sum")} == {"seed", "sum"}
    assert {b.part for b in practice(f, blanks=("local", "product"))} == {"seed", "local", "product"}


def test_infinite_slopes_are_not_asked_for():
    x = Value(-1.0, label="x")
    f = (x.relu()).sqrt() + x
    assert [b.formula for b in practice(f, blanks="local")][-1] == "∂relu(x)/∂x"


def test_what_cannot_be_practised_is_refused_in_a_sentence():
    x = Value(2.0, label="x")
    wrong_blanks = [{"blanks": x} for x in ((), "all", None, [["local"]])]
    for wrong in (*wrong_blanks, {"language": "xx"}, {"language": ["en"]}, {"tolerance": -1.0}, {"max_nodes": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            practice(x * x, **wrong)
    with pytest.raises(TypeError, match="output must be a Value"):
        practice(3.0)
    with pytest.raises(ValueError, match="checkpoint"):
        practice(autograd.checkpoint(lambda v: v * v)(x))
    for index in (9, "1", None):
        with pytest.raises(IndexError, match=rf"index must be that of a blank, from 0 to \d+, got {index!r}"):
            practice(x * x).check(index, "2")


def test_a_notebook_is_given_the_form_and_marimo_a_frame():
    x = Value(2.0, label="x")
    asked = practice(x * x)
    bundle = asked._repr_mimebundle_()
    assert bundle["text/plain"] == str(asked)
    assert "<p>Run this cell" in bundle["text/html"]
    assert "<p>Run this cell" not in asked.html()
    kind, framed = asked._mime_()
    assert kind == "text/html"
    assert framed.startswith("<iframe title=")


def test_what_is_too_large_to_be_followed_is_said_in_a_notebook():
    y = Value(0.5, label="x")
    for _ in range(70):
        y = y.sin()
    assert "too long to be played" in practice(y)._repr_mimebundle_()["text/plain"]
    assert practice(y)._mime_()[0] == "text/plain"


def test_the_page_is_saved_and_other_endings_are_refused(tmp_path):
    x = Value(2.0, label="x")
    path = practice(x * x).save(tmp_path / "practice.html")
    assert path.read_text(encoding="utf-8") == practice(x * x).html()
    with pytest.raises(ValueError, match=r"path must end in \.html"):
        practice(x * x).save(tmp_path / "practice.txt")
