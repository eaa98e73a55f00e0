"""Acts on timers whose time is up. Any replica may: rows are claimed with SKIP LOCKED and handed out again later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

import structlog
from contracts.session.asks import EraseAsk
from runtime.database import Database
from runtime.sql.tenants import as_role
from runtime.telemetry import failure

from session.application import Sessions, utc_now
from session.domain.deadlines import Key, Kind, Timeouts, deadlines
from session.domain.intents import (
    ClockRanOut,
    FeedbackGivenUp,
    HearingGivenUp,
    LeftAlone,
    ReplyGivenUp,
    ReportGivenUp,
    Timer,
)
from session.domain.state import State
from session.erasure import KIND as ERASURE
from session.erasure import Erasure
from session.measures import AGAIN, DUE, OVERDUE
from session.store import EventStore
from session.tenant import SWEEPER_ROLE

log = structlog.get_logger()
ANSWERED_BY: Mapping[Kind, str] = {"reply": "interviewer", "hearing": "speech", "feedback": "coach", "report": "coach"}
"""The durable that is asked again when an outcome of that kind is late."""
for _kind in ANSWERED_BY:
    AGAIN.labels(_kind)
POLL_SECONDS = 1.0
BATCH = 50
COUNT_SECONDS = 15.0
"""Between two looks at how many there are."""

_CLAIM = """
UPDATE session.timers d SET attempt = attempt + 1, at = now() + make_interval(secs => $1)
FROM (
    SELECT session_id, kind, ref FROM session.timers WHERE at <= now() ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
) late
WHERE d.session_id = late.session_id AND d.kind = late.kind AND d.ref = late.ref
RETURNING d.session_id, d.user_id, d.kind, d.ref, d.attempt
"""
_COUNT = """
SELECT kind, count(*) AS due, count(*) FILTER (WHERE at < now() - interval '10 seconds') AS overdue
FROM session.timers GROUP BY kind
"""
_DROP = "DELETE FROM session.timers WHERE session_id = $1 AND kind = $2 AND ref = $3"
_POSTPONE = "UPDATE session.timers SET at = $4, attempt = 0 WHERE session_id = $1 AND kind = $2 AND ref = $3"


@dataclass(frozen=True)
class ExpiredTimer:
    """One timer whose time is up; `attempt` is 1 the first time."""

    session_id: UUID
    user_id: UUID | None
    kind: str
    ref: str
    attempt: int

    @property
    def key(self) -> Key:
        """What it is, as the domain names it."""
        return Key(cast("Kind", self.kind), self.ref)


class Timers:
    """The worker on the `timers` table.

    `online` tells whether the broker can be reached: without it nothing is claimed, since every attempt would be
    wasted.
    """

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        store: EventStore,
        erasure: Erasure,
        timeouts: Timeouts,
        online: Callable[[], bool] = lambda: True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._store = store
        self._erasure = erasure
        self._timeouts = timeouts
        self._online = online
        self._clock = clock

    async def run(self) -> None:
        """Poll for ever."""
        counted = 0.0
        while True:
            if (now := asyncio.get_running_loop().time()) - counted > COUNT_SECONDS:
                counted = now
                await self.count()
            taken = await self.take_up() if self._online() else 0
            if taken < BATCH:
                await asyncio.sleep(POLL_SECONDS)

    async def take_up(self) -> int:
        """Deal with what is overdue now; the number of rows that were claimed.

        A row that fails is simply overdue again later: its own failure must not hold up the others.
        """
        timers = await self._claim()
        for timer in timers:
            try:
                await self._act(timer)
            except Exception as error:
                log.warning("overdue, and failed", kind=timer.kind, attempt=timer.attempt, **failure(error))
        return len(timers)

    async def count(self) -> None:
        """Measure how many timers there are, and how many have been up for a while."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            found = {row["kind"]: row for row in await connection.fetch(_COUNT)}
        for kind in (*get_args(Kind), ERASURE):
            DUE.labels(kind).set(found[kind]["due"] if kind in found else 0)
            OVERDUE.labels(kind).set(found[kind]["overdue"] if kind in found else 0)

    async def _claim(self) -> list[ExpiredTimer]:
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            rows = await connection.fetch(_CLAIM, self._timeouts.reply, BATCH)
        return [ExpiredTimer(*row) for row in rows]

    async def _act(self, timer: ExpiredTimer) -> None:
        if timer.kind == ERASURE:
            await self._erasure.carry_out(timer.session_id, timer.user_id, timer.ref)
            return
        state = await self._store.load(timer.session_id, timer.user_id)
        expected = deadlines(state, self._timeouts).get(timer.key)
        if expected is None or expected > self._clock():
            await self._correct(timer, expected)
        elif timer.key.kind == "retention":
            await self._erasure.ask(EraseAsk(session_id=timer.session_id, user_id=timer.user_id))
        elif timer.key.kind == "review":  # nobody corrected it: now it is judged, and feedback has its own row
            await self._sessions.ask_again("coach", UUID(timer.ref), timer.session_id, timer.user_id, 0)
            await self._correct(timer, None)
        elif (intent := self._intent(timer, state)) is not None:
            await self._sessions.time_out(timer.session_id, timer.user_id, intent)
        else:
            log.info("asking again", kind=timer.kind, attempt=timer.attempt)
            durable = ANSWERED_BY[timer.key.kind]
            AGAIN.labels(timer.kind).inc()
            await self._sessions.ask_again(durable, UUID(timer.ref), timer.session_id, timer.user_id, timer.attempt)

    async def _correct(self, timer: ExpiredTimer, expected: datetime | None) -> None:
        """Bring a row in line with the state: its outcome came, or more time was given, since it was claimed."""
        async with as_role(self._database, SWEEPER_ROLE) as connection:
            if expected is None:
                await connection.execute(_DROP, timer.session_id, timer.kind, timer.ref)
            else:
                await connection.execute(_POSTPONE, timer.session_id, timer.kind, timer.ref, expected)

    def _intent(self, timer: ExpiredTimer, state: State) -> Timer | None:
        """What the passing of time means here; None while the outcome is only asked for again."""
        match timer.kind:
            case "clock":
                return ClockRanOut()
            case "abandonment":
                assert state.active_at is not None
                return LeftAlone(state.active_at)
            case _ if timer.attempt < self._timeouts.attempts:
                return None
            case "reply":
                return ReplyGivenUp(UUID(timer.ref))
            case "hearing":
                return HearingGivenUp(UUID(timer.ref))
            case "feedback":
                return FeedbackGivenUp(UUID(timer.ref))
            case _:
                return ReportGivenUp(state.report_version)
