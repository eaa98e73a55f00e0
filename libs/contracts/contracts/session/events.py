"""The history of an interview: what the session service recorded."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from contracts.envelope import Payload
from contracts.registry import event
from contracts.vocabulary.configuration import Dialect, SessionConfig
from contracts.vocabulary.disclosure import Disclosure
from contracts.vocabulary.hearing import NotHeard, RecordingRef, SpokenAnswer
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.listening import Adjustment, Remark
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Action, Plan, Question
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TurnContext

RefusalReason = Literal["not_started", "question_closed", "reply_pending", "ended", "paused", "not_possible"]
Ending = Literal["budget", "ended", "time_up", "abandoned", "cancelled"]


class Recorded(Payload):
    """Base of all of the session's events; `request_hash` is that of the client's request, if any."""

    request_hash: str | None = None


@event("session.created", schema_version=4)
class Created(Recorded):
    """A session exists; its owner is the envelope's `user_id`, None for an anonymous one."""

    config: SessionConfig
    dialect: Dialect = "agent"


@event("session.reconfigured", schema_version=2)
class Reconfigured(Recorded):
    """The session has another configuration; it has not begun."""

    config: SessionConfig


@event("session.started", schema_version=4)
class Started(Recorded):
    """The interview began: an introduction is due. `asked_before` are bank ids of what the same person was asked in
    their last interviews."""

    config: SessionConfig
    asked_before: tuple[str, ...] = ()


@event("session.audio_received")
class AudioReceived(Recorded):
    """The candidate answered aloud: the turn is theirs, and what was said is being understood. `language` is a code,
    empty where nobody knows; `terms` are words that may well be said."""

    turn: int
    question_id: UUID
    recording: RecordingRef
    language: str = ""
    terms: tuple[str, ...] = ()


@event("session.answer_unheard")
class AnswerUnheard(Recorded):
    """No words could be had from a recording; the question stands, and may be answered again. `message` is a sentence
    for the candidate."""

    turn: int
    question_id: UUID
    reason: NotHeard
    message: str


@event("session.answer_recorded", schema_version=7)
class AnswerRecorded(Recorded):
    """The candidate answered. `context` is there as published and absent as recorded; `spoken` is there where the
    answer was spoken."""

    turn: int
    revision: int
    question_id: UUID
    text: str
    context: TurnContext | None = None
    spoken: SpokenAnswer | None = None


@event("session.answer_repeated")
class AnswerRepeated(Recorded):
    """The answer of turn `turn` came once more, without a key: it counts once, and what comes of the request
    `request_id`, which brought it first, is the outcome of this one too."""

    turn: int
    request_id: UUID


@event("session.question_asked", schema_version=3)
class QuestionAsked(Recorded):
    """The interviewer's words of turn `turn`. The event's id is the question's id."""

    turn: int
    question: Question
    number: int
    """How many questions and follow-ups have been put, this one included."""
    action: Action
    reasoning: str
    provenance: Provenance
    tokens: int = 0
    """What a model used for it."""
    plan: Plan | None = None
    """What the interview is to cover; said once, with the introduction."""
    disclosed: Disclosure | None = None
    """Who interviews and judges, as the introduction said it."""
    heard: Remark | None = None
    """What the candidate said instead of an answer, to which these are the words."""
    adjusts: Adjustment | None = None
    """What of the interview changes from here on."""

    @property
    def response_type(self) -> str:
        """What clients call this kind of message."""
        return "status" if self.question.kind == "notice" else self.question.kind

    def public_metadata(self) -> dict[str, Any]:
        """What a client is told about the question: never what a good answer shows."""
        metadata: dict[str, Any] = {
            "question_number": self.number,
            "action": self.action,
            "reasoning": self.reasoning,
            "phase": self.question.phase,
            "domain": self.question.domain,
            "difficulty": self.question.difficulty,
            "engine": self.provenance.engine,
            "model": self.provenance.model,
            "prompt_version": self.provenance.prompt_version,
            "degraded": self.provenance.degraded,
            "sources": [source.model_dump(mode="json") for source in self.question.sources],
        }
        if self.disclosed is not None:
            metadata["disclosed"] = self.disclosed.model_dump(mode="json")
        if self.heard is not None:
            metadata["heard"] = self.heard
        if self.adjusts is not None:
            metadata["adjusts"] = self.adjusts.model_dump(mode="json")
        return metadata


@event("session.feedback_recorded", schema_version=3)
class FeedbackRecorded(Recorded):
    """The coach's view of the answer of turn `turn`."""

    turn: int
    revision: int
    feedback: Feedback


@event("session.refused")
class Refused(Recorded):
    """A request that the state of the interview did not allow. It will never be carried out later."""

    request: str
    reason: RefusalReason
    detail: str = ""
    """A sentence for a person."""


@event("session.rephrased", schema_version=7)
class Rephrased(Recorded):
    """The current question is to be put in other words. `context` is there as published and absent as recorded;
    its answer is empty."""

    turn: int
    question_id: UUID
    context: TurnContext | None = None


class Revised(Recorded):
    """Base of what gives an answered turn another text, to be judged and not replied to.

    `context` is there as published and absent as recorded.
    """

    turn: int
    revision: int
    question_id: UUID
    text: str
    context: TurnContext | None = None


@event("session.corrected", schema_version=7)
class Corrected(Revised):
    """The candidate corrected the record of what was said."""


@event("session.retried", schema_version=7)
class Retried(Revised):
    """The candidate answered a question again; the attempt before stays in the history."""


@event("session.paused", schema_version=2)
class Paused(Recorded):
    """The clock stands. One that the interviewer gave, since the candidate needs it, ends with the next answer too."""

    by: Literal["candidate", "interviewer"] = "candidate"


@event("session.resumed")
class Resumed(Recorded):
    """The clock runs again after standing for `paused_for` seconds."""

    paused_for: float


@event("session.completed")
class Completed(Recorded):
    """The interview is over. `elapsed` is its length in seconds without pauses."""

    ending: Ending
    elapsed: float


@event("session.report_due")
class ReportDue(Recorded):
    """All feedback is in, or given up: version `version` of the report can be written."""

    version: int


@event("session.report_recorded", schema_version=3)
class ReportRecorded(Recorded):
    """The report, or, when no report could be had, a sentence that says so."""

    version: int
    report: Report | None = None
    error: str | None = None


@event("session.reset")
class Reset(Recorded):
    """Back to a session that has not begun; what was said stays in the history only."""


@event("session.erased")
class Erased(Recorded):
    """Nothing of the session is left but its tombstone."""
