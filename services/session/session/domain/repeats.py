"""The same answer twice: a double click, or words that were sent again because the reply was lost on its way.

A client that gives no key cannot say which of the two it means, so the words and the time decide.
"""

from __future__ import annotations

from datetime import datetime

from contracts.gateway.events import UserMessage
from contracts.words import MANY_WORDS, count_words

from session.domain.state import LastAnswer, State

DOUBLE_CLICK = 2.0
"""Seconds in which nobody gives the same answer to two questions, however short it is."""
SENT_AGAIN = 60.0
"""Seconds in which nobody says so many words twice."""


def repeated_answer(state: State, message: UserMessage, now: datetime) -> LastAnswer | None:
    """What `message` repeats; None when it is something new. Whether the reply came in between does not matter."""
    first = state.last_answer
    if message.keyed or first is None or first.text.strip() != message.text.strip():
        return None
    return first if _counts_once(state, first, (now - first.at).total_seconds()) else None


def _counts_once(state: State, first: LastAnswer, seconds: float) -> bool:
    awaited = state.pending_answer is not None and state.pending_answer.turn == first.turn
    if awaited or seconds <= DOUBLE_CLICK:
        return True
    # A notice in the place of a reply asks for another message: the same words will do.
    replied = state.current is None or state.current.question.kind != "notice"
    return replied and seconds <= SENT_AGAIN and count_words(first.text) >= MANY_WORDS
