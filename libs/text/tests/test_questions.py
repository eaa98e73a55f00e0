"""The question itself, without the greeting before it."""

from __future__ import annotations

import pytest
from parley_text.questions import asked_in, question_alone


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Good day, and welcome. I am an AI. Who are you?", "Who are you?"),
        ("Welcome to Acme Inc. for Node.js. To begin: what draws you here?", "what draws you here?"),
        ("您好，欢迎参加面试。能否请您做个自我介绍？", "能否请您做个自我介绍？"),
        ("Who are you?", "Who are you?"),
        ("Welcome. To begin, please tell me about yourself.", "To begin, please tell me about yourself."),
    ],
)
def test_a_greeting_is_no_part_of_the_question(said: str, asked: str) -> None:
    assert asked_in(said, "intro") == asked_in(said, "welcome") == asked


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ("Thank you for saying so. Here is a different one. How did you test it?", "How did you test it?"),
        ("How did you test it? And who helped you?", "How did you test it? And who helped you?"),
        ("Tell me more.", "Tell me more."),
        (
            "Cool. Prices are cached for ten minutes, and customers complain. How would you fix that?",
            "Prices are cached for ten minutes, and customers complain. How would you fix that?",
        ),
        ("谢谢。你是怎么测试的？", "你是怎么测试的？"),
        ("", ""),
        ("Let us turn to another subject. Where did it fail?", "Where did it fail?"),
        ("Kommen wir zu einem anderen Thema. Was war los?", "Was war los?"),
        ("Tell me about a team that did not work. What was your part?",) * 2,
    ],
)
def test_a_question_alone_is_without_thanks_and_with_what_it_is_about(said: str, alone: str) -> None:
    assert question_alone(said, "technical") == alone


def test_of_an_introduction_the_question_alone_is_its_last_sentence() -> None:
    said = "Good day. I am an AI interviewer, and another AI judges what you say. Who are you?"
    assert question_alone(said, "intro") == "Who are you?"


def test_what_a_later_question_is_about_belongs_to_it() -> None:
    said = 'Your résumé says "cut costs by half". How did you measure that?'
    assert asked_in(said, "resume") == said
