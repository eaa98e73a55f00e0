"""Interviews that ask somebody's own questions."""

from __future__ import annotations

import json
from typing import Any

import pytest

PATH = "/api/v1/question-banks"
SAID = "I did that once at work, and it went rather well in the end, as far as I remember it today."
"""Shows none of what is expected."""
SUBJECTS = ("zeppelins", "quaggas", "theremins", "astrolabes", "kraters", "sextants")
PRIVATE = {"expects", "cues", "bank_id", "question_bank_id"}


def question(subject: str) -> dict[str, Any]:
    """A question that nobody else asks, and what is expected of an answer in words that appear nowhere else."""
    return {
        "text": f"How would you explain {subject} to a new colleague, please?",
        "phase": "technical",
        "expects": [{"point": f"Mentions the xylo{subject} effect", "cues": [f"glorp{subject}", f"frobni{subject}"]}],
        "follow_ups": [f"What is hard about {subject} in practice?"],
    }


BANK = {"name": "Curiosities", "questions": [question(subject) for subject in SUBJECTS[:4]]}
TEXTS = [each["text"] for each in BANK["questions"]]


async def made(client: Any, **changes: Any) -> str:
    """The id of a new bank."""
    reply = await client.post(PATH, {**BANK, **changes})
    assert reply.status == 201, reply
    return str(reply.body["id"])


async def answered(client: Any, replies: int) -> list[str]:
    """What the interviewer says after the introduction, and after each of so many answers."""
    spoken = []
    for number in range(replies):
        reply = await client.say(f"{SAID} That was example number {number} of {replies}.")
        assert reply.status == 200, reply
        spoken.append(reply.body["content"])
    return spoken


def asked(spoken: list[str], texts: list[str]) -> list[str]:
    """Which of these questions were put, verbatim at the end of what was said."""
    return [text for each in spoken for text in texts if each.endswith(text)]


