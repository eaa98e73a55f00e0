"""Server-sent events: everything once, in order, from wherever the listener was; nothing private; tickets."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from contracts.interviewer.live import ReplyDelta
from contracts.subjects import live_subject
from devkit.nats_connections import all_taken
from devkit.stack import Stack
from runtime.buckets import TICKET_BUCKET

TEXT = "I have ten years of experience with payment systems and want to work at scale."
PRIVATE = {"expects", "cues", "context", "request_hash", "bank_id"}


async def interviewed(client: Any) -> str:
    """A session that is over, to the report."""
    session_id: str = await client.begin(target_question_count=2)
    await client.to_the_end()
    await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    return session_id


async def replayed(client: Any, session_id: str, query: str = "", **headers: str) -> list[Any]:
    """What a listener gets who comes after the report."""
    async with client.listening(session_id, query, **headers) as listener:
        seen: list[Any] = await listener.until("report_recorded")
        return seen


async def status_of(client: Any, session_id: str, query: str = "", **headers: str) -> int:
    """What a listener is answered."""
    async with client.listening(session_id, query, **headers) as listener:
        status: int = listener.response.status
        return status


async def ticket_of(client: Any) -> str:
    """A new ticket."""
    reply = await client.post("/api/v1/tickets")
    assert reply.status == 201 and reply.body["expires_in"] == 30
    return str(reply.body["ticket"])


def names_in(value: Any) -> set[str]:
    """All names of fields, at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names_in(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in names_in(inner)}
    return set()


# Replay


async def test_a_replay_holds_every_version_once_and_in_order(client: Any) -> None:
    events = await replayed(client, await interviewed(client))
    kinds = [event.kind for event in events]
    assert kinds[:3] == ["created", "started", "question_asked"]
    assert {"answer_recorded", "feedback_recorded", "completed", "report_due"} <= set(kinds)
    assert [event.number for event in events] == [str(number) for number in range(1, len(events) + 1)]
    assert [event.data["version"] for event in events] == list(range(1, len(events) + 1))


async def test_an_event_says_what_happened_when(client: Any) -> None:
    events = await replayed(client, await interviewed(client))
    for event in events:
        assert set(event.data) == {"id", "type", "version", "occurred_at", "data"}
        assert UUID(event.data["id"]) and event.data["type"] == event.kind
    asked = next(event for event in events if event.kind == "question_asked")
    history = (await client.get("/interview/history")).body["history"]
    assert asked.data["data"]["question"]["text"] == history[0]["content"]


async def test_nothing_private_is_in_any_event(client: Any) -> None:
    events = await replayed(client, await interviewed(client))
    assert not PRIVATE & {name for event in events for name in names_in(event.data)}


async def test_last_event_id_goes_on_without_gaps_or_doubles(client: Any) -> None:
    session_id = await interviewed(client)
    whole = await replayed(client, session_id)
    for seen in (0, 1, 5, len(whole) - 1):
        rest = await replayed(client, session_id, **{"Last-Event-ID": str(seen)})
        assert rest == whole[seen:]
    assert await replayed(client, session_id, "?last_event_id=3") == whole[3:]


@pytest.mark.parametrize("value", ["", "null", "-1", "3.0", "words", "²", "999", "9" * 30])
async def test_a_last_event_id_that_was_never_sent_replays_everything(client: Any, value: str) -> None:
    session_id = await client.begin()
    async with client.listening(session_id, **{"Last-Event-ID": value}) as listener:
        assert (await listener.read()).number == "1"


async def test_it_is_an_event_stream_that_nobody_keeps(client: Any) -> None:
    session_id = await client.begin()
    async with client.listening(session_id, Origin="https://app.example.com") as listener:
        headers = listener.response.headers
        assert headers["Content-Type"].startswith("text/event-stream")
        assert headers["Cache-Control"] == "no-store"
        assert headers["Access-Control-Allow-Origin"] == "*"


# Live


async def test_events_arrive_while_the_interview_goes_on(client: Any) -> None:
    session_id = await client.begin()
    async with client.listening(session_id) as listener:
        await listener.until("question_asked")
        for number in range(3):
            reply = await client.say(f"{TEXT} That was example number {number}.")
            heard = await listener.until("question_asked")
            assert "answer_recorded" in [event.kind for event in heard]
            assert heard[-1].data["data"]["question"]["text"] == reply.body["content"]


async def test_listeners_who_come_at_any_time_hear_the_same(client: Any) -> None:
    session_id = await client.begin(target_question_count=5)
    listening: list[asyncio.Task[list[Any]]] = []
    while (await client.say(f"{TEXT} Example {len(listening)}.")).body["response_type"] != "closing":
        listening.append(asyncio.create_task(replayed(client, session_id)))
    heard = [[each for each in seen if each.kind != "reply_delta"] for seen in await asyncio.gather(*listening)]
    whole = await replayed(client, session_id)
    assert len(heard) >= 5 and all(seen == whole for seen in heard)


