"""Settings of the session service."""

from __future__ import annotations

from pydantic import Field
from runtime.objects import ObjectSettings
from runtime.settings import DatabaseSettings, RuntimeSettings

from session.domain.deadlines import Timeouts


class SessionSettings(RuntimeSettings, DatabaseSettings, ObjectSettings):
    """Times are in seconds."""

    database_read_url: str = Field("", description="A replica for the read models; empty reads from the primary.")
    reply_deadline: float = Field(15, gt=0, description="Until a missing reply is asked for again.")
    hearing_deadline: float = Field(
        120, gt=0, description="Until a recording that nothing was made of is given to speech again."
    )
    feedback_deadline: float = Field(60, gt=0, description="Until missing feedback is asked for again.")
    spoken_review_seconds: float = Field(
        0,
        ge=0,
        le=600,
        description="How long a spoken answer may be corrected before it is judged; 0 judges it at once, and again "
        "when it is corrected.",
    )
    report_deadline: float = Field(35, gt=0, description="Until a missing report is asked for again.")
    timer_attempts: int = Field(
        3, ge=1, description="How often a late outcome is asked for before the session goes on without it."
    )
    clock_grace: float = Field(
        120, ge=0, description="How long the last answer of a time-based interview may take after the time is up."
    )
    abandon_after: float = Field(86_400, gt=0, description="Silence after which an interview counts as abandoned.")
    session_days: float = Field(
        30, ge=0, description="Days after its end until an interview without an account is erased; 0 keeps it."
    )
    erasure_repeat: float = Field(
        180, gt=0, description="When an erasure is repeated: longer than any handler may take."
    )

    @property
    def timeouts(self) -> Timeouts:
        """The domain's view of these times."""
        return Timeouts(
            reply=self.reply_deadline,
            hearing=self.hearing_deadline,
            feedback=self.feedback_deadline,
            report=self.report_deadline,
            clock_grace=self.clock_grace,
            abandonment=self.abandon_after,
            attempts=self.timer_attempts,
            retention=self.session_days * 86_400,
        )
