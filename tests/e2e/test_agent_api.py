"""The agent API row by row: what each answer holds, under which names and of which types."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import nats
import pytest
from devkit.stack import Stack
from runtime.buckets import ACTIVITY_BUCKET

TEXT = "I have ten years of experience with payment systems and want to work at scale."
DEFAULTS = {
    "job_role": "General Role",
    "job_description": "",
    "resume_content": "",
    "company_name": "",
    "style": "formal",
    "difficulty": "medium",
    "target_question_count": 5,
    "interview_duration_minutes": 30,
    "use_time_based_interview": False,
}
SPEECH_SOCKETS = ("/api/speech-to-text/stream", "/speech/speech-to-text/stream")
SUMMARY_TEXTS = ("patterns_tendencies", "strengths", "weaknesses", "improvement_focus_areas")
COUNTS = ("questions_asked", "api_call_count", "total_messages", "user_messages", "assistant_messages")
COUNTS += ("total_api_calls", "total_tokens_used")
TIMES = ("total_response_time", "total_response_time_seconds", "average_response_time_seconds")
TIMES += ("session_duration_minutes", "total_cost_usd")


async def created(client: Any, **config: Any) -> str:
    """A session that has not begun."""
    reply = await client.post("/interview/session", config)
    client.headers["X-Session-ID"] = reply.body["session_id"]
    return str(reply.body["session_id"])


async def recorded_config(client: Any, kind: str) -> dict[str, Any]:
    """The configuration that an event of this kind holds."""
    async with client.listening(client.headers["X-Session-ID"]) as listener:
        config: dict[str, Any] = (await listener.until(kind))[-1].data["data"]["config"]
        return config


def check_message(body: dict[str, Any], response_type: str) -> None:
    """One message of the interviewer, with the document's names and types."""
    assert list(body) == ["role", "agent", "content", "response_type", "metadata", "timestamp"]
    assert (body["role"], body["agent"], body["response_type"]) == ("assistant", "interviewer", response_type)
    assert isinstance(body["content"], str) and body["content"]
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None
    metadata = body["metadata"]
    assert isinstance(metadata["question_number"], int)
    assert all(
        isinstance(metadata[name], str) and metadata[name] for name in ("action", "reasoning", "phase", "engine")
    )
    assert isinstance(metadata["degraded"], bool)


def check_statistics(stats: dict[str, Any]) -> None:
    """The numbers, and nothing but numbers."""
    assert set(stats) == {*COUNTS, *TIMES}
    assert all(type(stats[name]) is int for name in COUNTS)
    assert all(type(stats[name]) in (int, float) and stats[name] >= 0 for name in TIMES)
    assert stats["total_response_time"] == stats["total_response_time_seconds"]
    assert stats["api_call_count"] == stats["total_api_calls"]
    assert stats["total_messages"] == stats["user_messages"] + stats["assistant_messages"]


# Accounts


async def test_an_account_is_answered_in_every_dialects_words(client: Any) -> None:
    account = await client.register()
    assert {"access_token", "refresh_token", "token_type", "token", "user"} <= set(account)
    assert account["token"] == account["access_token"] and account["token_type"] == "bearer"
    user = account["user"]
    assert set(user) == {"id", "user_id", "email", "name", "full_name", "is_active", "created_at"}
    assert user["id"] == user["user_id"] and user["name"] == user["full_name"] == "Ada"
    assert {name: account[name] for name in user} == user
    for path in ("/auth/me", "/api/v1/auth/me"):
        assert (await client.get(path)).body == user


async def test_a_taken_address_is_400_and_a_wrong_password_401(client: Any) -> None:
    account = await client.register()
    fields = {"email": account["email"].upper(), "password": "another horse"}
    assert (await client.post("/auth/register", fields)).status == 400
    assert (await client.post("/auth/login", fields)).status == 401
    assert (await client.post("/api/v1/auth/login", {**fields, "password": "correct horse"})).status == 200


# A session before it begins


async def test_a_session_is_created_with_the_defaults(client: Any) -> None:
    reply = await client.post("/interview/session")
    assert set(reply.body) == {"session_id", "message"}
    assert str(UUID(reply.body["session_id"])) == reply.body["session_id"]
    assert reply.body["message"] == "Session created for role: General Role"
    client.headers["X-Session-ID"] = reply.body["session_id"]
    assert DEFAULTS.items() <= (await recorded_config(client, "created")).items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("style", style) for style in ("formal", "casual", "aggressive", "technical")),
        *(("difficulty", difficulty) for difficulty in ("easy", "medium", "hard")),
        *(("target_question_count", count) for count in (1, 50)),
        *(("interview_duration_minutes", minutes) for minutes in (1, 180)),
        *(("use_time_based_interview", flag) for flag in (True, False)),
        ("company_name", "TechCorp"),
        ("resume_content", "Ten years at sea.\nTwo on land."),
    ],
)
async def test_each_documented_value_is_kept(client: Any, name: str, value: Any) -> None:
    await created(client, **{name: value})
    assert (await recorded_config(client, "created"))[name] == value


