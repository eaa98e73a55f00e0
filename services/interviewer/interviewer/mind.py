"""The seam between the interview's rules and whatever thinks of what to say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contracts.interview import Action, Difficulty, Phase, Provenance, Question, SessionConfig, TurnContext

Emit = Callable[[str], Awaitable[None]]
"""Takes the next piece of the reply's text while it is being written."""


@dataclass(frozen=True)
class Guidance:
    """What the rules allow for this turn. `phase` and `difficulty` are those of a new question."""

    allowed: frozenset[Action]
    phase: Phase
    difficulty: Difficulty
    reason: str


@dataclass(frozen=True)
class Proposal:
    """What a mind wants to say, why, and who it is. `tokens` is what a model used for it.

    `exhausted`: the mind has nothing left to ask, and closes for no other reason.
    """

    action: Action
    question: Question
    reasoning: str
    provenance: Provenance
    tokens: int = 0
    exhausted: bool = False


class Mind(Protocol):
    """Thinks of what to say next. Holds no state between calls: everything it needs is handed in."""

    async def introduce(self, session_id: UUID, config: SessionConfig, emit: Emit) -> Proposal:
        """The introduction: greets in the style of the interview and asks the candidate to begin."""

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, emit: Emit) -> Proposal:
        """A reply to an answer, its action one of `guidance.allowed`; "conclude" also when exhausted.

        Raises what kept it from answering; the caller decides whether to try again.
        """
