"""Recordings that are understood, in every API that takes them: over real sockets to a server with OpenAI's protocol.

What is "said" is a code that this server turns back into words, so that every word can be told from every other.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from devkit.fake_openai import OpenAIServer, Status
from devkit.spoken_code import encode, silence, wav
from devkit.stack import Stack

ANSWER = "I moved our billing to Postgres and measured that it halved the incidents of our team."
NOT_AUDIO = b"PK\3\4" + bytes(2000)
ClientOf = Callable[[Stack], Any]


@pytest.fixture(scope="module")
def hearing(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley that speaks and understands. An endpoint that failed is asked again at once."""
    env = {
        "SPEECH_BASE_URL": server.url,
        "STT_BASE_URL": server.url,
        "MODEL_CALL_TIMEOUT": "5",
        "MODEL_PROBE_SECONDS": "0.01",
    }
    with Stack(tmp_path_factory.mktemp("hearing"), env) as running:
        yield running


@pytest.fixture
def client(hearing: Stack, client_of: ClientOf, server: OpenAIServer) -> Any:
    server.speech = server.transcription = None
    return client_of(hearing)


def recorded(text: str = ANSWER) -> bytes:
    return wav(silence(0.3) + encode(text) + silence(0.3))


def form(audio: bytes, name: str = "audio_file", **fields: str) -> aiohttp.FormData:
    made = aiohttp.FormData(fields)
    made.add_field(name, audio, filename="blob", content_type="audio/webm")
    return made


async def settled(client: Any, task_id: str, path: str = "/api/speech-to-text/status/") -> dict[str, Any]:
    for _ in range(300):
        found = (await client.get(path + task_id)).body
        if found["status"] != "processing":
            break
        await asyncio.sleep(0.1)
    return dict(found)


async def take_turn(client: Any, alias: str, audio: bytes, **headers: str) -> Any:
    return await client.call("POST", f"/session/turn/{alias}", data=form(audio, "audio"), **headers)


async def test_a_recording_becomes_text(client: Any) -> None:
    started = await client.call("POST", "/api/speech-to-text", data=form(recorded(), language="en-US"))
    assert started.body["status"] == "processing" and started.body["message"] == "Transcription started"
    task_id = started.body["task_id"]
    found = await settled(client, task_id)
    assert found["transcript"] == found["result"]["text"] == ANSWER and found["error"] is None
    assert found["result"]["language"] == "en" and 0 < found["result"]["confidence"] <= 1
    words = found["result"]["words"]
    assert [each["text"] for each in words] == ANSWER.strip(".").split() and words[0]["start"] == pytest.approx(
        0.3, abs=0.1
    )
    assert found["result"]["duration"] == pytest.approx(len(recorded()) / 32000, abs=0.05)
    stranger = client.having()
    for path in ("/speech/speech-to-text/status/", "/speech/task/"):
        assert (await stranger.get(path + task_id)).body == found, "its id is its key"
    for unknown in (uuid4().hex, "none"):
        assert (await client.get(f"/speech/task/{unknown}")).status == 404


@pytest.mark.parametrize(
    ("audio", "says"),
    [(NOT_AUDIO, "no audio"), (wav(silence(2)), "no sound"), (wav(b"\x10\x20" * 20_000), "No words")],
)
async def test_what_holds_no_words_is_an_error_with_a_sentence(client: Any, audio: bytes, says: str) -> None:
    started = await client.call("POST", "/speech/speech-to-text", data=form(audio))
    found = await settled(client, started.body["task_id"])
    assert found["status"] == "error" and says in found["error"] and found["result"] is None


@pytest.mark.parametrize("fields", [{}, {"language": "x"}])
async def test_bad_input_is_refused_at_once(client: Any, fields: dict[str, str]) -> None:
    reply = await client.call("POST", "/api/speech-to-text", data=form(b"", **fields))
    assert reply.status == 400 and reply.detail
    assert (await client.call("POST", "/api/speech-to-text", data=aiohttp.FormData({"language": "en"}))).status == 400


async def test_a_recogniser_that_is_away_is_said_to_be(client: Any, server: OpenAIServer) -> None:
    server.transcription = Status(401)
    started = await client.call("POST", "/api/speech-to-text", data=form(recorded()))
    found = await settled(client, started.body["task_id"])
    assert found["status"] == "error" and "did not succeed" in found["error"]


async def test_an_interview_by_ear_in_the_turn_api(client: Any, server: OpenAIServer) -> None:
    await client.register()
    alias = f"int_{uuid4().hex}"
    begun = (await client.post(f"/session/start/{alias}", {"target_question_count": 2})).body
    session_id = begun["session_state"]["session_id"]
    before = len(server.bodies("/audio/transcriptions"))
    reply = await take_turn(client, alias, recorded(), **{"Idempotency-Key": "one"})
    assert reply.status == 200 and reply.body["turn_number"] == 3
    [_, said, _] = reply.body["session_state"]["conversation_history"]
    assert (said["role"], said["content"]) == ("candidate", ANSWER)
    played = await client.having().get(said["audio_url"].removeprefix(client.url))
    assert played.status == 200 and played.headers["Content-Type"] == "audio/wav" and played.body == recorded()
    again = await take_turn(client, alias, recorded(), **{"Idempotency-Key": "one"})
    assert again.body["interviewer_response"]["text"] == reply.body["interviewer_response"]["text"]
    assert len(server.bodies("/audio/transcriptions")) == before + 1, "a repeat is not listened to again"
    assert (await take_turn(client, alias, recorded("Other."), **{"Idempotency-Key": "one"})).status == 409
    messages = (await client.get(f"/api/v1/sessions/{session_id}/messages")).body["messages"]
    spoken = messages[1]["metadata"]["spoken"]
    assert spoken["provider"] == "recognition" and spoken["timing"]["speaking"] > 3
    audio_path = said["audio_url"].removeprefix(client.url)
    assert (await client.call("DELETE", f"/api/v1/sessions/{session_id}")).status == 200
    assert (await client.having().get(audio_path)).status == 404


