"""Hears what an answer is instead of one: for certain by rules, else by its meaning."""

from __future__ import annotations

import re

from parley_meaning import Encoder

from parley_listening import rules
from parley_listening.heard import AN_ANSWER, Heard, certainly_heard
from parley_listening.meaning import Likeness, Meanings, asks
from parley_listening.tongues import languages_named

_ALONE = 20
"""Words up to which one sentence of several can carry what all of it is."""
_A_WISH = 14
"""Words up to which a question that names a language asks for it."""
_SENTENCE_END = re.compile(r"(?<=[.!?。！？।…])\s*")


class Listener:
    """Needs no encoder for what has to be certain; `encoder` None: hears nothing beside that. `patient` is the same
    encoder for who can wait."""

    def __init__(self, encoder: Encoder | None = None, patient: Encoder | None = None) -> None:
        self._meanings = Meanings(encoder, patient or encoder) if encoder else None

    async def prepare(self) -> None:
        """Learn what remarks are told by, so that no answer has to wait for it. Never raises."""
        if self._meanings:
            await self._meanings.prepare()

    async def heard(self, answer: str, question: str = "") -> Heard:
        """What an answer to a question is, in whichever language. Never raises."""
        certain = certainly_heard(answer)
        if certain.remark:
            return certain
        length = rules.size(answer)
        if not length or length > rules.A_REMARK:
            return AN_ANSWER
        named = languages_named(answer) if length <= _A_WISH else ()
        like = await self._likeness(answer, length, question)
        if named and (like.kind in ("asks_for_language", "question_back") or asks(answer)):
            return Heard("asks_for_language", languages=named)
        return Heard(like.kind, like.needs) if like.margin > 0 else AN_ANSWER

    async def _likeness(self, answer: str, length: int, question: str) -> Likeness:
        """That of the whole; in a few words, that of the sentence that says it most clearly."""
        none = Likeness("answer", 0.0)
        if self._meanings is None:
            return none
        parts = [each for each in _SENTENCE_END.split(answer) if rules.size(each) > 1]
        found = await self._meanings.likenesses(
            [answer, *(parts if len(parts) > 1 and length <= _ALONE else ())], question
        )
        return max(found, key=lambda each: each.margin, default=none)
