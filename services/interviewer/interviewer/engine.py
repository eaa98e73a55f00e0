"""The seam between the interview's rules and whatever thinks of what to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from contracts.documents.asks import Hit
from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Action, Difficulty, Phase, Question
from contracts.vocabulary.turn import TurnContext

from interviewer.reading import Reading


class Draft(Protocol):
    """Takes the reply's text while it is being written."""

    async def say(self, text: str) -> None:
        """The next piece."""

    async def restart(self) -> None:
        """What was said so far is dropped; another attempt begins."""


class Passages(Protocol):
    """Pieces of the candidate's documents that may fit a new question. What they say is data, and untrusted."""

    async def begin(self) -> None:
        """Start looking, if nobody did, and come back at once: what needs no passages can be done meanwhile."""

    async def found(self) -> Sequence[Hit]:
        """The best pieces first; looked for once, however often they are asked for. Nothing where there is none, or
        none in time. Never raises."""


class NoPassages:
    """What is found where there are no documents: nothing."""

    async def begin(self) -> None:
        return

    async def found(self) -> Sequence[Hit]:
        return ()


@dataclass(frozen=True)
class Guidance:
    """What the rules allow for this turn. `phase`, `domain` and `difficulty` are those of a new question, and so are
    `passages`.

    `allowed` is what the rules suggest; what is `possible` beside it takes an engine that sees more in an answer than
    the rules do. `domain` None: any.
    """

    allowed: frozenset[Action]
    phase: Phase
    difficulty: Difficulty
    reading: Reading
    because: str = ""
    possible: frozenset[Action] = frozenset()
    domain: str | None = None
    passages: Passages = field(default_factory=NoPassages, compare=False)

    @property
    def reason(self) -> str:
        """Why, in a sentence for the record."""
        return self.because or self.reading.reason


@dataclass(frozen=True)
class Proposal:
    """What an engine wants to say, why, and who it is.

    `exhausted`: the engine has nothing left to ask, and closes for no other reason.
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


class Engine(Protocol):
    """Thinks of what to say next. Holds no state between calls: everything it needs is handed in."""

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        """The first words: a welcome that asks for consent if the session wants one, or else the introduction. They
        end with their question."""

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        """A reply to an answer, its action one of those in `guidance`; "conclude" also when exhausted.

        Raises what kept it from answering; the caller decides whether to try again.
        """

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        """A few words while the candidate speaks or waits. They ask nothing and judge nothing."""