def names_in(value: Any) -> set[str]:
    """All names of fields, at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names_in(inner)}
    return {name for inner in value for name in names_in(inner)} if isinstance(value, list) else set()


async def everything(client: Any, session_id: str, until: str, times: int = 1) -> list[Any]:
    """What all the routes of a session say, and its events up to one of a kind."""
    paths = ["/interview/" + name for name in ("history", "stats", "per-turn-feedback", "final-summary-status")]
    paths += [f"/api/v1/sessions/{session_id}/{name}" for name in ("feedback", "report")]
    bodies = [(await client.get(path)).body for path in (*paths, "/interview/session/time-remaining")]
    async with client.listening(session_id) as listener:
        return bodies + [event.data for event in await listener.until(until, times)]


async def test_its_questions_are_asked_before_any_other(client: Any) -> None:
    await client.register()
    await client.begin(question_bank_id=await made(client), target_question_count=12)
    spoken = await answered(client, 10)
    put = asked(spoken, TEXTS)
    assert sorted(put) == sorted(TEXTS)
    history = (await client.get("/interview/history")).body["history"]
    new = [each["content"] for each in history if each.get("response_type") == "question"]
    assert asked(new[:4], TEXTS) == put


@pytest.mark.parametrize("change", ["edited", "deleted"])
async def test_changing_the_bank_changes_no_interview(client: Any, change: str) -> None:
    await client.register()
    bank_id = await made(client)
    await client.begin(question_bank_id=bank_id, target_question_count=12)
    before = await answered(client, 1)
    if change == "edited":
        other = {**BANK, "questions": [question(subject) for subject in SUBJECTS[4:]]}
        assert (await client.call("PUT", f"{PATH}/{bank_id}", other)).status == 200
    else:
        assert (await client.call("DELETE", f"{PATH}/{bank_id}")).status == 200
    spoken = before + await answered(client, 9)
    assert sorted(asked(spoken, TEXTS)) == sorted(TEXTS)
    assert not any(subject in text for subject in SUBJECTS[4:] for text in spoken)


async def test_a_start_and_the_live_chat_take_a_bank_too(client: Any) -> None:
    await client.register()
    bank_id = await made(client)
    created = await client.post("/interview/session", {"job_role": "Pilot"})
    client.headers["X-Session-ID"] = created.body["session_id"]
    assert (await client.post("/interview/start", {"question_bank_id": bank_id})).status == 200
    assert len(asked(await answered(client, 1), TEXTS)) == 1
    started = await client.post("/api/v1/interview/start", {"question_bank_id": bank_id})
    client.headers["X-Session-ID"] = started.body["interview_id"]
    assert (await client.post("/interview/start")).status == 200
    assert len(asked(await answered(client, 1), TEXTS)) == 1


async def test_a_text_alone_is_a_question(client: Any) -> None:
    await client.register()
    await client.begin(question_bank_id=await made(client, questions=[{"text": text} for text in TEXTS[:2]]))
    assert sorted(asked(await answered(client, 4), TEXTS)) == sorted(TEXTS[:2])


async def test_questions_in_the_body_are_asked_of_anybody(client: Any) -> None:
    await client.begin(questions=[{"text": TEXTS[0]}])
    assert asked(await answered(client, 1), TEXTS) == [TEXTS[0]]


async def test_a_repeat_under_its_key_is_the_same_session_whatever_became_of_the_bank(client: Any) -> None:
    await client.register()
    bank_id = await made(client)
    body, key = {"question_bank_id": bank_id}, {"Idempotency-Key": "a key"}
    first = await client.post("/interview/session", body, **key)
    client.headers["X-Session-ID"] = first.body["session_id"]
    begun = await client.post("/interview/start", body, **key)
    assert (await client.call("PATCH", f"{PATH}/{bank_id}", {"questions": [question("kraters")]})).status == 200
    edited = [await client.post(path, body, **key) for path in ("/interview/session", "/interview/start")]
    assert (await client.call("DELETE", f"{PATH}/{bank_id}")).status == 200
    deleted = [await client.post(path, body, **key) for path in ("/interview/session", "/interview/start")]
    for session, start in (edited, deleted):
        assert (session.status, session.body) == (200, first.body) and (start.status, start.body) == (200, begun.body)
    other = await client.post("/interview/session", {"question_bank_id": await made(client)}, **key)
    assert other.status == 409


async def test_nobody_uses_anothers_bank(client: Any, other: Any) -> None:
    await client.register()
    await other.register()
    theirs = {"question_bank_id": await made(other)}
    for path in ("/interview/session", "/api/v1/interview/start"):
        refused = await client.post(path, theirs)
        assert refused.status == 404 and "session" not in refused.detail
        assert (await client.having().post(path, theirs)).status == 401
    assert (await client.post("/interview/session", {**theirs, "questions": BANK["questions"]})).status == 400


async def test_what_is_expected_is_never_sent_before_the_answer(client: Any) -> None:
    await client.register()
    session_id = await client.begin(question_bank_id=await made(client), target_question_count=12)
    [text] = asked(spoken := await answered(client, 1), TEXTS)
    spoken += [(await client.say("What do you mean?")).body["content"]]
    spoken += [(await client.post(f"/api/v1/sessions/{session_id}/rephrase")).body["content"]]
    await client.eventually("/interview/per-turn-feedback", lambda body: body)
    said = json.dumps([spoken, await everything(client, session_id, "question_asked", 4)])
    assert text in said
    assert not [word for word in ("xylo", "glorp", "frobni") if word in said]


async def test_nor_are_its_fields_and_cues_at_any_time(client: Any) -> None:
    await client.register()
    session_id = await client.begin(question_bank_id=await made(client), target_question_count=6)
    bodies = [reply.body for reply in await client.to_the_end(SAID)]
    await client.eventually("/interview/final-summary-status", lambda body: body["status"] == "completed")
    bodies += await everything(client, session_id, "report_recorded")
    bodies.append((await client.post("/interview/end")).body)
    assert not PRIVATE & {name for body in bodies for name in names_in(body)}
    assert not [word for word in ("glorp", "frobni") if word in json.dumps(bodies)]
