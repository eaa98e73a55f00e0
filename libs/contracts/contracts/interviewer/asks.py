"""Questions to the interviewer, over NATS request-reply."""

from __future__ import annotations

from uuid import UUID

from contracts.envelope import Contract
from contracts.vocabulary.configuration import Style
from contracts.vocabulary.provenance import Provenance


class AcknowledgeAsk(Contract):
    """Something brief to say while the candidate speaks, or while the reply is thought about.

    `words` are what was said so far, bounded by the caller; `used` is what was said to them in this turn already.
    """

    session_id: UUID
    style: Style
    language: str
    question: str
    words: str
    used: tuple[str, ...] = ()
    thinking: bool = False
    """The candidate has finished, and waits: a filler is wanted, not an acknowledgement."""


class Acknowledgement(Contract):
    """A few words; they ask nothing and judge nothing."""

    text: str
    provenance: Provenance
