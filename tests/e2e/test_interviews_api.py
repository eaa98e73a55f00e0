"""The interviews API as its document and its front end use it: create, start, submit, pause, results, sockets."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio

ANSWER = (
    "I led the migration of our payment service to Postgres. First we measured where the time went, then I added a"
    " unique key for each request, because retries had charged customers twice. It reduced incidents by 40 percent."
)
SHORT = {"position": "Backend Engineer", "title": "Mock", "company": "Northwind", "num_questions": 2}
RECORDING = base64.b64encode(b"\x1aE\xdf\xa3" + bytes(200)).decode()


@pytest_asyncio.fixture
async def ada(client: Any) -> Any:
    await client.register()
    return client


async def begun(client: Any, **fields: Any) -> tuple[int, dict[str, Any]]:
    created = await client.post("/interviews/", {**SHORT, **fields})
    assert created.status == 200, created
    started = await client.post(f"/interviews/{created.body['id']}/start")
    assert started.status == 200, started
    return created.body["id"], started.body


async def submit(client: Any, token: str, text: str, **fields: Any) -> Any:
    return await client.post("/interviews/session/submit", {"session_token": token, "response_text": text, **fields})


async def to_the_end(client: Any, token: str) -> list[Any]:
    replies = []
    for number in range(10):
        reply = await submit(client, token, f"{ANSWER} That was example number {number}.")
        assert reply.status == 200, reply
        replies.append(reply.body)
        if reply.body["is_completed"]:
            return replies
    raise AssertionError("the interview does not end")


def seconds_of(wav: str) -> float:
    with wave.open(io.BytesIO(base64.b64decode(wav))) as read:
        return read.getnframes() / read.getframerate()


async def test_create_list_and_read(ada: Any) -> None:
    made = (await ada.post("/interviews/", {**SHORT, "description": "A dry run.", "interview_type": "coding"})).body
    assert made["position"] == "Backend Engineer" and made["company"] == made["company_name"] == "Northwind"
    assert made["title"] == "Mock" and made["status"] == "created" and made["interview_type"] == "coding"
    assert made["score"] == 0 and made["questions_answered"] == 0 and made["feedback"] is None
    assert made["started_at"] is None and made["description"] == "A dry run."
    assert isinstance(made["id"], int) and 0 < made["id"] < 2**53
    assert made["user_id"] == (await ada.get("/users/me")).body["user_id"]
    second = (
        await ada.post("/interviews", {"position": "Nurse", "company_name": "Ward 7", "difficulty_level": "hard"})
    ).body
    assert second["difficulty"] == "hard" and second["num_questions"] == 5 and second["duration_minutes"] == 60
    assert second["interview_type"] == "technical" and second["company"] == "Ward 7"
    listed = (await ada.get("/interviews/")).body
    assert [each["id"] for each in listed] == [second["id"], made["id"]]
    assert (await ada.get(f"/interviews/{made['id']}")).body == made
    assert (await ada.get(f"/interviews/{made['session_id']}")).body == made


async def test_an_interview_can_be_changed_until_it_begins(ada: Any, other: Any) -> None:
    bank = {"questions": [{"text": "What did you measure first?", "domain": "backend"}]}
    made = (await ada.post("/interviews", {**SHORT, "description": "A dry run.", **bank})).body
    path = f"/interviews/{made['id']}"
    changed = await ada.call("PUT", path, {"title": "For real", "difficulty_level": "hard", "num_questions": 1})
    assert changed.status == 200
    assert changed.body == {**made, "title": "For real", "num_questions": 1} | {
        "difficulty": "hard",
        "difficulty_level": "hard",
    }
    assert (await ada.get(path)).body == changed.body
    assert (await ada.call("PUT", path, {})).body == changed.body
    for bad in ({"num_questions": 0}, {"position": ""}, {"interview_type": "chess"}):
        assert (await ada.call("PUT", path, bad)).status == 400
    await other.register()
    assert (await other.call("PUT", path, {"title": "Mine"})).status == 404
    await ada.post(f"{path}/start")
    refused = await ada.call("PUT", path, {"title": "Too late"})
    assert refused.status == 400 and "has begun" in refused.detail
    assert (await ada.get(path)).body["title"] == "For real"


@pytest.mark.parametrize("questions", [1, 2, 3])
async def test_as_many_answers_as_questions(ada: Any, questions: int) -> None:
    number, started = await begun(ada, num_questions=questions)
    state = started["workflow_state"]
    assert started["is_resumed"] is False and state["interview_id"] == number
    assert state["status"] == "in_progress" and state["current_question"] == 1
    assert state["total_questions"] == questions and state["responses_history"] == []
    assert state["session_token"] == started["session_token"]
    assert set(started["first_question"]) >= {"question", "type", "difficulty"}
    assert 0 < seconds_of(started["audio_data"]["audio"]) < 1
    replies = await to_the_end(ada, started["session_token"])
    assert len(replies) == questions
    for position, reply in enumerate(replies, start=1):
        evaluation = reply["evaluation"]
        assert 0 <= evaluation["score"] <= 10 and evaluation["feedback"] == reply["feedback"]
        assert all(0 <= score <= 10 for score in evaluation["detailed_analysis"].values())
        assert len(reply["workflow_state"]["responses_history"]) == position
        assert (reply["next_question"] is None) is reply["is_completed"] is (position == questions)
        assert (reply["audio_data"] is None) is reply["is_completed"]
    assert replies[-1]["workflow_state"]["status"] == "completed"
    results = (await ada.get(f"/interviews/{number}/results")).body
    assert results["status"] == "completed" and results["questions_answered"] == questions
    assert results["total_questions"] == questions and len(results["responses_history"]) == questions
    assert all(each["response"].startswith(ANSWER) for each in results["responses_history"])
    scores = [each["score"] for each in results["responses_history"] if each["evidence"] == "sufficient"]
    assert scores and results["score"] <= 10
    shown = (await ada.get(f"/interviews/{number}")).body
    assert shown["score"] == pytest.approx(results["score"] * 10, abs=0.5) and shown["questions_answered"] == questions
    after = await submit(ada, started["session_token"], "One more thing that I forgot to mention.")
    assert after.status == 200 and after.body["is_completed"] and after.body["evaluation"] is None
    assert (await ada.post(f"/interviews/{number}/start")).status == 409


async def test_continue_shows_the_question_that_stands(ada: Any) -> None:
    number, started = await begun(ada, num_questions=3)
    said = (await submit(ada, started["session_token"], ANSWER)).body
    again = (await ada.post(f"/interviews/{number}/start")).body
    assert again["is_resumed"] is True and again["first_question"] == said["next_question"]
    assert again["workflow_state"]["current_question"] == 2
    assert len(again["workflow_state"]["responses_history"]) == 1
    active = (await ada.get(f"/interviews/{number}/active-session")).body
    assert active["session_token"] == again["session_token"] and active["question"] == said["next_question"]
    assert (await submit(ada, active["session_token"], f"{ANSWER} Again.")).status == 200


async def test_a_start_that_is_repeated_under_its_key_is_answered_alike(ada: Any) -> None:
    number = (await ada.post("/interviews", SHORT)).body["id"]
    key = {"Idempotency-Key": str(uuid4())}
    first = (await ada.post(f"/interviews/{number}/start", **key)).body
    again = (await ada.post(f"/interviews/{number}/start", **key)).body
    assert again == first and first["is_resumed"] is False


async def test_a_creation_that_is_repeated_under_its_key_makes_one(ada: Any) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    made = await asyncio.gather(*(ada.post("/interviews", SHORT, **key) for _ in range(3)))
    assert len({each.body["id"] for each in made}) == 1
    assert len((await ada.get("/interviews")).body) == 1
    assert (await ada.post("/interviews", {**SHORT, "num_questions": 3}, **key)).status == 409


async def test_what_is_not_judged_leaves_the_question(ada: Any) -> None:
    number, started = await begun(ada)
    token = started["session_token"]
    first = (await submit(ada, token, ANSWER)).body
    asked = (await submit(ada, token, "Could you please repeat the question?")).body
    assert asked["evaluation"] is None and asked["is_completed"] is False and asked["feedback"]
    assert asked["next_question"] == first["next_question"] and asked["audio_data"]["audio"]
    assert len(asked["workflow_state"]["responses_history"]) == 1
    assert (await submit(ada, token, f"{ANSWER} That is all.")).body["is_completed"]
    history = (await ada.get(f"/interviews/{number}/results")).body["responses_history"]
    assert len(history) == 2 and history[1]["question"] in first["next_question"]["question"]


async def test_other_words_for_a_question(ada: Any) -> None:
    _, started = await begun(ada)
    token = started["session_token"]
    other = (await ada.post(f"/interviews/session/{token}/retry-question")).body
    assert other["rephrased_question"] != started["first_question"]["question"] and other["audio_data"]["audio"]
    state = (await ada.get(f"/interviews/session/{token}/status")).body
    assert state["question"]["question"] == other["rephrased_question"] and state["current_question"] == 1


async def test_pausing_resuming_and_calling_off(ada: Any) -> None:
    number, started = await begun(ada)
    path = f"/interviews/session/{started['session_token']}"
    paused = (await ada.post(f"{path}/pause")).body
    assert paused["status"] == "paused" == (await ada.get(f"/interviews/{number}")).body["status"]
    resumed = (await ada.post(f"{path}/resume")).body
    assert resumed["status"] == "in_progress" and resumed["question"] == started["first_question"]
    await ada.post(f"{path}/pause")
    again = (await ada.post(f"/interviews/{number}/start")).body
    assert again["is_resumed"] and again["workflow_state"]["status"] == "in_progress"
    assert (await ada.get(f"/interviews/{number}/results")).status == 400
    cancelled = await ada.call("DELETE", path)
    assert cancelled.status == 200 and cancelled.body["status"] == "cancelled"
    assert (await ada.get(f"{path}/status")).body["is_completed"] is True
    assert (await ada.get(f"/interviews/{number}/active-session")).status == 404
    results = (await ada.get(f"/interviews/{number}/results")).body
    assert results["status"] == "cancelled" and results["score"] == 0 and results["evidence"] == "insufficient"


async def test_what_is_over_is_not_called_off(ada: Any) -> None:
    _, started = await begun(ada, num_questions=1)
    token = started["session_token"]
    await to_the_end(ada, token)
    late = (await ada.call("DELETE", f"/interviews/session/{token}")).body
    assert late["status"] == "completed" and late["message"] == "The interview was over already. Nothing changed."


async def test_no_other_error_has_the_word_of_a_missing_session(ada: Any) -> None:
    for body in ({}, {"session_token": 5}, {"session_token": ""}):
        reply = await ada.post("/interviews/session/submit", body)
        assert reply.status == 400 and "session" not in reply.detail


async def test_a_recording_does_not_use_the_turn_up(ada: Any) -> None:
    number, started = await begun(ada)
    token = started["session_token"]
    refused = await ada.post("/interviews/session/submit", {"session_token": token, "audio_data": RECORDING})
    assert refused.status == 503 and "text" in refused.detail
    large = await ada.post(
        "/interviews/session/submit",
        {"session_token": token, "audio_data": base64.b64encode(bytes(2_000_000)).decode()},
    )
    assert large.status == 503
    assert (await ada.post("/interviews/session/submit", {"session_token": token, "audio_data": "?"})).status == 400
    assert (await ada.post("/interviews/session/submit", {"session_token": token})).status == 400
    assert (await ada.get(f"/interviews/session/{token}/status")).body["responses_history"] == []
    both = await ada.post(
        "/interviews/session/submit", {"session_token": token, "text_response": ANSWER, "audio_data": RECORDING}
    )
    assert both.status == 200 and both.body["evaluation"]
    assert (await ada.get(f"/interviews/{number}")).body["questions_answered"] == 1


async def test_a_token_opens_its_interview_and_nothing_else(ada: Any, other: Any) -> None:
    number, started = await begun(ada)
    token = started["session_token"]
    path = f"/interviews/session/{token}/status"
    assert (await other.get(path)).body["interview_id"] == number, "the token is enough"
    await other.register()
    assert (await other.get(path)).status == 404, "but not beside another login"
    assert (await other.get(f"/interviews/{number}")).status == 404
    assert (await other.get(f"/interviews/{started['workflow_state']['interview_id']}/results")).status == 404
    stranger = {"Authorization": f"Bearer {token}"}
    assert (await ada.get("/users/me", **stranger)).status == 401
    for bad in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "x",
        token.replace(".", "-"),
        f"{uuid4().hex}.{'a' * 43}",
    ):
        missing = await ada.get(f"/interviews/session/{bad}/status")
        assert missing.status == 404 and "session" in missing.detail
        refused = await submit(ada, bad, ANSWER)
        assert refused.status == 404 and "session" in refused.detail


async def test_bad_input_is_a_sentence(ada: Any, other: Any) -> None:
    assert (await other.get("/interviews")).status == 401
    assert (await other.post("/interviews", SHORT)).status == 401
    for fields in (
        {"position": ""}, {"position": None}, {"interview_type": "chess"}, {"difficulty": "none"},
        {"num_questions": 0}, {"num_questions": 51}, {"duration_minutes": 0}, {"num_questions": True},
        {"position": 7}, {"title": "a" * 201},
    ):  # fmt: skip
        assert (await ada.post("/interviews", SHORT | fields)).detail
    for unknown in ("0", "1", "99999999999999999999999", "-1", "abc", "1e3", "²"):
        missing = await ada.get(f"/interviews/{unknown}")
        assert missing.status == 404 and "session" in missing.detail


async def test_an_interview_of_another_api_is_readable_by_its_id_and_then_by_number(ada: Any) -> None:
    session_id = (await ada.post("/interview/session", {"job_role": "Nurse", "target_question_count": 3})).body[
        "session_id"
    ]
    shown = (await ada.get(f"/interviews/{session_id}")).body
    assert shown["position"] == "Nurse" and shown["num_questions"] == 4
    assert (await ada.get(f"/interviews/{shown['id']}")).body == shown
    assert (await ada.get("/interviews")).body == []
    made = (await ada.post("/interviews", SHORT)).body
    listed = (await ada.get("/api/v1/sessions?dialect=interviews")).body["sessions"]
    assert [each["session_id"] for each in listed] == [made["session_id"]] and listed[0]["title"] == "Mock"


async def test_erasing(ada: Any) -> None:
    number, started = await begun(ada)
    gone = await ada.call("DELETE", f"/interviews/{number}")
    assert gone.status == 200 and gone.body["id"] == number
    assert (await ada.get(f"/interviews/{number}")).status == 404
    assert (await ada.get(f"/interviews/session/{started['session_token']}/status")).status == 404
    assert (await submit(ada, started["session_token"], ANSWER)).status == 404
    assert (await ada.get("/interviews")).body == []


async def test_the_demonstration_leaves_nothing(ada: Any, other: Any) -> None:
    shown = (await other.post("/interviews/demo/complete-workflow", {"sample_response": ANSWER})).body
    assert shown["question"]["question"] and shown["evaluation"]["score"] >= 0 and shown["next_question"]["question"]
    assert shown["workflow_log"][0]["step"] == "initialize_session"
    session_id = shown["demo_session_token"].removeprefix("demo-")
    assert (await other.get(f"/api/v1/sessions/{session_id}")).status == 404
    await ada.post("/interviews/demo/complete-workflow", {"position": "Nurse", "response_text": ANSWER})
    assert (await ada.get("/api/v1/sessions")).body == {"sessions": []}
    assert (await other.post("/interviews/demo/complete-workflow", {})).status == 400
    assert (await other.post("/interviews/demo/complete-workflow", {"audio_data": RECORDING})).status == 503


async def said(socket: aiohttp.ClientWebSocketResponse, **message: Any) -> Any:
    await socket.send_str(json.dumps(message))
    return await socket.receive_json(timeout=10)


async def test_the_socket_tells_how_the_interview_stands(ada: Any) -> None:
    number, started = await begun(ada)
    url = ada.url.replace("http", "ws") + f"/ws/interview/{started['session_token']}"
    async with ada.http.ws_connect(url) as socket:
        assert await said(socket, type="ping", timestamp=12) == {"type": "pong", "timestamp": 12}
        status = await said(socket, type="get_status")
        assert status["type"] == "status" and status["interview_id"] == number
        assert (await said(socket, type="text", text=ANSWER))["responses_history"] == []
        for kind in ("audio_chunk", "audio_final", "song", None):
            answer = await said(socket, type=kind, audio_data=RECORDING)
            assert answer["type"] == "error" and answer["error"] and answer["message"]
        await socket.send_str("no json")
        assert (await socket.receive_json(timeout=10))["type"] == "error"
        await submit(ada, started["session_token"], ANSWER)
        assert len((await said(socket, type="get_status"))["responses_history"]) == 1


async def test_sockets_without_an_interview(client: Any) -> None:
    url = client.url.replace("http", "ws") + "/ws"
    async with client.http.ws_connect(url) as socket:
        assert (await said(socket, type="ping", timestamp="now")) == {"type": "pong", "timestamp": "now"}
        assert (await said(socket, type="get_status"))["type"] == "error"
    async with client.http.ws_connect(f"{url}/interview/unknown") as socket:
        error = await socket.receive_json(timeout=10)
        assert error["type"] == "error" and "session" in error["message"]
        assert (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.CLOSE and socket.close_code == 1008
