"""The engine's sentences about the commonest mistakes in an expression, in other languages; its own are English.

A sentence is recognized by its words, and what stands in its gaps is put into the translation.
"""

from __future__ import annotations

import re

SENTENCES: dict[str, dict[str, str]] = {
    "de": {
        'the expression is empty: write one such as "x**2 + 1"': "Der Ausdruck ist leer: Schreib einen, etwa x**2 + 1",
        "{text} is not understood: {why}": "{text} ist nicht zu verstehen: {why}",
        "{name} is a function: call it, as in {usage}": "{name} ist eine Funktion: Ruf sie auf, etwa {usage}",
        "{what} is not defined: {f} needs {condition}": "{what} ist nicht definiert: {f} verlangt {condition}",
        # why
        "powers are written with **, as in x**2": "Potenzen schreibt man mit **, etwa x**2",
        "to multiply, write *": "Zum Multiplizieren schreibt man *",
        "an operator is missing after the number {where} (to multiply, write *, as in 2*x)": (
            "Nach der Zahl fehlt ein Operator, {where} (zum Multiplizieren schreibt man *, etwa 2*x)"
        ),
        "there is no function {name} (to multiply, write *); {hint}": (
            "Eine Funktion {name} gibt es nicht (zum Multiplizieren schreibt man *); {hint}"
        ),
        "did you mean {usage}?": "ist {usage} gemeint?",
        "the functions are {names}": "die Funktionen sind {names}",
        "{name} is called as in {usage}": "{name} ruft man so auf: {usage}",
        "there is a comma between numbers; decimals are written with a point, as in 1.5": (
            "Zwischen Zahlen steht ein Komma; Dezimalzahlen schreibt man hier mit Punkt, etwa 1.5"
        ),
        "there is no = in an expression; numbers for its names are given beside it": (
            "In einem Ausdruck steht kein =; die Zahlen zu den Namen stehen daneben"
        ),
        "an absolute value is written abs(x)": "Einen Betrag schreibt man abs(x)",
        "an expression has no conditions: clip, maximum and relu choose by size": (
            "Ein Ausdruck hat keine Bedingungen: clip, maximum und relu wählen nach der Größe"
        ),
        "a function is called by its bare name, as in tanh(x), not math.tanh(x) or x.tanh()": (
            "Eine Funktion ruft man mit ihrem bloßen Namen auf, etwa tanh(x), nicht math.tanh(x) oder x.tanh()"
        ),
        "an expression is made of numbers, names, + - * / ** %, brackets and the functions of autograd": (
            "Ein Ausdruck besteht aus Zahlen, Namen, + - * / ** %, Klammern und den Funktionen von autograd"
        ),
        "x! is written exp(lgamma(x + 1))": "x! schreibt man exp(lgamma(x + 1))",
        "{name} is called with brackets, as in {usage}": "{name} ruft man mit Klammern auf, etwa {usage}",
        "an operator is missing between {one} and {other} (to multiply, write *)": (
            "Zwischen {one} und {other} fehlt ein Operator (zum Multiplizieren schreibt man *)"
        ),
        # why, as Python's parser says it, and where
        "{bracket} was never closed, {where}": "{bracket} wird nicht geschlossen, {where}",
        "unmatched {bracket}, {where}": "Zu {bracket} fehlt die andere Klammer, {where}",
        "invalid character {sign}, {where}": "Das Zeichen {sign} hat hier keine Bedeutung, {where}",
        "invalid syntax, {where}": "Da stimmt etwas nicht, {where}",
        "at character {n}": "bei Zeichen {n}",
        "at its end": "am Ende",
    }
}
"""By language and by the English sentence, whose gaps are in braces; `why`, `hint` and `where` are sentences, too."""

_PARTS = ("why", "hint", "where")


def translated(said: str, language: str) -> str | None:
    """A sentence of the engine's in another language; None if it isn't among those that are translated.

    >>> translated("'x^2' is not understood: powers are written with **, as in x**2", "de")
    "'x^2' ist nicht zu verstehen: Potenzen schreibt man mit **, etwa x**2"
    """
    for english, other in SENTENCES.get(language, {}).items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(english))
        found = re.fullmatch(pattern, said)
        if found is not None:
            words = {key: translated(x, language) if key in _PARTS else x for key, x in found.groupdict().items()}
            return None if None in words.values() else other.format(**words)
    return None
