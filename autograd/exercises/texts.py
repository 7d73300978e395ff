"""What is said in exercises, in each language: one table of sentences, whose gaps in braces are filled in."""

from __future__ import annotations

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Exercises: the gradients of {text}",
        "solutions": "Solutions: the gradients of {text}",
        "for": "for {student}",
        "name": "Name:",
        "exercise": "Exercise {number}",
        "task": "Differentiate {formula} at {given} with respect to {names}.",
        "and": "{names} and {last}",
        "accepted": "An answer counts as right within {share} of the right number.",
        "paths": "The sum over paths",
        "notebook": 'Replace each `...` with a number, or with text such as `"2*x"`; then run the cells below it.',
        "question": "What is {symbol} for {formula} at {given}?",
    },
    "de": {
        "title": "Übungen: die Gradienten von {text}",
        "solutions": "Lösungen: die Gradienten von {text}",
        "for": "für {student}",
        "name": "Name:",
        "exercise": "Aufgabe {number}",
        "task": "Leite {formula} an der Stelle {given} nach {names} ab.",
        "and": "{names} und {last}",
        "accepted": "Eine Antwort gilt als richtig, wenn sie um höchstens {share} von der richtigen Zahl abweicht."
        " Dezimalzahlen stehen wie in Python mit Punkt, etwa 0.5.",
        "paths": "Die Summe über die Pfade",
        "notebook": 'Ersetze jedes `...` durch eine Zahl oder Text wie `"2*x"`; führe dann die Zellen darunter aus.',
        "question": "Was ist {symbol} für {formula} an der Stelle {given}?",
    },
}
"""For each language its sentences by their keys; those of all languages are the same."""


def text(key: str, language: str, **words: str) -> str:
    """A sentence of the table, its gaps filled in.

    >>> text("for", "de", student="Anne")
    'für Anne'
    """
    return TEXTS[language][key].format(**words)
