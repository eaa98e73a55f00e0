"""The résumé-grounded API as its document shows it, and what its front end relies on."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

ANSWER = (
    "I led the migration of our payment service to Postgres. First we measured where the time went, then I added a"
    " unique key for each request, because retries had charged customers twice. It reduced incidents by 40 percent."
)
RESUME = """Anne Example

Experience

Data Scientist, Northwind Payments
March 2019 - Present
- Built a model in Python and SQL that found 900 cases of fraud a month.

Skills
Python, SQL, Machine Learning
"""
NUMBERS = (
    "score",
    "overall_score",
    "overall_percentage",
    "technical_accuracy",
    "completeness",
    "clarity",
    "confidence",
)


async def begun(client: Any, **fields: Any) -> str:
    """An account, its résumé, and an interview about it; its id."""
    await client.register()
    form = aiohttp.FormData()
    form.add_field("file", RESUME.encode(), filename="resume.txt", content_type="text/plain")
    form.add_field("job_role", "Data Scientist")
    kept = await client.call("POST", "/api/v1/resumes/upload", data=form)
    assert kept.status == 200 and kept.body["duplicate"] is False and "Python" in kept.body["skills"]
    body = {"resume_id": kept.body["resume_id"], "job_role": "Data Scientist", **fields}
    started = await client.post("/api/v1/interviews/start", body)
    assert started.status == 200 and started.body["type"] == "welcome" and started.body["message"]
    return str(started.body["session_id"])


async def answer(client: Any, session_id: str, text: str) -> Any:
    body = {"answer": text, "question": "ignored", "domain": "ignored", "difficulty": "ignored"}
    reply = await client.post(f"/api/v1/sessions/{session_id}/answer", body)
    assert reply.status == 200, reply
    return reply.body


async def to_the_end(client: Any, session_id: str) -> list[Any]:
    replies = []
    for number in range(16):
        replies.append(await answer(client, session_id, f"{ANSWER} That was example number {number}."))
        if replies[-1]["report"] is not None:
            return replies
    raise AssertionError("the interview does not end")


def numbers_in(value: Any, name: str = "") -> list[Any]:
    if isinstance(value, dict):
        return [number for key, inner in value.items() for number in numbers_in(inner, key)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers_in(inner, name)]
    return [value] if name in NUMBERS else []


async def test_the_walk_of_the_document(client: Any) -> None:
    session_id = await begun(client)
    ready = await answer(client, session_id, "Yes, I'm ready!")
    assert ready["message"] and ready["evaluation"] is None and ready["report"] is None
    assert "?" not in ready["message"] and ready["next_question"]["question_text"].startswith(ready["message"])
    assert ready["next_question"]["question_text"] and ready["next_question"]["round"] == "intro"
    replies = await to_the_end(client, session_id)
    assert len(replies) == 11, "one introduction and ten questions"
    for reply in replies:
        assert set(numbers_in(reply["evaluation"])) and None not in numbers_in(reply)
        assert reply["evaluation"]["feedback"]["feedback_text"]
    assert all(reply["next_question"]["question_text"] for reply in replies[:-1])
    assert {"resume_discussion", "technical_deep_dive"} <= {each["next_question"]["round"] for each in replies[:-1]}
    last = replies[-1]
    assert last["next_question"] is None and last["message"]
    assert set(last["report"]["metric_breakdown"]) == {"technical_accuracy", "completeness", "clarity"}
    assert all(isinstance(each["feedback"], str) for each in last["report"]["questions_breakdown"])
    shown = (await client.get(f"/api/v1/sessions/{session_id}/messages")).body["messages"]
    said = [each["metadata"] for each in shown if each["role"] == "user"]
    assert "score" not in said[0] and "feedback" not in said[0], "to be ready is no answer"
    assert all("score" in each for each in said[1:])
    again = await answer(client, session_id, "I should like to add something.")
    assert again["message"] and again["report"]["overall_score"] == last["report"]["overall_score"]
    listed = (await client.get("/api/v1/sessions")).body
    assert list(listed) == ["sessions"]
    assert [(each["id"], each["status"], each["dialect"]) for each in listed["sessions"]] == [
        (session_id, "completed", "resume")
    ]
    assert listed["sessions"][0]["createdAt"] and listed["sessions"][0]["job_role"] == "Data Scientist"
    deleted = await client.call("DELETE", f"/api/v1/sessions/{session_id}")
    assert deleted.body["session_id"] == session_id
    assert (await client.get("/api/v1/sessions")).body == {"sessions": []}


async def test_who_is_not_ready_is_not_asked_anything(client: Any) -> None:
    session_id = await begun(client)
    reply = await answer(client, session_id, "No, not yet, please give me a minute.")
    assert reply["message"] and reply["evaluation"] is None and reply["next_question"] is None
    assert (await client.get(f"/api/v1/sessions/{session_id}")).body["current_round"] == "welcome"
    assert (await answer(client, session_id, "Now I am ready."))["next_question"] is not None


async def test_a_question_back_is_answered_and_the_same_question_stands(client: Any) -> None:
    session_id = await begun(client)
    await answer(client, session_id, "Yes, I'm ready!")
    await answer(client, session_id, ANSWER)
    reply = await answer(client, session_id, "Sorry, what do you mean by that?")
    assert reply["message"] and reply["evaluation"] is None and reply["next_question"] is None


async def test_the_screen_can_be_made_again_from_the_messages(client: Any) -> None:
    session_id = await begun(client, target_question_count=2)
    ready = await answer(client, session_id, "Yes, I'm ready!")
    path = f"/api/v1/sessions/{session_id}/messages"
    before = (await client.get(path)).body["messages"]
    assert before[0]["metadata"]["type"] == "welcome" and before[0]["metadata"] == before[0]["message_metadata"]
    questions = [each for each in before if each["role"] == "assistant" and "question_text" in each["metadata"]]
    assert questions[-1]["metadata"]["next_question"] == ready["next_question"]
    replies = await to_the_end(client, session_id)
    shown = await client.eventually(path, lambda body: body["messages"][-1]["metadata"]["report"] is not None)
    assert shown["session_id"] == session_id
    assert [each["created_at"] for each in shown["messages"]] == sorted(
        each["created_at"] for each in shown["messages"]
    )
    assert len({each["message_id"] for each in shown["messages"]}) == len(shown["messages"])
    given = [each["metadata"] for each in shown["messages"] if each["role"] == "user"]
    assert [each["score"] for each in given[1:]] == [each["evaluation"]["score"] for each in replies]
    assert given[-1]["feedback"] == replies[-1]["evaluation"]["feedback"]
    assert shown["messages"][-1]["metadata"]["type"] == "completion"


async def test_the_last_message_is_the_completion_however_an_interview_ended(client: Any) -> None:
    session_id = await client.begin()
    await client.say(ANSWER)
    path = f"/api/v1/sessions/{session_id}/messages"
    running = (await client.get(path)).body["messages"]
    assert running[-1]["metadata"]["type"] != "completion"
    await client.post("/interview/end", {})
    shown = await client.eventually(path, lambda body: body["messages"][-1]["metadata"].get("report") is not None)
    last = shown["messages"][-1]
    assert last["metadata"]["type"] == "completion" and last["content"] and last["turn"] == running[-1]["turn"] + 1
    assert shown["messages"][:-1][-1]["message_id"] == running[-1]["message_id"] != last["message_id"]
    again = (await client.get(path)).body["messages"]
    assert again == shown["messages"]


async def test_a_realistic_interview_shows_no_feedback_before_its_end(client: Any) -> None:
    session_id = await begun(client, target_question_count=2, mode="realistic")
    await answer(client, session_id, "Yes, I'm ready!")
    reply = await answer(client, session_id, ANSWER)
    assert reply["evaluation"]["score"] == 0 and reply["evaluation"]["evidence"] == "insufficient"
    assert "end" in reply["evaluation"]["feedback"]["feedback_text"] and reply["next_question"]


async def test_interviews_of_all_dialects_are_listed_filtered_and_paged(client: Any, other: Any) -> None:
    await client.register()
    first = await client.begin()
    await client.post("/session/start/int_1")
    third = (await client.post("/api/v1/interview/start", {})).body["interview_id"]
    whole = (await client.get("/api/v1/sessions")).body["sessions"]
    assert [each["dialect"] for each in whole] == ["live_chat", "turns", "agent"]
    assert whole[0]["id"] == third and whole[2]["id"] == first
    assert [each["state"] for each in whole] == ["created", "active", "active"]
    assert {each["status"] for each in whole} == {"active"}
    part = (await client.get("/api/v1/sessions?limit=2")).body
    assert part == {"sessions": whole[:2], "next_offset": 2}
    assert (await client.get("/api/v1/sessions?limit=2&offset=2")).body == {"sessions": whole[2:], "next_offset": None}
    assert (await client.get("/api/v1/sessions?dialect=turns")).body == {"sessions": [whole[1]]}
    assert (await client.get("/api/v1/sessions?state=created")).body == {"sessions": [whole[0]]}
    for refused in ("limit=0", "limit=101", "offset=-1", "dialect=klingon", "state=late"):
        assert (await client.get(f"/api/v1/sessions?{refused}")).status == 400, refused
    await other.register()
    assert (await other.get("/api/v1/sessions")).body == {"sessions": []}
    assert (await other.having().get("/api/v1/sessions")).status == 401


@pytest.mark.parametrize("path", ["", "/messages"])
async def test_an_interview_of_any_dialect_is_read_by_its_owner_alone(client: Any, other: Any, path: str) -> None:
    await client.register()
    session_id = await client.begin()
    await client.say(ANSWER)
    assert (await client.get(f"/api/v1/sessions/{session_id}{path}")).status == 200
    assert (await other.get(f"/api/v1/sessions/{session_id}{path}")).status == 404
