"""All that a pass of steps says or writes in words, in a table of languages.

Another language is one more column: `TEXTS["fr"] = {...}` with the keys of the others. In braces stands what is put in.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...basics.messages import shown

TEXTS: dict[str, Mapping[str, str]] = {
    "en": {
        # what happens
        "backward_title": "The backward pass from {output}",
        "forward_title": "The forward pass to {output}",
        "backward_begins": "The gradient of {output} with respect to itself is 1; all others are to come.",
        "forward_begins": "The numbers of the leaves are given; all others are to come.",
        "complete": "Step {i} of {n}: the gradient of {node} is complete.",
        "zero": "It is 0, so nothing flows on.",
        "done": "Done: the gradients of the leaves are complete.",
        "computed": "Step {i} of {n}: {node} is computed: {numbers}.",
        # a wrong pass, and why it is
        "depth_first": "depth first",
        "breadth_first": "breadth first",
        "recursive": "recursion, path by path",
        "overwriting": "= in place of +=",
        "hands_on": "Step {i} of {n}: {node} hands on {number}.",
        "wrong_end": "Done, with wrong gradients.",
        "cut_end": "Cut here, after {n} of {all} steps.",
        "same": "All numbers are those of the right pass: in this graph it makes no difference.",
        "unfinished": "Step {i} is the first that differs: {node} hands on {found}, but its gradient is {right}. The"
        " rest arrives in step {others}, too late: a node may have its turn only after all that was computed from it.",
        "part": "Step {i} is the first that differs: {node} hands on {found}, which came along one path, where its"
        " gradient is {right}. Recursion comes to {node} {visits} times, once for each path to it. The sums are right"
        " in the end, but it takes {all} steps in place of {once}.",
        "cut": "It is cut here after {n} steps, so the sums are not there yet.",
        "forgotten": "Step {i} is the first that differs: = leaves {node} with {found}, where += gives {right}. What"
        " came in step {others} is forgotten: the gradient is the sum over all paths.",
        "and": " and ",
        # the same for those who hear it
        "has_gradient": "{node} has the gradient {number}.",
        "it_is": "It is {number}.",
        "receives": "{node} receives {slope} times {gradient}, which is {product}; so far {sum}.",
        "has": "{node} has {number}.",
        "is": "{node} is {number}.",
        # below the picture
        "legend": "{active}; blue is above 0, orange and dashed below.",
        "violet": "Violet: hands on",
        "violet_forward": "Violet: is computed",
        # the table
        "column_step": "step",
        "column_node": "node",
        "column_gradient": "gradient",
        "column_to": "to",
        "column_product": "local · gradient = product",
        "column_sum": "sum so far",
        "column_numbers": "in numbers",
        "row_given": "given",
        "row_done": "done",
        "row_nothing": "nothing flows on",
        # beside the slider
        "count_start": "start",
        "count": "step {i} / {n}",
        # the buttons
        "first": "first",
        "back": "back",
        "next": "next",
        "last": "last",
        "play": "play",
        "pause": "pause",
        "first_step": "first step",
        "step_back": "step back",
        "next_step": "next step",
        "last_step": "last step",
        "step": "step",
        "speed": "speed",
        "more": "more tools",
        "tools": "tools",
        "larger": "larger text",
        "light": "light or dark",
        "full": "full screen",
        "smaller_picture": "smaller picture",
        "larger_picture": "larger picture",
        "fit": "all of the picture",
        "table": "all steps as a table",
        "formulas": "the formulas of this step",
        "alive": "Run this cell to play the steps.",
    },
    "de": {
        "backward_title": "Der Rückwärtsdurchlauf von {output} aus",
        "forward_title": "Der Vorwärtsdurchlauf bis {output}",
        "backward_begins": "Der Gradient von {output} nach sich selbst ist 1; alle anderen kommen noch.",
        "forward_begins": "Die Zahlen der Blätter sind gegeben; alle anderen kommen noch.",
        "complete": "Schritt {i} von {n}: Der Gradient von {node} ist vollständig.",
        "zero": "Er ist 0, also fließt nichts weiter.",
        "done": "Fertig: Die Gradienten der Blätter sind vollständig.",
        "computed": "Schritt {i} von {n}: {node} wird berechnet: {numbers}.",
        "depth_first": "in die Tiefe zuerst",
        "breadth_first": "in die Breite zuerst",
        "recursive": "rekursiv, Pfad für Pfad",
        "overwriting": "= statt +=",
        "hands_on": "Schritt {i} von {n}: {node} gibt {number} weiter.",
        "wrong_end": "Fertig, mit falschen Gradienten.",
        "cut_end": "Hier abgebrochen, nach {n} von {all} Schritten.",
        "same": "Alle Zahlen sind die des richtigen Durchlaufs: In diesem Graphen macht es keinen Unterschied.",
        "unfinished": "Schritt {i} ist der erste mit einer anderen Zahl: {node} gibt {found} weiter, aber der Gradient"
        " ist {right}. Der Rest kommt in Schritt {others} an, zu spät: Ein Knoten ist erst an der Reihe, wenn alles an"
        " der Reihe war, was aus ihm berechnet wurde.",
        "part": "Schritt {i} ist der erste mit einer anderen Zahl: {node} gibt {found} weiter, was auf einem Pfad"
        " ankam; der Gradient ist {right}. Die Rekursion kommt {visits}-mal zu {node}, einmal auf jedem Pfad dorthin."
        " Die Summen stimmen am Ende, aber sie braucht {all} Schritte statt {once}.",
        "cut": "Hier ist sie nach {n} Schritten abgebrochen; die Summen sind noch nicht da.",
        "forgotten": "Schritt {i} ist der erste mit einer anderen Zahl: = lässt {node} nur {found}, += ergibt {right}."
        " Was in Schritt {others} kam, ist vergessen: Der Gradient ist die Summe über alle Pfade.",
        "and": " und ",
        "has_gradient": "{node} hat den Gradienten {number}.",
        "it_is": "Er ist {number}.",
        "receives": "{node} erhält {slope} mal {gradient}, das ist {product}; bisher {sum}.",
        "has": "{node} hat {number}.",
        "is": "{node} ist {number}.",
        "legend": "{active}; blau ist über 0, orange gestrichelt darunter.",
        "violet": "Violett: gibt weiter",
        "violet_forward": "Violett: wird berechnet",
        "column_step": "Schritt",
        "column_node": "Knoten",
        "column_gradient": "Gradient",
        "column_to": "an",
        "column_product": "lokal · Gradient = Produkt",
        "column_sum": "Summe bisher",
        "column_numbers": "in Zahlen",
        "row_given": "gegeben",
        "row_done": "fertig",
        "row_nothing": "nichts fließt weiter",
        "count_start": "Anfang",
        "count": "Schritt {i} / {n}",
        "first": "Anfang",
        "back": "zurück",
        "next": "weiter",
        "last": "Ende",
        "play": "abspielen",
        "pause": "anhalten",
        "first_step": "an den Anfang",
        "step_back": "einen Schritt zurück",
        "next_step": "einen Schritt weiter",
        "last_step": "ans Ende",
        "step": "Schritt",
        "speed": "Geschwindigkeit",
        "more": "mehr Werkzeuge",
        "tools": "Werkzeuge",
        "larger": "größere Schrift",
        "light": "hell oder dunkel",
        "full": "ganzer Bildschirm",
        "smaller_picture": "kleineres Bild",
        "larger_picture": "größeres Bild",
        "fit": "das ganze Bild",
        "table": "alle Schritte als Tabelle",
        "formulas": "die Formeln dieses Schritts",
        "alive": "Die Zelle ausführen, um die Schritte abzuspielen.",
    },
}


def texts(language: str) -> Mapping[str, str]:
    """The texts of a language.

    Args:
        language: its code in ISO 639-1, such as "de".

    Raises:
        ValueError: if it has no column in the table; the message names those that have.

    >>> texts("de")["is"].format(node="a", number=2)
    'a ist 2.'
    """
    if language not in list(TEXTS):  # which may be asked for what has no hash
        raise ValueError(f"language must be one of {', '.join(map(repr, TEXTS))}, got {shown(language)}")
    return TEXTS[language]
