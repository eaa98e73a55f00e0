"""Interviews that are spoken and heard, from the first question to the results, by models that run here."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.speech.tests.hearing import silence, word_error_rate
from tests.speech.candidate import Candidate, duration_told, form, wav_file, webm_file

ANSWERS = (
    "I moved our billing to another database, and measured that it halved the incidents of our team.",
    "We copied forty million rows at night, and five percent of them had to be repaired by hand.",
)
SILENCE = 8000
"""Bytes: less is no sentence."""


async def test_an_interview_in_the_turn_api(candidate: Candidate) -> None:
    await candidate.register()
    alias = f"int_{uuid4().hex}"
    begun = (await candidate.post(f"/session/start/{alias}", {"target_question_count": 2})).body
    said = [begun["interviewer_response"]]
    for answer in ANSWERS:
        audio = form(wav_file(await candidate.voice(answer)), "audio")
        turn = await candidate.call("POST", f"/session/turn/{alias}", data=audio)
        assert turn.status == 200, turn
        said.append(turn.body["interviewer_response"])
    history = (await candidate.get(f"/session/state/{alias}")).body["conversation_history"]
    recorded = [each["content"] for each in history if each["role"] == "candidate"]
    assert len(recorded) == 2 and word_error_rate(" ".join(ANSWERS), " ".join(recorded)) < 0.1
    spoken = [await candidate.patiently("GET", each["audio_url"].removeprefix(candidate.url)) for each in said]
    heard = [await candidate.transcript(each.body) for each in spoken]
    # Of all together: one word of a short sentence would be more than a tenth of it.
    assert word_error_rate(" ".join(each["text"] for each in said), " ".join(heard)) < 0.1, heard
    session_id = begun["session_state"]["session_id"]
    messages = (await candidate.get(f"/api/v1/sessions/{session_id}/messages")).body["messages"]
    told = [each["metadata"]["spoken"] for each in messages if each["role"] == "user"]
    assert [(each["model"], each["language"]) for each in told] == [("whisper-base", "en")] * 2
    assert all(each["confidence"] > 0.6 and each["timing"]["speaking"] > 3 for each in told), told


async def test_an_interview_in_the_interviews_api(candidate: Candidate) -> None:
    await candidate.register()
    number = (await candidate.post("/interviews", {"position": "Nurse", "num_questions": 2})).body["id"]
    begun = (await candidate.post(f"/interviews/{number}/start")).body
    question = begun["first_question"]["question"]
    heard = await candidate.transcript(await heard_question(candidate, begun))
    # A single sentence may be shorter than ten words: one may be heard otherwise.
    assert word_error_rate(question, heard) < max(0.1, 1.5 / len(question.split())), heard
    for answer in ANSWERS:
        audio = webm_file(await candidate.voice(answer, "Joanna"), 3)
        assert duration_told(audio) is None
        body = {"session_token": begun["session_token"], "audio_data": base64.b64encode(audio).decode()}
        reply = await candidate.post("/interviews/session/submit", body)
        assert reply.status == 200, reply
    assert reply.body["is_completed"]
    responses = (await candidate.get(f"/interviews/{number}/results")).body["responses_history"]
    assert len(responses) == 2
    assert word_error_rate(" ".join(ANSWERS), " ".join(each["response"] for each in responses)) < 0.1


async def heard_question(candidate: Candidate, begun: dict[str, Any]) -> bytes:
    """The first question as audio. A voice that takes too long leaves a silence; what it says is there a little later,
    when the interview goes on after a pause."""
    audio = base64.b64decode(begun["audio_data"]["audio"])
    while len(audio) < SILENCE:
        await candidate.post(f"/interviews/session/{begun['session_token']}/pause")
        resumed = await candidate.post(f"/interviews/session/{begun['session_token']}/resume")
        audio = base64.b64decode(resumed.body["audio_data"]["audio"])
    return audio


@pytest.mark.parametrize("path", ["/api/text-to-speech", "/api/text-to-speech/stream"])
async def test_what_is_spoken_is_understood(candidate: Candidate, path: str) -> None:
    text = "Good day, and welcome. " + ANSWERS[0]
    spoken = await candidate.patiently("POST", path, data={"text": text, "voice_id": "Emma"})
    assert spoken.headers["Content-Type"] == "audio/mpeg"
    assert word_error_rate(text, await candidate.transcript(spoken.body)) < 0.1


async def test_what_people_read_is_understood(candidate: Candidate, librivox: Path) -> None:
    read = re.findall(r"<s> (.*) </s> \((.*)\)", (librivox / "transcription").read_text())
    heard = [await candidate.transcript((librivox / f"{name}.wav").read_bytes()) for _, name in read]
    assert len(read) == 5 and word_error_rate(" ".join(said for said, _ in read), " ".join(heard)) < 0.05


async def test_nothing_is_made_up_for_silence(candidate: Candidate) -> None:
    found = await candidate.understand(wav_file(silence(5) + 0.002))
    assert found["status"] == "error" and "No words" in found["error"]


async def test_what_speaks_and_listens_is_told(candidate: Candidate) -> None:
    page = (await candidate.get("/api/v1/speech")).body
    [voice], [recogniser] = page["voices"], page["recognisers"]
    assert voice["model"].startswith("kokoro") and voice["languages"] == ["en"]
    assert "en" in recogniser["languages"] and recogniser["available"]
