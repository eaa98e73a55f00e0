"""Waiting for the report of an interview."""

from __future__ import annotations

import asyncio
import contextlib
from uuid import UUID

from contracts.session.asks import View

from gateway.bus.commands import ENDED, POLL_SECONDS, Caller
from gateway.bus.subscriptions import Subscriptions
from gateway.problems import Problem
from gateway.usecases.queries import Queries

REPORT_SECONDS = 30.0
_TOO_EARLY = "The report is written when the interview is over."
_NOT_YET = "The report is being written. Please ask again in a moment."


async def reported(queries: Queries, subscriptions: Subscriptions, caller: Caller, session_id: UUID) -> View:
    """The session once its report is there. Raises Problem 400 before the end, 404 where none will come, 503 when it is
    late."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + REPORT_SECONDS
    async with subscriptions.events(session_id) as queue:
        while not _has_report(await queries.view(caller, session_id)):
            left = deadline - loop.time()
            if left <= 0:
                raise Problem(503, _NOT_YET, {"Retry-After": "5"})
            with contextlib.suppress(TimeoutError):  # whatever happens is a reason to look, and so is a long silence
                await asyncio.wait_for(queue.get(), min(left, POLL_SECONDS))
    return await queries.view(caller, session_id, feedback=True)


def _has_report(view: View) -> bool:
    """Whether it is there. Raises Problem where it cannot be."""
    session = view.session
    assert session is not None
    if session.status not in ENDED:
        raise Problem(400, _TOO_EARLY)
    if session.report is None and (session.status == "cancelled" or session.report_status == "error"):
        raise Problem(404, session.report_error or "The interview was called off; there is no report.")
    return session.report is not None
