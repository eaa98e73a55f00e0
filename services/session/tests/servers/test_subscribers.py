"""The service as others meet it: over a broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from contracts.session.asks import Outcome, OutcomeAsk, View, ViewAsk
from contracts.session.events import AnswerRecorded, Created, QuestionAsked, Refused
from contracts.subjects import dead_of_subject
from contracts.topology import DEAD_STREAM, EVENT_STREAM
from faststream.nats import NatsBroker
from nats.js.errors import NotFoundError
from runtime.broker import ask
from session.domain.refusals import CANNOT_BE_KEPT
from session.subscribers import NAME
from session_helpers.intents import is_requested, replies, says
from session_helpers.replica import BEGUN, Interview, Replica, Sql, an_interview, another_version_wrote, post, stored


async def eventually(condition: Callable[[], Awaitable[object]]) -> None:
    for _ in range(500):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def test_a_message_becomes_an_event_and_can_be_asked_about(online: Replica, listening: NatsBroker) -> None:
    interview = Interview(replica=online)
    message = await interview.about(is_requested(job_role="Baker"))
    await post(online.stream, message)
    await eventually(lambda: stored(online.stream, interview.session_id, Created))
    who = {"session_id": interview.session_id, "user_id": interview.user_id}
    outcome = await ask(listening, NAME, "outcome", OutcomeAsk(**who, message_id=message.id), Outcome)
    assert outcome.known and outcome.event.data.config.job_role == "Baker"
    view = await ask(listening, NAME, "view", ViewAsk(**who), View)
    assert view.session.config.job_role == "Baker"


async def test_a_message_about_a_stream_that_is_not_understood_is_handed_back_until_it_is(
    online: Replica, listening: NatsBroker, owner: Sql
) -> None:
    interview = await an_interview(online, *BEGUN)
    message = await interview.about(says())
    await another_version_wrote(owner, interview, "session.teleported.v1", 1, {})
    await post(online.stream, message)

    async def redelivered() -> bool:
        return (await online.stream.consumer_info(EVENT_STREAM, NAME)).num_redelivered == 1

    await eventually(redelivered)
    assert await stored(online.stream, interview.session_id, AnswerRecorded) == []
    await owner("DELETE FROM session.events WHERE type = 'session.teleported.v1'")
    await eventually(lambda: stored(online.stream, interview.session_id, AnswerRecorded))


async def test_a_client_is_told_that_its_text_cannot_be_kept(online: Replica, listening: NatsBroker) -> None:
    """Postgres keeps no NUL characters: trying again for ever would not help, and nobody waits for a dead letter."""
    interview = await an_interview(online, *BEGUN)
    message = await interview.about(says())
    unstorable = message.data.model_copy(update={"text": "Null: \x00"})
    await post(online.stream, message.model_copy(update={"data": unstorable}))
    await eventually(lambda: stored(online.stream, interview.session_id, Refused))
    who = {"session_id": interview.session_id, "user_id": interview.user_id}
    outcome = await ask(listening, NAME, "outcome", OutcomeAsk(**who, message_id=message.id), Outcome)
    assert outcome.event.data == Refused(
        request="user_message", reason="not_possible", detail=CANNOT_BE_KEPT, request_hash="h"
    )
    assert (await interview.refresh()).all(AnswerRecorded) == []


async def test_what_another_service_says_and_cannot_be_kept_becomes_a_dead_letter(
    online: Replica, listening: NatsBroker
) -> None:
    interview = await an_interview(online, *BEGUN, says())
    await post(online.stream, await interview.about(replies(text="Null: \x00")))

    async def dead() -> bool:
        try:
            await online.stream.get_last_msg(DEAD_STREAM, dead_of_subject(interview.session_id).replace("*", NAME))
        except NotFoundError:
            return False
        return True

    await eventually(dead)
    assert len((await interview.refresh()).all(QuestionAsked)) == 1
