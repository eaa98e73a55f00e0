"""Walks through the HTTP API as clients do and keeps what it says as examples: `gateway/examples.json`.

The examples stand in the API's description. They are the golden files of the answers as well: an end-to-end test walks
the same way and compares where there is a value, a null and nothing. `--write` starts Parley and writes them anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from devkit.fake_openai import OpenAIServer
from devkit.fake_server import apart
from devkit.spoken_code import encode, wav
from devkit.stack import Stack

from tools.generated import arguments, as_json, write
from tools.paths import ROOT

EXAMPLES = ROOT / "services/gateway/gateway/examples.json"
MOST_ITEMS = 2
"""Of a list, so that an example can be read."""
MOST_CHARACTERS = 240
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_SECRETS = ("access_token", "refresh_token", "token", "ticket", "session_token")
_FIRST = datetime(2026, 1, 12, 9, tzinfo=UTC)
ANY_NAMES = {"checks", "domains", "criteria", "domain_scores", "phases", "difficulties", "metrics"}
"""Objects whose names are not those of a model."""
EITHER = {"star", "title", "years", "seniority", "entry_index", "primary_domain", "chunk_index", "domain", "evidence"}
"""Fields that are null or not, depending on what was asked and said."""
Examples = dict[str, dict[str, Any]]
RESUME = """Anne Example
anne@example.org

Experience

Senior Backend Developer, Northwind Payments
March 2019 - Present
- Built a settlement service in Go on Postgres that handles 900 requests a second.
- Moved 40 services to Kubernetes and halved their hosting costs.

Skills
Go, Python, PostgreSQL, Kafka, Kubernetes
"""
JOB = """Staff Backend Engineer