async def test_a_fresh_session_is_empty(client: Any) -> None:
    await created(client)
    assert (await client.get("/interview/history")).body == {"history": []}
    assert (await client.get("/interview/per-turn-feedback")).body == []
    stats = (await client.get("/interview/stats")).body["stats"]
    check_statistics(stats)
    assert set(stats.values()) == {0}
    status = (await client.get("/interview/final-summary-status")).body
    assert status == {"status": "generating", "results": None, "error": None}


async def test_an_answer_before_the_start_is_400(client: Any) -> None:
    await created(client)
    reply = await client.say(TEXT)
    assert reply.status == 400 and "start" in reply.detail.lower()
    assert (await client.get("/interview/history")).body == {"history": []}


# The conversation


async def test_a_start_is_answered_with_an_introduction(client: Any) -> None:
    await created(client, job_role="Pilot")
    reply = await client.post("/interview/start")
    check_message(reply.body, "introduction")
    assert "Pilot" in reply.body["content"]
    assert reply.body["metadata"]["question_number"] == 0


async def test_a_configuration_given_at_the_start_replaces_the_first(client: Any) -> None:
    await created(client, job_role="Pilot", style="casual", target_question_count=7)
    reply = await client.post("/interview/start", {"job_role": "Cook"})
    assert "Cook" in reply.body["content"]
    assert {**DEFAULTS, "job_role": "Cook"}.items() <= (await recorded_config(client, "started")).items()


@pytest.mark.parametrize("body", [{}, None, {"job_role": None}])
async def test_an_empty_one_leaves_it(client: Any, body: Any) -> None:
    await created(client, job_role="Pilot", target_question_count=7)
    await client.post("/interview/start", body)
    config = await recorded_config(client, "started")
    assert (config["job_role"], config["target_question_count"]) == ("Pilot", 7)


async def test_each_style_introduces_itself_in_its_own_words(client: Any) -> None:
    introductions = []
    for style in ("formal", "casual", "aggressive", "technical"):
        await created(client, job_role="Pilot", style=style)
        introductions.append((await client.post("/interview/start")).body["content"])
    assert len(set(introductions)) == 4


async def test_each_reply_has_the_documented_shape(client: Any) -> None:
    await client.begin(target_question_count=2)
    replies = [await client.say(TEXT)]
    replies.append(await client.say("What do you mean?"))
    replies += await client.to_the_end()
    replies.append(await client.say("One more thing."))
    kinds = [reply.body["response_type"] for reply in replies]
    assert kinds[1] == "clarification" and kinds[-2:] == ["closing", "status"]
    assert set(kinds) <= {"question", "follow_up", "clarification", "closing", "status"}
    for reply, kind in zip(replies[:-1], kinds[:-1], strict=True):
        check_message(reply.body, kind)
        assert not any(name in reply.body["metadata"] for name in ("expects", "bank_id", "cues"))
    assert list(replies[-1].body) == list(replies[0].body) and replies[-1].body["content"]


async def test_the_history_tells_who_said_what_and_when(client: Any) -> None:
    await client.begin()
    await client.say(TEXT)
    introduction, answer, question = (await client.get("/interview/history")).body["history"]
    check_message(introduction, "introduction")
    assert {"role", "content", "timestamp"} <= set(answer)
    assert (answer["role"], answer["content"]) == ("user", TEXT)
    moments = [datetime.fromisoformat(entry["timestamp"]) for entry in (introduction, answer, question)]
    assert moments == sorted(moments)


async def test_the_interview_can_be_reset_after_its_end(client: Any) -> None:
    session_id = await client.begin(job_role="Pilot", target_question_count=1)
    await client.to_the_end()
    assert (await client.post("/interview/reset")).body["session_id"] == session_id
    assert (await client.get("/interview/session/time-remaining")).body["session_active"] is True
    assert "Pilot" in (await client.post("/interview/start")).body["content"]
    assert (await client.say(TEXT)).body["response_type"] in ("question", "follow_up")


