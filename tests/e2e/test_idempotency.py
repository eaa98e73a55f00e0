"""The same request under the same key is one request: now, at the same time, and after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import nats
import pytest
from contracts.topology import EVENT_STREAM
from devkit.nats_connections import all_taken
from devkit.stack import Stack
from nats.aio.msg import Msg
from nats.js import JetStreamContext

TEXT = "I have ten years of experience with payment systems and want to work at scale."


def key(value: str | None = None) -> dict[str, str]:
    """The header of a keyed request."""
    return {"Idempotency-Key": value or str(uuid4())}


async def history(client: Any) -> list[Any]:
    """The conversation so far."""
    return list((await client.get("/interview/history")).body["history"])


async def created(client: Any) -> str:
    """A session that has not begun."""
    session_id: str = (await client.post("/interview/session", {"job_role": "Pilot"})).body["session_id"]
    client.headers["X-Session-ID"] = session_id
    return session_id


def account() -> dict[str, str]:
    """Somebody who is not registered yet."""
    return {"email": f"{uuid4().hex}@example.com", "password": "correct horse", "name": "Ada"}


# Twice


async def test_a_session_is_created_once(client: Any) -> None:
    header = key()
    first, second = [await client.post("/interview/session", {"job_role": "Pilot"}, **header) for _ in range(2)]
    assert first.status == second.status == 200
    assert first.body == second.body


async def test_a_start_gives_the_same_introduction(client: Any) -> None:
    await created(client)
    header = key()
    first, second = [await client.post("/interview/start", {"job_role": "Cook"}, **header) for _ in range(2)]
    assert first.status == second.status == 200
    assert first.body == second.body
    assert len(await history(client)) == 1


async def test_a_start_gives_the_introduction_even_when_the_interview_went_on(client: Any) -> None:
    await created(client)
    header = key()
    first = await client.post("/interview/start", **header)
    await client.say(TEXT)
    assert (await client.post("/interview/start", **header)).body == first.body


async def test_an_answer_is_recorded_once_and_gets_the_same_reply(client: Any) -> None:
    await client.begin()
    header = key()
    first, second = [await client.say(TEXT, **header) for _ in range(2)]
    assert first.status == second.status == 200
    assert first.body == second.body
    assert [entry["content"] for entry in (await history(client))[1:]] == [TEXT, first.body["content"]]


async def test_the_reply_stays_the_same_when_the_interview_went_on(client: Any) -> None:
    await client.begin()
    header = key()
    first = await client.say(TEXT, **header)
    await client.to_the_end()
    assert (await client.say(TEXT, **header)).body == first.body


async def test_the_notice_after_the_end_stays_the_same(client: Any) -> None:
    await client.begin(target_question_count=1)
    await client.to_the_end()
    header = key()
    first, second = [await client.say("One more thing.", **header) for _ in range(2)]
    assert first.body["response_type"] == "status"
    assert first.body == second.body


async def test_an_end_is_harmless_twice(client: Any) -> None:
    await client.begin()
    header = key()
    assert (await client.post("/interview/end", **header)).status == 200
    await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    first, second = [await client.post("/interview/end", **header) for _ in range(2)]
    assert first.body == second.body


async def test_a_reset_is_carried_out_once(client: Any) -> None:
    await client.begin()
    header = key()
    first = await client.post("/interview/reset", **header)
    await client.post("/interview/start")
    await client.say(TEXT)
    assert (await client.post("/interview/reset", **header)).body == first.body
    assert len(await history(client)) == 3


async def test_a_pause_is_carried_out_once(client: Any) -> None:
    session_id = await client.begin()
    header = key()
    first = await client.post(f"/api/v1/sessions/{session_id}/pause", **header)
    await client.post(f"/api/v1/sessions/{session_id}/resume")
    assert (await client.post(f"/api/v1/sessions/{session_id}/pause", **header)).body == first.body
    assert (await client.say(TEXT)).status == 200


async def test_a_registration_gives_the_same_tokens(client: Any) -> None:
    body, header = account(), key()
    first, second = [await client.post("/auth/register", body, **header) for _ in range(2)]
    assert first.status == second.status == 201
    assert first.body == second.body


async def test_a_login_gives_the_same_tokens(client: Any) -> None:
    body, header = account(), key()
    await client.post("/auth/register", body)
    first, second = [await client.post("/auth/login", body, **header) for _ in range(2)]
    assert first.status == second.status == 200
    assert first.body == second.body


async def test_a_refusal_stays_a_refusal(client: Any) -> None:
    session_id = await client.begin()
    await client.post(f"/api/v1/sessions/{session_id}/pause")
    header = key()
    refused = await client.say(TEXT, **header)
    await client.post(f"/api/v1/sessions/{session_id}/resume")
    again = await client.say(TEXT, **header)
    assert (again.status, again.body) == (409, refused.body)


# Another body


@pytest.mark.parametrize(
    ("path", "body", "other_body"),
    [
        ("/interview/session", {"job_role": "Pilot"}, {"job_role": "Cook"}),
        ("/interview/start", {"style": "casual"}, {"style": "formal"}),
        ("/interview/start", {"style": "casual"}, None),
        ("/interview/message", {"message": TEXT}, {"message": "Something else."}),
    ],
)
async def test_another_body_under_the_same_key_is_409(client: Any, path: str, body: Any, other_body: Any) -> None:
    await (client.begin() if path == "/interview/message" else created(client))
    header = key()
    first = await client.post(path, body, **header)
    refused = await client.post(path, other_body, **header)
    assert refused.status == 409
    assert "Idempotency-Key" in refused.detail and "session" not in refused.detail.lower()
    assert (await client.post(path, body, **header)).body == first.body


@pytest.mark.parametrize("path", ["/auth/register", "/auth/login"])
async def test_also_for_accounts(client: Any, path: str) -> None:
    body, header = account(), key()
    if path == "/auth/login":
        await client.post("/auth/register", body)
    first = await client.post(path, body, **header)
    assert (await client.post(path, {**body, "password": "another horse"}, **header)).status == 409
    assert (await client.post(path, body, **header)).body == first.body


async def test_the_same_content_spelled_differently_is_the_same_body(client: Any) -> None:
    header = key()
    first = await client.post("/interview/session", {"job_role": "Pilot", "style": "casual"}, **header)
    spelled = b'{ "style": "casual",\n "unknown": 1, "company_name": null, "job_role": "\\u0050ilot" }'
    again = await client.call("POST", "/interview/session", data=spelled, **header)
    assert again.body == first.body


# At the same time


@pytest.mark.parametrize("path", ["/interview/session", "/interview/start", "/auth/register"])
async def test_five_at_once_get_the_same_answer(client: Any, path: str) -> None:
    await created(client)
    body = account() if path == "/auth/register" else {"job_role": "Pilot"}
    header = key()
    replies = await asyncio.gather(*(client.post(path, body, **header) for _ in range(5)))
    assert {reply.status for reply in replies} <= {200, 201}
    assert all(reply.body == replies[0].body for reply in replies)


@pytest.mark.parametrize("keyed", [True, False])
async def test_five_answers_at_once_are_one_turn(client: Any, keyed: bool) -> None:
    await client.begin()
    header = key() if keyed else {}
    replies = await asyncio.gather(*(client.say(TEXT, **header) for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    said = await history(client)
    assert all(reply.body == replies[0].body for reply in replies)
    assert len(said) == 3


async def test_different_answers_at_once_under_one_key_are_one_answer_and_a_conflict(client: Any) -> None:
    await client.begin(target_question_count=20)
    for number in range(5):
        header, texts = key(), [f"Answer {name} of round {number}." for name in "ab"]
        replies = await asyncio.gather(*(client.say(text, **header) for text in texts))
        assert sorted(reply.status for reply in replies) == [200, 409]
        recorded = next(text for text, reply in zip(texts, replies, strict=True) if reply.status == 200)
        assert (await history(client))[-2]["content"] == recorded


async def test_five_starts_at_once_without_a_key_are_one(client: Any) -> None:
    await created(client)
    replies = await asyncio.gather(*(client.post("/interview/start") for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    assert all(reply.body == replies[0].body for reply in replies)
    assert len(await history(client)) == 1


@pytest.mark.parametrize("path", ["/interview/reset", "/interview/end"])
async def test_five_at_once_are_carried_out_once(client: Any, path: str) -> None:
    session_id = await client.begin()
    header = key()
    replies = await asyncio.gather(*(client.post(path, **header) for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    async with client.listening(session_id) as listener:
        kind = {"/interview/reset": "reset", "/interview/end": "completed"}[path]
        await listener.until(kind)
        await client.post("/interview/reset")
        rest = await listener.until("reset")
    assert kind not in [event.kind for event in rest[:-1]]


# Whose key, and for what


async def test_two_users_with_the_same_key_do_not_meet(client: Any, other: Any) -> None:
    header = key()
    for each in (client, other):
        await each.register()
    mine, theirs = [await each.post("/interview/session", {"job_role": "Pilot"}, **header) for each in (client, other)]
    assert mine.body["session_id"] != theirs.body["session_id"]
    for each, reply in ((client, mine), (other, theirs)):
        each.headers["X-Session-ID"] = reply.body["session_id"]
        await each.post("/interview/start", **header)
        assert (await each.say(f"I am {each.headers['Authorization'][-9:]}, and I fly.", **header)).status == 200
        assert len(await history(each)) == 3


async def test_nor_do_a_user_and_somebody_anonymous(client: Any, other: Any) -> None:
    header = key()
    await other.register()
    anonymous, users = [await each.post("/interview/session", {}, **header) for each in (client, other)]
    assert anonymous.body["session_id"] != users.body["session_id"]


async def test_nor_do_they_in_a_session_that_both_know(client: Any, other: Any) -> None:
    await other.register()
    other.headers["X-Session-ID"] = await client.begin()
    header = key()
    first, second = await client.say(TEXT, **header), await other.say(TEXT, **header)
    assert first.status == second.status == 200
    assert first.body["content"] != second.body["content"]
    assert len(await history(client)) == 5


async def test_a_key_is_for_one_route_and_one_session(client: Any) -> None:
    header = key()
    session_ids = set()
    for number in range(2):
        config = {"job_role": "Pilot"}
        reply = await client.post("/interview/session", config, **(header if number == 0 else {}))
        session_ids.add(reply.body["session_id"])
        client.headers["X-Session-ID"] = reply.body["session_id"]
        assert (await client.post("/interview/start", **header)).body["response_type"] == "introduction"
        assert (await client.say(TEXT, **header)).status == 200
        assert (await client.post("/interview/end", **header)).status == 200
        assert len(await history(client)) == 3
        assert (await client.post("/interview/reset", **header)).status == 200
        assert await history(client) == []
    assert len(session_ids) == 2


@pytest.mark.parametrize("path", ["/interview/session", "/interview/message", "/auth/register"])
async def test_a_key_of_more_than_255_characters_is_400(client: Any, path: str) -> None:
    await client.begin()
    body = {"message": TEXT, **account()}
    assert (await client.post(path, body, **key("k" * 256))).status == 400
    assert len(await history(client)) == 1
    assert (await client.post(path, body, **key("k" * 255))).status in (200, 201)


@pytest.mark.parametrize("value", ["null", "undefined", " "])
async def test_an_empty_key_counts_as_none(client: Any, value: str) -> None:
    first, second = [await client.post("/interview/session", **key(value)) for _ in range(2)]
    assert first.body != second.body


async def test_a_creation_can_be_repeated_after_the_session_was_erased(client: Any) -> None:
    header = key()
    first = await client.post("/interview/session", **header)
    await client.call("DELETE", f"/api/v1/sessions/{first.body['session_id']}")
    second = await client.post("/interview/session", **header)
    assert second.status == 200 and second.body != first.body


# Without a key


async def test_the_same_words_while_their_reply_is_due_wait_for_it(stack: Stack, client: Any, hanging: Any) -> None:
    await client.begin()
    with hanging(stack, "interviewer"):
        clicks = [asyncio.create_task(client.say(TEXT))]
        await client.eventually("/interview/history", lambda body: len(body["history"]) == 2)
        clicks.append(asyncio.create_task(client.say(TEXT)))
        refused = await client.say("Something else.")
        assert refused.status == 409
    first, second = await asyncio.gather(*clicks)
    assert first.status == second.status == 200
    assert first.body == second.body
    assert len(await history(client)) == 3


async def test_the_same_words_to_the_next_question_are_another_answer_under_another_key(client: Any) -> None:
    await client.begin()
    first, second = await client.say(TEXT, **key()), await client.say(TEXT, **key())
    assert first.body != second.body
    assert len(await history(client)) == 5


async def test_words_that_were_refused_during_a_pause_can_be_sent_again(client: Any) -> None:
    session_id = await client.begin()
    await client.post(f"/api/v1/sessions/{session_id}/pause")
    assert (await client.say(TEXT)).status == 409
    await client.post(f"/api/v1/sessions/{session_id}/resume")
    assert (await client.say(TEXT)).status == 200


async def test_words_that_came_too_early_can_be_sent_again(client: Any) -> None:
    await created(client)
    assert (await client.say(TEXT)).status == 400
    await client.post("/interview/start")
    assert (await client.say(TEXT)).status == 200


# Later


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley that these tests may stop and rob of its broker's memory."""
    with Stack(tmp_path_factory.mktemp("restarted")) as stack:
        yield stack


