"""What is said in practice, in each language: one table of sentences, whose gaps in braces are filled in."""

from __future__ import annotations

from ...basics.messages import shown
from .mistakes import Mistake

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        # what is asked, and the three hints for it
        "title": "Practice: the backward pass from {output} = {number}",
        "ask_seed": "the gradient that the backward pass begins with",
        "ask_local": "the local derivative of {called} with respect to {parent}",
        "ask_product": "what {node} hands on to {parent}",
        "ask_sum": "what {parent} has received so far, this included",
        "hint_seed_1": "How much does {output} change when {output} changes by 1?",
        "hint_seed_2": "It is the derivative of a number with respect to itself.",
        "hint_seed_3": "The slope of y = x.",
        "hint_local_1": "Only {parent} moves, nothing else in {called}: how fast does {node} move?",
        "hint_local_2": "The rule, whose a and b are any operands: {rule}.",
        "hint_local_3": "{symbol} = {formula}{numbers}.",
        "with": ", with {numbers}",
        "hint_product_1": "The chain rule: what arrives at {node}, times the local derivative.",
        "hint_product_2": "{symbol} · {gradient}.",
        "hint_product_3": "{slope} · {arrives}.",
        "hint_sum_1": "{parent} is used in more than one place. What do its paths do together?",
        "hint_sum_2": "Paths add up: what {parent} had before, plus what comes now.",
        "hint_sum_3": "{had} + {came}.",
        # what is said of an answer
        "right": "Right: {number}.",
        "formula": "As a formula it differs, though: at {place} it gives {value}, and {right} is right.",
        "empty": "There is no answer yet.",
        "unread": "This can't be read as a number: {why}.",
        "rounding": "Nearly: probably rounded too early. Keep four digits, or write a fraction.",
        "wrong": "Not right yet. A hint may help.",
        "wrong_alone": "Not right yet.",
        "wrong_seed": "The derivative of a number with respect to itself is 1: there the backward pass begins.",
        "sign": "The sign is wrong.",
        "neighbour": "That is {that}: the derivative with respect to {other}, not {parent}.",
        "factor": "In {symbol} a factor is forgotten: {what}.",
        "divisor": "In {symbol} a division is forgotten: by {what}.",
        "term": "In {symbol} a term is forgotten: {what}.",
        "exponent": "In {symbol} a power is forgotten: {what}.",
        "itself": "That is the number of {node} itself, not a derivative.",
        "elsewhere": "That is {symbol} with {other} = {number} in the place of {name} = {wanted}.",
        "upside_down": "{symbol} is upside down.",
        "none": "0 would mean that {node} doesn't depend on {parent}.",
        "no_gradient": "That is {local} alone. A factor is forgotten: what arrives at {node}, {gradient} = {arrives}.",
        "no_local": "That is {gradient} alone. A factor is forgotten: the local derivative {local} = {slope}.",
        "added": "Along a path the derivatives are multiplied, not added.",
        "divided": "It is multiplied by {local}, not divided.",
        "in_local": "The local derivative in it is wrong.",
        "overwritten": "That is = in place of +=: the {had} that {parent} had already is lost.",
        "path": "A path is forgotten: the one through {via}, which brings {number}.",
        "subtracted": "What comes along another path is added, not subtracted.",
        "multiplied": "Along a path one multiplies; the paths themselves are added.",
        "in_product": "The new term in it is wrong.",
        "assigned": "That comes out with = in place of +=: where paths meet, their gradients add up.",
        "way": "A path is forgotten: {path}.",
        "only": "That is one path alone, {path}. There are others.",
        "sign_on": "The sign is wrong on the path {path}.",
        "factor_on": "On the path {path} a factor is forgotten: {what}.",
        "on": "On the path {path}, {local} is wrong.",
        "other": "That is {other}, not {symbol}.",
    },
    "de": {
        "title": "Übung: der Rückwärtsdurchlauf von {output} = {number} aus",
        "ask_seed": "der Gradient, mit dem der Rückwärtsdurchlauf beginnt",
        "ask_local": "die lokale Ableitung von {called} nach {parent}",
        "ask_product": "was {node} an {parent} weitergibt",
        "ask_sum": "was {parent} bisher bekommen hat, dies eingeschlossen",
        "hint_seed_1": "Um wie viel ändert sich {output}, wenn sich {output} um 1 ändert?",
        "hint_seed_2": "Es ist die Ableitung einer Zahl nach sich selbst.",
        "hint_seed_3": "Die Steigung von y = x.",
        "hint_local_1": "Nur {parent} bewegt sich, sonst nichts in {called}: Wie schnell bewegt sich {node}?",
        "hint_local_2": "Die Regel, deren a und b beliebige Operanden sind: {rule}.",
        "hint_local_3": "{symbol} = {formula}{numbers}.",
        "with": ", mit {numbers}",
        "hint_product_1": "Die Kettenregel: was bei {node} ankommt, mal die lokale Ableitung.",
        "hint_product_2": "{symbol} · {gradient}.",
        "hint_product_3": "{slope} · {arrives}.",
        "hint_sum_1": "{parent} wird an mehr als einer Stelle gebraucht. Was tun seine Pfade zusammen?",
        "hint_sum_2": "Pfade addieren sich: was {parent} vorher hatte, plus was jetzt kommt.",
        "hint_sum_3": "{had} + {came}.",
        "right": "Richtig: {number}.",
        "formula": "Als Formel stimmt es aber nicht: Bei {place} ergibt sie {value}, richtig ist {right}.",
        "empty": "Da steht noch keine Antwort.",
        "unread": "Das lässt sich nicht als Zahl lesen: {why}.",
        "rounding": "Fast: wahrscheinlich zu früh gerundet. Behalte vier Ziffern, oder schreib einen Bruch.",
        "wrong": "Noch nicht richtig. Ein Hinweis hilft vielleicht.",
        "wrong_alone": "Noch nicht richtig.",
        "wrong_seed": "Die Ableitung einer Zahl nach sich selbst ist 1: Damit beginnt der Rückwärtsdurchlauf.",
        "sign": "Das Vorzeichen ist falsch.",
        "neighbour": "Das ist {that}: die Ableitung nach {other}, nicht nach {parent}.",
        "factor": "In {symbol} fehlt ein Faktor: {what}.",
        "divisor": "In {symbol} fehlt eine Division: durch {what}.",
        "term": "In {symbol} fehlt ein Summand: {what}.",
        "exponent": "In {symbol} fehlt ein Exponent: {what}.",
        "itself": "Das ist die Zahl von {node} selbst, keine Ableitung.",
        "elsewhere": "Das ist {symbol} mit {other} = {number} an der Stelle von {name} = {wanted}.",
        "upside_down": "{symbol} steht auf dem Kopf.",
        "none": "0 hieße, dass {node} nicht von {parent} abhängt.",
        "no_gradient": "Das ist {local} allein. Es fehlt ein Faktor: was bei {node} ankommt, {gradient} = {arrives}.",
        "no_local": "Das ist {gradient} allein. Es fehlt ein Faktor: die lokale Ableitung {local} = {slope}.",
        "added": "Entlang eines Pfades werden die Ableitungen multipliziert, nicht addiert.",
        "divided": "Es wird mit {local} multipliziert, nicht dividiert.",
        "in_local": "Die lokale Ableitung darin ist falsch.",
        "overwritten": "Das ist = statt +=: Die {had}, die {parent} schon hatte, ist verloren.",
        "path": "Ein Pfad ist vergessen: der über {via}, der {number} bringt.",
        "subtracted": "Was auf einem weiteren Pfad kommt, wird addiert, nicht subtrahiert.",
        "multiplied": "Entlang eines Pfades multipliziert man; die Pfade selbst werden addiert.",
        "in_product": "Der neue Summand darin ist falsch.",
        "assigned": "Das ergibt sich mit = statt +=: Wo Pfade zusammentreffen, addieren sich ihre Gradienten.",
        "way": "Ein Pfad ist vergessen: {path}.",
        "only": "Das ist nur ein Pfad, {path}. Es gibt noch andere.",
        "sign_on": "Auf dem Pfad {path} ist das Vorzeichen falsch.",
        "factor_on": "Auf dem Pfad {path} fehlt ein Faktor: {what}.",
        "on": "Auf dem Pfad {path} ist {local} falsch.",
        "other": "Das ist {other}, nicht {symbol}.",
    },
}
"""For each language its sentences by their keys; those of all languages are the same."""

