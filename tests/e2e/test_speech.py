"""What is spoken, where a voice is configured: over a real socket to a server that speaks OpenAI's protocol."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from devkit.fake_openai import Hang, OpenAIServer, Status
from devkit.stack import Stack
from gateway.usecases.speech import LINE
from parley_text.clauses import clauses

LONG = "Good day, and welcome. I will ask you some questions about your work. Would you please introduce yourself?"
ClientOf = Callable[[Stack], Any]


@pytest.fixture(scope="module")
def speaking(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley with a voice. An endpoint that failed is asked again at once."""
    env = {"SPEECH_BASE_URL": server.url, "MODEL_CALL_TIMEOUT": "2", "MODEL_PROBE_SECONDS": "0.01"}
    with Stack(tmp_path_factory.mktemp("speaking"), env) as running:
        yield running


@pytest.fixture
def client(speaking: Stack, client_of: ClientOf, server: OpenAIServer) -> Any:
    server.speech = None
    return client_of(speaking)


def spoken(server: OpenAIServer) -> list[dict[str, Any]]:
    return server.bodies("/audio/speech")


def seconds_of(audio: bytes) -> float:
    with wave.open(io.BytesIO(audio)) as file:
        return float(file.getnframes() / file.getframerate())


@pytest.mark.parametrize("path", ["/api/text-to-speech", "/speech/text-to-speech"])
async def test_a_text_is_spoken_once_however_often_it_is_asked_for(
    client: Any, server: OpenAIServer, path: str
) -> None:
    form = {"text": f"What did you build? {path}", "voice_id": "Matthew", "speed": "1.5"}
    before = len(spoken(server))
    replies = await asyncio.gather(*(client.call("POST", path, data=form) for _ in range(3)))
    for reply in replies:
        assert reply.status == 200 and reply.headers["Content-Type"] == "audio/mpeg"
        assert reply.body.endswith(form["text"].encode())
    [body] = spoken(server)[before:]
    assert (body["voice"], body["speed"], body["response_format"]) == ("alloy", 1.5, "mp3")
    assert (await client.call("POST", path, data={**form, "speed": "1"})).status == 200
    assert len(spoken(server)) == before + 2


async def test_a_stream_begins_with_the_first_clause(client: Any, server: OpenAIServer) -> None:
    before = len(spoken(server))
    reply = await client.call("POST", "/api/text-to-speech/stream", data={"text": LONG, "voice_id": "nova"})
    assert reply.status == 200 and reply.headers["Content-Type"] == "audio/mpeg"
    pieces = [each["input"] for each in spoken(server)[before:]]
    assert pieces[0] == "Good day, and welcome." and " ".join(pieces) == LONG
    assert reply.body == b"".join(b"\xff\xfb" + each.encode() for each in pieces)


