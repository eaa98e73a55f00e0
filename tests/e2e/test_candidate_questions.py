"""Before the end the candidate may ask, where the configuration says so: in the transcript, and in no score."""

from __future__ import annotations

from typing import Any

from tests.e2e.conftest import ANSWER

JOB = "Ward nurse\n\n- The team on the ward has twelve nurses and two physicians.\n- The salary is 3,400 EUR a month."


async def to_the_invitation(client: Any, **config: Any) -> tuple[str, Any]:
    session_id = await client.begin(target_question_count=2, job_description=JOB, **config)
    for number in range(8):
        reply = await client.say(f"{ANSWER} That was example number {number}.")
        if reply.body["metadata"]["phase"] == "closing":
            return session_id, reply.body
    raise AssertionError("the interview does not come to its end")


async def test_questions_are_answered_and_count_for_nothing(client: Any) -> None:
    session_id, invitation = await to_the_invitation(client, candidate_questions=True)
    assert (invitation["response_type"], invitation["metadata"]["question_number"]) == ("question", 2)
    told = (await client.say("How many nurses are there on the team?")).body
    assert '"The team on the ward has twelve nurses and two physicians"' in told["content"]
    assert (told["response_type"], told["metadata"]["heard"]) == ("clarification", "asks_process")
    assert "3,400 EUR" in (await client.say("And what is the salary?")).body["content"]
    closing = (await client.say("No, thank you.")).body
    assert closing["response_type"] == "closing"

    path = f"/api/v1/sessions/{session_id}"
    report = await client.eventually(f"{path}/report", lambda found: "questions_breakdown" in found, 40)
    shown = [each["question"] for each in report["questions_breakdown"]]
    assert invitation["content"] not in shown and not any("like to know" in each for each in shown)
    assert report["executive_summary"]["total_questions"] == 2
    feedback = (await client.get(f"{path}/feedback")).body["feedback"]
    assert [each["judged"] for each in feedback][-3:] == [False, False, False]
    assert feedback[-1]["question"].count("?") == 1
    said = [each["content"] for each in (await client.get(f"{path}/messages")).body["messages"]]
    assert "And what is the salary?" in said and told["content"] in said


async def test_without_the_wish_the_reply_to_the_last_answer_is_the_closing(client: Any) -> None:
    _, closing = await to_the_invitation(client)
    assert closing["response_type"] == "closing"


async def test_who_only_ends_it_there_has_a_report(client: Any) -> None:
    session_id, _ = await to_the_invitation(client, candidate_questions=True)
    assert (await client.post("/interview/end")).status == 200
    found = await client.eventually(
        f"/api/v1/sessions/{session_id}", lambda shown: shown["report_status"] == "completed", 40
    )
    assert found["state"] == "completed"
