"""All that the page says, in each language: one table, read by the page (words.js) and by what answers it.

Another language is one more column. In braces stands what is put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .translated import translated

LANGUAGES = ("en", "de")
_TABLE: dict[str, tuple[str, ...]] = {
    # the page
    "language": ("English", "Deutsch"),
    "in_language": ("Language", "Sprache"),
    "title": ("The chain rule, explored", "Die Kettenregel, zum Erkunden"),
    "rooms": ("what to do", "was zu tun ist"),
    "explore": ("Explore", "Erkunden"),
    "practise": ("Practise", "Üben"),
    "train": ("Train", "Trainieren"),
    "course": ("Course", "Kurs"),
    "projector": ("Projector", "Beamer"),
    "loading": (
        "Python is being loaded; nothing is sent anywhere.",
        "Python wird geladen; nichts wird irgendwohin gesendet.",
    ),
    "stopped": (
        "Python has stopped; load the page again. ({why})",
        "Python läuft nicht mehr; lade die Seite neu. ({why})",
    ),
    "foreign": ("{said}", "Das geht nicht. Die Meldung dazu, auf Englisch: {said}"),
    "copy": ("Copy", "Kopieren"),
    "copied": ("Copied.", "Kopiert."),
    # Explore
    "expression": ("Expression", "Ausdruck"),
    "to_drag": ("{name}, to drag", "{name}, zum Ziehen"),
    "result": ("result", "Ergebnis"),
    "gradients": ("gradients", "Gradienten"),
    "name": ("name", "Name"),
    "value": ("value", "Wert"),
    "gradient": ("gradient", "Gradient"),
    "views": ("what to see", "was zu sehen ist"),
    "view_graph": ("Graph", "Graph"),
    "view_steps": ("Step by step", "Schritt für Schritt"),
    "view_rule": ("Chain rule", "Kettenregel"),
    "view_modes": ("Forward and reverse", "Vorwärts und rückwärts"),
    "graph": ("graph", "Graph"),
    "modes": ("forward and reverse mode", "Vorwärts- und Rückwärtsmodus"),
    "modes_said": (
        "Forward mode goes down the table: {passes}, one for each name, and the last row is the gradient. Reverse"
        " mode goes up: one pass for all names, and the first rows are the gradient.",
        "Der Vorwärtsmodus geht die Tabelle hinab: {passes}, einer für jeden Namen, und die letzte Zeile ist der"
        " Gradient. Der Rückwärtsmodus geht sie hinauf: ein Durchlauf für alle Namen, und die ersten Zeilen sind"
        " der Gradient.",
    ),
    "one_pass": ("1 pass", "1 Durchlauf"),
    "passes": ("{n} passes", "{n} Durchläufe"),
    "forward": ("forward ↓", "vorwärts ↓"),
    "reverse": ("reverse ↑", "rückwärts ↑"),
    "node": ("node", "Knoten"),
    "too_many_rows": (
        "A table of {n} rows is too long to be read (at most {most}).",
        "Eine Tabelle von {n} Zeilen ist zu lang, um sie zu lesen (höchstens {most}).",
    ),
    "no_names": (
        "There are no names in it, so there is nothing to differentiate: write one such as x**2",
        "Es stehen keine Namen darin, also gibt es nichts abzuleiten: Schreib einen, etwa x**2",
    ),
    "too_many_names": (
        "The expression has {n} names: {most} are the most here",
        "Der Ausdruck hat {n} Namen: Hier sind höchstens {most} möglich",
    ),
    "no_number": (
        "{name} must be a number such as 2, -0.5, 1/2 or 1e-3, got {got}",
        "{name} muss eine Zahl sein, etwa 2, -0,5, 1/2 oder 1e-3, und ist {got}",
    ),
    "not_finite": ("{name} must be finite (and at most 1.8e308)", "{name} muss endlich sein (und höchstens 1.8e308)"),
    # Course
    "course_said": (
        "Notebooks to read. What they draw of an expression can be opened in Explore.",
        "Notebooks zum Lesen, auf Englisch. Was sie von einem Ausdruck zeichnen, lässt sich in Erkunden öffnen.",
    ),
    "no_course": (
        "This page was built without the notebooks of the course.",
        "Diese Seite wurde ohne die Notebooks des Kurses gebaut.",
    ),
    "lessons": ("All notebooks", "Alle Notebooks"),
    "lesson_before": ("← The one before", "← Das vorige"),
    "lesson_after": ("The next →", "Das nächste →"),
    "run": ("Run the cell", "Die Zelle ausführen"),
    "open_in_explore": ("Open in Explore", "In Erkunden öffnen"),
    # Practise
    "practise_kinds": ("what to practise", "was zu üben ist"),
    "practise_one": ("This expression", "Dieser Ausdruck"),
    "practise_sheet": ("A sheet", "Ein Blatt"),
    "practise_teacher": ("For teachers", "Für Lehrende"),
    "one_said": (
        "The backward pass of the expression in Explore, with blanks: {formula} at {given}.",
        "Der Rückwärtsdurchlauf des Ausdrucks unter „Erkunden“, mit Lücken: {formula} an der Stelle {given}.",
    ),
    "no_sheet": (
        "There is no sheet yet. Open the link that your teacher gave you, or paste it here.",
        "Es gibt noch kein Blatt. Öffne den Link, den du bekommen hast, oder füge ihn hier ein.",
    ),
    "link": ("Link", "Link"),
    "open": ("Open", "Öffnen"),
    "no_link": (
        "That is no link to a sheet: one ends in #sheet=x*y&count=5 or the like.",
        "Das ist kein Link zu einem Blatt: Ein solcher endet etwa auf #sheet=x*y&count=5.",
    ),
    "your_name": ("Your name", "Dein Name"),
    "your_name_each": ("Your name (the numbers depend on it)", "Dein Name (von ihm hängen die Zahlen ab)"),
    "begin": ("Begin", "Anfangen"),
    "no_name": ("Write your name first.", "Schreib zuerst deinen Namen."),
    "name_too_long": ("A name has {most} characters at most.", "Ein Name hat höchstens {most} Zeichen."),
    "exercises": ("exercises", "Aufgaben"),
    "exercise": ("exercise", "Aufgabe"),
    "of": ("of", "von"),
    "exercise_done": ("Exercise {n}: {right} of {all} right", "Aufgabe {n}: {right} von {all} richtig"),
    "hand_in": ("Hand in", "Abgeben"),
    "hand_in_said": (
        "Give your teacher this code, or the file. It has the sheet, your name, your answers and how many hints"
        " you took. Nothing has been sent.",
        "Gib diesen Code oder die Datei ab. Darin stehen das Blatt, dein Name, deine Antworten und wie viele"
        " Hinweise du genommen hast. Gesendet wurde nichts.",
    ),
    "code": ("Code", "Code"),
    "save": ("Save as a file", "Als Datei speichern"),
    "done_so_far": (
        "{right} of {all} right, {first} at once; {hints} hints, {shown} shown.",
        "{right} von {all} richtig, {first} auf Anhieb; {hints} Hinweise, {shown} gezeigt.",
    ),
    "honest": (
        "This is no proof against cheating: the page knows the answers, anybody can read it, and a code says only"
        " what was typed into it, not by whom.",
        "Das schützt nicht vor Schummeln: Die Seite kennt die Antworten, jeder kann sie lesen, und ein Code sagt"
        " nur, was eingegeben wurde, nicht von wem.",
    ),
    "make_sheet": ("Make a sheet", "Ein Blatt machen"),
    "make_said": (
        "The link holds the sheet. Whoever opens it practises; results stay there until they are handed in.",
        "Der Link enthält das Blatt. Wer ihn öffnet, übt; die Ergebnisse bleiben dort, bis sie abgegeben werden.",
    ),
    "count": ("Exercises", "Aufgaben"),
    "seed": ("Seed", "Startzahl"),
    "each": ("other numbers for each name", "andere Zahlen für jeden Namen"),
    "shapes": ("other operations, too", "auch andere Operationen"),
    "products": ("products and sums only", "nur Produkte und Summen"),
    "make": ("Make the link", "Den Link machen"),
    "try_it": ("Try it", "Ausprobieren"),
    "stick_said": (
        "This page was opened from a file, so the link has no address before the #. Students open their copy of the"
        " file, choose “A sheet” under “Practise” and paste it there.",
        "Diese Seite wurde als Datei geöffnet, also steht vor dem # keine Adresse. Wer übt, öffnet seine Kopie der"
        " Datei, wählt „Ein Blatt“ unter „Üben“ und fügt den Link dort ein.",
    ),
    "check_codes": ("Check what was handed in", "Abgegebenes prüfen"),
    "check_said": (
        "Paste codes, or open the files. Each answer is judged again here, from the numbers of its sheet.",
        "Füge Codes ein oder öffne die Dateien. Jede Antwort wird hier noch einmal beurteilt, mit den Zahlen ihres"
        " Blatts.",
    ),
    "codes": ("Codes", "Codes"),
    "files": ("Files", "Dateien"),
    "check": ("Check", "Prüfen"),
    "no_code": (
        "There is no code here: one begins with {begins}",
        "Hier ist kein Code: Ein solcher beginnt mit {begins}",
    ),
    "bad_code": (
        "This code is not whole, or was altered: {begin}…",
        "Dieser Code ist unvollständig oder verändert: {begin}…",
    ),
    "no_code_lines": ("Lines without a code: {lines}", "Zeilen ohne Code: {lines}"),
    "problem": ("problem", "Problem"),
    "student": ("student", "Name"),
    "sheet": ("sheet", "Blatt"),
    "right": ("right", "richtig"),
    "at_once": ("at once", "auf Anhieb"),
    "hints": ("hints", "Hinweise"),
    "shown": ("shown", "gezeigt"),
    "asked": ("asked", "gefragt"),
    "answers": ("answers", "Antworten"),
    "right_number": ("right number", "richtige Zahl"),
    "result_right": ("right", "richtig"),
    "result_wrong": ("wrong", "falsch"),
    "result_open": ("open", "offen"),
    "result_shown": ("shown", "gezeigt"),
    "handed_in": ("what was handed in", "was abgegeben wurde"),
    "details": ("{student}: each answer", "{student}: jede Antwort"),
    "save_table": ("Save the table", "Die Tabelle speichern"),
    "another_sheet": ("another sheet: {sheet}", "ein anderes Blatt: {sheet}"),
    "nameless": ("(no name)", "(ohne Namen)"),
    "sheet_said": ("{e}, {count} exercises, seed {seed}", "{e}, {count} Aufgaben, Startzahl {seed}"),
    "sheet_said_one": ("{e}, 1 exercise, seed {seed}", "{e}, 1 Aufgabe, Startzahl {seed}"),
    "too_long": (
        "An expression for a sheet has {most} characters at most.",
        "Ein Ausdruck für ein Blatt hat höchstens {most} Zeichen.",
    ),
    "no_exercise": ("There is no exercise {n} on this sheet.", "Auf diesem Blatt gibt es keine Aufgabe {n}."),
    # Train
    "data": ("Points", "Punkte"),
    "data_moons": ("two moons", "zwei Monde"),
    "data_xor": ("XOR", "XOR"),
    "data_none": ("none, I click", "keine, ich klicke"),
    "layers": ("Hidden layers", "Verborgene Schichten"),
    "neurons": ("Neurons in each", "Neuronen in jeder"),
    "activation": ("Activation", "Aktivierung"),
    "start": ("Initial weights", "Anfangsgewichte"),
    "start_usual": ("usual", "üblich"),
    "start_xavier": ("xavier", "Xavier"),
    "start_kaiming": ("kaiming", "Kaiming"),
    "start_large": ("large", "groß"),
    "start_zeros": ("zeros", "null"),
    "loss": ("Loss", "Verlust"),
    "loss_cross-entropy": ("cross-entropy", "Kreuzentropie"),
    "loss_squared": ("squared", "quadratisch"),
    "rate": ("Learning rate", "Lernrate"),
    "play": ("Play", "Abspielen"),
    "pause": ("Pause", "Anhalten"),
    "once": ("One step", "Ein Schritt"),
    "again": ("Start again", "Von vorn"),
    "no_points": ("no points", "keine Punkte"),
    "loss_is": ("loss {loss}", "Verlust {loss}"),
    "reached": (
        "Step {step}: {loss}, {right} of {all} points right",
        "Schritt {step}: {loss}, {right} von {all} Punkten richtig",
    ),
    "dead": ("; {dead} of {all} ReLUs are dead", "; {dead} von {all} ReLUs sind tot"),
    "field": (
        "{n} points between -2 and 2 both ways, {right} on their side of the line",
        "{n} Punkte zwischen -2 und 2 in beide Richtungen, {right} auf ihrer Seite der Linie",
    ),
    "field_said": (
        "Click to add a point, drag one, or pick it. On the line the output is 0: it is positive on the blue side"
        " (○), negative on the orange (□).",
        "Ein Klick fügt einen Punkt hinzu; Punkte lassen sich ziehen und auswählen. Auf der Linie ist die Ausgabe"
        " 0: Sie ist positiv auf der blauen Seite (○), negativ auf der orangen (□).",
    ),
    "curve": ("Loss by step: {said}", "Verlust nach Schritten: {said}"),
    "curve_from": ("from {first} to {last}", "von {first} bis {last}"),
    "curve_none": ("none yet", "noch keiner"),
    "curve_said": ("Loss by step", "Verlust nach Schritten"),
    "steps": ("{n} steps", "{n} Schritte"),
    "one_step": ("1 step", "1 Schritt"),
    "network": (
        "A network of {widths} neurons; its weights are below",
        "Ein Netz aus {widths} Neuronen; seine Gewichte stehen unten",
    ),
    "weights_above": ("weights above 0,", "Gewichte über 0,"),
    "weights_below": (
        "below: their colours are those of the output's sign; thicker is larger. A neuron has its bias; × is dead: a"
        " ReLU that gives 0 at all points.",
        "unter 0, in den Farben der Vorzeichen, wie bei der Ausgabe; je dicker, desto größer. In einem Neuron steht"
        " sein Bias; × ist tot: eine ReLU, die an allen Punkten 0 gibt.",
    ),
    "point": ("Point", "Punkt"),
    "kind": ("Kind", "Art"),
    "kind_0": ("□ orange", "□ orange"),
    "kind_1": ("○ blue", "○ blau"),
    "add": ("Add it", "Hinzufügen"),
    "delete": ("Delete", "Löschen"),
    "equations": ("The equations", "Die Gleichungen"),
    "pick": ("Its graph and backward pass", "Sein Graph und Rückwärtsdurchlauf"),
    "weights": ("Weights as numbers", "Gewichte als Zahlen"),
    "neuron": ("layer {layer}, neuron {neuron}", "Schicht {layer}, Neuron {neuron}"),
    "no_points_yet": (
        "There are no points to learn from: click to add some of both kinds",
        "Es gibt keine Punkte, aus denen zu lernen wäre: Füge durch Klicken welche von beiden Arten hinzu",
    ),
    "explodes": (
        "Step {step} explodes, and was not made: {why}. Take a smaller learning rate",
        "Schritt {step} explodiert und wurde nicht gemacht: {why}. Nimm eine kleinere Lernrate",
    ),
    "one_of": ("{name} must be one of {known}, got {got}", "{name} muss eines von {known} sein und ist {got}"),
    "whole": (
        "{name} must be a whole number from {least} to {most}, got {got}",
        "{name} muss eine ganze Zahl von {least} bis {most} sein und ist {got}",
    ),
    "between": (
        "{name} must be a number from {least} to {most}, got {got}",
        "{name} muss eine Zahl von {least} bis {most} sein und ist {got}",
    ),
    "many_points": ("There can be {most} points at most", "Es können höchstens {most} Punkte sein"),
    "bad_point": (
        "A point is two numbers from -2 to 2 and a kind, 0 or 1, got {got}",
        "Ein Punkt besteht aus zwei Zahlen von -2 bis 2 und einer Art, 0 oder 1, und ist {got}",
    ),
    "not_in_link": (
        "{name} can't be “{got}”, as the link has it.",
        "{name} kann nicht „{got}“ sein, wie es im Link steht.",
    ),
    "no_such_point": ("There is no point {n}: there are {all}", "Es gibt keinen Punkt {n}: Es sind {all}"),
}  # fmt: skip

TEXTS = {language: {key: said[i] for key, said in _TABLE.items()} for i, language in enumerate(LANGUAGES)}
"""For each language its sentences by their keys."""


class Refused(ValueError):
    """What was asked can't be done; the message is in the language of the page.

    Args:
        said: the message.
        fields: the names of what is to be mended, where there is more than one field.
    """

    def __init__(self, said: str, fields: Sequence[str] = ()) -> None:
        super().__init__(said)
        self.fields = list(fields)


def spoken(language: object) -> str:
    """The language, or English where the table doesn't have it."""
    return language if isinstance(language, str) and language in TEXTS else "en"


def text(key: str, language: str, **words: object) -> str:
    """A sentence of the table, its gaps filled in.

    >>> text("passes", "de", n=2)
    '2 Durchläufe'
    """
    return TEXTS[language][key].format(**words)


def refused(key: str, language: str, **words: object) -> Refused:
    """An error that says a sentence of the table."""
    return Refused(text(key, language, **words))


def complaint(error: Exception, language: str) -> dict[str, Any]:
    """What the page is told of an error: the sentence, what is in it of the engine's translated, and which fields.

    >>> complaint(ValueError("log of -1"), "de")["error"]
    'Das geht nicht. Die Meldung dazu, auf Englisch: log of -1'
    """
    said = " ".join(str(error).split())[:1000]
    if not isinstance(error, Refused):
        said = translated(said, language) or text("foreign", language, said=said)
    fields = getattr(error, "fields", [])
    return {"error": said, "fields": fields} if fields else {"error": said}


def quoted(given: object) -> str:
    """What was given, short enough for a sentence."""
    return repr(str(given)[:50])
