"""What is asked, in what is said."""

from __future__ import annotations

from parley_text.sentences import COLONS, asks, last, spans

_GREETS = frozenset({"welcome", "intro"})
"""Phases of an interview in which a question stands at the end of a greeting."""


def question_of(text: str) -> str:
    """The question at the end of a greeting: its last sentence."""
    return last(text, also=COLONS)


def question_alone(text: str) -> str:
    """From the first sentence that asks to the end; the last sentence where none does."""
    for start, end in spans(text):
        if asks(text[start:end]):
            return text[start:].strip()
    return question_of(text)


def asked_in(text: str, phase: str) -> str:
    """What is quoted as the question that was put: in the first phases of an interview without the greeting, later the
    whole text, whose first sentence may say what it is about."""
    return question_of(text) if phase in _GREETS else text
