"""The quiz for Moodle, held against what its importer reads (question/format/xml/format.php, type "numerical")."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from autograd.exercises.moodle import quiz
from autograd.exercises.sheet import sheets

CHILDREN = {
    "quiz": {"question"},
    "question": {"category", "name", "questiontext", "defaultgrade", "penalty", "hidden", "answer"},
    "category": {"text"},
    "name": {"text"},
    "questiontext": {"text"},
    "feedback": {"text"},
    "answer": {"text", "tolerance", "feedback"},
}
"""The elements that may stand in each; those that aren't there hold text alone."""


@pytest.fixture(scope="module")
def made():
    return sheets("x*y/2 + sin(x)", 2, seed=7, students=["Ann", "Ben & <b>"])


@pytest.fixture(scope="module")
def questions(made):
    written = quiz(made)
    assert written.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<quiz>")
    root = ElementTree.fromstring(written)
    for element in root.iter():
        children = [child.tag for child in element]
        assert set(children) <= CHILDREN.get(element.tag, set())
        assert len(children) == len(set(children)) or element.tag in ("quiz", "question")
    return root.findall("question")


def test_each_exercise_and_name_is_a_category_of_all_variants(made, questions):
    kinds = [question.get("type") for question in questions]
    assert kinds == ["category", "numerical", "numerical"] * 4
    paths = [question.findtext("category/text") for question in questions[::3]]
    assert paths[0] == "$course$/top/x*y//2 + sin(x)/Exercise 1, x"  # a / in a name is written twice
    assert len(set(paths)) == 4
    names = [question.findtext("name/text") for question in questions if question.get("type") == "numerical"]
    assert len(set(names)) == 8


def test_the_answers_are_the_engine_s_and_each_known_wrong_number_has_its_feedback(made, questions):
    rights = [x.gradients[name] for i in range(2) for name in "xy" for x in (s.exercises[i] for s in made)]
    asked = [question for question in questions if question.get("type") == "numerical"]
    for question, right in zip(asked, rights):
        assert question.find("questiontext").get("format") == "html"
        assert float(question.findtext("defaultgrade")) == 1
        answers = question.findall("answer")
        assert [answer.get("fraction") for answer in answers] == ["100"] + ["0"] * (len(answers) - 1)
        assert float(answers[0].findtext("text")) == right
        *numbers, rest = [answer.findtext("text") for answer in answers]
        assert rest == "*"
        assert len(numbers) > 3
        margins = [float(answer.findtext("tolerance")) for answer in answers]
        for number in map(float, numbers):  # Moodle takes the first answer within its tolerance
            taken = [n for n, margin in zip(map(float, numbers), margins) if math.isclose(n, number, abs_tol=margin)]
            assert taken == [number]
        feedbacks = [answer.findtext("feedback/text") for answer in answers]
        assert all(feedbacks)
        assert feedbacks[0].startswith("Right: ")
