"""The state of an interview and how each event changes it. `evolve` never fails and reads no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts import Event, Payload
from contracts.session.asks import Status
from contracts.session.events import (
    AnswerRecorded,
    AnswerUnheard,
    AudioReceived,
    Completed,
    Corrected,
    Created,
    Ending,
    FeedbackRecorded,
    Paused,
    QuestionAsked,
    Reconfigured,
    Rephrased,
    ReportDue,
    ReportRecorded,
    Reset,
    Resumed,
    Retried,
    Started,
)
from contracts.vocabulary.configuration import Dialect, SessionConfig
from contracts.vocabulary.hearing import RecordingRef, SpokenAnswer
from contracts.vocabulary.listening import Accommodation, Adjustment, Remark
from contracts.vocabulary.provenance import Provenance, Usage
from contracts.vocabulary.question import Action, Plan, Question
from contracts.vocabulary.report import Report

ReportStatus = Literal["none", "generating", "completed", "error"]
COUNTED = frozenset({"question", "follow_up"})
INVITED = "closing"
"""The phase in which it is the candidate who asks: nothing in it counts, and who leaves it has done the interview."""
"""Kinds of question that count against the target."""
EXTRA_TIME = 1.5
"""By how much an interview is longer for a candidate who needs more time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The interviewer's message in one turn; `id` is the question's id, `number` how many counted so far."""

    id: UUID
    turn: int
    question: Question
    number: int
    action: Action
    reasoning: str
    provenance: Provenance
    at: datetime
    heard: Remark | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the candidate answered in one turn; `message_id` is the request that brought it."""

    id: UUID
    turn: int
    revision: int
    question_id: UUID
    text: str
    message_id: UUID
    at: datetime
    spoken: SpokenAnswer | None = None


@dataclass(frozen=True, slots=True)
class Unheard:
    """An answer that was spoken, and is being understood: `id` is the event that says so, `message_id` the request."""

    id: UUID
    turn: int
    question_id: UUID
    recording: RecordingRef
    message_id: UUID
    request_hash: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LastRecording:
    """The newest recording of an answer, and the request that brought it."""

    sha256: str
    turn: int
    request: UUID


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The newest answer, and the request that brought it."""

    text: str
    turn: int
    request: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class PendingReply:
    """A reply that is pending for something else than an answer: to the start, or to a wish for other words.

    `to` is the event, `request` the client's request that led to it.
    """

    to: UUID
    request: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """An interview, folded from its events.

    `asked[i]` and `answers[i]` belong to turn i; only the last question keeps what an answer is expected to show.
    `causes` maps each message that led to events to the version of the first of them: such a message was handled
    already.
    """

    session_id: UUID
    version: int = 0
    exists: bool = False
    user_id: UUID | None = None
    status: Status = "created"
    config: SessionConfig = field(default_factory=SessionConfig)
    dialect: Dialect = "agent"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    active_at: datetime | None = None
    """When the candidate was last heard of."""
    started_at: datetime | None = None
    pending_reply: PendingReply | None = None
    plan: Plan | None = None
    paused_at: datetime | None = None
    paused_for: float = 0.0
    waits: bool = False
    """It was the interviewer who paused: the candidate goes on by answering."""
    accommodations: tuple[Accommodation, ...] = ()
    ended_at: datetime | None = None
    ending: Ending | None = None
    elapsed_at_end: float = 0.0
    tokens: int = 0
    cost: float | None = None
    """What models cost in US dollars, as far as that is known."""
    asked: tuple[Asked, ...] = ()
    asked_before: tuple[str, ...] = ()
    """Bank ids of what the user was asked in earlier interviews."""
    answers: Mapping[int, Answered] = field(default_factory=dict)
    unheard: Unheard | None = None
    last_recording: LastRecording | None = None
    """None where nothing was understood of it."""
    last_answer: LastAnswer | None = None
    """The newest words of the newest answer; None once an answer was revised."""
    scores: Mapping[int, float | None] = field(default_factory=dict)
    """By turn, of the answers that the coach has spoken about; None where there was no score."""
    attempts: Mapping[int, tuple[float | None, ...]] = field(default_factory=dict)
    """By turn, the scores of the attempts before the one that stands, oldest first."""
    report_status: ReportStatus = "none"
    report_version: int = 0
    """The version that was written, or is due."""
    reported_version: int = 0
    """The version of `report`."""
    report_due_id: UUID | None = None
    report_due_at: datetime | None = None
    report: Report | None = None
    report_error: str | None = None
    causes: Mapping[UUID, int] = field(default_factory=dict)

    @property
    def current(self) -> Asked | None:
        """The current question."""
        return self.asked[-1] if self.asked else None

    @property
    def pending_answer(self) -> Answered | None:
        """The answer whose reply is due."""
        return self.answers.get(len(self.asked) - 1) if self.status in {"active", "paused"} else None

    @property
    def awaited(self) -> bool:
        """Something is due to the candidate: a reply, or that a recording is understood."""
        return self.reply_pending_to is not None or self.unheard is not None

    @property
    def reply_pending_to(self) -> UUID | None:
        """The event that a reply is due to: an answer, the start, or a wish for other words."""
        pending = self.pending_answer
        return pending.id if pending else self.pending_reply.to if self.pending_reply else None

    @property
    def reply_pending_for(self) -> UUID | None:
        """The client's request that the reply is due to."""
        pending = self.pending_answer
        return pending.message_id if pending else self.pending_reply.request if self.pending_reply else None

    @property
    def reply_pending_since(self) -> datetime | None:
        """When that was."""
        pending = self.pending_answer
        return pending.at if pending else self.pending_reply.at if self.pending_reply else None

    @property
    def over(self) -> bool:
        """Completed, abandoned or cancelled."""
        return self.status in {"completed", "abandoned", "cancelled"}

    @property
    def questions_asked(self) -> int:
        """Questions and follow-ups put so far."""
        return self.asked[-1].number if self.asked else 0

    @property
    def awaiting_feedback(self) -> tuple[Answered, ...]:
        """Answers that the coach has not spoken about."""
        return tuple(answer for turn, answer in self.answers.items() if turn not in self.scores)

    @property
    def duration(self) -> float:
        """Seconds that a time-based interview lasts."""
        more = EXTRA_TIME if "extra_time" in self.accommodations else 1.0
        return self.config.interview_duration_minutes * 60 * more

    def elapsed(self, now: datetime) -> float:
        """Seconds on the interview's clock, pauses not counted."""
        if self.started_at is None:
            return 0.0
        if self.ended_at is not None:
            return self.elapsed_at_end
        return max(0.0, ((self.paused_at or now) - self.started_at).total_seconds() - self.paused_for)