@pytest.mark.parametrize("audio", [NOT_AUDIO, wav(silence(1)), b""])
async def test_a_turn_without_words_is_not_used_up(client: Any, audio: bytes) -> None:
    alias = f"int_{uuid4().hex}"
    await client.post(f"/session/start/{alias}", {"target_question_count": 1})
    reply = await take_turn(client, alias, audio)
    assert reply.status == 400 and reply.detail
    state = (await client.get(f"/session/state/{alias}")).body
    assert len(state["conversation_history"]) == 1
    assert (await take_turn(client, alias, recorded())).body["turn_number"] == 3


async def test_the_same_recording_twice_at_once_counts_once(client: Any) -> None:
    alias = f"int_{uuid4().hex}"
    await client.post(f"/session/start/{alias}", {"target_question_count": 2})
    first, second = await asyncio.gather(*(take_turn(client, alias, recorded()) for _ in range(2)))
    assert first.status == second.status == 200
    assert first.body["interviewer_response"]["text"] == second.body["interviewer_response"]["text"]
    assert len((await client.get(f"/session/state/{alias}")).body["conversation_history"]) == 3


async def test_an_interview_by_ear_in_the_interviews_api(client: Any) -> None:
    await client.register()
    number = (await client.post("/interviews", {"position": "Nurse", "num_questions": 2})).body["id"]
    begun = (await client.post(f"/interviews/{number}/start")).body
    token, question = begun["session_token"], begun["first_question"]
    nothing = {"session_token": token, "audio_data": base64.b64encode(wav(silence(1))).decode()}
    reply = await client.post("/interviews/session/submit", nothing)
    assert reply.status == 200 and reply.body["evaluation"] is None and not reply.body["is_completed"]
    assert reply.body["next_question"] == question and "no sound" in reply.body["feedback"]
    assert reply.body["audio_data"]["audio"]
    audio = "data:audio/webm;base64," + base64.b64encode(recorded()).decode()
    done = []
    for _ in range(2):
        reply = await client.post("/interviews/session/submit", {"session_token": token, "audio_data": audio})
        assert reply.status == 200, reply.body
        done.append(reply.body["is_completed"])
        audio = base64.b64encode(recorded("Then I wrote down what we had learned about it.")).decode()
    assert done == [False, True]
    results = (await client.get(f"/interviews/{number}/results")).body
    assert results["responses_history"][0]["response"] == ANSWER


async def test_the_demonstration_takes_a_recording(client: Any) -> None:
    audio = base64.b64encode(recorded()).decode()
    shown = await client.post("/interviews/demo/complete-workflow", {"audio_data": audio})
    assert shown.status == 200 and f"{len(ANSWER.split())} words" in json.dumps(shown.body["workflow_log"])


async def test_the_socket_of_an_interview_tells_what_it_understands(client: Any) -> None:
    await client.register()
    number = (await client.post("/interviews", {"position": "Nurse", "num_questions": 2})).body["id"]
    token = (await client.post(f"/interviews/{number}/start")).body["session_token"]
    sound = recorded()
    async with client.http.ws_connect(f"{client.url}/ws/interview/{token}") as socket:
        for place, piece in enumerate((sound[:30_001], sound[30_001:])):
            data = base64.b64encode(piece).decode()
            await socket.send_json({"type": "audio_chunk", "audio_data": data, "chunk_sequence": place})
            assert await socket.receive_json() == {
                "type": "audio_chunk_ack", "chunk_sequence": place, "status": "received",
            }  # fmt: skip
        await socket.send_json({"type": "audio_final", "audio_data": ""})
        async with asyncio.timeout(30):
            update, final, analysis = [await socket.receive_json() for _ in range(3)]
        assert update["type"] == "transcript_update" and final["type"] == "final_transcript"
        assert update["transcript"] == final["transcript"] == ANSWER and final["confidence"] > 0
        assert analysis["type"] == "speech_analysis" and analysis["analysis"]["words"] == len(ANSWER.split())
        await socket.send_json({"type": "audio_final", "audio_data": "%%"})
        assert (await socket.receive_json())["type"] == "error"
    state = (await client.get(f"/interviews/session/{token}/status")).body
    assert not state["workflow_state"]["responses_history"], "what is understood here is no answer"


async def test_what_listens_is_told(client: Any) -> None:
    page = (await client.get("/api/v1/speech")).body
    assert page["speaks"] and page["listens"]
    [recogniser] = page["recognisers"]
    assert recogniser["provider"] == "recognition" and recogniser["model"] == "whisper-1"
