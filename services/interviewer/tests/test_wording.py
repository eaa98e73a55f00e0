"""A question without what was said around it."""

from __future__ import annotations

import pytest
from contracts.vocabulary.question import Question
from interviewer.engines.wording import bare
from interviewer.languages import languages

ASKED = "What did you learn when that project failed?"


@pytest.mark.parametrize("before", [each.language for each in languages()])
def test_nothing_of_the_language_before_is_said_again_after_a_switch(before: str) -> None:
    spoken = next(each for each in languages() if each.language == before)
    around = [f"{opener}{{question}}" for opener in spoken.openers] + [*spoken.building_on]
    for other in languages():
        for template in around:
            if other is spoken and template in spoken.building_on:
                continue  # in its own language it stays: what follows leans on it
            text = template.format(question=ASKED)
            assert bare(Question(kind="question", text=text, phase="technical"), other) == ASKED, (text, other.language)


def test_a_question_that_begins_as_none_of_them_stays_whole() -> None:
    for text in (ASKED, "Finally the queue was empty. What had you changed?", "Bienvenue is our product. Who uses it?"):
        question = Question(kind="question", text=text, phase="technical")
        assert all(bare(question, each) == text for each in languages())
