"""What is late is asked of the service that owes it, and the others do not work a second time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import nats
import pytest
import pytest_asyncio
from contracts.subjects import events_of_type, live_subject, retry_subject
from contracts.topology import EVENT_STREAM
from devkit.stack import Stack
from nats.aio.client import Client as Connection
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

TEXT = "I moved our payments to Postgres, because retries had charged customers twice."


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley that asks again soon and often; for a reply not before a slow machine had its chance to write one."""
    settings = {"REPLY_DEADLINE": "10", "FEEDBACK_DEADLINE": "2", "TIMER_ATTEMPTS": "30", "REPLY_TIMEOUT": "60"}
    with Stack(tmp_path_factory.mktemp("hurried"), settings) as stack:
        yield stack


@pytest_asyncio.fixture
async def connection(hurried: Stack) -> AsyncIterator[Connection]:
    """The broker, looked at from outside."""
    connected = await nats.connect(hurried.nats_url)
    yield connected
    await connected.close()


async def eventually(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.1)


async def was_asked_again(js: JetStreamContext, durable: str, session_id: str) -> bool:
    try:
        await js.get_last_msg(EVENT_STREAM, retry_subject(durable, session_id))
    except NotFoundError:
        return False
    return True


async def deliveries(js: JetStreamContext, durable: str) -> int:
    """How many messages the durable was given, each as often as it was given."""
    delivered = (await js.consumer_info(EVENT_STREAM, durable)).delivered
    return delivered.consumer_seq if delivered else 0


async def test_feedback_that_is_late_brings_no_second_reply(
    hurried: Stack, client_of: Callable[[Stack], Any], hanging: Any, connection: Connection
) -> None:
    client, js, live = client_of(hurried), connection.jetstream(), list[Msg]()
    session_id = await client.begin()

    async def keep(message: Msg) -> None:
        live.append(message)

    with hanging(hurried, "coach"):
        await client.say(TEXT)
        await connection.subscribe(live_subject(session_id, "reply"), cb=keep)
        await connection.subscribe(events_of_type("interviewer.replied.v1"), cb=keep)
        before = await deliveries(js, "interviewer")
        await eventually(lambda: was_asked_again(js, "coach", session_id))
    await client.eventually(
        "/interview/per-turn-feedback", lambda body: bool(body) and body[0]["feedback"] is not None, seconds=60
    )
    assert await deliveries(js, "interviewer") == before
    assert live == []


async def test_a_reply_that_is_late_brings_no_second_judgement(
    hurried: Stack, client_of: Callable[[Stack], Any], hanging: Any, connection: Connection
) -> None:
    client, js = client_of(hurried), connection.jetstream()
    session_id = await client.begin()
    with hanging(hurried, "interviewer"):
        saying = asyncio.create_task(client.say(TEXT))
        await client.eventually(
            "/interview/per-turn-feedback", lambda body: bool(body) and body[0]["feedback"] is not None, seconds=60
        )
        before = await deliveries(js, "coach")
        await eventually(lambda: was_asked_again(js, "interviewer", session_id))
    assert (await saying).status == 200
    assert await deliveries(js, "coach") == before
