"""What time brings about: intents of the session itself, beside the messages of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class ReplyGivenUp:
    """No reply came to the event `due_to`, after all attempts."""

    due_to: UUID


@dataclass(frozen=True)
class HearingGivenUp:
    """Nothing was made of the recording of the event `received`, after all attempts."""

    received: UUID


@dataclass(frozen=True)
class FeedbackGivenUp:
    """No feedback came on the answer `answer_id`, after all attempts."""

    answer_id: UUID


@dataclass(frozen=True)
class ReportGivenUp:
    """Version `version` of the report never came."""

    version: int


@dataclass(frozen=True)
class ClockRanOut:
    """The time of a time-based interview, and the grace after it, are over."""


@dataclass(frozen=True)
class LeftAlone:
    """The candidate has not been heard of since `since`: for so long that the interview counts as abandoned."""

    since: datetime


Timer = ReplyGivenUp | HearingGivenUp | FeedbackGivenUp | ReportGivenUp | ClockRanOut | LeftAlone
