"""The turn API as its document shows it: start, turns by form, state, end; and what its clients may do besides."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import aiohttp

ANSWER = (
    "I led the migration of our payment service to Postgres. First we measured where the time went, then I added a"
    " unique key for each request, because retries had charged customers twice. It reduced incidents by 40 percent."
)
SHORT = {"target_question_count": 2, "job_role": "Backend Engineer"}
CLOSINGS = 8


def alias() -> str:
    return f"int_{uuid4().hex}"


def spoken(text: str) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("text", text)
    return form


def recording() -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("audio", b"RIFF0000WAVE", filename="test_audio.wav", content_type="audio/wav")
    return form


async def turn(client: Any, name: str, text: str) -> Any:
    return await client.call("POST", f"/session/turn/{name}", data=spoken(text))


async def to_the_end(client: Any, name: str) -> Any:
    for number in range(CLOSINGS):
        reply = await turn(client, name, f"{ANSWER} That was example number {number}.")
        assert reply.status == 200, reply
        if not reply.body["interviewer_response"]["should_continue"]:
            return reply
    raise AssertionError("the interview does not end")


async def test_the_walk_of_the_document(client: Any) -> None:
    name = alias()
    started = await client.post(f"/session/start/{name}")
    assert started.status == 200 and started.body["turn_number"] == 1
    response, state = started.body["interviewer_response"], started.body["session_state"]
    assert response["text"] == state["conversation_history"][0]["content"]
    assert response["should_continue"] is True and response["audio_url"] is None
    assert response["action"]["next_phase"] == "intro" == state["current_phase"]
    assert state["interview_id"] == name and state["questions_asked"] == 0 and state["evaluation"] is None
    said = (await turn(client, name, ANSWER)).body
    assert said["turn_number"] == 3
    assert [each["role"] for each in said["session_state"]["conversation_history"]] == [
        "interviewer",
        "candidate",
        "interviewer",
    ]
    assert said["interviewer_response"]["action"]["action_type"] in ("new_question", "ask_followup")
    assert said["interviewer_response"]["action"]["reasoning"]
    shown = await client.get(f"/session/state/{name}")
    assert shown.body["conversation_history"] == said["session_state"]["conversation_history"]
    ended = await client.call("DELETE", f"/session/state/{name}")
    assert ended.status == 200 and ended.body["session_state"]["interview_id"] == name
    judged = await client.eventually(f"/session/state/{name}", lambda shown: shown["evaluation"] is not None)
    assert judged["evaluation"]["summary"] and len(judged["conversation_history"]) >= 3
    assert (await client.call("DELETE", f"/session/state/{name}")).status == 200


async def test_what_is_learnt_of_the_candidate_is_quoted_and_stays_after_the_end(client: Any) -> None:
    name = alias()
    await client.post(f"/session/start/{name}", SHORT)
    last = (await to_the_end(client, name)).body
    assert last["interviewer_response"]["action"]["action_type"] == "conclude"
    assert last["session_state"]["current_phase"] == "closing"
    state = await client.eventually(f"/session/state/{name}", lambda shown: shown["evaluation"] is not None)
    assert state["topics_covered"] and state["insights"]
    words = [each["content"] for each in state["conversation_history"] if each["role"] == "candidate"]
    quotes = [each.rpartition("“")[2].rstrip("”") for each in state["insights"] if "“" in each]
    assert quotes and all(any(quote in text for text in words) for quote in quotes)
    assert (await turn(client, name, "One more thing that I forgot to say before.")).status == 409


async def test_a_running_interview_is_returned_and_one_that_is_over_begins_anew(client: Any) -> None:
    name = alias()
    first = (await client.post(f"/session/start/{name}", SHORT)).body
    said = (await turn(client, name, ANSWER)).body
    again = (await client.post(f"/session/start/{name}")).body
    assert again["interviewer_response"]["text"] == said["interviewer_response"]["text"]
    assert again["turn_number"] == 3
    await client.call("DELETE", f"/session/state/{name}")
    anew = (await client.post(f"/session/start/{name}", SHORT)).body
    assert anew["turn_number"] == 1 and anew["session_state"]["started_at"] > first["session_state"]["started_at"]


async def test_two_starts_at_once_begin_one_interview(client: Any) -> None:
    await client.register()
    name = alias()
    begun = await asyncio.gather(*(client.post(f"/session/start/{name}") for _ in range(4)))
    assert [each.status for each in begun] == [200] * 4
    assert len({each.body["session_state"]["started_at"] for each in begun}) == 1


async def test_a_start_that_is_repeated_under_its_key_begins_once_even_after_the_end(client: Any) -> None:
    name, key = alias(), str(uuid4())
    first = (await client.post(f"/session/start/{name}", **{"Idempotency-Key": key})).body
    await client.call("DELETE", f"/session/state/{name}")
    again = (await client.post(f"/session/start/{name}", **{"Idempotency-Key": key})).body
    assert again["session_state"]["started_at"] == first["session_state"]["started_at"]
    assert again["interviewer_response"]["should_continue"] is False


async def test_the_same_id_is_another_interview_for_each_person(client: Any, other: Any) -> None:
    name = alias()
    await client.register()
    await client.post(f"/session/start/{name}")
    assert (await other.get(f"/session/state/{name}")).status == 404
    await other.post(f"/session/start/{name}")
    await turn(other, name, ANSWER)
    assert len((await client.get(f"/session/state/{name}")).body["conversation_history"]) == 1


async def test_a_recording_that_nobody_can_listen_to_does_not_use_the_turn_up(client: Any) -> None:
    name = alias()
    await client.post(f"/session/start/{name}")
    refused = await client.call("POST", f"/session/turn/{name}", data=recording())
    assert refused.status == 503 and "text" in refused.detail
    assert len((await client.get(f"/session/state/{name}")).body["conversation_history"]) == 1
    for nothing in ({}, {"text": "  "}, {"text": None}, {"text": 7}):
        assert (await client.post(f"/session/turn/{name}", nothing)).status == 400
    assert (await client.call("POST", f"/session/turn/{name}", data={"text": ANSWER})).body["turn_number"] == 3


async def test_what_is_no_id_and_what_nobody_began(client: Any) -> None:
    assert (await client.post(f"/session/start/{'a' * 129}")).status == 400
    assert (await client.post("/session/start/two%20words")).status == 400
    unknown = await client.get(f"/session/state/{alias()}")
    assert unknown.status == 404 and "session" in unknown.detail
    assert (await turn(client, alias(), ANSWER)).status == 404


async def test_an_erased_interview_leaves_its_id_free(client: Any) -> None:
    await client.register()
    name = alias()
    await client.post(f"/session/start/{name}")
    session_id = (await client.get(f"/session/state/{name}")).body["session_id"]
    assert (await client.call("DELETE", f"/api/v1/sessions/{session_id}")).status == 200
    assert (await client.get(f"/session/state/{name}")).status == 404
    assert (await client.post(f"/session/start/{name}")).body["turn_number"] == 1
