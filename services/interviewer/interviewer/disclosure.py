"""Tells the candidate, before the first question, that an AI interviews and judges, and whose."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from contracts.vocabulary.disclosure import BUILT_IN, Disclosure, EngineDescription
from runtime.telemetry import failure

from interviewer.languages import Disclosing, language

log = structlog.get_logger()
COACH_SECONDS = 0.3
"""How long the introduction waits for the coach to say what it judges with."""

Disclose = Callable[[str], Awaitable[Disclosure]]
"""What is said in the language of a tag."""


class Discloser:
    """`own` is what the interviewer thinks with; the coach is asked each time, since it is configured on its own."""

    def __init__(self, own: EngineDescription, ask_coach: Callable[[], Awaitable[EngineDescription]]) -> None:
        self._own = own
        self._ask_coach = ask_coach

    async def disclose(self, tag: str) -> Disclosure:
        """Never raises: without an answer of the coach it says that an AI judges, and not which."""
        try:
            async with asyncio.timeout(COACH_SECONDS):
                coach = await self._ask_coach()
        except Exception as error:
            log.warning("the coach did not say what it judges with", **failure(error))
            return disclosure(tag, self._own, None)
        return disclosure(tag, self._own, coach)


async def built_in(tag: str) -> Disclosure:
    """For an interviewer and a coach without models."""
    return disclosure(tag, BUILT_IN, BUILT_IN)


def disclosure(tag: str, interviewer: EngineDescription, coach: EngineDescription | None) -> Disclosure:
    """What is said in the language of a tag."""
    words = language(tag).disclosing
    asks = _named(interviewer, words) or words.built_in_interviewer
    judges = words.some_ai if coach is None else _named(coach, words) or words.built_in_coach
    text = words.text.format(interviewer=asks, coach=judges)
    return Disclosure(text=text, interviewer=interviewer, coach=coach)


def _named(engine: EngineDescription, words: Disclosing) -> str:
    return words.alternative.join(
        words.model.format(model=each.model, provider=each.provider) for each in engine.models
    )