@pytest.mark.parametrize(
    "form",
    [{}, {"text": " "}, {"text": "x" * 5001}, {"text": "x", "speed": "0.4"}, {"text": "x", "speed": "fast"},
     {"text": "x", "voice_id": "v" * 201}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/text-to-speech", "/api/text-to-speech/stream"])
async def test_bad_input_is_a_sentence(client: Any, form: dict[str, str], path: str) -> None:
    reply = await client.call("POST", path, data=form)
    assert reply.status == 400 and reply.detail


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [(Status(429, retry_after="3"), 429), (Status(500), 503), (Hang(), 503), (b"no audio", 503)],
)
async def test_a_voice_that_fails_is_said_to_be_away(
    client: Any, server: OpenAIServer, behaviour: Any, status: int
) -> None:
    server.speech = behaviour
    for path in ("/api/text-to-speech", "/api/text-to-speech/stream"):
        reply = await client.call("POST", path, data={"text": f"Not spoken: {behaviour} {path}"})
        assert reply.status == status and reply.detail and int(reply.headers["Retry-After"]) >= 1


async def test_the_interviews_api_speaks_every_question(client: Any, server: OpenAIServer) -> None:
    await client.register()
    number = (await client.post("/interviews", {"position": "Nurse", "num_questions": 2, "language": "de"})).body["id"]
    begun = (await client.post(f"/interviews/{number}/start")).body
    heard = base64.b64decode(begun["audio_data"]["audio"])
    question = begun["first_question"]["question"]
    lines = clauses(question, LINE, LINE)
    assert seconds_of(heard) == pytest.approx(sum(map(len, lines)) * 0.05) and len(lines) > 1
    answer = {"session_token": begun["session_token"], "response_text": "I nurse on a ward with thirty beds."}
    said = (await client.post("/interviews/session/submit", answer)).body
    assert seconds_of(base64.b64decode(said["audio_data"]["audio"])) > 1


async def test_a_voice_that_fails_leaves_a_silence_and_the_interview_goes_on(client: Any, server: OpenAIServer) -> None:
    await client.register()
    number = (await client.post("/interviews", {"position": "Pilot", "num_questions": 2})).body["id"]
    server.speech = Status(500)
    begun = (await client.post(f"/interviews/{number}/start")).body
    assert seconds_of(base64.b64decode(begun["audio_data"]["audio"])) == 0.25 and begun["first_question"]["question"]


async def test_the_turn_api_says_where_each_message_is_played(client: Any, server: OpenAIServer) -> None:
    before = len(spoken(server))
    begun = (await client.post(f"/session/start/int_{uuid4().hex}", {"target_question_count": 1})).body
    said = begun["interviewer_response"]
    path = said["audio_url"].removeprefix(client.url)
    assert path.startswith("/api/v1/audio/") and len(spoken(server)) == before, "nothing is made before it is heard"
    stranger = client.having()
    played = await stranger.get(path)
    whole = played.body
    assert played.status == 200 and played.headers["Content-Type"] == "audio/mpeg"
    assert whole.endswith(said["text"].encode()) and played.headers["Accept-Ranges"] == "bytes"
    part = await stranger.get(path, Range="bytes=2-11")
    assert (part.status, part.body) == (206, whole[2:12])
    assert part.headers["Content-Range"] == f"bytes 2-11/{len(whole)}"
    assert (await stranger.get(path, Range=f"bytes={len(whole)}-")).status == 416
    assert len(spoken(server)) == before + 1
    for bad in (path[:-1] + ("A" if path[-1] != "A" else "B"), path.replace(".", ".9", 1), "/api/v1/audio/none"):
        assert (await stranger.get(bad)).status == 404
    assert (await client.call("DELETE", f"/api/v1/sessions/{begun['session_state']['session_id']}")).status == 200
    assert (await stranger.get(path)).status == 404


async def test_what_speaks_is_told(client: Any) -> None:
    page = (await client.get("/api/v1/speech")).body
    assert (page["speaks"], page["listens"], page["recognisers"]) == (True, False, [])
    [voice] = page["voices"]
    assert voice["provider"] == "speech" and voice["model"] == "tts-1" and "nova" in voice["voices"]
    assert voice["languages"] == [] and voice["default_voice"] == "alloy"


async def test_the_sound_of_an_erased_interview_goes_with_it(client: Any, other: Any, server: OpenAIServer) -> None:
    own, shared = "You said that it was your sister who left the team.", "Welcome to this interview about your work."
    first, second = await client.begin(), await client.having().begin()
    question = (await client.get("/interview/history")).body["history"][0]["content"]

    async def speak(text: str, session_id: str | None = None) -> int:
        """How often a voice had to be asked for it."""
        before = len(spoken(server))
        headers = {"X-Session-ID": session_id} if session_id else {}
        reply = await client.having().call("POST", "/api/text-to-speech", data={"text": text}, **headers)
        assert reply.status == 200
        return len(spoken(server)) - before

    assert [await speak(own, first), await speak(shared, first), await speak(question)] == [1, 1, 1]
    assert [await speak(own, first), await speak(shared, second), await speak(question)] == [0, 0, 0]
    assert (await client.call("DELETE", f"/api/v1/sessions/{first}")).status == 200
    assert await speak(shared) == 0, "another interview shares it"
    assert await speak(own) == 1 and await speak(question) == 1