def evolve(state: State, event: Event[Payload]) -> State:
    """The state after one more event of its history."""
    causes = state.causes
    if event.causation_id is not None and event.causation_id not in causes:
        causes = {**causes, event.causation_id: event.stream_version or 0}
    changed = _apply(state, event)
    return replace(changed, version=event.stream_version or 0, updated_at=event.occurred_at, causes=causes)


def fold(session_id: UUID, events: Iterable[Event[Payload]], state: State | None = None) -> State:
    """The state after `events`, which continue `state` if one is given."""
    state = state or State(session_id)
    for event in events:
        state = evolve(state, event)
    return state


def _apply(state: State, event: Event[Payload]) -> State:
    at = event.occurred_at
    match event.data:
        case Created() as data:
            return replace(
                state,
                exists=True,
                user_id=event.user_id,
                config=data.config,
                dialect=data.dialect,
                created_at=at,
                active_at=at,
            )
        case Reconfigured() as data:
            return replace(state, config=data.config, active_at=at)
        case Started() as data:
            return replace(
                state,
                status="active",
                config=data.config,
                asked_before=data.asked_before,
                started_at=at,
                active_at=at,
                pending_reply=PendingReply(event.id, event.correlation_id, at),
            )
        case AnswerRecorded() as data:
            answer = Answered(
                event.id, data.turn, data.revision, data.question_id, data.text, event.correlation_id, at, data.spoken
            )
            last = LastAnswer(_new_words(state.answers.get(data.turn), data), data.turn, event.correlation_id, at)
            answers = {**state.answers, data.turn: answer}
            return replace(state, answers=answers, last_answer=last, unheard=None, active_at=at)
        case AudioReceived() as data:
            unheard = Unheard(
                event.id, data.turn, data.question_id, data.recording, event.correlation_id, data.request_hash, at
            )
            return replace(
                state,
                unheard=unheard,
                last_recording=LastRecording(data.recording.sha256, data.turn, event.correlation_id),
                active_at=at,
            )
        case AnswerUnheard():
            return replace(state, unheard=None, last_recording=None, active_at=at)
        case QuestionAsked() as data:
            asked = Asked(
                event.id,
                data.turn,
                data.question,
                data.number,
                data.action,
                data.reasoning,
                data.provenance,
                at,
                data.heard,
            )
            state = _charged(state, data.provenance.usage or Usage(completion_tokens=data.tokens))
            state = _adjusted(state, data.adjusts)
            plan = data.plan or state.plan
            return replace(state, asked=(*_put_away(state.asked), asked), pending_reply=None, plan=plan)
        case Rephrased():
            return replace(state, pending_reply=PendingReply(event.id, event.correlation_id, at), active_at=at)
        case FeedbackRecorded() as data:
            state = _charged(state, data.feedback.provenance.usage)
            return replace(state, scores={**state.scores, data.turn: data.feedback.score})
        case Corrected() | Retried() as data:
            revised = _revised(state, event, data)
            return replace(
                state,
                answers={**state.answers, data.turn: revised},
                scores={turn: score for turn, score in state.scores.items() if turn != data.turn},
                attempts=_attempts_after(state, data),
                last_answer=None,
                active_at=at,
            )
        case Paused() as data:
            return replace(state, status="paused", paused_at=at, waits=data.by == "interviewer", active_at=at)
        case Resumed() as data:
            return replace(
                state,
                status="active",
                paused_at=None,
                waits=False,
                paused_for=state.paused_for + data.paused_for,
                active_at=at,
            )
        case Completed() as data:
            return replace(
                state,
                status=_STATUS_AFTER.get(data.ending, "completed"),
                ending=data.ending,
                ended_at=at,
                elapsed_at_end=data.elapsed,
                pending_reply=None,
            )
        case ReportDue() as data:
            return replace(
                state,
                report_status="generating",
                report_version=data.version,
                report_due_id=event.id,
                report_due_at=at,
            )
        case ReportRecorded() as data:
            if data.report is None:
                return replace(state, report_status="error", report_error=data.error)
            return replace(
                _charged(state, data.report.provenance.usage),
                report_status="completed",
                report=data.report,
                reported_version=data.version,
                report_error=None,
            )
        case Reset():
            return State(
                state.session_id,
                exists=True,
                user_id=state.user_id,
                config=state.config,
                dialect=state.dialect,
                created_at=state.created_at,
                active_at=at,
            )
        case _:
            return state


