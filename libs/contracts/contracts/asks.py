"""Questions with an immediate answer, over NATS request-reply, and the live messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.envelope import Contract
from contracts.interview import Feedback, Report, SessionConfig, TranscriptTurn
from contracts.registry import AnyEvent
from contracts.session import Ending

Status = Literal["created", "active", "paused", "completed", "abandoned", "cancelled"]


class SessionAsk(Contract):
    """A question about a session by `user_id`, None for a caller without an account."""

    session_id: UUID
    user_id: UUID | None = None


class OutcomeAsk(SessionAsk):
    """What became of the message `message_id`; None asks for the standing only.

    `after_version` is the stream version that the caller has seen: a completion, reset or erasure that
    came later is an outcome of any message.
    """

    message_id: UUID | None = None


class Standing(Contract):
    """Where a session stands now."""

    status: Status
    version: int
    question_id: UUID | None = None
    """The question that stands: the newest, whether its reply is due or not."""
    reply_due: bool = False


class Outcome(Contract):
    """`standing` None: no such session for this caller. `event` None: nothing came of the message yet."""

    standing: Standing | None = None
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
    """One message of the conversation as clients see it."""

    seq: int
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
    """How often a mind was asked."""
    total_tokens: int
    report_status: Literal["none", "generating", "completed", "error"]
    report: Report | None = None
    report_error: str | None = None


class ViewAsk(SessionAsk):
    """`messages` and `feedback` choose what is wanted beside the session itself, from `from_seq` and from the
    candidate's message number `from_item` on."""

    messages: bool = False
    feedback: bool = False
    from_seq: int = 0
    from_item: int = 0


class View(Contract):
    """`session` None: no such session for this caller. Each list has at most 256 KiB; `next_seq` and `next_item`
    tell where the rest begins, if any."""

    session: SessionView | None = None
    messages: tuple[Message, ...] = ()
    feedback: tuple[FeedbackItem, ...] = ()
    next_seq: int | None = None
    next_item: int | None = None


class ListAsk(Contract):
    """The sessions of a user, newest first."""

    user_id: UUID
    limit: int = 50
    offset: int = 0


class SessionList(Contract):
    """Sessions without their words."""

    sessions: tuple[SessionView, ...] = ()


class HistoryAsk(SessionAsk):
    """The events after stream version `after`."""

    after: int = 0


class History(Contract):
    """Events in order, at most 512 KiB of them; `more` when there are further ones."""

    found: bool
    events: tuple[AnyEvent, ...] = ()
    more: bool = False


class ReplyDelta(Contract):
    """A piece of a reply while it is being written. `offset` counts characters; a newer `attempt`, or
    `revision`, replaces the draft."""

    turn: int
    revision: int
    attempt: int
    offset: int
    text: str
