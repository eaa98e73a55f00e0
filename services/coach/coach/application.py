"""What the coach does when something happened in a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts import Event, Payload, follow_up
from contracts.coach.asks import EngineAnswer, EngineAsk, Sketch, SketchAsk
from contracts.coach.events import FeedbackGiven, ReportWritten
from contracts.session.asks import Transcript, TranscriptAsk
from contracts.session.events import AnswerRecorded, ReportDue, Revised
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.disclosure import BUILT_IN, EngineDescription
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.turn import TranscriptTurn
from parley_listening import Listener, ends_a_pause
from runtime.errors import Permanent
from runtime.publish import Publisher

from coach.engines import Engine, ReportMaterial
from coach.phrases import phrases

AskTranscript = Callable[[TranscriptAsk], Awaitable[Transcript]]

CLOCKS_DIFFER = timedelta(seconds=2)
"""By which the clock of the session service may be ahead of this one's."""


@dataclass(frozen=True)
class Coach:
    """The use cases of the coach service: feedback on each answer, a report on each session whose report is due, and
    sketches of better answers."""

    engine: Engine
    publisher: Publisher
    ask_transcript: AskTranscript
    now: Callable[[], datetime]
    engine_description: EngineDescription = BUILT_IN
    listener: Listener = field(default_factory=Listener)

    async def handle(self, event: Event[Any]) -> None:
        """Judge an answer or write a report; ignore everything else. Raises Permanent for an answer without context."""
        match event.data:
            case AnswerRecorded() | Revised() as answer:
                await self._give_feedback(event, answer)
            case ReportDue(version=version):
                await self._write_report(event, version)

    async def sketch(self, ask: SketchAsk) -> Sketch:
        """A better answer to the question of a turn."""
        material = await self._material(ask.session_id, ask.user_id)
        turns = material.turns if material else ()
        turn = next((each for each in turns if each.turn == ask.turn and each.answer), None)
        return await self.engine.sketch(turn, material) if turn and material else Sketch(found=False)

    async def described(self, ask: EngineAsk) -> EngineAnswer:
        """Which engine judges."""
        return EngineAnswer(engine=self.engine_description)

    async def _give_feedback(self, event: Event[Payload], answer: AnswerRecorded | Revised) -> None:
        if answer.context is None:
            raise Permanent("an answer was published without its context")
        spoken = answer.context.spoken
        if spoken is not None and spoken.under_review(self.now() + CLOCKS_DIFFER):
            return  # the session hands it over again once nobody may correct it any more
        heard = await self.listener.heard(answer.text, answer.context.question.text)
        remark = heard.remark or ends_a_pause(answer.text, answer.context.remarks)
        if answer.context.question.phase == "closing":  # it is the candidate who asks
            remark = remark or "asks_process"
        if remark:
            # Whatever engine judges: nobody's distress is shown to a model, or gets a score.
            text = phrases(answer.context.config.language).not_judged_because(remark)
            feedback = Feedback(judged=False, text=text, provenance=Provenance(engine="scripted"))
        else:
            feedback = await self.engine.evaluate(answer.context)
        given = FeedbackGiven(turn=answer.turn, revision=answer.revision, feedback=feedback)
        await self.publisher.publish(follow_up(event, given, self.now()))

    async def _write_report(self, event: Event[Payload], version: int) -> None:
        material = await self._material(event.subject_id, event.user_id)
        if material is None:  # erased since: nothing is left to report on
            return
        written = ReportWritten(version=version, report=await self.engine.report(material))
        await self.publisher.publish(follow_up(event, written, self.now()))

    async def _material(self, session_id: UUID, user_id: UUID | None) -> ReportMaterial | None:
        config: SessionConfig | None = None
        turns: list[TranscriptTurn] = []
        next_turn: int | None = 0
        while next_turn is not None:
            question = TranscriptAsk(session_id=session_id, user_id=user_id, from_turn=next_turn)
            part = await self.ask_transcript(question)
            if not part.found:
                return None
            config = config or part.config
            turns.extend(part.turns)
            next_turn = part.next_turn
        return ReportMaterial(config or SessionConfig(), tuple(turns))
