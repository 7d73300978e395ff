"""The table of the page's sentences: the same keys and gaps in all languages, and none that nobody says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import autograd.classroom
from autograd.classroom.building import SCRIPTS
from autograd.classroom.texts import TEXTS, complaint, refused, spoken

FOLDER = Path(autograd.classroom.__file__).parent
SOURCES = [x for x in FOLDER.iterdir() if x.suffix in (".py", ".js", ".html") and x.name != "texts.py"]


@pytest.mark.parametrize("language", TEXTS)
def test_all_languages_have_the_same_keys_and_gaps(language):
    def gaps(table):
        return {key: {*re.findall(r"{\w+}", said)} for key, said in table.items()}

    assert gaps(TEXTS[language]) == gaps(TEXTS["en"])
    assert all(TEXTS[language].values())


def test_the_page_asks_for_no_sentence_that_the_table_lacks_and_none_is_left_over():
    code = "\n".join(x.read_text(encoding="utf-8") for x in SOURCES)
    asked = {*re.findall(r'data-say(?:-label)?="([\w-]+)"', code), *re.findall(r'\bsay\("([\w-]+)"', code)}
    assert asked <= {*TEXTS["en"]}
    made = ("view_", "result_", "foreign")  # by the code, from parts; and by the table itself
    left = [key for key in TEXTS["en"] if not re.search(rf"[\"'`]{key}[\"'`]", code) and not key.startswith(made)]
    assert left == []


def test_no_name_is_declared_twice_in_the_scripts_which_share_one_scope():
    code = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in ("words.js", *SCRIPTS))
    declared = re.findall(r"^(?:async function|function|const|let) (\w+)", code, flags=re.MULTILINE)
    assert len(declared) > 50
    assert len(set(declared)) == len(declared)


def test_what_the_engine_says_in_english_is_told_as_that():
    powers = ValueError("'x^2' is not understood: powers are written with **, as in x**2")
    assert complaint(powers, "de")["error"].startswith("'x^2' ist nicht zu verstehen: Potenzen")
    assert complaint(powers, "en")["error"] == str(powers)
    assert complaint(ValueError("log(x=-1.0)"), "de")["error"].endswith("auf Englisch: log(x=-1.0)")
    assert complaint(refused("no_names", "de"), "de")["error"].startswith("Es stehen keine Namen darin")
    assert complaint(ValueError("x" * 5_000), "en")["error"] == "x" * 1_000


@pytest.mark.parametrize("language", [None, "fr", 3, ["de"], "__class__"])
def test_a_language_that_is_not_there_is_english(language):
    assert spoken(language) == "en"
