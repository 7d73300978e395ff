"""The engine's sentences in other languages: each is one that the engine says, and comes without a word of English."""

from __future__ import annotations

import re

import pytest

from autograd import Value
from autograd.classroom.translated import SENTENCES, translated
from autograd.expression import parse

SAID = {
    "": "Der Ausdruck ist leer: Schreib einen, etwa x**2 + 1",
    "x^2": "'x^2' ist nicht zu verstehen: Potenzen schreibt man mit **, etwa x**2",
    "(x + 1)(x - 1)": "'(x + 1)(x - 1)' ist nicht zu verstehen: Zum Multiplizieren schreibt man *",
    "2x": (
        "'2x' ist nicht zu verstehen: Nach der Zahl fehlt ein Operator, bei Zeichen 1"
        " (zum Multiplizieren schreibt man *, etwa 2*x)"
    ),
    "arctan(x)": (
        "'arctan(x)' ist nicht zu verstehen: Eine Funktion arctan gibt es nicht"
        " (zum Multiplizieren schreibt man *); ist atan(a) gemeint?"
    ),
    "qqq(x)": "'qqq(x)' ist nicht zu verstehen: Eine Funktion qqq gibt es nicht",
    "sin + 1": "sin ist eine Funktion: Ruf sie auf, etwa sin(a)",
    "sin()": "'sin()' ist nicht zu verstehen: sin ruft man so auf: sin(a)",
    "x + 1,5": "'x + 1,5' ist nicht zu verstehen: Zwischen Zahlen steht ein Komma",
    "y = x": "'y = x' ist nicht zu verstehen: In einem Ausdruck steht kein =",
    "x | 2": "'x | 2' ist nicht zu verstehen: Einen Betrag schreibt man abs(x)",
    "x < 2": "'x < 2' ist nicht zu verstehen: Ein Ausdruck hat keine Bedingungen",
    "x.tanh()": "'x.tanh()' ist nicht zu verstehen: Eine Funktion ruft man mit ihrem bloßen Namen auf",
    "x[0]": "'x[0]' ist nicht zu verstehen: Ein Ausdruck besteht aus Zahlen",
    "(x": "'(x' ist nicht zu verstehen: '(' wird nicht geschlossen, bei Zeichen 1",
    "x)": "'x)' ist nicht zu verstehen: Zu ')' fehlt die andere Klammer, bei Zeichen 2",
    "x²": "'x²' ist nicht zu verstehen: Das Zeichen '²' (U+00B2) hat hier keine Bedeutung, bei Zeichen 2",
    "sin x": "'sin x' ist nicht zu verstehen: sin ruft man mit Klammern auf, etwa sin(x)",
    "x y": "'x y' ist nicht zu verstehen: Zwischen x und y fehlt ein Operator (zum Multiplizieren schreibt man *)",
    "|x|": "'|x|' ist nicht zu verstehen: Einen Betrag schreibt man abs(x)",
    "x!": "'x!' ist nicht zu verstehen: x! schreibt man exp(lgamma(x + 1))",
    "2 +": "'2 +' ist nicht zu verstehen: Da stimmt etwas nicht, am Ende",
    "log(-x)": "log(-1.0) ist nicht definiert: ln a verlangt a > 0",
}


def _english(text: str) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  its message is what is asked about
        parse(text)(x=Value(1.0, label="x"))
    return str(caught.value)


@pytest.mark.parametrize("text", SAID)
def test_a_mistake_is_told_in_german(text):
    assert (translated(_english(text), "de") or "").startswith(SAID[text])


def test_every_sentence_of_the_table_is_one_that_the_engine_says():
    said = "\n".join(map(_english, SAID))
    for english in SENTENCES["de"]:
        words = [re.escape(part) for part in re.split(r"{\w+}", english)]
        assert re.search(".+".join(words), said), english


def test_what_is_not_in_the_table_is_not_half_translated():
    for said in ("'x' is not understood: nobody knows why", "the expression is too long", "x" * 1_000):
        assert translated(said, "de") is None
    assert translated(_english("x^2"), "en") is None
