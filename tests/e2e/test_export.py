"""A person takes their data along: what is in the archive is what the other routes show, and nobody else's."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from zipfile import ZipFile

import aiohttp
import nats
import pytest
import yaml
from devkit.fake_openai import OpenAIServer
from devkit.spoken_code import encode, silence, wav
from devkit.stack import Stack
from runtime.objects import RECORDING_BUCKET

ANSWER = "I moved our billing to Postgres and measured that it halved the incidents of our team."
RESUME = (
    "Anne Example\nanne@example.org\n\nExperience\nEngineer, Northwind\n- Moved billing to Postgres for 40 shops.\n"
)
HOSTILE = "../../etc/简历 Jürgen.txt"
ClientOf = Callable[[Stack], Any]


@pytest.fixture(scope="module")
def hearing(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Parley that understands what is said."""
    env = {"STT_BASE_URL": server.url, "MODEL_CALL_TIMEOUT": "5", "MODEL_PROBE_SECONDS": "0.01"}
    with Stack(tmp_path_factory.mktemp("export"), env) as running:
        yield running


@pytest.fixture
def client(hearing: Stack, client_of: ClientOf, server: OpenAIServer) -> Any:
    server.speech = server.transcription = None
    return client_of(hearing)


async def exported(client: Any, path: str) -> dict[str, bytes]:
    """The files of an archive, by name."""
    reply = await client.get(path)
    assert reply.status == 200, reply
    assert reply.headers["Content-Disposition"].startswith('attachment; filename="parley-')
    with ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert not [each for each in names if each.startswith("/") or ".." in each.split("/")]
        return {name: archive.read(name) for name in names}


def only(files: dict[str, bytes], end: str) -> bytes:
    found = [name for name in files if name.endswith(end)]
    assert len(found) == 1, (end, sorted(files))
    return files[found[0]]


async def _uploaded(client: Any) -> str:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", RESUME.encode(), filename=HOSTILE, content_type="text/plain")
    document_id = (await client.call("POST", "/api/v1/documents/upload/resume", data=form)).body["document_id"]
    await client.eventually(f"/api/v1/documents/{document_id}", lambda shown: shown["status"] == "completed")
    return str(document_id)


async def _spoken(client: Any, alias: str, text: str) -> bytes:
    """An interview that is answered aloud first and then in writing, to its end; the recording."""
    document_id = await _uploaded(client)
    config = {"resume_id": document_id, "target_question_count": 1, "title": "Before\r\nMonday/../*"}
    await client.post(f"/session/start/{alias}", config)
    sound = wav(silence(0.3) + encode(text) + silence(0.3))
    form = aiohttp.FormData()
    form.add_field("audio", sound, filename="blob", content_type="audio/wav")
    assert (await client.call("POST", f"/session/turn/{alias}", data=form)).status == 200
    for number in range(5):
        reply = await client.post(f"/session/turn/{alias}", {"text": f"{text} That was number {number}."})
        if not reply.body["interviewer_response"]["should_continue"]:
            break
    await client.eventually(f"/session/state/{alias}", lambda shown: shown["evaluation"] is not None)
    return sound


