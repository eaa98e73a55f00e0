"""Reacts to a start and to each answer: reads it, asks a mind within the rules, says what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

from contracts import Event, Payload, follow_up
from contracts.asks import ReplyDelta
from contracts.interviewer import Replied
from contracts.session import AnswerRecorded, Started
from runtime.errors import Permanent
from runtime.publish import Publisher

from interviewer.director import check, guide
from interviewer.mind import Emit, Mind, Proposal
from interviewer.reading import read

SendLive = Callable[[UUID, ReplyDelta], Awaitable[None]]
"""Sends a piece of a reply to whoever is listening to the session."""


class Interviewer:
    """The use cases of the interviewer service."""

    def __init__(self, mind: Mind, publisher: Publisher, send_live: SendLive) -> None:
        self._mind = mind
        self._publisher = publisher
        self._send_live = send_live

    async def handle(self, event: Event[Payload]) -> None:
        """Reply to a start or an answer; anything else is not for the interviewer."""
        match event.data:
            case Started() as started:
                emit = self._emitter(event.subject_id, turn=-1, revision=0)
                proposal = await self._mind.introduce(event.subject_id, started.config, emit)
                await self._say(event, proposal, turn=-1, revision=0)
            case AnswerRecorded() as answer:
                proposal = await self._reply(event.subject_id, answer)
                await self._say(event, proposal, turn=answer.turn, revision=answer.revision)
            case _:
                return

    async def _reply(self, session_id: UUID, answer: AnswerRecorded) -> Proposal:
        if answer.context is None:
            raise Permanent("an answer was published without its context")
        guidance = guide(answer.context, read(answer.text))
        emit = self._emitter(session_id, answer.turn, answer.revision)
        proposal = await self._mind.propose(session_id, answer.context, guidance, emit)
        return check(proposal, guidance)

    async def _say(self, event: Event[Payload], proposal: Proposal, *, turn: int, revision: int) -> None:
        reply = Replied(
            turn=turn,
            revision=revision,
            question=proposal.question,
            action=proposal.action,
            reasoning=proposal.reasoning,
            provenance=proposal.provenance,
            tokens=proposal.tokens,
        )
        await self._publisher.publish(follow_up(event, reply, datetime.now(UTC)))

    def _emitter(self, session_id: UUID, turn: int, revision: int) -> Emit:
        attempt = int(datetime.now(UTC).timestamp() * 1000)  # grows: a newer attempt replaces an older draft
        offset = 0

        async def emit(text: str) -> None:
            nonlocal offset
            delta = ReplyDelta(turn=turn, revision=revision, attempt=attempt, offset=offset, text=text)
            offset += len(text)
            await self._send_live(session_id, delta)

        return emit
