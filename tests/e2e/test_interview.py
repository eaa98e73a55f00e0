"""The main job, from registration to the summary, over HTTP."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from devkit.stack import Stack

FLOW = Path(__file__).with_name("complete_session_flow.mjs")
SUMMARY_TEXTS = ("patterns_tendencies", "strengths", "weaknesses", "improvement_focus_areas")


async def test_a_whole_interview(client: Any) -> None:
    account = await client.register()
    await client.begin(target_question_count=4)
    replies = await client.to_the_end()
    questions = [reply.body["content"] for reply in replies[:-1]]
    assert len(questions) == 4 and len(set(questions)) == 4
    assert {reply.body["response_type"] for reply in replies[:-1]} == {"question", "follow_up"}
    assert [reply.body["metadata"]["question_number"] for reply in replies[:-1]] == [1, 2, 3, 4]

    feedback = await client.eventually("/interview/per-turn-feedback", lambda body: len(body) == 5)
    for item in feedback:
        assert all(isinstance(item[name], str) and item[name] for name in ("question", "answer", "feedback"))
        assert all(quote["text"] in item["answer"] for quote in item["quotes"])
    assert [item["question"] for item in feedback[1:]] == questions

    status = await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    assert status["error"] is None and "error" not in status["results"]
    assert all(isinstance(status["results"][name], str) and status["results"][name] for name in SUMMARY_TEXTS)
    for resource in status["results"]["recommended_resources"]:
        assert set(resource) == {"title", "url", "description", "resource_type", "reasoning"}

    ended = await client.post("/interview/end")
    assert ended.body["results"]["strengths"] == status["results"]["strengths"]
    assert ended.body["results"]["final_summary"]["weaknesses"] == status["results"]["weaknesses"]
    assert ended.body["results"]["session_stats"]["questions_asked"] == 4
    assert len(ended.body["per_turn_feedback"]) == 5
    me = await client.get("/auth/me")
    assert me.body["email"] == account["email"]


async def test_history_equals_what_was_said(client: Any) -> None:
    await client.begin()
    replies = await client.to_the_end()
    history = (await client.get("/interview/history")).body["history"]
    assert [entry["role"] for entry in history[:3]] == ["assistant", "user", "assistant"]
    assert history[0]["response_type"] == "introduction"
    spoken = [entry for entry in history if entry["role"] == "assistant"][1:]
    assert spoken == [reply.body for reply in replies]


async def test_follow_ups_take_up_the_candidates_own_words(client: Any) -> None:
    await client.begin(target_question_count=6)
    first = await client.say("I moved a payment system to a new data centre over one weekend.")
    assert first.body["response_type"] == "follow_up" and "over one weekend" in first.body["content"]
    await client.begin(target_question_count=6)
    await client.say("It is nice to be here today.")
    reply = await client.say("I introduced consistent hashing, which reduced rebalancing time by 73 percent.")
    assert reply.body["response_type"] == "follow_up"
    assert "consistent hashing" in reply.body["content"] or "73 percent" in reply.body["content"]


async def test_a_clarification_does_not_count(client: Any) -> None:
    await client.begin()
    first = await client.say("I have ten years of experience with payment systems and want to work at scale.")
    clarified = await client.say("What do you mean?")
    assert clarified.body["response_type"] == "clarification"
    number = first.body["metadata"]["question_number"]
    assert clarified.body["metadata"]["question_number"] == number


async def test_a_second_start_returns_the_current_question(client: Any) -> None:
    await client.begin()
    asked = await client.say("I have ten years of experience with payment systems.")
    again = await client.post("/interview/start", {"job_role": "Designer"})
    assert again.body == asked.body


async def test_ending_without_answers_still_completes(client: Any) -> None:
    await client.begin()
    first = await client.post("/interview/end")
    assert first.status == 200 and first.body["per_turn_feedback"] == []
    await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    second = await client.post("/interview/end")
    assert second.status == 200 and second.body["results"]["strengths"]


async def test_after_the_closing_a_message_gets_a_status(client: Any) -> None:
    await client.begin(target_question_count=1)
    await client.to_the_end()
    late = await client.say("One more thing.")
    assert late.status == 200 and late.body["response_type"] == "status"
    history = (await client.get("/interview/history")).body["history"]
    assert "One more thing." not in [entry["content"] for entry in history]


async def test_reset_keeps_the_configuration(client: Any) -> None:
    session_id = await client.begin(job_role="UX Designer")
    await client.say("I have designed checkout flows for ten years.")
    reset = await client.post("/interview/reset")
    assert reset.body == {"message": "Session reset successfully", "session_id": session_id}
    assert (await client.get("/interview/history")).body["history"] == []
    started = await client.post("/interview/start")
    assert started.body["response_type"] == "introduction" and "UX Designer" in started.body["content"]


async def test_pause_stops_the_clock_and_resume_goes_on(client: Any) -> None:
    session_id = await client.begin()
    assert (await client.post(f"/api/v1/sessions/{session_id}/pause")).status == 200
    assert (await client.post(f"/api/v1/sessions/{session_id}/pause")).status == 200
    refused = await client.say("Can you hear me while the interview is paused?")
    assert refused.status == 409 and "paused" in refused.detail
    assert (await client.post(f"/api/v1/sessions/{session_id}/resume")).status == 200
    assert (await client.say("Now the interview goes on, and I answer.")).status == 200


async def test_a_time_based_interview_closes_when_its_time_is_up(stack: Stack, client: Any) -> None:
    await client.begin(use_time_based_interview=True, interview_duration_minutes=1, target_question_count=1)
    for number in range(4):
        reply = await client.say(f"I built and ran a payment service for {number + 2} years and learned a lot.")
        assert reply.body["response_type"] != "closing"  # the count does not matter here


async def test_two_messages_at_once_get_one_answer_and_one_conflict(stack: Stack, client: Any, hanging: Any) -> None:
    await client.begin(target_question_count=20)
    for round_number in range(10):
        texts = [f"Answer {name} of round {round_number}, with some more words to it." for name in "ab"]
        with hanging(stack, "interviewer"):  # or a slow machine replies to the first before it takes the second
            both = [asyncio.create_task(client.say(text)) for text in texts]
            refused, pending = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result().status for task in refused] == [409]
        assert [(await task).status for task in pending] == [200]
    history = (await client.get("/interview/history")).body["history"]
    assert len([entry for entry in history if entry["role"] == "user"]) == 10


@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 1.5])
async def test_the_same_words_twice_without_a_key_are_one_answer_with_one_reply(client: Any, seconds: float) -> None:
    await client.begin()
    text = "I have ten years of experience with payment systems."

    async def say(after: float) -> Any:
        await asyncio.sleep(after)
        return await client.say(text)

    first, second = await asyncio.gather(say(0), say(seconds))
    assert first.status == second.status == 200 and first.body == second.body
    history = (await client.get("/interview/history")).body["history"]
    assert [entry["content"] for entry in history[1:]] == [text, first.body["content"]]


async def test_the_last_words_twice_get_the_closing_twice(client: Any) -> None:
    await client.begin(target_question_count=1)
    closing = (await client.to_the_end())[-1]
    said = [entry["content"] for entry in (await client.get("/interview/history")).body["history"]]
    assert (await client.say(said[-2])).body == closing.body
    assert [entry["content"] for entry in (await client.get("/interview/history")).body["history"]] == said
    assert (await client.say("One more thing.")).body["response_type"] == "status"


async def test_a_hundred_sessions_never_see_each_others_words(stack: Stack, client: Any) -> None:
    at_once = asyncio.Semaphore(25)  # a slow machine times out on a hundred requests in the same moment

    async def interview(number: int) -> None:
        async with at_once:
            await hold(number)

    async def hold(number: int) -> None:
        mine = type(client)(client.http, client.url)
        await mine.begin(target_question_count=3)
        marker = f"Zebra{number:03d}Works"
        replies = await mine.to_the_end(f"At {marker} I built a service called {marker} and reduced its cost.")
        everything = [reply.body["content"] for reply in replies]
        everything += [entry["content"] for entry in (await mine.get("/interview/history")).body["history"]]
        feedback = await mine.eventually("/interview/per-turn-feedback", lambda body: len(body) == len(replies), 60)
        everything += [item["feedback"] for item in feedback]
        foreign = [text for text in everything if "Zebra" in text.replace(marker, "")]
        assert foreign == []
        assert any(marker in text for text in everything)

    await asyncio.gather(*(interview(number) for number in range(100)))


def test_the_documented_javascript_flow_works_unchanged(stack: Stack) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node.js is needed to run the documented flow")
    done = subprocess.run([node, str(FLOW), stack.url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "session completed" in done.stdout
