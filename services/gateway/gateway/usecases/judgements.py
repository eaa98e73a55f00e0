"""Waiting for what the coach writes: the report of an interview, the feedback on an answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from uuid import UUID

from contracts.session.asks import FeedbackItem, View

from gateway.bus.commands import ENDED, POLL_SECONDS, Caller
from gateway.bus.subscriptions import Subscriptions
from gateway.problems import Problem
from gateway.usecases.feedback import visible_feedback
from gateway.usecases.queries import Queries

REPORT_SECONDS = 30.0
FEEDBACK_SECONDS = 30.0
_TOO_EARLY = "The report is written when the interview is over."
_NOT_YET = "The report is being written. Please ask again in a moment."


class Judgements:
    """What the coach has written, as soon as it is there."""

    def __init__(self, queries: Queries, subscriptions: Subscriptions) -> None:
        self._queries = queries
        self._subscriptions = subscriptions

    async def report(self, caller: Caller, session_id: UUID) -> View:
        """The session once its report is there. Raises Problem 400 before the end, 404 where none will come, 503 when
        it is late."""
        if not await self._until(caller, session_id, _has_report, REPORT_SECONDS):
            raise Problem(503, _NOT_YET, {"Retry-After": "5"})
        return await self._queries.view(caller, session_id, feedback=True)

    async def settled(self, caller: Caller, session_id: UUID) -> None:
        """Wait until the report and all feedback of a session that is over are there, or late, or will not come."""
        with contextlib.suppress(Problem):
            await self._until(caller, session_id, _is_complete, REPORT_SECONDS, feedback=True)

    async def all_feedback(self, caller: Caller, session_id: UUID, seconds: float) -> View:
        """The session once each answer has its feedback, or after so many seconds."""
        await self._until(caller, session_id, _is_judged, seconds, feedback=True)
        return await self._queries.view(caller, session_id, feedback=True)

    async def feedback(self, caller: Caller, session_id: UUID, turn: int) -> FeedbackItem | None:
        """The answer of a turn with its feedback; None where it is late, or not to be shown before the end."""
        found: list[FeedbackItem] = []

        def is_there(view: View) -> bool:
            found[:] = [each for each in visible_feedback(view) if each.turn == turn]
            return bool(found) or _is_withheld(view)

        await self._until(caller, session_id, is_there, FEEDBACK_SECONDS, feedback=True)
        return found[0] if found else None

    async def _until(
        self,
        caller: Caller,
        session_id: UUID,
        is_there: Callable[[View], bool],
        seconds: float,
        *,
        feedback: bool = False,
    ) -> bool:
        """Whether it is there within so many seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        async with self._subscriptions.events(session_id) as queue:
            while not is_there(await self._queries.view(caller, session_id, feedback=feedback)):
                left = deadline - loop.time()
                if left <= 0:
                    return False
                with contextlib.suppress(
                    TimeoutError
                ):  # whatever happens is a reason to look, and so is a long silence
                    await asyncio.wait_for(queue.get(), min(left, POLL_SECONDS))
        return True


def _is_withheld(view: View) -> bool:
    session = view.session
    return session is not None and session.config.mode == "realistic" and session.status not in ENDED


def _is_complete(view: View) -> bool:
    """Whether the report is there, with the feedback on each answer. Raises Problem where it cannot be."""
    return _has_report(view) and _is_judged(view)


def _is_judged(view: View) -> bool:
    """Whether there is feedback on each answer."""
    return all(item.feedback is not None for item in view.feedback)


def _has_report(view: View) -> bool:
    """Whether it is there. Raises Problem where it cannot be."""
    session = view.session
    assert session is not None
    if session.status not in ENDED:
        raise Problem(400, _TOO_EARLY)
    if session.report is None and (session.status == "cancelled" or session.report_status == "error"):
        raise Problem(404, session.report_error or "The interview was called off; there is no report.")
    return session.report is not None
