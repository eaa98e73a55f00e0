"""The seam between the interview's rules and whatever thinks of what to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contracts.asks import AcknowledgeAsk, Acknowledgement
from contracts.interview import Action, Difficulty, Phase, Provenance, Question, SessionConfig, TurnContext

from interviewer.reading import Reading


class Draft(Protocol):
    """Takes the reply's text while it is being written."""

    async def say(self, text: str) -> None:
        """The next piece."""

    async def restart(self) -> None:
        """What was said so far is dropped; another attempt begins."""


@dataclass(frozen=True)
class Guidance:
    """What the rules allow for this turn. `phase`, `domain` and `difficulty` are those of a new question.

    `allowed` is what the rules suggest; what is `possible` beside it takes a mind that sees more in an answer than
    the rules do. `domain` None: any.
    """

    allowed: frozenset[Action]
    phase: Phase
    difficulty: Difficulty
    reading: Reading
    because: str = ""
    possible: frozenset[Action] = frozenset()
    domain: str | None = None

    @property
    def reason(self) -> str:
        """Why, in a sentence for the record."""
        return self.because or self.reading.reason


@dataclass(frozen=True)
class Proposal:
    """What a mind wants to say, why, and who it is.

    `exhausted`: the mind has nothing left to ask, and closes for no other reason.
    """

    action: Action
    question: Question
    reasoning: str
    provenance: Provenance
    exhausted: bool = False

    @property
    def tokens(self) -> int:
        """What models used for it."""
        return self.provenance.usage.tokens if self.provenance.usage else 0


class Mind(Protocol):
    """Thinks of what to say next. Holds no state between calls: everything it needs is handed in."""

    async def introduce(self, session_id: UUID, config: SessionConfig, draft: Draft) -> Proposal:
        """The first words: a welcome that asks for consent if the session wants one, or else the introduction."""

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        """A reply to an answer, its action one of those in `guidance`; "conclude" also when exhausted.

        Raises what kept it from answering; the caller decides whether to try again.
        """

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        """A few words while the candidate speaks or waits. They ask nothing and judge nothing."""
