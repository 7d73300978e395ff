"""The table of texts: every language has all of them, with the same things put in."""

from __future__ import annotations

import string

import pytest

from autograd.show import steps
from autograd.show.steps.texts import TEXTS
from tests.support.pictures import lecture


@pytest.mark.parametrize("language", TEXTS)
def test_a_language_has_all_texts_and_each_takes_the_same_parts(language):
    def parts(text):
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert {key: parts(text) for key, text in TEXTS[language].items()} == {
        key: parts(text) for key, text in TEXTS["en"].items()
    }


def test_a_class_in_german_reads_german():
    _, _, e = lecture()
    passed = steps(e, language="de")
    table = str(passed).splitlines()
    assert table[0].split("  ")[0] == "Schritt"
    assert "Summe bisher" in table[0]
    assert table[-1].split() == ["b", "5"]
    page = passed.html()
    assert '<html lang="de"' in page
    assert "Der Gradient von e nach sich selbst ist 1; alle anderen kommen noch." in page
    assert not any(text in page for text in TEXTS["en"].values() if text.count(" ") > 2)
    assert str(steps(e, forward=True, language="de")).splitlines()[0].split() == ["Schritt", "Knoten", "in", "Zahlen"]


def test_a_language_that_is_not_in_the_table_is_refused_with_those_that_are():
    with pytest.raises(ValueError, match="language must be one of 'en', 'de', got 'xx'"):
        steps(lecture()[2], language="xx")