async def settled(stack: Stack) -> None:
    """Wait until the session service has handled everything."""
    connection = await nats.connect(stack.nats_url)
    async with asyncio.timeout(20):
        while True:
            info = await connection.jetstream().consumer_info(EVENT_STREAM, "session")
            if not info.num_pending and not info.num_ack_pending:
                break
            await asyncio.sleep(0.05)
    await connection.close()


async def forget_messages_at_once(js: JetStreamContext) -> None:
    """Make the broker's window for duplicates, two minutes by default, as short as it can be."""
    info = await js.stream_info(EVENT_STREAM)
    await js.update_stream(info.config.evolve(duplicate_window=0.1))


async def publish_when_forgotten(js: JetStreamContext, message: Msg) -> None:
    """Publish a message once more, under its own id, when the broker takes it for new."""
    for _ in range(100):
        if not (await js.publish(message.subject, message.data, headers=message.headers)).duplicate:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the broker does not forget")


async def test_a_repeat_long_after_the_broker_forgot_the_message(
    restarted: Stack, client_of: Callable[[Stack], Any]
) -> None:
    client, header = client_of(restarted), key()
    connection = await nats.connect(restarted.nats_url)
    await forget_messages_at_once(connection.jetstream())
    published: list[Msg] = []

    async def keep(message: Msg) -> None:
        published.append(message)

    await connection.subscribe("evt.gateway.>", cb=keep)
    await all_taken(connection)
    await created(client)
    started, replied = await client.post("/interview/start", **header), await client.say(TEXT, **header)
    before = await history(client)
    await settled(restarted)
    requests = tuple(published)
    for message in requests:
        await publish_when_forgotten(connection.jetstream(), message)
    await settled(restarted)
    await connection.close()
    assert len(requests) == 3
    assert (await client.post("/interview/start", **header)).body == started.body
    assert (await client.say(TEXT, **header)).body == replied.body
    assert await history(client) == before


async def test_a_repeat_after_a_restart(restarted: Stack, client_of: Callable[[Stack], Any]) -> None:
    client = client_of(restarted)
    body, header = account(), key()
    registered = await client.post("/auth/register", body, **header)
    client.headers["Authorization"] = f"Bearer {registered.body['access_token']}"
    session = await client.post("/interview/session", {"job_role": "Pilot"}, **header)
    client.headers["X-Session-ID"] = session.body["session_id"]
    started, replied = await client.post("/interview/start", **header), await client.say(TEXT, **header)
    await asyncio.to_thread(restarted.stop)
    await asyncio.to_thread(restarted.start)
    assert (await client.post("/auth/register", body, **header)).body == registered.body
    assert (await client.post("/interview/session", {"job_role": "Pilot"}, **header)).body == session.body
    assert (await client.post("/interview/start", **header)).body == started.body
    assert (await client.say(TEXT, **header)).body == replied.body
    assert (await client.say("Something else.", **header)).status == 409
    assert len(await history(client)) == 3
