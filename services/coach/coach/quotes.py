"""Shortening what is quoted. What may be quoted at all is for `said` to tell."""

from __future__ import annotations

from contracts.vocabulary.question import Question
from parley_text.questions import question_alone


def at_word(text: str, longest: int) -> str:
    """The beginning of a text, cut at a word."""
    return text[: longest + 1].rsplit(None, 1)[0][:longest] if " " in text[:longest] else text[:longest]


def shortened(question: Question, longest: int = 90) -> str:
    """The question itself in quotation marks, without what was said before it, cut at a word where it is long."""
    line = " ".join(question_alone(question.text, question.phase).split())
    return f"“{line}”" if len(line) <= longest else f"“{at_word(line, longest)} …”"
