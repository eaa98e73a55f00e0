"""Moments of an interview in which documents are searched."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from contracts.vocabulary.turn import TurnContext
from document_pairs import pair
from interviewer_simulation import PLAIN, answer, begin

PERSON = uuid4()
ANSWER = "We moved the order events to Kafka and partitioned the ledger, which took a whole summer of careful work."


async def context_after(text: str = ANSWER, *, introduced: bool = True, **config: Any) -> TurnContext:
    documents = pair("backend")
    interview = await begin(documents.config(**{"target_question_count": 10, **config}))
    if introduced:
        await answer(interview, PLAIN)
    return interview.context(text)