async def test_a_listener_who_comes_and_goes_misses_nothing(client: Any) -> None:
    session_id = await client.begin(target_question_count=3)
    numbers, seen, closed = [], "0", False
    while not closed:
        closed = (await client.say(f"{TEXT} Example {seen}.")).body["response_type"] == "closing"
        async with client.listening(session_id, **{"Last-Event-ID": seen}) as listener:
            numbers += [event.number for event in await listener.until("question_asked") if event.number]
            seen = numbers[-1]
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


async def test_pieces_of_a_reply_come_before_the_reply(stack: Stack, client: Any, hanging: Any) -> None:
    session_id = await client.begin()
    connection = await nats.connect(stack.nats_url)
    async with client.listening(session_id) as listener:
        await listener.until("question_asked")
        with hanging(stack, "interviewer"):
            answering = asyncio.create_task(client.say(TEXT))
            await listener.until("answer_recorded")
            for number in range(50):
                piece = ReplyDelta(turn=0, revision=1, attempt=1, offset=number, text=f"piece {number}")
                await connection.publish(live_subject(UUID(session_id), "reply"), piece.model_dump_json().encode())
            await all_taken(connection)
        heard = await listener.until("question_asked")
    await answering
    await connection.close()
    pieces = [event.data["text"] for event in heard if event.kind == "reply_delta"]
    assert pieces[:50] == [f"piece {number}" for number in range(50)]
    assert all(event.number is None for event in heard if event.kind == "reply_delta")


async def test_the_pieces_make_up_the_reply(client: Any) -> None:
    session_id = await client.begin()
    async with client.listening(session_id) as listener:
        await listener.until("question_asked")
        reply = await client.say(TEXT)
        heard = await listener.until("question_asked")
    assert "".join(event.data["text"] for event in heard if event.kind == "reply_delta") == reply.body["content"]


async def test_the_stream_ends_when_the_session_is_erased(client: Any) -> None:
    session_id = await client.begin()
    async with client.listening(session_id) as listener, client.listening(session_id) as another:
        await client.call("DELETE", f"/api/v1/sessions/{session_id}")
        for each in (listener, another):
            await each.until("erased")
            assert await each.read() is None
    assert await status_of(client, session_id) == 404


async def test_an_anonymous_session_is_heard_by_whoever_knows_its_id(client: Any, other: Any) -> None:
    session_id = await client.begin()
    await other.register()
    assert await status_of(client.having(), session_id) == 200
    assert await status_of(other, session_id) == 200


# Tickets


async def test_a_ticket_takes_the_place_of_a_token_once(client: Any) -> None:
    await client.register()
    session_id = await client.begin()
    ticket = await ticket_of(client)
    browser = client.having()
    assert await status_of(browser, session_id) == 404
    async with browser.listening(session_id, f"?ticket={ticket}") as listener:
        assert (await listener.read()).kind == "created"
    async with browser.listening(session_id, f"?ticket={ticket}") as listener:
        assert listener.response.status == 401
        assert listener.response.headers["WWW-Authenticate"] == "Bearer"


async def test_of_five_at_once_one_gets_in(client: Any) -> None:
    await client.register()
    session_id = await client.begin()
    for _ in range(3):
        query = f"?ticket={await ticket_of(client)}"
        statuses = await asyncio.gather(*(status_of(client.having(), session_id, query) for _ in range(5)))
        assert sorted(statuses) == [200, 401, 401, 401, 401]


@pytest.mark.parametrize("ticket", ["wrong", "a b", "%00", "x" * 500, "..", "*", ">"])
async def test_a_wrong_ticket_is_401_whatever_token_comes_with_it(client: Any, ticket: str) -> None:
    await client.register()
    session_id = await client.begin()
    reply = await client.get(f"/api/v1/sessions/{session_id}/events?ticket={ticket}")
    assert reply.status == (400 if ticket == "%00" else 401)  # which is no text that can be stored, wherever it stands
    assert "ticket" in reply.detail and "session" not in reply.detail.lower()


@pytest.mark.parametrize("ticket", ["null", "undefined", ""])
async def test_an_empty_ticket_counts_as_none(client: Any, ticket: str) -> None:
    await client.register()
    session_id = await client.begin()
    assert await status_of(client, session_id, f"?ticket={ticket}") == 200


async def test_a_ticket_opens_only_what_its_owner_may_hear(client: Any, other: Any) -> None:
    await client.register()
    await other.register()
    session_id = await client.begin()
    for unknown in (session_id, str(uuid4()), "garbage"):
        reply = await other.having().get(f"/api/v1/sessions/{unknown}/events?ticket={await ticket_of(other)}")
        assert reply.status == 404 and "session" in reply.detail


async def test_a_ticket_needs_a_login(client: Any) -> None:
    reply = await client.post("/api/v1/tickets")
    assert reply.status == 401 and reply.headers["WWW-Authenticate"] == "Bearer"


async def test_the_broker_keeps_tickets_for_30_seconds(stack: Stack) -> None:
    connection = await nats.connect(stack.nats_url)
    info = await connection.jetstream().stream_info(f"KV_{TICKET_BUCKET}")
    await connection.close()
    assert info.config.max_age == 30
