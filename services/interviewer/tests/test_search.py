"""What is looked for in the documents, when, and what happens when nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts import Event, Payload, decode
from contracts.document_asks import SearchAnswer, SearchAsk
from contracts.interview import SessionConfig, TurnContext
from contracts.interviewer import Replied
from contracts.session import AnswerRecorded, Started
from contracts.subjects import ask_subject, event_subject, events_of_type
from document_pairs import pair
from interviewer.application import Interviewer
from interviewer.director import guide
from interviewer.main import serve
from interviewer.mind import Guidance, NoPassages
from interviewer.queries import keywords, query_for
from interviewer.reading import Reading, read
from interviewer.search import LIMIT, SEARCHES, DocumentSearch
from interviewer.settings import InterviewerSettings
from interviewer_simulation import BANK, MIND, PLAIN, RICH, SESSION, answer, begin, plan_for
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from runtime.broker import make_broker
from runtime.publish import EventPublisher

PERSON = uuid4()
ANSWER = "We moved the order events to Kafka and partitioned the ledger, which took a whole summer of careful work."


def counted(result: str) -> float:
    found = SEARCHES.labels(result)._buckets
    return sum(bucket.get() for bucket in found)


async def context_after(text: str = ANSWER, *, introduced: bool = True, **config: Any) -> TurnContext:
    documents = pair("backend")
    interview = await begin(documents.config(**{"target_question_count": 10, **config}))
    if introduced:
        await answer(interview, PLAIN)
    return interview.context(text)


def guidance_for(context: TurnContext) -> Guidance:
    return guide(context, read(context.answer, context))


# --- when, and for what ---


async def test_the_documents_of_the_session_are_searched_for_the_sessions_owner() -> None:
    documents, context = pair("backend"), await context_after()
    found = await DocumentSearch(documents.search, 5).passages(PERSON, context, guidance_for(context)).found()
    (ask,) = documents.asked
    assert (ask.user_id, ask.limit, ask.domains) == (PERSON, LIMIT, ())
    assert ask.document_ids == (documents.resume_id, documents.job_description_id)
    assert {"Kafka", "ledger", "partitioned"} <= set(ask.query.split())
    assert 0 < len(found) <= LIMIT


async def test_before_the_first_question_the_topic_is_looked_for() -> None:
    context = await context_after("I am Mara, and I like sailing.", introduced=False)
    words = query_for(context, guidance_for(context)).split()
    assert words[:3] == ["resume", "Backend", "Engineer"]


async def test_an_answer_that_says_nothing_is_not_looked_for() -> None:
    context = await context_after("I don't know.")
    assert "know" not in query_for(context, guidance_for(context)).split()


async def test_lines_that_were_not_spoken_of_take_turns() -> None:
    context = await context_after()
    found = set()
    for asked in range(8):
        budget = context.budget.model_copy(update={"asked": asked})
        later = context.model_copy(update={"budget": budget})
        found.add(query_for(later, guidance_for(later)))
    assert len(found) == 8


def test_keywords_are_tools_first_and_no_common_words() -> None:
    assert keywords("We have used these with Redis and some other queues in 2019") == [
        "Redis",
        "used",
        "queues",
        "2019",
    ]
    assert keywords("主导商家后台从单体页面拆分为十二个微前端应用")[0] == "主导商家后台从单体页面拆分为十二"


async def test_without_documents_nobody_is_asked() -> None:
    documents = pair("backend")
    context = await context_after(resume_id=None, job_description_id=None)
    passages = DocumentSearch(documents.search, 5).passages(PERSON, context, guidance_for(context))
    await passages.begin()
    assert isinstance(passages, NoPassages) and await passages.found() == () and not documents.asked


@pytest.mark.parametrize("text", ["What do you mean?", "asdf asdf", "I would like to stop here, please."])
async def test_before_fixed_phrases_nobody_is_asked(text: str) -> None:
    documents, context = pair("backend"), await context_after(text)
    assert isinstance(DocumentSearch(documents.search, 5).passages(PERSON, context, guidance_for(context)), NoPassages)


async def test_a_follow_up_of_the_scripted_mind_needs_no_search() -> None:
    documents = pair("backend")
    interview = await begin(documents.config(target_question_count=10))
    look_up = DocumentSearch(documents.search, 5).passages
    await answer(interview, PLAIN, look_up=look_up)
    assert len(documents.asked) == 1
    assert (await answer(interview, RICH, look_up=look_up)).question.kind == "follow_up"
    assert len(documents.asked) == 1


async def test_it_is_looked_for_once_and_beside_other_work() -> None:
    begun = asyncio.Event()

    async def search(ask: SearchAsk) -> SearchAnswer:
        assert not begun.is_set(), "once"
        begun.set()
        await asyncio.sleep(0.05)
        return SearchAnswer()

    context = await context_after()
    passages = DocumentSearch(search, 5).passages(PERSON, context, guidance_for(context))
    await passages.begin()
    assert begun.is_set(), "on its way, while the mind does something else"
    assert await asyncio.gather(passages.found(), passages.found()) == [[], []]


async def test_pieces_of_other_documents_are_left_out() -> None:
    other = pair("nurse")

    async def search(ask: SearchAsk) -> SearchAnswer:
        return SearchAnswer(hits=tuple(other.pieces.values())[:5])

    context = await context_after()
    assert await DocumentSearch(search, 5).passages(PERSON, context, guidance_for(context)).found() == []


# --- when nothing comes ---


async def late(ask: SearchAsk) -> SearchAnswer:
    await asyncio.Event().wait()
    return SearchAnswer()


async def nobody(ask: SearchAsk) -> SearchAnswer:
    raise NoRespondersError


async def broken(ask: SearchAsk) -> SearchAnswer:
    raise ValueError("what it says stays out of the log")


@pytest.mark.parametrize(("search", "result"), [(late, "late"), (nobody, "nobody"), (broken, "error")])
async def test_whatever_goes_wrong_the_question_is_asked_without_and_counted(search: Any, result: str) -> None:
    context, before = await context_after("I don't know."), counted(result)
    guidance = guidance_for(context)
    passages = DocumentSearch(search, 0.05).passages(PERSON, context, guidance)
    assert list(await passages.found()) == []
    assert counted(result) == before + 1


def test_it_waits_150_ms_by_default() -> None:
    assert InterviewerSettings().document_search_timeout == 0.15


# --- over a real broker ---


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
    serve(broker, settings, MIND, BANK)
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
    await connection.flush()
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

    await Interviewer(MIND, plan_for, Keeping(), unheard).handle(event)
    assert published[0].data == reply.data


def test_a_reading_without_an_answer_makes_no_keywords() -> None:
    assert Reading("silence").claims == ()


def test_the_subject_is_the_documents_services() -> None:
    assert ask_subject("documents", "search") == "ask.documents.search"
    assert event_subject("interviewer.replied.v1", SESSION).startswith("evt.interviewer.replied")
