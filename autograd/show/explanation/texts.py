"""What an explanation says in words, in a table of languages; in braces stands what is put in."""

from __future__ import annotations

from collections.abc import Mapping

from ...basics.messages import shown

TEXTS: dict[str, Mapping[str, str]] = {
    "en": {
        "signs": "{d} is along all paths, {part} of one operation alone.",
        "others": "all others",
        "none": "There is no path: the output does not depend on it.",
        "itself": "It is the output itself: the only path is empty.",
        "most": "There are {count} paths. Only those that carry most are written, {shown} of them: together {part} of"
        " {total}.",
    },
    "de": {
        "signs": "{d} ist entlang aller Pfade, {part} von einer Operation allein.",
        "others": "alle anderen",
        "none": "Es gibt keinen Pfad: Der Ausgang hängt nicht davon ab.",
        "itself": "Es ist der Ausgang selbst: Der einzige Pfad ist leer.",
        "most": "Es gibt {count} Pfade. Nur die, die am meisten beitragen, stehen da, {shown} davon: zusammen {part}"
        " von {total}.",
    },
}


def texts(language: str) -> Mapping[str, str]:
    """The texts of a language.

    Raises:
        ValueError: if it has no column in the table; the message names those that have.

    >>> texts("de")["others"]
    'alle anderen'
    """
    if language not in TEXTS:
        raise ValueError(f"language must be one of {', '.join(map(repr, TEXTS))}, got {shown(language)}")
    return TEXTS[language]
