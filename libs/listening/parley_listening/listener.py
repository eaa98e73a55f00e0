"""Hears what an answer is instead of one: for certain by rules, else by its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contracts.vocabulary.listening import Accommodation, Remark
from parley_meaning import Encoder

from parley_listening import rules
from parley_listening.meaning import Kind, Likeness, Meanings, asks
from parley_listening.tongues import languages_named

_ALONE = 20
"""Words up to which one sentence of several can carry what all of it is."""
_A_WISH = 14
"""Words up to which a question that names a language asks for it."""
_SENTENCE_END = re.compile(r"(?<=[.!?。！？।…])\s*")
_NOT_REMARKS = frozenset({"answer", "question_back", "does_not_know", "off_topic", "empty"})


@dataclass(frozen=True)
class Heard:
    """What was heard: `remark`, or None where it may be an answer, and `kind` says what it is likest to.

    `needs` is what an accommodation consists of; `languages` are the codes of those that were named.
    """

    kind: Kind
    needs: tuple[Accommodation, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def remark(self) -> Remark | None:
        """What is no answer and never judged."""
        return None if self.kind in _NOT_REMARKS else self.kind  # type: ignore[return-value]


AN_ANSWER = Heard("answer")


class Listener:
    """Needs no encoder for what has to be certain; `encoder` None: hears nothing beside that."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._meanings = Meanings(encoder) if encoder else None

    async def heard(self, answer: str) -> Heard:
        """What an answer is, in whichever language. Never raises."""
        certain = rules.certain(answer)
        if certain is not None:
            return Heard(certain)
        length = rules.size(answer)
        if not length or length > rules.A_REMARK:
            return AN_ANSWER
        named = languages_named(answer) if length <= _A_WISH else ()
        like = await self._likeness(answer, length)
        if named and (like.kind in ("asks_for_language", "question_back") or asks(answer)):
            return Heard("asks_for_language", languages=named)
        return Heard(like.kind, like.needs) if like.margin > 0 else AN_ANSWER

    async def _likeness(self, answer: str, length: int) -> Likeness:
        """That of the whole; in a few words, that of the sentence that says it most clearly."""
        none = Likeness("answer", 0.0)
        if self._meanings is None:
            return none
        parts = [each for each in _SENTENCE_END.split(answer) if rules.size(each) > 1]
        found = await self._meanings.likenesses([answer, *(parts if len(parts) > 1 and length <= _ALONE else ())])
        return max(found, key=lambda each: each.margin, default=none)
