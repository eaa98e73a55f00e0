"""Takes up what is overdue. Any replica may: rows are claimed with SKIP LOCKED and handed out again later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import structlog
from runtime.database import Database
from runtime.telemetry import failure

from session.application import Sessions, utc_now
from session.domain.due import Key, Kind, Patience, due
from session.domain.intents import ClockRanOut, FeedbackGivenUp, LeftAlone, ReplyGivenUp, ReportGivenUp, Timer
from session.domain.state import State
from session.erasure import KIND as ERASURE
from session.erasure import Erasure
from session.store import EventStore
from session.tenant import as_sweeper

log = structlog.get_logger()
OWED_BY: Mapping[Kind, str] = {"reply": "interviewer", "feedback": "coach", "report": "coach"}
"""The durable that is asked again when an outcome of that kind is late."""
POLL_SECONDS = 1.0
BATCH = 50

_CLAIM = """
UPDATE session.due d SET attempt = attempt + 1, at = now() + make_interval(secs => $1)
FROM (SELECT session_id, kind, ref FROM session.due WHERE at <= now() ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED) late
WHERE d.session_id = late.session_id AND d.kind = late.kind AND d.ref = late.ref
RETURNING d.session_id, d.user_id, d.kind, d.ref, d.attempt
"""
_DROP = "DELETE FROM session.due WHERE session_id = $1 AND kind = $2 AND ref = $3"
_POSTPONE = "UPDATE session.due SET at = $4, attempt = 0 WHERE session_id = $1 AND kind = $2 AND ref = $3"


@dataclass(frozen=True)
class Duty:
    """One row that fell due; `attempt` is 1 the first time."""

    session_id: UUID
    user_id: UUID | None
    kind: str
    ref: str
    attempt: int

    @property
    def key(self) -> Key:
        """What it is, as the domain names it."""
        return Key(cast("Kind", self.kind), self.ref)


class Duties:
    """The worker on the `due` table.

    `online` tells whether the broker can be reached: without it nothing is claimed, since every attempt would be
    wasted.
    """

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        store: EventStore,
        erasure: Erasure,
        patience: Patience,
        online: Callable[[], bool] = lambda: True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._store = store
        self._erasure = erasure
        self._patience = patience
        self._online = online
        self._clock = clock

    async def run(self) -> None:
        """Poll for ever."""
        while True:
            taken = await self.take_up() if self._online() else 0
            if taken < BATCH:
                await asyncio.sleep(POLL_SECONDS)

    async def take_up(self) -> int:
        """Deal with what is overdue now; the number of rows that were claimed.

        A row that fails is simply overdue again later: its own failure must not hold up the others.
        """
        duties = await self._claim()
        for duty in duties:
            try:
                await self._act(duty)
            except Exception as error:
                log.warning("overdue, and failed", kind=duty.kind, attempt=duty.attempt, **failure(error))
        return len(duties)

    async def _claim(self) -> list[Duty]:
        async with as_sweeper(self._database) as connection:
            rows = await connection.fetch(_CLAIM, self._patience.reply, BATCH)
        return [Duty(*row) for row in rows]

    async def _act(self, duty: Duty) -> None:
        if duty.kind == ERASURE:
            await self._erasure.carry_out(duty.session_id, duty.user_id, duty.ref)
            return
        state = await self._store.load(duty.session_id, duty.user_id)
        expected = due(state, self._patience).get(duty.key)
        if expected is None or expected > self._clock():
            await self._correct(duty, expected)
        elif (timer := self._timer(duty, state)) is not None:
            await self._sessions.time_out(duty.session_id, duty.user_id, timer)
        else:
            log.info("asking again", kind=duty.kind, attempt=duty.attempt)
            durable = OWED_BY[duty.key.kind]
            await self._sessions.ask_again(durable, UUID(duty.ref), duty.session_id, duty.user_id, duty.attempt)

    async def _correct(self, duty: Duty, expected: datetime | None) -> None:
        """Bring a row in line with the state: its outcome came, or more time was given, since it was claimed."""
        async with as_sweeper(self._database) as connection:
            if expected is None:
                await connection.execute(_DROP, duty.session_id, duty.kind, duty.ref)
            else:
                await connection.execute(_POSTPONE, duty.session_id, duty.kind, duty.ref, expected)

    def _timer(self, duty: Duty, state: State) -> Timer | None:
        """What the passing of time means here; None while the outcome is only asked for again."""
        match duty.kind:
            case "clock":
                return ClockRanOut()
            case "abandonment":
                assert state.active_at is not None
                return LeftAlone(state.active_at)
            case _ if duty.attempt < self._patience.attempts:
                return None
            case "reply":
                return ReplyGivenUp(UUID(duty.ref))
            case "feedback":
                return FeedbackGivenUp(UUID(duty.ref))
            case _:
                return ReportGivenUp(state.report_version)
