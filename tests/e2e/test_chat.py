"""The live chat over real sockets and services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

ANSWER = "I led the migration of our payment service to Postgres, which cut the incidents by {n}0 percent in a year."


@dataclass
class Socket:
    """One end of a chat."""

    socket: aiohttp.ClientWebSocketResponse
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, kind: str, payload: Any = "", **more: Any) -> None:
        await self.socket.send_json({"type": kind, "payload": payload, **more})

    async def until(self, kind: str, seconds: float = 20, **fields: Any) -> dict[str, Any]:
        """The next message of a kind, with these fields."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, (message, self.seen[-3:])
                data: dict[str, Any] = message.json()
                self.seen.append(data)
                if data["type"] == kind and all(data.get(name) == value for name, value in fields.items()):
                    return data

    async def code(self, seconds: float = 20) -> int:
        """What it is closed with, after whatever still comes."""
        async with asyncio.timeout(seconds):
            while (message := await self.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                self.seen.append(message.json())
            return int(self.socket.close_code or 0)

    async def turn(self, text: str) -> dict[str, Any]:
        """Say something, and hear the reply."""
        await self.send("final", text, is_final=True)
        return await self.until("llm_response", tentative=False)


@asynccontextmanager
async def chatting(client: Any, interview_id: str, suffix: str = "") -> AsyncIterator[Socket]:
    url = f"{client.url}/api/v1/interview/{interview_id}/chat{suffix}"
    async with client.http.ws_connect(url) as socket:
        yield Socket(socket)


async def started(client: Any, **config: Any) -> str:
    body = {"job_role": "Backend Engineer", "target_question_count": 2, **config}
    reply = await client.post("/api/v1/interview/start", body)
    assert reply.status == 200 and reply.body["message"], reply
    return str(reply.body["interview_id"])


async def test_a_whole_interview_by_chat(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as chat:
        first = await chat.until("llm_response")
        assert first["payload"] and first["response_type"] == "introduction"
        await chat.until("interview_state", state="waiting_for_user_input")
        for number in range(1, 8):
            reply = await chat.turn(ANSWER.format(n=number))
            if reply["response_type"] == "closing":
                break
        closing = await chat.until("interview_end")
        end = await chat.until("end")
        assert closing["payload"] == end["payload"] != ""
        assert await chat.code() == 1000
    report = await client.get(f"/api/v1/sessions/{interview_id}/report")
    assert report.status == 200 and report.body["executive_summary"]["total_questions"] == 2


async def test_drafts_of_the_reply_come_before_the_reply(client: Any) -> None:
    async with chatting(client, await started(client)) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        await chat.turn(ANSWER.format(n=2))  # drafts are only for who listens already, as whoever got a reply does
        chat.seen.clear()
        reply = await chat.turn(ANSWER.format(n=3))
        drafts = [each["payload"] for each in chat.seen if each["type"] == "llm_response_draft"]
        assert drafts and reply["payload"].startswith(drafts[-1])


async def test_chunks_are_acknowledged_and_become_the_answer(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        await chat.send("chunk", "I led the migration of our payment service to Postgres,", is_final=False, timestamp=1)
        await asyncio.sleep(2.1)
        await chat.send(
            "chunk", "which cut the incidents by 40 percent", is_final=False, timestamp="2026-01-01T00:00:00Z"
        )
        acknowledgement = await chat.until("llm_response", tentative=True)
        assert 0 < len(acknowledgement["payload"].split()) < 8 and "?" not in acknowledgement["payload"]
        await chat.turn("")
    history = (await client.get("/interview/history", **{"X-Session-ID": interview_id})).body["history"]
    said = "I led the migration of our payment service to Postgres, which cut the incidents by 40 percent"
    assert [each["content"] for each in history if each["role"] == "user"] == [said]


async def test_reconnecting_resumes_at_the_same_question(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        question = await chat.turn(ANSWER.format(n=3))
    async with chatting(client, interview_id, suffix="/") as chat:
        again = await chat.until("llm_response")
        assert again["payload"] == question["payload"]
        assert (await chat.until("interview_state"))["state"] == "waiting_for_user_input"


async def test_words_that_are_sent_again_after_reconnecting_are_one_answer(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        question = await chat.turn(ANSWER.format(n=3))
    async with chatting(client, interview_id) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        assert (await chat.turn(ANSWER.format(n=3)))["payload"] == question["payload"]
        await chat.until("interview_state", state="waiting_for_user_input")
    history = (await client.get("/interview/history", **{"X-Session-ID": interview_id})).body["history"]
    assert [each["content"] for each in history if each["role"] == "user"] == [ANSWER.format(n=3)]


async def test_words_that_cannot_be_stored_are_an_error_and_the_chat_goes_on(client: Any) -> None:
    async with chatting(client, await started(client)) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        for words in ("I built\0 a parser", "I built \ud83d a parser"):
            await chat.send("final", words)
            assert "cannot be stored" in (await chat.until("error"))["payload"]
        assert (await chat.turn(ANSWER.format(n=3)))["payload"]


async def test_a_second_socket_takes_over(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as first:
        await first.until("interview_state", state="waiting_for_user_input")
        async with chatting(client, interview_id) as second:
            await second.until("interview_state", state="waiting_for_user_input")
            assert await first.code() == 1008 and first.seen[-1]["type"] == "error"
            assert (await second.turn(ANSWER.format(n=3)))["payload"]


async def test_controls(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as chat:
        question = await chat.until("llm_response")
        await chat.until("interview_state", state="waiting_for_user_input")
        await chat.send("control", "repeat")
        assert (await chat.until("llm_response"))["payload"] == question["payload"]
        await chat.send("control", "pause")
        await chat.until("interview_state", payload="The interview is paused.")
        await chat.send("final", "May I?")
        assert "paused" in (await chat.until("error"))["payload"]
        await chat.send("control", "resume")
        await chat.until("interview_state", payload="The interview goes on.")
        await chat.send("control", "dance")
        await chat.until("error")
        await chat.send("control", "end_interview")
        await chat.until("end")
        assert await chat.code() == 1000


@pytest.mark.parametrize("text", ["not json", "[]", '{"type": "chunk", "payload": 7}', '{"payload": "x"}', "null"])
async def test_a_malformed_message_leaves_the_socket_open(client: Any, text: str) -> None:
    async with chatting(client, await started(client)) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        await chat.socket.send_str(text)
        await chat.until("error")
        await chat.socket.send_bytes(b"\x00\x01")
        await chat.until("error")
        assert (await chat.turn(ANSWER.format(n=3)))["payload"]


@pytest.mark.parametrize("interview_id", ["nobody", "7b0c5e0e-6d5a-4c57-9a53-2f1f0a6f6c11", "0"])
async def test_an_unknown_interview_is_an_error_and_closes(client: Any, interview_id: str) -> None:
    async with chatting(client, interview_id) as chat:
        assert (await chat.until("error"))["payload"]
        assert await chat.code() == 1008


async def test_the_id_in_the_path_is_the_key_to_an_account_s_interview(client: Any) -> None:
    await client.register()
    interview_id = await started(client)
    stranger = client.having()
    assert (await stranger.get("/interview/history", **{"X-Session-ID": interview_id})).status == 404
    async with chatting(stranger, interview_id) as chat:
        assert (await chat.until("llm_response"))["payload"]


async def test_a_typed_chat_needs_no_chunks_and_shows_what_other_clients_do(client: Any) -> None:
    interview_id = await started(client)
    async with chatting(client, interview_id) as chat:
        await chat.until("interview_state", state="waiting_for_user_input")
        said = await client.post(
            "/interview/message", {"message": ANSWER.format(n=5)}, **{"X-Session-ID": interview_id}
        )
        assert (await chat.until("llm_response", tentative=False))["payload"] == said.body["content"]


async def test_an_interview_that_is_over_says_so_on_connect(client: Any) -> None:
    interview_id = await started(client)
    await client.post("/interview/end", **{"X-Session-ID": interview_id})
    async with chatting(client, interview_id) as chat:
        await chat.until("end")
        assert await chat.code() == 1000


@pytest.mark.parametrize("field", ["jd_id", "job_description_id", "resume_id"])
async def test_an_unknown_document_is_not_found(client: Any, field: str) -> None:
    reply = await client.post("/api/v1/interview/start", {field: str(uuid4())})
    assert reply.status == 404 and "session" not in reply.detail
