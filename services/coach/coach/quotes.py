"""Quotes are slices of what was said. Whoever quotes, a model above all, is compared with the answer by code."""

from __future__ import annotations

import re

from contracts.vocabulary.question import Question
from parley_text.questions import question_alone
from parley_text.verbatim import Source

MIN_WORDS = 2
"""A single word shows nothing."""
_WORD = re.compile(r"\w+")


def verbatim(quote: str, answer: str) -> str | None:
    """The slice of the answer that a quote stands for: exact, or but for case, white space, quotation marks and dashes.

    None where there is no such slice, and for quotes that are too short to show anything. Nothing is ever made up.
    """
    return Source(answer).passage(quote) if len(_WORD.findall(quote)) >= MIN_WORDS else None


def at_word(text: str, longest: int) -> str:
    """The beginning of a text, cut at a word."""
    return text[: longest + 1].rsplit(None, 1)[0][:longest] if " " in text[:longest] else text[:longest]


def shortened(question: Question, longest: int = 90) -> str:
    """The question itself in quotation marks, without what was said before it, cut at a word where it is long."""
    line = " ".join(question_alone(question.text, question.phase).split())
    return f"“{line}”" if len(line) <= longest else f"“{at_word(line, longest)} …”"