def _revised(state: State, event: Event[Payload], data: Corrected | Retried) -> Answered:
    """The answer with another text. What was corrected is no guess any more; another attempt was not heard."""
    before = state.answers[data.turn].spoken
    spoken = before.corrected() if before and isinstance(data, Corrected) else None
    return Answered(
        event.id,
        data.turn,
        data.revision,
        data.question_id,
        data.text,
        event.correlation_id,
        event.occurred_at,
        spoken,
    )


def _new_words(before: Answered | None, answer: AnswerRecorded) -> str:
    """What a revision of an answer added to it; all of a first one."""
    if before is None or answer.revision == 1:
        return answer.text
    return answer.text.removeprefix(before.text).lstrip()


def _put_away(asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """Without what the last answer was expected to show: it has been judged by the event that carried it, and would
    be most of what a long interview keeps in memory."""
    if not asked:
        return asked
    last = replace(asked[-1], question=asked[-1].question.model_copy(update={"expects": ()}))
    return (*asked[:-1], last)


def _adjusted(state: State, wanted: Adjustment | None) -> State:
    """As the candidate needs it from here on; what was agreed before stays."""
    if wanted is None:
        return state
    language = wanted.language or state.config.language
    config = state.config.model_copy(update={"language": language})
    agreed = tuple(dict.fromkeys((*state.accommodations, *wanted.accommodations)))
    return replace(state, config=config, accommodations=agreed)


def _charged(state: State, usage: Usage | None) -> State:
    """With what an engine used added to the bill."""
    if usage is None or not (usage.tokens or usage.cost):
        return state
    cost = state.cost if usage.cost is None else (state.cost or 0.0) + usage.cost
    return replace(state, tokens=state.tokens + usage.tokens, cost=cost)


def _attempts_after(state: State, revised: Corrected | Retried) -> Mapping[int, tuple[float | None, ...]]:
    """A correction puts right the attempt that stands; a retry is another one."""
    if isinstance(revised, Corrected):
        return state.attempts
    earlier = state.attempts.get(revised.turn, ())
    return {**state.attempts, revised.turn: (*earlier, state.scores.get(revised.turn))}


_STATUS_AFTER: Mapping[Ending, Status] = {"abandoned": "abandoned", "cancelled": "cancelled"}
