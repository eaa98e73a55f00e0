"""What the coach does when something happened in a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts import Event, Payload, follow_up
from contracts.asks import Transcript, TranscriptAsk
from contracts.coach import FeedbackGiven, ReportWritten
from contracts.interview import SessionConfig, TranscriptTurn
from contracts.session import AnswerRecorded, ReportDue
from runtime.errors import Permanent
from runtime.publish import Publisher

from coach.minds import Mind, ReportMaterial

AskTranscript = Callable[[TranscriptAsk], Awaitable[Transcript]]


@dataclass(frozen=True)
class Coach:
    """Feedback on each answer, a report on each session whose report is due; all else is ignored."""

    mind: Mind
    publisher: Publisher
    ask_transcript: AskTranscript
    now: Callable[[], datetime]

    async def handle(self, event: Event[Any]) -> None:
        """Raises Permanent for an answer without its context."""
        match event.data:
            case AnswerRecorded() as answer:
                await self._give_feedback(event, answer)
            case ReportDue(version=version):
                await self._write_report(event, version)

    async def _give_feedback(self, event: Event[Payload], answer: AnswerRecorded) -> None:
        if answer.context is None:
            raise Permanent("an answer was published without its context")
        feedback = await self.mind.evaluate(answer.context)
        given = FeedbackGiven(turn=answer.turn, revision=answer.revision, feedback=feedback)
        await self.publisher.publish(follow_up(event, given, self.now()))

    async def _write_report(self, event: Event[Payload], version: int) -> None:
        material = await self._material(event)
        if material is None:  # erased since: nothing is left to report on
            return
        written = ReportWritten(version=version, report=await self.mind.report(material))
        await self.publisher.publish(follow_up(event, written, self.now()))

    async def _material(self, event: Event[Payload]) -> ReportMaterial | None:
        config: SessionConfig | None = None
        turns: list[TranscriptTurn] = []
        next_turn: int | None = 0
        while next_turn is not None:
            part = await self._part(event, next_turn)
            if not part.found:
                return None
            config = config or part.config
            turns.extend(part.turns)
            next_turn = part.next_turn
        return ReportMaterial(config or SessionConfig(), tuple(turns))

    async def _part(self, event: Event[Payload], from_turn: int) -> Transcript:
        question = TranscriptAsk(session_id=event.subject_id, user_id=event.user_id, from_turn=from_turn)
        return await self.ask_transcript(question)
