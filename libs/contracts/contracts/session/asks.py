"""Questions to the session service, over NATS request-reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.envelope import Contract
from contracts.registry import AnyEvent
from contracts.session.events import Ending
from contracts.vocabulary.asking import SessionAsk
from contracts.vocabulary.configuration import Dialect, SessionConfig
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn

Status = Literal["created", "active", "paused", "completed", "abandoned", "cancelled"]


class EraseAsk(SessionAsk):
    """Forget a session, where its event cannot be published: a full event stream must not keep anybody from it."""


class EraseAnswer(Contract):
    """Its tombstone is recorded, and what is left of it goes now or soon; not `found`: no session of this caller."""

    found: bool


class OutcomeAsk(SessionAsk):
    """What became of the message `message_id`; None asks for the status only.

    `after_version` is the stream version that the caller has seen: a completion, reset or erasure that
    came later is an outcome of any message.
    """

    message_id: UUID | None = None


class SessionStatus(Contract):
    """The status of a session."""

    status: Status
    version: int
    question_id: UUID | None = None
    """The current question: the newest, whether its reply is due or not."""
    reply_pending: bool = False
    withheld: bool = False
    """Feedback is not to be shown yet: a realistic interview that goes on."""


class Outcome(Contract):
    """`session` None: no such session for this caller. `event` None: nothing came of the message yet."""

    session: SessionStatus | None = None
    known: bool = False
    request_hash: str | None = None
    event: AnyEvent | None = None


class TranscriptAsk(SessionAsk):
    """The transcript from `from_turn` on."""

    from_turn: int = 0


class Transcript(Contract):
    """A part of the transcript of at most 512 KiB; `next_turn` tells where the rest begins, if any."""

    found: bool
    config: SessionConfig | None = None
    turns: tuple[TranscriptTurn, ...] = ()
    next_turn: int | None = None


class Message(Contract):
    """One message of the conversation as clients see it; `id` is that of its event."""

    seq: int
    id: UUID | None = None
    role: Literal["user", "assistant"]
    content: str
    created_at: datetime
    turn: int
    response_type: str | None = None
    metadata: dict[str, Any] = {}


class FeedbackItem(Contract):
    """A candidate's message with what was said about it; `feedback` None while it is due."""

    turn: int
    question: str
    answer: str
    feedback: Feedback | None = None


class SessionView(Contract):
    """A session as its read models show it. Times of the clock are in seconds."""

    session_id: UUID
    user_id: UUID | None
    status: Status
    ending: Ending | None = None
    version: int
    config: SessionConfig
    dialect: Dialect = "agent"
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    updated_at: datetime
    elapsed: float
    questions_asked: int
    answers: int
    utterances: int
    """What the interviewer said: questions, clarifications, introduction and closing."""
    total_response_time: float
    api_calls: int
    """How often an engine was asked."""
    total_tokens: int
    report_status: Literal["none", "generating", "completed", "error"]
    report: Report | None = None
    report_version: int = 0
    """The version of `report`; 0 where there is none."""
    total_cost: float | None = None
    """What models cost in US dollars, as far as their prices are known; None where none is."""
    report_error: str | None = None
    overall_score: float | None = None
    """That of `report`, 0 to 1; there too where a list leaves the report out."""


class ViewAsk(SessionAsk):
    """`messages` and `feedback` choose what is wanted beside the session itself, from `from_seq` and from the
    candidate's message number `from_item` on. With `report_version`, answers and feedback are those that this version
    of the report is about, whatever was corrected or tried again since."""

    messages: bool = False
    feedback: bool = False
    from_seq: int = 0
    from_item: int = 0
    report_version: int | None = None


class View(Contract):
    """`session` None: no such session for this caller. Each list has at most 256 KiB; `next_seq` and `next_item`
    tell where the rest begins, if any."""

    session: SessionView | None = None
    messages: tuple[Message, ...] = ()
    feedback: tuple[FeedbackItem, ...] = ()
    next_seq: int | None = None
    next_item: int | None = None


class ListAsk(Contract):
    """The sessions of a user, newest first, from number `offset` on and at most `limit` of them; with `statuses` and a
    `dialect` only those that have one of them and were made through it."""

    user_id: UUID
    limit: int = 50
    offset: int = 0
    statuses: tuple[Status, ...] = ()
    dialect: Dialect | None = None


class SessionList(Contract):
    """Sessions without their words: `resume_content`, `job_description` and `questions` of the configuration are empty,
    and `report` is None. At most 512 KiB of them; `next_offset` tells where the rest begins, if any."""

    sessions: tuple[SessionView, ...] = ()
    next_offset: int | None = None


class HistoryAsk(SessionAsk):
    """The events after stream version `after`."""

    after: int = 0


class History(Contract):
    """Events in order, at most 512 KiB of them; `more` when there are further ones."""

    found: bool
    events: tuple[AnyEvent, ...] = ()
    more: bool = False


class OwnerAsk(Contract):
    """Whose session this is: asked by the gateway for whoever knows the session's unguessable id."""

    session_id: UUID


class Owner(Contract):
    """`user_id` None: a session without an account."""

    found: bool
    user_id: UUID | None = None


class ReportAsk(SessionAsk):
    """Version `version` of the report; None asks for the newest."""

    version: int | None = None


class ReportAnswer(Contract):
    """`found` False: no such session for this caller. `report` None: no such version. `versions` are those there are,
    oldest first."""

    found: bool
    version: int | None = None
    report: Report | None = None
    written_at: datetime | None = None
    versions: tuple[int, ...] = ()


class ProgressAsk(Contract):
    """How a user's reported sessions compare; the newest `limit` of them."""

    user_id: UUID
    limit: int = 50


class SessionScore(Contract):
    """What a report came to, without its words. Scores are 0 to 1."""

    session_id: UUID
    job_role: str
    mode: str
    ended_at: datetime
    questions: int
    overall_score: float | None = None
    criteria: dict[str, float] = {}
    domains: dict[str, float] = {}
    provenance: Provenance


class Progress(Contract):
    """Sessions with a report, oldest first."""

    sessions: tuple[SessionScore, ...] = ()
