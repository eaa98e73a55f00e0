"""What every question about a session says."""

from __future__ import annotations

from uuid import UUID

from contracts.envelope import Contract


class SessionAsk(Contract):
    """A question about a session by `user_id`, None for a caller without an account."""

    session_id: UUID
    user_id: UUID | None = None