PAGE: dict[str, dict[str, str]] = {
    "en": {
        "blank": "{i} of {n}: {asked}",
        "progress": "{right} of {all} right",
        "accepted": "Right within {share} of the right number. Fractions, and expressions such as 2*x, are fine.",
        "alive": "Run this cell to practise.",
        "check": "check",
        "hint": "hint {n}",
        "show": "show it",
        "shown": "The answer is {number}.",
        "previous_blank": "previous blank",
        "next_blank": "next blank",
        "finished": "Done: {right} of {all} right, {first} of them at once.",
        "results": "what was right, as a table",
        "save": "save the table",
        "column_blank": "blank",
        "column_answers": "answers",
        "column_hints": "hints",
        "column_result": "result",
        "result_open": "open",
        "result_right": "right",
        "result_shown": "shown",
        "so_far": ", so far",
        "unread_at": "{part} is not understood",
        "unread_end": "something is missing at its end",
        "unread_name": "there is no {name} here; the names are {names}",
        "unread_call": "{name} is a function of other operands",
        "unread_zero": "it divides by 0",
        "unread_finite": "it is not finite",
    },
    "de": {
        "blank": "{i} von {n}: {asked}",
        "progress": "{right} von {all} richtig",
        "accepted": "Richtig bis auf {share} der richtigen Zahl. Brüche und Ausdrücke wie 2*x sind erlaubt,"
        " und 0.5 darf auch 0,5 heißen.",
        "alive": "Die Zelle ausführen, um zu üben.",
        "check": "prüfen",
        "hint": "Hinweis {n}",
        "show": "zeigen",
        "shown": "Die Antwort ist {number}.",
        "previous_blank": "vorige Lücke",
        "next_blank": "nächste Lücke",
        "finished": "Fertig: {right} von {all} richtig, {first} davon auf Anhieb.",
        "results": "was richtig war, als Tabelle",
        "save": "die Tabelle speichern",
        "column_blank": "Lücke",
        "column_answers": "Antworten",
        "column_hints": "Hinweise",
        "column_result": "Ergebnis",
        "result_open": "offen",
        "result_right": "richtig",
        "result_shown": "gezeigt",
        "so_far": ", bisher",
        "unread_at": "{part} ist nicht zu verstehen",
        "unread_end": "am Ende fehlt etwas",
        "unread_name": "{name} gibt es hier nicht; die Namen sind {names}",
        "unread_call": "{name} ist eine Funktion anderer Operanden",
        "unread_zero": "es teilt durch 0",
        "unread_finite": "es ist nicht endlich",
    },
}
"""What is said in the page alone."""

_SHARED = ("right", "formula", "empty", "unread", "rounding", "wrong", "wrong_seed")


def words(language: str) -> dict[str, str]:
    """All that the page says itself."""
    return PAGE[language] | {key: TEXTS[language][key] for key in _SHARED}


def text(key: str, language: str, **words: str) -> str:
    """A sentence of the table, its gaps filled in."""
    return TEXTS[language][key].format(**words)


def sentence(mistake: Mistake, language: str) -> str:
    """What is said of a mistake: what is wrong in the whole, and then in which part of it.

    >>> sentence(Mistake(2.0, "in_local", {}, Mistake(1.0, "sign")), "en")
    'The local derivative in it is wrong. The sign is wrong.'
    """
    said = text(mistake.kind, language, **mistake.words)
    return said if mistake.inner is None else f"{said} {sentence(mistake.inner, language)}"


def known(language: str) -> str:
    """The language; an error if the table doesn't have it."""
    if language not in list(TEXTS):  # which may be asked for what has no hash
        raise ValueError(f"language must be {' or '.join(map(repr, TEXTS))}, got {shown(language)}")
    return language