async def test_what_was_said_before_a_reset_stays_in_the_events(client: Any) -> None:
    session_id = await client.begin()
    await client.say(TEXT)
    await client.post("/interview/reset")
    async with client.listening(session_id) as listener:
        events = await listener.until("reset")
    assert [event.data["data"]["text"] for event in events if event.kind == "answer_recorded"] == [TEXT]


# Feedback and the summary


async def test_feedback_grows_in_order_and_without_holes(client: Any) -> None:
    await client.begin(target_question_count=4)
    observed: list[list[Any]] = []

    async def watch() -> None:
        while True:
            observed.append((await client.get("/interview/per-turn-feedback")).body)
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    replies = await client.to_the_end()
    final = await client.eventually("/interview/per-turn-feedback", lambda body: len(body) == len(replies))
    watching.cancel()
    assert all(seen == final[: len(seen)] for seen in observed)
    history = (await client.get("/interview/history")).body["history"]
    assert [item["answer"] for item in final] == [each["content"] for each in history if each["role"] == "user"]
    for item in final:
        assert all(isinstance(item[name], str) and item[name] for name in ("question", "answer", "feedback"))


async def test_a_turn_that_is_not_judged_gets_an_item_that_says_so(client: Any) -> None:
    await client.begin()
    await client.say(TEXT)
    await client.say("What do you mean?")
    items = await client.eventually("/interview/per-turn-feedback", lambda body: len(body) == 2)
    assert items[1]["judged"] is False and items[1]["feedback"]
    assert items[1]["score"] is None


async def test_an_end_is_answered_at_once_and_then_with_the_summary(client: Any) -> None:
    await client.begin()
    await client.say(TEXT)
    first = (await client.post("/interview/end")).body
    assert set(first) == {"results", "per_turn_feedback", "final_summary_status"}
    assert first["final_summary_status"] in ("generating", "completed")
    assert isinstance(first["per_turn_feedback"], list)
    status = await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    second = (await client.post("/interview/end")).body
    assert second["final_summary_status"] == "completed"
    assert len(second["per_turn_feedback"]) == 1
    results = second["results"]
    assert results["final_summary"] == status["results"]
    assert status["results"].items() <= results.items()
    check_statistics(results["session_stats"])


async def test_the_summary_holds_paragraphs_and_resources(client: Any) -> None:
    await client.begin(target_question_count=2)
    await client.to_the_end()
    body = await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    assert set(body) == {"status", "results", "error"} and body["error"] is None
    assert "error" not in body["results"]
    assert all(isinstance(body["results"][name], str) and body["results"][name] for name in SUMMARY_TEXTS)
    assert isinstance(body["results"]["recommended_resources"], list)
    assert body["results"]["engine"] and isinstance(body["results"]["degraded"], bool)


async def test_a_session_that_never_began_can_be_ended(client: Any) -> None:
    await created(client)
    assert (await client.post("/interview/end")).status == 200
    await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    for reply in (await client.post("/interview/start"), await client.say(TEXT)):
        assert reply.status == 200
        assert reply.body["response_type"] == "status" and reply.body["content"]


async def test_the_numbers_fit_the_conversation(client: Any) -> None:
    await client.begin(target_question_count=2)
    await client.to_the_end()
    stats = (await client.get("/interview/stats")).body["stats"]
    history = (await client.get("/interview/history")).body["history"]
    check_statistics(stats)
    assert stats["questions_asked"] == 2
    assert stats["total_messages"] == len(history)
    assert stats["user_messages"] == len([entry for entry in history if entry["role"] == "user"])
    assert stats["api_call_count"] > 0


# Idle time


async def test_a_session_is_active_from_its_creation_until_its_end(client: Any) -> None:
    session_id = await created(client)
    path = "/interview/session/time-remaining"
    fresh = (await client.get(path)).body
    assert set(fresh) == {"time_remaining_minutes", "session_active"}
    assert 59 < fresh["time_remaining_minutes"] <= 60 and fresh["session_active"] is True
    await client.post("/interview/start")
    assert (await client.get(path)).body["session_active"] is True
    await client.post(f"/api/v1/sessions/{session_id}/pause")
    assert (await client.get(path)).body["session_active"] is True
    await client.post("/interview/end")
    assert (await client.get(path)).body["session_active"] is False


async def test_asking_for_the_time_does_not_renew_it(stack: Stack, client: Any) -> None:
    session_id = await client.begin(interview_duration_minutes=1)
    connection = await nats.connect(stack.nats_url)
    bucket = await connection.jetstream().key_value(ACTIVITY_BUCKET)
    noted = float((await bucket.get(session_id)).value or b"0")
    await bucket.put(session_id, repr(noted - 20 * 60).encode())
    await connection.close()
    for _ in range(3):
        body = (await client.get("/interview/session/time-remaining")).body
        assert 35 < body["time_remaining_minutes"] <= 40
        assert body["session_active"] is True


