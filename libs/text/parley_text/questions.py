"""What is asked, in what is said."""

from __future__ import annotations

from parley_text.sentences import COLONS, asks, last, spans

_GREETS = frozenset({"welcome", "intro", "closing"})
"""Phases of an interview in which a question stands at the end of a greeting, or of what the candidate is told."""
_FEW_WORDS = 36
"""Characters of a sentence that is about the conversation, such as "Let us turn to another subject.": the shortest one
that says what a packaged question is about has 39."""


def question_of(text: str) -> str:
    """The question at the end of a greeting: its last sentence."""
    return last(text, also=COLONS)


def asked_in(text: str, phase: str) -> str:
    """What is quoted as the question that was put: in the first phases of an interview, and in the last, without what
    stands before it, else the whole text, whose first sentence may say what it is about."""
    return question_of(text) if phase in _GREETS else text


def question_alone(text: str, phase: str) -> str:
    """The same without the few words that come before a later question, such as thanks: short sentences that ask
    nothing. What the question is about stays, since the question may say "that"."""
    asked = asked_in(text, phase)
    for start, end in spans(asked):
        if asks(asked[start:end]) or len(asked[start:end].strip()) > _FEW_WORDS:
            return asked[start:].strip()
    return asked
