"""Turns for which documents are searched over a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Event, Payload, decode
from contracts.documents.asks import SearchAsk
from contracts.interviewer.events import Replied
from contracts.session.events import AnswerRecorded, Started
from contracts.subjects import ask_subject, events_of_type
from contracts.vocabulary.configuration import SessionConfig
from devkit.nats_connections import all_taken
from document_pairs import pair
from interviewer.application import Interviewer
from interviewer.main import make_interviewer
from interviewer.settings import InterviewerSettings
from interviewer.subscribers import subscribe
from interviewer_simulation import BANK, ENGINE, SESSION, plan_for
from nats.aio.client import Client
from nats.aio.msg import Msg
from runtime.broker import make_broker
from runtime.publish import EventPublisher
from search_cases import PERSON, context_after


class Documents:
    """Stands in for the documents service on a real broker."""

    def __init__(self, delay: float = 0.0, body: bytes | None = None) -> None:
        self.delay, self.body = delay, body
        self.asked: list[SearchAsk] = []
        self.pair = pair("backend")

    async def answer(self, message: Msg) -> None:
        self.asked.append(SearchAsk.model_validate_json(message.data))
        await asyncio.sleep(self.delay)
        found = self.body or (await self.pair.search(self.asked[-1])).model_dump_json().encode()
        await message.respond(found)


@asynccontextmanager
async def running(url: str) -> AsyncIterator[None]:
    settings = InterviewerSettings(nats_url=url)
    broker = make_broker("interviewer", settings)
    subscribe(broker, make_interviewer(broker, settings, ENGINE, BANK), workers=settings.workers)
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


def an_event(data: Payload, session_id: UUID = SESSION) -> Event[Any]:
    return Event(
        id=uuid4(), type=data.TYPE, schema_version=data.SCHEMA_VERSION, subject_id=session_id, user_id=PERSON,
        correlation_id=uuid4(), occurred_at=datetime.now(UTC), stream_version=3, data=data,
    )  # fmt: skip


class Sender:
    """The part of a broker that a publisher uses, over a plain connection."""

    def __init__(self, connection: Client) -> None:
        self._js = connection.jetstream()

    async def publish(self, body: bytes, subject: str, **options: Any) -> None:
        await self._js.publish(subject, body, **options)


async def reply_to(connection: Client, event: Event[Any]) -> Event[Replied]:
    """What the service says to an event."""
    replies = await connection.subscribe(events_of_type("interviewer.replied.v1"))
    await all_taken(connection)
    await EventPublisher(Sender(connection), "session").publish(event)  # type: ignore[arg-type]
    message = await replies.next_msg(timeout=10)
    await replies.unsubscribe()
    return decode(message.data)  # type: ignore[return-value]


async def an_answer(**config: Any) -> Event[Any]:
    context = await context_after("I don't know.", **config)
    return an_event(AnswerRecorded(turn=1, revision=1, question_id=uuid4(), text=context.answer, context=context))


async def test_a_question_cites_what_the_documents_service_found(nats_url: str, broker_connection: Client) -> None:
    documents = Documents()
    await broker_connection.subscribe(ask_subject("documents", "search"), cb=documents.answer)
    async with running(nats_url):
        reply = await reply_to(broker_connection, await an_answer())
    (ask,) = documents.asked
    assert ask.user_id == PERSON and len(ask.document_ids) == 2
    (source, *_) = reply.data.question.sources
    assert (source.document_id, source.chunk_index) in documents.pair.pieces


@pytest.mark.parametrize(
    "documents", [Documents(delay=60), Documents(body=b"\x00 no answer"), None], ids=["slow", "broken", "absent"]
)
async def test_a_turn_waits_for_nobody(documents: Documents | None, nats_url: str, broker_connection: Client) -> None:
    if documents:
        await broker_connection.subscribe(ask_subject("documents", "search"), cb=documents.answer)
    async with running(nats_url):
        await reply_to(broker_connection, an_event(Started(config=SessionConfig())))  # whatever is slow at first
        reply = await reply_to(broker_connection, await an_answer())
    assert reply.data.action == "new_question" and not reply.data.question.sources
    assert documents is None or len(documents.asked) == 1


async def test_without_documents_no_ask_goes_over_the_broker(nats_url: str, broker_connection: Client) -> None:
    documents = Documents()
    await broker_connection.subscribe(ask_subject("documents", "search"), cb=documents.answer)
    event = await an_answer(resume_id=None, job_description_id=None)
    async with running(nats_url):
        reply = await reply_to(broker_connection, event)
    assert not documents.asked
    published: list[Event[Any]] = []

    class Keeping:
        async def publish(self, event: Event[Any]) -> None:
            published.append(event)

    async def unheard(*_: Any) -> None: ...

    await Interviewer(ENGINE, plan_for, Keeping(), unheard).handle(event)
    assert published[0].data == reply.data