async def test_a_ping_tells_the_new_expiry(client: Any) -> None:
    await created(client)
    body = (await client.post("/interview/session/ping")).body
    assert set(body) == {"success", "new_expiry_minutes", "message"}
    assert (body["success"], body["new_expiry_minutes"]) == (True, 60)
    assert isinstance(body["message"], str) and body["message"]


@pytest.mark.parametrize("session_id", ["known", "7b0c5e0e-6d5a-4c57-9a53-2f1f0a6f6c11", "garbage", "null", ""])
async def test_a_cleanup_says_the_same_to_everybody(client: Any, session_id: str) -> None:
    known = await client.begin()
    path, named = "/interview/session/cleanup", known if session_id == "known" else session_id
    client.headers.pop("X-Session-ID")
    beacon = {"data": "", "Content-Type": "text/plain;charset=UTF-8"}
    replies = [
        await client.post(path, **{"X-Session-ID": named}),
        await client.call("POST", f"{path}?session_id={named}", **beacon),
        await client.call("POST", path, data=named, **{"Content-Type": "text/plain;charset=UTF-8"}),
        await client.post(path),
    ]
    for reply in replies:
        assert reply.status == 200
        assert reply.body == {"success": True, "new_expiry_minutes": 60, "message": "Session released."}
    client.headers["X-Session-ID"] = known
    assert (await client.say(TEXT)).status == 200


# Erasure


async def test_after_an_erasure_nothing_is_there(client: Any) -> None:
    await client.register()
    session_id = await client.begin()
    await client.say(TEXT)
    erased = await client.call("DELETE", f"/api/v1/sessions/{session_id}")
    assert erased.status == 200 and erased.body["session_id"] == session_id
    calls = [
        *(("GET", f"/interview/{name}") for name in ("history", "stats", "per-turn-feedback", "final-summary-status")),
        ("GET", "/interview/session/time-remaining"),
        *(("POST", f"/interview/{name}") for name in ("start", "end", "reset", "session/ping")),
        *(("POST", f"/api/v1/sessions/{session_id}/{name}") for name in ("pause", "resume")),
        ("GET", f"/api/v1/sessions/{session_id}/events"),
        ("DELETE", f"/api/v1/sessions/{session_id}"),
    ]
    replies = {call: await client.call(*call) for call in calls}
    replies["POST", "/interview/message"] = await client.say(TEXT)
    assert {call: reply.status for call, reply in replies.items()} == dict.fromkeys(replies, 404)
    assert all("session" in reply.detail for reply in replies.values())


def tag_of(reply: Any) -> str:
    [tag] = [value for name, value in reply.headers.items() if name.lower() == "etag"]
    return str(tag)


async def test_what_is_polled_is_sent_when_it_has_changed(client: Any) -> None:
    await client.begin()
    await client.say(TEXT)
    for path in ("/interview/history", "/interview/final-summary-status"):
        first = await client.get(path)
        assert first.status == 200
        again = await client.get(path, **{"If-None-Match": tag_of(first)})
        assert (again.status, again.body) == (304, b"")
    judged = await client.eventually(
        "/interview/per-turn-feedback", lambda body: all(each["feedback"] for each in body)
    )
    known = {"If-None-Match": tag_of(await client.get("/interview/per-turn-feedback"))}
    assert judged and (await client.get("/interview/per-turn-feedback", **known)).status == 304
    await client.say(f"{TEXT} That was the second.")
    changed = await client.get("/interview/per-turn-feedback", **known)
    assert changed.status == 200 and len(changed.body) == len(judged) + 1


async def test_the_end_waits_for_the_feedback_that_is_still_being_written(
    stack: Stack, client: Any, hanging: Any
) -> None:
    await client.begin()
    with hanging(stack, "coach"):
        await client.say(TEXT)
        ending = asyncio.create_task(client.post("/interview/end"))
        await asyncio.sleep(2)
        assert not ending.done()
    ended = await ending
    assert ended.status == 200 and [each["answer"] for each in ended.body["per_turn_feedback"]] == [TEXT]


@pytest.mark.parametrize("path", SPEECH_SOCKETS)
async def test_a_socket_for_speech_says_that_there_is_none(client: Any, path: str) -> None:
    async with client.http.ws_connect(f"{client.url}{path}?session_id=null") as socket:
        said = await socket.receive_json(timeout=10)
        assert said["type"] == "error" and "text" in said["error"]
        await socket.receive(timeout=10)
        assert socket.close_code == 1008
