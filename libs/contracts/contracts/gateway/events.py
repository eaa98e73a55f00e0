"""What clients asked for, as recorded by the gateway."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Payload
from contracts.registry import event
from contracts.text import Written
from contracts.vocabulary.configuration import Dialect, SessionConfig
from contracts.vocabulary.document import DocumentKind, Sha256
from contracts.vocabulary.hearing import RecordingRef
from contracts.vocabulary.limits import MAX_ANSWER


class Command(Written, Payload):
    """A request of a client. `request_hash` tells a repeat from another body under the same key."""

    request_hash: str | None = None


@event("gateway.session_requested", schema_version=4)
class SessionRequested(Command):
    """Create a session with this configuration."""

    config: SessionConfig
    dialect: Dialect = "agent"


@event("gateway.session_reconfigured", schema_version=2)
class SessionReconfigured(Command):
    """Replace the configuration of a session that has not begun."""

    config: SessionConfig


@event("gateway.interview_started", schema_version=3)
class InterviewStarted(Command):
    """Start the interview; a configuration given here replaces the session's."""

    config: SessionConfig | None = None


@event("gateway.user_message")
class UserMessage(Command):
    """The candidate said something to the question `question_id`; None when none had been asked.

    `continues`: a speaker went on while the reply was due; the words are added to the answer, and the reply is to all
    of them. `keyed` False: the client gave no key that a repeat would have too, so the session tells a repeat by its
    words.
    """

    text: str = Field(min_length=1, max_length=MAX_ANSWER)
    question_id: UUID | None = None
    continues: bool = False
    keyed: bool = True


@event("gateway.user_audio")
class UserAudio(Command):
    """The candidate said something to the question `question_id`, and it is to be understood first. `keyed` as in
    UserMessage."""

    recording: RecordingRef
    question_id: UUID | None = None
    keyed: bool = True


@event("gateway.recording_uploaded")
class RecordingUploaded(Command):
    """Somebody wants to know what is said in a recording, which is part of no interview: it is about a speech task.
    `language` is a code such as "en", empty where nobody knows."""

    recording: RecordingRef
    language: str = ""


@event("gateway.rephrase_requested")
class RephraseRequested(Command):
    """The candidate wants the current question in other words."""

    question_id: UUID | None = None


@event("gateway.transcript_corrected")
class TranscriptCorrected(Command):
    """What was said in `turn` was not `text` before: the record is wrong, and so may be the judgement of it."""

    turn: int = Field(ge=0)
    text: str = Field(min_length=1, max_length=MAX_ANSWER)


@event("gateway.answer_retried")
class AnswerRetried(Command):
    """Another attempt at the question of `turn`, which was answered before."""

    turn: int = Field(ge=0)
    text: str = Field(min_length=1, max_length=MAX_ANSWER)


@event("gateway.report_requested")
class ReportRequested(Command):
    """Write the report again."""


@event("gateway.interview_paused")
class InterviewPaused(Command):
    """Pause the interview clock."""


@event("gateway.interview_resumed")
class InterviewResumed(Command):
    """Resume the interview clock."""


@event("gateway.interview_ended")
class InterviewEnded(Command):
    """The candidate ends the interview, or cancels it."""

    reason: Literal["ended", "cancelled"] = "ended"


@event("gateway.session_reset")
class SessionReset(Command):
    """Start over with the same configuration."""


@event("gateway.erasure_requested")
class ErasureRequested(Command):
    """Erase everything about the session."""


@event("gateway.document_uploaded")
class DocumentUploaded(Command):
    """A file lies in the object store under `key`. Its name is not said: an event cannot be deleted with the document.

    It is about a document, not about a session.
    """

    kind: DocumentKind
    size: int = Field(ge=1)
    sha256: Sha256
    key: str