async def test_an_interview_with_a_document_and_a_recording(client: Any, client_of: ClientOf, hearing: Stack) -> None:
    person = await client.register()
    sound = await _spoken(client, "int_1", ANSWER)
    bank = {"name": "../Nurses: *nights*", "questions": [{"text": "What do you do first on a night shift?"}]}
    assert (await client.post("/api/v1/question-banks", bank)).status == 201
    session_id = (await client.get("/api/v1/sessions")).body["sessions"][0]["id"]
    neighbour = client_of(hearing)
    await neighbour.register()
    await _spoken(neighbour, "int_2", "The neighbour built something else in Rust.")

    of_session = await exported(client, f"/api/v1/sessions/{session_id}/export")
    of_account = await exported(client, "/api/v1/me/export")

    for files in (of_session, of_account):
        messages = json.loads(only(files, "/messages.json"))
        assert messages == (await client.get(f"/api/v1/sessions/{session_id}/messages")).body
        feedback = json.loads(only(files, "/feedback.json"))
        assert feedback == (await client.get(f"/api/v1/sessions/{session_id}/feedback")).body and feedback["feedback"]
        report = await client.get(f"/api/v1/sessions/{session_id}/report")
        assert json.loads(only(files, "/report.json")) == report.body
        assert only(files, "/report.md").startswith(b"# Interview report")
        interview = json.loads(only(files, "/interview.json"))
        assert interview["status"] == "completed" and "Moved billing" in interview["configuration"]["resume_content"]
        history = json.loads(only(files, "/history.json"))["events"]
        assert {"created", "audio_received", "completed"} <= {each["type"] for each in history}
        spoken = next(each for each in messages["messages"] if each["metadata"].get("spoken"))
        assert only(files, f"/recordings/turn-{spoken['turn']:02}.wav") == sound
        listed = json.loads(only(files, "/recordings.json"))["recordings"]
        assert [each["file"] for each in listed] == [f"turn-{spoken['turn']:02}.wav"]
        assert only(files, "简历 Jürgen.txt") == RESUME.encode()
        assert "Moved billing to Postgres" in only(files, "/text.txt").decode()
        assert json.loads(only(files, "/read.json"))["status"] == "completed"
        assert b"messages.json" in files["README.txt"] and "MISSING.txt" not in files
        everything = b"".join(files.values())
        assert b"neighbour" not in everything and b"Rust" not in everything

    account = json.loads(of_account["account.json"])
    assert account["account"]["email"] == person["email"] and len(account["logins"]) == 1
    assert yaml.safe_load(only(of_account, ".yaml"))["questions"][0]["text"] == "What do you do first on a night shift?"
    everything = b"".join(of_account.values())
    for secret in (
        b"argon2",
        b"correct horse",
        b"password_hash",
        b"request_hash",
        b"sha256",
        person["access_token"].encode(),
    ):
        assert secret not in everything, secret


async def _forget_recordings(stack: Stack) -> None:
    """As their age does."""
    connection = await nats.connect(stack.nats_url)
    await connection.jetstream().purge_stream(f"OBJ_{RECORDING_BUCKET}")
    await connection.close()


async def test_asked_twice_at_once_and_while_an_interview_is_erased(client: Any) -> None:
    await client.register()
    ids = []
    for _ in range(3):
        ids.append(await client.begin())
        await client.say(ANSWER)
    both = await asyncio.gather(*(exported(client, "/api/v1/me/export") for _ in range(2)))
    assert [sum(name.endswith("/interview.json") for name in files) for files in both] == [3, 3]
    erased, files = await asyncio.gather(
        client.call("DELETE", f"/api/v1/sessions/{ids[0]}"), exported(client, "/api/v1/me/export")
    )
    assert erased.status == 200
    assert sum(name.endswith("/messages.json") for name in files) in (2, 3)
    assert len([name for name in await exported(client, "/api/v1/me/export") if name.endswith("/interview.json")]) == 2


async def test_an_anonymous_interview_goes_with_whoever_holds_its_id(client: Any) -> None:
    session_id = await client.begin(mode="realistic")
    await client.say(ANSWER)
    files = await exported(client.having(), f"/api/v1/sessions/{session_id}/export")
    assert ANSWER in only(files, "/messages.json").decode()
    assert json.loads(only(files, "/feedback.json"))["feedback"] == [], "withheld until the end"
    assert not [name for name in files if "report" in name]
    assert (await client.having().get("/api/v1/me/export")).status == 401


async def test_documents_that_are_away_are_named(client: Any, hearing: Stack, hanging: Any) -> None:
    await client.register()
    document_id = await _uploaded(client)
    session_id = await client.begin(resume_id=document_id)
    with hanging(hearing, "documents"):
        files = await exported(client, f"/api/v1/sessions/{session_id}/export")
        assert document_id in files["MISSING.txt"].decode() and only(files, "/messages.json")
        reply = await client.get("/api/v1/me/export")
        assert reply.status == 503 and reply.body["detail"], "said before anything is sent"