Requirements
- At least 5 years of experience with Go or Java
- Experience with Kafka and PostgreSQL
- Experience with COBOL
"""
ANSWER = (
    "I led the migration of our payment service to Postgres. First we measured where the time went, then I added a"
    " unique key for each request, because retries had charged customers twice. It reduced incidents by 40 percent."
)
PASSWORD, NEW_PASSWORD = "correct horse battery", "another horse battery"
BANK = {
    "name": "Backend basics",
    "description": "What everybody on the team should be able to explain.",
    "questions": [{"text": "How do you keep a payment from being made twice?", "domain": "backend"}],
}
BANK_FILE = "name: From a file\nquestions:\n  - text: What does an index cost?\n"


@dataclass
class Recorder:
    """A client that keeps each first success of an operation, by `METHOD /path/{template}`."""

    http: aiohttp.ClientSession
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    found: Examples = field(default_factory=dict)

    async def call(self, method: str, template: str, body: Any = None, *, data: Any = None, **names: Any) -> Any:
        """One request, which has to succeed; `names` are for the template, and what it does not name for the query."""
        path = template.format(**names)
        query = {name: str(value) for name, value in names.items() if f"{{{name}}}" not in template}
        options: dict[str, Any] = {"data": data} if data is not None else {"json": body}
        async with self.http.request(
            method, self.url + path, headers=self.headers, params=query, **options
        ) as response:
            raw = await response.read()
            if response.status >= 300:
                raise RuntimeError(f"{method} {template}: {response.status} {raw[:300]!r}")
            if "json" not in response.headers.get("content-type", ""):
                return raw
            answer = json.loads(raw)
        example = {"response": answer} if body is None else {"request": body, "response": answer}
        self.found.setdefault(f"{method} {template}", example)
        return answer

    async def until(self, template: str, accept: Any, **names: Any) -> Any:
        """Ask until the answer is the one that is waited for; that one is the example."""
        for _ in range(600):
            self.found.pop(f"GET {template}", None)
            answer = await self.call("GET", template, **names)
            if accept(answer):
                return answer
            await asyncio.sleep(0.1)
        raise RuntimeError(f"GET {template} never became what it should: {answer}")


async def grant_admin(stack: Stack, email: str) -> None:
    """Make an account an admin, as an operator does."""
    env = os.environ | {"DATABASE_URL": stack.service_database_url("gateway")}
    command = [sys.executable, "-m", "gateway", "admin", "grant", email]
    await asyncio.to_thread(subprocess.run, command, env=env, check=True, capture_output=True)


def hearing(server: OpenAIServer) -> dict[str, str]:
    """The environment of a Parley that understands speech, by a server of the tests."""
    return {"STT_BASE_URL": server.url}


async def walk(stack: Stack) -> Examples:
    """Everything that answers JSON, once."""
    url = stack.url
    async with aiohttp.ClientSession() as http:
        client = Recorder(http, url)
        await client.call("GET", "/")
        for path in ("/health", "/health/live", "/health/ready"):
            await client.call("GET", path)
        email = await _account(client)
        await grant_admin(stack, email)
        await _users(client)
        await _banks(client)
        resume, job = await _documents(client)
        await client.call("POST", "/api/v1/interview/start", {"resume_id": resume, "jd_id": job})
        begun = {"resume_id": resume, "job_role": "Staff Backend Engineer"}
        await _about_a_resume(client, begun)
        await _turns(client)
        await _numbered(client)
        await _interview(client)
        await _speech(client)
        await client.call("DELETE", "/api/v1/documents/{document_id}", document_id=job)
        await _own_account(client, email)
        await client.call("POST", "/auth/logout")
        client.headers["Authorization"] = await _bearer(client, email, NEW_PASSWORD)
        await client.call("DELETE", "/api/v1/account/logins")
        return client.found


async def _account(client: Recorder) -> str:
    """The address of the account that is used from now on."""
    account = {"email": f"anne.{uuid4().hex}@example.org", "password": PASSWORD, "name": "Anne Example"}
    await client.call("POST", "/auth/register", account)
    login = {"email": account["email"], "password": account["password"]}
    await client.call("POST", "/auth/token", login)
    issued = await client.call("POST", "/auth/login", login)
    issued = await client.call("POST", "/auth/refresh", {"refresh_token": issued["refresh_token"]})
    client.headers["Authorization"] = f"Bearer {issued['access_token']}"
    await client.call("GET", "/auth/me")
    await client.call("POST", "/api/v1/tickets")
    return str(account["email"])


async def _bearer(client: Recorder, email: str, password: str) -> str:
    issued = await client.call("POST", "/auth/login", {"email": email, "password": password})
    return f"Bearer {issued['access_token']}"


async def _own_account(client: Recorder, email: str) -> None:
    path = "/api/v1/account"
    await client.call("GET", path)
    await client.call("PATCH", path, {"name": "Anne Example"})
    await client.call("PUT", path + "/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD})
    await _bearer(client, email, NEW_PASSWORD)
    shown = (await client.call("GET", path + "/logins"))["logins"]
    other = next(each["id"] for each in shown if not each["current"])
    await client.call("DELETE", path + "/logins/{login_id}", login_id=other)


async def _users(client: Recorder) -> None:
    other = {"email": f"anne.{uuid4().hex}@example.org", "password": "correct horse battery"}
    user_id = (await client.call("POST", "/auth/register", other))["id"]
    await client.call("GET", "/users/me")
    await client.call("PUT", "/users/me", {"name": "Anne M. Example"})
    await client.call("GET", "/users")
    await client.call("GET", "/users/{user_id}", user_id=user_id)
    await client.call("PATCH", "/users/{user_id}", {"role": "user", "is_active": True}, user_id=user_id)
    await client.call("DELETE", "/users/{user_id}", user_id=user_id)


async def _banks(client: Recorder) -> None:
    path = "/api/v1/question-banks"
    bank = await client.call("POST", path, BANK)
    await client.call("GET", path)
    await client.call("GET", path + "/{bank_id}", bank_id=bank["id"])
    await client.call("PUT", path + "/{bank_id}", {**BANK, "description": "Replaced."}, bank_id=bank["id"])
    await client.call("PATCH", path + "/{bank_id}", {"name": "Backend"}, bank_id=bank["id"])
    client.headers["Content-Type"] = "application/yaml"
    await client.call("POST", path + "/import", data=BANK_FILE)
    del client.headers["Content-Type"]
    await client.call("DELETE", path + "/{bank_id}", bank_id=bank["id"])


async def _documents(client: Recorder) -> tuple[str, str]:
    kept = await client.call("POST", "/api/v1/resumes/upload", data=_file("resume.txt", RESUME))
    await client.call("POST", "/files/upload-resume", data=_file("resume.txt", RESUME))
    await client.call("POST", "/api/v1/documents/upload/resume", data=_file("resume.txt", RESUME))
    taken = await client.call("POST", "/api/v1/documents/upload/jd", data=_file("job.txt", JOB))
    path, resume, job = "/api/v1/documents", str(kept["resume_id"]), str(taken["document_id"])
    await client.until(path + "/{document_id}", lambda shown: shown["status"] == "completed", document_id=job)
    del client.found[f"GET {path}/{{document_id}}"]
    await client.call("GET", path + "/{document_id}", document_id=resume)
    await client.call("GET", path)
    for part in ("text", "chunks", "versions"):
        await client.call("GET", path + "/{document_id}/" + part, document_id=resume)
    return resume, job


def _file(name: str, text: str) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", text.encode(), filename=name, content_type="text/plain")
    return form


async def _about_a_resume(client: Recorder, begun: dict[str, Any]) -> None:
    session_id = (await client.call("POST", "/api/v1/interviews/start", begun))["session_id"]
    path = "/api/v1/sessions/{session_id}"
    await client.call("POST", path + "/answer", {"answer": "Yes, I am ready."}, session_id=session_id)
    del client.found[f"POST {path}/answer"]
    for number in range(2):
        text = {"answer": f"{ANSWER} That was number {number}."}
        await client.call("POST", path + "/answer", text, session_id=session_id)
    await client.call("GET", path, session_id=session_id)
    await client.call("GET", path + "/messages", session_id=session_id)
    await client.call("GET", path + "/turns", session_id=session_id)
    await client.call("GET", "/api/v1/sessions")


async def _turns(client: Recorder) -> None:
    name = "int_123"
    await client.call("POST", "/session/start/{interview_id}", {"target_question_count": 2}, interview_id=name)
    await client.call("POST", "/session/turn/{interview_id}", {"text": ANSWER}, interview_id=name)
    await client.call("POST", "/session/turn/{interview_id}", {"text": f"{ANSWER} Twice."}, interview_id=name)
    await client.call("DELETE", "/session/state/{interview_id}", interview_id=name)
    state = "/session/state/{interview_id}"
    await client.until(state, lambda shown: shown["evaluation"] is not None, interview_id=name)


async def _numbered(client: Recorder) -> None:
    config = {"position": "Backend Engineer", "title": "Before Monday", "company": "Northwind", "num_questions": 2}
    answered = {"interview_type": "technical", "response_text": ANSWER}
    await client.call("POST", "/interviews/demo/complete-workflow", {"position": "Backend Engineer", **answered})
    number = (await client.call("POST", "/interviews", config))["id"]
    path = "/interviews/{interview_id}"
    await client.call("PUT", path, {"title": "Before Tuesday", "difficulty": "hard"}, interview_id=number)
    token = (await client.call("POST", path + "/start", interview_id=number))["session_token"]
    opened = "/interviews/session/{session_token}"
    for change in ("pause", "resume", "retry-question"):
        await client.call("POST", f"{opened}/{change}", session_token=token)
    for last in ("", " It took a quarter."):
        answer = {"session_token": token, "response_text": ANSWER + last}
        await client.call("POST", "/interviews/session/submit", answer)
        await client.call("GET", f"{opened}/status", session_token=token)
        if not last:
            await client.call("GET", path + "/active-session", interview_id=number)
    await client.call("GET", path + "/results", interview_id=number)
    await client.call("GET", path, interview_id=number)
    await client.call("GET", "/interviews")
    other = (await client.call("POST", "/interviews", config))["id"]
    token = (await client.call("POST", path + "/start", interview_id=other))["session_token"]
    await client.call("DELETE", opened, session_token=token)
    await client.call("DELETE", path, interview_id=other)


async def _interview(client: Recorder) -> None:
    config = {"job_role": "Backend Engineer", "difficulty": "medium", "target_question_count": 2}
    session_id = (await client.call("POST", "/interview/session", config))["session_id"]
    client.headers["X-Session-ID"] = session_id
    await client.call("POST", "/interview/start", {})
    await client.call("GET", "/interview/session/time-remaining")
    await client.call("POST", "/interview/session/ping")
    await client.call("POST", "/interview/session/cleanup")
    path = "/api/v1/sessions/{session_id}"
    await client.call("POST", path + "/pause", session_id=session_id)
    await client.call("POST", path + "/resume", session_id=session_id)
    reply = await client.call("POST", "/interview/message", {"message": ANSWER})
    await client.call("POST", path + "/rephrase", session_id=session_id)
    for number in range(10):
        if reply["response_type"] == "closing":
            break
        reply = await client.call("POST", "/interview/message", {"message": f"{ANSWER} That was number {number}."})
    await client.until("/interview/final-summary-status", lambda shown: shown["status"] == "completed")
    await client.call("POST", "/interview/end")
    for part in ("per-turn-feedback", "history", "stats"):
        await client.call("GET", f"/interview/{part}")
    await client.call("GET", path + "/report", session_id=session_id)
    await client.call("POST", path + "/report", session_id=session_id)
    shown = await client.call("GET", path + "/feedback", session_id=session_id)
    turn = shown["feedback"][-1]["turn"]
    await client.call("GET", "/api/v1/progress")
    await client.call("GET", "/api/v1/speech")
    await client.call("POST", path + "/turns/{turn}/better-answer", session_id=session_id, turn=turn)
    for part in ("correction", "retry"):
        text = {"text": f"{ANSWER} I mean the year 2024."}
        await client.call("POST", path + "/turns/{turn}/" + part, text, session_id=session_id, turn=turn)
    await client.call("POST", "/interview/reset")
    await client.call("DELETE", path, session_id=session_id)


async def _speech(client: Recorder) -> None:
    for path in ("/api/speech-to-text", "/speech/speech-to-text"):
        form = aiohttp.FormData({"language": "en-US"})
        form.add_field("audio_file", wav(encode("Measured first.")), filename="answer.wav", content_type="audio/wav")
        task_id = (await client.call("POST", path, data=form))["task_id"]
        for status in (path + "/status/{task_id}", "/speech/task/{task_id}"):
            await client.until(status, lambda shown: shown["status"] == "completed", task_id=task_id)


class Tidy:
    """Makes of what one run said what every run may say: ids, times and secrets that are nobody's."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._times: dict[str, str] = {}

    def value(self, value: Any, name: str = "") -> Any:
        """The value with all that it holds."""
        if isinstance(value, Mapping):
            return {key: self.value(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value[:MOST_ITEMS]]
        if not isinstance(value, str):
            return value
        if name in _SECRETS and "." in value:
            return "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"
        if name in _SECRETS:
            return "c2VjcmV0"
        text = _UUID.sub(
            lambda found: self._ids.setdefault(found[0], str(UUID(int=len(self._ids) + 1, version=4))), value
        )
        text = _TIME.sub(self._time, text)
        text = re.sub(r"anne\.[0-9a-f]{32}@", "anne@", text)
        return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1].rstrip() + "…"

    def _time(self, found: re.Match[str]) -> str:
        following = _FIRST + timedelta(seconds=20 * len(self._times))
        return self._times.setdefault(found[0], following.isoformat().replace("+00:00", "Z"))


def shape(value: Any) -> Any:
    """What is there: the names of an object, the shape of a list's first item, whether a value is null."""
    if isinstance(value, dict):
        return {
            name: "names" if name in ANY_NAMES else "either" if name in EITHER else shape(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else []
    return None if value is None else "a value"


def main() -> int:
    """The exit code."""
    if arguments(__doc__).check:
        return 0  # an end-to-end test compares them: that takes a whole Parley
    with (
        apart(OpenAIServer()) as server,
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), hearing(server)) as stack,
    ):
        found = asyncio.run(walk(stack))
    tidy, kept = Tidy(), json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    made = {name: tidy.value(example) for name, example in found.items()}
    # What says the same stays as it is: a change shows what changed.
    same = {name: kept[name] for name, example in made.items() if name in kept and shape(kept[name]) == shape(example)}
    write(EXAMPLES, as_json(made | same))
    return 0


if __name__ == "__main__":
    sys.exit(main())
