"""Where simulated interviews are held: the real rules of session, interviewer and coach, joined in memory.

Time is virtual: an answer takes as long as it would take to say it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from coach.engines import Engine as CoachEngine
from contracts import Event, Payload, derived_id, follow_up
from contracts.coach.events import FeedbackGiven
from contracts.gateway.events import InterviewStarted, SessionRequested, UserMessage
from contracts.session.events import AnswerRecorded, Completed, QuestionAsked
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Plan, Question
from interviewer.application import Interviewer, LookUp, nothing_to_look_up
from interviewer.engine import Engine
from parley_listening import Listener
from parley_meaning import WordVectors
from session.domain.context import turn_context
from session.domain.decide import decide
from session.domain.state import State, evolve

from evals.labels import Said

NINE_O_CLOCK = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
WORDS_A_MINUTE = 140
THINKING = 8.0
"""Seconds between a question and its answer."""
MOST_TURNS = 400


@dataclass
class Turn:
    """What the interviewer said, what the candidate answered to it, and what the coach said about that."""

    question: Question
    action: str
    reasoning: str
    number: int
    provenance: Provenance
    at: float
    answer: str | None = None
    said: Said | None = None
    """The answer with its label, where whoever gave it has labelled it."""
    feedback: Feedback | None = None


@dataclass
class Record:
    """A whole interview. `elapsed` is in virtual seconds."""

    persona: str
    config: SessionConfig
    plan: Plan
    turns: list[Turn] = field(default_factory=list)
    ending: str | None = None
    elapsed: float = 0.0

    @property
    def questions(self) -> list[Turn]:
        """What counts against the target."""
        return [turn for turn in self.turns if turn.question.kind in {"question", "follow_up"}]

    @property
    def answers(self) -> list[str]:
        """All that the candidate said."""
        return [turn.answer for turn in self.turns if turn.answer is not None]


Answering = Callable[[Question, int], str | Said]
"""What a candidate says to a question, with a label if it has one; the number is that of the turn."""


class Runner:
    """Holds one interview. `judge` may be left out: then nobody gives feedback. `listener` hears with word vectors
    where none is given."""

    def __init__(
        self,
        engine: Engine,
        make_plan: Callable[[SessionConfig], Plan],
        judge: CoachEngine | None,
        look_up: LookUp = nothing_to_look_up,
        *,
        listener: Listener | None = None,
    ) -> None:
        self._engine = engine
        self._make_plan = make_plan
        self._judge = judge
        self._look_up = look_up
        self._listener = listener or Listener(WordVectors())

    async def run(self, session_id: UUID, config: SessionConfig, persona: str, answering: Answering) -> Record:
        """An interview from the introduction to its end."""
        held = _Held(session_id, Record(persona, config, Plan()))
        interviewer = Interviewer(
            self._engine, self._make_plan, held, held.unheard, self._look_up, listener=self._listener
        )
        held.tell(SessionRequested(config=config))
        await interviewer.handle(held.tell(InterviewStarted())[0])
        await held.take_replies()
        for number in range(MOST_TURNS):
            if held.state.over:
                break
            turn = held.record.turns[-1]
            said = answering(turn.question, number)
            turn.said = said if isinstance(said, Said) else None
            turn.answer = said if isinstance(said, str) else said.text
            held.pass_time(THINKING + len(turn.answer.split()) * 60 / WORDS_A_MINUTE)
            question_id = held.state.current.id if held.state.current else None
            told = held.tell(UserMessage(text=turn.answer or "...", question_id=question_id))
            recorded = told[-1]  # an answer in a pause ends it first
            # Coach and interviewer work side by side: the reply knows no score of this answer.
            await interviewer.handle(recorded)
            await held.take_replies()
            await self._give_feedback(held, recorded, turn)
        held.record.elapsed = held.state.elapsed(held.now)
        held.record.plan = held.state.plan or Plan()
        return held.record

    async def _give_feedback(self, held: _Held, recorded: Event[Any], turn: Turn) -> None:
        if self._judge is None or not isinstance(recorded.data, AnswerRecorded) or recorded.data.context is None:
            return
        turn.feedback = await self._judge.evaluate(recorded.data.context)
        given = FeedbackGiven(turn=recorded.data.turn, revision=1, feedback=turn.feedback)
        held.receive(follow_up(recorded, given, held.now))


class _Held:
    """The session of one interview, and its clock; in place of the publisher of the interviewer."""

    def __init__(self, session_id: UUID, record: Record) -> None:
        self.state = State(session_id)
        self.record = record
        self.now = NINE_O_CLOCK
        self._replies: list[Event[Payload]] = []
        self._count = 0

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def tell(self, command: Payload) -> list[Event[Payload]]:
        """What the session records of a request, as the engines get it."""
        self._count += 1
        message_id = uuid5(self.state.session_id, str(self._count))
        return self.receive(_event(message_id, command, self.state.session_id, self.now))

    def receive(self, message: Event[Payload]) -> list[Event[Payload]]:
        """Decide, evolve, and hand back what would be published."""
        published = []
        for payload in decide(self.state, message, self.now):
            event = _event(derived_id(message.id, payload.TYPE), payload, self.state.session_id, self.now, message)
            event = event.model_copy(update={"stream_version": self.state.version + 1})
            self.state = evolve(self.state, event)
            self._note(payload)
            published.append(self._as_published(event))
        return published

    async def publish(self, event: Event[Payload], *, attempt: int = 0) -> None:
        """What the interviewer says is taken up afterwards, as the broker would bring it."""
        self._replies.append(event)

    async def take_replies(self) -> None:
        while self._replies:
            self.receive(self._replies.pop(0))

    async def unheard(self, session_id: UUID, delta: Any) -> None:
        """Nobody listens to drafts."""

    def _as_published(self, event: Event[Payload]) -> Event[Payload]:
        if not isinstance(event.data, AnswerRecorded):
            return event
        context = turn_context(self.state, self.state.answers[event.data.turn])
        return event.model_copy(update={"data": event.data.model_copy(update={"context": context})})

    def _note(self, payload: Payload) -> None:
        if isinstance(payload, QuestionAsked):
            at = self.state.elapsed(self.now)
            self.record.turns.append(
                Turn(payload.question, payload.action, payload.reasoning, payload.number, payload.provenance, at)
            )
        elif isinstance(payload, Completed):
            self.record.ending = payload.ending


def _event(
    event_id: UUID, payload: Payload, session_id: UUID, at: datetime, cause: Event[Payload] | None = None
) -> Event[Payload]:
    return Event[Payload](
        id=event_id,
        type=payload.TYPE,
        schema_version=payload.SCHEMA_VERSION,
        subject_id=session_id,
        causation_id=cause.id if cause else None,
        correlation_id=cause.correlation_id if cause else event_id,
        occurred_at=at,
        data=payload,
    )
